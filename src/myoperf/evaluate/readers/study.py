"""Conditions compared over all readers: what a reader study was made for."""

from collections.abc import Iterator
from math import isfinite
from typing import Any

import numpy as np

from myoperf.core.scorecard import Table
from myoperf.evaluate.comparison.multiplicity import holm_of_known
from myoperf.evaluate.judgement import Comparison, Part, compared

from .each_reader import FIGURES, estimates_of
from .obuchowski_rockette import Analysis, Components, Effect, Random, analyse, on_logit_scale
from .ratings import Ratings

METHOD = "Obuchowski-Rockette"


def study(target: str, ratings: Ratings, cut: float | None, *, remark: str = "") -> Part:
    """Differences of conditions in ``comparisons``, their means and the components of variance as tables.

    ratings : fully crossed. cut : calls are positive at and above it; without one only the AUC is compared. One reader
    is analysed as fixed, several as random, and for the AUC in the other ways as well. remark : added to each method.
    Covariances are those of the jackknife, with which the analysis is that of Dorfman, Berbaum and Metz (Hillis 2005).
    """
    rows: list[Comparison] = []
    means: list[tuple[str | float | None, ...]] = []
    spread: list[tuple[str | float | None, ...]] = []
    for figure in FIGURES:
        estimates = estimates_of(figure, ratings, cut, jackknife=True)
        if estimates is None or not np.isfinite(estimates.value).all():
            continue
        shape = ratings.score.shape[:2]
        value, covariance = estimates.value.reshape(shape), estimates.covariance.reshape(shape * 2)
        for random in ways(figure, len(ratings.readers)):
            found = analyse(value, covariance, random)
            rows += [
                {**row, "method": f"{row['method']}{remark}"} for row in _rows(target, figure, ratings, random, found)
            ]
            means += [_mean(figure, ratings, k, random, one) for k, one in enumerate(found.conditions)]
        spread += _components(figure, found.components)
    tables = {"reader_conditions": _means(means)} if means else {}
    if len(ratings.conditions) > 1 and len(ratings.readers) > 1 and spread:
        tables["reader_variance"] = _variance(spread)
    return Part(comparisons=tuple(rows), tables=tables)


def ways(figure: str, readers: int) -> tuple[Random, ...]:
    """The analyses to make of a figure, the main one first."""
    if readers < 2:
        return (Random.CASES,)
    return tuple(Random) if figure == "auc" else (Random.READERS_AND_CASES,)


def said(random: Random, one: Effect) -> str:
    """How an effect was found, or why it has no interval."""
    if one.why_not:
        return f"{METHOD}, {random.value}: {one.why_not}"
    how = {
        Random.READERS_AND_CASES: "t interval with Hillis' degrees of freedom",
        Random.CASES: "normal interval",
        Random.READERS: "t interval over readers",
    }[random]
    by = "" if random is Random.READERS else ", covariances by the jackknife over patients"
    return f"{METHOD}, {random.value}, {how}{by}"


def suffix(random: Random, readers: int) -> str:
    """What tells a further analysis from the main one in the name of a comparison."""
    main = readers < 2 or random is Random.READERS_AND_CASES
    return "" if main else f" ({random.value})"


def finite(number: float | None) -> float | None:
    """A number for a table or JSON, None where it is infinite or missing."""
    return float(number) if number is not None and isfinite(number) else None


def _rows(target: str, figure: str, ratings: Ratings, random: Random, found: Analysis) -> Iterator[Comparison]:
    names, readers = ratings.conditions, len(ratings.readers)
    size: dict[str, Any] = {"readers": readers, "cases": len(ratings.cases), "analysis": random.value}
    if len(names) > 2 and found.test is not None:
        yield compared(
            target=target,
            comparison=f"all {len(names)} conditions are equal{suffix(random, readers)}",
            metric=figure,
            value=found.test.statistic,
            p=found.test.p,
            method=f"F statistic; {METHOD}, {random.value}",
            n=ratings.patients,
            df1=found.test.df1,
            df2=finite(found.test.df2),
            **size,
        )
    adjusted = holm_of_known([one.p for one in found.differences.values()])
    for ((a, b), one), holm in zip(found.differences.items(), adjusted, strict=True):
        several: dict[str, Any] = {"p_holm": holm} if len(adjusted) > 1 else {}
        yield compared(
            target=target,
            comparison=f"{names[a]} - {names[b]}{suffix(random, readers)}",
            metric=figure,
            value=one.value,
            low=one.low,
            high=one.high,
            p=one.p,
            method=said(random, one),
            n=ratings.patients,
            first=found.conditions[a].value,
            second=found.conditions[b].value,
            se=one.se,
            df=finite(one.df),
            **several,
            **size,
        )


def _mean(figure: str, ratings: Ratings, condition: int, random: Random, one: Effect) -> tuple[str | float | None, ...]:
    size = float(len(ratings.readers)), float(len(ratings.cases))
    named = ratings.conditions[condition], figure, random.value
    low, high = on_logit_scale(one) or (None, None)
    return *named, one.value, low, high, one.low, one.high, one.se, finite(one.df), *size, one.why_not


def _means(rows: list[tuple[str | float | None, ...]]) -> Table:
    bounds = ("low", "high", "plain low", "plain high")
    columns = ("condition", "figure", "analysis", "mean", *bounds, "se", "df", "readers", "cases", "remark")
    note = (
        "means over readers, each from its own condition alone, with 95 % intervals on the logit scale; the plain ones,"
        " mean +- t x se (Hillis, Berbaum and Metz 2008), are too narrow below where the mean is near 1"
    )
    return Table(columns=columns, rows=tuple(rows), note=note)


def _components(figure: str, found: Components) -> list[tuple[str | float | None, ...]]:
    names = {
        "readers": found.reader,
        "condition x reader": found.condition_reader,
        "error": found.error,
        "Cov1 (same reader, other condition)": found.cov1,
        "Cov2 (other reader, same condition)": found.cov2,
        "Cov3 (other reader, other condition)": found.cov3,
    }
    part = {
        name: value / found.error if name.startswith("Cov") and value is not None and found.error > 0 else None
        for name, value in names.items()
    }
    return [(figure, name, finite(value), finite(part[name])) for name, value in names.items()]


def _variance(rows: list[tuple[str | float | None, ...]]) -> Table:
    note = (
        "components of variance of the Obuchowski-Rockette model, for planning the next study; estimates may be"
        " negative, and correlation is the covariance over the error variance"
    )
    return Table(columns=("figure", "component", "estimate", "correlation"), rows=tuple(rows), note=note)
