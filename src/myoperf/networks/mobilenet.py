"""MobileNetV2 for pictures, laid out and named as the one that ImageNet weights are published for."""

from typing import ClassVar

from torch import Tensor, nn

from .encoder import PictureEncoder, start_weights

_FIRST, _LAST = 32, 1280
# expansion, channels, blocks and first stride of each row of the paper's table 2
_ROWS = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
# the last part of ``features`` whose map has 1/2, 1/4, 1/8, 1/16 and 1/32 of the size
_ENDS = (1, 3, 6, 13, 18)


def _convolution(inside: int, outside: int, size: int, *, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """Convolution that keeps the size (or halves it), normalisation, ReLU cut at 6."""
    layer = nn.Conv2d(inside, outside, size, stride, size // 2, groups=groups, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outside), nn.ReLU6(inplace=True))


class _Inverted(nn.Module):
    """Widen by 1 x 1, filter each channel by 3 x 3, narrow by 1 x 1; added to the input where shapes are the same."""

    def __init__(self, inside: int, outside: int, *, expansion: int, stride: int) -> None:
        super().__init__()
        wide = inside * expansion
        widen = [_convolution(inside, wide, 1)] if expansion > 1 else []
        narrow = [nn.Conv2d(wide, outside, 1, bias=False), nn.BatchNorm2d(outside)]
        self.conv = nn.Sequential(*widen, _convolution(wide, wide, 3, stride=stride, groups=wide), *narrow)
        self.added = stride == 1 and inside == outside

    def forward(self, inputs: Tensor) -> Tensor:
        outputs: Tensor = self.conv(inputs)
        return inputs + outputs if self.added else outputs


class _Body(nn.Module):
    """The part of the network that is not its classifier."""

    def __init__(self, width: float) -> None:
        super().__init__()
        inside = int(_FIRST * width)
        parts: list[nn.Module] = [_convolution(3, inside, 3, stride=2)]
        for expansion, channels, blocks, stride in _ROWS:
            for k in range(blocks):
                outside = int(channels * width)
                parts.append(_Inverted(inside, outside, expansion=expansion, stride=1 if k else stride))
                inside = outside
        self.features = nn.Sequential(*parts, _convolution(inside, int(_LAST * width), 1))


class MobileNetV2Encoder(PictureEncoder):
    """Features of pictures by MobileNetV2 (Sandler 2018): (batch, 1280 x width).

    Takes pictures (batch, channels, rows, columns) with values in 0..1, one channel or three. width : factor on the
    number of channels, rounded down; only 1 is laid out as published weights are.
    """

    left_out: ClassVar[tuple[str, ...]] = ("classifier.",)
    body: _Body

    def __init__(self, *, width: float = 1.0) -> None:
        body = _Body(width)
        start_weights(body)
        super().__init__(body)
        self.stage_channels = tuple(int(channels * width) for channels in (16, 24, 32, 96, _LAST))
        self.features = self.stage_channels[-1]

    def stages(self, pictures: Tensor) -> list[Tensor]:
        """Maps of features at 1/2, 1/4, 1/8, 1/16 and 1/32 of the size, the finest first."""
        found, inner = [], self.normal(pictures)
        for k, part in enumerate(self.body.features):
            inner = part(inner)
            if k in _ENDS:
                found.append(inner)
        return found
