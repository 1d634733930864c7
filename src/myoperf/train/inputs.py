"""What the network is shown: pictures drawn from maps, values, or features made before."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from myoperf.recipe import Augmentation, PictureAugmentation
from myoperf.views import Images, PolarDisc, PolarGrid, Regions, View, polar_discs

from .augment import augmented
from .picture_augment import Turned, turned
from .pictures import Pictures

_PERCENT, _BRIGHTEST = 100.0, 255.0
_AT_ONCE, _USUAL_PIXELS = 64, 224**2


class Inputs:
    """Rows of a cohort as tensors (batch, inputs, ...).

    Pictures are (batch, states, channels, height, width) in 0..1, those of ``Images`` (batch, 1, channels, ...); values
    are (batch, 1, values). encoded : the rows are features of an encoder, (batch, inputs, features). masks : what is
    marked on ``Images``; ``marked`` gives the masks as they were turned with the pictures that were taken last.
    """

    def __init__(
        self,
        view: View,
        rows: NDArray[np.float32] | Pictures,
        augmentation: Augmentation | PictureAugmentation,
        *,
        encoded: bool = False,
        masks: Pictures | None = None,
    ) -> None:
        self.view = view
        self.rows = rows
        self.augmentation = augmentation
        self.encoded = encoded
        self.masks = masks
        self._last: tuple[NDArray[np.intp], Turned] | None = None

    @property
    def at_once(self) -> int:
        """How many rows are shown together where nothing is learnt: fewer of large pictures."""
        size = self.view.size if isinstance(self.view, Images) else 0
        return max(1, min(_AT_ONCE, _AT_ONCE * _USUAL_PIXELS // max(size, 1) ** 2))

    def take(self, numbers: NDArray[np.intp], rng: np.random.Generator | None = None) -> Tensor:
        """Some rows; changed at random, as training asks, where ``rng`` is given."""
        if isinstance(self.rows, Pictures):
            return self._take_pictures(self.rows, numbers, rng)
        rows = self.rows[numbers]
        if self.encoded:
            return torch.from_numpy(rows)
        if isinstance(self.view, Regions):
            return torch.from_numpy(rows)[:, None]
        if isinstance(self.view, Images) or not isinstance(self.augmentation, Augmentation):
            raise TypeError(f"not shown as maps: {self.view.kind}")
        changed = rows if rng is None else augmented(rows, rng, self.augmentation)
        return pictures(self.view, changed)

    def marked(self, numbers: NDArray[np.intp], *, learning: bool) -> NDArray[np.uint8]:
        """Class of every pixel of some rows, (rows, height, width); ``learning``: as ``take`` has just turned them."""
        if self.masks is None:
            raise TypeError("nothing is marked on these rows")
        if not learning:
            return np.asarray(self.masks[numbers][:, 0], dtype=np.uint8)
        if self._last is None or not np.array_equal(self._last[0], numbers) or self._last[1].masks is None:
            raise RuntimeError("masks are asked for of the pictures that were shown last")
        return self._last[1].masks

    def _take_pictures(self, rows: Pictures, numbers: NDArray[np.intp], rng: np.random.Generator | None) -> Tensor:
        found = rows[numbers]
        shown = found.astype(np.float32) / (_BRIGHTEST if found.dtype == np.uint8 else 1)
        if rng is not None and isinstance(self.augmentation, PictureAugmentation):
            masks = None if self.masks is None else np.asarray(self.masks[numbers][:, 0], dtype=np.uint8)
            done = turned(shown, masks, rng, self.augmentation)
            shown, self._last = done.pictures, (numbers, done)
        elif rng is not None:
            raise TypeError("pictures are changed by an augmentation of pictures")
        return torch.from_numpy(np.ascontiguousarray(shown))[:, None]


def pictures(view: PolarDisc | PolarGrid, grids: NDArray[np.float32]) -> Tensor:
    """Maps (batch, states, rings, sectors) as pictures (batch, states, channels, height, width) in 0..1."""
    if isinstance(view, PolarDisc):
        drawn = torch.from_numpy(polar_discs(view, grids))
        return drawn.movedim(-1, 2).float() / 255
    return torch.from_numpy(np.nan_to_num(grids) / _PERCENT).float()[:, :, None]
