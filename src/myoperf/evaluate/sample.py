"""The rows of one target that are judged together, cleaned and coded."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from myoperf.core.predictions import Predictions, is_number

from .discrimination import Ranking, Steps, rank, steps

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ENSEMBLE = (-1, -1)
"""Repeat and fold of a row that several models have made together."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Rows with a known truth (True = positive) and a finite score.

    patient, fold : codes, shape (rows,). patient_id : as it is written. folds : (repeat, fold) of every code. texts :
    further columns by name, as text.
    """

    patient: NDArray[np.intp]
    patient_id: NDArray[np.str_]
    study: NDArray[np.str_]
    truth: Bools
    score: Floats
    fold: NDArray[np.intp]
    folds: tuple[tuple[int, int], ...]
    texts: Mapping[str, NDArray[np.str_]]

    def __len__(self) -> int:
        return len(self.truth)

    @cached_property
    def ranking(self) -> Ranking:
        """The rows in order of their score."""
        return rank(self.score)

    @cached_property
    def steps(self) -> Steps:
        """The rows summed by patient and score."""
        return steps(self.ranking, self.truth, self.patient, self.patients)

    @cached_property
    def classes(self) -> Bools:
        """Whether each patient has a negative and a positive row, shape (patients, 2)."""
        there = np.zeros((self.patients, 2), dtype=bool)
        there[self.patient, self.truth.astype(np.intp)] = True
        return there

    @property
    def alone(self) -> bool:
        """Whether every patient has one row."""
        return len(self) == self.patients

    @cached_property
    def patients(self) -> int:
        """How many patients there are."""
        return len(np.unique(self.patient))

    @property
    def both_classes(self) -> bool:
        """Whether there is a positive and a negative row."""
        return bool(self.truth.any() and not self.truth.all())

    @property
    def in_unit(self) -> bool:
        """Whether all scores lie in 0..1, as probabilities do."""
        return bool(len(self) and self.score.min() >= 0 and self.score.max() <= 1)

    def count(self, rows: Bools) -> int:
        """Patients with at least one of these rows."""
        return len(np.unique(self.patient[rows]))

    def take(self, rows: Bools | NDArray[np.intp]) -> "Sample":
        """The sample of these rows only, in the order given."""
        return Sample(
            patient=np.unique(self.patient[rows], return_inverse=True)[1],
            patient_id=self.patient_id[rows],
            study=self.study[rows],
            truth=self.truth[rows],
            score=self.score[rows],
            fold=self.fold[rows],
            folds=self.folds,
            texts={name: column[rows] for name, column in self.texts.items()},
        )


def sample_of(predictions: Predictions, rows: Bools) -> Sample:
    """Code the given rows, which have truth 0 or 1 and a finite score."""
    number = {
        name: np.asarray(predictions[name], dtype=np.float64)[rows] for name in ("repeat", "fold", "truth", "score")
    }
    text = {name: np.asarray(predictions[name], dtype=np.str_)[rows] for name in ("patient_id", "study_id")}
    pairs = np.stack([number["repeat"], number["fold"]], axis=1).astype(np.int64)
    folds, fold = np.unique(pairs, axis=0, return_inverse=True)
    return Sample(
        patient=np.unique(text["patient_id"], return_inverse=True)[1],
        patient_id=text["patient_id"],
        study=text["study_id"],
        truth=number["truth"] == 1,
        score=number["score"],
        fold=fold.reshape(-1),
        folds=tuple((int(r), int(f)) for r, f in folds),
        texts=_texts(predictions, rows),
    )


def one_row_a_study(sample: Sample) -> tuple[Sample, str]:
    """The judged rows of a test part that several models have predicted, and a sentence on what was done.

    Rows of an ensemble (repeat and fold -1) stand alone; else the scores of a study are averaged over the models. Rows
    of different studies, and several rows of a study by one model (slices), are left as they are.
    """
    ensemble = np.array([pair == ENSEMBLE for pair in sample.folds], dtype=bool)
    if ensemble.any():
        return (sample if ensemble.all() else sample.take(ensemble[sample.fold])), ""
    study = _studies(sample)
    pairs = _distinct(study, sample.fold)
    if pairs < len(sample) or pairs == _distinct(study):
        return sample, ""
    first = np.zeros(len(sample), dtype=bool)
    first[np.unique(study, return_index=True)[1]] = True
    mean = np.bincount(study, weights=sample.score) / np.bincount(study)
    done = f"the score of each study is the mean over {len(sample.folds)} models or folds"
    return replace(sample, score=mean[study]).take(first), done


def is_cross_validation(sample: Sample) -> bool:
    """Whether the rows are those of several folds, no study standing in two folds of one repeat."""
    if len(sample.folds) < 2 or ENSEMBLE in sample.folds:
        return False
    study = _studies(sample)
    repeat = np.array([pair[0] for pair in sample.folds])[sample.fold]
    return _distinct(study, repeat) == _distinct(study, sample.fold)


def _studies(sample: Sample) -> NDArray[np.intp]:
    """Code of each row's study; ids of studies need not differ between patients."""
    pairs = np.stack([sample.patient.astype(np.str_), sample.study], axis=1)
    return np.unique(pairs, axis=0, return_inverse=True)[1].reshape(-1)


def _distinct(*codes: NDArray[np.intp]) -> int:
    """How many distinct combinations of codes there are."""
    return len(np.unique(np.stack(codes, axis=1), axis=0))


def _texts(predictions: Predictions, rows: Bools) -> dict[str, NDArray[np.str_]]:
    core = {"recipe", "variant", "split", "patient_id", "study_id", "target"}
    return {
        name: np.asarray(column, dtype=np.str_)[rows]
        for name, column in predictions.columns.items()
        if name not in core and not is_number(name)
    }
