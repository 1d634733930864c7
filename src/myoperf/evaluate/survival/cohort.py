"""The rows of a survival question: one a study, with its follow-up and its score at every horizon."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError

from ..question import Question
from ..sample import ENSEMBLE

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.intp]

MOST_HORIZONS, MOST_SHOWN = 200, 12
_FEW, _SHARED = 10, 0.1


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """Follow-up of some studies and what was predicted for them.

    row : the first row of the table that tells of each study, shape (rows,). patient : codes 0, 1, ... event : 0
    censored, 1 the target's event, 2 and more competing events. time : days of follow-up, above 0. score : higher =
    more risk, shape (rows, horizons), NaN where there is none; one column where no horizon is given. horizons : days,
    rising; empty where none is given.
    """

    row: Codes
    patient: Codes
    event: Codes
    time: Floats
    score: Floats
    horizons: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.time)

    @cached_property
    def patients(self) -> int:
        """How many patients there are."""
        return len(np.unique(self.patient))

    @property
    def hit(self) -> Bools:
        """Rows with the target's event."""
        found: Bools = self.event == 1
        return found

    @property
    def competing(self) -> bool:
        """Whether another event came first in any row."""
        return bool((self.event > 1).any())

    @cached_property
    def column(self) -> int:
        """The column that orders patients: the one that most rows have; of several the last."""
        known = np.isfinite(self.score).sum(axis=0)
        return int(np.flatnonzero(known == known.max())[-1])

    @property
    def marker(self) -> Floats:
        """The scores that order patients, shape (rows,), NaN where a row has none."""
        return np.asarray(self.score[:, self.column], dtype=np.float64)

    @property
    def marker_said(self) -> str:
        """Which score that is, as an addition to a method; empty where there is only one."""
        return f"; the score at {days(self.horizons[self.column])} days" if len(self.horizons) > 1 else ""

    @property
    def probabilities(self) -> bool:
        """Whether the scores may be probabilities of the event by the horizon: horizons are given, scores in 0..1."""
        known = self.score[np.isfinite(self.score)]
        return bool(self.horizons and known.size and known.min() >= 0 and known.max() <= 1)

    def take(self, rows: Bools | Codes) -> "Cohort":
        """The cohort of these rows only."""
        return Cohort(
            row=self.row[rows],
            patient=np.unique(self.patient[rows], return_inverse=True)[1],
            event=self.event[rows],
            time=self.time[rows],
            score=self.score[rows],
            horizons=self.horizons,
        )


@dataclass(frozen=True, kw_only=True)
class Cohorts:
    """Who is judged, who tells of censoring, and the scores that quarters are cut by (None: the judged ones).

    train : follow-up of the split "train", or None. cut_by : scores, shape (any,), and the part they come from.
    """

    judged: Cohort
    train: Cohort | None
    cut_by: tuple[Floats, str] | None
    warnings: tuple[str, ...]


def shown(horizons: Sequence[float]) -> tuple[float, ...]:
    """The horizons that have rows of their own in tables: all where they are few, else the last."""
    return tuple(horizons) if len(horizons) <= MOST_SHOWN else tuple(horizons[-1:])


def listed(times: Sequence[float]) -> str:
    """Days in words: all where they are few, else how many and the first and last."""
    if len(times) <= MOST_SHOWN:
        return ", ".join(days(day) for day in times)
    return f"{days(times[0])} to {days(times[-1])} ({len(times)} of them)"


