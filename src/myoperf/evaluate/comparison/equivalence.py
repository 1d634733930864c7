"""Equivalence: is a difference shown to be smaller than a margin?"""

from dataclasses import dataclass
from math import isfinite, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, stdtr, stdtrit


@dataclass(frozen=True, kw_only=True)
class Equivalence:
    """Two one-sided tests.

    p_low : against a difference at or below -margin; p_high : at or above margin; p : the larger of both.
    low, high : 90 % interval of the difference; equivalent : it lies within the margin, that is, p < 0.05.
    """

    p_low: float
    p_high: float
    p: float
    low: float
    high: float
    equivalent: bool


def tost(estimate: float, error: float, margin: float, *, df: float | None = None) -> Equivalence:
    """Two one-sided tests of a difference with its standard error. df : degrees of freedom; None for the normal.

    ValueError for a margin or an error that is not above 0. Source: Schuirmann 1987.
    """
    if not (margin > 0 and error > 0 and isfinite(margin) and isfinite(error) and isfinite(estimate)):
        raise ValueError(f"margin and standard error are above 0, got {margin} and {error} (difference {estimate})")

    def below(t: float) -> float:
        return float(ndtr(t) if df is None else stdtr(df, t))

    p_low, p_high = below(-(estimate + margin) / error), below((estimate - margin) / error)
    half = error * float(ndtri(0.95) if df is None else stdtrit(df, 0.95))
    p = max(p_low, p_high)
    low, high = estimate - half, estimate + half
    return Equivalence(p_low=p_low, p_high=p_high, p=p, low=low, high=high, equivalent=p < 0.05)


def tost_of(differences: ArrayLike, margin: float) -> Equivalence:
    """Two one-sided t tests of the mean of paired differences, shape (pairs,), independent of each other."""
    values = np.asarray(differences, dtype=np.float64)
    if values.size < 2:
        raise ValueError(f"two or more differences are needed, got {values.size}")
    error = float(values.std(ddof=1)) / sqrt(values.size)
    return tost(float(values.mean()), error, margin, df=values.size - 1)


def said_of(test: Equivalence, margin: float) -> dict[str, object]:
    """What a test of equivalence adds to a row of comparisons."""
    shown = f"equivalent within {margin:g}" if test.equivalent else f"equivalence within {margin:g} is not shown"
    return {"margin": margin, "low_90": test.low, "high_90": test.high, "verdict": shown}
