"""Forms that hearts come in: sizes by sex, small, thick, widened ones, and the septum of left bundle branch block.

Volumes at end-diastole lie between those that gated SPECT measures (Sharir, J Nucl Cardiol 2006: upper normal limits of
149 mL in men, 102 in women; it reads small hearts too small) and those of magnetic resonance (Petersen, J Cardiovasc
Magn Reson 2017: some 166 and 124 mL). They and the thickness of the wall are set so that images are as wide as real
ones; masses are then above those of magnetic resonance. The frequencies and degrees of each form are our assumptions.
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType

import numpy as np

from ..core.errors import RefusedError
from ..core.terms import Sex
from .heart import MUSCLE_G_PER_ML, Anatomy, Atria, Relief, RightVentricle, reach_mm
from .surface import Floats

Random = np.random.Generator

SEPTUM_DEG = 170.0
"""Middle of the septum on the polar disc."""

_ROWS, _COLUMNS = 13, 24


class Form(StrEnum):
    """What a heart is like, disease of the arteries apart."""

    NORMAL = "normal"
    SMALL = "small"
    CONCENTRIC = "concentric hypertrophy"
    SEPTAL = "septal hypertrophy"
    DILATED = "dilated"
    LBBB = "left bundle branch block"


CHANCES: Mapping[Sex, Mapping[Form, float]] = MappingProxyType(
    {
        Sex.MALE: MappingProxyType(
            {Form.SMALL: 0.03, Form.CONCENTRIC: 0.08, Form.SEPTAL: 0.02, Form.DILATED: 0.05, Form.LBBB: 0.03}
        ),
        Sex.FEMALE: MappingProxyType(
            {Form.SMALL: 0.06, Form.CONCENTRIC: 0.07, Form.SEPTAL: 0.02, Form.DILATED: 0.02, Form.LBBB: 0.03}
        ),
    }
)
"""How often each form is met; the rest are normal."""


def draw_form(random: Random, sex: Sex, chances: Mapping[Sex, Mapping[Form, float]] = CHANCES) -> Form:
    """The form of one heart. RefusedError where the chances of a sex exceed 1."""
    parts = chances[sex]
    if min(parts.values(), default=0.0) < 0 or sum(parts.values()) > 1:
        raise RefusedError(
            "forms of the heart", rule="have chances that sum to 1 at most", came=dict(parts), do="lower"
        )
    place = random.random()
    for form, chance in parts.items():
        place -= chance
        if place < 0:
            return form
    return Form.NORMAL


def draw_volumes(random: Random, sex: Sex, form: Form) -> tuple[float, float]:
    """Cavity at end-diastole and end-systole at rest, mL, before any infarct."""
    mean, spread, low, high = (130.0, 31.0, 64.0, 215.0) if sex is Sex.MALE else (108.0, 25.0, 58.0, 175.0)
    ed_volume = float(np.clip(random.normal(mean, spread), low, high))
    ejection = float(np.clip(random.normal(0.63, 0.06), 0.47, 0.80))
    if form is Form.SMALL:
        ed_volume, ejection = float(random.uniform(45.0, 62.0)), min(0.85, ejection + 0.06)
    elif form in (Form.CONCENTRIC, Form.SEPTAL):
        ed_volume, ejection = 0.88 * ed_volume, min(0.85, ejection + 0.03)
    elif form is Form.DILATED:
        ed_volume, ejection = ed_volume * float(random.uniform(1.5, 2.3)), float(random.uniform(0.18, 0.42))
    elif form is Form.LBBB:
        ed_volume, ejection = 1.1 * ed_volume, ejection - 0.07
    return ed_volume, ed_volume * (1 - ejection)


def draw_heart(
    random: Random, *, sex: Sex, form: Form, ed_volume_ml: float, es_volume_ml: float, blood: float
) -> Anatomy:
    """One heart averaged over its beat, centred and level, with nothing around it.

    blood : uptake in the cavities. The cavity is the mean over time, 0.56 of the way from the end of systole.
    """
    cavity = es_volume_ml + 0.56 * (ed_volume_ml - es_volume_ml)
    thick = {Form.CONCENTRIC: float(random.uniform(2.5, 5.0)), Form.DILATED: float(random.uniform(-1.5, 0.0))}
    wall = random.normal(12.0 if sex is Sex.MALE else 11.0, 0.9) + thick.get(form, 0.0)
    rounder = 0.45 if form is Form.DILATED else 0.0
    bare = Anatomy(
        cavity_ml=cavity,
        elongation=float(np.clip(random.normal(2.55, 0.2), 2.0, 3.1)) - rounder,
        wall_mm=float(np.clip(wall, 8.0, 17.0)),
        apical_thinning=float(random.uniform(0.33, 0.58)),
        valve=float(random.uniform(0.52, 0.72)),
        slant=float(random.uniform(0.30, 0.55)),
        beat_mm=(0.0, 0.0, 0.0),
        tilt_deg=(0.0, 0.0),
        centre=(0.0, 0.0, 0.0),
        right=_right(random, sex, form),
        blood=blood,
        atria=_atria(random, sex, form),
        papillary_mm=(float(random.uniform(1.6, 2.8)), float(random.uniform(1.6, 2.8))),
    )
    thicker = {Form.SEPTAL: float(random.uniform(4.0, 8.0)), Form.LBBB: float(random.uniform(-2.5, -1.0))}.get(form)
    shaped = replace(bare, relief=_oval(random, sex))
    if thicker is not None:
        shaped = replace(bare, relief=septal_relief(bare, thicker))
    return replace(shaped, beat_mm=travel_mm(shaped, ed_volume_ml, es_volume_ml))


def _right(random: Random, sex: Sex, form: Form) -> RightVentricle:
    size = (1.0 if sex is Sex.MALE else 0.92) * (0.88 if form is Form.SMALL else 1.0)
    return RightVentricle(
        angle_deg=float(random.normal(186.0, 7.0)),
        reach_mm=float(random.uniform(39.0, 50.0) * size),
        span_mm=float(random.uniform(30.0, 40.0) * size),
        start=float(random.uniform(-0.85, -0.55)),
        wall_mm=float(random.uniform(3.8, 5.6)),
        uptake=float(random.uniform(0.40, 0.75)),
        seams=(float(random.uniform(0.18, 0.42)), float(random.uniform(0.40, 0.78))),
    )


def _atria(random: Random, sex: Sex, form: Form) -> Atria:
    """Left atrium of 35 to 70 mL, half as large again where the ventricle is thick or wide."""
    larger = 1.14 if form in (Form.CONCENTRIC, Form.DILATED) else 1.0
    smaller = 1.0 if sex is Sex.MALE else 0.95
    left, right = random.uniform(20.0, 24.5), random.uniform(20.0, 24.5)
    return Atria(left_mm=float(left * larger * smaller), right_mm=float(right * smaller))


def _oval(random: Random, sex: Sex) -> Relief:
    """Cross-sections that are a little oval, mostly from anterior to inferior, growing from the apex on."""
    usual = 0.012 if sex is Sex.MALE else 0.028
    along, across = float(random.normal(-usual, 0.018)), float(random.normal(0.0, 0.018))
    psi, phi = np.meshgrid(np.linspace(0, np.pi, _ROWS), np.arange(_COLUMNS) * (2 * np.pi / _COLUMNS), indexing="ij")
    table = np.sin(psi) ** 2 * (along * np.cos(2 * phi) + across * np.sin(2 * phi))
    rows = tuple(tuple(float(value) for value in row) for row in table)
    return Relief(endo=rows, epi=rows)


def septal_relief(anatomy: Anatomy, thicker_mm: float) -> Relief:
    """A septum that is thicker by so many mm (thinner where negative), mostly into the left ventricle."""
    psi, phi = np.meshgrid(np.linspace(0, np.pi, _ROWS), np.arange(_COLUMNS) * (360.0 / _COLUMNS), indexing="ij")
    where = septum_share(phi) * np.clip(psi / 0.9, 0.0, 1.0) ** 2
    endo = -0.7 * thicker_mm / reach_mm(anatomy.inner, psi) * where
    epi = 0.3 * thicker_mm / reach_mm(anatomy.outer, psi) * where
    rows = [tuple(tuple(float(value) for value in row) for row in table) for table in (endo, epi)]
    return Relief(endo=rows[0], epi=rows[1])


def septum_share(phi: Floats) -> Floats:
    """1 in the middle of the septum, 0 at 75 degrees from it, soft between; phi in degrees."""
    away = np.abs((phi - SEPTUM_DEG + 180.0) % 360.0 - 180.0)
    share: Floats = np.where(away < 75.0, np.cos(np.pi / 2 * np.minimum(away / 75.0, 1.0)) ** 2, 0.0)
    return share


def septal_uptake(loss: float, s: Floats, phi: Floats) -> Floats:
    """What is left of the wall's uptake in left bundle branch block, on an (s, phi) table: the apex is spared.

    loss : in the middle of the septum, 0 .. 1; usual 0.1 to 0.3, more when the heart is fast, which is why exercise
    makes it worse (our assumption).
    """
    left: Floats = 1.0 - loss * septum_share(phi) * np.clip((s - 0.1) / 0.3, 0.0, 1.0)
    return left


def draw_septal_loss(random: Random, *, exercise: bool) -> float:
    """How much uptake the septum of left bundle branch block has lost in its middle, at rest or after exercise."""
    return float(random.uniform(0.15, 0.32) if exercise else random.uniform(0.06, 0.2))


def travel_mm(anatomy: Anatomy, ed_volume_ml: float, es_volume_ml: float) -> tuple[float, float, float]:
    """Travel of endocardium, epicardium and valve plane from end-diastole to end-systole; the muscle keeps its volume.

    It makes the borders of the mean over the beat as soft as they are.
    """
    cavity, muscle = anatomy.cavity_ml, anatomy.mass_g / MUSCLE_G_PER_ML
    radii = [anatomy.inner[0] * (v / cavity) ** 0.4 for v in (ed_volume_ml, es_volume_ml)]
    shells = [anatomy.outer[0] * ((v + muscle) / (cavity + muscle)) ** 0.4 for v in (ed_volume_ml, es_volume_ml)]
    along = 12.0 * min(1.0, (1 - es_volume_ml / ed_volume_ml) / 0.62)
    return float(radii[0] - radii[1]), float(shells[0] - shells[1]), float(along)
