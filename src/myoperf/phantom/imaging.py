"""How a heart is imaged: counts, filter and disturbances of one study, and the box that is stored around the heart.

Figures of the fast physics (resolution, noise, scatter) are set so that its images resemble those of the full one.
"""

import numpy as np

from ..core.terms import Sex, State, Tracer
from .acquisition import Field, Imaging
from .camera import Camera
from .heart import Anatomy
from .motion import draw_motion, draw_respiration, draw_truncation
from .person import Person
from .protocol import Protocol, count_factor

Random = np.random.Generator

SPACING_MM = 6.6
TYPICAL_COUNTS = 860.0
"""Counts of a voxel full of normal muscle in a usual stored study."""


MOTION, TRUNCATION = 0.25, 0.006
"""Chance of a patient who moves, and of a truncated body at 30 kg/m2: lower than in the raw data of studies that are
counted one by one, because clinics repeat what is spoiled (ours)."""


def draw_imaging(random: Random, person: Person, plan: Protocol, camera: Camera) -> tuple[Imaging, Imaging]:
    """Imaging of stress and of rest: same camera and filter, counts by dose and time, another breath and posture."""
    technetium = plan.tracer is Tracer.TC99M
    sharpness = random.normal(16.6, 0.5) if technetium else random.normal(17.8, 0.6)
    sharpness *= camera.sharpness
    stretch = random.uniform(0.95, 1.05, size=3)
    personal = float(np.exp(random.normal(0.0, 0.22)))
    cutoff = float(random.uniform(0.31, 0.37) if technetium else random.uniform(0.27, 0.33))
    scatter = float(random.uniform(0.08, 0.14) if technetium else random.uniform(0.14, 0.22))
    undershoot = float(random.uniform(0.05, 0.15))

    def one(state: State) -> Imaging:
        relative = personal * count_factor(plan, state)
        return Imaging(
            relative_counts=relative,
            cutoff=cutoff,
            respiration=draw_respiration(random, plan.position),
            motion=draw_motion(random, camera.orbit.views, chance=MOTION, position=plan.position),
            truncation=draw_truncation(
                random,
                sex=person.sex,
                bmi=person.bmi,
                half_field_mm=camera.bins * camera.pixel_mm / 2,
                chance=TRUNCATION,
            ),
            fwhm_mm=(float(sharpness * stretch[0]), float(sharpness * stretch[1]), float(sharpness * stretch[2])),
            counts=TYPICAL_COUNTS * relative,
            noise=noise_level(relative * camera.sensitivity, cutoff),
            scatter=scatter,
            undershoot=undershoot,
        )

    return one(State.STRESS), one(State.REST)


def noise_level(relative_counts: float, cutoff: float) -> float:
    """Noise as a part of the ventricle's peak: falls with the root of the counts and with stronger filtering."""
    return float(0.0215 * relative_counts**-0.5 * (cutoff / 0.34) ** 1.5)


def draw_field(random: Random, sex: Sex, anatomy: Anatomy) -> tuple[Field, tuple[float, float, float]]:
    """The stored box and its kept part around the heart, and where in it the heart lies (voxels)."""
    across, along = anatomy.outer
    valve = anatomy.mid_wall.valve_mm
    size = random.uniform(0.84, 1.08) * (1.0 if sex is Sex.MALE else 0.94)
    least = ((along + valve) / 2 + 22.0, across + 24.0, across + 28.0)
    half = [max(low, size * full) / SPACING_MM for low, full in zip(least, (82.0, 70.0, 82.0), strict=True)]
    before, after = int(random.integers(7, 14)), int(random.integers(2, 9))
    middle = (before + half[0], 30.8 + random.normal(0, 0.6), 30.5 + random.normal(0, 0.6))
    heart = (
        middle[0] + (along - valve) / 2 / SPACING_MM - random.uniform(0.5, 2.0),
        middle[1] + random.normal(0.0, 0.7),
        middle[2] + random.normal(0.3, 0.8),
    )
    field = Field(
        shape=(int(np.ceil(middle[0] + half[0])) + after, 64, 64),
        spacing_mm=(SPACING_MM, SPACING_MM, SPACING_MM),
        centre=(float(middle[0]), float(middle[1]), float(middle[2])),
        axes=(float(half[0]), float(half[1]), float(half[2])),
        masked=True,
    )
    return field, (float(heart[0]), float(heart[1]), float(heart[2]))


def draw_tilt(random: Random) -> tuple[float, float]:
    """What is left of the tilt of the long axis after an operator has turned the heart, degrees.

    A little of it is not chance: the axis is drawn through the middle of the valve plane, which rises to lateral.
    """
    return float(random.normal(-3.8, 2.8)), float(random.normal(-3.0, 2.8))
