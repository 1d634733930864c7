"""Figures of several classes within groups of patients, and what a group's name alone would tell."""

from dataclasses import replace

import numpy as np

from ..judgement import Comparison, compared
from ..metrics import Resampling
from ..subgroups import Groups, grouping
from .figures import class_metrics
from .sample import ClassSample

FIGURES = ("accuracy", "balanced_accuracy", "auc_macro")


def class_groups(key: str, sample: ClassSample, resampling: Resampling) -> Groups:
    """The figures of ``FIGURES`` within each value of the columns that make groups, and each column of two values as a
    system of its own."""
    texts = sample.rows.texts
    found = grouping(key, texts.get)
    within = {}
    for column, names in found.values.items():
        for name in names:
            metrics = class_metrics(sample.take(texts[column] == name), resampling)
            within[f"{column}={name}"] = {figure: metrics[figure] for figure in FIGURES}
    alone = tuple(row for column in found.halves for row in _alone(key, sample, column, resampling))
    return Groups(within=within, alone=alone, warnings=found.warnings)


def by_group(sample: ClassSample, column: str) -> ClassSample:
    """The rows with a value in the column, scored by how frequent each class is among the rows of the same value.

    So each row is called the most frequent class of its group, and each class is ranked in the direction that helps.
    """
    known = sample.take(sample.rows.texts[column] != "")
    group = np.unique(known.rows.texts[column], return_inverse=True)[1]
    rows = np.bincount(group)[group]
    scored = [replace(one, score=np.bincount(group, weights=one.truth)[group] / rows) for one in known.against_rest]
    return replace(known, against_rest=tuple(scored))


def _alone(key: str, sample: ClassSample, column: str, resampling: Resampling) -> list[Comparison]:
    """Accuracy of calling the most frequent class of the group, and AUC of the column for each class that occurs."""
    known = by_group(sample, column)
    metrics = class_metrics(known, resampling)
    classes = [one for one, there in zip(known.names, known.present, strict=True) if there]
    names = ["accuracy", "auc_macro", *(f"auc_{one}" for one in classes)]
    said = {"accuracy": "; every group is called its most frequent class, found on these very rows"}
    return [
        compared(
            target=key,
            comparison=f"{column} alone",
            metric=name,
            value=metrics[name].value,
            low=metrics[name].low,
            high=metrics[name].high,
            method=metrics[name].method + said.get(name, ""),
            n=metrics[name].n,
        )
        for name in names
    ]
