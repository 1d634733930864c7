"""Areas under curves of several classes: each against the rest, and every two against each other."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ..discrimination import Ranking, auc, average_precision, rank
from .sample import ClassSample

Floats = NDArray[np.float64]
Areas = Callable[[Floats], Floats]
"""From weights of rows, shape (weightings, rows), to areas."""


def against_rest(sample: ClassSample, weight: Floats) -> dict[str, Floats]:
    """ "auc" and "pr_auc" of each class against all others, weights (weightings, rows) to (weightings, classes).

    0..1, higher is better; NaN where a weighting lacks the class or all others.
    """
    each = sample.against_rest
    return {
        "auc": np.stack([auc(one.ranking, one.truth, weight) for one in each], axis=-1),
        "pr_auc": np.stack([average_precision(one.ranking, one.truth, weight) for one in each], axis=-1),
    }


def every_two(sample: ClassSample) -> Areas:
    """The mean AUC over every two classes that occur, as a function of weights (weightings, rows) to (weightings,).

    For classes i and j it is the mean of two AUCs on their rows alone: by the score of i, and by that of j. Blind to
    how frequent the classes are. 0..1, 0.5 is chance; NaN where a class is missing. Source: Hand and Till 2001.
    """
    duels: list[tuple[NDArray[np.intp], NDArray[np.bool_], Ranking]] = []
    for first, second in combinations(np.flatnonzero(sample.present), 2):
        rows = np.flatnonzero((sample.truth == first) | (sample.truth == second))
        duels += [(rows, sample.truth[rows] == mine, rank(sample.score[rows, mine])) for mine in (first, second)]

    def areas(weight: Floats) -> Floats:
        if not duels:
            return np.full(len(weight), np.nan)
        found: Floats = np.mean([auc(ranking, mine, weight[:, rows]) for rows, mine, ranking in duels], axis=0)
        return found

    return areas
