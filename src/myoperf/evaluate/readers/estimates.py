"""A figure of every reader in every condition, and how these vary together from one sample of cases to another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from myoperf.evaluate.delong import delong

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Estimates:
    """value : shape (figures,). covariance : over samples of patients, (figures, figures). NaN: not defined."""

    value: Floats
    covariance: Floats


def areas(rating: Floats, truth: Bools, patient: Codes, *, jackknife: bool = False) -> Estimates:
    """Empirical areas under the ROC curves (0..1, higher is better, 0.5 is chance, ties count half).

    rating : finite, higher = more likely positive, shape (figures, cases). truth : True = positive, (cases,). patient :
    codes 0, 1, ... without gaps, (cases,); cases of a patient stay together. Covariances: DeLong 1988 (with several
    cases a patient Obuchowski 1997), or by leaving out one patient at a time (``jackknife``). Values are NaN where a
    class is missing, covariances where a class has fewer than two patients.
    """
    if truth.all() or not truth.any():
        return _undefined(len(rating))
    if not jackknife:
        found = delong(truth, rating, patient)
        return Estimates(value=found.auc, covariance=found.covariance)
    above, below = rating[:, truth], rating[:, ~truth]
    m, n = above.shape[1], below.shape[1]
    together = rankdata(np.concatenate([above, below], axis=1), axis=1)
    won = together[:, :m] - rankdata(above, axis=1)
    lost = m - (together[:, m:] - rankdata(below, axis=1))
    mine, theirs = _per_patient(won, patient[truth], patient), _per_patient(lost, patient[~truth], patient)
    pairs = (m - _cases(patient[truth], patient)) * (n - _cases(patient[~truth], patient))
    left = won.sum(axis=1, keepdims=True) - mine - theirs + _within(rating, truth, patient)
    return Estimates(value=won.sum(axis=1) / (m * n), covariance=_jackknifed(left, pairs))


def shares(called: Bools, rows: Bools, patient: Codes) -> Estimates:
    """Share of the given cases that are called (0..1): sensitivity where ``rows`` are positives and calls are positive.

    called : shape (figures, cases). rows : the cases that count, (cases,). patient : as in ``areas``. The covariance is
    that of a ratio of sums over patients; with one case a patient it is the jackknife's as well. NaN where there is no
    such case, NaN covariances where fewer than two patients have one.
    """
    hits = called[:, rows].astype(np.float64)
    m = hits.shape[1]
    if not m:
        return _undefined(len(called))
    value = hits.mean(axis=1)
    mine, of = _per_patient(hits, patient[rows], patient), _cases(patient[rows], patient)
    away, patients = mine - value[:, None] * of, int((of > 0).sum())
    widened = patients / (patients - 1) if patients > 1 else np.nan
    return Estimates(value=value, covariance=away @ away.T * widened / m**2)


def _undefined(figures: int) -> Estimates:
    return Estimates(value=np.full(figures, np.nan), covariance=np.full((figures, figures), np.nan))


def _per_patient(parts: Floats, owner: Codes, patient: Codes) -> Floats:
    """Sums of columns over the cases of each patient, shape (figures, patients)."""
    patients = int(patient.max()) + 1
    return np.stack([np.bincount(owner, weights=row, minlength=patients) for row in parts])


def _cases(owner: Codes, patient: Codes) -> Floats:
    """How many of these cases each patient has, shape (patients,)."""
    return np.bincount(owner, minlength=patient.max() + 1).astype(np.float64)


def _within(rating: Floats, truth: Bools, patient: Codes) -> Floats:
    """Won pairs of a positive and a negative case of one patient, shape (figures, patients)."""
    won = np.zeros((len(rating), patient.max() + 1))
    for one in np.intersect1d(patient[truth], patient[~truth]):
        above = rating[:, truth & (patient == one), None]
        below = rating[:, None, ~truth & (patient == one)]
        won[:, one] = ((above > below) + (above == below) / 2).sum(axis=(1, 2))
    return won


def _jackknifed(left: Floats, pairs: Floats) -> Floats:
    """Covariance from sums with one patient left out in each column, and what they are to be divided by."""
    patients = len(pairs)
    if patients < 2 or (pairs <= 0).any():
        return np.full((len(left), len(left)), np.nan)
    without = left / pairs
    away = without - without.mean(axis=1, keepdims=True)
    return np.asarray(away @ away.T * (patients - 1) / patients)
