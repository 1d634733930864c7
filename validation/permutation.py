"""Random labels through a whole protocol: nothing can be learnt, so nothing may be found.

    python validation/permutation.py [--permutations 50] [--patients 480] [--jobs 2] [--protocol 5x2:0.3] [--seed 0]

Every permutation deals the labels anew among the patients of one fixed cohort and trains two systems on its maps by the
verb ``train`` itself: logistic regression on standardised segment values, and a small network that stops on its
validation part. Mean AUC of the folds and of the test part over the permutations must be 0.50 +- 0.02, and the printed
intervals must cover 0.5 in at least 93 % (less what chance allows in so few). The counter-example shows what is caught
here: few patients with ten near-identical images each and the same kind of labels. Dealt by image, a forest that learnt
nothing but faces reaches an AUC far above 0.5; dealt by patient it does not. Exit code 1 if one of these fails.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import joblib
import numpy as np
from scipy.stats import binom

from myoperf.core.polar import RINGS, SECTORS, PolarMap
from myoperf.core.terms import State, Tracer
from myoperf.io.cohort import Cohort, CohortRow
from myoperf.protocols import RepeatedPatientCV
from myoperf.recipe import (
    MLP,
    LogisticRegression,
    Paper,
    RandomForest,
    Recipe,
    SharedEncoder,
    Sklearn,
    Target,
    Torch,
    Training,
)
from myoperf.train import train
from myoperf.views import Regions

Maps = Mapping[str, Mapping[State, PolarMap]]

NETWORK = Torch(
    network=SharedEncoder(encoder=MLP(hidden=(8,), dropout=0.2)), training=Training(epochs=12, patience=4, lr=1e-2)
)
RECIPE = Recipe(
    paper=Paper(cite="Nobody", title="Two systems that are shown nothing", year=2026),
    targets=(Target("abnormal", kind="binary", tracer=Tracer.TC99M),),
    views=(Regions(states=(State.STRESS,)),),
    system=Sklearn(estimator=LogisticRegression()),
    protocol=RepeatedPatientCV(),
    main="logistic",
    variants={"network": {"system": NETWORK}},
    usual=("logistic", "network"),
    name="permutation",
)
FACES = replace(
    RECIPE, system=Sklearn(estimator=RandomForest(trees=60, smallest_leaf=1)), main="forest", variants={}, usual=()
)
TOLERANCE, COVERED, FAR = 0.02, 0.93, 0.8
IMAGES, FACE_PATIENTS, FACE_PERMUTATIONS = 10, 60, 5


@dataclass(frozen=True, kw_only=True)
class Found:
    """AUC of one system under one permutation: mean over the folds, of the test part, and whether each 95 % interval
    covers 0.5."""

    system: str
    folds: float
    test: float
    folds_cover: bool
    test_covers: bool


def fixed_cohort(folder: Path, patients: int, images: int, seed: int) -> tuple[Cohort, Maps]:
    """Smooth maps that differ from patient to patient, and hardly from image to image of one."""
    rng = np.random.default_rng([seed, 1])
    angle = 2 * np.pi * np.arange(SECTORS) / SECTORS
    waves = np.stack([np.cos(k * angle + shift) for k in (0, 1, 2, 3) for shift in (0, np.pi / 2)])
    area = np.full((RINGS, SECTORS), 1 / (RINGS * SECTORS))
    rows: list[CohortRow] = []
    maps: dict[str, dict[State, PolarMap]] = {}
    for number in range(patients):
        face = 75 + 3 * rng.standard_normal((RINGS, len(waves))).cumsum(axis=0) @ waves / np.sqrt(RINGS)
        for image in range(images):
            study = f"P{number:03d}#{image}"
            values = face + 0.3 * rng.standard_normal(face.shape)
            maps[study] = {
                State.STRESS: PolarMap(
                    values=values,
                    weight=area,
                    ring_mm=np.arange(float(RINGS)),
                    reference_counts=1.0,
                    state=State.STRESS,
                    source="made",
                )
            }
            rows.append(CohortRow(row=0, patient_id=f"P{number:03d}", study_id=study, tracer=Tracer.TC99M))
    return Cohort(path=folder / "cohort.csv", rows=tuple(rows), columns=()), maps


def permuted(cohort: Cohort, rng: np.random.Generator) -> Cohort:
    """The cohort with labels dealt anew: half of the patients are positive, all images of one alike."""
    patients = sorted({row.patient_id for row in cohort.rows})
    labels = dict(zip(patients, rng.permutation(np.arange(len(patients)) % 2).tolist(), strict=True))
    rows = (replace(row, values={"label_abnormal": labels[row.patient_id]}) for row in cohort.rows)
    return replace(cohort, rows=tuple(rows))


def one_permutation(
    recipe: Recipe, cohort: Cohort, maps: Maps, protocol: str, *, number: int, seed: int
) -> list[Found]:
    """Train and judge under one permutation of the labels."""
    dealt = permuted(cohort, np.random.default_rng([seed, 2, number]))
    with tempfile.TemporaryDirectory() as folder:
        run = train(recipe, dealt, maps=maps, out=Path(folder) / "run", protocol=protocol, seed=seed + number, jobs=1)
        card = json.loads((run / "scorecard.json").read_text(encoding="utf-8"))
    return [_found(name, score) for name, score in card["targets"].items()]


def _found(name: str, score: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Found:
    folds, test = score["folds"]["auc"], score["metrics"]["auc"]
    return Found(
        system=name.split("/")[1] if "/" in name else "",
        folds=folds["mean"],
        test=test["value"],
        folds_cover=folds["low"] <= 0.5 <= folds["high"],
        test_covers=test["low"] <= 0.5 <= test["high"],
    )


def many(
    recipe: Recipe, protocol: str, *, patients: int, images: int, permutations: int, jobs: int, seed: int
) -> list[Found]:
    """All permutations of one fixed cohort."""
    with tempfile.TemporaryDirectory() as folder:
        cohort, maps = fixed_cohort(Path(folder), patients, images, seed)
        pool = joblib.Parallel(n_jobs=jobs, batch_size=1)
        found = pool(
            joblib.delayed(one_permutation)(recipe, cohort, maps, protocol, number=number, seed=seed)
            for number in range(permutations)
        )
    return [one for each in found for one in each]


def judged(found: list[Found]) -> bool:
    """Print the means over the permutations; whether they are what random labels must give."""
    good = True
    for system in sorted({one.system for one in found}):
        mine = [one for one in found if one.system == system]
        for part in ("folds", "test"):
            aucs = np.array([getattr(one, part) for one in mine])
            covered = sum(one.folds_cover if part == "folds" else one.test_covers for one in mine)
            error = aucs.std(ddof=1) / np.sqrt(len(aucs))
            allowed = int(binom.ppf(0.01, len(mine), COVERED))
            fine = abs(aucs.mean() - 0.5) <= TOLERANCE and covered >= allowed
            good &= bool(fine)
            print(
                f"{system:9} {part:6} mean AUC {aucs.mean():.4f} (standard error {error:.4f}, range {aucs.min():.2f} to"
                f" {aucs.max():.2f}); 0.5 inside the interval in {covered} of {len(mine)}  {'ok' if fine else 'FAIL'}"
            )
    return good


def counter_example(permutations: int, jobs: int, seed: int) -> bool:
    """Print what the same kind of labels give when images are dealt, and when patients are."""
    size = {"patients": FACE_PATIENTS, "images": IMAGES, "permutations": permutations, "jobs": jobs, "seed": seed}
    means = {}
    for who, protocol in (("image", "5x1:0.2,unit=image"), ("patient", "5x1:0.2")):
        found = many(FACES, protocol, **size)
        means[who] = float(np.mean([one.test for one in found]))
        folds = np.mean([one.folds for one in found])
        print(f"dealt by {who:7}: mean AUC {folds:.3f} over the folds, {means[who]:.3f} in the test part")
    return means["image"] > FAR and means["patient"] < FAR


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--permutations", type=int, default=50)
    parser.add_argument("--patients", type=int, default=480)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--protocol", default="5x2:0.3")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    started = time.monotonic()
    print(f"{options.permutations} permutations, {options.patients} patients, protocol {options.protocol}")
    found = many(
        RECIPE,
        options.protocol,
        patients=options.patients,
        images=1,
        permutations=options.permutations,
        jobs=options.jobs,
        seed=options.seed,
    )
    good = judged(found)
    print(f"random labels, {FACE_PATIENTS} patients with {IMAGES} near-identical images each:")
    caught = counter_example(FACE_PERMUTATIONS, options.jobs, options.seed)
    print(f"{'pass' if good and caught else 'FAIL'}: {time.monotonic() - started:.0f} s")
    return 0 if good and caught else 1


if __name__ == "__main__":
    sys.exit(main())
