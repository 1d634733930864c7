"""Who comes to the virtual clinic: the distributions that patients are drawn from.

All figures are ours, chosen to look like published cohorts: hearts of men larger than those of women, Tc-99m sharper
and richer in counts (about 3.5 times) than Tl-201, shadows of breast or diaphragm that grow with the body mass index,
about half of the patients with some coronary disease.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..core.terms import Sex, State, Territory, Tracer
from .acquisition import Attenuation, Field, Imaging
from .disease import Artery, Defect
from .heart import MUSCLE_G_PER_ML, Anatomy, Organ, RightVentricle, Surroundings
from .patients import Patient, Scan

Random = np.random.Generator

SPACING_MM = 6.6
COUNT_RATIO = 3.5
"""Counts of Tc-99m over those of Tl-201 (published: 3.47, JNC 1999;6:278)."""

_DISEASED = {
    (Tracer.TC99M, Sex.MALE): 0.66,
    (Tracer.TC99M, Sex.FEMALE): 0.60,
    (Tracer.TL201, Sex.MALE): 0.70,
    (Tracer.TL201, Sex.FEMALE): 0.64,
}
_TYPICAL_COUNTS = 860.0


@dataclass(frozen=True, kw_only=True)
class _Site:
    """Where defects of one artery lie: middle and spread of the angle, range of s."""

    phi_deg: float
    spread_deg: float
    s: tuple[float, float]


_SITES = {
    Territory.LAD: _Site(phi_deg=110.0, spread_deg=20.0, s=(0.15, 0.60)),
    Territory.LCX: _Site(phi_deg=345.0, spread_deg=20.0, s=(0.40, 0.78)),
    Territory.RCA: _Site(phi_deg=246.0, spread_deg=18.0, s=(0.45, 0.82)),
}


def draw_patient(seed: int, number: int, tracer: Tracer, *, healthy: bool = False) -> Patient:
    """Patient ``number`` of the cohort with this seed; the same arguments always give the same record.

    healthy : without any defect (for noise-free normals).
    """
    random = np.random.default_rng([seed, number, 0])
    sex = Sex.MALE if random.random() < 0.58 else Sex.FEMALE
    defects = _defects(random, sex, tracer)
    return _patient(random, (seed, number), sex, tracer, () if healthy else defects)


def draw_normal(number: int, sex: Sex, tracer: Tracer) -> Patient:
    """A patient of the given sex without disease, from a seed that no cohort uses."""
    entropy = (2**40 + (sex is Sex.MALE) * 2 + (tracer is Tracer.TC99M), number)
    return _patient(np.random.default_rng([*entropy, 0]), entropy, sex, tracer, ())


def _patient(
    random: Random, entropy: tuple[int, int], sex: Sex, tracer: Tracer, defects: tuple[Defect, ...]
) -> Patient:
    bmi = round(float(np.clip(random.normal(27.5, 4.3), 18.0, 44.0)), 1)
    scar = max((d.rest * d.along_mm * d.around_mm / 1000 for d in defects), default=0.0)
    ed_volume, es_volume = _volumes(random, sex, scar)
    ischaemia = max((d.stress - d.rest for d in defects), default=0.0)
    rest = _scan(random, (sex, tracer, bmi), ed_volume, es_volume)
    stress = _second_scan(random, rest, dilation=1.0 + 0.15 * ischaemia * random.random())
    return Patient(
        seed=entropy[0],
        number=entropy[1],
        sex=sex,
        age=int(np.clip(random.normal(61.0, 10.0), 32, 89)),
        bmi=bmi,
        tracer=tracer,
        protocol="2day" if tracer is Tracer.TC99M else "stress-redistribution",
        ed_volume_ml=ed_volume,
        es_volume_ml=es_volume,
        variation=_variation(random),
        defects=defects,
        arteries=_arteries(random, defects),
        stress=stress,
        rest=_rest_counts(random, rest, stress, tracer),
    )


def _volumes(random: Random, sex: Sex, scar: float) -> tuple[float, float]:
    """Cavity at end-diastole and end-systole in mL; a scar dilates the ventricle and lowers its ejection."""
    mean, spread, low, high = (108.0, 23.0, 62.0, 190.0) if sex is Sex.MALE else (80.0, 16.0, 45.0, 130.0)
    ed_volume = float(np.clip(random.normal(mean, spread), low, high)) * (1 + 0.25 * min(scar, 1.5))
    ejection = float(np.clip(random.normal(0.62, 0.065) - 0.14 * scar, 0.18, 0.80))
    return ed_volume, ed_volume * (1 - ejection)


def _variation(random: Random) -> tuple[float, ...]:
    waves = random.normal((0, 0, 0, 0, -0.06, -0.1), (0.018, 0.018, 0.012, 0.012, 0.03, 0.10))
    return (*(float(w) for w in waves), float(random.uniform(0.45, 0.85)))


def _scan(random: Random, who: tuple[Sex, Tracer, float], ed_volume: float, es_volume: float) -> Scan:
    sex, tracer, bmi = who
    anatomy = _anatomy(random, sex, tracer, 0.5 * (ed_volume + es_volume))
    field, centre = _field(random, sex, anatomy)
    beat = _beat(anatomy, ed_volume, es_volume)
    return Scan(
        anatomy=replace(anatomy, centre=centre, beat_mm=beat), imaging=_imaging(random, sex, tracer, bmi), field=field
    )


def _anatomy(random: Random, sex: Sex, tracer: Tracer, cavity_ml: float) -> Anatomy:
    male = sex is Sex.MALE
    wall = random.normal(12.2 if male else 11.2, 0.9) + (random.uniform(1.5, 4.0) if random.random() < 0.08 else 0.0)
    tilt, way = random.uniform(0.0, 12.0) * random.beta(1.3, 2.0), random.uniform(0, 2 * np.pi)
    bare = Anatomy(
        cavity_ml=cavity_ml,
        elongation=float(np.clip(random.normal(2.4, 0.18), 1.9, 2.9)),
        wall_mm=float(np.clip(wall, 8.5, 17.0)),
        apical_thinning=float(random.uniform(0.10, 0.40)),
        valve=float(random.uniform(0.48, 0.66)),
        slant=float(random.uniform(0.20, 0.45)),
        beat_mm=(0.0, 0.0, 0.0),
        tilt_deg=(float(tilt * np.cos(way)), float(tilt * np.sin(way))),
        centre=(0.0, 0.0, 0.0),
        right=RightVentricle(
            angle_deg=float(random.normal(186.0, 7.0)),
            reach_mm=float(random.uniform(25.0, 37.0)),
            span_mm=float(random.uniform(26.0, 34.0)),
            start=float(random.uniform(-0.85, -0.55)),
            wall_mm=float(random.uniform(3.8, 5.6)),
            uptake=float(random.uniform(0.30, 0.65)),
            seams=(float(random.uniform(0.25, 0.5)), float(random.uniform(0.35, 0.7))),
        ),
        around=Surroundings(blood=0.0, lung=0.0, tissue=0.0, organs=()),
    )
    return replace(bare, around=_surroundings(random, tracer, bare))


def _beat(anatomy: Anatomy, ed_volume: float, es_volume: float) -> tuple[float, float, float]:
    """Travel of endocardium, epicardium and valve plane in mm; the muscle keeps its volume."""
    inner = anatomy.inner[0]
    cavity = anatomy.cavity_ml
    muscle = anatomy.mass_g / MUSCLE_G_PER_ML
    radii = [inner * (v / cavity) ** 0.4 for v in (ed_volume, es_volume)]
    shells = [anatomy.outer[0] * ((v + muscle) / (cavity + muscle)) ** 0.4 for v in (ed_volume, es_volume)]
    along = 0.28 * (np.log(ed_volume) - np.log(es_volume)) * (anatomy.outer[1] + anatomy.mid_wall.valve_mm)
    return radii[0] - radii[1], shells[0] - shells[1], float(along)


def _surroundings(random: Random, tracer: Tracer, anatomy: Anatomy) -> Surroundings:
    extra = 0.0 if tracer is Tracer.TC99M else random.uniform(0.03, 0.10)
    hot = random.random() < (0.13 if tracer is Tracer.TC99M else 0.06)
    level = random.uniform(0.7, 1.2) if hot else random.uniform(0.2, 0.5)
    across = anatomy.outer[0]
    gap, thick = random.uniform(16.0, 48.0), random.uniform(30.0, 42.0)
    organs = [
        Organ(
            name="liver",
            centre=(float(random.uniform(-50, -12)), -float(across + gap + thick), float(random.uniform(-15, 40))),
            axes=(float(random.uniform(42, 62)), float(thick), float(random.uniform(40, 60))),
            uptake=float(level),
        )
    ]
    if random.random() < 0.25:
        size = random.uniform(10.0, 17.0)
        low = across + random.uniform(8.0, 30.0) + size
        organs.append(
            Organ(
                name="gut",
                centre=(float(random.uniform(-10, 30)), -float(low), float(random.uniform(-30, 25))),
                axes=(float(size * 1.5), float(size), float(size * 1.3)),
                uptake=float(random.uniform(0.3, 1.2)),
            )
        )
    return Surroundings(
        blood=float(random.uniform(0.05, 0.18) + extra),
        lung=float(random.uniform(0.03, 0.08) + extra),
        tissue=float(random.uniform(0.08, 0.17) + extra),
        organs=tuple(organs),
    )


def _field(random: Random, sex: Sex, anatomy: Anatomy) -> tuple[Field, tuple[float, float, float]]:
    """The stored box and its kept part around the heart, and where in it the heart lies (voxels)."""
    across, along = anatomy.outer
    valve = anatomy.mid_wall.valve_mm
    size = random.uniform(0.86, 1.08) * (1.0 if sex is Sex.MALE else 0.88)
    least = ((along + valve) / 2 + 26.0, across + 26.0, across + 30.0)
    half = [max(low, size * full) / SPACING_MM for low, full in zip(least, (80.0, 73.0, 82.0), strict=True)]
    before, after = int(random.integers(8, 13)), int(random.integers(2, 7))
    middle = (before + half[0], 31.5 + random.normal(0, 0.7), 31.5 + random.normal(0, 0.7))
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
        masked=bool(random.random() < 0.9),
    )
    return field, (float(heart[0]), float(heart[1]), float(heart[2]))


def _imaging(random: Random, sex: Sex, tracer: Tracer, bmi: float) -> Imaging:
    technetium = tracer is Tracer.TC99M
    sharpness = random.normal(16.0, 0.6) if technetium else random.normal(18.5, 0.7)
    stretch = random.uniform(0.94, 1.08, size=3)
    counts = _TYPICAL_COUNTS / (1.0 if technetium else COUNT_RATIO)
    counts *= float(np.exp(random.normal(0.0, 0.25) - 0.018 * (bmi - 27.5)))
    cutoff = float(random.uniform(0.25, 0.31) if technetium else random.uniform(0.23, 0.28))
    return Imaging(
        fwhm_mm=(float(sharpness * stretch[0]), float(sharpness * stretch[1]), float(sharpness * stretch[2])),
        counts=counts,
        noise=noise_level(counts, cutoff),
        cutoff=cutoff,
        scatter=float(random.uniform(0.05, 0.10) if technetium else random.uniform(0.12, 0.20)),
        undershoot=float(random.uniform(0.18, 0.32)),
        attenuation=_attenuation(random, sex, tracer, bmi),
    )


def noise_level(counts: float, cutoff: float) -> float:
    """Noise as a part of the ventricle's peak: falls with the root of the counts and with stronger filtering."""
    return float(0.042 * np.sqrt(_TYPICAL_COUNTS / counts) * (cutoff / 0.28) ** 1.5)


