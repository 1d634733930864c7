"""The t test for folds whose training parts overlap."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit


@dataclass(frozen=True, kw_only=True)
class CorrectedT:
    """Mean, 95 % interval, t, degrees of freedom and two-sided p of the mean being 0.

    t and p are None where every value is the same: there is no spread to test against.
    """

    mean: float
    low: float
    high: float
    t: float | None
    df: int
    p: float | None


def nadeau_bengio(values: ArrayLike, test_to_train: float) -> CorrectedT:
    """Judge the mean of one figure (or difference) a fold, shape (folds,).

    test_to_train : patients tested over patients trained on, 1 / (k - 1) for k folds; the variance of the mean is s^2
    times (1 / folds + this share). ValueError for fewer than two folds or a share that is not above 0.
    Source: Nadeau and Bengio 2003; for repeated folds, Bouckaert and Frank 2004.
    """
    given = np.asarray(values, dtype=np.float64)
    if given.size < 2 or not np.isfinite(given).all() or not test_to_train > 0:
        raise ValueError(f"two or more finite values and a share above 0, got {given.size} and {test_to_train}")
    mean, df = float(given.mean()), given.size - 1
    spread = float(given.std(ddof=1))
    error = spread * sqrt(1 / given.size + test_to_train)
    half = float(stdtrit(df, 0.975)) * error
    t = mean / error if np.ptp(given) > 1e-12 else None
    p = None if t is None else float(2 * stdtr(df, -abs(t)))
    return CorrectedT(mean=mean, low=mean - half, high=mean + half, t=t, df=df, p=p)
