"""The studies whose follow-up two systems have both foretold."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..question import Question
from ..survival.cohort import Cohort, Cohorts, days
from .matched import named_rows, shared
from .partners import Partners

Codes = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Followed:
    """The same studies of two systems, in one order, with scores at the same horizons and of the same rows.

    train : who tells of censoring for both, or None for the studies themselves. said : what the reader must know.
    """

    first: Cohort
    second: Cohort
    train: Cohort | None
    partners: Partners
    said: tuple[str, ...]


def followed(first: tuple[Question, Cohorts], second: tuple[Question, Cohorts]) -> Followed:
    """Match by patient and study, keep equal outcomes and the horizons that both have.

    Where they have no horizon in common, the score that orders patients stands alone and no probability is judged.
    """
    one, other = first[1].judged, second[1].judged
    mine, theirs = shared(_names(first[0], one), _names(second[0], other))
    same = (one.event[mine] == other.event[theirs]) & (one.time[mine] == other.time[theirs])
    a, b, said = _same_horizons(one.take(mine[same]), other.take(theirs[same]))
    partners = Partners(
        both=len(a),
        only_first=len(one) - len(mine),
        only_second=len(other) - len(mine),
        disagree=int((~same).sum()),
        alone=len(a) == a.patients,
    )
    train = first[1].train if _equal(first[1].train, second[1].train) else None
    return Followed(first=a, second=b, train=train, partners=partners, said=tuple(said))


def _names(question: Question, cohort: Cohort) -> list[tuple[str, str, int]]:
    patient, study = (question.texts(name)[cohort.row] for name in ("patient_id", "study_id"))
    return named_rows(patient, study, np.zeros(len(cohort)))


def _same_horizons(a: Cohort, b: Cohort) -> tuple[Cohort, Cohort, Iterator[str]]:
    """Both with scores at common horizons, where both have one; rows without any are left out."""
    common = tuple(day for day in a.horizons if day in b.horizons)
    if common:
        scores = [cohort.score[:, [cohort.horizons.index(day) for day in common]] for cohort in (a, b)]
    else:
        scores = [cohort.marker[:, None] for cohort in (a, b)]
    known = np.isfinite(scores[0]) & np.isfinite(scores[1])
    kept = np.asarray(known.any(axis=1))
    one, other = (
        replace(cohort, score=np.where(known, score, np.nan), horizons=common).take(kept)
        for cohort, score in zip((a, b), scores, strict=True)
    )
    return one, other, _of_horizons(a, b, common, int((~kept).sum()))


def _of_horizons(a: Cohort, b: Cohort, common: tuple[float, ...], gone: int) -> Iterator[str]:
    if a.horizons != b.horizons:
        listed = ", ".join(map(days, common))
        yield (
            f"only the horizons of both are compared ({listed} days)"
            if common
            else ("they have no horizon in common; only the order that their scores give is compared")
        )
    if gone:
        yield f"{gone} studies have no score by both at a common horizon and are left out"


def _equal(a: Cohort | None, b: Cohort | None) -> bool:
    """Whether two train parts tell the same of censoring."""
    if a is None or b is None or len(a) != len(b):
        return False
    orders = [np.lexsort((cohort.event, cohort.time)) for cohort in (a, b)]
    times, events = a.time[orders[0]] == b.time[orders[1]], a.event[orders[0]] == b.event[orders[1]]
    return bool(times.all() and events.all())
