"""The rows of a question with several classes, cleaned and coded."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from myoperf.core.predictions import Predictions

from ..question import Question, samples_of
from ..sample import Sample
from .naming import Classes, classes_of
from .table import Counts, counted

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class ClassSample:
    """Rows with a known class and a finite score of every class.

    names : of the classes, in their order. against_rest : the same rows once a class; truth is "of this class", score
    is the score of this class (higher = more likely).
    """

    names: tuple[str, ...]
    against_rest: tuple[Sample, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def rows(self) -> Sample:
        """Patients, studies, folds and texts of the rows."""
        return self.against_rest[0]

    @cached_property
    def truth(self) -> Codes:
        """Place of the true class in ``names``, shape (rows,)."""
        place: Codes = np.argmax([sample.truth for sample in self.against_rest], axis=0)
        return place

    @cached_property
    def score(self) -> Floats:
        """Score of every class, shape (rows, classes)."""
        return np.stack([sample.score for sample in self.against_rest], axis=1)

    @cached_property
    def called(self) -> Codes:
        """Place of the class with the highest score, shape (rows,); of equal scores the first class."""
        place: Codes = np.argmax(self.score, axis=1)
        return place

    @cached_property
    def counts(self) -> Counts:
        """Rows of every patient in each cell of the table of truth and call."""
        return counted(self.truth, self.called, len(self.names), self.rows.patient, self.rows.patients)

    @cached_property
    def tied(self) -> int:
        """Rows whose highest score two classes share."""
        return int(((self.score == self.score.max(axis=1, keepdims=True)).sum(axis=1) > 1).sum()) if len(self) else 0

    @cached_property
    def patients(self) -> Codes:
        """Patients with a row of each class, shape (classes,)."""
        return np.array([sample.count(sample.truth) for sample in self.against_rest], dtype=np.intp)

    @property
    def present(self) -> Bools:
        """Whether each class occurs, shape (classes,)."""
        return np.asarray(self.patients > 0)

    @property
    def flat(self) -> Bools:
        """Whether the scores of each class are all equal, shape (classes,)."""
        return np.asarray(np.ptp(self.score, axis=0) == 0)

    @property
    def alone(self) -> bool:
        """Whether every patient has one row."""
        return len(self) == self.rows.patients

    def take(self, rows: Bools | Codes) -> "ClassSample":
        """The sample of these rows only, in the order given."""
        return replace(self, against_rest=tuple(sample.take(rows) for sample in self.against_rest))


@dataclass(frozen=True, kw_only=True)
class ClassSamples:
    """The judged rows, one a study; the rows whose folds are compared; and what was left out or averaged."""

    judged: ClassSample
    across: ClassSample
    warnings: tuple[str, ...]


def class_samples(question: Question) -> ClassSamples:
    """Clean and code a question with several classes, in the way of a question with two.

    A row without a truth or without the score of any one class is left out and counted. Scores of several models are
    averaged class by class. RefusedError as in ``classes_of``.
    """
    classes = classes_of(question)
    truth = question.numbers("truth")
    score = np.stack([question.numbers(column) for column in classes.columns], axis=1)
    known = np.isfinite(truth) & np.isfinite(score).all(axis=1)
    each = [
        samples_of(_against_rest(question, known, truth == number, score[:, place]))
        for place, number in enumerate(classes.numbers)
    ]
    return ClassSamples(
        judged=_together(classes, [samples.judged for samples in each]),
        across=_together(classes, [samples.across for samples in each]),
        warnings=each[0].warnings,
    )


def _against_rest(question: Question, known: Bools, truth: Bools, score: Floats) -> Question:
    """The question whether a row is of one class."""
    columns = dict(question.predictions.columns)
    columns["truth"] = np.where(known, truth.astype(np.float64), np.nan)
    columns["score"] = np.where(known, score, np.nan)
    return replace(question, predictions=Predictions(columns=columns))


def _together(classes: Classes, samples: list[Sample]) -> ClassSample:
    return ClassSample(names=classes.names, against_rest=tuple(samples))
