"""How often the 95 % intervals of ``evaluate`` hold the true figure, on simulated cohorts.

``python bench/interval_coverage.py [COHORTS] [REPLICATES]``: 300 cohorts and 1000 replicates, if not given; 2000 and
2000 are the full size. Wilson's coverage goes up and down with the true proportion and the number of patients, so its
exact average over proportions from 0.6 to 0.95 stands beside that of the cohorts. Pass line: 93 to 97 % for every
interval that a scorecard prints; the naive one must miss; clustered DeLong is shown beside, not judged.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom, norm

from myoperf.core.predictions import Predictions
from myoperf.evaluate.delong import delong, logit_interval
from myoperf.evaluate.discrimination import areas
from myoperf.evaluate.intervals import Pair, auc_by_score_method, wilson
from myoperf.evaluate.resampling import bootstrap, interval
from myoperf.evaluate.sample import Sample, sample_of

PASS = (0.93, 0.97)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A cohort: patients, rows of each (correlation 0.8 within a patient), true AUC, share of positives."""

    patients: int
    rows: int = 1
    auc: float = 0.85
    share: float = 0.4

    @property
    def shift(self) -> float:
        return float(np.sqrt(2) * norm.ppf(self.auc))

    @property
    def rate(self) -> float:
        """Sensitivity and specificity at the cut half-way between the classes."""
        return float(norm.cdf(self.shift / 2))


def cohorts_of(case: Case, cohorts: int, seed: int = 0) -> Iterator[Sample]:
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(case.patients), case.rows)
    truth = (np.arange(case.patients) < max(1, round(case.share * case.patients)))[patient]
    names = {"patient_id": patient.astype(str), "study_id": np.arange(patient.size).astype(str), "truth": 1.0 * truth}
    everyone = np.ones(patient.size, dtype=bool)
    for _ in range(cohorts):
        own, noise = rng.normal(size=case.patients), rng.normal(size=patient.size)
        mix = np.sqrt(0.8) * own[patient] + np.sqrt(0.2) * noise if case.rows > 1 else noise
        yield sample_of(Predictions(columns={**names, "score": mix + case.shift * truth}), everyone)


def bca(sample: Sample, replicates: int, seed: int) -> Pair | None:
    """Interval of the AUC by resampling patients."""
    found = bootstrap(
        lambda weight: {"auc": areas(sample.steps, weight)[0]},
        sample.classes,
        rows=len(sample),
        replicates=replicates,
        rng=np.random.default_rng(seed),
    )
    value = float(areas(sample.steps, np.ones((1, sample.patients)))[0][0])
    return interval(value, found.values["auc"], found.left_out["auc"], found.patients)


def by_delong(sample: Sample, *, rows: bool = False) -> Pair | None:
    """Interval of the AUC on the logit scale; rows : wrongly take every row for a patient."""
    found = delong(sample.truth, sample.score, None if rows else sample.patient)
    return logit_interval(float(found.auc[0]), float(found.covariance[0, 0]))


def sides(sample: Sample, case: Case) -> list[Pair]:
    """Wilson's intervals of sensitivity and specificity, which have one true value."""
    right = (sample.score >= case.shift / 2) == sample.truth
    return [wilson(int(right[rows].sum()), int(rows.sum())) for rows in (sample.truth, ~sample.truth)]


def coverage(case: Case, *, cohorts: int, replicates: int, seed: int = 0) -> dict[str, float]:
    """Share of the cohorts whose interval holds the true figure, by method."""
    held: dict[str, list[bool]] = {}

    def count(name: str, pair: Pair | None, true: float, sample: Sample) -> None:
        if pair is None:
            positive = sample.count(sample.truth)
            pair = auc_by_score_method(
                float(delong(sample.truth, sample.score).auc[0]), positive, sample.patients - positive
            )
        held.setdefault(name, []).append(pair[0] <= true <= pair[1])

    for number, sample in enumerate(cohorts_of(case, cohorts, seed)):
        if case.rows == 1:
            count("DeLong (logit)", by_delong(sample), case.auc, sample)
            count("BCa", bca(sample, replicates, number), case.auc, sample)
            for pair in sides(sample, case):
                count("Wilson", pair, case.rate, sample)
        else:
            count("BCa over patients", bca(sample, replicates, number), case.auc, sample)
            count("clustered DeLong (logit)", by_delong(sample), case.auc, sample)
            count("naive: rows as patients", by_delong(sample, rows=True), case.auc, sample)
    return {name: float(np.mean(each)) for name, each in held.items()}


def wilson_exactly(n: int, rates: np.ndarray) -> float:
    """Coverage of Wilson's interval of n patients, without simulation, averaged over true proportions."""
    hits = np.arange(n + 1)
    low, high = np.array([wilson(int(k), n) for k in hits]).T
    inside = (low[:, None] <= rates) & (rates <= high[:, None])
    return float((binom.pmf(hits[:, None], n, rates) * inside).sum(axis=0).mean())


def main(cohorts: int = 300, replicates: int = 1000) -> int:
    passed = True
    many = [Case(patients=80, rows=20, auc=auc) for auc in (0.75, 0.95)]
    for case in [*(Case(patients=n, auc=auc) for n in (80, 200) for auc in (0.75, 0.95)), *many]:
        rows = f" x {case.rows} images" if case.rows > 1 else ""
        found = coverage(case, cohorts=cohorts, replicates=replicates)
        if case.rows == 1:
            n = round(case.share * case.patients)
            found[f"Wilson, exact average at n = {n}"] = wilson_exactly(n, np.linspace(0.6, 0.95, 351))
        margin = 2 * np.sqrt(0.95 * 0.05 / cohorts) if cohorts < 2000 else 0.0
        for name, value in found.items():
            right = value < PASS[0] if "naive" in name else PASS[0] - margin <= value <= PASS[1] + margin
            judged = "clustered DeLong" not in name
            passed &= bool(right) or not judged
            verdict = ("ok" if right else "FAILS") if judged else "(not judged)"
            print(f"{case.patients} patients{rows}, AUC {case.auc}: {name} {value:.1%} {verdict}", flush=True)
    print(f"{cohorts} cohorts: {'pass' if passed else 'FAIL'} (93 to 97 %; naive: must miss)")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
