"""From descriptions to networks for masks, and weights into them."""

import hashlib
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from myoperf.core.errors import RefusedError
from myoperf.networks.mobilenet import MobileNetV2Encoder
from myoperf.recipe import EncoderUNet, MaskEnsemble, MaskNetwork, UNet
from myoperf.train.build_masks import PictureMasks, build_mask_network, load_mask_weights

THIN = (8, 8, 4, 4, 4)
ON_MOBILE = EncoderUNet(encoder="mobilenet_v2", decoder=THIN)
PLAIN = UNet(channels=(2, 4))


def built(description: MaskNetwork, *, channels: int = 3) -> PictureMasks:
    torch.manual_seed(0)
    return build_mask_network(description, channels=channels)


def kept(state: dict[str, Tensor], folder: Path, name: str) -> Path:
    """A file of weights with the start of its SHA-256 in its name, as they are published."""
    torch.save(state, folder / "new.pth")
    digest = hashlib.sha256((folder / "new.pth").read_bytes()).hexdigest()
    return (folder / "new.pth").rename(folder / f"{name}-{digest[:8]}.pth")


def first_weight(network: nn.Module) -> Tensor:
    return next(p for n, p in network.named_parameters() if n.endswith("encoder.body.features.0.0.weight"))


@pytest.mark.parametrize(
    ("description", "channels", "classes"),
    [
        (PLAIN, 2, 2),
        (UNet(channels=(2, 4), upsampling="bilinear", attention=True, classes=4), 1, 4),
        (EncoderUNet(decoder=THIN, classes=3, attention=True), 3, 3),
        (EncoderUNet(encoder="resnet50", decoder=THIN), 1, 2),
        (EncoderUNet(encoder="inception_v3", decoder=THIN), 3, 2),
        (MaskEnsemble(members=(PLAIN, ON_MOBILE)), 3, 2),
    ],
)
def test_every_description_becomes_a_network_of_the_loop(description: MaskNetwork, channels: int, classes: int) -> None:
    network = built(description, channels=channels).eval()
    with torch.inference_mode():
        answer = network(torch.rand(2, 1, channels, 33, 40), torch.zeros(2, dtype=torch.long), encoded=False)
    assert answer.shape == (2, classes, 33, 40)


def test_an_ensemble_shows_the_loss_each_member() -> None:
    network = built(MaskEnsemble(members=(PLAIN, PLAIN)))
    assert network(torch.rand(2, 1, 3, 8, 8), torch.zeros(2)).shape == (2, 2, 2, 8, 8)


def test_the_same_seed_builds_the_same_network() -> None:
    one, other = built(ON_MOBILE).eval(), built(ON_MOBILE).eval()
    picture = torch.rand(1, 1, 3, 40, 40)
    with torch.inference_mode():
        assert torch.equal(one(picture, torch.zeros(1)), other(picture, torch.zeros(1)))


def test_features_and_several_pictures_are_no_masks() -> None:
    network = built(PLAIN)
    for inputs, encoded in ((torch.rand(2, 2, 3, 8, 8), False), (torch.rand(2, 1, 512), True)):
        with pytest.raises(ValueError, match="one whole picture"):
            network(inputs, torch.zeros(2), encoded=encoded)


def test_descriptions_that_cannot_be_built_are_refused() -> None:
    with pytest.raises(RefusedError, match="1 or 3 channels"):
        built(ON_MOBILE, channels=2)
    with pytest.raises(RefusedError, match="5 levels"):
        built(EncoderUNet(encoder="mobilenet_v2", decoder=(8, 4)))
    with pytest.raises(RefusedError, match="every member has the ensemble's 3 classes"):
        built(MaskEnsemble(members=(PLAIN,), classes=3))


def test_weights_go_into_every_encoder_that_starts_from_them(tmp_path: Path) -> None:
    state = {name: torch.ones_like(tensor) for name, tensor in MobileNetV2Encoder().body.state_dict().items()}
    path = kept(state | {"classifier.1.bias": torch.zeros(1000)}, tmp_path, "mobilenet_v2")
    network = built(ON_MOBILE)
    load_mask_weights(network, ON_MOBILE, path)
    assert (first_weight(network) == 1).all()
    scratch = EncoderUNet(encoder="mobilenet_v2", decoder=THIN, weights=None)
    several = MaskEnsemble(members=(PLAIN, scratch, ON_MOBILE))
    together = built(several)
    load_mask_weights(together, several, tmp_path)
    members = list(together.network.members)  # type: ignore[arg-type]  # an ensemble's list of modules
    assert not (first_weight(members[1]) == 1).all()
    assert (first_weight(members[2]) == 1).all()


def test_wrong_weights_are_refused_with_the_tensor(tmp_path: Path) -> None:
    path = kept({"conv1.weight": torch.zeros(64, 3, 7, 7)}, tmp_path, "mobilenet_v2")
    with pytest.raises(RefusedError, match=r"weights of mobilenet_v2.*'conv1\.weight'"):
        load_mask_weights(built(ON_MOBILE), ON_MOBILE, path)
    with pytest.raises(RefusedError, match="weights go into an encoder"):
        load_mask_weights(built(PLAIN), PLAIN, path)
    small = EncoderUNet(decoder=THIN)
    with pytest.raises(RefusedError, match="one file resnet18"):
        load_mask_weights(built(small), small, tmp_path)
