"""A virtual clinic: patients as files, their truth, and the cohort table that everything else starts from."""

import csv
import hashlib
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from joblib import Parallel, delayed

from ..core.errors import RefusedError
from ..core.progress import Progress, silent
from ..core.terms import Tracer
from ..io.files import write_text
from .beat import GATES
from .body import HOT_GUT
from .camera import CAMERAS
from .coronary import obstructive
from .disease import lost_share
from .examination import class_of_disease, examine
from .filing import Order, file_patient, needs_full, shoot
from .frames import frames_of
from .limits import stored_limits
from .patients import STATES, Patient
from .planes import Candidate, Plane, Wanted, candidates, chosen_planes
from .population import GENERAL, NORMALS_SEED, Population, draw_patient
from .preset import Output, Preset, preset_named
from .quota import Traits, fill
from .reader import CLINIC, Panel

FAST_OUTPUTS = (Output.SHORT_AXIS, Output.SCREENSHOTS)
FULL_OUTPUTS = tuple(output for output in Output if output is not Output.SLICES)
_BATCH = {"fast": 8, "full": 2}
_LARGE_DEFECT = 0.30
"""Part of the ventricle's uptake that is lost where the heart's shape is hard to see."""


@dataclass(frozen=True, kw_only=True)
class _Task:
    """A few patients that one process makes in one go."""

    out: Path
    seed: int
    who: tuple[tuple[int, Tracer], ...]
    population: Population
    panel: Panel
    order: Order
    planes: Mapping[int, frozenset[Plane]] | None = None
    frames: tuple[int, int] | None = None


def make_cohort(
    out: Path | str,
    *,
    patients: int | None = None,
    tracers: tuple[int, int] | None = None,
    physics: str | None = None,
    preset: str | None = None,
    outputs: Sequence[Output] | None = None,
    dose: float = 1.0,
    gates: int = 8,
    population: Population | None = None,
    panel: Panel = CLINIC,
    seed: int = 0,
    jobs: int | None = None,
    progress: Progress = silent,
) -> Path:
    """Write a cohort of virtual patients and return the path of its ``cohort.csv``.

    out : folder; gets ``cohort.csv``, ``dicom/<patient>/...``, ``truth/<patient>.json`` and what ``outputs`` name.
    patients : how many; by default the preset's number. tracers : parts of Tc-99m and Tl-201; with ``patients`` equal
    to their sum, exactly these numbers. physics : "fast" (in image space) or "full" (projections, counts,
    reconstruction). preset : a name of ``phantom.preset.PRESETS``; without one a general clinic that studies everyone
    alike. outputs : by default short axis and screenshots, and with full physics everything but slice pictures.
    dose : part of the counts that is kept, full physics only. gates : of gated images, 8 or 16. population : who is
    referred, with what disease and protocols, in place of the preset's. panel : who reads. jobs : processes, default
    one a core; the files are the same bytes for any number of them.

    Refused: no patients, tracers that are negative or both zero, an unknown physics or preset, outputs that need the
    full physics, classes of a preset that cannot be filled, a folder that holds another cohort's table.
    """
    plan = None if preset is None else preset_named(preset, patients)
    how = physics or (plan.physics if plan is not None else "fast")
    kinds = tuple(outputs) if outputs is not None else _outputs(plan, how)
    count = plan.patients if plan is not None and patients is None else patients
    parts = tracers or (plan.tracers if plan is not None else (274, 366))
    _check(count, parts, how, seed, (kinds, dose, gates))
    who_comes = population or (GENERAL if plan is None else population_of(plan))
    order = Order(
        physics=how,
        outputs=frozenset(kinds),
        dose=dose,
        positions=who_comes.positions[1:],
        further_doses=plan.dose_fractions if plan is not None and how == "full" else (),
        gates=gates,
        tag=f"{how} {preset or ''} {dose:g}",
    )
    numbers = range(count or 0) if plan is None or not plan.quotas else _numbers(plan, seed, parts, who_comes)
    who = tuple((number, tracer_of(number, parts)) for number in sorted(numbers))
    told = {"seed": seed, "patients": count, "tracers": list(parts), "preset": preset, **_told(order)}
    _claim(Path(out), {**told, "clinic": hashlib.sha256(repr((who_comes, panel)).encode()).hexdigest()[:16]})
    frames = None if plan is None else _frames(plan, kinds)
    task = _Task(out=Path(out), seed=seed, who=who, population=who_comes, panel=panel, order=order, frames=frames)
    workers = max(1, jobs if jobs is not None else os.cpu_count() or 1)
    return _run(replace(task, planes=_planes(task, plan, workers)), workers, progress)


