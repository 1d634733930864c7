"""A virtual patient is a frozen record of parameters; from it the images follow without further choice."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ..core.study import Geometry, Series, Study, Volume
from ..core.terms import Correction, Position, Sex, State, Tracer, View
from .acquisition import Field, Image, Imaging, fine_grid, moved_about, noise_free, spread, stored_counts, voxel_places
from .beat import Beat
from .body import positioned
from .camera import MANUFACTURER, Camera
from .coronary import Artery, Coronary
from .disease import Patch, uptake_seen
from .forms import Form, septal_uptake
from .heart import Anatomy
from .painting import paint_heart
from .person import Person
from .pose import Pose
from .protocol import Protocol
from .shadow import on_table, wall_shadow
from .surface import Floats, MidWall, wall_table
from .torso import Torso, torso_at
from .waves import Waves, pattern

TABLE_RINGS, TABLE_SECTORS = 48, 72
"""Samples of the table that holds the uptake of the wall."""

STATES = (State.STRESS, State.REST)

TYPICAL_SHADOW = {Tracer.TC99M: 0.37, Tracer.TL201: 0.30}
"""Mean part of the wall's photons that leaves a usual body (``wall_shadow`` over the normal hearts of both sexes)."""


DEEPER = 0.72
"""What is left of photons from around the left ventricle over what is left of those from its wall (ours)."""


@dataclass(frozen=True, kw_only=True)
class Scan:
    """The heart as it lay and beat in one state, the body around it, and how it was imaged.

    torso : as it would lie supine. septal_loss : what a blocked left bundle takes from the uptake in the middle of the
    septum, 0 .. 1. apex : what this scan adds to ``Variation.apex`` (the heart is cut and turned anew each time).
    """

    apex: tuple[float, ...]
    anatomy: Anatomy
    beat: Beat
    septal_loss: float
    pose: Pose
    torso: Torso
    imaging: Imaging
    field: Field


@dataclass(frozen=True, kw_only=True)
class Variation:
    """The harmless unevenness of one person's uptake.

    waves : of the logarithm of uptake (``waves.pattern``). apex : likewise, cos, sin, cos 2, sin 2, cos 3, sin 3 of the
    angle about the apex alone. basal : part that the base loses at the septum.
    """

    waves: Waves
    apex: tuple[float, ...]
    basal: float


@dataclass(frozen=True, kw_only=True)
class Patient:
    """All that a virtual patient is. Equal records give equal images."""

    seed: int
    number: int
    center: str
    person: Person
    plan: Protocol
    camera: Camera
    coronary: Coronary
    arteries: tuple[Artery, ...]
    defects: tuple[Patch, ...]
    form: Form
    variation: Variation
    stress: Scan
    rest: Scan

    @property
    def patient_id(self) -> str:
        """Name of the patient in every file."""
        return f"V{self.number:05d}"

    @property
    def sex(self) -> Sex:
        """The person's sex."""
        return self.person.sex

    @property
    def age(self) -> int:
        """Age in years."""
        return self.person.age

    @property
    def bmi(self) -> float:
        """Body mass index in kg/m2."""
        return self.person.bmi

    @property
    def tracer(self) -> Tracer:
        """The tracer of both states."""
        return self.plan.tracer

    @property
    def position(self) -> Position:
        """How the patient lay or sat."""
        return self.plan.position

    @property
    def protocol(self) -> str:
        """Name of the protocol."""
        return self.plan.name

    @property
    def ed_volume_ml(self) -> float:
        """Cavity at end-diastole, at rest."""
        return self.rest.beat.ed_volume_ml

    @property
    def es_volume_ml(self) -> float:
        """Cavity at end-systole, at rest."""
        return self.rest.beat.es_volume_ml

    def scan(self, state: State) -> Scan:
        """The scan of one state."""
        return self.stress if state is State.STRESS else self.rest

    def torso(self, state: State) -> Torso:
        """The body in one state, as it lay or sat."""
        return positioned(self.scan(state).torso, self.position)


PURPOSES = (
    "person",
    "stress",
    "rest",
    "readers",
    "outcome",
    "arteries",
    "plan",
    "heart",
    "body",
    "imaging",
    "defects",
    "record",
    "pictures",
    "past",
)
"""What a patient's randomness is used for, each from a source of its own."""


def stream(patient: Patient, name: str) -> np.random.Generator:
    """The patient's own source of randomness for one of ``PURPOSES``."""
    return source(patient.seed, patient.number, name)


def scan_stream(patient: Patient, state: State) -> np.random.Generator:
    """The randomness of one image; another position of the same patient has its own."""
    place = list(Position).index(patient.position)
    return np.random.default_rng([patient.seed, patient.number, PURPOSES.index(state.value), place])


def source(seed: int, number: int, name: str) -> np.random.Generator:
    """The source of randomness of patient ``number`` for one of ``PURPOSES``."""
    return np.random.default_rng([seed, number, PURPOSES.index(name)])


