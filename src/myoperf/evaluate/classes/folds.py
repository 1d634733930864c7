"""Figures of several classes over the folds of a cross-validation."""

import numpy as np

from myoperf.core.scorecard import Folds

from ..folds import fold_name, over_folds, test_to_train
from ..sample import is_cross_validation
from .areas import against_rest
from .sample import ClassSample
from .table import agreement, tables

NAMES = ("accuracy", "balanced_accuracy", "auc_macro")


def fold_figures(sample: ClassSample) -> dict[str, Folds]:
    """Every figure of ``NAMES`` in each fold of each repeat; none where the rows are of no cross-validation.

    A fold that lacks a class which other folds have cannot give balanced accuracy or macro AUC: they are None there
    and left out of the mean.
    """
    if not is_cross_validation(sample.rows):
        return {}
    codes = [int(code) for code in np.unique(sample.rows.fold)]
    per_fold = [_one_fold(sample, code) for code in codes]
    names = tuple(fold_name(sample.rows, code) for code in codes)
    patients = tuple(sample.rows.count(sample.rows.fold == code) for code in codes)
    share = test_to_train(sample.rows)
    return {name: over_folds([figures[name] for figures in per_fold], share, names, patients) for name in NAMES}


def _one_fold(sample: ClassSample, code: int) -> dict[str, float | None]:
    part, present = sample.take(sample.rows.fold == code), sample.present
    weight = np.ones((1, part.rows.patients))
    found = agreement(tables(part.counts, len(part.names), weight), present)
    area = against_rest(part, weight)["auc"][:, present].mean(axis=1) if present.sum() > 1 else np.array([np.nan])
    value = {name: float(found[name][0]) for name in ("accuracy", "balanced_accuracy")} | {"auc_macro": float(area[0])}
    return {name: number if np.isfinite(number) else None for name, number in value.items()}
