"""How far the fast image-space physics lies from the full one: the same patients by both, measured the same way.

    python bench/fast_full.py [--patients 200] [--seed 5] [--jobs 2] [--json FILE] [-o FOLDER]

Same seed, same patients, same disease; only the imaging differs. Prints the mean absolute difference of the 17 segments
(percent of maximum; both states), its part that is common to all patients, correlation and rank correlation of measured
stress TPD (limits of each physics' own undiseased patients), and patients a second of each.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from myoperf.core.segments import segment_means
from myoperf.core.terms import State
from myoperf.io.cohort import read_cohort
from myoperf.phantom.clinic import make_cohort
from myoperf.phantom.preset import Output
from myoperf.quant.batch import StudyMaps, cohort_maps
from myoperf.quant.normals import build_limits
from myoperf.quant.perfusion import deficit

REPLICATES = 1000
SOUND_LOSS = 1.0
"""Percent of the activity that an undiseased heart may lack."""

Floats = NDArray[np.float64]


def make(folder: Path, physics: str, patients: int, seed: int, jobs: int) -> tuple[dict[str, StudyMaps], float]:
    """Polar maps of the cohort by patient, and patients a second that it was made at."""
    started = time.perf_counter()
    table = make_cohort(
        folder / physics, patients=patients, tracers=(1, 0), physics=physics, outputs=(Output.SHORT_AXIS,), seed=seed,
        jobs=jobs,
    )  # fmt: skip
    seconds = time.perf_counter() - started
    cohort = read_cohort(table)
    found = cohort_maps(cohort.rows, jobs=jobs)
    studies = {row.patient_id: found.studies[row.study_id] for row in cohort.rows if row.study_id in found.studies}
    return {p: study for p, study in studies.items() if len(study.maps) == len(State)}, patients / seconds


def losses(folder: Path) -> dict[str, tuple[str, float]]:
    """Sex and true loss of activity at stress by patient."""
    records = [json.loads(file.read_text(encoding="utf-8")) for file in sorted((folder / "truth").glob("*.json"))]
    return {str(r["patient_id"]): (str(r["sex"]), float(r["stress"]["tpd_activity"])) for r in records}


def stress_tpd(studies: dict[str, StudyMaps], known: dict[str, tuple[str, float]]) -> dict[str, float]:
    """Measured stress TPD with limits of the cohort's own undiseased patients of the same sex."""
    found = {}
    for sex in ("F", "M"):
        sound = [studies[p] for p in studies if known[p][0] == sex and known[p][1] < SOUND_LOSS]
        entry = build_limits(sound[0].keys[State.STRESS], [s.maps[State.STRESS] for s in sound], source={})
        for p in (p for p in studies if known[p][0] == sex):
            polar = studies[p].maps[State.STRESS]
            found[p] = deficit(polar.values, polar.weight, entry.limits).tpd
    return found


def segments(studies: dict[str, StudyMaps], patients: list[str]) -> Floats:
    """Segment means, shape (patients, states, 17)."""
    return np.array(
        [
            [segment_means(studies[p].maps[s].values, studies[p].maps[s].weight) for s in State]
            for p in patients
        ]
    )  # fmt: skip


def compare(folder: Path, *, patients: int, seed: int, jobs: int) -> dict[str, float]:
    """Every figure with its 95 % interval over patients."""
    made = {physics: make(folder, physics, patients, seed, jobs) for physics in ("fast", "full")}
    (fast, fast_rate), (full, full_rate) = made["fast"], made["full"]
    both = sorted(set(fast) & set(full))
    gap = segments(fast, both) - segments(full, both)
    known = losses(folder / "full")
    tpd = [stress_tpd(studies, known) for studies in (fast, full)]
    pairs = np.array([[values[p] for values in tpd] for p in both])
    random = np.random.default_rng(0)
    draws = random.integers(0, len(both), (REPLICATES, len(both)))
    each = np.abs(gap).mean(axis=(1, 2))
    spread = np.percentile([each[d].mean() for d in draws], [2.5, 97.5])
    correlation = np.percentile([np.corrcoef(pairs[d].T)[0, 1] for d in draws], [2.5, 97.5])
    return {
        "patients": len(both),
        "refused": 2 * patients - len(fast) - len(full),
        "segment_difference": float(each.mean()),
        "segment_difference_low": float(spread[0]),
        "segment_difference_high": float(spread[1]),
        "common_difference": float(np.abs(gap.mean(axis=(0, 1))).mean()),
        "tpd_correlation": float(np.corrcoef(pairs.T)[0, 1]),
        "tpd_correlation_low": float(correlation[0]),
        "tpd_correlation_high": float(correlation[1]),
        "tpd_rank_correlation": float(spearmanr(pairs[:, 0], pairs[:, 1])[0]),
        "fast_patients_a_second": fast_rate,
        "full_patients_a_second": full_rate,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=200)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    parser.add_argument("-o", "--out", type=Path, help="keep the two cohorts here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        found = compare(options.out or Path(made), patients=options.patients, seed=options.seed, jobs=options.jobs)
    for name, value in found.items():
        print(f"{name:<26}{value:10.3f}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
