"""The ROC curve of the average reader."""

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Curve
from myoperf.evaluate.discrimination import rank, roc

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_FINEST = 200
_BESIDE = 1e-12


def mean_roc(rating: Floats, truth: Bools) -> Curve | None:
    """Mean true positive rate of readers at each false positive rate; None where a class is missing.

    rating : finite, higher = more likely positive, shape (readers, cases). truth : (cases,). Both ends of
    an upright rise are kept, so that the area under the mean curve is the mean of the readers' areas (to 3 decimals
    where there are more than 200 negatives).
    """
    if truth.all() or not truth.any():
        return None
    negatives = int((~truth).sum())
    grid = np.linspace(0, 1, min(negatives, _FINEST) + 1)
    at = np.repeat(grid, 2) + np.tile([-_BESIDE, _BESIDE], grid.size)
    heights = np.mean([np.interp(at, *roc(rank(row), truth, np.ones(truth.size))) for row in rating], axis=0)
    return Curve(x=tuple(map(float, np.repeat(grid, 2))), y=tuple(map(float, heights)))
