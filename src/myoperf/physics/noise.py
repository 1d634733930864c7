"""Counts: Poisson noise, and exact thinning to a lower dose. numpy only."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError


def poisson(mean: NDArray[np.floating[Any]], random: np.random.Generator) -> NDArray[np.int64]:
    """Counts whose expectation is ``mean``, same shape."""
    if not (np.isfinite(mean).all() and np.min(mean, initial=0.0) >= 0):
        raise RefusedError(
            "mean counts", rule="are finite and not negative", came="others", do="look at the projections"
        )
    return np.asarray(random.poisson(mean), dtype=np.int64)


def thin(counts: NDArray[np.integer[Any]], fraction: float, random: np.random.Generator) -> NDArray[np.int64]:
    """Counts as they would have been at ``fraction`` of the dose or time.

    Each count is kept with that probability (binomial). Poisson counts stay exactly Poisson, with ``fraction`` of the
    mean; so a low dose made from a noisy acquisition needs no model of it.
    """
    if not 0 <= fraction <= 1:
        raise RefusedError("fraction", rule="lies in 0 to 1", came=fraction, do="thin to a lower dose only")
    if not np.issubdtype(counts.dtype, np.integer) or np.min(counts, initial=0) < 0:
        raise RefusedError("counts", rule="are whole numbers, none < 0", came=counts.dtype, do="thin raw counts")
    return np.asarray(random.binomial(counts, fraction), dtype=np.int64)
