"""ROC and precision-recall curves and the bands that resampling puts around them."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Curve

from .discrimination import called_at_each_cut, roc
from .metrics import Resampling
from .resampling import draw
from .sample import Sample

Floats = NDArray[np.float64]
Heights = Callable[[Floats, Floats], Floats]
"""From the weights of positives and of negatives called at every cut to the heights of the curve on a grid."""

_GRID = np.linspace(0, 1, 101)
_RECALL = _GRID[1:]
_REPLICATES = 500
_BLOCK = 1_000_000
_POINTS = 2_001


def roc_curves(sample: Sample, resampling: Resampling) -> dict[str, Curve]:
    """ "roc" with a point a distinct score, and "roc_low", "roc_high": pointwise 95 % band of the true positive rate.

    Of more than 2,001 points so many are kept. Empty where a class is missing or all scores are equal; no band with
    fewer than two patients of a class.
    """
    if not sample.both_classes or np.ptp(sample.score) == 0:
        return {}
    x, y = roc(sample.ranking, sample.truth, np.ones(len(sample)))
    return {"roc": _curve(x, y)} | _band("roc", sample, resampling, _GRID, _roc_heights)


def pr_curves(sample: Sample, resampling: Resampling) -> dict[str, Curve]:
    """ "pr": recall and precision at every distinct score, and "pr_low", "pr_high": pointwise 95 % band of precision.

    The band's precision is that of the first cut that reaches a recall, as in the average precision. Empty, and without
    a band, where ``roc_curves`` is.
    """
    if not sample.both_classes or np.ptp(sample.score) == 0:
        return {}
    hits = called_at_each_cut(sample.ranking, sample.truth.astype(np.float64))
    alarms = called_at_each_cut(sample.ranking, (~sample.truth).astype(np.float64))
    return {"pr": _curve(hits / hits[-1], hits / (hits + alarms))} | _band(
        "pr", sample, resampling, _RECALL, _pr_heights
    )


def _roc_heights(hits: Floats, alarms: Floats) -> Floats:
    return np.asarray(np.interp(_GRID, np.append(0, alarms / alarms[-1]), np.append(0, hits / hits[-1])))


def _pr_heights(hits: Floats, alarms: Floats) -> Floats:
    first = np.searchsorted(hits, _RECALL * hits[-1] - 1e-9)
    return np.asarray(hits[first] / (hits[first] + alarms[first]))


def _band(name: str, sample: Sample, resampling: Resampling, grid: Floats, heights: Heights) -> dict[str, Curve]:
    replicates = min(_REPLICATES, resampling.replicates)
    if sample.classes.sum(axis=0).min() < 2 or replicates < 1:
        return {}
    rng = np.random.default_rng(resampling.seed)
    block = max(1, _BLOCK // sample.patients)
    found = []
    for start in range(0, replicates, block):
        weight, _ = draw(sample.patients, min(block, replicates - start), sample.classes, rng)
        hits = np.cumsum(np.asarray(sample.steps.positive @ weight.T), axis=0)
        alarms = np.cumsum(np.asarray(sample.steps.negative @ weight.T), axis=0)
        found += [heights(*pair) for pair in zip(hits.T, alarms.T, strict=True)]
    low, high = np.quantile(found, [0.025, 0.975], axis=0)
    return {f"{name}_low": _curve(grid, low), f"{name}_high": _curve(grid, high)}


def _curve(x: Floats, y: Floats) -> Curve:
    """A curve of at most ``_POINTS`` points, evenly among its own: more cannot be seen, and fill the file."""
    if x.size > _POINTS:
        kept = np.unique(np.linspace(0, x.size - 1, _POINTS).round().astype(np.intp))
        x, y = x[kept], y[kept]
    return Curve(x=tuple(map(float, x)), y=tuple(map(float, y)))