def normal_wall(variation: Variation, apex: tuple[float, ...], s: Floats, phi: Floats) -> Floats:
    """Uptake of a healthy wall on an (s, phi) table: nearly 1, weaker towards the base and most at the septum.

    apex : of the scan, added to the person's own.
    """
    both = (0.0, *(mine + scans for mine, scans in zip(variation.apex, apex, strict=True)))
    cap = np.exp(-(((s - 0.12) / 0.12) ** 2)) * pattern((both,), s, phi)
    septal = np.clip(-np.cos(np.radians(phi)), 0.0, 1.0)
    basal = np.clip((s - 0.45) / 0.55, 0.0, 1.0) ** 1.5 * variation.basal * (0.65 + 0.35 * septal)
    wall: Floats = np.exp(pattern(variation.waves, s, phi) + cap) * (1.0 - basal)
    return wall


def wall_activity(patient: Patient, state: State, surface: MidWall) -> Floats:
    """Uptake of the wall in the image of a state, health and disease, shape (TABLE_RINGS, TABLE_SECTORS)."""
    s, phi = wall_table(TABLE_RINGS, TABLE_SECTORS)
    seen = uptake_seen(patient.defects, surface, s, phi, protocol=patient.plan, state=state)
    scan = patient.scan(state)
    whole = normal_wall(patient.variation, scan.apex, s, phi) * septal_uptake(scan.septal_loss, s, phi)
    return np.asarray(whole * seen)


def body_directions(scan: Scan) -> Floats:
    """Directions of the short axis' slice, row and column index in the body, shape (3, 3), rows are unit vectors."""
    right, up, along = (np.asarray(scan.pose.turn).T @ scan.anatomy.turn).T
    directions: Floats = np.stack([along, -up, right])
    return directions


def _surroundings(patient: Patient, state: State) -> Image:
    """Uptake of the body on the voxels of the field's crop and its margin."""
    scan, torso = patient.scan(state), patient.torso(state)
    steps = [
        (axis - middle) * step
        for axis, middle, step in zip(voxel_places(scan.field), scan.anatomy.centre, scan.field.spacing_mm, strict=True)
    ]
    along, down, right = body_directions(scan)
    x, y, z = (
        scan.pose.centre_mm[k]
        + along[k] * steps[0][:, None, None]
        + down[k] * steps[1][None, :, None]
        + right[k] * steps[2][None, None, :]
        for k in range(3)
    )
    return torso_at(torso, x, y, z, step_mm=scan.field.spacing_mm[0], tracer=patient.tracer)[0]


def _shaded(anatomy: Anatomy, left: float) -> Anatomy:
    """The heart as it is seen: what lies beside the left ventricle's wall in the shadow of the body, too."""
    right, atria = anatomy.right, anatomy.atria
    return replace(
        anatomy,
        right=replace(right, uptake=right.uptake * left, seams=(right.seams[0] * left, right.seams[1] * left)),
        blood=anatomy.blood * left,
        atria=None if atria is None else replace(atria, uptake=atria.uptake * left),
    )


def expected_image(patient: Patient, state: State) -> Image:
    """Counts without noise, in the crop of the patient's field, by the fast physics."""
    scan = patient.scan(state)
    surface = scan.anatomy.mid_wall
    own = wall_activity(patient, state, surface)
    shadow = wall_shadow(patient.torso(state), scan.pose, scan.anatomy, own, patient.tracer)
    shadow = shadow / TYPICAL_SHADOW[patient.tracer]
    wall = own * on_table(shadow, TABLE_RINGS, TABLE_SECTORS)
    field = spread(_surroundings(patient, state) * np.float32(DEEPER * shadow.mean()))
    shaded = _shaded(scan.anatomy, DEEPER * float(shadow.mean()))
    activity = paint_heart(shaded, wall, fine_grid(scan.field, scan.anatomy.centre), field)
    return moved_about(noise_free(activity, scan.field, scan.imaging), _motion_steps(patient, scan))


def _motion_steps(patient: Patient, scan: Scan) -> tuple[float, Floats] | None:
    """Share of the views after the patient moved, and the shift in voxels of the short axis; None without."""
    motion, views = scan.imaging.motion, patient.camera.orbit.views
    if motion is None:
        return None
    steps = body_directions(scan) @ np.asarray(motion.shift_mm) / np.asarray(scan.field.spacing_mm)
    return 1.0 - motion.from_view / views, steps


def render(patient: Patient, state: State, image: Image | None = None) -> NDArray[np.uint16]:
    """Stored counts of one state in the project's orientation, shape (slice, row, column), by the fast physics.

    image : the patient's ``expected_image`` of this state, where it is already at hand.
    """
    scan = patient.scan(state)
    expected = expected_image(patient, state) if image is None else image
    return stored_counts(expected, scan.field, scan.imaging, scan_stream(patient, state))


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
        position=patient.position,
        correction=Correction.NC,
        patient_id=patient.patient_id,
        sex=patient.sex,
        manufacturer=MANUFACTURER,
        model=patient.camera.model,
    )