def days(value: float) -> str:
    """A number of days as it is written in the name of a figure: 365, 182.625."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def cohorts_of(question: Question) -> Cohorts:
    """Clean and code the rows of a survival question; what was left out or averaged is said in ``warnings``.

    RefusedError, with the row, for a time or horizon of 0 days or less, an event that is no whole number of 0 or more,
    two outcomes of one study, and more than ``MOST_HORIZONS`` horizons.
    """
    split = question.split
    judged, said = cohort_of(question, question.part(split), scored=True)
    train = None
    if split != "train" and question.part("train").any():
        found, _ = cohort_of(question, question.part("train"), scored=False)
        train = found if len(found) else None
    said += _twice(question)
    several = len(judged) - judged.patients
    if several:
        said.append(f"{several} rows are further studies of a patient; intervals allow for it, tests of groups do not")
    return Cohorts(
        judged=judged,
        train=train,
        cut_by=_cut_by(question, judged),
        warnings=tuple(f"{question.name}: {text}" for text in said),
    )


def cohort_of(question: Question, rows: Bools, *, scored: bool) -> tuple[Cohort, list[str]]:
    """The cohort of some rows of the table, one a study, and what must be said of them; refused as ``cohorts_of``.

    scored : whether a row without a score is left out.
    """
    event, time, horizon = (question.numbers(name) for name in ("event", "time_days", "horizon_days"))
    score = question.numbers("score")
    _refuse(rows & (time <= 0), "time_days is above 0 (days of follow-up)", time, "leave the row out or correct it")
    _refuse(rows & (horizon <= 0), "horizon_days is above 0", horizon, "correct it or leave the cell empty")
    odd = rows & np.isfinite(event) & ((event < 0) | (event != np.round(event)))
    _refuse(odd, "event is 0 (censored), 1 (the event) or 2, 3, ... (competing events)", event, "write it so")
    told = rows & np.isfinite(event) & np.isfinite(time)
    kept = told & np.isfinite(score) if scored else told
    said = [_left(int((rows & ~kept).sum()), "without an event, a time or a score")]
    if scored:
        ensemble = kept & (question.numbers("repeat") == ENSEMBLE[0]) & (question.numbers("fold") == ENSEMBLE[1])
        kept = ensemble if ensemble.any() else kept
        if np.isfinite(horizon[kept]).any():
            said.append(_left(int((kept & ~np.isfinite(horizon)).sum()), "without a horizon, where others have one"))
            kept &= np.isfinite(horizon)
    cohort, averaged = _coded(question, np.flatnonzero(kept), horizon if scored else np.full(len(rows), np.nan))
    said += ["scores of one study by several models or rows are averaged"] if averaged and scored else []
    return cohort, [text for text in said if text]


def _coded(question: Question, rows: Codes, horizon: Floats) -> tuple[Cohort, bool]:
    """The cohort of clean rows, one a study, and whether scores were averaged for that."""
    patient, study = (question.texts(name)[rows] for name in ("patient_id", "study_id"))
    patients = np.unique(patient, return_inverse=True)[1]
    pair = patients * (len(rows) + 1) + np.unique(study, return_inverse=True)[1]
    _, first, unit = np.unique(pair, return_index=True, return_inverse=True)
    event, time = question.numbers("event")[rows], question.numbers("time_days")[rows]
    other = np.flatnonzero((event != event[first][unit]) | (time != time[first][unit]))
    if other.size:
        raise RefusedError(
            f"predictions row {rows[other[0]] + 2}",
            rule="all rows of one study have the same event and time_days",
            came=f"another outcome of patient {patient[other[0]]} than in row {rows[first[unit[other[0]]]] + 2}",
            do="correct it, or give studies of their own names in study_id",
        )
    there = horizon[rows]
    horizons = np.unique(there[np.isfinite(there)])
    _refuse_own_horizons(horizons, there, first.size)
    wide = max(horizons.size, 1)
    cell = unit * wide + (np.searchsorted(horizons, there) if horizons.size else 0)
    count = np.bincount(cell, minlength=first.size * wide)
    total = np.bincount(cell, weights=question.numbers("score")[rows], minlength=first.size * wide)
    score = np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
    cohort = Cohort(
        row=rows[first],
        patient=patients[first],
        event=event[first].astype(np.intp),
        time=time[first],
        score=score.reshape(first.size, wide),
        horizons=tuple(map(float, horizons)),
    )
    return cohort, bool((count > 1).any())


def _refuse_own_horizons(horizons: Floats, there: Floats, studies: int) -> None:
    """Refuse what is follow-up under the name of a horizon, and more horizons than anybody asks about."""
    shared = int((there[:, None] == horizons[:MOST_HORIZONS]).sum(axis=0).max(initial=0))
    if horizons.size > MOST_HORIZONS or (horizons.size > _FEW and shared < _SHARED * studies):
        raise RefusedError(
            "predictions",
            rule=f"horizon_days is one day asked about for all patients, or at most {MOST_HORIZONS} of them",
            came=f"{horizons.size} horizons for {studies} studies",
            do="write the same horizons for every patient; follow-up goes into time_days",
        )


def _cut_by(question: Question, judged: Cohort) -> tuple[Floats, str] | None:
    """Scores of the validation part, else of the train part, at the horizon that orders patients."""
    score, horizon = question.numbers("score"), question.numbers("horizon_days")
    for name in ("validation", "train"):
        there = question.part(name) & np.isfinite(score)
        if judged.horizons:
            there &= horizon == judged.horizons[judged.column]
        if name != question.split and there.sum() >= 4:
            return score[there], name
    return None


def _twice(question: Question) -> list[str]:
    patients = question.texts("patient_id")
    mine = patients[question.part(question.split)]
    both = {name: np.intersect1d(mine, patients[question.part(name)]).size for name in ("train", "validation")}
    return [
        f"{count} patients are in the {name} and the {question.split} part; its figures are not to be trusted"
        for name, count in both.items()
        if count and name != question.split
    ]


def _left(count: int, why: str) -> str:
    return f"{count} rows {why} are left out" if count else ""


def _refuse(bad: Bools, rule: str, came: Floats, do: str) -> None:
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        more = f" (and {int(bad.sum()) - 1} more rows)" if bad.sum() > 1 else ""
        raise RefusedError(f"predictions row {row + 2}", rule=rule, came=f"{came[row]:g}{more}", do=do)
