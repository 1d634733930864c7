"""The files of one virtual patient, and its row of the cohort table."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import numpy as np
from numpy.typing import NDArray

from ..core.terms import Correction, Position, Sex, State, Tracer
from ..io.files import write_bytes, write_text
from ..io.nm_object import NMObject, ProjectionObject, TransaxialObject, Window
from ..io.nm_write import write_series
from ..io.nm_write_scan import write_projections, write_transaxial
from ..physics.energy import EnergyWindow
from .acquisition import Image
from .camera import MANUFACTURER
from .examination import Examination, label_columns
from .frames import Gated, write_frames
from .gating import GATES, gated_counts
from .layouts import LAYOUTS
from .limits import stored_limits
from .masks import write_masks, write_projection_masks
from .outcome import columns as outcome_columns
from .patients import STATES, Patient, body_directions, expected_image, render, stream
from .planes import EXPORT, Plane
from .population import in_position
from .preset import Output
from .record import columns as record_columns
from .screenshot import Shown, disc_png, screenshot
from .slices import INDEX_COLUMNS, PIXEL, HeartSlices, index_table, reach_of, write_slices
from .truth import map_scores, true_map
from .truth_file import truth_record
from .ventricle import ischaemic_mask, ventricle_masks

if TYPE_CHECKING:
    from .tomography import Acquired

Counts = NDArray[np.uint16]

_DISC_PIXELS = 224
_NEEDS_FULL = {Output.PROJECTIONS, Output.GATED_PROJECTIONS, Output.SCATTER, Output.CORRECTED, Output.MU_MAP}
"""What only the full physics can give."""


@dataclass(frozen=True, kw_only=True)
class Shot:
    """Images of one state: expected counts in the field's crop, the stored volume, and what the full physics adds."""

    expected: Image = field(repr=False)
    short_axis: Counts = field(repr=False)
    gated: Counts | None = field(repr=False, default=None)
    acquired: "Acquired | None" = field(repr=False, default=None)


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be made of every patient.

    physics : "fast" or "full". outputs : kinds of files. dose : part of the counts that is kept.
    positions : further positions of stress, beside the study's own. further_doses : parts of the counts that thinned
    copies of both states are made with. gates : of gated images, 8 or 16. tag : what sets the cohort's files apart from
    those of another with the same seed. planes : slice pictures of this patient; None for every plane in its own
    position. frames : frames of gated projections with the heart marked; None for none.
    """

    physics: str
    outputs: frozenset[Output]
    dose: float = 1.0
    positions: tuple[Position, ...] = ()
    further_doses: tuple[float, ...] = ()
    gates: int = GATES
    tag: str = ""
    planes: frozenset[Plane] | None = field(repr=False, default=None)
    frames: int | None = None


def needs_full(outputs: Sequence[Output] | frozenset[Output]) -> list[Output]:
    """The outputs among these that the fast physics cannot give."""
    return sorted(_NEEDS_FULL.intersection(outputs))


def shoot(patient: Patient, state: State, order: Order) -> Shot:
    """Take the images of one state."""
    if order.physics == "full":
        from .tomography import acquire

        taken = acquire(patient, state, corrected=Output.CORRECTED in order.outputs, dose=order.dose, gates=order.gates)
        return Shot(expected=taken.expected, short_axis=taken.short_axis, gated=taken.gated, acquired=taken)
    expected = expected_image(patient, state)
    gated = gated_counts(patient, state, order.gates) if Output.GATED in order.outputs else None
    return Shot(expected=expected, short_axis=render(patient, state, expected), gated=gated)


def study_id(patient: Patient) -> str:
    """Name of the patient's one study."""
    return f"{patient.patient_id}-1"


