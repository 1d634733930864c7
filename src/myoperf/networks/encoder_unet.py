"""U-Net whose way down is an encoder for pictures."""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from .encoder import PictureEncoder
from .unet import PixelHead, Up, Upsampling, fill_up

_FACTOR = 32


class EncoderUNet(nn.Module):
    """U-Net (Ronneberger 2015) on the maps of an encoder at 1/2 to 1/32 of the size.

    encoder : its parameters stand under ``encoder.``, so that it can learn at a rate of its own. decoder : channels of
        each level of the way up, from the coarsest (1/16) to the finest, which stands at the pictures' own size and
        has no skip. classes : answers a pixel, the background among them. attention : gates on the skips (Oktay 2018).

    Takes pictures (batch, 1 or 3, rows, columns) with values in 0..1, of any size; a size that 32 does not divide is
    filled up with zeros below and to the right, and the answer is cut again. Gives logits (batch, classes, rows,
    columns). ValueError where the decoder has another number of levels than the encoder, or channels are not 1 or 3.
    """

    def __init__(
        self,
        encoder: PictureEncoder,
        *,
        decoder: Sequence[int] = (256, 128, 64, 32, 16),
        classes: int = 2,
        upsampling: Upsampling = "transposed convolution",
        attention: bool = False,
    ) -> None:
        super().__init__()
        *skips, coarsest = encoder.stage_channels
        if len(decoder) != len(encoder.stage_channels) or min(*decoder, classes) < 1:
            raise ValueError(f"a decoder of {len(encoder.stage_channels)} levels, not {tuple(decoder)}")
        self.encoder = encoder
        self.up = nn.ModuleList(
            Up(below, skip, outside, upsampling=upsampling, attention=attention)
            for (below, outside), skip in zip(pairwise((coarsest, *decoder)), (*reversed(skips), 0), strict=True)
        )
        self.head = PixelHead(decoder[-1], classes)

    def forward(self, pictures: Tensor) -> Tensor:
        """One logit a class and pixel."""
        if pictures.shape[1] not in (1, 3):
            raise ValueError(f"pictures of one channel or three, not {pictures.shape[1]}")
        *skips, found = self.encoder.stages(fill_up(pictures, _FACTOR))
        for up, skip in zip(self.up, (*reversed(skips), None), strict=True):
            found = up(found, skip)
        return self.head(found)[..., : pictures.shape[-2], : pictures.shape[-1]]  # type: ignore[no-any-return]  # a module's call has no type
