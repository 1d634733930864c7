"""Borders of segments and of the arteries' beds on a disc, and what they tell of how it lies."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ...core.segments import AHA17, segment_at
from .colours import Floats
from .learnt import POSES

_STEP = 15
_ZONES = ((0.78, 0.97), (0.52, 0.70), (0.24, 0.43))
_ALONG = 14
_NEAR = 1e-3
_NOISE = 0.22
_LEAST = 0.16
_MOST = 14.0


def border_odds(ink: Floats) -> NDArray[np.float64]:
    """Logarithms of how well each of ``POSES`` explains the straight lines, up to a constant, shape (8,).

    ink : how much each pixel of the square picture of a disc differs from the disc without its overlay, 0..1.
    All zero where there are no lines.
    """
    seen = _lines(ink)
    strength = float(np.sort(seen.ravel())[-8:].mean())
    if strength < _LEAST:
        return np.zeros(len(POSES))
    seen = np.clip(seen / strength, 0.0, 1.6)
    odds = np.array([max(_likelihood(seen, kind[pose]) for kind in _patterns()) for pose in range(len(POSES))])
    odds = odds - odds.max()
    return np.asarray(np.maximum(odds, -_MOST))


def has_lines(ink: Floats) -> bool:
    """Whether straight borders are drawn on the disc at all."""
    return float(np.sort(_lines(ink).ravel())[-8:].mean()) >= _LEAST


def _likelihood(seen: NDArray[np.float64], wanted: NDArray[np.float64]) -> float:
    scale = float((seen * wanted).sum() / max(float((wanted * wanted).sum()), 1e-9))
    apart = np.minimum(np.abs(seen - scale * wanted), 0.6)
    return float(-0.5 * ((apart / _NOISE) ** 2).sum())


def _lines(ink: Floats) -> NDArray[np.float64]:
    """Ink across each direction, every 15 degrees, in three zones of radius, shape (3, 24).

    A low percentile along the radius: a line is there all the way, a number is not.
    """
    size = ink.shape[0]
    index = _places(size)
    rays = ink[index[0], index[1]].sum(axis=-1)
    return np.asarray(np.percentile(rays, 30, axis=-1) / (size / 128))


@lru_cache(maxsize=8)
def _places(size: int) -> NDArray[np.intp]:
    """Rows and columns of samples, shape (2, zones, directions, along, across)."""
    reach = max(2, round(size / 56))
    across = np.arange(-reach, reach + 1)
    angles = np.radians(np.arange(0, 360, _STEP))[None, :, None, None]
    radii = np.stack([np.linspace(a, b, _ALONG) for a, b in _ZONES])[:, None, :, None] * size / 2
    x = size / 2 - 0.5 + radii * np.cos(angles) - across * np.sin(angles)
    y = size / 2 - 0.5 - radii * np.sin(angles) - across * np.cos(angles)
    return np.clip(np.stack([y, x]).round().astype(np.intp), 0, size - 1)


@lru_cache(maxsize=1)
def _patterns() -> tuple[NDArray[np.float64], ...]:
    """Expected strengths, shape (poses, zones, directions): all borders, the beds' alone, the beds' thick on all."""
    bed = {segment.number: segment.territory for segment in AHA17}
    every, beds = np.zeros((2, len(_ZONES), 360 // _STEP))
    for zone, (inner, outer) in enumerate(_ZONES):
        middle = (inner + outer) / 2
        for segment in AHA17:
            if not segment.inner <= middle < segment.outer:
                continue
            place = round(segment.start / _STEP) % (360 // _STEP)
            every[zone, place] = 1.0
            sides = (segment_at(middle, segment.start - _NEAR), segment_at(middle, segment.start + _NEAR))
            beds[zone, place] = float(bed[sides[0]] is not bed[sides[1]])
    return tuple(np.stack([_posed(kind, *pose) for pose in POSES]) for kind in (every, beds, every + beds))


def _posed(pattern: NDArray[np.float64], turn: int, mirrored: bool) -> NDArray[np.float64]:
    """The pattern as it is seen after a pose."""
    angle = np.arange(0, 360, _STEP)
    before = angle - turn
    if mirrored:
        before = 180 - before
    return pattern[:, (before % 360) // _STEP]