def file_patient(
    out: Path, patient: Patient, shots: Mapping[State, Shot], found: Examination, order: Order
) -> dict[str, object]:
    """Write all files of a patient; returns its row of the cohort table, with paths relative to ``out``."""
    paths: dict[str, object] = {}
    for state in STATES:
        paths |= _file_state(out, patient, state, shots[state], order)
    for position in order.positions:
        paths |= _file_position(out, patient, position, order)
    for dose in order.further_doses:
        for state in STATES:
            paths |= _file_dose(out, patient, state, replace(order, dose=dose))
    if Output.SCREENSHOTS in order.outputs:
        paths |= _file_screenshot(out, patient, shots, order)
    if Output.SLICES in order.outputs:
        paths |= _file_slices(out, patient, shots, order)
    if order.frames:
        paths |= _file_frames(out, patient, shots, order.frames)
    gates = order.gates if Output.GATED in order.outputs else 0
    record = truth_record(patient, found, physics=order.physics, dose=order.dose, gates=gates)
    write_text(out / "truth" / f"{patient.patient_id}.json", json.dumps(record, indent=1) + "\n")
    return {
        "patient_id": patient.patient_id,
        "study_id": study_id(patient),
        "center": patient.center,
        "scanner": patient.camera.model,
        "tracer": patient.tracer.value,
        "position": patient.position.value,
        "attenuation_correction": Correction.NC.value,
        "protocol": patient.protocol,
        "stressor": patient.plan.stressor.value,
        "dose_fraction": order.dose,
        **record_columns(found.record),
        **paths,
        **label_columns(patient, found),
        **outcome_columns(found.outcome),
    }


def _file_frames(out: Path, patient: Patient, shots: Mapping[State, Shot], count: int) -> dict[str, object]:
    """Frames of both states, and the heart on each."""
    taken = [one for state in STATES if (one := shots[state].acquired) is not None]
    gated = [Gated(counts=one.gated_projections, heart=one.heart) for one in taken]
    name = f"frames/{patient.patient_id}.npz"
    write_frames(out / name, gated, count)
    return {"frames": f"{name}#frames", "mask": f"{name}#heart"}


def nm_object(patient: Patient, state: State, counts: NDArray[np.uint16], tag: str = "") -> NMObject:
    """One state of a patient, ready to be written; counts of shape (slice, row, column) or with gates in front.

    tag : what sets its UIDs apart from those of another cohort with the same seed.
    """
    scan = patient.scan(state)
    volume = counts[None] if counts.ndim == 3 else counts
    return NMObject(
        counts=volume.astype(np.float32),
        spacing_mm=scan.field.spacing_mm,
        directions=_rows(body_directions(scan)),
        **_who(patient, state, tag),
    )


class Who(TypedDict):
    """What every DICOM object of a patient tells."""

    patient_id: str
    study_id: str
    state: State
    tracer: Tracer
    sex: Sex
    age_years: int
    weight_kg: float
    height_m: float
    position: Position
    manufacturer: str
    model: str
    seed: str
    beat_ms: float


def _who(patient: Patient, state: State, tag: str) -> Who:
    return {
        "patient_id": patient.patient_id,
        "study_id": study_id(patient),
        "state": state,
        "tracer": patient.tracer,
        "sex": patient.sex,
        "age_years": patient.age,
        "weight_kg": patient.person.weight_kg,
        "height_m": round(patient.person.height_cm / 100.0, 3),
        "position": patient.position,
        "manufacturer": MANUFACTURER,
        "model": patient.camera.model,
        "seed": f"phantom {patient.seed} {tag}".strip(),
        "beat_ms": round(60000.0 / patient.scan(state).beat.heart_rate, 1),
    }


def _rows(directions: NDArray[np.float64]) -> tuple[tuple[float, float, float], ...]:
    return tuple((float(row[0]), float(row[1]), float(row[2])) for row in directions)


def _file_state(out: Path, patient: Patient, state: State, shot: Shot, order: Order) -> dict[str, object]:
    """DICOM of one state and its masks; returns the paths by column."""
    wanted, folder = order.outputs, f"dicom/{patient.patient_id}"
    paths: dict[str, object] = {state.value: f"{folder}/{state}.dcm"}
    write_series(out / f"{folder}/{state}.dcm", nm_object(patient, state, shot.short_axis, order.tag))
    if Output.GATED in wanted and shot.gated is not None:
        paths[f"{state}_gated"] = f"{folder}/{state}_gated.dcm"
        write_series(out / f"{folder}/{state}_gated.dcm", nm_object(patient, state, shot.gated, order.tag))
    if Output.MASKS in wanted:
        masks = ventricle_masks(patient, state)
        write_masks(out / f"masks/{patient.patient_id}_{state}.npz", masks)
        if state is State.STRESS and order.planes is None:  # the outlines beside slice pictures are their masks
            paths["mask"] = f"masks/{patient.patient_id}_{state}.npz"
    if shot.acquired is not None:
        paths |= _file_acquired(out, patient, state, shot.acquired, order)
    return paths


