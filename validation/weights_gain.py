"""What the shipped weights gain over training from scratch when patients are few.

    python validation/weights_gain.py -o FOLDER [--patients 87] [--pacific FOLDER] [--size 64] [--epochs 20]
        [--folds 5] [--repeats 1] [--jobs 2] [--weights FILE] [--only triad samaras pacific] [--tuned]

Cohorts: the triad's 87 virtual patients (65 normal, 18 ischaemia, 4 infarction; 2 folds, twice as often, so that every
part holds two infarctions), the stress maps of 87 virtual patients
of the tracer-aware system, and the stress maps of real men where ``--pacific`` names the folder of the public set.
Virtual cohorts have seeds that the weights were not made with. Every system sees the same patients in the same folds of
a patient-wise cross-validation at the same size of picture: a whole ResNet-18 from scratch, the shipped one kept frozen
with new heads, and with ``--tuned`` the shipped one trained on. Prints AUC (over classes: mean of each against the
rest) of the held-out scores, and the gain over scratch with the 95 % interval of a paired bootstrap of patients within
classes (2000 replicates); the intervals tell of the patients, not of chance in training.
"""

import argparse
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from myoperf.phantom.clinic import make_cohort
from myoperf.phantom.preset import Output
from myoperf.protocols import RepeatedPatientCV
from myoperf.recipe import Changes, Recipe, ResNet18, Stage, changed
from myoperf.recipes import load_recipe
from myoperf.train import train
from myoperf.train.shipped import shipped_encoder

