"""U-Nets on encoders, and ensembles."""

import pytest
import torch

from myoperf.networks.encoder import PictureEncoder
from myoperf.networks.encoder_unet import EncoderUNet
from myoperf.networks.ensemble import Ensemble
from myoperf.networks.inception import InceptionV3Encoder
from myoperf.networks.losses import mask_loss
from myoperf.networks.mobilenet import MobileNetV2Encoder
from myoperf.networks.resnet import ResNet18Encoder, ResNet50Encoder
from myoperf.networks.unet import UNet

THIN = (8, 8, 8, 4, 4)


def small(encoder: PictureEncoder | None = None, **given: object) -> EncoderUNet:
    torch.manual_seed(0)
    chosen = encoder or ResNet18Encoder(width=0.0625)
    return EncoderUNet(chosen, **{"decoder": THIN} | given)  # type: ignore[arg-type]  # settings of one test


@pytest.mark.parametrize("attention", [False, True])
def test_any_size_gives_that_size_on_an_encoder(attention: bool) -> None:
    network = small(ResNet50Encoder(width=0.0625), attention=attention, classes=3)
    for channels, rows, columns in ((3, 64, 64), (1, 65, 90), (3, 20, 11)):
        answer = network(torch.rand(2, channels, rows, columns))
        assert answer.shape == (2, 3, rows, columns)
        assert torch.isfinite(answer).all()


@pytest.mark.parametrize("made", [MobileNetV2Encoder, InceptionV3Encoder])
def test_the_other_encoders_work_at_64_pixels(made: type[MobileNetV2Encoder] | type[InceptionV3Encoder]) -> None:
    network = small(made()).eval()
    with torch.inference_mode():
        assert network(torch.rand(1, 3, 64, 64)).shape == (1, 2, 64, 64)


def test_a_decoder_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="a decoder of 5 levels"):
        small(decoder=(8, 4))
    with pytest.raises(ValueError, match="one channel or three"):
        small()(torch.rand(1, 2, 32, 32))


def test_every_parameter_learns_and_a_step_lowers_the_loss() -> None:
    network = small(attention=True)
    pictures = torch.rand(4, 1, 32, 32)
    truth = (pictures[:, 0] > 0.5).long()
    optimiser, told = torch.optim.SGD(network.parameters(), lr=0.05), []
    for _ in range(5):
        loss = mask_loss(network(pictures), truth, cross_entropy=1.0, dice=0.5)
        told.append(float(loss.detach()))
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        assert all(p.grad is not None for p in network.parameters())
        optimiser.step()
    assert told[1] < told[0]
    assert told[-1] < told[1]


def test_half_precision_on_an_encoder_answers_in_single_precision() -> None:
    network, pictures = small().eval(), torch.rand(2, 3, 40, 33)
    exact = network(pictures)
    last = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # stubs lack it
    with torch.autocast("cpu", torch.bfloat16):
        answer = last(pictures)
        torch.autograd.backward(answer.sum())
    assert answer.dtype == torch.float32
    torch.testing.assert_close(answer, exact, atol=0.1, rtol=0.1)


def test_an_ensemble_answers_with_the_mean_of_probabilities() -> None:
    torch.manual_seed(0)
    members = [UNet(inputs=1, channels=(2, 4)), UNet(inputs=1, channels=(3,)), small()]
    network, pictures = Ensemble(members), torch.rand(2, 1, 9, 8)
    assert network(pictures).shape == (2, 3, 2, 9, 8)
    network.eval()
    with torch.inference_mode():
        mean = torch.stack([member(pictures).softmax(dim=1) for member in members]).mean(dim=0)
        torch.testing.assert_close(network(pictures).softmax(dim=1), mean)
        torch.testing.assert_close(network(pictures).exp(), mean)
    with pytest.raises(ValueError, match="at least one member"):
        Ensemble([])


def test_members_learn_apart() -> None:
    torch.manual_seed(0)
    network, pictures = Ensemble([UNet(inputs=1, channels=(2,)), UNet(inputs=1, channels=(2,))]), torch.rand(2, 1, 4, 4)
    truth = (pictures[:, 0] > 0.5).long()
    torch.autograd.backward(mask_loss(network(pictures)[:, :1], truth, cross_entropy=1.0, dice=1.0))
    first, second = (
        [float(p.grad.abs().sum()) if p.grad is not None else 0.0 for p in m.parameters()] for m in network.members
    )
    assert sum(first) > 0
    assert sum(second) == 0
