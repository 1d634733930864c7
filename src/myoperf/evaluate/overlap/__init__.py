"""How well masks agree: pixels in common, distances between boundaries, of one pair, a folder, several systems."""

from .boundaries import BoundaryDistances, boundary, boundary_distances
from .comparison import compare_masks
from .masks import MasksJudged, judge_masks
from .pair import PairFigures, judge_pair

__all__ = [
    "BoundaryDistances",
    "MasksJudged",
    "PairFigures",
    "boundary",
    "boundary_distances",
    "compare_masks",
    "judge_masks",
    "judge_pair",
]
