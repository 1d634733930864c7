"""Polar maps drawn as colour discs, as they stand on a screen."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from myoperf.core.colour import DEFAULT_SCALE, SCALES, paint
from myoperf.core.polar import disc_samples
from myoperf.core.terms import State

from .polar_grid import Grids

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Pictures = NDArray[np.uint8]
"""Shape (..., states, size, size, channels)."""


@dataclass(frozen=True, kw_only=True)
class PolarDisc:
    """Square pictures of the discs of some states, anterior up, septum left.

    size : pixels along a side. channels : 3 for a colour picture, 1 for grey. scale : a colour scale of
    ``core.colour.SCALES``, used where there are 3 channels.
    """

    kind: Literal["polar disc"] = "polar disc"
    states: tuple[State, ...] = (State.STRESS,)
    size: int = 224
    channels: Literal[1, 3] = 3
    scale: str = DEFAULT_SCALE

    def __post_init__(self) -> None:
        if self.scale not in SCALES:
            raise ValueError(f"colour scales are {', '.join(SCALES)}, got {self.scale!r}")
        if self.size < 8:
            raise ValueError(f"a disc is at least 8 pixels wide, got {self.size}")


def polar_discs(view: PolarDisc, grids: Grids) -> Pictures:
    """Draw maps, shape (..., states, rings, sectors), as discs, shape (..., states, size, size, channels).

    Black outside the disc and where less than half of the samples around a pixel are known; 255 is the maximum.
    """
    *leading, rings, sectors = grids.shape
    flat = np.asarray(grids, dtype=np.float32).reshape(-1, rings * sectors)
    known = np.isfinite(flat)
    drawing = _drawing(view.size, rings, sectors)
    sums = drawing @ np.where(known, flat, 0).T
    if known.all():
        share = np.broadcast_to(np.asarray(drawing.sum(axis=1)).reshape(-1, 1), sums.shape)
    else:
        share = drawing @ known.T.astype(np.float32)
    percent = np.where(share >= 0.5, sums / np.maximum(share, 1e-6), np.nan)
    percent = np.ascontiguousarray(percent.T).reshape(*leading, view.size, view.size)
    if view.channels == 3:
        return paint(percent, view.scale)
    return paint(percent, "grey")[..., :1]


@lru_cache(maxsize=8)
def _drawing(size: int, rings: int, sectors: int) -> "csr_array":
    """The linear map that ``core.polar.disc_picture`` is, shape (pixels, samples); rows outside the disc are empty."""
    from scipy.sparse import csr_array

    index, weight, inside = disc_samples(size, rings, sectors)
    pixel = np.broadcast_to(np.arange(size * size).reshape(size, size), index.shape)
    kept = np.broadcast_to(inside, index.shape) & (weight > 0)
    entries = (weight[kept].astype(np.float32), (pixel[kept], index[kept]))
    return csr_array(entries, shape=(size * size, rings * sectors))