def _attenuation(random: Random, sex: Sex, tracer: Tracer, bmi: float) -> Attenuation:
    more = 1.0 if tracer is Tracer.TC99M else 1.2
    heavy = bmi - 27.5
    male = sex is Sex.MALE
    breast = 0.13 + 0.003 * heavy if male else 0.17 + 0.007 * heavy
    diaphragm = 0.34 + 0.006 * heavy if male else 0.16 + 0.003 * heavy
    return Attenuation(
        breast=float(np.clip((breast + random.normal(0, 0.035)) * more, 0.0, 0.45)),
        breast_deg=float(random.normal(80.0, 14.0)),
        breast_s=float(random.uniform(0.45, 0.75)),
        diaphragm=float(np.clip((diaphragm + random.normal(0, 0.045)) * more, 0.0, 0.5)),
        depth=float(np.clip(random.normal(0.13, 0.025) * more, 0.0, 0.3)),
    )


def _second_scan(random: Random, rest: Scan, *, dilation: float) -> Scan:
    """Stress: laid on the table anew, a little larger where ischaemia is severe, the liver less warm."""
    first, around = rest.anatomy, rest.anatomy.around
    centre = tuple(float(c + random.normal(0.0, 0.45)) for c in first.centre)
    tilt = tuple(float(angle + random.normal(0.0, 1.2)) for angle in first.tilt_deg)
    cooler = float(random.uniform(0.65, 1.0))
    anatomy = replace(
        first,
        cavity_ml=first.cavity_ml * dilation * float(np.exp(random.normal(0.0, 0.03))),
        centre=(centre[0], centre[1], centre[2]),
        tilt_deg=(tilt[0], tilt[1]),
        around=replace(around, organs=tuple(replace(o, uptake=o.uptake * cooler) for o in around.organs)),
    )
    shadow = rest.imaging.attenuation
    moved = replace(
        shadow,
        breast=float(shadow.breast * random.uniform(0.85, 1.15)),
        breast_deg=float(shadow.breast_deg + random.normal(0.0, 5.0)),
        diaphragm=float(shadow.diaphragm * random.uniform(0.9, 1.1)),
    )
    return Scan(anatomy=anatomy, imaging=replace(rest.imaging, attenuation=moved), field=rest.field)


