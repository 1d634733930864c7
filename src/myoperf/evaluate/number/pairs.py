"""The rows of a question whose truth is a value: truth and prediction side by side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..question import Question
from ..sample import ENSEMBLE

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_LARGEST = 1e100
"""Values beyond it are no measurements; their squares have no number."""


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Rows with a truth and a score. patient : codes 0 to patients - 1."""

    patient: NDArray[np.intp]
    truth: Floats
    score: Floats
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def patients(self) -> int:
        """How many patients there are."""
        return len(np.unique(self.patient))

    @property
    def one_row_each(self) -> bool:
        """Whether no patient has two rows."""
        return self.patients == len(self)


def pairs_of(question: Question) -> Pairs:
    """The judged rows: those of an ensemble (repeat and fold -1) alone; else, on a test part that several models have
    predicted, one row a study with the mean score. What was left out or averaged is said in ``warnings``."""
    truth, score = question.numbers("truth"), question.numbers("score")
    asked = question.part(question.split)
    known = asked & (np.abs(truth) <= _LARGEST) & (np.abs(score) <= _LARGEST)
    gone = int((asked & ~known).sum())
    warnings = (
        [f"{question.name}: {gone} rows without a truth or a score (within {_LARGEST:g} of 0) are left out"]
        if gone
        else []
    )
    models = np.stack([question.numbers("repeat"), question.numbers("fold")], axis=1)
    ensemble = known & (models == ENSEMBLE).all(axis=1)
    rows = ensemble if ensemble.any() and question.split != "validation" else known
    study = _codes(question.texts("patient_id")[rows], question.texts("study_id")[rows])
    patient = np.unique(question.texts("patient_id")[rows], return_inverse=True)[1].reshape(-1)
    model = np.unique(models[rows], axis=0, return_inverse=True)[1].reshape(-1)
    if question.split == "validation" or not _several_models(study, model):
        return Pairs(patient=patient, truth=truth[rows], score=score[rows], warnings=tuple(warnings))
    first = np.unique(study, return_index=True)[1]
    mean = np.bincount(study, weights=score[rows]) / np.bincount(study)
    warnings.append(f"{question.name}: the score of each study is the mean over {int(model.max()) + 1} models or folds")
    warnings += _unequal(question.name, study, truth[rows])
    return Pairs(patient=patient[first], truth=truth[rows][first], score=mean, warnings=tuple(warnings))


def _codes(patient: NDArray[np.str_], study: NDArray[np.str_]) -> NDArray[np.intp]:
    """Code of each row's study; ids of studies need not differ between patients."""
    if not patient.size:
        return np.zeros(0, dtype=np.intp)
    return np.unique(np.stack([patient, study], axis=1), axis=0, return_inverse=True)[1].reshape(-1)


def _several_models(study: NDArray[np.intp], model: NDArray[np.intp]) -> bool:
    """Whether the only reason for several rows of a study is that several models have judged it."""
    both = len(np.unique(np.stack([study, model], axis=1), axis=0))
    return both == len(study) and len(np.unique(study)) < len(study)


def _unequal(name: str, study: NDArray[np.intp], truth: Floats) -> list[str]:
    low, high = np.full(study.max() + 1, np.inf), np.full(study.max() + 1, -np.inf)
    np.minimum.at(low, study, truth)
    np.maximum.at(high, study, truth)
    odd = int((low < high).sum())
    return [f"{name}: {odd} studies have different truths in different rows; the first one is taken"] if odd else []
