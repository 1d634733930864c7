"""Resamples of the patients of a sample, where there are enough to draw from."""

import numpy as np
from numpy.typing import NDArray

from ..intervals import Pair
from ..metrics import Resampling
from ..resampling import Figures, Replicates, bootstrap, interval
from ..sample import Sample

Floats = NDArray[np.float64]

_MOST_DRAWN, _ENOUGH = 10_000_000, 500
TOO_FEW = "no interval: resampling needs two patients of each class"


def draws(
    sample: Sample, figures: Figures, resampling: Resampling, *, width: int = 1, most: int | None = None
) -> Replicates | None:
    """Replicates of ``figures`` over the patients; None with fewer than two patients of a class, or if none are wanted.

    width : numbers that a row takes up in ``figures``, so that blocks stay small. most : at most so many replicates. Of
    more than 5,000 rows fewer are made, down to 500: their intervals are narrow, and the ends of them steady enough.
    """
    if min(sample.count(sample.truth), sample.count(~sample.truth)) < 2 or resampling.replicates < 1:
        return None
    enough = max(_ENOUGH, _MOST_DRAWN // max(len(sample), 1))
    replicates = min(resampling.replicates, enough, *([] if most is None else [most]))
    rng = np.random.default_rng(resampling.seed)
    return bootstrap(figures, sample.classes, rows=width * len(sample), replicates=replicates, rng=rng)


def ends(drawn: Replicates | None, name: str, value: float, at: int | None = None) -> Pair | tuple[None, None]:
    """95 % interval (BCa) of a figure, or of its column ``at``; None and None where there is none."""
    if drawn is None:
        return None, None
    values, left_out = drawn.values[name], drawn.left_out[name]
    if at is not None:
        values, left_out = values[:, at], left_out[:, at]
    return interval(value, values, left_out, drawn.patients) or (None, None)
