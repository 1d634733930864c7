"""Who comes to the virtual clinic: persons, their arteries, hearts and bodies, drawn into whole patients."""

from dataclasses import dataclass, field, replace

import numpy as np

from ..core.errors import RefusedError
from ..core.segments import segment_means
from ..core.terms import Position, Sex, State, Tracer
from .beat import draw_beat
from .body import draw_torso, second_state
from .camera import VIRTUAL_SPECT, Camera
from .coronary import Coronary, arteries_of
from .disease import BedDefect, Patch, defects_of, uptake_left
from .forms import CHANCES, Form, draw_form, draw_heart, draw_septal_loss, draw_volumes, travel_mm
from .heart import Anatomy
from .imaging import MOTION, draw_field, draw_imaging, draw_tilt
from .motion import draw_motion, draw_respiration
from .patients import Patient, Scan, Variation, source
from .person import Intake, Person, draw_person, probability_of_disease, with_past
from .pose import draw_pose
from .protocol import ONE_PROTOCOL, Practice, Protocol, Stressor, draw_protocol
from .stenoses import Disease, draw_coronary
from .surface import wall_table
from .waves import Waves

Random = np.random.Generator

CENTER = "virtual"


@dataclass(frozen=True, kw_only=True)
class Population:
    """Who is referred, with what disease, and how they are studied.

    centers, cameras : patients are spread over them in turn. positions : each is imaged in all of them, the first
    being the study's own; with none, positions are those of ``practice``.
    """

    intake: Intake = field(default_factory=Intake)
    disease: Disease = field(default_factory=Disease)
    practice: Practice = field(default_factory=Practice)
    centers: int = 1
    cameras: tuple[Camera, ...] = (VIRTUAL_SPECT,)
    positions: tuple[Position, ...] = ()

    def __post_init__(self) -> None:
        if self.centers < 1 or not self.cameras:
            came = f"{self.centers} centres, {len(self.cameras)} cameras"
            raise RefusedError("phantom", rule="a clinic has a centre and a camera", came=came, do="give at least one")


GENERAL = Population(intake=Intake(prevalence=0.46), practice=ONE_PROTOCOL)
"""The clinic that patients come to by default: about 35 percent of them have an obstructed artery."""


def draw_patient(
    seed: int, number: int, tracer: Tracer, *, healthy: bool = False, population: Population = GENERAL
) -> Patient:
    """Patient ``number`` of the cohort with this seed; the same arguments always give the same record.

    healthy : without any disease of the arteries.
    """
    person = draw_person(source(seed, number, "person"), population.intake)
    chance = 0.0 if healthy else probability_of_disease(person, population.intake)
    coronary = draw_coronary(
        source(seed, number, "arteries"),
        probability_of_disease=chance,
        sex=person.sex,
        age=person.age,
        settings=population.disease,
    )
    return patient_of((seed, number), person, Coronary() if healthy else coronary, tracer, population)


NORMALS_SEED = 2**40
"""Seed of the healthy persons that limits are made of; no cohort may use it or what lies above."""


def draw_normal(number: int, sex: Sex, tracer: Tracer, population: Population = GENERAL) -> Patient:
    """A patient of the given sex without disease, from a seed that no cohort uses."""
    seed = NORMALS_SEED + (sex is Sex.MALE) * 2 + (tracer is Tracer.TC99M)
    women = float(sex is Sex.FEMALE)
    intake = replace(population.intake, women=women, low_likelihood=1.0)
    return draw_patient(seed, number, tracer, healthy=True, population=replace(population, intake=intake))


def patient_of(
    entropy: tuple[int, int], person: Person, coronary: Coronary, tracer: Tracer, population: Population
) -> Patient:
    """A patient around a person and arteries that are already known. entropy : seed and number."""
    seed, number = entropy
    scar = any(lesion.scar is not None for lesion in coronary.lesions)
    person = with_past(source(seed, number, "past"), person, population.intake, scar=scar)
    plan = draw_protocol(source(seed, number, "plan"), tracer, population.practice, age=person.age)
    if population.positions:
        plan = replace(plan, position=population.positions[0])
    camera = population.cameras[number % len(population.cameras)]
    defects = defects_of(coronary, plan, source(seed, number, "defects"))
    heart = source(seed, number, "heart")
    form = Form.LBBB if person.lbbb else draw_form(heart, person.sex, _FORMS)
    variation = _variation(heart, person.sex)
    stress, rest = _scans(_Draw(seed=seed, number=number, heart=heart), person, plan, camera, (form, defects))
    return Patient(
        seed=seed,
        number=number,
        center=CENTER if population.centers == 1 else f"{CENTER}-{number % population.centers + 1}",
        person=person,
        plan=plan,
        camera=camera,
        coronary=coronary,
        arteries=arteries_of(coronary),
        defects=defects,
        form=form,
        variation=variation,
        stress=stress,
        rest=rest,
    )


