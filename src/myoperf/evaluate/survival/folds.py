"""Survival figures over the folds of a cross-validation."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Folds

from ..folds import UNIT, figures_over_folds
from ..question import Question
from .cohort import cohort_of, days
from .figures import figures, prepared
from .reasons import unranked

RANKS = ("c_index", "uno_c", "dynamic_auc")


def fold_figures(question: Question) -> dict[str, Folds]:
    """The figures of ``RANKS`` in each fold of each repeat, and ``integrated_brier`` (or ``brier_365``, with the one
    horizon behind) where scores are probabilities.

    Each fold tells by itself how its patients are censored, and without horizons its own events set the times of the
    dynamic AUC. A fold without an event, or with equal scores only, gives None and is left out of the mean.
    """
    columns = [question.numbers(name) for name in ("event", "time_days", "score")]
    known = np.isfinite(columns).all(axis=0) & question.rows
    horizons = np.unique(question.numbers("horizon_days")[known])
    horizons = horizons[np.isfinite(horizons)]
    if known.any() and horizons.size:
        known &= np.isfinite(question.numbers("horizon_days"))
    brier = f"brier_{days(float(horizons[0]))}" if horizons.size == 1 else "integrated_brier"

    def of_fold(rows: NDArray[np.bool_]) -> dict[str, float]:
        ready = replace(prepared(cohort_of(question, rows, scored=True)[0], None), lines=())
        found = figures(ready, np.ones((1, ready.cohort.patients)))
        value = {name: float(found[name][0]) for name in (*RANKS, brier) if name in found}
        return {name: number for name, number in value.items() if name == brier or not unranked(ready, name)}

    made = figures_over_folds(question, known, of_fold, dict.fromkeys((*RANKS, brier), UNIT))
    return {
        name: replace(folds, method=f"{folds.method}; each fold tells of its own censoring")
        for name, folds in made.items()
        if name in RANKS or folds.mean is not None
    }
