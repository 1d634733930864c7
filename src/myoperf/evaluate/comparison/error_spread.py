"""Whether two systems' errors on the same patients are spread alike."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class SpreadRatio:
    """Standard deviation of the first's errors over the second's, above 0, with its 95 % interval and two-sided p.

    Below 1 the first errs less widely; bias does not count.
    """

    value: float
    low: float
    high: float
    p: float


def pitman_morgan(first: Floats, second: Floats) -> SpreadRatio | None:
    """Compare the variances of paired errors, shape (patients,) each, one a patient; None where there is no answer.

    It needs three patients, spread in both, and errors that do not go together exactly. The test is that of the
    correlation of sum and difference; errors are taken as normal. Sources: Morgan 1939; Pitman 1939.
    """
    n = first.size
    if n < 3 or min(np.ptp(first), np.ptp(second)) <= 1e-12 * max(1.0, float(np.abs([first, second]).max())):
        return None
    ratio = float(first.std(ddof=1) / second.std(ddof=1))
    together = float(np.corrcoef(first, second)[0, 1])
    rest = 1 - together**2
    if rest < 1e-12:
        return None
    t = (ratio**2 - 1) * sqrt((n - 2) / (4 * ratio**2 * rest))
    half = 2 * rest * float(stdtrit(n - 2, 0.975)) ** 2 / (n - 2)
    wide = 1 + half
    root = sqrt(wide**2 - 1)
    low, high = ratio * sqrt(wide - root), ratio * sqrt(wide + root)
    return SpreadRatio(value=ratio, low=low, high=high, p=float(2 * stdtr(n - 2, -abs(t))))
