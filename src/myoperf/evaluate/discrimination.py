"""How well scores tell positives from negatives: area under the ROC curve, average precision, thresholds.

Most functions take row weights of shape (..., rows). For thousands of bootstrap replicates at once, rows of a patient
and of equal score are summed first (``steps``), and patient weights of shape (replicates, patients) are enough.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """Scores put in order once, highest first; rows of equal score form one group.

    order : row numbers, shape (rows,). ends : place in ``order`` of the last row of each group, shape (groups,).
    cuts : score of each group, falling, shape (groups,).
    """

    order: NDArray[np.intp]
    ends: NDArray[np.intp]
    cuts: Floats


@dataclass(frozen=True, kw_only=True)
class Steps:
    """How many positive and negative rows every patient has at each distinct score, highest first.

    Sparse, shape (groups, patients) each.
    """

    positive: csr_array[np.float64]
    negative: csr_array[np.float64]


def rank(score: Floats) -> Ranking:
    """Order finite scores, shape (rows,), at least one row; ValueError otherwise."""
    if not score.size or not np.isfinite(score).all():
        raise ValueError("scores to rank are finite and at least one")
    order = np.argsort(-score, kind="stable")
    falling = score[order]
    ends = np.append(np.flatnonzero(falling[1:] != falling[:-1]), score.size - 1)
    return Ranking(order=order, ends=ends, cuts=falling[ends])


def called_at_each_cut(ranking: Ranking, weight: Floats) -> Floats:
    """Total weight of the rows at or above every cut, shape (..., groups)."""
    total: Floats = np.cumsum(weight[..., ranking.order], axis=-1)[..., ranking.ends]
    return total


def auc(ranking: Ranking, truth: Bools, weight: Floats) -> Floats:
    """Area under the ROC curve: the chance that a positive scores above a negative, ties counting half.

    truth : shape (rows,), True for positive. weight : shape (..., rows). Returns shape (...); 0..1, 0.5 is chance,
    NaN where a class has no weight. Source: Hanley and McNeil 1982 (trapezium rule).
    """
    hits, alarms = called_at_each_cut(ranking, weight * truth), called_at_each_cut(ranking, weight * ~truth)
    steps = np.diff(alarms, axis=-1, prepend=0.0)
    middle = hits - np.diff(hits, axis=-1, prepend=0.0) / 2
    return _ratio((steps * middle).sum(axis=-1), hits[..., -1] * alarms[..., -1])


def average_precision(ranking: Ranking, truth: Bools, weight: Floats) -> Floats:
    """Area under the precision-recall curve as a sum of steps (no interpolation); same shapes as ``auc``.

    0..1, higher is better; chance is the share of positives. NaN where there is no positive.
    """
    hits, alarms = called_at_each_cut(ranking, weight * truth), called_at_each_cut(ranking, weight * ~truth)
    precision = np.nan_to_num(_ratio(hits, hits + alarms))
    return _ratio((np.diff(hits, axis=-1, prepend=0.0) * precision).sum(axis=-1), hits[..., -1])


def steps(ranking: Ranking, truth: Bools, patient: NDArray[np.intp], patients: int) -> Steps:
    """Sum rows by patient and equal score. truth, patient : shape (rows,); patient codes run below ``patients``."""
    group = np.empty(truth.size, dtype=np.intp)
    group[ranking.order] = np.searchsorted(ranking.ends, np.arange(truth.size))
    shape = (ranking.ends.size, patients)

    def summed(rows: Bools) -> csr_array[np.float64]:
        ones = np.ones(int(rows.sum()))
        return coo_array((ones, (group[rows], patient[rows])), shape=shape).tocsr()

    return Steps(positive=summed(truth), negative=summed(~truth))


def areas(made: Steps, weight: Floats) -> tuple[Floats, Floats]:
    """``auc`` and ``average_precision`` for patient weights of shape (replicates, patients), each (replicates,)."""
    columns = weight.T
    hit, alarm = np.asarray(made.positive @ columns), np.asarray(made.negative @ columns)
    hits, alarms = np.cumsum(hit, axis=0), np.cumsum(alarm, axis=0)
    area = _ratio(np.einsum("gr,gr->r", alarm, hits - hit / 2), hits[-1] * alarms[-1])
    called = hits + alarms
    precision = np.divide(hits, called, out=np.zeros_like(hits), where=called > 0)
    return area, _ratio(np.einsum("gr,gr->r", hit, precision), hits[-1])


def sensitivity_at_specificity(made: Steps, weight: Floats, specificity: Floats) -> Floats:
    """Highest sensitivity of any cut that keeps this specificity, shape (replicates,); 0 where no cut does.

    weight : shape (replicates, patients). specificity : shape (replicates,). NaN where a class has no weight.
    """
    columns = weight.T
    hits = np.cumsum(np.asarray(made.positive @ columns), axis=0)
    alarms = np.cumsum(np.asarray(made.negative @ columns), axis=0)
    kept = alarms <= (1 - specificity) * alarms[-1] + 1e-9
    best = np.max(np.where(kept, hits, 0.0), axis=0)
    return np.where(alarms[-1] > 0, _ratio(best, hits[-1]), np.nan)


def roc(ranking: Ranking, truth: Bools, weight: Floats) -> tuple[Floats, Floats]:
    """False and true positive rate at every cut, from (0, 0) to (1, 1), each of shape (groups + 1,); one weighting."""
    hits, alarms = called_at_each_cut(ranking, weight * truth), called_at_each_cut(ranking, weight * ~truth)
    start = np.zeros(1)
    return np.append(start, _ratio(alarms, alarms[-1])), np.append(start, _ratio(hits, hits[-1]))


def youden_threshold(score: Floats, truth: Bools) -> float:
    """The threshold of highest sensitivity + specificity - 1, half-way to the next lower score.

    Of several equally good ones the most even in sensitivity and specificity, then the lowest. ValueError where a
    class is missing. Source: Youden 1950.
    """
    if truth.all() or not truth.any():
        raise ValueError("a threshold needs both classes")
    ranking = rank(score)
    alarms, hits = roc(ranking, truth, np.ones(score.size))
    gain, unevenness = hits[1:] - alarms[1:], np.abs(hits[1:] - (1 - alarms[1:]))
    best = np.lexsort((ranking.cuts, np.round(unevenness, 12), -np.round(gain, 12)))[0]
    cut = ranking.cuts[best]
    return float(cut if best == ranking.cuts.size - 1 else cut / 2 + ranking.cuts[best + 1] / 2)


def _ratio(above: Floats, below: Floats) -> Floats:
    """Division that gives NaN for 0 / 0 and n / 0."""
    below = np.broadcast_to(np.asarray(below, dtype=np.float64), np.shape(above))
    quotient: Floats = np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below != 0)
    return quotient
