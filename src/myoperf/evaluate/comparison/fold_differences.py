"""Two systems over the same folds of a cross-validation, by a figure that each has in every fold."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Folds

from ..corrected_t import nadeau_bengio
from ..folds import UNIT, Limits, test_to_train
from ..judgement import Comparison
from ..question import Question
from ..sample import sample_of
from .paired import bare_row
from .pairing import Pairing


def fold_difference(
    asked: Pairing, name: str, first: Mapping[str, Folds], second: Mapping[str, Folds], within: Limits = UNIT
) -> list[Comparison]:
    """The difference in one figure over folds that hold the same studies for both; none where either has no folds.

    first, second : figures over folds. within : least and largest value of the figure. Folds that cannot give the
    figure for both are left out. Source: Nadeau and Bengio 2003.
    """
    if asked.second is None or name not in first or name not in second:
        return []
    metric, one, other = f"{name}_difference_over_folds", first[name], second[name]
    rows = _across(asked.first)
    there = {"n": len(np.unique(asked.first.texts("patient_id")[rows]))}
    same = _studies(asked.first, rows) == _studies(asked.second, _across(asked.second))
    if not same or (one.names, one.n) != (other.names, other.n):
        why = "the folds hold different studies"
        return [bare_row(asked.target, asked.names, metric, value=None, method=why, **there)]
    pairs = zip(one.values, other.values, strict=True)
    gaps = [mine - theirs for mine, theirs in pairs if mine is not None and theirs is not None]
    if len(gaps) < 2:
        why = "fewer than two folds in which both have the figure"
        return [bare_row(asked.target, asked.names, metric, value=None, method=why, **there)]
    found = nadeau_bengio(gaps, test_to_train(sample_of(asked.first.predictions, rows)))
    method = f"t test over {len(gaps)} folds, corrected for overlap (Nadeau-Bengio)"
    told: dict[str, object] = {"t": found.t, "df": found.df, "values": gaps}
    if found.p is None:
        method = "no test: the difference is the same in every fold"
    else:
        wide = within[1] - within[0]
        told |= {"low": max(found.low, -wide), "high": min(found.high, wide)}
    return [bare_row(asked.target, asked.names, metric, value=found.mean, p=found.p, method=method, **told, **there)]


def _across(question: Question) -> NDArray[np.bool_]:
    """The rows whose folds are compared: the validation rows, else the judged ones."""
    validation = question.part("validation")
    return validation if validation.any() else question.part(question.split)


def _studies(question: Question, rows: NDArray[np.bool_]) -> set[tuple[str, ...]]:
    """Repeat, fold, patient and study of every row."""
    numbers = [question.numbers(name)[rows].astype(np.str_) for name in ("repeat", "fold")]
    texts = [question.texts(name)[rows] for name in ("patient_id", "study_id")]
    return set(zip(*(map(str, column) for column in (*numbers, *texts)), strict=True))
