"""Figures of a value over the folds of a cross-validation."""

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Folds

from ..folds import Limits, figures_over_folds
from ..question import Question
from .figures import figures
from .pairs import measured, pairs_in

WITHIN: dict[str, Limits] = {
    "rmse": (0.0, np.inf),
    "mae": (0.0, np.inf),
    "bias": (-np.inf, np.inf),
    "pearson": (-1.0, 1.0),
}


def fold_figures(question: Question) -> dict[str, Folds]:
    """The figures of ``WITHIN`` in each fold of each repeat, in the unit of the target; every row counts the same.

    A fold of one row, or of equal truths or scores, has no correlation: None there and left out of the mean.
    """

    def of_fold(rows: NDArray[np.bool_]) -> dict[str, float]:
        pairs = pairs_in(question, rows)
        found = figures(pairs, np.ones((1, pairs.patients)))
        return {name: float(found[name][0]) for name in WITHIN}

    return figures_over_folds(question, measured(question), of_fold, WITHIN)
