"""Rows put into bins by their score."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

COUNT = 10


def equal_count_bins(score: Floats, count: int = COUNT) -> NDArray[np.intp]:
    """Bin of each row, 0 lowest, shape (rows,): ``count`` bins of equal count, rows of equal score in one bin.

    A group of equal scores lies in the bin of its middle rank; with ties, or fewer rows than bins, there are fewer
    bins, and none is empty.
    """
    _, group, size = np.unique(score, return_inverse=True, return_counts=True)
    middle = np.cumsum(size) - size / 2
    place = np.minimum((count * middle / max(score.size, 1)).astype(np.intp), count - 1)[group.reshape(-1)]
    return np.unique(place, return_inverse=True)[1].reshape(-1)


def score_groups(score: Floats, most: int = 2 * COUNT) -> tuple[NDArray[np.intp], bool]:
    """Groups of equal scores and True where there are at most ``most`` distinct scores; else bins, and False."""
    distinct, group = np.unique(score, return_inverse=True)
    if distinct.size <= most:
        return group.reshape(-1), True
    return equal_count_bins(score), False
