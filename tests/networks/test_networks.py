"""Networks: the published layout, heads, the routed loss."""

import pytest
import torch
from plain_resnet18 import PlainResNet18
from torch.nn import functional

from myoperf.networks.heads import ManyHeads, ModulatedHead, OneHead, TokenHead
from myoperf.networks.losses import routed_cross_entropy
from myoperf.networks.resnet import IMAGENET_MEAN, IMAGENET_SD, ResNet18Encoder, load_resnet18
from myoperf.networks.routed import SeparateNetwork, SharedNetwork

PARAMETERS_WITHOUT_FC = 11_176_512
"""11,689,512 as published, without the classification layer of 1000 x 512 + 1000."""


@pytest.fixture(scope="module")
def plain() -> PlainResNet18:
    torch.manual_seed(0)
    network = PlainResNet18()
    with torch.no_grad():
        for name, buffer in network.named_buffers():
            if name.endswith("running_mean"):
                buffer.normal_(0, 0.1)
            elif name.endswith("running_var"):
                buffer.uniform_(0.5, 1.5)
    return network.eval()


def test_the_encoder_is_resnet18_as_weights_are_published_for_it(plain: PlainResNet18) -> None:
    encoder = ResNet18Encoder().eval()
    assert sum(p.numel() for p in encoder.parameters()) == PARAMETERS_WITHOUT_FC
    load_resnet18(encoder, plain.state_dict())
    pictures = torch.rand(2, 3, 224, 224)
    mean, sd = (torch.tensor(v).view(1, 3, 1, 1) for v in (IMAGENET_MEAN, IMAGENET_SD))
    with torch.inference_mode():
        torch.testing.assert_close(encoder(pictures), plain.features((pictures - mean) / sd), rtol=1e-4, atol=1e-5)


def test_one_channel_stands_for_three() -> None:
    encoder = ResNet18Encoder(width=0.125).eval()
    grey = torch.rand(2, 1, 32, 32)
    with torch.inference_mode():
        torch.testing.assert_close(encoder(grey), encoder(grey.repeat(1, 3, 1, 1)))
    assert encoder(grey).shape == (2, 64)


def test_weights_that_do_not_fit_are_named(plain: PlainResNet18) -> None:
    state = plain.state_dict()
    with pytest.raises(ValueError, match=r"no tensor 'bn1.bias'"):
        load_resnet18(ResNet18Encoder(), {n: t for n, t in state.items() if n != "bn1.bias"})
    with pytest.raises(ValueError, match="an unknown tensor 'layer5'"):
        load_resnet18(ResNet18Encoder(), {**state, "layer5": torch.zeros(1)})
    with pytest.raises(ValueError, match=r"conv1\.weight has shape"):
        load_resnet18(ResNet18Encoder(), {**state, "conv1.weight": torch.zeros(64, 1, 7, 7)})
    old = {n: t for n, t in state.items() if not n.endswith("num_batches_tracked")}
    load_resnet18(ResNet18Encoder(), old)


def test_heads_answer_by_target_and_group() -> None:
    features, groups = torch.rand(5, 8), torch.tensor([0, 1, 0, 1, 1])
    many = ManyHeads(8, targets=2, hidden=(4,), dropout=0.5).eval()
    answers = many(features, groups)
    assert answers.shape == (5, 2)
    assert not torch.allclose(answers[:, 0], answers[:, 1])
    one = OneHead(8, targets=2)
    torch.testing.assert_close(one(features, groups)[:, 0], one(features, groups)[:, 1])
    torch.testing.assert_close(one(features, groups), one(features, 1 - groups))
    token = TokenHead(8, groups=2, size=3, head=OneHead(11, targets=2))
    assert not torch.allclose(token(features, groups), token(features, 1 - groups))
    film = ModulatedHead(8, groups=2, head=one)
    torch.testing.assert_close(film(features, groups), one(features, groups))


def test_separate_networks_share_nothing() -> None:
    def small() -> SharedNetwork:
        return SharedNetwork(torch.nn.Linear(4, 3), OneHead(3, targets=2))

    network = SeparateNetwork([small(), small()], targets=2)
    inputs, groups = torch.rand(6, 1, 4), torch.tensor([0, 0, 0, 1, 1, 1])
    network(inputs, groups)[groups == 0].sum().backward()
    touched = [[bool((p.grad != 0).any()) for p in part.parameters()] for part in network.networks]  # type: ignore[union-attr]
    assert all(touched[0])
    assert not any(touched[1])


def test_two_inputs_are_joined_in_order() -> None:
    network = SharedNetwork(torch.nn.Identity(), OneHead(6, targets=1))
    inputs, groups = torch.rand(2, 2, 3), torch.zeros(2, dtype=torch.long)
    expected = network.heads(inputs.reshape(2, 6), groups)
    torch.testing.assert_close(network(inputs, groups), expected)
    torch.testing.assert_close(network(inputs, groups, encoded=True), expected)


def test_the_loss_asks_only_what_applies() -> None:
    nan = float("nan")
    logits = torch.tensor([[0.3, 9.0], [-1.2, 9.0], [9.0, 0.7]], requires_grad=True)
    truth = torch.tensor([[1.0, nan], [0.0, nan], [nan, 1.0]])
    weight = torch.tensor([2.0, 1.0])
    loss = routed_cross_entropy(logits, truth, weight)
    first = (-2 * functional.logsigmoid(torch.tensor(0.3)) - functional.logsigmoid(torch.tensor(1.2))) / 2
    second = -functional.logsigmoid(torch.tensor(0.7))
    torch.testing.assert_close(loss, (first + second) / 2)
    torch.autograd.backward(loss)
    assert logits.grad is not None
    assert (logits.grad[torch.isnan(truth)] == 0).all()
    assert routed_cross_entropy(logits, torch.full((3, 2), nan), weight) == 0