def _file_acquired(out: Path, patient: Patient, state: State, taken: "Acquired", order: Order) -> dict[str, object]:
    """What only the full physics has: projections, corrected images, attenuation map, the heart on projections."""
    folder, who, camera = f"dicom/{patient.patient_id}", _who(patient, state, order.tag), patient.camera
    wanted = order.outputs
    paths: dict[str, object] = {}
    if Output.CORRECTED in wanted and taken.corrected is not None:
        paths[f"{state}_ac"] = f"{folder}/{state}_ac.dcm"
        heart = replace(
            nm_object(patient, state, taken.corrected, order.tag), correction=Correction.AC, scatter_corrected=True
        )
        write_series(out / f"{folder}/{state}_ac.dcm", heart)
    if Output.PROJECTIONS in wanted or Output.SCATTER in wanted:
        paths[f"{state}_projections"] = f"{folder}/{state}_projections.dcm"
        kept = taken.projections if Output.SCATTER in wanted else taken.projections[:1]
        windows = tuple(_window(window) for window in taken.windows[: len(kept)])
        scan = _projections(patient, kept[:, None], windows, who)
        write_projections(out / f"{folder}/{state}_projections.dcm", scan)
    if Output.GATED_PROJECTIONS in wanted:
        paths[f"{state}_gated_projections"] = f"{folder}/{state}_gated_projections.dcm"
        gated = _projections(patient, taken.gated_projections[None], (_window(taken.windows[0]),), who)
        write_projections(out / f"{folder}/{state}_gated_projections.dcm", gated)
    if Output.MASKS in wanted:
        seen = taken.projections[0].astype(np.float32) if Output.PROJECTIONS in wanted else None
        write_projection_masks(out / f"masks/{patient.patient_id}_{state}_projections.npz", taken.heart, seen)
    if Output.MU_MAP in wanted:
        paths[f"{state}_mu"] = f"{folder}/{state}_mu.dcm"
        _file_transaxial(out / folder, state, taken, who, camera.pixel_mm)
    return paths


def _file_transaxial(folder: Path, state: State, taken: "Acquired", who: Who, step_mm: float) -> None:
    """The body in transverse slices: attenuation map, and the images that are reconstructed without and with it."""
    spacing = (step_mm,) * 3
    mu = TransaxialObject(values=taken.mu[None], spacing_mm=spacing, attenuation=True, **who)
    write_transaxial(folder / f"{state}_mu.dcm", mu)
    plain = TransaxialObject(values=taken.transaxial[None], spacing_mm=spacing, **who)
    write_transaxial(folder / f"{state}_transaxial.dcm", plain)
    if taken.corrected_transaxial is not None:
        even = TransaxialObject(values=taken.corrected_transaxial[None], spacing_mm=spacing, **who)
        write_transaxial(
            folder / f"{state}_transaxial_ac.dcm", replace(even, correction=Correction.AC, scatter_corrected=True)
        )


def _window(window: EnergyWindow) -> Window:
    """An energy window as files name it."""
    low, high = window.low_kev, window.high_kev
    return Window(name=f"{low:g}-{high:g} keV", low_kev=low, high_kev=high)


def _projections(
    patient: Patient, counts: NDArray[np.uint16], windows: tuple[Window, ...], who: Who
) -> ProjectionObject:
    camera, state = patient.camera, who["state"]
    seconds = patient.plan.stress_seconds if state is State.STRESS else patient.plan.rest_seconds
    return ProjectionObject(
        counts=counts,
        pixel_mm=(camera.pixel_mm, camera.pixel_mm),
        windows=windows,
        start_deg=camera.orbit.start_deg,
        arc_deg=camera.orbit.arc_deg,
        radius_mm=tuple(float(radius) for radius in camera.orbit.radii_mm),
        frame_ms=1000.0 * seconds,
        **who,
    )


def _file_position(out: Path, patient: Patient, position: Position, order: Order) -> dict[str, object]:
    """Stress once more, in another position."""
    there = in_position(patient, position)
    shot = shoot(there, State.STRESS, replace(order, outputs=frozenset({Output.SHORT_AXIS})))
    path = f"dicom/{patient.patient_id}/stress_{position}.dcm"
    write_series(out / path, nm_object(there, State.STRESS, shot.short_axis, order.tag))
    return {"stress_second_position": path}


