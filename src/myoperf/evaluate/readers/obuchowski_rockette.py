"""Analysis of variance of readers' figures that rest on the same cases (Obuchowski and Rockette 1995; Hillis 2007).

The model: a figure is a condition's mean + a reader's own level (Var R) + what a condition does to this reader (Var TR)
+ an error from the sample of cases (Var E). Errors share cases, so they covary: Cov1 between conditions of one reader,
Cov2 between readers in one condition, Cov3 between readers in different conditions.
"""

from dataclasses import dataclass
from enum import Enum
from itertools import combinations
from math import inf, isfinite, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, expit, fdtrc, logit, stdtr, stdtrit

Floats = NDArray[np.float64]
_NOTHING = 1e-15


class Random(Enum):
    """What is a sample of a larger population: conclusions reach as far as that, and no further."""

    READERS_AND_CASES = "random readers and random cases"
    """Other readers, other cases. The usual question."""
    CASES = "fixed readers and random cases"
    """These readers only, other cases."""
    READERS = "random readers and fixed cases"
    """Other readers, these cases only."""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """A mean or a difference with its 95 % interval, standard error, degrees of freedom (inf: normal) and p against 0.

    Where ``why_not`` is not empty, it says why there is no interval (low, high, se, df and p are then None).
    """

    value: float
    low: float | None = None
    high: float | None = None
    se: float | None = None
    df: float | None = None
    p: float | None = None
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class Components:
    """Variances and covariances of the model; they may be estimated below 0. None: needs more readers or conditions."""

    reader: float | None
    condition_reader: float | None
    error: float
    cov1: float | None
    cov2: float | None
    cov3: float | None


