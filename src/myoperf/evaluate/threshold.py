"""Where positive begins: given, chosen on the validation part, or one half."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Threshold

from .discrimination import youden_threshold
from .sample import Sample

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

HALF = 0.5


@dataclass(frozen=True, kw_only=True)
class Calls:
    """Which rows are called positive (None: there is no threshold), by which threshold."""

    called: Bools | None
    threshold: Threshold


def calls_of(given: float | None, judged: Sample, validation: Sample, *, pooled: bool) -> Calls:
    """Call the judged rows. pooled : they are the validation rows, so every fold is called by the others."""
    return calls_across_folds(given, judged) if pooled else calls_by(given, judged, validation)


def calls_by(given: float | None, judged: Sample, validation: Sample | None) -> Calls:
    """Call the rows of ``judged`` by the threshold ``given``, else by the best Youden index on ``validation``, or 0.5.

    validation : other rows than those judged, or None. Never looks at the truth of ``judged``.
    """
    if given is not None:
        return _by(Threshold(value=given, chosen_on="given"), judged)
    if validation is not None and validation.both_classes:
        value = youden_threshold(validation.score, validation.truth)
        text = f"validation (best Youden index, {validation.patients} patients)"
        return _by(Threshold(value=value, chosen_on=text), judged)
    if judged.in_unit:
        return _by(Threshold(value=HALF, chosen_on="not chosen: 0.5 on scores in 0..1"), judged)
    why = "no threshold: scores are not in 0..1 and there is no validation part with both classes"
    return Calls(called=None, threshold=Threshold(value=None, chosen_on=why))


def calls_across_folds(given: float | None, sample: Sample) -> Calls:
    """Call every fold by the best Youden index of the other folds of its repeat: no row helps to set its own threshold.

    Falls back to ``calls_by`` where a repeat has one fold only or the other folds lack a class.
    """
    if given is not None or len(sample.folds) < 2:
        return calls_by(given, sample, None)
    called = np.zeros(len(sample), dtype=bool)
    repeat = np.array([pair[0] for pair in sample.folds])[sample.fold]
    for code in np.unique(sample.fold):
        mine = sample.fold == code
        others = ~mine & (repeat == repeat[mine][0])
        if not others.any() or sample.truth[others].all() or not sample.truth[others].any():
            return calls_by(None, sample, None)
        called[mine] = sample.score[mine] >= youden_threshold(sample.score[others], sample.truth[others])
    value = youden_threshold(sample.score, sample.truth)
    text = "the other folds (best Youden index, one threshold a fold; the value shown is that of all folds together)"
    return Calls(called=called, threshold=Threshold(value=value, chosen_on=text))


def _by(threshold: Threshold, judged: Sample) -> Calls:
    return Calls(called=judged.score >= float(threshold.value or 0.0), threshold=threshold)
