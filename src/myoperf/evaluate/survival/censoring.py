"""The chance of still being under observation, by which those who are seen stand for those who are not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .cohort import Cohort, days
from .survivor import Floats, Timeline, survivor, timeline

Bools = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Censoring:
    """Kaplan-Meier of censoring, from the judged rows (``fixed`` None) or, once and for all, from the train part.

    lost : rows that are censored; others : rows that end by an event, before those censored at the same time.
    fixed : the estimate of the train part, shape (1, times + 1).
    """

    line: Timeline
    lost: Bools
    others: Bools
    fixed: Floats | None

    @property
    def said(self) -> str:
        """Which rows tell of censoring, as an addition to a method."""
        if self.fixed is None:
            return "censoring from the judged rows"
        return f"censoring from the train part (followed for {days(self.line.times[-1])} days)"

    def estimate(self, weight: Floats) -> Floats:
        """Shape (weightings, rows) to (weightings or 1, times + 1)."""
        return survivor(self.line, weight, self.lost, self.others) if self.fixed is None else self.fixed

    def inverse(self, estimate: Floats, time: Floats) -> Floats:
        """One over the chance of being seen until each time, shape (weightings or 1, times given).

        The estimate counts those censored at the time itself as gone. 0 where it is 0 or not known, since the rows that
        tell of it end earlier.
        """
        kept = estimate[:, self.line.until(time)]
        known = (kept > 1e-12) & ((time <= self.line.times[-1]) | (self.fixed is None))
        return np.divide(1.0, kept, out=np.zeros_like(kept), where=known)


def lasts(train: Cohort, judged: Cohort) -> bool:
    """Whether the train part tells of censoring for as long as is asked: to the last horizon, else the last event."""
    until = float(judged.time.max())
    if judged.horizons:
        until = min(until, judged.horizons[-1])
    elif judged.hit.any():
        until = float(judged.time[judged.hit].max())
    kept = censoring(judged, train, cause_specific=False)
    return bool(kept.inverse(kept.estimate(np.ones((1, len(judged)))), np.array([until]))[0, 0] > 0)


def censoring(judged: Cohort, train: Cohort | None, *, cause_specific: bool) -> Censoring:
    """How the rows were censored. cause_specific : whether a competing event censors too."""
    source = judged if train is None else train
    others = source.hit if cause_specific else source.event > 0
    line = timeline(source.time)
    one = np.ones((1, len(source)))
    fixed = None if train is None else survivor(line, one, ~others, others)
    return Censoring(line=line, lost=~others, others=others, fixed=fixed)