def _rest_counts(random: Random, rest: Scan, stress: Scan, tracer: Tracer) -> Scan:
    """Counts of the rest image: another injection (Tc-99m) or what washout has left of the first (Tl-201)."""
    left = random.uniform(0.85, 1.2) if tracer is Tracer.TC99M else random.uniform(0.52, 0.70)
    counts = float(stress.imaging.counts * left)
    noise = noise_level(counts, rest.imaging.cutoff)
    return replace(rest, imaging=replace(rest.imaging, counts=counts, noise=noise))


def _defects(random: Random, sex: Sex, tracer: Tracer) -> tuple[Defect, ...]:
    """Disease of one to three arteries, or none; a quarter of the healthy have a trifling defect."""
    if random.random() >= _DISEASED[tracer, sex]:
        return (_defect(random, _any(random, 1)[0], tracer, "trifle"),) if random.random() < 0.25 else ()
    vessels = _any(random, int(random.choice([1, 2, 3], p=[0.58, 0.30, 0.12])))
    kind = str(random.choice(["ischaemia", "infarct", "mixed"], p=[0.62, 0.14, 0.24]))
    kinds = [kind if kind != "mixed" else str(random.choice(["ischaemia", "infarct", "partial"])) for _ in vessels]
    return tuple(_defect(random, vessel, tracer, each) for vessel, each in zip(vessels, kinds, strict=True))


