"""Figures of values against true values, for every weighting of the patients at once."""

import numpy as np
from numpy.typing import NDArray

from .correlation import intraclass_of_pairs
from .limits import Z, spread
from .pairs import Pairs

Floats = NDArray[np.float64]

NAMES = (
    "bias",
    "loa_low",
    "loa_high",
    "proportional_bias",
    "rmse",
    "mae",
    "pearson",
    "spearman",
    "ccc",
    "icc_agreement",
    "icc_consistency",
)


def figures(pairs: Pairs, weight: Floats) -> dict[str, Floats]:
    """Every figure of ``NAMES``, each of shape (weightings,), NaN where it is not defined.

    weight : shape (weightings, patients). bias : mean of predicted minus true; loa_low, loa_high : bias -+ 1.96
    standard deviations (``spread``); proportional_bias : slope of the difference on the mean of both, 0 for none; rmse
    and mae : 0 is perfect, higher is worse; ccc : concordance (Lin 1989); icc : two-way, single rating. Correlations
    run from -1 to 1, higher is better.
    """
    row = weight[:, pairs.patient]
    n = row.sum(axis=1)
    gap, middle = pairs.score - pairs.truth, (pairs.score + pairs.truth) / 2
    bias = row @ gap / n
    sd = spread(pairs.patient, gap, weight)
    agreement, consistency = intraclass_of_pairs(pairs.truth, pairs.score, row)
    ranks = _ranks(pairs.truth, row), _ranks(pairs.score, row)
    return {
        "bias": bias,
        "loa_low": bias - Z * sd,
        "loa_high": bias + Z * sd,
        "proportional_bias": _slope(middle, gap, row),
        "rmse": np.sqrt(row @ gap**2 / n),
        "mae": row @ np.abs(gap) / n,
        "pearson": _correlation(np.broadcast_to(pairs.truth, row.shape), np.broadcast_to(pairs.score, row.shape), row),
        "spearman": _correlation(*ranks, row),
        "ccc": _concordance(pairs.truth, pairs.score, row),
        "icc_agreement": agreement,
        "icc_consistency": consistency,
    }


def _moments(x: Floats, y: Floats, row: Floats) -> tuple[Floats, Floats, Floats]:
    """Weighted sums of squares and products about the means; x and y of shape (weightings, rows)."""
    n = row.sum(axis=1, keepdims=True)
    dx = x - (row * x).sum(axis=1, keepdims=True) / n
    dy = y - (row * y).sum(axis=1, keepdims=True) / n
    return (row * dx * dx).sum(axis=1), (row * dy * dy).sum(axis=1), (row * dx * dy).sum(axis=1)


def _over(above: Floats, below: Floats, scale: Floats | float) -> Floats:
    found: Floats = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 1e-12 * scale)
    return found


def _correlation(x: Floats, y: Floats, row: Floats) -> Floats:
    xx, yy, xy = _moments(x, y, row)
    flat = (xx <= 1e-20 * (row * x * x).sum(axis=1)) | (yy <= 1e-20 * (row * y * y).sum(axis=1))
    found = np.full(xx.shape, np.nan)
    size = np.sqrt(xx) * np.sqrt(yy)
    np.divide(xy, size, out=found, where=~flat & (size > 0))
    within: Floats = np.clip(found, -1, 1)
    return within


def _slope(x: Floats, y: Floats, row: Floats) -> Floats:
    xx, _, xy = _moments(np.broadcast_to(x, row.shape), np.broadcast_to(y, row.shape), row)
    return _over(xy, xx, (row * x * x).sum(axis=1))


def _concordance(truth: Floats, score: Floats, row: Floats) -> Floats:
    xx, yy, xy = _moments(np.broadcast_to(truth, row.shape), np.broadcast_to(score, row.shape), row)
    bias = row @ (score - truth) / row.sum(axis=1)
    return _over(2 * xy, xx + yy + row.sum(axis=1) * bias**2, (row * (truth**2 + score**2)).sum(axis=1))


def _ranks(values: Floats, row: Floats) -> Floats:
    """Middle rank of every row among all rows as often as they are drawn, shape (weightings, rows)."""
    order = np.argsort(values, kind="stable")
    rising = values[order]
    start = np.flatnonzero(np.append(True, rising[1:] != rising[:-1]))
    group = np.add.reduceat(row[:, order], start, axis=1)
    middle = np.cumsum(group, axis=1) - group / 2 + 0.5
    which = np.repeat(np.arange(start.size), np.diff(np.append(start, values.size)))
    ranks = np.empty(row.shape)
    ranks[:, order] = middle[:, which]
    return ranks
