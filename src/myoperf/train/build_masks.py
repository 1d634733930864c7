"""From the description of a network for masks to the network."""

from torch import Tensor, nn

from myoperf.networks.unet import UNet
from myoperf.recipe import MaskNetwork
from myoperf.recipe import UNet as UNetDescription


class PictureMasks(nn.Module):
    """A network for masks, called as the training loop calls networks: one picture a sample, whatever its tracer."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, inputs: Tensor, groups: Tensor, *, encoded: bool = False) -> Tensor:
        """Inputs (batch, 1, channels, rows, columns) to logits (batch, classes, rows, columns)."""
        if encoded or inputs.ndim != 5 or inputs.shape[1] != 1:
            raise ValueError(f"one whole picture a sample, not {tuple(inputs.shape)}")
        logits: Tensor = self.network(inputs[:, 0])
        return logits


def build_mask_network(description: MaskNetwork, *, channels: int) -> PictureMasks:
    """A network for masks with new weights, drawn from torch's random state. channels : of a picture."""
    return PictureMasks(_member(description, channels))


def _member(description: MaskNetwork, channels: int) -> nn.Module:
    if isinstance(description, UNetDescription):
        return UNet(
            inputs=channels,
            channels=description.channels,
            classes=description.classes,
            upsampling=description.upsampling,
            attention=description.attention,
        )
    raise TypeError(f"not a network that is built here: {description.kind}")
