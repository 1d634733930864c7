"""Bias and limits of agreement (Bland and Altman 1986, 1999, 2007)."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

Floats = NDArray[np.float64]
Pair = tuple[float, float]

Z = float(ndtri(0.975))


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bias (mean difference), standard deviation of the differences, limits of agreement, each with its 95 % interval.

    All in the unit of the values; sd and intervals None where there are fewer than two pairs.
    """

    bias: float
    sd: float | None
    low: float | None
    high: float | None
    bias_interval: Pair | None
    low_interval: Pair | None
    high_interval: Pair | None


def limits_of_agreement(differences: Floats) -> Limits:
    """Limits within which 95 % of differences lie, from independent differences, shape (pairs,), one a patient.

    bias -+ 1.96 sd (Bland and Altman 1986). Intervals by Student's t with the standard errors sd / sqrt(n) and, for the
    limits, sd sqrt(1 / n + 1.96**2 / (2 (n - 1))) (1999). They take the differences as normal. ValueError for none.
    """
    n = differences.size
    if not n or not np.isfinite(differences).all():
        raise ValueError("differences are finite and at least one")
    bias = float(differences.mean())
    if n < 2:
        return Limits(
            bias=bias, sd=None, low=None, high=None, bias_interval=None, low_interval=None, high_interval=None
        )
    sd, t = float(differences.std(ddof=1)), float(stdtrit(n - 1, 0.975))
    near, far = t * sd / sqrt(n), t * sd * sqrt(1 / n + Z**2 / (2 * (n - 1)))
    low, high = bias - Z * sd, bias + Z * sd
    return Limits(
        bias=bias,
        sd=sd,
        low=low,
        high=high,
        bias_interval=(bias - near, bias + near),
        low_interval=(low - far, low + far),
        high_interval=(high - far, high + far),
    )


def spread(patient: NDArray[np.intp], differences: Floats, weight: Floats) -> Floats:
    """Standard deviation of a single difference where patients have several, for every weighting of the patients.

    patient : code of every row. weight : shape (weightings, patients), how often each patient is there. Returns shape
    (weightings,), NaN for fewer than two patients. The variance between patients, (MSB - MSW) / m0 but not below 0,
    plus that within, from a one-way analysis of variance (Bland and Altman 2007, the true value may vary).
    """
    patients = weight.shape[1]
    differences = differences - differences.mean()
    m = np.bincount(patient, minlength=patients).astype(np.float64)
    total = np.bincount(patient, weights=differences, minlength=patients)
    squares = np.bincount(patient, weights=differences**2, minlength=patients)
    mean = total / np.maximum(m, 1)
    n, rows = weight @ (m > 0), weight @ m
    with np.errstate(divide="ignore", invalid="ignore"):
        overall = weight @ total / rows
        between = (weight @ (m * mean**2) - rows * overall**2) / (n - 1)
        within = np.where(rows > n, weight @ np.maximum(squares - m * mean**2, 0) / np.maximum(rows - n, 1), 0.0)
        m0 = (rows**2 - weight @ m**2) / ((n - 1) * rows)
        variance = np.maximum((between - within) / m0, 0) + within
        found: Floats = np.where(n > 1, np.sqrt(np.maximum(variance, 0)), np.nan)
    return found
