"""What readers said: every reader's rating of every case in every condition, and where one is missing."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from myoperf.evaluate.question import Question
from myoperf.evaluate.sample import ENSEMBLE

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.intp]

UNNAMED = "no condition named"
_WITHOUT = re.compile(r"\b(without|unaided|unassisted|no|non|before|alone|baseline|control|w/o)\b", re.IGNORECASE)
_WITH = re.compile(r"\b(with|aided|assisted|after|ai|cad)\b", re.IGNORECASE)
_KEPT = 0.9
_NAMED = 3
_LARGE = 2_000_000


@dataclass(frozen=True, kw_only=True)
class Ratings:
    """Ratings, higher = more likely positive, shape (conditions, readers, cases); NaN where there is none.

    truth : True = positive, (cases,). patient : codes 0, 1, ... without gaps, (cases,). cases : patient and study each.
    """

    score: Floats
    truth: Bools
    patient: Codes
    conditions: tuple[str, ...]
    readers: tuple[str, ...]
    cases: tuple[tuple[str, str], ...]

    @property
    def patients(self) -> int:
        """How many patients there are."""
        return len(np.unique(self.patient))

    def take(self, *, readers: Bools | None = None, cases: Bools | None = None) -> "Ratings":
        """These readers and cases only (all, where not given)."""
        rows = np.ones(len(self.cases), dtype=bool) if cases is None else cases
        seats = np.ones(len(self.readers), dtype=bool) if readers is None else readers
        return replace(
            self,
            score=self.score[:, seats][:, :, rows],
            truth=self.truth[rows],
            patient=np.unique(self.patient[rows], return_inverse=True)[1].reshape(-1),
            readers=tuple(name for name, kept in zip(self.readers, seats, strict=True) if kept),
            cases=tuple(name for name, kept in zip(self.cases, rows, strict=True) if kept),
        )

    def of(self, condition: int) -> "Ratings":
        """One condition alone."""
        return replace(self, score=self.score[[condition]], conditions=(self.conditions[condition],))


def ratings_of(question: Question, *, systems: bool = False) -> tuple[Ratings | None, tuple[str, ...]]:
    """The ratings of the judged part with a truth of 0 or 1, or None with what stands against them.

    systems : take the rows without a reader instead, whose one "reader" has no name; each condition is then a system of
    its own, and several models or folds of it are averaged (or stand back behind their ensemble). Conditions run from
    those that name a help ("with AI") to those that name its lack ("without AI"), else as in the table. Refused: a case
    with two truths, a case rated twice by one reader in one condition.
    """
    rows = question.part(question.split) & ((question.texts("reader") == "") == systems)
    rows &= np.isin(question.numbers("truth"), (0.0, 1.0))
    model = np.stack([question.numbers(name) for name in ("repeat", "fold")], axis=1)
    if systems and (model[rows] == ENSEMBLE).all(axis=1).any():
        rows &= (model == ENSEMBLE).all(axis=1)
    score, truth = question.numbers("score")[rows], question.numbers("truth")[rows] == 1
    known = np.isfinite(score)
    if not known.any():
        return None, ()
    coded = _coded(question, rows)
    why = _two_truths(coded, truth) or _twice(coded, known, model[rows] if systems else None)
    if why:
        return None, (f"{'system' if systems else 'reader study'} not judged: {why}",)
    place, shape = np.ravel_multi_index(coded.place, coded.shape)[known], coded.shape
    count = np.bincount(place, minlength=int(np.prod(shape)))
    total = np.bincount(place, weights=score[known], minlength=count.size)
    dense = np.divide(total, count, out=np.full(count.size, np.nan), where=count > 0)
    ratings = Ratings(
        score=dense.reshape(shape),
        truth=truth[coded.first],
        patient=np.unique(coded.cases[:, 0], return_inverse=True)[1].reshape(-1),
        conditions=tuple(name or UNNAMED for name in coded.conditions),
        readers=coded.readers,
        cases=tuple((str(patient), str(study)) for patient, study in coded.cases),
    )
    return ratings, ()


@dataclass(frozen=True, kw_only=True)
class _Coded:
    """Rows by number of condition, reader and case (``place``); ``first`` row of each case, a patient and a study."""

    place: tuple[Codes, Codes, Codes]
    conditions: tuple[str, ...]
    readers: tuple[str, ...]
    cases: NDArray[np.str_]
    first: Codes

    @property
    def shape(self) -> tuple[int, int, int]:
        return len(self.conditions), len(self.readers), len(self.cases)


def _coded(question: Question, rows: Bools) -> _Coded:
    pairs = np.stack([question.texts("patient_id")[rows], question.texts("study_id")[rows]], axis=1)
    cases, first, case = np.unique(pairs, axis=0, return_index=True, return_inverse=True)
    readers, reader = _in_order(question.texts("reader")[rows])
    conditions, condition = _in_order(question.texts("condition")[rows], by_help=True)
    place = condition, reader, case.reshape(-1)
    return _Coded(place=place, conditions=conditions, readers=readers, cases=cases, first=first)


def _two_truths(coded: _Coded, truth: Bools) -> str:
    """Which case has more than one truth, or ""."""
    case = coded.place[2]
    torn = truth != truth[coded.first][case]
    return f"{_name(coded.cases[case[int(np.argmax(torn))]])} has two truths; a case has one" if torn.any() else ""


def _twice(coded: _Coded, known: Bools, model: Floats | None) -> str:
    """Which case was rated twice, or that the table is too thin, or "". model : repeat and fold, where averaged."""
    rows = len(known)
    if np.prod(coded.shape) > max(_LARGE, 10 * rows):
        few = f"{rows} ratings of {len(coded.cases)} cases by {len(coded.readers)} readers"
        return f"{few}; a reader study needs every reader to rate every case in every condition"
    place = np.ravel_multi_index(coded.place, coded.shape)
    parts = place[:, None] if model is None else np.column_stack([place, model])
    found, count = np.unique(parts[known], axis=0, return_counts=True)
    if count.max() == 1:
        return ""
    c, r, k = np.unravel_index(int(found[int(count.argmax()), 0]), coded.shape)
    by = f"reader {coded.readers[r]}" if coded.readers[r] else "the system"
    where = f"{_name(coded.cases[k])} in {coded.conditions[c] or UNNAMED!r} ({int((count > 1).sum())} such cases)"
    return f"{by} has {count.max()} ratings of {where}; give each reading a condition or a study_id of its own"


def complete(ratings: Ratings) -> tuple[Ratings | None, str]:
    """The fully crossed part of some ratings and a sentence on what is missing ("" where nothing is).

    Readers without any rating in a condition are left out, then cases that a reader has not rated. None where that
    leaves less than 90 % of the ratings: who was left out would then be part of the result.
    """
    there = np.isfinite(ratings.score)
    if there.all():
        return ratings, ""
    what = _gaps(ratings, there)
    seats = np.asarray(there.any(axis=2).all(axis=0))
    rows = np.asarray(there[:, seats].all(axis=(0, 1)))
    left = ratings.take(readers=seats, cases=rows) if seats.any() and rows.any() else None
    if left is None or left.score.size < _KEPT * there.sum():
        return (
            None,
            f"not fully crossed, {what}; a reader study needs every reader to rate every case in every condition",
        )
    away = [f"reader {name}" for name, kept in zip(ratings.readers, seats, strict=True) if not kept]
    gone = int((~rows).sum())
    said = " and ".join([*away, *([f"{gone} of {len(rows)} cases"] if gone else [])])
    return (
        left,
        f"not fully crossed, {what}; {said} LEFT OUT: figures hold for what all readers rated in all conditions",
    )


def _gaps(ratings: Ratings, there: Bools) -> str:
    """Which ratings are missing, the first few by name."""
    found = []
    for c, condition in enumerate(ratings.conditions):
        for r, reader in enumerate(ratings.readers):
            lacking = np.flatnonzero(~there[c, r])
            if not lacking.size:
                continue
            names = ", ".join(_name(ratings.cases[k]) for k in lacking[:_NAMED])
            more = f" and {lacking.size - _NAMED} more" if lacking.size > _NAMED else ""
            case = "every case" if lacking.size == there.shape[2] else f"{names}{more}"
            found.append(f"{f'reader {reader}' if reader else 'the system'} in {condition!r} lacks {case}")
    rest = f"; and {len(found) - _NAMED} more such gaps" if len(found) > _NAMED else ""
    return f"{int((~there).sum())} ratings are missing: {'; '.join(found[:_NAMED])}{rest}"


def _in_order(texts: NDArray[np.str_], *, by_help: bool = False) -> tuple[tuple[str, ...], Codes]:
    """Distinct texts as they come (or help first, its lack last), and the number of each row's text among them."""
    names, first, code = np.unique(texts, return_index=True, return_inverse=True)
    order = sorted(range(len(names)), key=lambda k: (_rank(str(names[k])) if by_help else 0, first[k]))
    place = np.empty(len(names), dtype=np.intp)
    place[order] = np.arange(len(names))
    return tuple(str(names[k]) for k in order), place[code.reshape(-1)]


def _rank(condition: str) -> int:
    words = condition.replace("_", " ")
    return 2 if _WITHOUT.search(words) else 0 if _WITH.search(words) else 1


def _name(pair: Iterable[str]) -> str:
    patient, study = pair
    return str(patient) if study == patient else f"{patient} {study}"
