"""A virtual clinic: patients as DICOM files, their truth, and the cohort table that everything else starts from."""

import csv
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from ..core.errors import RefusedError
from ..core.progress import Progress, silent
from ..core.terms import Correction, Position, State, Tracer
from ..io.files import write_text
from ..io.nm_object import NMObject
from ..io.nm_write import write_series
from .patients import CENTER, SCANNER, STATES, Patient, expected_image, render
from .population import draw_patient
from .reader import read_patient
from .truth import LimitsKey, TrueLimits, all_keys, true_limits, truths
from .truth_file import truth_record

COLUMNS = (
    "patient_id",
    "study_id",
    "center",
    "scanner",
    "tracer",
    "position",
    "attenuation_correction",
    "protocol",
    "sex",
    "age",
    "bmi",
    "stress",
    "rest",
    "label_abnormal",
    "label_intermediate_or_high_risk",
)
_BATCH = 8


@dataclass(frozen=True, kw_only=True)
class _Task:
    """A few patients that one process makes in one go."""

    out: Path
    seed: int
    who: tuple[tuple[int, Tracer], ...]
    limits: Mapping[LimitsKey, TrueLimits]


def make_cohort(
    out: Path | str,
    *,
    patients: int,
    tracers: tuple[int, int] = (274, 366),
    physics: str = "fast",
    seed: int = 0,
    jobs: int | None = None,
    progress: Progress = silent,
) -> Path:
    """Write a cohort of virtual patients and return the path of its ``cohort.csv``.

    out : folder; gets ``cohort.csv``, ``dicom/<patient>/{stress,rest}.dcm`` and ``truth/<patient>.json``.
    tracers : parts of Tc-99m and Tl-201; with ``patients`` equal to their sum, exactly these numbers.
    jobs : processes, default one a core. The files are the same bytes for any number of them.

    Refused: fewer than one patient, parts that are negative or both zero, any physics but "fast".
    """
    folder = Path(out)
    _check(patients, tracers, physics, seed)
    who = [(number, _tracer(number, tracers)) for number in range(patients)]
    workers = max(1, jobs if jobs is not None else os.cpu_count() or 1)
    limits = _limits({tracer for _, tracer in who}, workers, progress)
    tasks = [
        _Task(out=folder, seed=seed, who=tuple(who[first : first + _BATCH]), limits=limits)
        for first in range(0, patients, _BATCH)
    ]
    rows: list[dict[str, object]] = []
    for done in _in_order(workers, tasks):
        rows += done
        progress("virtual patients", len(rows), patients)
    return write_text(folder / "cohort.csv", _table(rows))


def _check(patients: int, tracers: Sequence[int], physics: str, seed: int) -> None:
    if physics == "full":
        raise RefusedError(
            "phantom", rule="physics is fast", came="full, which is not built yet", do="use --physics fast"
        )
    if physics != "fast":
        raise RefusedError("phantom", rule="physics is fast or full", came=physics, do="use --physics fast")
    if patients < 1:
        raise RefusedError("phantom", rule="a cohort has patients", came=patients, do="ask for at least 1")
    if len(tracers) != 2 or min(tracers) < 0 or sum(tracers) == 0:
        raise RefusedError(
            "phantom", rule="tracers are two parts, Tc-99m and Tl-201", came=tracers, do="write them as 274:366"
        )
    if seed < 0:
        raise RefusedError("phantom", rule="a seed is a whole number from 0", came=seed, do="use --seed 0")


def _tracer(number: int, tracers: tuple[int, int]) -> Tracer:
    """Tracer of a patient by its number alone, evenly mixed in the ratio asked for."""
    technetium, total = tracers[0], sum(tracers)
    more = (number + 1) * technetium // total > number * technetium // total
    return Tracer.TC99M if more else Tracer.TL201


def virtual_patient(seed: int, number: int, tracers: tuple[int, int] = (274, 366)) -> Patient:
    """Patient ``number`` of the cohort that ``make_cohort`` writes with this seed and these parts, alone."""
    return draw_patient(seed, number, _tracer(number, tracers))


def _limits(tracers: set[Tracer], workers: int, progress: Progress) -> dict[LimitsKey, TrueLimits]:
    keys = [key for key in all_keys() if key[1] in tracers]
    found = []
    for done, limits in enumerate(
        Parallel(n_jobs=min(workers, len(keys)), return_as="generator")(delayed(true_limits)(key) for key in keys)
    ):
        found.append(limits)
        progress("noise-free limits", done + 1, len(keys))
    return dict(zip(keys, found, strict=True))


def _in_order(workers: int, tasks: Sequence[_Task]) -> Iterator[list[dict[str, object]]]:
    """Rows of every task, in the order of the tasks."""
    done = Parallel(n_jobs=min(workers, len(tasks)), return_as="generator")(delayed(_make)(task) for task in tasks)
    yield from done


def _make(task: _Task) -> list[dict[str, object]]:
    """Write the patients of one task."""
    return [
        _write_patient(task.out, draw_patient(task.seed, number, tracer), task.limits) for number, tracer in task.who
    ]


def _write_patient(out: Path, patient: Patient, limits: Mapping[LimitsKey, TrueLimits]) -> dict[str, object]:
    images = {state: expected_image(patient, state) for state in STATES}
    truth = truths(patient, images, limits)
    readings = read_patient(patient, truth)
    record = truth_record(patient, truth, readings, physics="fast")
    for state in STATES:
        write_series(
            out / _series_path(patient, state), nm_object(patient, state, render(patient, state, images[state]))
        )
    write_text(out / "truth" / f"{patient.patient_id}.json", json.dumps(record, indent=1) + "\n")
    return {
        "patient_id": patient.patient_id,
        "study_id": study_id(patient),
        "center": CENTER,
        "scanner": SCANNER,
        "tracer": patient.tracer.value,
        "position": Position.SUPINE.value,
        "attenuation_correction": Correction.NC.value,
        "protocol": patient.protocol,
        "sex": patient.sex.value,
        "age": patient.age,
        "bmi": patient.bmi,
        **{state.value: _series_path(patient, state) for state in STATES},
        **labels_of(record),
    }


def labels_of(record: Mapping[str, object]) -> dict[str, object]:
    """The label columns of one truth record; the label of the other tracer stays out."""
    found = record["labels"]
    return dict(found) if isinstance(found, Mapping) else {}


def study_id(patient: Patient) -> str:
    """Name of the patient's one study."""
    return f"{patient.patient_id}-1"


def _series_path(patient: Patient, state: State) -> str:
    return f"dicom/{patient.patient_id}/{state.value}.dcm"


def nm_object(patient: Patient, state: State, counts: NDArray[np.uint16]) -> NMObject:
    """One state of a patient, ready to be written; counts of shape (slice, row, column)."""
    return NMObject(
        counts=counts[None].astype(np.float32),
        spacing_mm=patient.scan(state).field.spacing_mm,
        patient_id=patient.patient_id,
        study_id=study_id(patient),
        state=state,
        tracer=patient.tracer,
        sex=patient.sex,
        age_years=patient.age,
        model=SCANNER,
        seed=f"phantom {patient.seed}",
    )


def _table(rows: Sequence[Mapping[str, object]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