SEED = 780_001
"""Seed of the virtual cohorts; the weights were made with others."""
REPLICATES = 2000
SCRATCH, FROZEN, TUNED = "from scratch", "shipped, frozen", "shipped, trained on"

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Held-out scores of one system: patient and class of each row, probability of each class."""

    patient: NDArray[np.str_]
    truth: NDArray[np.intp]
    score: Floats


def prepared(name: str, options: argparse.Namespace) -> tuple[Recipe, Path, str | None]:
    """Recipe, cohort table and condition on its rows."""
    if name == "pacific":
        return one_input("samaras2026_tracer_aware"), copied(options.pacific, options.out / name), "sex == 'M'"
    preset = {"triad": "abulaila", "samaras": "samaras"}[name]
    seed = SEED if name == "triad" else SEED + 1
    folder = options.out / f"{name}-{seed}-{options.patients}"
    table = folder / "cohort.csv"
    if not table.exists():
        make_cohort(
            folder, patients=options.patients, preset=preset, outputs=(Output.SHORT_AXIS,), seed=seed, jobs=options.jobs
        )
    return one_input("abulaila2025_triad" if name == "triad" else "samaras2026_tracer_aware"), table, None


def copied(data: Path, folder: Path) -> Path:
    """The table of a copy of a cohort: nothing is written beside the data."""
    if not folder.exists():
        shutil.copytree(data, folder, copy_function=shutil.copyfile)
        folder.chmod(0o755)
    return folder / "cohort.csv"


def one_input(name: str) -> Recipe:
    """A recipe with its main variant alone."""
    found = load_recipe(name)
    return replace(found, variants={}, usual=(), groups={}, claims=(), assumed={}, scratch={}, quick={}, published=())


def systems(options: argparse.Namespace) -> Mapping[str, tuple[Changes, str | Path]]:
    """Changes of the recipe and first weights of every system."""
    given = options.weights or shipped_encoder() or "virtual"
    whole = (Stage(epochs=options.epochs, lr=3e-4, learns="all"),)
    found: dict[str, tuple[Changes, str | Path]] = {
        SCRATCH: ({"system.network.encoder": ResNet18(weights=None), "system.training.stages": whole}, "none"),
        FROZEN: (
            {
                "system.network.encoder": ResNet18(weights="virtual", frozen=True),
                "system.training.stages": (Stage(epochs=3 * options.epochs, lr=1e-3, learns="heads"),),
            },
            given,
        ),
    }
    if options.tuned:
        found[TUNED] = ({"system.network.encoder": ResNet18(weights="virtual"), "system.training.stages": whole}, given)
    return found


def held_out(run: Path) -> dict[str, Scores]:
    """Held-out scores of a run by target; of several repeats each patient has a row for each."""
    table = pd.read_csv(run / "predictions.csv", dtype={"patient_id": str})
    table = table[(table.split == "validation") & table.truth.notna()]
    classes = [name for name in map(str, table.columns) if name.startswith("class_")]
    found = {}
    for target, rows in table.groupby("target"):
        found[str(target)] = Scores(
            patient=rows.patient_id.to_numpy(dtype=str),
            truth=rows.truth.to_numpy(dtype=float).astype(np.intp),
            score=rows[classes or ["score"]].to_numpy(dtype=float),
        )
    return found


def area(scores: Scores, rows: NDArray[np.intp]) -> float:
    """AUC; of several classes the mean of each against the rest."""
    truth, score = scores.truth[rows], scores.score[rows]
    if score.shape[1] == 1:
        return _against_rest(truth == 1, score[:, 0])
    return float(np.mean([_against_rest(truth == k, score[:, k]) for k in np.unique(truth)]))


def _against_rest(positive: NDArray[np.bool_], score: Floats) -> float:
    """Share of pairs in the right order, ties half, by ranks."""
    count = int(positive.sum())
    above = rankdata(score)[positive].sum() - count * (count + 1) / 2
    return float(above / (count * (len(positive) - count)))


def gain(new: Scores, old: Scores, seed: int = 0) -> tuple[float, float, float]:
    """Difference of the areas with its 95 % interval: patients are drawn within their class, both systems alike."""
    if not (np.array_equal(new.patient, old.patient) and np.array_equal(new.truth, old.truth)):
        raise ValueError("both systems answer for the same patients in the same order")
    rng = np.random.default_rng(seed)
    people, first = np.unique(new.patient, return_index=True)
    of_class = [people[new.truth[first] == k] for k in np.unique(new.truth)]
    rows = {who: np.flatnonzero(new.patient == who) for who in people}
    values = []
    for _ in range(REPLICATES):
        drawn = np.concatenate([rng.choice(group, len(group)) for group in of_class])
        these = np.concatenate([rows[who] for who in drawn])
        values.append(area(new, these) - area(old, these))
    every = np.arange(len(new.truth))
    low, high = np.percentile(values, [2.5, 97.5])
    return area(new, every) - area(old, every), float(low), float(high)


def judged(name: str, options: argparse.Namespace) -> None:
    """Train every system on one cohort and print."""
    recipe, table, where = prepared(name, options)
    folds, repeats = (2, 2 * options.repeats) if name == "triad" else (options.folds, options.repeats)
    protocol = RepeatedPatientCV(folds=folds, repeats=repeats, test_fraction=0.0, validation_fraction=0.0)
    found: dict[str, dict[str, Scores]] = {}
    for system, (changes, weights) in systems(options).items():
        started = time.monotonic()
        made = replace(changed(recipe, {**changes, "views.0.size": options.size}), protocol=protocol)
        run = options.out / f"run-{name}-{system.replace(', ', '-').replace(' ', '-')}"
        train(made, table, out=run, where=where, weights=weights, seed=options.seed, jobs=options.jobs)
        found[system] = held_out(run)
        print(f"  {system}: {time.monotonic() - started:.0f} s", flush=True)
    for target, old in found[SCRATCH].items():
        counts = ", ".join(str(len(set(old.patient[old.truth == k]))) for k in np.unique(old.truth))
        print(f"  {target}, n = {len(set(old.patient))} ({counts}), {repeats} x {folds} folds")
        every = np.arange(len(old.truth))
        print(f"    {SCRATCH}: AUC {area(old, every):.3f}")
        for system in list(found)[1:]:
            value, low, high = gain(found[system][target], old)
            shown = f"AUC {area(found[system][target], every):.3f}, gain {value:+.3f} [{low:+.3f}, {high:+.3f}]"
            print(f"    {system}: {shown}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--patients", type=int, default=87)
    parser.add_argument("--pacific", type=Path)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--only", nargs="*", default=["triad", "samaras", "pacific"])
    parser.add_argument("--tuned", action="store_true")
    options = parser.parse_args()
    for name in options.only:
        if name == "pacific" and (options.pacific is None or not (options.pacific / "cohort.csv").exists()):
            print("pacific: left out, --pacific names no folder with a cohort.csv")
            continue
        print(f"{name}: pictures of {options.size} pixels", flush=True)
        judged(name, options)


if __name__ == "__main__":
    main()
