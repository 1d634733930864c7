"""U-Net: shapes, sizes, gates, and that it learns."""

import pytest
import torch
from torch import Tensor, nn

from myoperf.networks.losses import mask_loss
from myoperf.networks.unet import PixelHead, UNet, Up, fill_up


def small(**given: object) -> UNet:
    torch.manual_seed(0)
    return UNet(**{"inputs": 1, "channels": (4, 6, 8)} | given)  # type: ignore[arg-type]  # settings of one test


def double(inside: int, outside: int) -> int:
    """Parameters of two 3 x 3 convolutions without offset and of their normalisations."""
    return 9 * outside * (inside + outside) + 4 * outside


def test_the_layout_is_the_one_described() -> None:
    with torch.device("meta"):
        network = UNet()
    down = double(3, 64) + double(64, 128) + double(128, 256)
    up = 4 * 256 * 128 + 128 + double(256, 128) + 4 * 128 * 64 + 64 + double(128, 64)
    assert sum(p.numel() for p in network.parameters()) == down + up + 64 * 2 + 2 == 1_864_194


@pytest.mark.parametrize("upsampling", ["transposed convolution", "bilinear"])
@pytest.mark.parametrize("attention", [False, True])
def test_any_size_gives_that_size(upsampling: str, attention: bool) -> None:
    network = small(upsampling=upsampling, attention=attention, classes=3)
    for rows, columns in ((16, 16), (17, 30), (5, 3), (1, 1)):
        answer = network(torch.rand(2, 1, rows, columns))
        assert answer.shape == (2, 3, rows, columns)
        assert torch.isfinite(answer).all()


def test_filling_up_adds_only_below_and_to_the_right() -> None:
    picture = torch.rand(1, 1, 5, 8)
    filled = fill_up(picture, 4)
    assert filled.shape == (1, 1, 8, 8)
    assert torch.equal(filled[..., :5, :], picture)
    assert (filled[..., 5:, :] == 0).all()
    assert fill_up(filled, 4) is filled
    network = small().eval()
    assert torch.equal(network(picture), network(filled)[..., :5, :])


def test_one_level_and_any_channels_work() -> None:
    assert small(channels=(4,))(torch.rand(1, 1, 7, 7)).shape == (1, 2, 7, 7)
    assert small(inputs=5)(torch.rand(1, 5, 8, 8)).shape == (1, 2, 8, 8)
    with pytest.raises(ValueError, match="at least one channel"):
        UNet(channels=())


def test_answers_are_logits_and_no_probabilities() -> None:
    answer = small()(torch.rand(1, 1, 16, 16))
    assert not torch.allclose(answer.sum(dim=1), torch.ones(1, 16, 16), atol=0.01)
    head, features = PixelHead(4, 3), torch.rand(2, 4, 5, 6)
    expected = nn.functional.conv2d(features, head.answer.weight[:, :, None, None], head.answer.bias)
    torch.testing.assert_close(head(features), expected)


def test_a_gate_that_is_shut_keeps_the_skip_out() -> None:
    torch.manual_seed(0)
    up = Up(8, 4, 4, attention=True).eval()
    assert up.gate is not None
    below, skips = torch.rand(1, 8, 3, 3), torch.rand(2, 1, 4, 6, 6)
    assert not torch.allclose(up(below, skips[0]), up(below, skips[1]))
    with torch.no_grad():
        up.gate.get_parameter("psi.1.bias").fill_(-200.0)
    assert torch.allclose(up(below, skips[0]), up(below, skips[1]))


def discs(count: int = 8, size: int = 16) -> tuple[Tensor, Tensor]:
    torch.manual_seed(1)
    place = torch.arange(size)
    centre = torch.randint(5, 11, (count, 2))
    far = (place[None, :, None] - centre[:, 0, None, None]) ** 2 + (place[None, None] - centre[:, 1, None, None]) ** 2
    truth = (far < 16).long()
    return (truth + 0.3 * torch.randn(truth.shape))[:, None], truth


def train(network: nn.Module, steps: int, *, dice: float = 1.0) -> list[float]:
    pictures, truth = discs()
    optimiser, told = torch.optim.SGD(network.parameters(), lr=0.05), []
    for _ in range(steps):
        loss = mask_loss(network(pictures), truth, cross_entropy=1.0, dice=dice)
        told.append(float(loss.detach()))
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
    return told


@pytest.mark.parametrize("attention", [False, True])
def test_a_step_lowers_the_loss_and_some_find_the_disc(attention: bool) -> None:
    network = small(attention=attention)
    told = train(network, 40)
    assert told[1] < told[0]
    assert told[-1] < 0.5 * told[0]
    pictures, truth = discs()
    found = network(pictures).argmax(dim=1)
    assert 2 * int((found * truth).sum()) / int(found.sum() + truth.sum()) > 0.8


def test_the_same_seed_gives_the_same_numbers() -> None:
    runs = [(train(network, 3), network) for network in (small(attention=True), small(attention=True))]
    assert runs[0][0] == runs[1][0]
    for one, other in zip(runs[0][1].parameters(), runs[1][1].parameters(), strict=True):
        assert torch.equal(one, other)


def test_half_precision_and_channels_last_answer_in_single_precision() -> None:
    network, pictures = small(attention=True), torch.rand(4, 1, 15, 18)
    network.eval()
    exact = network(pictures)
    last = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # stubs lack it
    with torch.autocast("cpu", torch.bfloat16):
        answer = last(pictures.to(memory_format=torch.channels_last))
        torch.autograd.backward(answer.sum())
    assert answer.dtype == torch.float32
    torch.testing.assert_close(answer, exact, atol=0.05, rtol=0.05)
