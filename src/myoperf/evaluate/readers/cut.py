"""Where a reader's or a system's call begins to be positive."""

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Threshold
from myoperf.evaluate.discrimination import youden_threshold
from myoperf.evaluate.question import Question

Floats = NDArray[np.float64]


def cut_of(question: Question, score: Floats, *, systems: bool = False) -> Threshold:
    """The cut for some ratings (NaN = missing): the given one, where it lies within them; else as for any score.

    Readers and systems may use different scales, so a cut that would call everybody alike is not used. Without a given
    one: the best Youden index on their own rows of the validation part, else 0.5 on ratings in 0..1, else none.
    """
    known = score[np.isfinite(score)]
    given = question.threshold
    if given is not None and known.size and known.min() < given <= known.max():
        return Threshold(value=given, chosen_on="given")
    why = "no cut on the ratings was given" if given is None else f"the cut {given:g} lies outside of the ratings"
    validation = _validation(question, systems=systems)
    if validation is not None:
        return Threshold(value=validation, chosen_on="validation (best Youden index)")
    if known.size and known.min() >= 0 and known.max() <= 1:
        return Threshold(value=0.5, chosen_on=f"not chosen ({why}): 0.5 on ratings in 0..1")
    return Threshold(value=None, chosen_on=f"{why}, and they are not in 0..1")


def _validation(question: Question, *, systems: bool) -> float | None:
    truth, score = question.numbers("truth"), question.numbers("score")
    rows = question.part("validation") & ((question.texts("reader") == "") == systems)
    rows &= np.isin(truth, (0.0, 1.0)) & np.isfinite(score)
    if question.split == "validation" or not (truth[rows] == 1).any() or (truth[rows] == 1).all():
        return None
    return youden_threshold(score[rows], truth[rows] == 1)
