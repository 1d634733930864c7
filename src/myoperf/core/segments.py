"""The 17 segments of the American Heart Association (Cerqueira 2002) and the older 20-segment model.

Display radii 0.2 / 0.467 / 0.733 / 1 of a distance-weighted map; angles as in ``core.polar``.
"""

from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from .polar import Map
from .terms import Territory


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One patch of the disc: radii as fractions of the disc, start angle (degrees) and width, counter-clockwise."""

    number: int
    name: str
    inner: float
    outer: float
    start: float
    width: float
    territory: Territory


_LAD, _LCX, _RCA = Territory.LAD, Territory.LCX, Territory.RCA
_SIX = ("anterior", "anteroseptal", "inferoseptal", "inferior", "inferolateral", "anterolateral")
_SIX_TERRITORIES = (_LAD, _LAD, _RCA, _RCA, _LCX, _LCX)
_FOUR = (("anterior", _LAD), ("septal", _LAD), ("inferior", _RCA), ("lateral", _LCX))


def _ring_of_six(first: int, level: str, inner: float, outer: float) -> tuple[Segment, ...]:
    return tuple(
        Segment(
            number=first + k,
            name=f"{level} {_SIX[k]}",
            inner=inner,
            outer=outer,
            start=(60.0 + 60 * k) % 360,
            width=60.0,
            territory=_SIX_TERRITORIES[k],
        )
        for k in range(6)
    )


AHA17: tuple[Segment, ...] = (
    *_ring_of_six(1, "basal", 0.733, 1.0),
    *_ring_of_six(7, "mid", 0.467, 0.733),
    *(
        Segment(
            number=13 + k,
            name=f"apical {name}",
            inner=0.2,
            outer=0.467,
            start=(45.0 + 90 * k) % 360,
            width=90.0,
            territory=territory,
        )
        for k, (name, territory) in enumerate(_FOUR)
    ),
    Segment(number=17, name="apex", inner=0.0, outer=0.2, start=0.0, width=360.0, territory=_LAD),
)

_APICAL20 = (("anteroapical", 0.0), ("inferoapical", 180.0))
SEGMENTS20: tuple[Segment, ...] = (
    *_ring_of_six(1, "basal", 0.75, 1.0),
    *_ring_of_six(7, "mid", 0.5, 0.75),
    *_ring_of_six(13, "distal", 0.2, 0.5),
    *(
        Segment(number=19 + k, name=name, inner=0.0, outer=0.2, start=start, width=180.0, territory=_LAD)
        for k, (name, start) in enumerate(_APICAL20)
    ),
)
"""Basal, mid and distal sextants and two apical halves; the sextants start at 60 degrees as in the 17-segment model."""

TERRITORIES = MappingProxyType({t: tuple(s.number for s in AHA17 if s.territory is t) for t in Territory})


def _neighbours() -> dict[int, frozenset[int]]:
    """Segments that share an arc: next to each other in a ring, or overlapping in angle on the next ring."""
    found: dict[int, set[int]] = {s.number: set() for s in AHA17}
    for a in AHA17:
        for b in AHA17:
            if a.number < b.number and _share_border(a, b):
                found[a.number].add(b.number)
                found[b.number].add(a.number)
    return {number: frozenset(others) for number, others in found.items()}


def _share_border(a: Segment, b: Segment) -> bool:
    if a.inner == b.inner:
        return (a.start + a.width) % 360 == b.start or (b.start + b.width) % 360 == a.start
    if a.inner != b.outer and b.inner != a.outer:
        return False
    gap = abs((a.start + a.width / 2) - (b.start + b.width / 2)) % 360
    return min(gap, 360 - gap) < (a.width + b.width) / 2


ADJACENT = MappingProxyType(_neighbours())
"""Neighbours of each AHA segment: those that share an arc of the disc."""


def segment_at(radius: float, angle: float, model: tuple[Segment, ...] = AHA17) -> int:
    """Segment number at a place of the disc (radius 0..1, any angle in degrees); ValueError off the disc."""
    for segment in model:
        within = segment.inner <= radius < segment.outer or radius == segment.outer == 1.0
        # twice, because the remainder of a tiny negative number rounds up to 360 itself
        if within and (angle - segment.start) % 360.0 % 360.0 < segment.width:
            return segment.number
    raise ValueError(f"a place on the disc has a radius in 0..1 and a finite angle, got {radius} and {angle}")


@lru_cache(maxsize=16)
def membership(rings: int, sectors: int, model: tuple[Segment, ...] = AHA17) -> Map:
    """Share of every map sample that lies in each segment, shape (segments, rings, sectors); sums to 1 per sample."""
    fine = 20
    radius = (np.arange(rings * fine) + 0.5) / (rings * fine)
    angle = (np.arange(sectors * fine) + 0.5) * 360.0 / (sectors * fine) - 180.0 / sectors
    share = np.empty((len(model), rings, sectors))
    for k, s in enumerate(model):
        in_ring = ((radius >= s.inner) & (radius < s.outer)).reshape(rings, fine).mean(axis=1)
        in_sector = ((angle - s.start) % 360.0 < s.width).reshape(sectors, fine).mean(axis=1)
        share[k] = in_ring[:, None] * in_sector[None, :]
    share /= share.sum(axis=0, keepdims=True)
    share.setflags(write=False)
    return share


def segment_means(values: Map, weight: Map, model: tuple[Segment, ...] = AHA17) -> NDArray[np.float64]:
    """Area-weighted mean of a map in every segment, shape (segments,); NaN where less than half of it is known."""
    share = membership(*values.shape, model) * weight
    known = np.isfinite(values)
    total, seen = share.sum(axis=(1, 2)), (share * known).sum(axis=(1, 2))
    sums = (share * np.where(known, values, 0.0)).sum(axis=(1, 2))
    return np.where(seen >= 0.5 * total, sums / np.maximum(seen, 1e-12), np.nan)


def summed_score(scores: NDArray[np.float64] | tuple[int, ...]) -> float:
    """Sum of segment scores (0 normal .. 4 absent; higher is worse); NaN if any score is missing."""
    return float(np.sum(np.asarray(scores, dtype=float)))


def summed_percent(score: float, segments: int = 17) -> float:
    """A summed score as percent of the largest possible (4 per segment)."""
    return 100.0 * score / (4 * segments)
