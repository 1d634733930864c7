"""The rows of a question whose truth is a value: truth and prediction side by side."""

from dataclasses import dataclass, replace

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
    """Rows with a truth and a score. row : the (first) row of the table; patient : codes 0 to patients - 1."""

    row: NDArray[np.intp]
    patient: NDArray[np.intp]
    truth: Floats
    score: Floats
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.truth)

    def take(self, rows: Bools | NDArray[np.intp]) -> "Pairs":
        """The pairs of these rows only, in the order given."""
        return Pairs(
            row=self.row[rows],
            patient=np.unique(self.patient[rows], return_inverse=True)[1],
            truth=self.truth[rows],
            score=self.score[rows],
        )

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
    asked = question.part(question.split)
    known = asked & measured(question)
    gone = int((asked & ~known).sum())
    warnings = (
        [f"{question.name}: {gone} rows without a truth or a score (within {_LARGEST:g} of 0) are left out"]
        if gone
        else []
    )
    models = np.stack([question.numbers("repeat"), question.numbers("fold")], axis=1)
    ensemble = known & (models == ENSEMBLE).all(axis=1)
    rows = ensemble if ensemble.any() and question.split != "validation" else known
    pairs = replace(pairs_in(question, rows), warnings=tuple(warnings))
    study = _codes(question.texts("patient_id")[rows], question.texts("study_id")[rows])
    model = np.unique(models[rows], axis=0, return_inverse=True)[1].reshape(-1)
    if question.split == "validation" or not _several_models(study, model):
        return pairs
    first = np.unique(study, return_index=True)[1]
    mean = np.bincount(study, weights=pairs.score) / np.bincount(study)
    warnings.append(f"{question.name}: the score of each study is the mean over {int(model.max()) + 1} models or folds")
    warnings += _unequal(question.name, study, pairs.truth)
    return replace(pairs.take(first), score=mean, warnings=tuple(warnings))


def measured(question: Question) -> Bools:
    """Rows of the table with a truth and a score that are numbers a measurement can be."""
    truth, score = question.numbers("truth"), question.numbers("score")
    there: Bools = (np.abs(truth) <= _LARGEST) & (np.abs(score) <= _LARGEST)
    return there


def pairs_in(question: Question, rows: Bools) -> Pairs:
    """These measured rows as they are, nothing averaged."""
    return Pairs(
        row=np.flatnonzero(rows),
        patient=np.unique(question.texts("patient_id")[rows], return_inverse=True)[1].reshape(-1),
        truth=question.numbers("truth")[rows],
        score=question.numbers("score")[rows],
    )


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
