"""Areas under curves of several classes: each against the rest, and every two against each other."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ..discrimination import Steps, areas, rank, steps
from .sample import ClassSample

Floats = NDArray[np.float64]


def against_rest(sample: ClassSample, weight: Floats) -> dict[str, Floats]:
    """ "auc" and "pr_auc" of each class against all others, shape (weightings, classes).

    weight : of the patients, (weightings, patients). 0..1, higher is better; NaN where a weighting lacks the class or
    all others.
    """
    auc, precision = zip(*(areas(one.steps, weight) for one in sample.against_rest), strict=True)
    return {"auc": np.stack(auc, axis=-1), "pr_auc": np.stack(precision, axis=-1)}


def every_two(sample: ClassSample) -> Callable[[Floats], Floats]:
    """The mean AUC over every two classes that occur, as a function of patient weights (weightings, patients).

    For classes i and j it is the mean of two AUCs on their rows alone: by the score of i, and by that of j. Blind to
    how frequent the classes are. 0..1, 0.5 is chance; NaN where a class is missing. Source: Hand and Till 2001.
    """
    duels: list[Steps] = []
    for first, second in combinations(np.flatnonzero(sample.present), 2):
        rows = np.flatnonzero((sample.truth == first) | (sample.truth == second))
        patient = sample.rows.patient[rows]
        for mine in (first, second):
            ranking, truth = rank(sample.score[rows, mine]), sample.truth[rows] == mine
            duels.append(steps(ranking, truth, patient, sample.rows.patients))

    def mean(weight: Floats) -> Floats:
        if not duels:
            return np.full(len(weight), np.nan)
        found: Floats = np.mean([areas(duel, weight)[0] for duel in duels], axis=0)
        return found

    return mean
