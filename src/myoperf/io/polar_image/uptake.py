"""From the picture of a disc to rings x sectors: the map that, drawn again, gives the pixels that can be trusted."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ...core.polar import RINGS, SECTORS, Map, disc_coordinates, disc_samples
from .colours import Colours, Floats, Scale
from .overlay import Mask, covered

if TYPE_CHECKING:
    from scipy.sparse import csr_array


SIZES = (96, 128, 160, 192, 224, 256, 288)
"""Sides in pixels that pictures of discs are brought to."""

_ROUNDS, _STEP_ROUNDS = 14, 15
_BEYOND = 12.0
_EDGE = 0.985


@dataclass(frozen=True, kw_only=True)
class DiscReading:
    """What was read from a square picture of a disc.

    values : percent, rings x sectors. over : pixels that are drawn over, inside the disc. distance : mean distance of
    the other pixels' colours from the scale, 0..441. seen : part of the disc that is not drawn over.
    misfit : mean difference in percent points between those pixels and the map drawn again.
    """

    values: Map
    over: Mask = field(repr=False)
    distance: float
    seen: float
    misfit: float


def read_disc(disc: Colours, scale: Scale) -> DiscReading:
    """Read a picture, shape (size, size, 3) with size one of ``SIZES``, that the disc fills."""
    size = disc.shape[0]
    place = scale.index(disc)
    percent, distance = scale.percent[place], scale.distance[place]
    over = covered(disc, scale, percent, distance)
    inside = disc_coordinates(size)[0] <= _EDGE
    trusted = inside & ~over
    flat = np.flatnonzero(trusted)
    if len(flat) < 0.05 * inside.sum():
        flat = np.flatnonzero(inside)
    low, high = scale.low[place].ravel()[flat], scale.high[place].ravel()[flat]
    if not scale.stepped:
        low = high = percent.ravel()[flat]
    drawing = _drawing(size)[flat]
    values, misfit = _solved(drawing, low, high, stepped=scale.stepped)
    return DiscReading(
        values=values,
        over=over & inside,
        distance=float(np.minimum(distance.ravel()[flat], 90).mean()),
        seen=float(len(flat) / max(inside.sum(), 1)),
        misfit=misfit,
    )


def _solved(drawing: "csr_array", low: Floats, high: Floats, *, stepped: bool) -> tuple[Map, float]:
    """Samples whose drawing lies between ``low`` and ``high`` at every pixel, smooth where that leaves a choice."""
    back = drawing.T.tocsr()
    full = np.asarray(back.sum(axis=1), dtype=np.float64).ravel()
    middle = (low + high) / 2
    if stepped:
        # of the lowest step most is usually nothing at all
        middle = np.where(low <= 0, 1.0, middle)
    values = _filled(np.asarray(back @ middle, dtype=np.float64), full)
    trust = np.ones_like(middle)
    for turn in range(_STEP_ROUNDS if stepped else _ROUNDS):
        drawn = drawing @ values
        error = np.clip(drawn, low, high) - drawn
        if turn in (1, 3, 6):
            limit = 16.0 if stepped else max(4.0, _BEYOND - 2 * turn)
            trust = np.clip(1.0 - (error / limit) ** 2, 0.0, 1.0) ** 2
        weight = back @ trust
        step = (back @ (trust * error)) / np.maximum(weight, 0.05 * np.maximum(full, 1e-6) + 1e-3)
        values = values + (2.5 if stepped else 1.5) * step
        if stepped:
            values = _smoothed(values, 0.5 - 0.3 * turn / _STEP_ROUNDS)
    known = (back @ trust) > 0.15 * np.median(full[full > 0])
    values = _filled(np.where(known, values, 0.0), known.astype(np.float64))
    error = np.abs(np.clip(drawing @ values, low, high) - drawing @ values)
    grid: Map = np.clip(values, 0.0, 100.0).reshape(RINGS, SECTORS)
    return grid, float(np.minimum(error, 30).mean())


def _filled(sums: NDArray[np.floating], weights: NDArray[np.floating]) -> NDArray[np.float64]:
    """Sums over weights; where there is little weight, what the samples around say."""
    top, under = sums.reshape(RINGS, SECTORS).astype(float), weights.reshape(RINGS, SECTORS).astype(float)
    typical = float(np.median(under[under > 0])) if (under > 0).any() else 1.0
    least = 0.2 * np.minimum(under + 1e-9, typical)
    value, found = np.zeros_like(top), np.zeros_like(top)
    for sigma in (0.0, 0.8, 1.6, 3.2, 8.0):
        a, b = (top, under) if sigma == 0 else (_smoothed(top, sigma), _smoothed(under, sigma))
        new = (found == 0) & (b > np.maximum(least, 0.02 * typical))
        value[new], found[new] = a[new] / b[new], 1
    if (found == 0).any():
        value[found == 0] = top.sum() / max(under.sum(), 1e-9)
    return value.ravel()


def _smoothed(values: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """Gaussian over rings (end values hold) and sectors (around), flat or as a grid."""
    grid = values.reshape(RINGS, SECTORS)
    smooth = ndimage.gaussian_filter(grid, sigma, mode=("nearest", "wrap"))
    return np.asarray(smooth.reshape(values.shape))


@lru_cache(maxsize=8)
def _drawing(size: int) -> "csr_array":
    """How ``core.polar.disc_picture`` draws every pixel, shape (pixels, samples)."""
    from scipy.sparse import csr_array

    index, weight, _ = disc_samples(size, RINGS, SECTORS)
    pixel = np.broadcast_to(np.arange(size * size).reshape(size, size), index.shape)
    entries = (weight.ravel().astype(np.float32), (pixel.ravel(), index.ravel()))
    return csr_array(entries, shape=(size * size, RINGS * SECTORS))
