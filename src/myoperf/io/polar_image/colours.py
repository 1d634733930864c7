"""From colours back to percent: a colour table as a look-up in reverse, and which table a picture was painted with."""

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import permutations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ...core.colour import SCALES, Table

Floats = NDArray[np.float32]
Colours = NDArray[np.uint8]
"""Red, green, blue, shape (..., 3)."""

_BITS = 5
_FAR = 90.0
ORDERS: tuple[tuple[int, ...], ...] = tuple(permutations(range(3)))
"""Orders of red, green and blue; the first is the right one."""
BAR = "bar on the page"


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A colour table that can be read in reverse.

    name : of ``core.colour.SCALES``, or ``BAR``. percent, low, high : for each of 32 x 32 x 32 colours the uptake of
    the nearest entry, and the range of uptake that has this colour (a step of a ten-step scale is 10 wide).
    distance : how far the colour lies from the table, 0..441. stride : way through the colours for one percent point.
    """

    name: str
    table: Table = field(repr=False)
    percent: Floats = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)
    distance: Floats = field(repr=False)
    stride: float
    stepped: bool

    def index(self, colours: Colours) -> NDArray[np.intp]:
        """Place of colours in the reverse tables, shape without the last axis."""
        parts = (colours >> (8 - _BITS)).astype(np.intp)
        place: NDArray[np.intp] = (parts[..., 0] << 2 * _BITS) | (parts[..., 1] << _BITS) | parts[..., 2]
        return place


def scale_of(name: str, table: Table) -> Scale:
    """Turn a table, shape (256, 3), from no uptake to the maximum, around."""
    side = 1 << _BITS
    axis = (np.arange(side) + 0.5) * (256 / side) - 0.5
    cells = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    entries = table.astype(np.float64)
    found, nearest = cKDTree(entries).query(cells)
    distance = np.asarray(found, dtype=np.float32)
    first, last = _runs(table)
    steps = np.linalg.norm(np.diff(entries, axis=0), axis=1)
    changes = int((steps > 0).sum())
    return Scale(
        name=name,
        table=table,
        percent=((first + last) / 2 / 2.55)[nearest].astype(np.float32),
        low=((first - 0.5) / 2.55)[nearest].astype(np.float32),
        high=((last + 0.5) / 2.55)[nearest].astype(np.float32),
        distance=distance,
        stride=float(max(steps.sum(), 1.0) / 100.0),
        stepped=changes < 64 and float(steps.max()) > 12,
    )


def _runs(table: Table) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """First and last entry of the run of like colours that each entry belongs to."""
    new = np.r_[True, (np.diff(table.astype(int), axis=0) != 0).any(axis=1)]
    starts = np.flatnonzero(new)
    ends = np.r_[starts[1:] - 1, len(table) - 1]
    run = np.cumsum(new) - 1
    return starts[run].astype(np.float64), ends[run].astype(np.float64)


@lru_cache(maxsize=16)
def known_scale(name: str) -> Scale:
    """A scale of the catalogue, turned around. KeyError for one that is not there."""
    return scale_of(name, SCALES[name])


def catalogue() -> tuple[Scale, ...]:
    """All scales that are known."""
    return tuple(known_scale(name) for name in SCALES)


def misfit(scale: Scale, colours: Colours, order: tuple[int, ...] = ORDERS[0]) -> float:
    """Mean distance of colours, shape (n, 3), from a scale, 0..90; single colours count at most 90."""
    return float(np.minimum(scale.distance[scale.index(colours[:, list(order)])], _FAR).mean())


@dataclass(frozen=True, kw_only=True)
class Match:
    """The scale that colours fit best. order : of the channels, ``ORDERS[0]`` if they are right.

    distance : mean distance with it. upright : the least distance with the channels in the right order.
    """

    scale: Scale
    order: tuple[int, ...]
    distance: float
    upright: float


def best_match(colours: Colours, scales: tuple[Scale, ...]) -> Match:
    """Compare colours, shape (n, 3), with scales in all orders of the channels; ties go to the right order."""
    found = [(misfit(s, colours, order), place, s) for s in scales for place, order in enumerate(ORDERS)]
    upright = min((entry for entry in found if entry[1] == 0), key=lambda entry: entry[0])
    least = min(found, key=lambda entry: (entry[0], entry[1]))
    return Match(scale=least[2], order=ORDERS[least[1]], distance=least[0], upright=upright[0])