def _file_dose(out: Path, patient: Patient, state: State, order: Order) -> dict[str, object]:
    """A state once more, from a part of the same counts."""
    shot = shoot(patient, state, replace(order, outputs=frozenset({Output.SHORT_AXIS})))
    name = f"{state}_dose_{order.dose:g}"
    path = f"dicom/{patient.patient_id}/{name}.dcm"
    heart = replace(
        nm_object(patient, state, shot.short_axis, order.tag), description=f"SA {state} {100 * order.dose:g}% counts"
    )
    write_series(out / path, heart)
    return {name: path}


def _file_screenshot(out: Path, patient: Patient, shots: Mapping[State, Shot], order: Order) -> dict[str, object]:
    """A page as a workstation would show it, where everything lies on it, and both discs alone.

    The scores on it are those that software makes of the noisy image; no reader's, which the labels follow.
    """
    layout = LAYOUTS[int(stream(patient, "pictures").integers(len(LAYOUTS)))]
    maps, scores = {}, {}
    for state in STATES:
        crop = shots[state].short_axis[patient.scan(state).field.crop()]
        seen = true_map(patient, state, crop.astype(np.float32))
        limits = stored_limits(order.physics)[patient.sex, patient.tracer, state]
        maps[state], scores[state] = seen.values, map_scores(seen, limits)
    volumes, reach = {}, {}
    if layout.slices is not None:
        for state in STATES:
            volumes[state] = shots[state].short_axis.astype(np.float32)
            wall = ventricle_masks(patient, state).wall
            reach[state] = reach_of(wall, volumes[state], patient.scan(state).field.spacing_mm)
    shown = Shown(
        maps=maps,
        scores=scores,
        facts=_facts(patient),
        volumes=volumes,
        reach=reach,
    )
    page = screenshot(shown, layout)
    name = f"screenshots/{patient.patient_id}"
    write_bytes(out / f"{name}.png", page.png())
    write_text(out / f"{name}.json", json.dumps(page.record()) + "\n")
    paths: dict[str, object] = {"screenshot": f"{name}.png"}
    for state in STATES:
        paths[f"{state}_polar"] = f"polar/{patient.patient_id}_{state}.png"
        write_bytes(out / f"polar/{patient.patient_id}_{state}.png", disc_png(maps[state], _DISC_PIXELS))
    return paths


def _facts(patient: Patient) -> tuple[str, ...]:
    who = patient.person
    return (
        f"Virtual^{patient.patient_id}",
        f"{who.sex} {who.age} y  {who.weight_kg:.0f} kg  BMI {who.bmi:.1f}",
        f"{patient.tracer}  {patient.protocol}  {patient.plan.stressor}",
        f"{patient.camera.model}  {patient.position}",
    )


def _file_slices(out: Path, patient: Patient, shots: Mapping[State, Shot], order: Order) -> dict[str, object]:
    """Slice pictures of both states, in further positions too where they are among those to be shown, and indices."""
    every: list[dict[str, object]] = []
    for state in STATES:
        rows = _slices_of(out, patient, state, shots[state], order)
        for position in order.positions if order.planes is not None else ():
            if any(one.state is state and one.position is position for one in order.planes or ()):
                there = in_position(patient, position)
                shot = shoot(there, state, replace(order, outputs=frozenset({Output.SHORT_AXIS})))
                rows += _slices_of(out, there, state, shot, order, tag=position.value)
        write_text(out / "slices" / f"{patient.patient_id}_{state}.csv", index_table(rows))
        every += rows
    index = f"slices/{patient.patient_id}.csv"
    write_text(out / index, index_table(every, (*INDEX_COLUMNS, PIXEL)))
    return {"slices": index} if every else {}


def _slices_of(
    out: Path, patient: Patient, state: State, shot: Shot, order: Order, *, tag: str = ""
) -> list[dict[str, object]]:
    wall = ventricle_masks(patient, state).wall
    ischaemic = ischaemic_mask(patient, wall) if state is State.STRESS else np.zeros_like(wall)
    heart = HeartSlices(
        patient_id=patient.patient_id,
        study_id=study_id(patient),
        state=state,
        volume=shot.short_axis,
        wall=wall,
        ischaemic=ischaemic,
        spacing_mm=patient.scan(state).field.spacing_mm,
        tag=tag,
    )
    if order.planes is None:
        return write_slices(out / "slices", heart)
    only = {(p.view, p.number) for p in order.planes if p.state is state and p.position is patient.position}
    return write_slices(out / "slices", heart, EXPORT, only)
