"""Polar maps and the geometry of their disc.

Angles run counter-clockwise from image right: 0 lateral, 90 anterior, 180 septal, 270 inferior (degrees).
Ring 0 is the apex, the last ring the valve plane. Sector 0 is centred on 0 degrees.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .terms import State

RINGS, SECTORS = 24, 36
REFERENCE_PERCENTILE = 98.0
"""Area-weighted percentile of a map that 100 percent means."""

Map = NDArray[np.float64]
"""Values on the disc, shape (rings, sectors)."""


@dataclass(frozen=True, kw_only=True)
class PolarMap:
    """Uptake of the left ventricle on rings x sectors.

    values : percent of ``reference_counts``, shape (rings, sectors); NaN where the myocardium lies outside the field.
    weight : share of the surface area that a sample stands for, same shape, sums to 1.
    ring_mm : distance of each ring's middle from the apex along the wall, in mm, shape (rings,).
    reference_counts : counts that 100 percent means (area-weighted 98th percentile of the map).
    source : file, and how the map was sampled.
    """

    values: Map
    weight: Map
    ring_mm: NDArray[np.float64]
    reference_counts: float
    state: State | None
    source: str


def sector_angles(sectors: int = SECTORS) -> NDArray[np.float64]:
    """Middle of each sector in degrees, shape (sectors,)."""
    return np.arange(sectors, dtype=np.float64) * (360.0 / sectors)


def ring_radii(rings: int = RINGS) -> NDArray[np.float64]:
    """Middle of each ring as a fraction of the disc's radius (distance-weighted display), shape (rings,)."""
    return (np.arange(rings, dtype=np.float64) + 0.5) / rings


def disc_coordinates(size: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Radius (1 at the rim) and angle (degrees) of every pixel of a size x size picture, anterior up."""
    axis = (np.arange(size) + 0.5) / size * 2 - 1
    x, y = np.meshgrid(axis, -axis)
    return np.hypot(x, y), np.degrees(np.arctan2(y, x)) % 360.0


@lru_cache(maxsize=16)
def _disc_lookup(size: int, rings: int, sectors: int) -> tuple[NDArray[np.intp], Map, NDArray[np.bool_]]:
    """Four map samples and their bilinear weights for every pixel; cyclic in angle, clamped at apex and rim."""
    radius, angle = disc_coordinates(size)
    row = np.clip(radius * rings - 0.5, 0, rings - 1)
    column = angle * sectors / 360.0
    low_row, low_column = np.floor(row).astype(np.intp), np.floor(column).astype(np.intp)
    high_row = np.minimum(low_row + 1, rings - 1)
    part_row, part_column = row - low_row, column - low_column
    left, right = low_column % sectors, (low_column + 1) % sectors
    index = np.stack(
        [low_row * sectors + left, low_row * sectors + right, high_row * sectors + left, high_row * sectors + right]
    )
    weight = np.stack(
        [
            (1 - part_row) * (1 - part_column),
            (1 - part_row) * part_column,
            part_row * (1 - part_column),
            part_row * part_column,
        ]
    )
    return index, weight, radius <= 1.0


def disc_samples(size: int, rings: int, sectors: int) -> tuple[NDArray[np.intp], Map, NDArray[np.bool_]]:
    """How ``disc_picture`` draws: flat sample numbers and weights, both (4, size, size), and the inside of the disc."""
    return _disc_lookup(size, rings, sectors)


def disc_picture(values: Map, size: int) -> Map:
    """Draw a map (rings x sectors) as a size x size disc by bilinear interpolation, anterior up and septum left.

    NaN outside the disc, and wherever a neighbouring sample is NaN.
    """
    index, weight, inside = _disc_lookup(size, *values.shape)
    picture = (values.ravel()[index] * weight).sum(axis=0)
    return np.where(inside, picture, np.nan)


def weighted_percentile(values: Map, weight: Map, percent: float) -> float:
    """Value below which ``percent`` (0..100) of the area lies; samples that are NaN or weigh nothing are left out.

    A sample stands in the middle of its share of the area, straight lines between; below the first middle and above
    the last the end values hold. Raises ValueError where no sample is left.
    """
    known = np.isfinite(values) & (weight > 0)
    if not known.any():
        raise ValueError("a percentile needs at least one finite sample with a weight above 0")
    order = np.argsort(values[known], kind="stable")
    ranked, share = values[known][order], weight[known][order]
    centre = np.cumsum(share) - share / 2
    return float(np.interp(percent / 100 * share.sum(), centre, ranked))
