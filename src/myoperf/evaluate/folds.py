"""Figures over the folds of a cross-validation, as papers print them: mean and standard deviation."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Folds

from .agreement import rates
from .corrected_t import nadeau_bengio
from .discrimination import auc
from .metrics import table
from .question import Question
from .sample import Sample, is_cross_validation, sample_of

Bools = NDArray[np.bool_]
Limits = tuple[float, float]

UNIT: Limits = (0.0, 1.0)
WITHIN: Mapping[str, Limits] = MappingProxyType(
    {
        "auc": UNIT,
        "balanced_accuracy": UNIT,
        "accuracy": UNIT,
        "sensitivity": UNIT,
        "specificity": UNIT,
        "ppv": UNIT,
        "npv": UNIT,
        "lr_positive": (0.0, float("inf")),
        "lr_negative": (0.0, float("inf")),
        "youden": (-1.0, 1.0),
        "kappa": (-1.0, 1.0),
    }
)
"""Figures over folds, each with the least and the largest value that it can have."""


def fold_figures(sample: Sample, called: Bools | None) -> dict[str, Folds]:
    """Every figure of ``WITHIN`` in each fold of each repeat.

    A figure that a fold cannot give (one class only) is None and left out of the mean. The interval of the mean allows
    for training parts that overlap (Nadeau and Bengio 2003), with a t distribution.
    """
    codes = [int(code) for code in np.unique(sample.fold)]
    per_fold = [_one_fold(sample, called, sample.fold == code) for code in codes]
    names = tuple(fold_name(sample, code) for code in codes)
    patients = tuple(sample.count(sample.fold == code) for code in codes)
    share = test_to_train(sample)
    return {
        name: over_folds([figures.get(name) for figures in per_fold], share, names, patients, within)
        for name, within in WITHIN.items()
        if called is not None or name == "auc"
    }


def figures_over_folds(
    question: Question,
    known: Bools,
    figures: Callable[[Bools], Mapping[str, float]],
    within: Mapping[str, Limits],
) -> dict[str, Folds]:
    """Figures of any kind of question in each fold of each repeat, from the validation rows, else the judged ones.

    known : rows of the table that have all that ``figures`` needs. figures : from such rows to figures by name; NaN,
    and a name that is not there, is a figure that the fold cannot give. within : names in their order, each with the
    least and the largest value it can have. Empty where the rows are not those of a cross-validation.
    """
    across = known & question.part("validation")
    across = across if across.any() else known & question.part(question.split)
    if not across.any():
        return {}
    rows, sample = np.flatnonzero(across), sample_of(question.predictions, across)
    if not is_cross_validation(sample):
        return {}
    codes = [int(code) for code in np.unique(sample.fold)]
    per_fold = [figures(np.isin(np.arange(len(across)), rows[sample.fold == code])) for code in codes]
    names = tuple(fold_name(sample, code) for code in codes)
    patients = tuple(sample.count(sample.fold == code) for code in codes)
    share = test_to_train(sample)
    found = {name: [float(fold.get(name, np.nan)) for fold in per_fold] for name in within}
    return {
        name: over_folds(
            [value if np.isfinite(value) else None for value in values], share, names, patients, within[name]
        )
        for name, values in found.items()
    }


def fold_name(sample: Sample, code: int) -> str:
    """What the table calls a fold ("center=B"), else its numbers."""
    given = sample.texts.get("fold_name")
    said = "" if given is None else str(given[sample.fold == code][0])
    repeat, fold = sample.folds[code]
    return said or f"repeat {repeat + 1} fold {fold + 1}"


def test_to_train(sample: Sample) -> float:
    """Studies tested in a fold over those left to train on, on average: 1 / (k - 1) for k folds; 1 if none are left.

    The studies of all folds together are taken for the whole, so five random splits of 20 % count as wider than they
    are, never as narrower.
    """
    studies = np.stack([sample.patient_id, sample.study], axis=1)
    whole = len(np.unique(studies, axis=0))
    tested = float(np.mean([len(np.unique(studies[sample.fold == code], axis=0)) for code in np.unique(sample.fold)]))
    return tested / (whole - tested) if whole > tested else 1.0


def _one_fold(sample: Sample, called: Bools | None, rows: Bools) -> dict[str, float | None]:
    part = sample.take(rows)
    found = {"auc": float(auc(part.ranking, part.truth, np.ones(len(part))))}
    if called is not None:
        cells = [np.array([float(count)]) for count in table(part.truth, called[rows])]
        found |= {name: float(value[0]) for name, value in rates(*cells).items()}
    return {name: value if np.isfinite(value) else None for name, value in found.items()}


def over_folds(
    values: list[float | None], share: float, names: tuple[str, ...], n: tuple[int, ...], within: Limits = UNIT
) -> Folds:
    """Mean, standard deviation and interval of one figure over folds.

    values : one a fold, None where it cannot be made. share : as ``test_to_train``. names, n : of the folds. within :
    the least and the largest value that the figure can have.
    """
    known = np.array([value for value in values if value is not None])
    mean = float(known.mean()) if known.size else None
    sd = float(known.std(ddof=1)) if known.size > 1 else None
    low = high = None
    method = "no interval: fewer than two folds"
    if mean is not None and sd is not None:
        found = nadeau_bengio(known, share)
        low, high = max(found.low, within[0]), min(found.high, within[1])
        method = f"Nadeau-Bengio t interval of the mean over {known.size} folds"
    return Folds(mean=mean, sd=sd, values=tuple(values), low=low, high=high, method=method, names=names, n=n)
