"""Areas under ROC curves with their covariances, free of any model of the scores."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr

from .intervals import Pair, Z

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Areas:
    """AUCs of several scores on the same rows, shape (scores,), and their covariance, shape (scores, scores).

    The covariance is NaN where a class has fewer than two patients. method : how it was made.
    """

    auc: Floats
    covariance: Floats
    method: str


@dataclass(frozen=True, kw_only=True)
class Difference:
    """First AUC minus second with standard error, z, two-sided p and 95 % interval; z, p None where the error is 0."""

    value: float
    error: float
    z: float | None
    p: float | None
    low: float
    high: float


def delong(truth: Bools, scores: Floats, patient: Codes | None = None) -> Areas:
    """AUCs of ``scores``, shape (scores, rows) or (rows,), higher = more likely positive, and their covariance.

    truth : shape (rows,), True for positive. patient : code of each row's patient where one may have several rows; the
    covariance then allows for it. Ties count half. ValueError where a class is missing or a score is not finite.
    Sources: DeLong 1988; by sorting instead of pairs, Sun and Xu 2014; several rows a patient, Obuchowski 1997.
    """
    rows = np.atleast_2d(np.asarray(scores, dtype=np.float64))
    if truth.all() or not truth.any():
        raise ValueError(f"an AUC needs both classes, got {int(truth.sum())} positives of {truth.size}")
    if rows.shape[1] != truth.size or not np.isfinite(rows).all():
        raise ValueError(f"scores are finite, one a row, got shape {rows.shape} for {truth.size} rows")
    above, below = _placements(truth, rows)
    auc = above.mean(axis=1)
    if patient is None or len(np.unique(patient)) == truth.size:
        covariance = _spread(above) + _spread(below)
        return Areas(auc=auc, covariance=covariance, method="DeLong 1988")
    return Areas(auc=auc, covariance=_clustered(truth, patient, above, below), method="Obuchowski 1997")


def logit_interval(auc: float, variance: float) -> Pair | None:
    """95 % interval of an AUC, symmetric on the logit scale, within 0..1; None where the variance is 0 or not known."""
    if not (np.isfinite(variance) and variance > 1e-18 and 0 < auc < 1):
        return None
    half = Z * sqrt(variance) / (auc * (1 - auc))
    return float(expit(logit(auc) - half)), float(expit(logit(auc) + half))


def difference(areas: Areas, first: int = 0, second: int = 1) -> Difference | None:
    """First AUC minus second on the same rows, with DeLong's z test; None where the covariance is not known.

    Two scores that rank every pair alike differ by exactly 0 with no error: then there is no z and no p.
    """
    c = areas.covariance
    value, variance = areas.auc[first] - areas.auc[second], c[first, first] + c[second, second] - 2 * c[first, second]
    if not np.isfinite(variance):
        return None
    error = sqrt(max(float(variance), 0.0))
    z = float(value) / error if error > 1e-9 else None
    return Difference(
        value=float(value),
        error=error,
        z=z,
        p=None if z is None else float(2 * ndtr(-abs(z))),
        low=max(float(value) - Z * error, -1.0),
        high=min(float(value) + Z * error, 1.0),
    )


def _placements(truth: Bools, scores: Floats) -> tuple[Floats, Floats]:
    """Share of negatives below each positive, (scores, positives), and of positives above each negative."""
    positive, negative = scores[:, truth], scores[:, ~truth]
    above = [_below(row, np.sort(others)) for row, others in zip(positive, negative, strict=True)]
    below = [1 - _below(row, np.sort(others)) for row, others in zip(negative, positive, strict=True)]
    return np.stack(above), np.stack(below)


def _below(values: Floats, ordered: Floats) -> Floats:
    """Share of ``ordered`` below each value, those equal to it counting half."""
    ends = np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")
    return np.asarray(ends / (2 * ordered.size))


def _spread(placed: Floats) -> Floats:
    """Covariance of the mean placement, shape (scores, scores); NaN of fewer than two rows."""
    k, n = placed.shape
    if n < 2:
        return np.full((k, k), np.nan)
    away = placed - placed.mean(axis=1, keepdims=True)
    return np.asarray(away @ away.T / (n * (n - 1)))


def _clustered(truth: Bools, patient: Codes, above: Floats, below: Floats) -> Floats:
    """Covariance when placements are summed over each patient's rows."""
    code = np.unique(patient, return_inverse=True)[1].reshape(-1)
    patients = int(code.max()) + 1
    sums = [_by_patient(code[side], placed, patients) for side, placed in ((truth, above), (~truth, below))]
    (plus, plus_there), (minus, minus_there) = sums
    with_plus, with_minus = int(plus_there.sum()), int(minus_there.sum())
    if min(with_plus, with_minus) < 2:
        return np.full((len(above), len(above)), np.nan)
    cross = plus @ minus.T * patients / (patients - 1)
    return np.asarray(
        plus @ plus.T * with_plus / (with_plus - 1) + minus @ minus.T * with_minus / (with_minus - 1) + cross + cross.T
    )


def _by_patient(code: Codes, placed: Floats, patients: int) -> tuple[Floats, Bools]:
    """Sum of each patient's deviations over the number of rows, (scores, patients), and who has such a row."""
    away = placed - placed.mean(axis=1, keepdims=True)
    sums = np.stack([np.bincount(code, weights=row, minlength=patients) for row in away])
    return sums / placed.shape[1], np.bincount(code, minlength=patients) > 0
