"""Survival figures within groups of patients, and what a group's name alone would tell."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Metric

from ..judgement import Comparison, compared
from ..metrics import Resampling
from ..question import Question
from ..subgroups import Groups, grouping
from .cohort import Cohort, days
from .figures import figures, prepared
from .metric import metric_of
from .share import how, share_by
from .spread import spread

FIGURES = ("c_index", "dynamic_auc")


def survival_groups(question: Question, cohort: Cohort, train: Cohort | None) -> Groups:
    """``FIGURES`` within each value of the columns that make groups, beside how many had the event.

    cohort : the judged rows, at least one. train : who tells of censoring, or None for the rows of the group itself.
    ``observed_events`` counts patients; ``observed_365`` (with the last horizon behind) is the share with the event by
    then. A column with two values is judged as a score itself, in the direction that helps it.
    """
    found = grouping(question.name, lambda column: question.texts(column)[cohort.row])
    texts = {column: question.texts(column)[cohort.row] for column in found.values}
    within = {
        f"{column}={name}": _within(cohort.take(texts[column] == name), train, question.resampling)
        for column, names in found.values.items()
        for name in names
    }
    alone = tuple(_alone(question, cohort, column, names[1], texts[column]) for column, names in found.halves.items())
    return Groups(within=within, alone=alone, warnings=found.warnings)


def _within(cohort: Cohort, train: Cohort | None, resampling: Resampling) -> dict[str, Metric]:
    ready = replace(prepared(cohort, train), brier=(), lines=())
    value = {name: float(v[0]) for name, v in figures(ready, np.ones((1, cohort.patients))).items()}
    drawn = spread(ready, resampling)
    found = {name: metric_of(ready, name, value, drawn) for name in FIGURES}
    events, n = len(np.unique(cohort.patient[cohort.hit])), cohort.patients
    found["observed_events"] = Metric(value=float(events), method="patients with the event; a count, no estimate", n=n)
    if cohort.horizons:
        day = cohort.horizons[-1]
        share, pair = share_by(cohort, day)
        method = how(cohort) if share is not None else "nobody is observed until then"
        low, high = pair or (None, None)
        found[f"observed_{days(day)}"] = Metric(value=share, low=low, high=high, method=method, n=n)
    return found


def _alone(question: Question, cohort: Cohort, column: str, name: str, text: NDArray[np.str_]) -> Comparison:
    """C of the column itself as the score, run in the direction that helps it; rows without a value are left out."""
    part = cohort.take(text != "")
    higher = (text[text != ""] == name).astype(np.float64)
    metric = _c_index(part, higher, question.resampling)
    if metric.value is not None and metric.value < 0.5:
        metric = _c_index(part, 1 - higher, question.resampling)
    return compared(
        target=question.name,
        comparison=f"{column} alone",
        metric="c_index",
        value=metric.value,
        low=metric.low,
        high=metric.high,
        method=metric.method,
        n=metric.n,
    )


def _c_index(cohort: Cohort, score: NDArray[np.float64], resampling: Resampling) -> Metric:
    ready = replace(prepared(replace(cohort, score=score[:, None], horizons=()), None), states=())
    value = {name: float(v[0]) for name, v in figures(ready, np.ones((1, cohort.patients))).items()}
    return metric_of(ready, "c_index", value, spread(ready, resampling))
