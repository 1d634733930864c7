"""Ways to set probabilities right, fitted on one part of the data and applied to another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression, minimize_scalar
from scipy.special import expit

from myoperf.core.errors import RefusedError

from .logistic import fit_lines
from .probability import CLOSEST, logits_of, within

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_COLDEST, _HOTTEST = 1e-3, 1e3


@dataclass(frozen=True, kw_only=True)
class Platt:
    """logit(new) = intercept + slope logit(score), scores brought into edge .. 1 - edge."""

    intercept: float
    slope: float
    edge: float


@dataclass(frozen=True, kw_only=True)
class Temperature:
    """logit(new) = logit(score) / temperature, scores brought into edge .. 1 - edge; above 1 it softens."""

    temperature: float
    edge: float


@dataclass(frozen=True, kw_only=True)
class Isotonic:
    """A rising step function through (x, y), straight between its points and level beyond its ends."""

    x: tuple[float, ...]
    y: tuple[float, ...]


Recalibrator = Platt | Temperature | Isotonic


def fit_platt(score: Floats, truth: Bools) -> Platt:
    """Logistic regression of the truth on the logit of the score, targets drawn in as by Platt 1999.

    score : 0..1, shape (rows,). truth : True for positive. The targets are (n1 + 1) / (n1 + 2) and 1 / (n0 + 2) in
    place of 1 and 0, so that perfect separation has a finite answer. RefusedError for one class, equal scores, scores
    that are all 0 or 1 or not in 0..1.
    """
    edge = _edge(score, truth)
    positive, negative = int(truth.sum()), int((~truth).sum())
    target = np.where(truth, (positive + 1) / (positive + 2), 1 / (negative + 2))
    intercept, slope = fit_lines(within(score, edge), target, np.ones((1, score.size)))
    if not np.isfinite(slope[0]):
        raise _refused("Platt's regression has an answer", "one that did not settle")
    return Platt(intercept=float(intercept[0]), slope=float(slope[0]), edge=edge)


def fit_temperature(score: Floats, truth: Bools) -> Temperature:
    """The temperature of highest likelihood (Guo 2017). Shapes and errors as ``fit_platt``.

    RefusedError also where no temperature is best: scores that all lie on the right side of one half, or that tell no
    more than nothing. Between 0.001 and 1000.
    """
    edge = _edge(score, truth)
    x, sign = within(score, edge), np.where(truth, -1.0, 1.0)
    if (sign * x <= 0).all() or (sign * x).sum() >= 0:
        came = "all on the right side" if (sign * x <= 0).all() else "scores that tell nothing, or run the wrong way"
        raise _refused("a temperature needs scores on both sides of one half that run the right way", came)
    best = minimize_scalar(
        lambda log_t: float(np.logaddexp(0, sign * x * np.exp(-log_t)).sum()),
        bounds=(np.log(_COLDEST), np.log(_HOTTEST)),
        method="bounded",
        options={"xatol": 1e-9},
    )
    temperature = float(np.exp(best.x))
    if not 1.01 * _COLDEST < temperature < _HOTTEST / 1.01:
        raise _refused(f"the best temperature lies between {_COLDEST:g} and {_HOTTEST:g}", "one at an end")
    return Temperature(temperature=temperature, edge=edge)


def fit_isotonic(score: Floats, truth: Bools) -> Isotonic:
    """The rising function of least squares (pool adjacent violators; Zadrozny and Elkan 2002). As ``fit_platt``."""
    _edge(score, truth)
    x, group, count = np.unique(score, return_inverse=True, return_counts=True)
    mean = np.bincount(group.reshape(-1), weights=truth.astype(np.float64)) / count
    y = isotonic_regression(mean, weights=count).x
    return Isotonic(x=tuple(map(float, x)), y=tuple(map(float, y)))


def apply(recalibrator: Recalibrator, score: Floats) -> Floats:
    """Scores in 0..1 set right, same shape, in 0..1."""
    if isinstance(recalibrator, Isotonic):
        return np.asarray(np.interp(score, recalibrator.x, recalibrator.y), dtype=np.float64)
    x = within(np.asarray(score, dtype=np.float64), recalibrator.edge)
    changed = (
        recalibrator.intercept + recalibrator.slope * x
        if isinstance(recalibrator, Platt)
        else np.asarray(x / recalibrator.temperature)
    )
    return np.asarray(expit(changed), dtype=np.float64)


def _edge(score: Floats, truth: Bools) -> float:
    """The edge of probabilities that can be learnt from; RefusedError for others."""
    if not score.size or not np.isfinite(score).all() or score.min() < 0 or score.max() > 1:
        raise _refused("scores to learn from lie in 0..1", "others, or none")
    if truth.all() or not truth.any():
        raise _refused("both classes are there", f"{int(truth.sum())} positive and {int((~truth).sum())} negative")
    logits = logits_of(score)
    if np.ptp(score) == 0 or not np.isfinite(logits.edge):
        raise _refused("there are different probabilities", "scores that are all equal, or all 0 or 1")
    return logits.edge if logits.moved else CLOSEST


def _refused(rule: str, came: str) -> RefusedError:
    return RefusedError("recalibration", rule=rule, came=came, do="fit it on a part where that holds")