@dataclass(frozen=True, kw_only=True)
class Equality:
    """Test that all conditions are equal: F with df1 and df2; where df2 is inf, df1 * F is a chi-square with df1."""

    statistic: float
    df1: int
    df2: float
    p: float


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What the figures of readers in conditions tell.

    conditions : each condition's mean over readers, from its own rows alone. differences : by the numbers of two
    conditions, the first minus the second. test : None where it cannot be made. mean_squares : "T", "R", "TR".
    """

    conditions: tuple[Effect, ...]
    differences: dict[tuple[int, int], Effect]
    test: Equality | None
    components: Components
    mean_squares: dict[str, float]


def analyse(value: Floats, covariance: Floats, random: Random) -> Analysis:
    """Analyse figures in 0..1 of a fully crossed study.

    value : shape (conditions, readers). covariance : of their errors over samples of cases, shape (conditions, readers,
    conditions, readers). Readers can be random only where there are two or more. Degrees of freedom: Hillis 2007 (of
    one condition alone: Hillis, Berbaum and Metz 2008); Cov2 - Cov3 and Cov2 are not let below 0. ValueError for other
    shapes and for values that are not finite.
    """
    conditions, readers = value.shape
    if covariance.shape != value.shape * 2 or not np.isfinite(value).all():
        raise ValueError(f"covariance has the shape {value.shape * 2} and values are finite, got {covariance.shape}")
    if readers < 2 and random is not Random.CASES:
        raise ValueError("one reader cannot stand for other readers")
    components = components_of(value, covariance)
    squares = mean_squares(value)
    spread, df = _error_term(squares, components, value.shape, random)
    mean = value.mean(axis=1)
    differences = {
        (a, b): effect(mean[a] - mean[b], 2 * spread / readers, df, -1.0) for a, b in combinations(range(conditions), 2)
    }
    return Analysis(
        conditions=tuple(over_readers(value[k], covariance[k, :, k], random, floor=0.0) for k in range(conditions)),
        differences=differences,
        test=_test(squares["T"], spread, conditions, df),
        components=components,
        mean_squares=squares,
    )


def over_readers(value: Floats, covariance: Floats, random: Random, *, floor: float = -1.0) -> Effect:
    """Mean over readers of one figure each, shapes (readers,) and (readers, readers); it lies in ``floor``..1.

    Source: Hillis, Berbaum and Metz 2008 (single treatment). Differences from a standard that was read on the same
    cases may be given as well: the readers' mean minus a system's figure, say.
    """
    readers = len(value)
    error, shared = float(np.diag(covariance).mean()), max(_off_diagonal(covariance), 0.0)
    between = float(value.var(ddof=1)) if readers > 1 else 0.0
    if random is Random.CASES:
        return effect(float(value.mean()), (error + (readers - 1) * shared) / readers, inf, floor)
    spread = between + (readers * shared if random is Random.READERS_AND_CASES else 0.0)
    return effect(float(value.mean()), spread / readers, _hillis(spread, between, readers - 1), floor)


def effect(value: float, variance: float, df: float, floor: float) -> Effect:
    """A figure in ``floor``..1 with its t interval and p against 0; none where the variance is 0 or undefined."""
    value = float(value)
    if not isfinite(variance):
        return Effect(value=value, why_not="no interval: fewer than two patients of a class")
    if variance <= _NOTHING:
        return Effect(value=value, why_not="no interval: figures do not vary, over readers or over cases")
    se = sqrt(variance)
    half = float(stdtrit(df, 0.975)) * se
    p = min(1.0, 2 * float(stdtr(df, -abs(value) / se)))
    return Effect(value=value, low=max(value - half, floor), high=min(value + half, 1.0), se=se, df=df, p=p)


def on_logit_scale(share: Effect) -> tuple[float, float] | None:
    """95 % interval of a mean in 0..1 that is symmetric on the logit scale; None where it has no standard error.

    Near 1 it holds the true value more often than the plain one, which reaches too high and not low enough.
    """
    if share.se is None or share.df is None or not 0 < share.value < 1:
        return None
    half = float(stdtrit(share.df, 0.975)) * share.se / (share.value * (1 - share.value))
    return float(expit(logit(share.value) - half)), float(expit(logit(share.value) + half))


def mean_squares(value: Floats) -> dict[str, float]:
    """Mean squares of conditions (T), readers (R), both (TR); value : shape (conditions, readers). NaN without df."""
    conditions, readers = value.shape
    whole, row, column = value.mean(), value.mean(axis=1), value.mean(axis=0)
    rest = value - row[:, None] - column[None, :] + whole
    sums = {
        "T": (readers * float(((row - whole) ** 2).sum()), conditions - 1),
        "R": (conditions * float(((column - whole) ** 2).sum()), readers - 1),
        "TR": (float((rest**2).sum()), (conditions - 1) * (readers - 1)),
    }
    return {name: total / df if df else np.nan for name, (total, df) in sums.items()}


def components_of(value: Floats, covariance: Floats) -> Components:
    """Components of variance by the analysis of variance; shapes as in ``analyse``."""
    conditions, readers = value.shape
    squares = mean_squares(value)
    same_reader = np.einsum("arbr->abr", covariance).mean(axis=2)
    same_condition = np.einsum("aras->ars", covariance).mean(axis=0)
    error = float(np.diag(same_condition).mean())
    cov1 = _off_diagonal(same_reader) if conditions > 1 else None
    cov2 = _off_diagonal(same_condition) if readers > 1 else None
    cov3 = reader = both = None
    if cov1 is not None and cov2 is not None:
        all_pairs = covariance.sum() - conditions * same_condition.sum() - readers * same_reader.sum()
        distinct = conditions * (conditions - 1) * readers * (readers - 1)
        cov3 = float(all_pairs + conditions * readers * error) / distinct
        reader = (squares["R"] - squares["TR"]) / conditions - cov1 + cov3
        both = squares["TR"] - error + cov1 + max(cov2 - cov3, 0.0)
    elif cov2 is not None:
        reader = squares["R"] - error + cov2
    return Components(reader=reader, condition_reader=both, error=error, cov1=cov1, cov2=cov2, cov3=cov3)


def _error_term(
    squares: dict[str, float], found: Components, shape: tuple[int, ...], random: Random
) -> tuple[float, float]:
    """What the mean square of conditions is held against, and its degrees of freedom."""
    conditions, readers = shape
    if conditions < 2:
        return np.nan, np.nan
    shared = max((found.cov2 or 0.0) - (found.cov3 or 0.0), 0.0) if isfinite(found.error) else np.nan
    if random is Random.CASES:
        return found.error - (found.cov1 or 0.0) + (readers - 1) * shared, inf
    spread = squares["TR"] + (readers * shared if random is Random.READERS_AND_CASES else 0.0)
    return spread, _hillis(spread, squares["TR"], (conditions - 1) * (readers - 1))


def _hillis(spread: float, between: float, df: int) -> float:
    """Degrees of freedom of a mean square with a covariance added to it; inf where the mean square is 0."""
    return spread**2 / (between**2 / df) if between > _NOTHING else inf


def _test(square: float, spread: float, conditions: int, df: float) -> Equality | None:
    if conditions < 2 or not isfinite(spread) or spread <= _NOTHING:
        return None
    statistic, df1 = square / spread, conditions - 1
    p = fdtrc(df1, df, statistic) if isfinite(df) else chdtrc(df1, df1 * statistic)
    return Equality(statistic=statistic, df1=df1, df2=df, p=float(p))


def _off_diagonal(square: Floats) -> float:
    """Mean of what is not on the diagonal; 0 for a single cell."""
    size = len(square)
    return float(square.sum() - np.trace(square)) / (size * (size - 1)) if size > 1 else 0.0
