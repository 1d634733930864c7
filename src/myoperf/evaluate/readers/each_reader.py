"""Every reader alone: figures in each condition, and what a condition changes for this reader."""

from itertools import combinations
from math import inf

import numpy as np

from myoperf.core.scorecard import Table, Threshold
from myoperf.evaluate.delong import logit_interval
from myoperf.evaluate.intervals import Pair, auc_by_score_method, wilson

from .estimates import Estimates, areas, shares
from .obuchowski_rockette import effect
from .ratings import Ratings

FIGURES = ("auc", "sensitivity", "specificity")


def estimates_of(figure: str, ratings: Ratings, cut: float | None, *, jackknife: bool = False) -> Estimates | None:
    """A figure of ``FIGURES`` for all conditions and readers, in this order; None where it needs a cut and has none.

    All ratings must be there. Calls are positive at and above the cut. jackknife : as in ``areas``.
    """
    score = ratings.score.reshape(-1, len(ratings.cases))
    if figure == "auc":
        return areas(score, ratings.truth, ratings.patient, jackknife=jackknife)
    if cut is None:
        return None
    positive = figure == "sensitivity"
    return shares((score >= cut) == positive, ratings.truth == positive, ratings.patient)


def reader_table(ratings: Ratings, cut: Threshold) -> Table:
    """How many cases each reader read in each condition, and how well, on all that this reader rated there."""
    rows = []
    for c, condition in enumerate(ratings.conditions):
        for r, reader in enumerate(ratings.readers):
            part = _only(ratings, [c], r)
            counts = float(len(part.cases)), float(part.truth.sum())
            figures = [cell for name in FIGURES for cell in _cells(name, part, cut.value)]
            rows.append((reader, condition, *counts, *figures))
    columns = (
        "reader",
        "condition",
        "cases",
        "positive",
        *(f"{n}{end}" for n in FIGURES for end in ("", " low", " high")),
    )
    note = (
        "95 % intervals over cases: AUC DeLong on the logit scale (Newcombe 2006 at 0 and 1), sensitivity and"
        f" specificity Wilson; cut on the ratings: {_said(cut)}"
    )
    return Table(columns=columns, rows=tuple(rows), note=note)


def change_table(ratings: Ratings, cut: Threshold) -> Table:
    """What each condition changes for each reader, on the cases that this reader rated in both."""
    rows = []
    for a, b in combinations(range(len(ratings.conditions)), 2):
        named = f"{ratings.conditions[a]} - {ratings.conditions[b]}"
        for figure in FIGURES:
            rows += [
                (reader, named, figure, *_change(figure, _only(ratings, [a, b], r), cut.value))
                for r, reader in enumerate(ratings.readers)
                if figure == "auc" or cut.value is not None
            ]
    note = (
        "differences of one reader, paired by case: DeLong for AUC, normal intervals; they hold for this reader only;"
        f" p is not adjusted for the number of readers; cut on the ratings: {_said(cut)}"
    )
    return Table(
        columns=("reader", "conditions", "figure", "difference", "low", "high", "p", "cases"),
        rows=tuple(rows),
        note=note,
    )


def _only(ratings: Ratings, conditions: list[int], reader: int) -> Ratings:
    """One reader's cases, those rated in all of the conditions."""
    seat = np.arange(len(ratings.readers)) == reader
    there = np.asarray(np.isfinite(ratings.score[conditions, reader]).all(axis=0))
    part = ratings.take(readers=seat, cases=there)
    return Ratings(
        score=part.score[conditions],
        truth=part.truth,
        patient=part.patient,
        conditions=tuple(ratings.conditions[c] for c in conditions),
        readers=part.readers,
        cases=part.cases,
    )


def _cells(figure: str, part: Ratings, cut: float | None) -> tuple[float | None, float | None, float | None]:
    found = estimates_of(figure, part, cut) if part.cases else None
    if found is None or not np.isfinite(found.value[0]):
        return None, None, None
    value, variance = float(found.value[0]), float(found.covariance[0, 0])
    pair = _area_interval(value, variance, part) if figure == "auc" else _share_interval(figure, value, variance, part)
    return value, pair[0], pair[1]


def _area_interval(value: float, variance: float, part: Ratings) -> Pair:
    sides = [len(np.unique(part.patient[part.truth == positive])) for positive in (True, False)]
    return logit_interval(value, variance) or auc_by_score_method(value, sides[0], sides[1])


def _share_interval(figure: str, value: float, variance: float, part: Ratings) -> Pair:
    """Wilson's, on as many independent cases as the variance between patients amounts to."""
    rows = part.truth == (figure == "sensitivity")
    n = float(len(np.unique(part.patient[rows])))
    if n < rows.sum() and np.isfinite(variance) and variance > 0:
        n = max(1.0, min(value * (1 - value) / variance, float(rows.sum())))
    return wilson(value * n, n)


def _change(
    figure: str, part: Ratings, cut: float | None
) -> tuple[float | None, float | None, float | None, float | None, float]:
    found, cases = (estimates_of(figure, part, cut) if part.cases else None), float(len(part.cases))
    if found is None or not np.isfinite(found.value).all():
        return None, None, None, None, cases
    c = found.covariance
    change = effect(found.value[0] - found.value[1], c[0, 0] + c[1, 1] - 2 * c[0, 1], inf, -1.0)
    return change.value, change.low, change.high, change.p, cases


def _said(cut: Threshold) -> str:
    return f"{cut.value:g}, {cut.chosen_on}" if cut.value is not None else f"none, {cut.chosen_on}"