def _any(random: Random, count: int) -> list[Territory]:
    order = random.choice(3, size=count, replace=False, p=[0.42, 0.25, 0.33])
    return [list(_SITES)[k] for k in order]


_SEVERITY = {"trifle": (0.05, 0.14), "ischaemia": (0.12, 0.68), "infarct": (0.45, 0.92), "partial": (0.3, 0.8)}
_KEPT_AT_REST = {"trifle": (0.0, 1.0), "ischaemia": (0.0, 0.25), "infarct": (0.85, 1.0), "partial": (0.4, 0.75)}


def _defect(random: Random, territory: Territory, tracer: Tracer, kind: str) -> Defect:
    site = _SITES[territory]
    size = random.beta(1.6, 1.6) if kind != "trifle" else random.uniform(0.0, 0.35)
    low, high = _SEVERITY[kind]
    kept_low, kept_high = _KEPT_AT_REST[kind]
    if tracer is Tracer.TL201 and kind == "ischaemia":
        low, high, kept_low, kept_high = 0.2, 0.75, 0.1, 0.5
    stress = low + (high - low) * random.beta(1.3, 1.5)
    kept = random.uniform(kept_low, kept_high)
    return Defect(
        territory=territory,
        s=float(random.uniform(*site.s)),
        phi_deg=float(random.normal(site.phi_deg, site.spread_deg) % 360.0),
        along_mm=float(13.0 + 27.0 * size * random.uniform(0.8, 1.2)),
        around_mm=float(13.0 + 25.0 * size * random.uniform(0.8, 1.2)),
        border=float(random.uniform(0.35, 0.8)),
        stress=float(stress),
        rest=float(stress * kept),
    )


def _arteries(random: Random, defects: Sequence[Defect]) -> tuple[Artery, ...]:
    """Stenosis and flow reserve that go with the defects; arteries without a defect are open or mildly narrowed."""
    arteries = []
    for territory in Territory:
        worst = max((d.severity(State.STRESS) for d in defects if d.territory is territory), default=0.0)
        stenosis = random.uniform(0.0, 45.0) if worst < 0.15 else min(100.0, 55.0 + 55.0 * worst + random.normal(0, 5))
        reserve = max(0.9, 3.3 * (1 - worst) ** 1.2 * float(np.exp(random.normal(0.0, 0.12))))
        arteries.append(Artery(territory=territory, stenosis=round(float(stenosis), 1), flow_reserve=round(reserve, 2)))
    return tuple(arteries)
