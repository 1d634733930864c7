"""How often the test of tracer x input is wrong, and how often its interval holds the truth.

``python bench/interaction.py [cohorts]``. Two systems are judged in two tracers whose patients are not the same, sizes
and AUCs as in the tracer-aware paper's test part (41 and 55 patients). Scores are normal, those of the two systems of
one patient correlated. Prints, without and with a true interaction, the share of tests at 0.05 that find one and the
share of 95 % intervals that hold the true value (known from normal theory). Pass line: 3 to 7 %, 93 to 97 %.
"""

import sys
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from myoperf.evaluate.delong import delong, difference
from myoperf.evaluate.intervals import Z

SHARED = 0.6
"""Correlation of two systems' scores of one patient."""


@dataclass(frozen=True)
class Tracer:
    """Patients without and with the finding, and the AUC of both systems."""

    negatives: int
    positives: int
    first: float
    second: float

    def gain(self, rng: np.random.Generator) -> tuple[float, float]:
        """Difference in AUC of one drawn cohort, and its standard error."""
        truth = np.arange(self.negatives + self.positives) >= self.negatives
        common = rng.normal(size=truth.size)
        shift = np.sqrt(2) * ndtri(np.array([self.first, self.second]))
        own = rng.normal(size=(2, truth.size))
        scores = np.sqrt(SHARED) * common + np.sqrt(1 - SHARED) * own + shift[:, None] * truth
        found = difference(delong(truth, scores))
        assert found is not None
        return found.value, found.error


def run(tracers: tuple[Tracer, Tracer], cohorts: int, rng: np.random.Generator) -> tuple[float, float]:
    """Share of tests that reject, and of intervals that hold the true interaction."""
    true = (tracers[0].first - tracers[0].second) - (tracers[1].first - tracers[1].second)
    rejected = held = 0
    for _ in range(cohorts):
        (one, a), (other, b) = (tracer.gain(rng) for tracer in tracers)
        error = max(float(np.hypot(a, b)), 1e-9)
        rejected += bool(2 * ndtr(-abs(one - other) / error) < 0.05)
        held += bool(abs(one - other - true) <= Z * error)
    return rejected / cohorts, held / cohorts


def main() -> None:
    cohorts = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    rng = np.random.default_rng(0)
    for name, tl in (("no interaction", (0.88, 0.70)), ("interaction 0.18", (0.80, 0.80))):
        for times in (1, 3):
            cases = (Tracer(22 * times, 19 * times, 0.88, 0.70), Tracer(25 * times, 30 * times, *tl))
            rejected, held = run(cases, cohorts, rng)
            print(f"{name}, {96 * times} patients: found {rejected:.1%}, interval holds {held:.1%} ({cohorts} cohorts)")


if __name__ == "__main__":
    main()
