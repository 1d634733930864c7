"""The rows that two systems have both judged."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..sample import Sample
from .systems import System

Bools = NDArray[np.bool_]
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
    place = {row: index for index, row in enumerate(_rows(second.judged))}
    pairs = [(k, place[row]) for k, row in enumerate(_rows(first.judged)) if row in place]
    mine, theirs = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    same = first.judged.truth[mine] == second.judged.truth[theirs]
    return Matched(
        first=_cut(first, mine[same]),
        second=_cut(second, theirs[same]),
        only_first=len(first.judged) - len(pairs),
        only_second=len(second.judged) - len(pairs),
        disagree=int((~same).sum()),
    )


def in_fold(sample: Sample, code: int) -> tuple[Sample, set[Row]]:
    """The rows of one fold, and which they are."""
    part = sample.take(sample.fold == code)
    return part, set(_rows(part))


def _rows(sample: Sample) -> Iterator[Row]:
    seen: Counter[tuple[str, str]] = Counter()
    order = np.argsort([sample.folds[code][0] for code in sample.fold], kind="stable")
    rows: list[Row] = [("", "", 0)] * len(sample)
    for index in order:
        study = (str(sample.patient_id[index]), str(sample.study[index]))
        rows[index] = (*study, seen[study])
        seen[study] += 1
    return iter(rows)


def _cut(system: System, rows: NDArray[np.intp]) -> System:
    called = system.calls.called
    calls = system.calls if called is None else replace(system.calls, called=called[rows])
    return replace(system, judged=system.judged.take(rows), calls=calls)
