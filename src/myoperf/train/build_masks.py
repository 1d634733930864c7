"""From the description of a network for masks to the network, and a user's weights into its encoders."""

from collections.abc import Callable, Mapping
from pathlib import Path

from torch import Tensor, nn

from myoperf.core.errors import RefusedError
from myoperf.networks.encoder import PictureEncoder, load_published
from myoperf.networks.encoder_unet import EncoderUNet
from myoperf.networks.ensemble import Ensemble
from myoperf.networks.inception import InceptionV3Encoder
from myoperf.networks.mobilenet import MobileNetV2Encoder
from myoperf.networks.resnet import ResNet18Encoder, ResNet50Encoder
from myoperf.networks.unet import UNet
from myoperf.recipe import EncoderUNet as EncoderUNetDescription
from myoperf.recipe import MaskEnsemble, MaskNetwork
from myoperf.recipe import UNet as UNetDescription

from .weights import read_weights

_ENCODERS: Mapping[str, Callable[[], PictureEncoder]] = {
    "resnet18": ResNet18Encoder,
    "resnet50": ResNet50Encoder,
    "mobilenet_v2": MobileNetV2Encoder,
    "inception_v3": InceptionV3Encoder,
}


class PictureMasks(nn.Module):
    """A network for masks, called as the training loop calls networks: one picture a sample, whatever its tracer."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, inputs: Tensor, groups: Tensor, *, encoded: bool = False) -> Tensor:
        """Inputs (batch, 1, channels, rows, columns) to logits (batch, classes, rows, columns).

        An ensemble gives (batch, members, classes, rows, columns) while it learns. ValueError for features or several
        pictures.
        """
        if encoded or inputs.ndim != 5 or inputs.shape[1] != 1:
            raise ValueError(f"one whole picture a sample, not {tuple(inputs.shape)}")
        logits: Tensor = self.network(inputs[:, 0])
        return logits


def build_mask_network(description: MaskNetwork, *, channels: int) -> PictureMasks:
    """A network for masks with new weights, drawn from torch's random state. channels : of a picture.

    RefusedError where members of an ensemble have other classes than it has, where an encoder is asked to see other
    than 1 or 3 channels, or where its way up has another number of levels.
    """
    return PictureMasks(_network(description, channels))


def load_mask_weights(network: PictureMasks, description: MaskNetwork, path: Path) -> None:
    """Put ImageNet weights into every encoder that the description starts from them.

    path : a file of weights, or a folder with one file for each kind of encoder whose name begins with the encoder's
        (``resnet50-...``, ``mobilenet_v2-...``). RefusedError where a file is missing, doubled or does not fit, or
        where nothing in the network starts from ImageNet.
    """
    wanted = _wanted(network.network, description)
    if not wanted:
        raise RefusedError(path, rule="weights go into an encoder", came=description.kind, do="leave them out")
    for name, encoder in wanted:
        file = _file_of(name, path) if path.is_dir() else path
        try:
            load_published(encoder, read_weights(file))
        except ValueError as error:
            rule = f"weights of {name}, named as torchvision names them"
            raise RefusedError(file, rule=rule, came=error, do="give those") from None


def _network(description: MaskNetwork, channels: int) -> nn.Module:
    if isinstance(description, UNetDescription):
        return UNet(
            inputs=channels,
            channels=description.channels,
            classes=description.classes,
            upsampling=description.upsampling,
            attention=description.attention,
        )
    if isinstance(description, EncoderUNetDescription):
        return _on_encoder(description, channels)
    classes = {member.classes for member in description.members}
    if classes != {description.classes}:
        rule = f"every member has the ensemble's {description.classes} classes"
        raise RefusedError(description.kind, rule=rule, came=sorted(classes), do="give all the same")
    return Ensemble([_network(member, channels) for member in description.members])


def _on_encoder(description: EncoderUNetDescription, channels: int) -> EncoderUNet:
    encoder = _ENCODERS[description.encoder]()
    if channels not in (1, 3):
        rule, do = "an encoder sees pictures of 1 or 3 channels", "use a plain U-Net, or a view of 1 or 3 channels"
        raise RefusedError(description.encoder, rule=rule, came=channels, do=do)
    levels = len(encoder.stage_channels)
    if len(description.decoder) != levels:
        rule = f"the way up has {levels} levels, as the encoder"
        raise RefusedError(description.encoder, rule=rule, came=description.decoder, do=f"give {levels} numbers")
    return EncoderUNet(
        encoder, decoder=description.decoder, classes=description.classes, attention=description.attention
    )


def _wanted(network: nn.Module, description: MaskNetwork) -> list[tuple[str, PictureEncoder]]:
    """Encoders that start from ImageNet, with the name of their kind."""
    if isinstance(description, MaskEnsemble) and isinstance(network, Ensemble):
        pairs = zip(network.members, description.members, strict=True)
        return [found for member, described in pairs for found in _wanted(member, described)]
    if isinstance(description, EncoderUNetDescription) and isinstance(network, EncoderUNet):
        return [(description.encoder, network.encoder)] if description.weights == "imagenet" else []
    return []


def _file_of(name: str, folder: Path) -> Path:
    found = sorted(path for path in folder.glob(f"{name}*") if path.suffix in (".pth", ".safetensors"))
    if len(found) != 1:
        came = ", ".join(path.name for path in found) or "none"
        raise RefusedError(folder, rule=f"one file {name}....pth or .safetensors", came=came, do="keep one there")
    return found[0]
