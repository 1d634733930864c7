"""Colour scales of the field as look-up tables: uptake 0..100 percent to red, green, blue."""

from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.uint8]
"""Shape (256, 3), entry 0 for no uptake, entry 255 for the maximum."""


def _ramp(*stops: tuple[float, int, int, int]) -> Table:
    """Straight lines between (position 0..1, red, green, blue)."""
    where = np.linspace(0, 1, 256)
    at = [s[0] for s in stops]
    table = np.stack([np.interp(where, at, [s[c] for s in stops]) for c in (1, 2, 3)], axis=1)
    rounded: Table = np.asarray(np.round(table), dtype=np.uint8)
    return rounded


def _steps(table: Table, count: int = 10) -> Table:
    """The same scale in equal steps, as on ten-step displays."""
    index = np.minimum(np.arange(256) * count // 256, count - 1)
    steps: Table = table[np.round((index + 0.5) * 255 / count).astype(np.intp)]
    return steps


_COOL = _ramp(
    (0, 0, 0, 0),
    (0.25, 64, 0, 160),
    (0.5, 0, 110, 200),
    (0.65, 0, 190, 120),
    (0.8, 230, 220, 0),
    (0.92, 255, 120, 0),
    (1, 255, 255, 255),
)
_THERMAL = _ramp((0, 0, 0, 0), (0.33, 160, 0, 0), (0.66, 255, 140, 0), (1, 255, 255, 230))

SCALES = MappingProxyType(
    {
        "grey": _ramp((0, 0, 0, 0), (1, 255, 255, 255)),
        "thermal": _THERMAL,
        "warm metal": _ramp((0, 0, 0, 0), (0.5, 128, 64, 32), (0.75, 230, 150, 50), (1, 255, 255, 220)),
        "cool": _COOL,
        "GE": _ramp(
            (0, 0, 0, 0),
            (0.2, 0, 0, 140),
            (0.4, 0, 120, 120),
            (0.6, 120, 60, 140),
            (0.8, 255, 100, 60),
            (0.9, 255, 200, 60),
            (1, 255, 255, 255),
        ),
        "ten-step": _steps(_COOL),
    }
)
"""Our own tables in the manner of the displays of these names; none is a copy of a vendor's table."""

DEFAULT_SCALE = "thermal"


def paint(percent: NDArray[np.floating], scale: str = DEFAULT_SCALE) -> NDArray[np.uint8]:
    """Colour uptake: percent of maximum, any shape, to red, green, blue 0..255, the same shape + (3,).

    Below 0 and above 100 are painted as the ends; what is not finite is painted black. KeyError for a scale that is
    not in ``SCALES``.
    """
    table: Table = SCALES[scale]
    known = np.isfinite(percent)
    index = np.round(np.clip(np.where(known, percent, 0.0), 0, 100) * 2.55).astype(np.intp)
    painted: NDArray[np.uint8] = table[index]
    painted[~known] = 0
    return painted
