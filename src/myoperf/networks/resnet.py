"""Residual networks for pictures, laid out and named as those that ImageNet weights are published for."""

from collections.abc import Mapping
from typing import Literal

from monai.networks.nets.resnet import ResNet
from torch import Tensor

from .encoder import IMAGENET_MEAN, IMAGENET_SD, PictureEncoder, load_published

__all__ = [
    "IMAGENET_MEAN",
    "IMAGENET_SD",
    "ResNet18Encoder",
    "ResNet50Encoder",
    "ResNet152Encoder",
    "ResNetEncoder",
    "load_resnet18",
]


class ResNetEncoder(PictureEncoder):
    """Features of pictures by a residual network (He 2016), on MONAI's blocks.

    The first layer is 7 x 7 with stride 2, then a 3 x 3 pooling with stride 2; shortcuts that change shape are a
    1 x 1 convolution without bias and a normalisation. A bottleneck has its stride in the 3 x 3 convolution, as the
    published weights do, not in the first 1 x 1 as in the paper. Parameters are named as torchvision names them.

    Takes pictures (batch, channels, height, width) with values in 0..1, one channel or three; gives
    (batch, features). width : factor on the number of channels.
    """

    body: ResNet

    def __init__(self, block: Literal["basic", "bottleneck"], blocks: tuple[int, ...], *, width: float = 1.0) -> None:
        body = ResNet(
            block,
            list(blocks),
            [64, 128, 256, 512],
            spatial_dims=2,
            n_input_channels=3,
            conv1_t_size=7,
            conv1_t_stride=2,
            shortcut_type="B",
            widen_factor=width,
            feed_forward=False,
            bias_downsample=False,
        )
        super().__init__(body)
        factor = 4 if block == "bottleneck" else 1
        first, *later = (int(channels * width) for channels in (64, 64, 128, 256, 512))
        self.stage_channels = (first, *(channels * factor for channels in later))
        self.features = self.stage_channels[-1]

    def stages(self, pictures: Tensor) -> list[Tensor]:
        """Maps of features at 1/2, 1/4, 1/8, 1/16 and 1/32 of the size, the finest first."""
        body = self.body
        found = [body.act(body.bn1(body.conv1(self.normal(pictures))))]
        found.append(body.layer1(body.maxpool(found[-1])))
        for layer in (body.layer2, body.layer3, body.layer4):
            found.append(layer(found[-1]))
        return found

    def forward(self, pictures: Tensor) -> Tensor:
        """Normalise by ImageNet's mean and standard deviation, then encode."""
        features: Tensor = self.body(self.normal(pictures))
        return features.float()


class ResNet18Encoder(ResNetEncoder):
    """18 layers: (batch, 512 x width) features."""

    def __init__(self, *, width: float = 1.0) -> None:
        super().__init__("basic", (2, 2, 2, 2), width=width)


class ResNet50Encoder(ResNetEncoder):
    """50 layers in bottlenecks: (batch, 2048 x width) features."""

    def __init__(self, *, width: float = 1.0) -> None:
        super().__init__("bottleneck", (3, 4, 6, 3), width=width)


class ResNet152Encoder(ResNetEncoder):
    """152 layers in bottlenecks: (batch, 2048 x width) features."""

    def __init__(self, *, width: float = 1.0) -> None:
        super().__init__("bottleneck", (3, 8, 36, 3), width=width)


def load_resnet18(encoder: ResNet18Encoder, state: Mapping[str, Tensor]) -> None:
    """Put published weights (torchvision's names) into an encoder; the classification layer ``fc`` is left out.

    ValueError, naming the first that is wrong, where names or shapes do not fit.
    """
    load_published(encoder, state)
