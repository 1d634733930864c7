"""U-Net: a way down, a way up, and skips between them; one class a pixel."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import torch
from monai.networks.nets.attentionunet import AttentionBlock
from torch import Tensor, nn
from torch.nn import functional

Upsampling = Literal["transposed convolution", "bilinear"]


def double_convolution(inside: int, outside: int) -> nn.Sequential:
    """Twice: 3 x 3 convolution that keeps the size, batch normalisation, ReLU."""
    made: list[nn.Module] = []
    for channels in (inside, outside):
        # the normalisation behind it takes any offset away again
        made += [nn.Conv2d(channels, outside, 3, padding=1, bias=False), nn.BatchNorm2d(outside), nn.ReLU()]
    return nn.Sequential(*made)


class Up(nn.Module):
    """One step up: twice the size, the skip of that size beside it, a double convolution.

    below : channels that come from below. skip : channels of the skip, 0 where there is none. outside : channels given.
    attention : the skip passes an additive gate (Oktay 2018) that what comes from below opens, with half as many
        channels inside.
    """

    def __init__(
        self,
        below: int,
        skip: int,
        outside: int,
        *,
        upsampling: Upsampling = "transposed convolution",
        attention: bool = False,
    ) -> None:
        super().__init__()
        if upsampling == "bilinear":
            # a 1 x 1 convolution and a linear interpolation can change places; this order is the cheaper one
            bilinear = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)
            self.enlarge: nn.Module = nn.Sequential(nn.Conv2d(below, outside, 1), bilinear)
        else:
            self.enlarge = nn.ConvTranspose2d(below, outside, 2, stride=2)
        gated = attention and skip
        self.gate = AttentionBlock(2, f_int=max(skip // 2, 1), f_g=outside, f_l=skip) if gated else None
        self.join = double_convolution(outside + skip, outside)

    def forward(self, below: Tensor, skip: Tensor | None = None) -> Tensor:
        """(batch, below, rows, columns) and (batch, skip, 2 rows, 2 columns) to (batch, outside, 2 rows, 2 columns)."""
        large: Tensor = self.enlarge(below)
        if skip is not None:
            kept = skip if self.gate is None else self.gate(g=large, x=skip)
            large = torch.cat([kept, large], dim=1)
        joined: Tensor = self.join(large)
        return joined


class PixelHead(nn.Module):
    """A 1 x 1 convolution from features to LOGITS, in single precision whatever the rest works in.

    There is no softmax here: the loss takes the logarithm of the softmax of logits at once, which neither overflows
    nor, as a softmax applied twice would, keeps every answer near even odds and its gradient small.
    """

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        # a matrix on the channels of every pixel: the same numbers, and its weights are kept in single precision
        self.answer = nn.Linear(features, classes)

    def forward(self, features: Tensor) -> Tensor:
        """(batch, features, rows, columns) to (batch, classes, rows, columns)."""
        with torch.autocast(device_type=features.device.type, enabled=False):
            logits: Tensor = self.answer(features.float().movedim(1, -1))
        return logits.movedim(-1, 1)


class UNet(nn.Module):
    """U-Net (Ronneberger 2015) with normalisation and convolutions that keep the size.

    inputs : channels of a picture. channels : of each level, from the finest to the coarsest; each level has half the
        size of the one before. classes : answers a pixel, the background among them. attention : gates on the skips.

    Takes pictures (batch, inputs, rows, columns) of any size; a size that cannot be halved often enough is filled up
    with zeros below and to the right, and the answer is cut again. Gives logits (batch, classes, rows, columns).
    """

    def __init__(
        self,
        *,
        inputs: int = 3,
        channels: Sequence[int] = (64, 128, 256),
        classes: int = 2,
        upsampling: Upsampling = "transposed convolution",
        attention: bool = False,
    ) -> None:
        super().__init__()
        if not channels or min(*channels, inputs, classes) < 1:
            raise ValueError(f"at least one channel and level: {inputs}, {tuple(channels)}, {classes}")
        self.factor = 2 ** (len(channels) - 1)
        self.down = nn.ModuleList(double_convolution(a, b) for a, b in pairwise((inputs, *channels)))
        self.up = nn.ModuleList(
            Up(below, skip, skip, upsampling=upsampling, attention=attention)
            for skip, below in reversed(list(pairwise(channels)))
        )
        self.head = PixelHead(channels[0], classes)

    def forward(self, pictures: Tensor) -> Tensor:
        """One logit a class and pixel."""
        filled = fill_up(pictures, self.factor)
        levels: list[Tensor] = []
        for k, level in enumerate(self.down):
            levels.append(level(functional.max_pool2d(levels[-1], 2) if k else filled))
        found = levels.pop()
        for up in self.up:
            found = up(found, levels.pop())
        return self.head(found)[..., : pictures.shape[-2], : pictures.shape[-1]]  # type: ignore[no-any-return]  # a module's call has no type


def fill_up(pictures: Tensor, factor: int) -> Tensor:
    """Zeros below and to the right of (..., rows, columns), until ``factor`` divides both."""
    rows, columns = (-size % factor for size in pictures.shape[-2:])
    return functional.pad(pictures, (0, columns, 0, rows)) if rows or columns else pictures
