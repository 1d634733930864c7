"""Time of 10,000 patient bootstraps of an AUC with ties, against a loop over scikit-learn, on 640 rows.

``python bench/bootstrap.py [REPLICATES] [LOOPED]``: 10,000 replicates, of which the loop makes 300 and is scaled. The
loop draws patients and calls ``roc_auc_score`` on their rows; both make the same figure, which is checked on the same
draws. Pass line: 50 times faster, with one row a patient and with two.
"""

import sys
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from sklearn.metrics import roc_auc_score

from myoperf.evaluate.discrimination import Steps, areas, rank, steps
from myoperf.evaluate.resampling import bootstrap, draw

ROWS, PASS = 640, 50.0


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """Rows of patients: codes, truth, and scores of which many are equal."""

    patient: np.ndarray
    truth: np.ndarray
    score: np.ndarray

    @property
    def patients(self) -> int:
        return int(self.patient.max()) + 1

    @property
    def classes(self) -> np.ndarray:
        there = np.zeros((self.patients, 2), dtype=bool)
        there[self.patient, self.truth.astype(int)] = True
        return there

    @property
    def made(self) -> Steps:
        return steps(rank(self.score), self.truth, self.patient, self.patients)


def cohort(rows_each: int, seed: int = 0) -> Cohort:
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(ROWS // rows_each), rows_each)
    truth = rng.random(ROWS) < 0.4
    return Cohort(patient=patient, truth=truth, score=np.round(rng.normal(size=ROWS) + truth, 1))


def ours(data: Cohort, replicates: int) -> np.ndarray:
    made = data.made
    found = bootstrap(
        lambda weight: {"auc": areas(made, weight)[0]},
        data.classes,
        rows=ROWS,
        replicates=replicates,
        rng=np.random.default_rng(1),
    )
    return np.asarray(found.values["auc"])


def looped(data: Cohort, replicates: int) -> np.ndarray:
    rng, rows = np.random.default_rng(1), [np.flatnonzero(data.patient == p) for p in range(data.patients)]
    found = []
    for _ in range(replicates):
        drawn = np.concatenate([rows[p] for p in rng.integers(0, data.patients, data.patients)])
        found.append(roc_auc_score(data.truth[drawn], data.score[drawn]))
    return np.array(found)


def same_figures(data: Cohort, replicates: int = 20) -> float:
    """Largest gap between both on the same draws."""
    weight, _ = draw(data.patients, replicates, data.classes, np.random.default_rng(2))
    theirs = [roc_auc_score(data.truth, data.score, sample_weight=one[data.patient]) for one in weight]
    return float(np.abs(areas(data.made, weight)[0] - theirs).max())


def main(replicates: int = 10_000, loops: int = 300) -> int:
    passed = True
    for rows_each in (1, 2):
        data = cohort(rows_each)
        ours(data, 100)
        start = perf_counter()
        found = ours(data, replicates)
        mine, start = perf_counter() - start, perf_counter()
        theirs = looped(data, loops)
        scaled = (perf_counter() - start) * replicates / loops
        gap, ratio = same_figures(data), scaled / mine
        right = ratio >= PASS and gap < 1e-12
        passed &= right
        print(
            f"{data.patients} patients x {rows_each}, {len(np.unique(data.score))} distinct scores:"
            f" {replicates} replicates in {mine:.3f} s, the loop {scaled:.1f} s: {ratio:.0f} times;"
            f" standard error {found.std():.5f} and {theirs.std():.5f};"
            f" largest gap {gap:.1e}: {'pass' if right else 'FAIL'}"
        )
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
