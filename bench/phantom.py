"""Virtual patients a second by either physics, files included, and where the time goes.

python bench/phantom.py [--patients 160] [--full 16] [--jobs 2]
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from myoperf.core.terms import State, Tracer
from myoperf.io.nm import write_series
from myoperf.phantom.clinic import make_cohort
from myoperf.phantom.filing import nm_object
from myoperf.phantom.limits import true_limits
from myoperf.phantom.patients import STATES, expected_image, render
from myoperf.phantom.population import draw_patient
from myoperf.phantom.reader import read_patient
from myoperf.phantom.truth import TrueLimits, state_truth, true_map


def whole_cohort(patients: int, jobs: int, physics: str) -> None:
    milestones: list[tuple[str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()

        def note(step: str, done: int, total: int) -> None:
            if done == total:
                milestones.append((step, time.perf_counter() - start))

        make_cohort(folder, patients=patients, physics=physics, jobs=jobs, progress=note)
        seconds = time.perf_counter() - start
    rate = patients / seconds
    print(f"{physics} physics, {patients} patients with {jobs} jobs: {seconds:.1f} s, {rate:.2f} patients a second")
    for step, at in milestones:
        print(f"  {step} done after {at:.1f} s")


def steps(patients: int) -> None:
    """Milliseconds a patient (both states) of each step, one process, one thread."""
    who = [draw_patient(0, number, Tracer.TC99M) for number in range(patients)]
    images = [{state: expected_image(p, state) for state in STATES} for p in who]
    maps = [true_map(p, State.STRESS, image[State.STRESS]).values for p, image in zip(who, images, strict=True)]
    limits = TrueLimits(mean=np.mean(maps, axis=0), deviation=0.05 * maps[0])
    truth = [{s: state_truth(p, s, image[s], limits) for s in STATES} for p, image in zip(who, images, strict=True)]
    objects = [nm_object(p, s, render(p, s, image[s])) for p, image in zip(who, images, strict=True) for s in STATES]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "heart.dcm"
        for name, work in (
            ("draw the record", lambda: [draw_patient(0, p.number, p.tracer) for p in who]),
            ("paint and blur", lambda: [expected_image(p, s) for p in who for s in STATES]),
            ("noise, rounding", lambda: [render(p, s, i[s]) for p, i in zip(who, images, strict=True) for s in STATES]),
            (
                "truth",
                lambda: [state_truth(p, s, i[s], limits) for p, i in zip(who, images, strict=True) for s in STATES],
            ),
            ("three readers", lambda: [read_patient(p, t) for p, t in zip(who, truth, strict=True)]),
            ("two DICOM files", lambda: [write_series(path, heart) for heart in objects]),
        ):
            print(f"  {name:<18}{1000 * timed(work) / patients:8.2f} ms a patient")
    key = (who[0].sex, Tracer.TC99M, State.STRESS)
    print(f"  limits of one key {timed(lambda: true_limits(key)):8.2f} s (shipped, made anew by a command)")


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description="Virtual patients a second.")
    parser.add_argument("--patients", type=int, default=160)
    parser.add_argument("--full", type=int, default=16)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    whole_cohort(options.patients, options.jobs, "fast")
    whole_cohort(options.full, options.jobs, "full")
    steps(24)


if __name__ == "__main__":
    main()
