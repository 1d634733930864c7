"""A virtual patient is a frozen record of parameters; from it the images follow without further choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ..core.study import Geometry, Series, Study, Volume
from ..core.terms import Correction, Position, Sex, State, Tracer, View
from .acquisition import Field, Image, Imaging, attenuation_pattern, fine_grid, noise_free, stored_counts
from .disease import Artery, Defect, uptake_left
from .heart import Anatomy
from .painting import paint
from .surface import Floats, MidWall, wall_table

TABLE_RINGS, TABLE_SECTORS = 48, 72
"""Samples of the table that holds the uptake of the wall."""

SCANNER, CENTER = "Virtual SPECT", "virtual"
STATES = (State.STRESS, State.REST)


@dataclass(frozen=True, kw_only=True)
class Scan:
    """The heart as it lay in one state, and how it was imaged."""

    anatomy: Anatomy
    imaging: Imaging
    field: Field


@dataclass(frozen=True, kw_only=True)
class Patient:
    """All that a virtual patient is. Equal records give equal images.

    variation : seven coefficients of the harmless unevenness of normal uptake (see ``normal_wall``).
    ed_volume_ml, es_volume_ml : cavity at end-diastole and end-systole; the images show the mean over the beat.
    """

    seed: int
    number: int
    sex: Sex
    age: int
    bmi: float
    tracer: Tracer
    protocol: str
    ed_volume_ml: float
    es_volume_ml: float
    variation: tuple[float, ...]
    defects: tuple[Defect, ...]
    arteries: tuple[Artery, ...]
    stress: Scan
    rest: Scan

    @property
    def patient_id(self) -> str:
        """Name of the patient in every file."""
        return f"V{self.number:05d}"

    def scan(self, state: State) -> Scan:
        """The scan of one state."""
        return self.stress if state is State.STRESS else self.rest


def stream(patient: Patient, name: str) -> np.random.Generator:
    """The patient's own source of randomness for one purpose ("stress", "rest", "readers", "outcome")."""
    purpose = ("draw", "stress", "rest", "readers", "outcome").index(name)
    return np.random.default_rng([patient.seed, patient.number, purpose])


def normal_wall(variation: Sequence[float], s: Floats, phi: Floats) -> Floats:
    """Uptake of a healthy wall on an (s, phi) table: nearly 1, weaker at the base of the septum.

    variation : amplitudes of cos, sin, cos 2, sin 2 of the angle, of s, of s squared, and of the basal fall-off.
    """
    angle, rise = np.radians(phi), np.clip(s / 0.3, 0.0, 1.0)
    waves = (np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle))
    uneven = sum(part * wave for part, wave in zip(variation[:4], waves, strict=True)) * rise
    uneven = uneven + variation[4] * (s - 0.5) + variation[5] * ((s - 0.5) ** 2 - 0.08)
    septal = np.clip(np.cos(angle - np.pi), 0.0, 1.0)
    basal = np.clip((s - 0.76) / 0.24, 0.0, 1.0) * variation[6] * (0.35 + 0.65 * septal)
    wall: Floats = (1.0 + uneven) * (1.0 - basal)
    return wall


def wall_uptake(patient: Patient, state: State, surface: MidWall) -> Floats:
    """Apparent uptake of the wall: health, disease and attenuation together, shape (TABLE_RINGS, TABLE_SECTORS)."""
    s, phi = wall_table(TABLE_RINGS, TABLE_SECTORS)
    uptake: Floats = (
        normal_wall(patient.variation, s, phi)
        * uptake_left(patient.defects, state, surface, s, phi)
        * attenuation_pattern(patient.scan(state).imaging.attenuation, s, phi)
    )
    return uptake


def expected_image(patient: Patient, state: State) -> Image:
    """Counts without noise, in the crop of the patient's field."""
    scan = patient.scan(state)
    grid = fine_grid(scan.field, scan.anatomy.centre)
    wall = wall_uptake(patient, state, scan.anatomy.mid_wall)
    activity = paint(scan.anatomy, wall, grid)
    return noise_free(activity, scan.field, scan.imaging)


def render(patient: Patient, state: State, image: Image | None = None) -> NDArray[np.uint16]:
    """Stored counts of one state in the project's orientation, shape (slice, row, column).

    image : the patient's ``expected_image`` of this state, where it is already at hand.
    """
    scan = patient.scan(state)
    expected = expected_image(patient, state) if image is None else image
    return stored_counts(expected, scan.field, scan.imaging, stream(patient, state.value))


def _volume(patient: Patient, state: State) -> Volume:
    return render(patient, state)[None].astype(np.float32)


def study(patient: Patient) -> Study:
    """The patient as a study in memory; its series are rendered only when they are loaded."""
    return Study(
        patient_id=patient.patient_id,
        study_id=f"{patient.patient_id}-1",
        series=tuple(_series(patient, state) for state in STATES),
        sex=patient.sex,
        clinical={"age": patient.age, "bmi": patient.bmi},
    )


def _series(patient: Patient, state: State) -> Series:
    field = patient.scan(state).field
    return Series(
        source=f"phantom {patient.seed}/{patient.patient_id}/{state}",
        view=View.SHORT_AXIS,
        geometry=Geometry(spacing_mm=field.spacing_mm, oriented=True),
        shape=(1, *field.shape),
        load=partial(_volume, patient, state),
        state=state,
        tracer=patient.tracer,
        position=Position.SUPINE,
        correction=Correction.NC,
        patient_id=patient.patient_id,
        sex=patient.sex,
        manufacturer="myoperf",
        model=SCANNER,
    )
