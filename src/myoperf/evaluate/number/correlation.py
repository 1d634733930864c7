"""Intraclass correlation of single ratings, two-way model (Shrout and Fleiss 1979; McGraw and Wong 1996)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtri

Floats = NDArray[np.float64]
Pair = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Intraclass:
    """ICC(A,1), absolute agreement, and ICC(C,1), consistency, with 95 % intervals; 1 is perfect, 0 none.

    None where it is not defined (all ratings equal), or where there is no interval.
    """

    agreement: float | None
    consistency: float | None
    agreement_interval: Pair | None
    consistency_interval: Pair | None


def intraclass(ratings: Floats) -> Intraclass:
    """ICC(A,1) and ICC(C,1) of ratings, shape (subjects, raters), at least two of each, no missing value.

    Shrout and Fleiss call them ICC(2,1) and ICC(3,1). Intervals by F distributions (McGraw and Wong 1996, table 7).
    ValueError for another shape. Subjects are taken as independent: one row a patient.
    """
    if ratings.ndim != 2 or min(ratings.shape) < 2 or not np.isfinite(ratings).all():
        raise ValueError(f"ratings are finite, two subjects and two raters at least, got the shape {ratings.shape}")
    n, k = ratings.shape
    rows, raters, error = _mean_squares(ratings)
    scale = max(rows, raters, error)
    if scale <= 1e-24 * max(1.0, float(np.abs(ratings).max()) ** 2):
        return Intraclass(agreement=None, consistency=None, agreement_interval=None, consistency_interval=None)
    rows, raters, error = rows / scale, raters / scale, error / scale
    below = rows + (k - 1) * error + k * (raters - error) / n
    above = rows + (k - 1) * error
    agreement = (rows - error) / below if below > 1e-12 else None
    consistency = (rows - error) / above if above > 1e-12 else None
    exact = error <= 1e-12
    return Intraclass(
        agreement=agreement,
        consistency=consistency,
        agreement_interval=None
        if exact or agreement is None
        else _of_agreement((rows, raters, error), n, k, agreement),
        consistency_interval=None if exact or consistency is None else _of_consistency(rows / error, n, k),
    )


def intraclass_of_pairs(truth: Floats, score: Floats, row: Floats) -> tuple[Floats, Floats]:
    """ICC(A,1) and ICC(C,1) of two columns for every weighting of the rows, shape (weightings, rows); NaN if none."""
    n = row.sum(axis=1)
    middle, gap = (truth + score) / 2, score - truth
    middle = middle - middle.mean()
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, bias = row @ middle / n, row @ gap / n
        rows = 2 * (row @ middle**2 - n * mean**2) / (n - 1)
        error = (row @ gap**2 - n * bias**2) / (n - 1) / 2
        raters = n * bias**2 / 2
        agreement = (rows - error) / (rows + error + 2 * (raters - error) / n)
        consistency = (rows - error) / (rows + error)
    flat = (n < 2) | (np.maximum(rows, np.maximum(error, raters)) <= 1e-20 * float(np.abs(truth).max() ** 2))
    return np.where(flat, np.nan, agreement), np.where(flat, np.nan, consistency)


def _mean_squares(ratings: Floats) -> tuple[float, float, float]:
    """Mean squares between subjects, between raters, and of the rest."""
    n, k = ratings.shape
    grand = ratings.mean()
    subject, rater = ratings.mean(axis=1), ratings.mean(axis=0)
    rest = ratings - subject[:, None] - rater[None, :] + grand
    rows = k * float(((subject - grand) ** 2).sum()) / (n - 1)
    raters = n * float(((rater - grand) ** 2).sum()) / (k - 1)
    return rows, raters, float((rest**2).sum()) / ((n - 1) * (k - 1))


def _of_consistency(ratio: float, n: int, k: int) -> Pair:
    within = (n - 1) * (k - 1)
    low, high = ratio / fdtri(n - 1, within, 0.975), ratio * fdtri(within, n - 1, 0.975)
    return float((low - 1) / (low + k - 1)), float((high - 1) / (high + k - 1))


def _of_agreement(squares: tuple[float, float, float], n: int, k: int, value: float) -> Pair | None:
    rows, raters, error = squares
    if value >= 1:
        return None
    a = k * value / (n * (1 - value))
    b = 1 + k * value * (n - 1) / (n * (1 - value))
    freedom = (a * raters + b * error) ** 2 / ((a * raters) ** 2 / (k - 1) + (b * error) ** 2 / ((n - 1) * (k - 1)))
    rest = k * raters + (k * n - k - n) * error
    down, up = float(fdtri(n - 1, freedom, 0.975)), float(fdtri(freedom, n - 1, 0.975))
    if not np.isfinite([down, up]).all():
        return None
    return n * (rows - down * error) / (down * rest + n * rows), n * (up * rows - error) / (rest + n * up * rows)
