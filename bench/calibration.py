"""Coverage of the intervals of calibration, and the time of 2,000 slopes at n = 500.

``python bench/calibration.py [COHORTS]``: 400 simulated cohorts a case if not given. The chances follow intercept +
slope times the logit of the score; what is true is taken from 400,000 such patients. Pass lines: slope, intercept and
observed/expected 93-97 % over 2,000 cohorts (three standard errors more with fewer), the calibration error (which is
biased, and 0 at the edge of its range) at least 85 %, predictive values at 10 % prevalence at least 93 %, and 2,000
slopes in less than a second.
"""

import sys
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from scipy.special import expit

from myoperf.core.predictions import Predictions
from myoperf.evaluate.calibration.bins import equal_count_bins
from myoperf.evaluate.calibration.grading import grade
from myoperf.evaluate.calibration.logistic import fit_lines
from myoperf.evaluate.calibration.prevalence import predictive_interval
from myoperf.evaluate.metrics import Resampling
from myoperf.evaluate.sample import Sample, sample_of

MANY, REPLICATES, RARE = 400_000, 500, 0.1
PLAIN = ("calibration_slope", "calibration_intercept", "observed_expected")


@dataclass(frozen=True, kw_only=True)
class Case:
    """n patients whose logit of the chance is intercept + slope times the logit of the score."""

    n: int
    intercept: float
    slope: float


CASES = tuple(Case(n=n, intercept=a, slope=b) for n in (80, 200) for a, b in ((0.0, 1.0), (0.4, 0.6)))


def logits(n: int, rng: np.random.Generator) -> np.ndarray:
    return np.asarray(rng.normal(-0.5, 1.5, n))


def sample(x: np.ndarray, truth: np.ndarray) -> Sample:
    columns = {"patient_id": np.arange(x.size).astype(str), "truth": truth.astype(float), "score": expit(x)}
    return sample_of(Predictions(columns=columns), np.ones(x.size, dtype=bool))


def true_figures(case: Case) -> dict[str, float]:
    """What the figures are in the population."""
    x = logits(MANY, np.random.default_rng(99))
    score, chance = expit(x), expit(case.intercept + case.slope * x)
    bins = equal_count_bins(score)
    gap = np.bincount(bins, weights=score - chance)
    # the intercept beside a slope held at 1, by halving
    low, high = -5.0, 5.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if expit(middle + x).mean() < chance.mean() else (low, middle)
    called = score >= 0.5
    hit, alarm = (chance * called).sum() / chance.sum(), ((1 - chance) * called).sum() / (1 - chance).sum()
    return {
        "calibration_slope": case.slope,
        "calibration_intercept": low,
        "observed_expected": chance.sum() / score.sum(),
        "ece": np.abs(gap).sum() / MANY,
        "ppv": hit * RARE / (hit * RARE + alarm * (1 - RARE)),
        "npv": (1 - alarm) * (1 - RARE) / ((1 - alarm) * (1 - RARE) + (1 - hit) * RARE),
    }


def coverage(case: Case, cohorts: int) -> dict[str, float]:
    """Share of the cohorts whose intervals hold the true figure."""
    true = true_figures(case)
    inside = dict.fromkeys(true, 0)
    for seed in range(cohorts):
        rng = np.random.default_rng([seed, case.n])
        x = logits(case.n, rng)
        truth = rng.random(case.n) < expit(case.intercept + case.slope * x)
        found = grade(sample(x, truth), Resampling(replicates=REPLICATES, seed=seed))
        ends = {name: (found[name].low, found[name].high) for name in (*PLAIN, "ece")}
        called = x >= 0
        tp, fp, p, n = ((called & truth).sum(), (called & ~truth).sum(), truth.sum(), (~truth).sum())
        ends["ppv"] = predictive_interval(int(tp), int(p), int(fp), int(n), RARE)
        ends["npv"] = predictive_interval(int(n - fp), int(n), int(p - tp), int(p), 1 - RARE)
        for name, (low, high) in ends.items():
            inside[name] += low is not None and high is not None and low <= true[name] <= high
    return {name: count / cohorts for name, count in inside.items()}


def passes(name: str, share: float, cohorts: int) -> bool:
    """Whether a coverage is good enough, as the first lines say."""
    slack = 3 * np.sqrt(0.95 * 0.05 / cohorts) * (cohorts < 2000)
    if name == "ece":
        return bool(share >= 0.85 - slack)
    return bool(share >= 0.93 - slack and (share <= 0.97 + slack or name not in PLAIN))


def slopes_seconds(n: int = 500, replicates: int = 2000) -> float:
    rng = np.random.default_rng(0)
    x = logits(n, rng)
    truth = (rng.random(n) < expit(x)).astype(float)
    weight = rng.multinomial(n, np.full(n, 1 / n), size=replicates).astype(float)
    start = perf_counter()
    fit_lines(x, truth, weight)
    return perf_counter() - start


def main(cohorts: int = 400) -> int:
    good = True
    for case in CASES:
        found = coverage(case, cohorts)
        passed = all(passes(name, share, cohorts) for name, share in found.items())
        good &= passed
        shares = ", ".join(f"{name} {100 * share:.1f}" for name, share in found.items())
        print(
            f"n {case.n}, intercept {case.intercept}, slope {case.slope}, {cohorts} cohorts, coverage in %: {shares}:"
            f" {'pass' if passed else 'FAIL'}"
        )
    seconds = slopes_seconds()
    good &= seconds < 1
    print(f"2,000 slopes at n = 500: {seconds:.2f} s: {'pass' if seconds < 1 else 'FAIL'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
