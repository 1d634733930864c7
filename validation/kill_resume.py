"""Kill training with SIGKILL at random moments and start it again: how many resume, and do the predictions agree.

    python validation/kill_resume.py [--kills 10] [--jobs 1] [--epochs 12] [--pixels 32] [--seed 0]

Trains the tracer-aware network small, from scratch, on maps made here: once in one go, once with a kill at ``--kills``
random moments (a checkpoint after every epoch, so that most kills come between or inside one). Every start must go on
in the same folder, and the predictions must be those of the uninterrupted run, byte for byte. Exit code 1 if not.
"""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np

from myoperf.core.polar import RINGS, SECTORS, PolarMap
from myoperf.core.terms import State, Tracer
from myoperf.io.cohort import Cohort, CohortRow
from myoperf.protocols import RepeatedPatientCV
from myoperf.recipe import changed
from myoperf.recipes import load_recipe
from myoperf.train import train, training

RECIPE = "samaras2026_tracer_aware"
LABELS = {Tracer.TC99M: "label_abnormal", Tracer.TL201: "label_intermediate_or_high_risk"}
PATIENTS = 160
LONGEST_S = 1800


def made_cohort(folder: Path) -> tuple[Cohort, Mapping[str, Mapping[State, PolarMap]]]:
    """Patients with noise, and a dark patch in the stress map of every positive."""
    rng = np.random.default_rng(0)
    area = np.full((RINGS, SECTORS), 1 / (RINGS * SECTORS))
    rows: list[CohortRow] = []
    maps: dict[str, dict[State, PolarMap]] = {}
    for number in range(PATIENTS):
        tracer, ill = tuple(Tracer)[number % 2], int(rng.random() < 0.5)
        name = f"P{number:03d}"
        rows.append(
            CohortRow(
                row=number + 2, patient_id=name, study_id=name, tracer=tracer, values={LABELS[tracer]: ill}, source=name
            )
        )
        maps[name] = {}
        for state in State:
            values = 85 + 5 * rng.standard_normal((RINGS, SECTORS))
            if ill and state is State.STRESS:
                values[8:18, np.arange(number % SECTORS, number % SECTORS + 9) % SECTORS] -= 25
            maps[name][state] = PolarMap(
                values=values,
                weight=area,
                ring_mm=np.arange(float(RINGS)),
                reference_counts=1.0,
                state=state,
                source="made",
            )
    return Cohort(path=folder / "cohort.csv", rows=tuple(rows), columns=()), maps


def child(folder: Path, options: argparse.Namespace) -> None:
    """Train in this process; says when it begins."""
    training.CHECKPOINT_SECONDS = 0.0
    cohort, maps = made_cohort(folder)
    small = {
        "views.0.size": options.pixels,
        "system.network.encoder.weights": None,
        "system.network.encoder.width": 0.25,
        "system.training.epochs": options.epochs,
        "system.training.lr": 1e-3,
        "system.training.averaging": 0.9,
    }
    recipe = changed(replace(load_recipe(RECIPE), variants={}, scratch={}, quick={}, usual=(), published=()), small)
    import_module("myoperf.networks.resnet")
    import_module("myoperf.train.network_fit")
    print("begins", flush=True)
    protocol = RepeatedPatientCV(folds=3, repeats=1)
    train(recipe, cohort, maps=maps, out=folder, jobs=options.jobs, protocol=protocol, seed=options.seed)


def start(folder: Path, options: argparse.Namespace, kill_after: float | None) -> tuple[bool, float]:
    """Run a child; kill it after so many seconds, or let it end. Whether it was killed, and how long it trained."""
    words = [f"--{name}={getattr(options, name)}" for name in ("jobs", "epochs", "pixels", "seed")]
    command = [sys.executable, __file__, "--folder", str(folder), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None or process.stdout.readline() != "begins\n":
            raise SystemExit("a run did not begin")
        begun = time.monotonic()
        try:
            process.wait(LONGEST_S if kill_after is None else kill_after)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        if process.returncode not in (0, -signal.SIGKILL):
            raise SystemExit(f"a run ended with exit code {process.returncode}")
        return process.returncode != 0, time.monotonic() - begun


def main() -> int:
    """Compare the broken run with the whole one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("kills", 10), ("jobs", 1), ("epochs", 12), ("pixels", 32), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.folder is not None:
        child(options.folder, options)
        return 0
    with tempfile.TemporaryDirectory() as place:
        whole, broken = Path(place) / "whole", Path(place) / "broken"
        _, lasted = start(whole, options, None)
        print(f"in one go: {lasted:.1f} s", flush=True)
        draw, killed = random.Random(options.seed), 0
        while killed < options.kills:
            moment = draw.uniform(0.02, 0.5) * lasted
            was_killed, after = start(broken, options, moment)
            if not was_killed:
                print("ended before it could be killed; begun anew", flush=True)
                broken = broken.with_name(f"{broken.name}+")
                continue
            killed += 1
            left = sorted(path.name for path in broken.rglob("*.checkpoint"))
            done = len(list((broken / "folds").glob("*.json")))
            print(f"kill {killed}: after {after:.1f} s; {done} fits done, checkpoints {left}", flush=True)
        start(broken, options, None)
        names = ("predictions.csv", "splits.json", "scorecard.json")
        same = {name: (whole / name).read_bytes() == (broken / name).read_bytes() for name in names}
    print(f"{killed} of {options.kills} killed runs went on; identical to the uninterrupted run: {same}")
    return 0 if all(same.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