_FORMS: dict[Sex, dict[Form, float]] = {
    sex: {form: part for form, part in parts.items() if form is not Form.LBBB} for sex, parts in CHANCES.items()
}
"""Chances of the forms beside left bundle branch block, which the person brings along."""


USUAL_UPTAKE: Waves = (
    (0.0, 0.014, 0.0, 0.038, 0.024, 0.005, -0.026, 0.009, 0.015),
    (0.084, -0.110, 0.072, 0.053, -0.013, 0.028, 0.006, 0.0, -0.030),
    (-0.069, -0.014, 0.034, -0.053, 0.018, 0.056, -0.036, 0.0, 0.012),
    (0.038, -0.102, 0.054, 0.060, -0.021, -0.017, 0.027, 0.0, 0.0),
    (-0.063, 0.035, -0.011, -0.032, 0.021, 0.0, 0.0, 0.0, 0.0),
    (0.0, -0.009, 0.013, 0.019, -0.012, 0.0, 0.0, 0.0, 0.0),
    (-0.013, 0.013, 0.0, -0.010, 0.0, 0.0, 0.0, 0.0, 0.0),
)
"""Mean of ``Variation.waves`` in the healthy, both sexes alike: our calibration, so that virtual normals agree with
72 real ones where the body alone does not make them."""

