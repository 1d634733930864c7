"""How often reader studies without a true difference are called different, simulated after Roe and Metz 1997.

``python bench/reader_studies.py [STUDIES [READERS [CASES]]]``. Prints one line a structure: correlation of cases and
spread of readers (high or low), true AUC, then the share of p below 0.05 of the test with random readers and cases,
of the one that takes the readers as fixed, of the system against the readers' mean, and how often the interval of one
condition's AUC holds the true one. Pass line: 2.5 to 7.5 % for random readers and cases in each structure.
"""

import sys
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from scipy.stats import norm

from myoperf.evaluate.readers.estimates import areas
from myoperf.evaluate.readers.obuchowski_rockette import Random, analyse, on_logit_scale, over_readers

CASE = {"high": (0.3, 0.3, 0.2, 0.2), "low": (0.1, 0.1, 0.2, 0.6)}
"""Variances of case, condition x case, reader x case, and what is left; they sum to 1."""
READER = {"low": {0.75: 0.0055, 1.5: 0.0055, 2.5: 0.011}, "high": {0.75: 0.011, 1.5: 0.03, 2.5: 0.056}}
"""Variance of reader, and of condition x reader, by the distance of positives from negatives."""


@dataclass(frozen=True, kw_only=True)
class Structure:
    correlation: str = "high"
    spread: str = "low"
    distance: float = 1.5

    @property
    def auc(self) -> float:
        """Expected AUC of readers: two ratings differ by the distance, with all variances in both."""
        return float(norm.cdf(self.distance / np.sqrt(2 * (1 + 2 * READER[self.spread][self.distance]))))


@dataclass(frozen=True, kw_only=True)
class Size:
    readers: int = 5
    cases: int = 100


@dataclass(frozen=True, kw_only=True)
class Found:
    """Shares of studies."""

    random: float
    fixed: float
    system: float
    held: float


def study(structure: Structure, size: Size, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ratings in two equal conditions, (2, readers, cases), those of a system as good as the readers, and truth."""
    truth = np.arange(size.cases) % 2 == 1
    case, other, seat, rest = np.sqrt(CASE[structure.correlation])
    own = np.sqrt(READER[structure.spread][structure.distance])

    def drawn(*shape: int) -> np.ndarray:
        return np.asarray(rng.normal(size=shape))

    level, shift = drawn(1, size.readers, 2) * own, drawn(2, size.readers, 2) * own
    shared = drawn(1, 1, size.cases) * case
    rating = (level + shift)[:, :, truth.astype(int)] + structure.distance * truth + shared
    rating += drawn(2, 1, size.cases) * other + drawn(1, size.readers, size.cases) * seat
    rating += drawn(2, size.readers, size.cases) * rest
    system = shared[0, 0] + np.sqrt(1 - case**2) * drawn(size.cases) + np.sqrt(2) * norm.ppf(structure.auc) * truth
    return rating, system, truth


def simulate(structure: Structure, size: Size, *, studies: int, seed: int = 0) -> Found:
    """Analyse many studies as ``compare_readers`` does."""
    rng = np.random.default_rng(seed)
    patient, shape = np.arange(size.cases), (2, size.readers)
    less = np.concatenate([np.ones((size.readers, 1)), -np.eye(size.readers)], axis=1)
    hits = np.zeros(4)
    for _ in range(studies):
        rating, system, truth = study(structure, size, rng)
        scores = np.concatenate([rating.reshape(-1, size.cases), system[None]])
        found = areas(scores, truth, patient, jackknife=True)
        value, covariance = found.value[:-1].reshape(shape), found.covariance[:-1, :-1].reshape(shape * 2)
        both = analyse(value, covariance, Random.READERS_AND_CASES)
        fixed = analyse(value, covariance, Random.CASES)
        some = np.r_[-1, : size.readers]
        away = over_readers(
            less @ found.value[some], less @ found.covariance[np.ix_(some, some)] @ less.T, Random.READERS_AND_CASES
        )
        one = both.conditions[0]
        p = [both.differences[0, 1].p, fixed.differences[0, 1].p, away.p]
        low, high = on_logit_scale(one) or (1.0, 0.0)
        held = low <= structure.auc <= high
        hits += [*(number is not None and number < 0.05 for number in p), held]
    return Found(**dict(zip(("random", "fixed", "system", "held"), map(float, hits / studies), strict=True)))


def main(studies: int = 1000, readers: int = 5, cases: int = 100) -> None:
    size, start, bad = Size(readers=readers, cases=cases), perf_counter(), 0
    print(f"{studies} studies each of {readers} readers x {cases} cases, no true difference")
    for correlation in CASE:
        for spread, variances in READER.items():
            for distance in variances:
                structure = Structure(correlation=correlation, spread=spread, distance=distance)
                found = simulate(structure, size, studies=studies)
                bad += not 0.025 <= found.random <= 0.075
                print(
                    f"correlation {correlation:4}, spread of readers {spread:4}, AUC {structure.auc:.3f}:"
                    f" called different {found.random:5.1%} (readers fixed {found.fixed:5.1%}, system"
                    f" {found.system:5.1%}); one condition's interval holds {found.held:5.1%}",
                    flush=True,
                )
    verdict = "PASS" if not bad else f"FAIL in {bad} structures"
    print(f"{verdict}: 2.5 to 7.5 % called different in each structure; {perf_counter() - start:.0f} s")
    if bad:
        raise SystemExit(1)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
