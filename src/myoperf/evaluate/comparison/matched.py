"""The rows that two systems have both judged."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..sample import Sample
from .systems import System

Codes = NDArray[np.intp]
Texts = NDArray[np.str_]
Row = tuple[str, str, int]
"""Patient, study, and which row of the study it is (slices and repeats come in their order)."""


@dataclass(frozen=True, kw_only=True)
class Matched:
    """The same rows of both systems, in one order.

    first, second : their systems, cut to these rows. only_first, only_second : rows that the other lacks. disagree :
    rows left out as their truths differ.
    """

    first: System
    second: System
    only_first: int
    only_second: int
    disagree: int

    @property
    def sample(self) -> Sample:
        """The rows with the score of the first system."""
        return self.first.judged

    @property
    def both_called(self) -> bool:
        """Whether both systems have a threshold."""
        return self.first.calls.called is not None and self.second.calls.called is not None


def matched(first: System, second: System) -> Matched:
    """Match by patient and study; ids are compared as they are written."""
    mine, theirs = shared(_rows(first.judged), _rows(second.judged))
    same = first.judged.truth[mine] == second.judged.truth[theirs]
    return Matched(
        first=_cut(first, mine[same]),
        second=_cut(second, theirs[same]),
        only_first=len(first.judged) - len(mine),
        only_second=len(second.judged) - len(mine),
        disagree=int((~same).sum()),
    )


def named_rows(patient: Texts, study: Texts, repeat: NDArray[np.generic]) -> list[Row]:
    """A name for every row, by which the same row of another system is found."""
    seen: Counter[tuple[str, str]] = Counter()
    rows: list[Row] = [("", "", 0)] * len(patient)
    for index in np.argsort(repeat, kind="stable"):
        pair = (str(patient[index]), str(study[index]))
        rows[index] = (*pair, seen[pair])
        seen[pair] += 1
    return rows


def shared(first: Sequence[Row], second: Sequence[Row]) -> tuple[Codes, Codes]:
    """Places of the rows that both have, in the first's order; two arrays of one length."""
    place = {row: index for index, row in enumerate(second)}
    pairs = [(k, place[row]) for k, row in enumerate(first) if row in place]
    mine, theirs = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    return mine, theirs


def in_fold(sample: Sample, code: int) -> tuple[Sample, set[Row]]:
    """The rows of one fold, and which they are."""
    part = sample.take(sample.fold == code)
    return part, set(_rows(part))


def _rows(sample: Sample) -> list[Row]:
    return named_rows(sample.patient_id, sample.study, np.array([pair[0] for pair in sample.folds])[sample.fold])


def _cut(system: System, rows: NDArray[np.intp]) -> System:
    called = system.calls.called
    calls = system.calls if called is None else replace(system.calls, called=called[rows])
    return replace(system, judged=system.judged.take(rows), calls=calls)
