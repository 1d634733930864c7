"""A system alone against the average reader on the same cases."""

from dataclasses import replace
from typing import Any

import numpy as np

from myoperf.evaluate.judgement import Comparison, Part, compared

from .each_reader import FIGURES, estimates_of
from .obuchowski_rockette import Effect, Random, over_readers
from .ratings import UNNAMED, Ratings, complete
from .study import METHOD, finite, said, suffix, ways


def system_against_readers(
    target: str, systems: Ratings, readers: Ratings, system_cut: float | None, reader_cut: float | None
) -> Part:
    """Each system's AUC (and sensitivity and specificity, where both have a cut) minus the readers' mean.

    systems : one "reader" without a name. The system is fixed, readers and cases are random: the differences from the
    system are analysed as one condition of readers (Hillis, Berbaum and Metz 2008), so that the readers' spread, the
    cases, and the cases that both share all count. Cases that nobody read in a condition stay out.
    """
    rows: list[Comparison] = []
    warnings: list[str] = []
    for s, system in enumerate(systems.conditions):
        for c, condition in enumerate(readers.conditions):
            label = f"{'system' if system == UNNAMED else system} - readers' mean"
            label += "" if condition == UNNAMED else f", {condition}"
            both = _together(systems.of(s), readers.of(c))
            if isinstance(both, str):
                warnings.append(f"{target}: {label}: {both}")
                continue
            full, gaps = complete(both)
            warnings += [f"{target}: {label}: {gaps}"] if gaps else []
            if full is None or "" not in full.readers or len(full.readers) < 2:
                why = f"refused: {gaps}"
                rows.append(
                    compared(target=target, comparison=label, metric="auc", value=None, method=why, n=both.patients)
                )
                continue
            rows += _rows(target, label, full, system_cut, reader_cut)
    return Part(comparisons=tuple(rows), warnings=tuple(warnings))


def _together(system: Ratings, readers: Ratings) -> Ratings | str:
    """The system as one more reader of the cases that any reader read, or why it cannot be."""
    read = np.asarray(np.isfinite(readers.score).any(axis=(0, 1)))
    part = readers.take(cases=read)
    place = {name: k for k, name in enumerate(system.cases)}
    mine = np.array([system.score[0, 0, place[name]] if name in place else np.nan for name in part.cases])
    if not np.isfinite(mine).any():
        return "no case was judged by both"
    if any(
        name in place and system.truth[place[name]] != truth for name, truth in zip(part.cases, part.truth, strict=True)
    ):
        return "cases have another truth in the system's rows than in the readers'"
    score = np.concatenate([mine[None, None], part.score], axis=1)
    seats = np.isfinite(score).any(axis=2)[0]
    return replace(part, score=score, readers=("", *part.readers)).take(readers=seats)


def _rows(
    target: str, label: str, full: Ratings, system_cut: float | None, reader_cut: float | None
) -> list[Comparison]:
    found = []
    for figure in FIGURES:
        asked, cut = full, None
        if figure != "auc":
            if system_cut is None or reader_cut is None:
                continue
            shift = np.array([system_cut] + [reader_cut] * (len(full.readers) - 1))
            asked, cut = replace(full, score=full.score - shift[None, :, None]), 0.0
        estimates = estimates_of(figure, asked, cut, jackknife=True)
        if estimates is None or not np.isfinite(estimates.value).all():
            found.append(_missing(target, label, figure, full))
            continue
        less = np.concatenate([np.ones((len(full.readers) - 1, 1)), -np.eye(len(full.readers) - 1)], axis=1)
        value, covariance = less @ estimates.value, less @ estimates.covariance @ less.T
        more: dict[str, Any] = {"readers": len(value), "cases": len(full.cases)}
        more |= {"first": float(estimates.value[0]), "second": float(estimates.value[1:].mean())}
        for random in ways(figure, len(value)):
            name, cells = label + suffix(random, len(value)), _cells(random, over_readers(value, covariance, random))
            row = compared(target=target, comparison=name, metric=figure, n=full.patients, **cells, **more)
            found.append(row)
    return found


def _cells(random: Random, one: Effect) -> dict[str, Any]:
    method = said(random, one).replace(METHOD, f"{METHOD} on differences from the system", 1)
    shown = {"value": one.value, "low": one.low, "high": one.high, "p": one.p, "method": method}
    return {**shown, "se": one.se, "df": finite(one.df), "analysis": random.value}


def _missing(target: str, label: str, figure: str, full: Ratings) -> Comparison:
    positive = int(full.truth.sum())
    why = f"one class only: {positive} positive, {len(full.cases) - positive} negative cases"
    return compared(target=target, comparison=label, metric=figure, value=None, method=why, n=full.patients)