def _run(whole: _Task, workers: int, progress: Progress) -> Path:
    """Make all patients of a task, a few in one go, and write the table."""
    size = _BATCH[whole.order.physics]
    tasks = [replace(whole, who=whole.who[first : first + size]) for first in range(0, len(whole.who), size)]
    rows: list[dict[str, object]] = []
    for done in _in_order(workers, tasks):
        rows += done
        progress("virtual patients", len(rows), len(whole.who))
    return write_text(whole.out / "cohort.csv", _table(rows))


def _frames(plan: Preset, kinds: Sequence[Output]) -> tuple[int, int] | None:
    """Frames of a cohort and its patients where a preset counts frames of gated projections; None for none."""
    wanted = plan.images is not None and {Output.GATED_PROJECTIONS, Output.MASKS} <= set(kinds)
    return (plan.images, plan.patients) if wanted and plan.images is not None else None


def _planes(task: _Task, plan: Preset | None, workers: int) -> dict[int, frozenset[Plane]] | None:
    """Slice pictures of every patient where a preset counts them; None for all."""
    if plan is None or plan.images is None or plan.ischaemic_images is None or Output.SLICES not in task.order.outputs:
        return None
    counted = Parallel(n_jobs=min(workers, len(task.who)))(delayed(_candidates)(task, *one) for one in task.who)
    supply = {number: found for (number, _), found in zip(task.who, counted, strict=True)}
    return chosen_planes(supply, Wanted(images=plan.images, ischaemic=plan.ischaemic_images))


def _candidates(task: _Task, number: int, tracer: Tracer) -> list[Candidate]:
    patient = draw_patient(task.seed, number, tracer, population=task.population)
    return candidates(patient, (patient.position, *task.order.positions))


RECIPE = "phantom.json"
"""What a cohort was made with, beside its table."""


def _told(order: Order) -> dict[str, object]:
    return {"physics": order.physics, "outputs": sorted(order.outputs), "dose": order.dose, "gates": order.gates}


def _claim(folder: Path, recipe: Mapping[str, object]) -> None:
    """Note what the folder's cohort is made with. Refused: a folder that holds another cohort."""
    text = json.dumps(recipe, indent=1) + "\n"
    noted = folder / RECIPE
    held = noted.read_text(encoding="utf-8") if noted.exists() else None
    if held != text and (held is not None or (folder / "cohort.csv").exists()):
        rule, do = "a folder holds one virtual cohort", "give another folder"
        raise RefusedError(folder, rule=rule, came="a cohort made with other settings", do=do)
    write_text(noted, text)


def _outputs(plan: Preset | None, physics: str) -> tuple[Output, ...]:
    if plan is not None:
        return plan.outputs
    return FAST_OUTPUTS if physics == "fast" else FULL_OUTPUTS