MEN_LESS_WOMEN: Waves = (
    (0.0, 0.006, -0.016, -0.024, -0.037, 0.0, 0.0, 0.0, 0.0),
    (0.010, -0.010, 0.0, 0.003, 0.008, -0.007, -0.011, 0.0, 0.0),
    (0.0, -0.012, 0.0, 0.003, 0.0, 0.0, 0.0, 0.0, 0.0),
    (-0.013, 0.005, 0.010, -0.008, 0.0, 0.0, 0.0, 0.0, 0.0),
    (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
)
"""Half of what the usual uptake of men is above that of women, beyond what their bodies make of it; likewise ours."""

_SPREAD = (
    (0.0, 0.012, 0.010, 0.020, 0.014, 0.004, 0.012, 0.003, 0.003),
    (0.0, 0.030, 0.028, 0.014, 0.020, 0.004, 0.010, 0.005, 0.005),
    (0.0, 0.022, 0.018, 0.006, 0.013, 0.005, 0.010, 0.004, 0.004),
    (0.0, 0.006, 0.010, 0.006, 0.008, 0.006, 0.008, 0.004, 0.004),
    (0.006, 0.012, 0.010, 0.008, 0.008, 0.006, 0.006, 0.004, 0.004),
    (0.004, 0.008, 0.008, 0.006, 0.006, 0.005, 0.005, 0.004, 0.004),
    (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
)
"""Standard deviation of the same between persons, where their bodies and hearts do not make it; our calibration."""


_APEX_SD, _APEX_AGAIN_SD = 0.042, 0.022
"""Spread of ``Variation.apex`` between persons, and between the scans of one person; ours."""


def _variation(random: Random, sex: Sex) -> Variation:
    side = 1.0 if sex is Sex.MALE else -1.0
    waves = np.asarray(USUAL_UPTAKE) + side * np.asarray(MEN_LESS_WOMEN)
    waves = waves + random.normal(size=waves.shape) * np.asarray(_SPREAD)
    rows = tuple(tuple(float(part) for part in row) for row in waves)
    return Variation(waves=rows, apex=draw_apex(random, _APEX_SD), basal=float(random.uniform(0.17, 0.28)))


def draw_apex(random: Random, spread: float) -> tuple[float, ...]:
    """Unevenness of the apex alone, where the wall is thin and cleft differently in everyone."""
    return tuple(float(part) for part in random.normal(0.0, spread, 6))


@dataclass(frozen=True, kw_only=True)
class _Draw:
    """Whose randomness it is, and the running source for the heart."""

    seed: int
    number: int
    heart: Random

    def source(self, name: str) -> Random:
        return source(self.seed, self.number, name)


def _scans(
    draw: _Draw, person: Person, plan: Protocol, camera: Camera, heart: tuple[Form, tuple[Patch, ...]]
) -> tuple[Scan, Scan]:
    form, defects = heart
    body, exercise = draw.source("body"), plan.stressor is Stressor.EXERCISE
    pose = draw_pose(body, sex=person.sex, bmi=person.bmi)
    first, volumes, scar = _first_heart(draw.heart, person, plan.tracer, form, defects)
    reach = first.outer
    torso = draw_torso(body, sex=person.sex, bmi=person.bmi, pose=pose, reach_mm=reach, tracer=plan.tracer)
    after = second_state(body, torso, exercise=exercise)
    imaging = draw_imaging(draw.source("imaging"), person, plan, camera)
    field, centre = draw_field(draw.heart, person.sex, first)
    first = replace(first, centre=centre, tilt_deg=draw_tilt(draw.heart))
    ischaemia = max((d.stress - d.rest for d in defects), default=0.0)
    dilation = 1.0 + 0.15 * max(ischaemia, 0.0) * draw.heart.random()
    second, second_volumes = _second_heart(draw.heart, first, volumes, dilation)
    lbbb = form is Form.LBBB
    scans = []
    for anatomy, (ed_volume, es_volume), around, how, stressed in (
        (second, second_volumes, after, imaging[0], exercise),
        (first, volumes, torso, imaging[1], False),
    ):
        beat = draw_beat(draw.heart, ed_volume_ml=ed_volume, es_volume_ml=es_volume, scar=scar, lbbb=lbbb)
        loss = draw_septal_loss(draw.heart, exercise=stressed) if lbbb else 0.0
        apex = draw_apex(draw.heart, _APEX_AGAIN_SD)
        scan = Scan(
            apex=apex, anatomy=anatomy, beat=beat, septal_loss=loss, pose=pose, torso=around, imaging=how, field=field
        )
        scans.append(scan)
    return scans[0], scans[1]


def in_position(patient: Patient, position: Position) -> Patient:
    """The same patient imaged under stress once more, lying or sitting otherwise; may move at another moment."""
    random = np.random.default_rng([patient.seed, patient.number, 99, list(Position).index(position)])
    imaging = replace(
        patient.stress.imaging,
        respiration=draw_respiration(random, position),
        motion=draw_motion(random, patient.camera.orbit.views, chance=MOTION, position=position),
    )
    return replace(
        patient, plan=replace(patient.plan, position=position), stress=replace(patient.stress, imaging=imaging)
    )


def _first_heart(
    random: Random, person: Person, tracer: Tracer, form: Form, defects: tuple[Patch, ...]
) -> tuple[Anatomy, tuple[float, float], tuple[float, ...]]:
    """The heart at rest, its volumes, and the part of each segment that is scar; a scar widens and weakens it."""
    ed_volume, es_volume = draw_volumes(random, person.sex, form)
    blood = float(random.uniform(0.03, 0.12) + (0.0 if tracer is Tracer.TC99M else random.uniform(0.03, 0.10)))
    heart = draw_heart(random, sex=person.sex, form=form, ed_volume_ml=ed_volume, es_volume_ml=es_volume, blood=blood)
    s, phi = wall_table(24, 36)
    area = heart.mid_wall.area(s, phi)
    dead = [defect for defect in defects if isinstance(defect, BedDefect) and defect.scar]
    lost = 1.0 - uptake_left(dead, State.REST, heart.mid_wall, s, phi)
    whole = float((lost * area).sum())
    ejection = max(1 - es_volume / ed_volume - 0.9 * whole, 0.16)
    wider = 1.0 + 1.2 * whole
    volumes = (ed_volume * wider, ed_volume * wider * (1 - ejection))
    cavity = volumes[1] + 0.56 * (volumes[0] - volumes[1])
    heart = replace(heart, cavity_ml=cavity)
    heart = replace(heart, beat_mm=travel_mm(heart, *volumes))
    return heart, volumes, tuple(float(part) for part in segment_means(lost, area))


def _second_heart(
    random: Random, first: Anatomy, volumes: tuple[float, float], dilation: float
) -> tuple[Anatomy, tuple[float, float]]:
    """The heart after stress: laid on the table and turned anew, a little larger where ischaemia is severe."""
    larger = dilation * float(np.exp(random.normal(0.0, 0.03)))
    grown = (volumes[0] * larger, volumes[1] * larger)
    centre = tuple(float(c + random.normal(0.0, 0.4)) for c in first.centre)
    tilt = tuple(float(angle + random.normal(0.0, 1.2)) for angle in first.tilt_deg)
    second = replace(
        first,
        cavity_ml=first.cavity_ml * larger,
        centre=(centre[0], centre[1], centre[2]),
        tilt_deg=(tilt[0], tilt[1]),
    )
    return replace(second, beat_mm=travel_mm(second, *grown)), grown
