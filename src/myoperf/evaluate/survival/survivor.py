"""Kaplan-Meier and Aalen-Johansen estimates for thousands of weightings of the same patients at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..quotient import quotient

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """Rows put in order of their time once.

    order : rows, earliest first, shape (rows,). starts : place in ``order`` where each distinct time begins, and
    times : those times, both of shape (times,).
    """

    order: Codes
    starts: Codes
    times: Floats

    def sums(self, weight: Floats) -> Floats:
        """Weight at each distinct time, shape (..., rows) to (..., times)."""
        return np.asarray(np.add.reduceat(weight[..., self.order], self.starts, axis=-1), dtype=np.float64)

    def until(self, time: Floats) -> Codes:
        """How many distinct times lie at or before each of the given ones: the place to read an estimate at."""
        return np.searchsorted(self.times, time, side="right")


def timeline(time: Floats) -> Timeline:
    """Order finite times, shape (rows,), at least one row."""
    order = np.argsort(time, kind="stable")
    rising = time[order]
    starts = np.append(0, np.flatnonzero(rising[1:] != rising[:-1]) + 1)
    return Timeline(order=order, starts=starts, times=rising[starts])


def at_risk(line: Timeline, weight: Floats) -> Floats:
    """Weight still under observation just before each distinct time, shape (..., rows) to (..., times)."""
    return np.cumsum(line.sums(weight)[..., ::-1], axis=-1)[..., ::-1]


def survivor(line: Timeline, weight: Floats, lost: Bools, first: Bools | None = None) -> Floats:
    """Kaplan-Meier estimate of not being lost, shape (..., rows) to (..., times + 1): at the start, after each time.

    lost : rows that end by what is studied. first : rows that end otherwise and leave before those lost at the same
    time (events, where censoring is studied). Source: Kaplan and Meier 1958.
    """
    there = at_risk(line, weight)
    if first is not None:
        there = there - line.sums(weight * first)
    gone = quotient(line.sums(weight * lost), there, empty=0.0)
    return _after(np.cumprod(1 - gone, axis=-1), 1.0)


def incidence(line: Timeline, weight: Floats, event: Codes) -> Floats:
    """Aalen-Johansen estimate of having had event 1, other events above 0 competing with it.

    Shape (..., rows) to (..., times + 1), from 0 at the start; without competing events 1 - Kaplan-Meier.
    Source: Aalen and Johansen 1978.
    """
    there = at_risk(line, weight)
    free = np.cumprod(1 - quotient(line.sums(weight * (event > 0)), there, empty=0.0), axis=-1)
    before = _after(free, 1.0)[..., :-1]
    return _after(np.cumsum(before * quotient(line.sums(weight * (event == 1)), there, empty=0.0), axis=-1), 0.0)


def _after(values: NDArray[np.floating], start: float) -> Floats:
    return np.concatenate([np.full((*values.shape[:-1], 1), start), values], axis=-1)
