"""What the network is shown: pictures drawn from maps, values, or features made before."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from myoperf.recipe import Augmentation, PictureAugmentation
from myoperf.views import Images, PolarDisc, PolarGrid, Regions, View, polar_discs

from .augment import augmented

_PERCENT = 100.0


class Inputs:
    """Rows of a cohort as tensors (batch, inputs, ...).

    Pictures are (batch, states, channels, height, width) in 0..1; values are (batch, 1, values). encoded : the rows
    are features of an encoder, (batch, inputs, features).
    """

    def __init__(
        self,
        view: View,
        rows: NDArray[np.float32],
        augmentation: Augmentation | PictureAugmentation,
        *,
        encoded: bool = False,
    ) -> None:
        self.view = view
        self.rows = rows
        self.augmentation = augmentation
        self.encoded = encoded

    def take(self, numbers: NDArray[np.intp], rng: np.random.Generator | None = None) -> Tensor:
        """Some rows; changed at random, as training asks, where ``rng`` is given."""
        rows = self.rows[numbers]
        if self.encoded:
            return torch.from_numpy(rows)
        if isinstance(self.view, Regions):
            return torch.from_numpy(rows)[:, None]
        if isinstance(self.view, Images) or not isinstance(self.augmentation, Augmentation):
            raise TypeError(f"not shown as maps: {self.view.kind}")
        changed = rows if rng is None else augmented(rows, rng, self.augmentation)
        return pictures(self.view, changed)


def pictures(view: PolarDisc | PolarGrid, grids: NDArray[np.float32]) -> Tensor:
    """Maps (batch, states, rings, sectors) as pictures (batch, states, channels, height, width) in 0..1."""
    if isinstance(view, PolarDisc):
        drawn = torch.from_numpy(polar_discs(view, grids))
        return drawn.movedim(-1, 2).float() / 255
    return torch.from_numpy(np.nan_to_num(grids) / _PERCENT).float()[:, :, None]