def _check(
    patients: int | None, tracers: Sequence[int], physics: str, seed: int, made: tuple[tuple[Output, ...], float, int]
) -> None:
    outputs, dose, gates = made
    if physics not in ("fast", "full"):
        raise RefusedError("phantom", rule="physics is fast or full", came=physics, do="use --physics fast")
    if patients is None or patients < 1:
        raise RefusedError("phantom", rule="a cohort has patients", came=patients, do="ask for at least 1")
    if len(tracers) != 2 or min(tracers) < 0 or sum(tracers) == 0:
        raise RefusedError(
            "phantom", rule="tracers are two parts, Tc-99m and Tl-201", came=tracers, do="write them as 274:366"
        )
    if not 0 <= seed < NORMALS_SEED:
        rule = f"a seed is a whole number from 0 to {NORMALS_SEED - 1}"
        raise RefusedError("phantom", rule=rule, came=seed, do="use --seed 0")
    if gates not in GATES:
        raise RefusedError("phantom", rule="a beat has 8 or 16 gates", came=gates, do="use --gates 8")
    if physics == "fast" and needs_full(outputs):
        named = ", ".join(needs_full(outputs))
        raise RefusedError("phantom", rule="fast physics has no projections", came=named, do="use --physics full")
    if not 0.0 < dose <= 1.0:
        raise RefusedError("phantom", rule="a dose is a part of the full one", came=dose, do="give 0.25 for a quarter")
    if dose < 1.0 and physics == "fast":
        raise RefusedError("phantom", rule="projections are thinned", came="fast physics", do="use --physics full")


def population_of(preset: Preset) -> Population:
    """The population of a preset."""
    return Population(
        intake=preset.intake,
        disease=preset.disease,
        practice=preset.practice,
        centers=preset.centers,
        cameras=tuple(CAMERAS[model] for model in preset.cameras),
        positions=preset.positions,
    )


def tracer_of(number: int, tracers: tuple[int, int]) -> Tracer:
    """Tracer of a patient by its number alone, evenly mixed in the ratio asked for."""
    technetium, total = tracers[0], sum(tracers)
    more = (number + 1) * technetium // total > number * technetium // total
    return Tracer.TC99M if more else Tracer.TL201


def virtual_patient(
    seed: int, number: int, tracers: tuple[int, int] = (274, 366), population: Population = GENERAL
) -> Patient:
    """Patient ``number`` of the cohort that ``make_cohort`` writes with this seed and these parts, alone."""
    return draw_patient(seed, number, tracer_of(number, tracers), population=population)


def _numbers(plan: Preset, seed: int, tracers: tuple[int, int], population: Population) -> tuple[int, ...]:
    """Which patients fill the classes of a preset."""
    return fill(lambda number: traits_of(virtual_patient(seed, number, tracers, population)), plan.quotas)


def traits_of(patient: Patient) -> Traits:
    """What classes of a preset are decided by; no image is made for it."""
    disease = class_of_disease(patient)
    lost = max(lost_share(patient.defects, state, patient.scan(state).anatomy.mid_wall) for state in STATES)
    return Traits(
        sex=patient.sex,
        tracer=patient.tracer,
        ischaemia=disease in ("ischaemia", "mixed"),
        infarct=disease in ("infarction", "mixed"),
        obstructive=obstructive(patient.coronary),
        low_likelihood=patient.person.low_likelihood,
        clear=lost <= _LARGE_DEFECT and patient.stress.torso.find(HOT_GUT) is None,
    )


def _in_order(workers: int, tasks: Sequence[_Task]) -> Iterator[list[dict[str, object]]]:
    """Rows of every task, in the order of the tasks."""
    done = Parallel(n_jobs=min(workers, len(tasks)), return_as="generator")(delayed(_make)(task) for task in tasks)
    yield from done


def _make(task: _Task) -> list[dict[str, object]]:
    """Write the patients of one task."""
    rows = []
    for number, tracer in task.who:
        patient = draw_patient(task.seed, number, tracer, population=task.population)
        order = task.order if task.planes is None else replace(task.order, planes=task.planes[number])
        if task.frames is not None:
            order = replace(order, frames=frames_of(number, *task.frames))
        rows.append(write_patient(task.out, patient, order, task))
    return rows


def write_patient(out: Path, patient: Patient, order: Order, task: _Task) -> dict[str, object]:
    """All files of one patient; returns its row of the table."""
    shots = {state: shoot(patient, state, order) for state in STATES}
    expected = {state: shot.expected for state, shot in shots.items()}
    referral = task.population.intake.referral
    found = examine(patient, expected, stored_limits(order.physics), referral=referral, panel=task.panel)
    return file_patient(out, patient, shots, found, order)


def _table(rows: Sequence[Mapping[str, object]]) -> str:
    columns = dict.fromkeys(name for row in rows for name in row)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
