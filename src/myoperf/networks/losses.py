"""Losses over targets that not every sample is asked, over several classes, and over the pixels of masks."""

import torch
from torch import Tensor
from torch.nn import functional

_SMOOTHING = 1.0
NOT_ASKED = -1
"""True class of a sample or a pixel that is left out of a loss."""


def routed_cross_entropy(logits: Tensor, truth: Tensor, positive_weight: Tensor) -> Tensor:
    """Binary cross-entropy of each target over its samples, mean over the targets that occur.

    logits, truth : (batch, targets); truth 0 or 1, NaN where a target is not asked of a sample.
    positive_weight : (targets,), factor on the loss of positive samples.
    Gives 0 (with a gradient of 0) where no target occurs.
    """
    asked = torch.isfinite(truth)
    each = functional.binary_cross_entropy_with_logits(
        logits, torch.nan_to_num(truth), pos_weight=positive_weight, reduction="none"
    )
    counts = asked.sum(dim=0)
    sums = torch.where(asked, each, torch.zeros_like(each)).sum(dim=0)
    means = sums / counts.clamp(min=1)
    return means.sum() / (counts > 0).sum().clamp(min=1)


def class_cross_entropy(logits: Tensor, truth: Tensor, weights: Tensor) -> Tensor:
    """Softmax cross-entropy of one of several classes: sum of w[t] * -log softmax(logits)[t] over sum of w[t].

    logits : (batch, classes). truth : (batch,), the number of the class t; -1 or NaN where it is not asked.
    weights : (classes,), factor on the loss of samples of each class; all 1 for the plain mean.
    Gives 0 (with a gradient of 0) where nothing is asked. ValueError where truth is not the number of a class.
    """
    classes = torch.nan_to_num(truth, nan=NOT_ASKED) if truth.is_floating_point() else truth
    if bool(((classes < NOT_ASKED) | (classes >= logits.shape[1]) | (classes != classes.floor())).any()):
        raise ValueError(f"classes are numbered 0 to {logits.shape[1] - 1}, {NOT_ASKED} or NaN where not asked")
    asked = classes != NOT_ASKED
    named = torch.where(asked, classes, torch.zeros_like(classes)).long()
    each = -functional.log_softmax(logits, dim=1).gather(1, named[:, None])[:, 0]
    weight = weights.to(each.dtype)[named] * asked
    return (weight * each).sum() / _at_least_one(weight.sum())


def mask_loss(logits: Tensor, truth: Tensor, *, cross_entropy: float, dice: float) -> Tensor:
    """``cross_entropy`` times the cross-entropy of pixels and ``dice`` times one minus the soft Dice coefficient.

    Cross-entropy is the mean of -log p[t] over the pixels that are asked, p the softmax of the logits. Soft Dice is
    the mean over the classes c above 0 (the background) of

        (2 sum p[c] [t = c] + s) / (sum p[c] + sum [t = c] + s),  s = 1 pixel,

    each sum over all asked pixels of the batch (Milletari 2016, without squares): s gives 1 to a class that is neither
    there nor seen.

    logits : (batch, classes, rows, columns), at least two classes; or (batch, members, classes, rows, columns): the
        mean of the members' losses.
    truth : whole numbers (batch, rows, columns): the class of a pixel, -1 where it is not asked.
    Gives 0 (with a gradient of 0) where nothing is asked. ValueError where sizes or classes do not fit.
    """
    if logits.ndim == 5:
        members = [mask_loss(member, truth, cross_entropy=cross_entropy, dice=dice) for member in logits.unbind(1)]
        return torch.stack(members).mean()
    _check_mask(logits, truth)
    asked = truth != NOT_ASKED
    likely = functional.log_softmax(logits.float(), dim=1)
    named = truth.clamp(min=0)
    loss = likely.new_zeros(())
    if cross_entropy:
        each = -likely.gather(1, named[:, None])[:, 0]
        loss = loss + cross_entropy * (each * asked).sum() / asked.sum().clamp(min=1)
    if dice:
        seen = likely[:, 1:].exp() * asked[:, None]
        there = functional.one_hot(named, logits.shape[1]).movedim(-1, 1)[:, 1:] * asked[:, None]
        common, all_seen, all_there = (sums.sum(dim=(0, 2, 3)) for sums in (seen * there, seen, there))
        overlap = (2 * common + _SMOOTHING) / (all_seen + all_there + _SMOOTHING)
        loss = loss + dice * (1 - overlap.mean())
    return loss


def _check_mask(logits: Tensor, truth: Tensor) -> None:
    if logits.ndim != 4 or logits.shape[1] < 2 or truth.shape != (logits.shape[0], *logits.shape[2:]):
        raise ValueError(f"a mask {tuple(truth.shape)} does not fit logits {tuple(logits.shape)} of at least 2 classes")
    if truth.is_floating_point() or int(truth.min()) < NOT_ASKED or int(truth.max()) >= logits.shape[1]:
        raise ValueError(f"classes of pixels are whole numbers from {NOT_ASKED} to {logits.shape[1] - 1}")


def _at_least_one(total: Tensor) -> Tensor:
    """A divisor: itself, or 1 where it is 0 because nothing was asked."""
    return torch.where(total > 0, total, torch.ones_like(total))
