"""Holm's correction of several tests."""

from collections.abc import Sequence

import numpy as np


def holm(p: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p values, in the order given, 0..1: below 0.05 keeps the chance of any false finding below 5 %.

    ValueError for a p that is not in 0..1. Source: Holm 1979.
    """
    given = np.asarray(p, dtype=np.float64)
    if not ((given >= 0) & (given <= 1)).all():
        raise ValueError(f"p values are in 0..1, got {list(p)}")
    order = np.argsort(given, kind="stable")
    rising = np.maximum.accumulate(given[order] * np.arange(given.size, 0, -1))
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(rising, 1.0)
    return tuple(map(float, adjusted))


def holm_of_known(p: Sequence[float | None]) -> tuple[float | None, ...]:
    """As ``holm``; a test that could not be made (None) stays None and does not count."""
    adjusted = iter(holm([one for one in p if one is not None]))
    return tuple(None if one is None else next(adjusted) for one in p)
