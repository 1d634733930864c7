"""Losses of masks and of several classes, by hand and beside torch's own."""

import math

import pytest
import torch
from torch.nn import functional

from myoperf.networks.losses import class_cross_entropy, mask_loss


def test_cross_entropy_of_pixels_by_hand() -> None:
    # odds of 3 to 1 for class 1 in every pixel; one of four pixels is class 1, one is not asked
    logits = torch.tensor([0.0, math.log(3.0)]).view(1, 2, 1, 1).expand(1, 2, 2, 2)
    truth = torch.tensor([[[1, 0], [0, -1]]])
    expected = -(math.log(0.75) + 2 * math.log(0.25)) / 3
    assert float(mask_loss(logits, truth, cross_entropy=2.0, dice=0.0)) == pytest.approx(2 * expected)


def test_soft_dice_by_hand() -> None:
    logits = torch.tensor([0.0, math.log(3.0)]).view(1, 2, 1, 1).expand(1, 2, 2, 2)
    truth = torch.tensor([[[1, 0], [0, -1]]])
    # common 0.75, seen 3 x 0.75, there 1, smoothing 1
    expected = 1 - (2 * 0.75 + 1) / (2.25 + 1 + 1)
    assert float(mask_loss(logits, truth, cross_entropy=0.0, dice=0.5)) == pytest.approx(0.5 * expected)


def test_several_classes_count_alike_and_the_background_does_not() -> None:
    torch.manual_seed(0)
    logits, truth = torch.randn(2, 4, 5, 6), torch.randint(-1, 4, (2, 5, 6))
    plain = functional.cross_entropy(logits, truth, ignore_index=-1)
    torch.testing.assert_close(mask_loss(logits, truth, cross_entropy=1.0, dice=0.0), plain)
    likely, each = logits.softmax(dim=1), []
    for name in (1, 2, 3):
        seen, there = likely[:, name][truth >= 0], (truth == name)[truth >= 0].float()
        each.append((2 * (seen * there).sum() + 1) / (seen.sum() + there.sum() + 1))
    expected = 1 - torch.stack(each).mean()
    torch.testing.assert_close(mask_loss(logits, truth, cross_entropy=0.0, dice=1.0), expected)


def test_a_right_mask_costs_nothing_even_where_it_is_empty() -> None:
    for truth in (torch.zeros(1, 3, 3, dtype=torch.long), torch.eye(3, dtype=torch.long)[None]):
        logits = 50.0 * functional.one_hot(truth, 2).movedim(-1, 1)
        assert float(mask_loss(logits, truth, cross_entropy=1.0, dice=1.0)) == pytest.approx(0, abs=1e-6)
        assert float(mask_loss(-logits, truth, cross_entropy=0.0, dice=1.0)) > 0.7


def test_members_are_judged_apart_and_averaged() -> None:
    torch.manual_seed(0)
    logits, truth = torch.randn(2, 3, 2, 4, 4), torch.randint(0, 2, (2, 4, 4))
    apart = [mask_loss(logits[:, k], truth, cross_entropy=1.0, dice=1.0) for k in range(3)]
    torch.testing.assert_close(mask_loss(logits, truth, cross_entropy=1.0, dice=1.0), torch.stack(apart).mean())


def test_nothing_asked_is_no_loss() -> None:
    logits = torch.randn(2, 2, 3, 3, requires_grad=True)
    loss = mask_loss(logits, torch.full((2, 3, 3), -1), cross_entropy=1.0, dice=1.0)
    torch.autograd.backward(loss)
    assert float(loss.detach()) == 0
    assert logits.grad is not None
    assert (logits.grad == 0).all()
    assert class_cross_entropy(torch.randn(3, 2), torch.full((3,), math.nan), torch.ones(2)) == 0


def test_masks_that_do_not_fit_are_refused() -> None:
    logits, truth = torch.zeros(1, 2, 3, 3), torch.zeros(1, 3, 3, dtype=torch.long)
    for bad in (truth[:, :2], truth + 2, truth - 2, truth.float()):
        with pytest.raises(ValueError, match=r"does not fit|whole numbers"):
            mask_loss(logits, bad, cross_entropy=1.0, dice=0.0)
    with pytest.raises(ValueError, match="at least 2 classes"):
        mask_loss(logits[:, :1], truth, cross_entropy=1.0, dice=0.0)


def test_classes_by_hand_and_those_not_asked_left_out() -> None:
    logits = torch.log(torch.tensor([[1.0, 2.0, 5.0], [1.0, 1.0, 2.0], [7.0, 1.0, 1.0]]))
    weights = torch.tensor([1.0, 2.0, 4.0])
    truth = torch.tensor([2.0, 1.0, math.nan])
    expected = -(4 * math.log(5 / 8) + 2 * math.log(1 / 4)) / 6
    assert float(class_cross_entropy(logits, truth, weights)) == pytest.approx(expected)
    whole = torch.tensor([2, 1, -1])
    assert float(class_cross_entropy(logits, whole, weights)) == pytest.approx(expected)
    torch.testing.assert_close(
        class_cross_entropy(logits, whole, weights), functional.cross_entropy(logits, whole, weights, ignore_index=-1)
    )
    for bad in (torch.tensor([3.0, 0.0, 0.0]), torch.tensor([0.5, 0.0, 0.0]), torch.tensor([-2, 0, 0])):
        with pytest.raises(ValueError, match="numbered 0 to 2"):
            class_cross_entropy(logits, bad, weights)
