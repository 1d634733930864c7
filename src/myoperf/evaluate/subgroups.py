"""The same figures within groups of patients, and what a group's name alone would tell."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Metric

from .metrics import Resampling, metrics
from .sample import Sample

Bools = NDArray[np.bool_]

COLUMNS = (
    "sex",
    "tracer",
    "center",
    "scanner",
    "position",
    "attenuation_correction",
    "stressor",
    "reader",
    "condition",
)
"""Columns of predictions that make groups."""

FIGURES = ("auc", "balanced_accuracy", "sensitivity", "specificity")
_MOST = 20


@dataclass(frozen=True, kw_only=True)
class Groups:
    """Figures within groups ("sex=F" and so on), the baselines, and what was left out."""

    within: Mapping[str, Mapping[str, Metric]]
    alone: tuple[Mapping[str, object], ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """Columns that make groups, each with its values, and what must be said of those that make none."""

    values: Mapping[str, tuple[str, ...]]
    warnings: tuple[str, ...]

    @property
    def halves(self) -> dict[str, tuple[str, ...]]:
        """The columns with two values, whose name alone is a baseline."""
        return {column: values for column, values in self.values.items() if len(values) == 2}


def grouping(key: str, texts: Callable[[str], NDArray[np.str_] | None]) -> Grouping:
    """The columns of ``COLUMNS`` with 2 to 20 values; an empty cell is no value.

    key : name of the target, for the warnings. texts : from a column to its cells, None where it is not there.
    """
    values: dict[str, tuple[str, ...]] = {}
    warnings: list[str] = []
    for column in COLUMNS:
        text = texts(column)
        names = () if text is None else tuple(sorted({str(value) for value in text if value}))
        if len(names) > _MOST:
            warnings.append(f"{key}: {column} has {len(names)} values, more than {_MOST}; no groups were made of it")
        elif len(names) > 1:
            values[column] = names
    return Grouping(values=values, warnings=tuple(warnings))


def groups(key: str, sample: Sample, called: Bools | None, resampling: Resampling) -> Groups:
    """Judge a sample within each value of ``COLUMNS`` that it has; a column with one value makes no groups."""
    found = grouping(key, sample.texts.get)
    within = {
        f"{column}={name}": _within(sample, called, sample.texts[column] == name, resampling)
        for column, names in found.values.items()
        for name in names
    }
    alone = tuple(_alone(key, sample, column, names[1], resampling) for column, names in found.halves.items())
    return Groups(within=within, alone=alone, warnings=found.warnings)


def _within(sample: Sample, called: Bools | None, rows: Bools, resampling: Resampling) -> dict[str, Metric]:
    found = metrics(sample.take(rows), None if called is None else called[rows], "there is no threshold", resampling)
    return {name: found[name] for name in FIGURES}


def _alone(key: str, sample: Sample, column: str, name: str, resampling: Resampling) -> dict[str, object]:
    """AUC of the column itself as the score, run in the direction that helps it."""
    score = (sample.texts[column] == name).astype(np.float64)
    found = metrics(replace(sample, score=score), None, "", resampling)["auc"]
    if found.value is not None and found.value < 0.5:
        found = metrics(replace(sample, score=1 - score), None, "", resampling)["auc"]
    return {
        "target": key,
        "comparison": f"{column} alone",
        "metric": "auc",
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "method": found.method,
        "n": found.n,
    }
