"""The share of the wall's surface that each sample of a disc stands for, where only the disc is known."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ...core.polar import RINGS, SECTORS, Map

_LONG_OVER_WIDE = 1.7
_CUT = np.radians(108.0)
_WALL_MM = 96.0
_FINE = 4000


@lru_cache(maxsize=4)
def disc_weight(rings: int = RINGS, sectors: int = SECTORS) -> Map:
    """Weight of every sample, shape (rings, sectors), sums to 1.

    A disc whose radius is the way along the wall does not tell the area, so a usual ventricle is taken: an ellipsoid of
    revolution, 1.7 times as long as wide, cut 18 degrees of its parameter behind the equator, its rings at equal steps
    of arc length. Against measured weights of virtual and real hearts the rings' shares differ by less than a tenth of
    the largest share.
    """
    t = (np.arange(_FINE) + 0.5) / _FINE * _CUT
    step = np.hypot(_LONG_OVER_WIDE * np.sin(t), np.cos(t))
    way = np.cumsum(step) - step / 2
    ring = np.minimum((way / step.sum() * rings).astype(int), rings - 1)
    share = np.bincount(ring, np.sin(t) * step, minlength=rings)
    weight: Map = np.repeat((share / share.sum() / sectors)[:, None], sectors, axis=1)
    weight.setflags(write=False)
    return weight


def nominal_ring_mm(rings: int = RINGS) -> NDArray[np.float64]:
    """Middle of every ring from the apex in mm, for a wall of 96 mm from apex to valve plane."""
    return np.asarray((np.arange(rings) + 0.5) * (_WALL_MM / rings), dtype=np.float64)
