"""Normal uptake of the 17 segments, virtual beside real."""

from dataclasses import dataclass

import numpy as np
from credibility_cases import Cases, Floats

from myoperf.core.terms import State

REPLICATES = 2000


@dataclass(frozen=True, kw_only=True)
class Segments:
    """Normal patients of one sex in one state. Means and spreads of 17 segments, percent of maximum, shape (17,).

    low, high : 95 % interval of the difference of the means, virtual less real. largest : largest of its 17 sizes.
    expected : largest size that two samples of these numbers differ by when drawn from one population (median).
    """

    sex: str
    state: State
    real: Floats
    virtual: Floats
    real_sd: Floats
    virtual_sd: Floats
    low: Floats
    high: Floats
    patients: tuple[int, int]
    expected: float

    @property
    def gap(self) -> Floats:
        """Virtual less real."""
        return np.asarray(self.virtual - self.real, dtype=np.float64)

    @property
    def largest(self) -> float:
        """Largest absolute difference of the 17."""
        return float(np.abs(self.gap).max())


def compare_segments(real: Cases, virtual: Cases) -> list[Segments]:
    """Both sexes in both states."""
    return [
        _compared(sex, state, real.group(sex, 0).segments[state], virtual.group(sex, 0).segments[state])
        for sex in ("M", "F")
        for state in State
    ]


def _compared(sex: str, state: State, a: Floats, b: Floats) -> Segments:
    random = np.random.default_rng(0)

    def means(values: Floats) -> Floats:
        drawn = random.integers(0, len(values), (REPLICATES, len(values)))
        return np.asarray(values[drawn].mean(axis=1), dtype=np.float64)

    gaps = means(b) - means(a)
    chance = means(a - a.mean(axis=0)) - means(b - b.mean(axis=0))
    low, high = np.percentile(gaps, [2.5, 97.5], axis=0)
    return Segments(
        sex=sex, state=state, real=a.mean(axis=0), virtual=b.mean(axis=0), real_sd=a.std(axis=0, ddof=1),
        virtual_sd=b.std(axis=0, ddof=1), low=low, high=high, patients=(len(a), len(b)),
        expected=float(np.median(np.abs(chance).max(axis=1))),
    )  # fmt: skip
