"""Two systems over the same folds of a cross-validation."""

from typing import Any

import numpy as np

from ..corrected_t import nadeau_bengio
from ..discrimination import auc
from ..folds import test_to_train
from ..judgement import Comparison, compared
from ..sample import Sample, is_cross_validation
from .matched import in_fold
from .systems import System


def fold_row(target: str, first: System, second: System) -> Comparison | None:
    """Difference in AUC over folds that hold the same rows for both; None where either has no folds to compare.

    Folds of one class are left out. Source: Nadeau and Bengio 2003.
    """
    a = first.across
    there: dict[str, Any] = {
        "target": target,
        "comparison": f"{first.name} against {second.name}",
        "metric": "auc_difference_over_folds",
        "n": a.patients,
        "first": first.name,
        "second": second.name,
    }
    found_gaps = fold_gaps(first, second)
    if isinstance(found_gaps, str):
        return compared(**there, value=None, method=found_gaps) if found_gaps else None
    gaps = np.array(list(found_gaps.values()))
    known = gaps[np.isfinite(gaps)]
    if known.size < 2:
        return compared(**there, value=None, method="fewer than two folds with both classes")
    found = nadeau_bengio(known, test_to_train(a))
    method = f"t test over {known.size} folds, corrected for overlap (Nadeau-Bengio)"
    if found.p is None:
        method = "no test: the difference is the same in every fold"
    there |= {"t": found.t, "df": found.df, "values": [float(gap) for gap in known]}
    spread = found.p is not None
    low, high = (max(found.low, -1.0), min(found.high, 1.0)) if spread else (None, None)
    return compared(**there, value=found.mean, low=low, high=high, p=found.p, method=method)


def fold_gaps(first: System, second: System) -> dict[tuple[int, int], float] | str:
    """First AUC minus second by (repeat, fold), NaN in a fold of one class; or why there is none ("": no folds)."""
    if first.fixed or second.fixed or not all(is_cross_validation(system.across) for system in (first, second)):
        return ""
    a, b = first.across, second.across
    if set(a.folds) != set(b.folds) or not _same_rows(a, b):
        return "the folds hold different studies"
    return {pair: _area(a, code) - _area(b, b.folds.index(pair)) for code, pair in enumerate(a.folds)}


def _same_rows(a: Sample, b: Sample) -> bool:
    places = {pair: code for code, pair in enumerate(b.folds)}
    return all(in_fold(a, code)[1] == in_fold(b, places[pair])[1] for code, pair in enumerate(a.folds))


def _area(sample: Sample, code: int) -> float:
    part, _ = in_fold(sample, code)
    return float(auc(part.ranking, part.truth, np.ones(len(part))))
