"""One target of one system: which rows are judged, and by what."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myoperf.core.predictions import Predictions

from .metrics import Resampling
from .sample import Sample, one_row_a_study, sample_of

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Key = tuple[str, str, str]
"""Recipe, variant and target."""
_PAIRS = 4
"""Truths beyond which only two different ones are two answers, no values."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of some predictions.

    name : the key of the scorecard. key : recipe, variant, target. rows : which rows of the table are this system's for
    this target, of every split. split : the part that is judged. threshold : given by the user, or None.
    """

    name: str
    key: Key
    predictions: Predictions
    rows: Bools
    split: str
    threshold: float | None
    resampling: Resampling

    def numbers(self, column: str) -> Floats:
        """A column of numbers, all rows of the table; NaN where it is missing or the table has no such column."""
        if column not in self.predictions.columns and column not in ("truth", "score", "repeat", "fold"):
            return np.full(len(self.predictions), np.nan)
        return np.asarray(self.predictions[column], dtype=np.float64)

    def texts(self, column: str) -> NDArray[np.str_]:
        """A column of text, all rows of the table; empty where the table has no such column."""
        if column not in self.predictions.columns and column not in ("study_id", "split", "recipe", "variant"):
            return np.full(len(self.predictions), "", dtype=np.str_)
        return np.asarray(self.predictions[column], dtype=np.str_)

    def part(self, split: str) -> Bools:
        """Rows of this question in one split."""
        there: Bools = self.rows & (self.texts("split") == split)
        return there


@dataclass(frozen=True, kw_only=True)
class Samples:
    """Rows with truth 0 or 1 and a score: those that are judged, one a study, and those that may choose.

    validation : empty where there is none; the judged rows themselves where the validation part is what is judged.
    across : the rows whose folds are compared: the validation rows, or, without any, all judged ones.
    """

    judged: Sample
    validation: Sample
    across: Sample
    warnings: tuple[str, ...]


def kind_of(question: Question) -> str:
    """ "survival", "classes", "binary" or "number", by what the judged rows hold.

    "unclear": numbers of classes beside scores in 0..1, but no score of each class; or two answers other than 0 and 1.
    """
    rows = question.part(question.split)
    if np.isfinite(question.numbers("event")[rows]).any() and np.isfinite(question.numbers("time_days")[rows]).any():
        return "survival"
    if any(np.isfinite(question.numbers(name)[rows]).any() for name in class_columns(question.predictions)):
        return "classes"
    truth, score = question.numbers("truth")[rows], question.numbers("score")[rows]
    truth, score = truth[np.isfinite(truth)], score[np.isfinite(score)]
    if np.isin(truth, (0.0, 1.0)).all():
        return "binary"
    numbered = np.isin(truth, np.arange(10.0)).all()
    if truth.size > _PAIRS and len(np.unique(truth)) == 2:
        return "unclear"
    return "unclear" if numbered and score.size and score.min() >= 0 and score.max() <= 1 else "number"


def class_columns(predictions: Predictions) -> tuple[str, ...]:
    """Columns ``class_*``, in the order of the table: the scores of class 0, 1, ..."""
    return tuple(name for name in predictions.columns if name.startswith("class_"))


def samples_of(question: Question) -> Samples:
    """Clean and code the rows of a binary question; what was left out or averaged is said in ``warnings``."""
    truth, score = question.numbers("truth"), question.numbers("score")
    pooled = question.split == "validation"
    asked = question.part(question.split) | question.part("validation")
    known = asked & np.isin(truth, (0.0, 1.0)) & np.isfinite(score)
    gone = int((asked & ~known).sum())
    warnings = [f"{question.name}: {gone} rows without a truth or a score are left out"] if gone else []
    judged = sample_of(question.predictions, known & question.part(question.split))
    validation = sample_of(question.predictions, known & question.part("validation"))
    across = validation if len(validation) else judged
    if not pooled:
        judged, done = one_row_a_study(judged)
        warnings += [f"{question.name}: {done}"] if done else []
        warnings += _on_both_sides(question, known)
    return Samples(judged=judged, validation=validation, across=across, warnings=tuple(warnings))


def _on_both_sides(question: Question, known: Bools) -> list[str]:
    patients = question.texts("patient_id")
    both = np.intersect1d(
        patients[known & question.part(question.split)], patients[known & question.part("validation")]
    )
    if not both.size:
        return []
    text = f"{both.size} patients are in the validation and the {question.split} part"
    return [f"{question.name}: {text}; its figures are not to be trusted"]
