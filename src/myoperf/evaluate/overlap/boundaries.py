"""Distances between the boundaries of two masks."""

from dataclasses import dataclass
from math import hypot

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from scipy.spatial import KDTree

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

_DENSE = 8
_LEAF = 32


@dataclass(frozen=True, kw_only=True)
class BoundaryDistances:
    """Figures of the distances between two boundaries, in the unit of the spacing; 0 is perfect, higher is worse."""

    hausdorff: float
    hd95: float
    assd: float


def boundary(mask: Bools) -> Bools:
    """The pixels of a mask that have a neighbour outside it, by a face; what lies beyond the image is outside.

    It is the mask without its erosion by face neighbours (4 in a plane, 6 in a volume).
    """
    inner = mask.copy()
    for axis in range(mask.ndim):
        along, kept = np.moveaxis(mask, axis, 0), np.moveaxis(inner, axis, 0)
        kept[:-1] &= along[1:]
        kept[1:] &= along[:-1]
        kept[0] = kept[-1] = False
    return np.asarray(mask & ~inner)


def directed_distances(truth: Bools, predicted: Bools, spacing: tuple[float, ...]) -> tuple[Floats, Floats]:
    """From each boundary pixel of ``truth`` to the nearest of ``predicted``, and the other way round; exact.

    Both masks have one shape and at least one pixel. spacing : distance of neighbours along each axis. Order of the
    distances: none that may be relied on.
    """
    part = _box(truth, predicted)
    first, second = boundary(truth[part]), boundary(predicted[part])
    shared = first & second
    own, other = first & ~shared, second & ~shared
    there = _nearest(own, second, spacing)
    back = _nearest(other, first, spacing)
    same = np.zeros(int(np.count_nonzero(shared)))
    return np.concatenate([same, there]), np.concatenate([same, back])


def boundary_distances(truth: Bools, predicted: Bools, spacing: tuple[float, ...]) -> BoundaryDistances:
    """Hausdorff distance, its 95 % form, and the average symmetric surface distance of two masks with pixels.

    hausdorff : the larger of the two directed maxima (Huttenlocher 1993). hd95 : the larger of the two directed 95th
    percentiles (interpolated), not the percentile of both together, which some software prints. assd : mean over the
    boundary pixels of both together. ``directed_distances`` tells what is a boundary.
    """
    there, back = directed_distances(truth, predicted, spacing)
    return BoundaryDistances(
        hausdorff=float(max(there.max(), back.max())),
        hd95=float(max(np.percentile(there, 95), np.percentile(back, 95))),
        assd=float((there.sum() + back.sum()) / (there.size + back.size)),
    )


def diagonal(shape: tuple[int, ...], spacing: tuple[float, ...]) -> float:
    """From corner to corner of an image, outer edges: no distance within it is larger."""
    return hypot(*(count * step for count, step in zip(shape, spacing, strict=True)))


def _box(first: Bools, second: Bools) -> tuple[slice, ...]:
    """The smallest box around both masks, found axis by axis in what is left."""
    box: tuple[slice, ...] = ()
    for axis in range(first.ndim):
        others = tuple(k for k in range(first.ndim) if k != axis)
        held = np.flatnonzero(first[box].any(axis=others) | second[box].any(axis=others))
        box = (*box, slice(int(held[0]), int(held[-1]) + 1))
    return box


def _nearest(points: Bools, goal: Bools, spacing: tuple[float, ...]) -> Floats:
    """Distance of every set pixel of ``points`` to the nearest of ``goal``: by a tree, or a transform where dense."""
    count = int(np.count_nonzero(points))
    if not count:
        return np.zeros(0)
    if _DENSE * (count + int(np.count_nonzero(goal))) > goal.size:
        return np.asarray(distance_transform_edt(~goal, sampling=spacing)[points], dtype=np.float64)
    step = np.asarray(spacing)
    tree = KDTree(np.argwhere(goal) * step, leafsize=_LEAF)
    return np.asarray(tree.query(np.argwhere(points) * step)[0], dtype=np.float64)
