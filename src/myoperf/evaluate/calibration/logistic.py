"""Logistic regression of truth on one number, for many weightings of the rows at once."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import chdtri, expit, logit

from ..intervals import Pair, Z

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_ROUNDS, _LONGEST_STEP, _NEAR = 100, 3.0, 1e-10
_DROP = float(chdtri(1, 0.05)) / 2
"""How far the log likelihood falls from its top to the end of a 95 % interval."""


def overlaps(x: Floats, truth: Floats, weight: Floats) -> Bools:
    """Whether neither class lies wholly above the other in ``x``: only then has a line a finite slope.

    x : shape (rows,). truth : 0..1, shape (rows,); a fraction counts for both classes. weight : shape (weightings,
    rows). Returns shape (weightings,). Source: Albert and Anderson 1984.
    """
    order = np.argsort(x, kind="stable")
    there, rising = weight[:, order] > 0, x[order]
    lowest, highest = [], []
    for rows in (truth > 0, truth < 1):
        mine = there & rows[order]
        lowest.append(np.where(mine.any(axis=1), rising[np.argmax(mine, axis=1)], np.nan))
        highest.append(np.where(mine.any(axis=1), rising[x.size - 1 - np.argmax(mine[:, ::-1], axis=1)], np.nan))
    found: Bools = (highest[1] > lowest[0]) & (highest[0] > lowest[1])
    return found


def fit_lines(x: Floats, truth: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Intercept and slope of the logit of the chance of truth on ``x`` by maximum likelihood, each (weightings,).

    Shapes as in ``overlaps``. NaN where there is no finite answer: one class, all ``x`` equal, or perfect separation.
    Newton steps for all weightings at once, from the answer for all rows.
    """
    found = np.full((2, len(weight)), np.nan)
    able = overlaps(x, truth, weight)
    if not able.any():
        return found[0], found[1]
    middle, spread = float(x.mean()), float(x.std())
    z = (x - middle) / spread
    first = np.array([[float(logit((truth * weight[able].sum(axis=0)).sum() / weight[able].sum()))], [0.0]])
    start = _climb(z, truth, weight[able].sum(axis=0, keepdims=True), first)
    start = np.where(np.isfinite(start), start, first)
    lines = _climb(z, truth, weight[able], np.repeat(start, int(able.sum()), axis=1))
    found[1, able] = lines[1] / spread
    found[0, able] = lines[0] - lines[1] * middle / spread
    return found[0], found[1]


def _climb(z: Floats, truth: Floats, weight: Floats, line: Floats) -> Floats:
    """Newton steps of (intercept, slope), shape (2, weightings); NaN where they do not settle."""
    terms = np.stack([np.ones_like(z), z, z * z], axis=1)
    wanted = (weight * truth) @ terms[:, :2]
    line, moving = line.copy(), np.arange(len(weight))
    for _ in range(_ROUNDS):
        chance = expit(line[0, moving, None] + line[1, moving, None] * z)
        chance_weight = weight[moving] * chance
        up = wanted[moving] - chance_weight @ terms[:, :2]
        a, b, c = ((chance_weight * (1 - chance)) @ terms).T
        size = np.maximum(a * c - b * b, np.finfo(np.float64).tiny)
        step = np.stack([c * up[:, 0] - b * up[:, 1], a * up[:, 1] - b * up[:, 0]]) / size
        line[:, moving] += np.clip(step, -_LONGEST_STEP, _LONGEST_STEP)
        moving = moving[np.abs(step).max(axis=0) > _NEAR]
        if not moving.size:
            return line
    line[:, moving] = np.nan
    return line


def fit_intercepts(offset: Floats, truth: Floats, weight: Floats) -> Floats:
    """Intercept of the logit of the chance of truth beside a fixed ``offset`` (its slope is 1), shape (weightings,).

    offset : shape (rows,), or (weightings, rows). truth, weight : as in ``overlaps``. NaN where a class is missing.
    """
    total, positive = weight.sum(axis=1), weight @ truth
    found = np.full(len(weight), np.nan)
    able = np.flatnonzero((positive > 0) & (positive < total))
    beside = np.broadcast_to(offset, weight.shape)
    share = positive[able] / total[able]
    now = logit(share) - (weight[able] * beside[able]).sum(axis=1) / total[able]
    for _ in range(_ROUNDS):
        chance = expit(now[:, None] + beside[able])
        slack = positive[able] - (weight[able] * chance).sum(axis=1)
        size = np.maximum((weight[able] * chance * (1 - chance)).sum(axis=1), np.finfo(np.float64).tiny)
        step = np.clip(slack / size, -_LONGEST_STEP, _LONGEST_STEP)
        now = now + step
        found[able] = now
        left = np.abs(step) > _NEAR
        able, now = able[left], now[left]
        if not able.size:
            return found
    found[able] = np.nan
    return found


def slope_interval(x: Floats, truth: Floats) -> Pair | None:
    """95 % profile likelihood interval of the slope, every row weighing 1; None without a finite slope."""
    one = np.ones((1, x.size))
    a, b = (float(part[0]) for part in fit_lines(x, truth, one))
    if not np.isfinite(b):
        return None

    def height(slope: float) -> float:
        beside = slope * x
        return _log_likelihood(beside + float(fit_intercepts(beside, truth, one)[0]), truth)

    return _profile(height, b, _log_likelihood(a + b * x, truth))


def intercept_interval(offset: Floats, truth: Floats) -> Pair | None:
    """95 % interval of the intercept beside ``offset``, every row weighing 1; None for one class.

    Wald's, with the robust variance n / (n - 1) sum (y - p)^2 / (sum p (1 - p))^2: that of the model, which takes the
    slope of 1 for true, is too small where the slope is below 1. Source: White 1982.
    """
    a = float(fit_intercepts(offset, truth, np.ones((1, offset.size)))[0])
    if not np.isfinite(a):
        return None
    chance = expit(a + offset)
    known = float((chance * (1 - chance)).sum())
    if known < np.finfo(np.float64).tiny:
        return None
    half = Z * float(np.sqrt(((truth - chance) ** 2).sum() * offset.size / (offset.size - 1))) / known
    return a - half, a + half


def _log_likelihood(eta: Floats, truth: Floats) -> float:
    return float((truth * eta - np.logaddexp(0, eta)).sum())


def _profile(height: Callable[[float], float], best: float, top: float) -> Pair | None:
    """Where the likelihood has fallen far enough below and above its top; None where it does not."""
    ends = []
    for side in (-1.0, 1.0):
        reach = 0.1
        while np.isfinite(reach) and not height(best + side * reach) < top - _DROP:
            reach *= 2
            if reach > 1e6:
                return None
        end = brentq(lambda at: height(at) - top + _DROP, best + side * reach, best, xtol=1e-10)
        ends.append(float(end))
    return ends[0], ends[1]
