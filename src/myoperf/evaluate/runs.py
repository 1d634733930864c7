"""Randomisations of a hold-out side by side, as papers print them: counts and figures of each, and its ROC curve."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Curve, Table

from .agreement import rates
from .curves import roc_curves
from .delong import delong, logit_interval
from .metrics import Resampling, table
from .sample import Sample, is_cross_validation

Bools = NDArray[np.bool_]
Cell = str | float | None

CURVES = "roc_runs/"
"""Stands before the name of a run in the name of its curve."""
INDEXES = (
    "sensitivity",
    "specificity",
    "lr_positive",
    "lr_negative",
    "ppv",
    "npv",
    "youden",
    "accuracy",
    "kappa",
)
"""The nine indexes of Wang 2022, in its order."""
_COUNTS = ("TP", "FP", "FN", "TN")


@dataclass(frozen=True, kw_only=True)
class Runs:
    """Tables and curves of random splits; empty for anything else."""

    tables: Mapping[str, Table] = field(default_factory=dict)
    curves: Mapping[str, Curve] = field(default_factory=dict)


def run_figures(sample: Sample, called: Bools | None) -> Runs:
    """Judge every randomisation by itself. sample : rows of all runs. called : which rows are called positive.

    Table ``runs``: patients and rows of each run, its AUC with the 95 % interval (DeLong, rows of a patient taken
    together, on the logit scale), TP, FP, FN, TN, and the nine ``INDEXES``; then mean and standard deviation over the
    runs. A figure that a run cannot give is None. Curves ``roc_runs/run 1`` and so on. Empty where the rows are not
    those of random splits, or nothing is called.
    """
    if called is None or not is_random_splits(sample):
        return Runs()
    rows: list[tuple[Cell, ...]] = []
    curves: dict[str, Curve] = {}
    for number, code in enumerate(np.unique(sample.fold), start=1):
        mine = sample.fold == code
        part, name = sample.take(mine), f"run {number}"
        cells = table(part.truth, called[mine])
        found = rates(*(np.array([float(count)]) for count in cells))
        figures = [_known(float(found[index][0])) for index in INDEXES]
        rows.append((name, part.patients, len(part), *_auc(part), *map(float, cells), *figures))
        drawn = roc_curves(part, Resampling(replicates=0, seed=0))
        curves |= {f"{CURVES}{name}": drawn["roc"]} if drawn else {}
    columns = ("run", "patients", "rows", "auc", "auc_low", "auc_high", *_COUNTS, *INDEXES)
    note = "Each randomisation is judged on its own part, at its own threshold. The runs share patients: their spread"
    note += " is not the uncertainty of new patients."
    return Runs(tables={"runs": Table(columns=columns, rows=(*rows, *_over(rows)), note=note)}, curves=curves)


def is_random_splits(sample: Sample) -> bool:
    """Whether the rows are those of several randomisations with one part each."""
    repeats = [repeat for repeat, _ in sample.folds]
    return len(repeats) > 1 and len(set(repeats)) == len(repeats) and is_cross_validation(sample)


def _auc(part: Sample) -> tuple[float | None, float | None, float | None]:
    """AUC and its interval; None where a class is missing or the interval is not defined."""
    if not part.both_classes:
        return None, None, None
    found = delong(part.truth, part.score, part.patient)
    area = float(found.auc[0])
    ends = logit_interval(area, float(found.covariance[0, 0]))
    return (area, None, None) if ends is None else (area, *ends)


def _over(rows: list[tuple[Cell, ...]]) -> list[tuple[Cell, ...]]:
    """Mean and standard deviation of AUC and indexes over the runs that have them."""
    first = 6 + len(_COUNTS)
    mean: list[Cell] = []
    spread: list[Cell] = []
    for place in (3, *range(first, first + len(INDEXES))):
        known = [float(row[place]) for row in rows if isinstance(row[place], float)]
        mean.append(float(np.mean(known)) if known else None)
        spread.append(float(np.std(known, ddof=1)) if len(known) > 1 else None)
    blank: tuple[Cell, ...] = ("",) * len(_COUNTS)
    return [
        (name, "", "", values[0], None, None, *blank, *values[1:]) for name, values in (("mean", mean), ("SD", spread))
    ]


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None
