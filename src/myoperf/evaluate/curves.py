"""The ROC curve and the band that resampling puts around it."""

import numpy as np

from myoperf.core.scorecard import Curve

from .discrimination import called_at_each_cut, roc
from .metrics import Resampling
from .resampling import draw
from .sample import Sample

_GRID = np.linspace(0, 1, 101)
_REPLICATES = 500


def roc_curves(sample: Sample, resampling: Resampling) -> dict[str, Curve]:
    """ "roc" with a point a distinct score, and "roc_low", "roc_high": pointwise 95 % band of the true positive rate.

    Empty where a class is missing or all scores are equal; no band with fewer than two patients of a class.
    """
    if not sample.both_classes or np.ptp(sample.score) == 0:
        return {}
    x, y = roc(sample.ranking, sample.truth, np.ones(len(sample)))
    found = {"roc": _curve(x, y)}
    if min(sample.count(sample.truth), sample.count(~sample.truth)) < 2 or resampling.replicates < 1:
        return found
    classes = np.zeros((sample.patients, 2), dtype=bool)
    classes[sample.patient, sample.truth.astype(np.intp)] = True
    rng = np.random.default_rng(resampling.seed)
    weight, _ = draw(sample.patients, min(_REPLICATES, resampling.replicates), classes, rng)
    heights = np.empty((len(weight), _GRID.size))
    for k, one in enumerate(weight):
        row = one[sample.patient]
        hits = called_at_each_cut(sample.ranking, row * sample.truth)
        alarms = called_at_each_cut(sample.ranking, row * ~sample.truth)
        heights[k] = np.interp(_GRID, np.append(0, alarms / alarms[-1]), np.append(0, hits / hits[-1]))
    low, high = np.quantile(heights, [0.025, 0.975], axis=0)
    return found | {"roc_low": _curve(_GRID, low), "roc_high": _curve(_GRID, high)}


def _curve(x: np.ndarray, y: np.ndarray) -> Curve:
    return Curve(x=tuple(map(float, x)), y=tuple(map(float, y)))
