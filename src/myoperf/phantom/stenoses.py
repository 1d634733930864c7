"""Who has which coronary disease: the distributions that arteries are drawn from.

Every figure is a parameter with our own default; they are chosen so that defects spread as widely as those that
experts score in patients referred for perfusion imaging, and so that anatomy and flow agree as poorly as they do there.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ..core.terms import Sex
from .bed import Dominance, Vessel, draw_borders
from .coronary import NORMAL_RESERVE, Coronary, Lesion, Scar

Random = np.random.Generator
_TRUNKS = (Vessel.LAD, Vessel.LCX, Vessel.RCA)


class Kind(StrEnum):
    """What a diseased person has."""

    ISCHAEMIA = "ischaemia"
    SUBTLE = "subtle"
    MIXED = "mixed"
    INFARCT = "infarct"
    BALANCED = "balanced"


@dataclass(frozen=True, kw_only=True)
class Disease:
    """Parameters of coronary disease; shares are of the diseased unless told otherwise.

    kinds : ischaemia only; a narrow place of 50 to 75 percent or a small bed; scar and ischaemia; scar only; three
    arteries or left main and right narrowed alike, in this order. vessels : one, two, three arteries, left main.
    arteries : how often LAD, LCX, RCA are hit. branches : share of lesions in a side branch. serial : share of arteries
    with a second lesion. dominance : right, left, balanced, of all people. tightness_sd : spread of the logarithm of a
    stenosis' resistance between stenoses equally narrow. diffuse, diffuse_healthy : mean of 0 .. 1 with and without
    stenoses at 60 years. microvascular : mean of 0 .. 1; in women ``microvascular_women`` times as much. plaques :
    share of the other arteries with a narrowing below 50 percent. reserve_sd : spread of the normal flow reserve.
    """

    kinds: tuple[float, float, float, float, float] = (0.51, 0.20, 0.17, 0.07, 0.05)
    vessels: tuple[float, float, float, float] = (0.46, 0.31, 0.17, 0.06)
    arteries: tuple[float, float, float] = (0.48, 0.18, 0.34)
    branches: float = 0.12
    serial: float = 0.25
    dominance: tuple[float, float, float] = (0.82, 0.09, 0.09)
    tightness_sd: float = 1.7
    diffuse: float = 0.20
    diffuse_healthy: float = 0.12
    microvascular: float = 0.08
    microvascular_women: float = 1.5
    plaques: float = 0.40
    reserve_sd: float = 0.45


def draw_coronary(
    random: Random, *, probability_of_disease: float, sex: Sex, age: float, settings: Disease | None = None
) -> Coronary:
    """A person's arteries.

    probability_of_disease : chance of at least one stenosis of 50 percent or more, or of a scar. Others have open
    arteries or plaques below 50 percent. Age adds diffuse disease and further arteries, women have more microvascular
    disease and a little less often several arteries narrowed.
    """
    disease = settings or Disease()
    diseased = bool(random.random() < probability_of_disease)
    dominance = list(Dominance)[int(random.choice(3, p=disease.dominance))]
    lesions = _lesions(random, disease, sex, age) if diseased else ()
    free = [vessel for vessel in _TRUNKS if all(lesion.artery is not vessel for lesion in lesions)]
    plaques = [
        _plaque(random, disease, vessel)
        for vessel in free
        if random.random() < disease.plaques * np.clip(age / 60, 0, 2)
    ]
    diffuse = disease.diffuse if diseased else disease.diffuse_healthy
    small = disease.microvascular * (disease.microvascular_women if sex is Sex.FEMALE else 1.0)
    return Coronary(
        dominance=dominance,
        lesions=(*lesions, *plaques),
        diffuse=_beta(random, diffuse * (1.0 + 0.2 * (age - 60.0) / 10.0)),
        microvascular=_beta(random, small),
        collaterals=_beta(random, 0.35),
        normal_reserve=float(np.clip(random.normal(NORMAL_RESERVE, disease.reserve_sd), 2.4, 4.8)),
        borders=draw_borders(random, dominance),
    )


def _beta(random: Random, mean: float, sureness: float = 4.0) -> float:
    part = float(np.clip(mean, 0.01, 0.9))
    return float(random.beta(part * sureness, (1.0 - part) * sureness))


def _lesions(random: Random, disease: Disease, sex: Sex, age: float) -> tuple[Lesion, ...]:
    kind = list(Kind)[int(random.choice(5, p=disease.kinds))]
    if kind is Kind.BALANCED:
        return _balanced(random, disease)
    if kind is Kind.SUBTLE:
        return (_subtle(random, disease),)
    vessels = _vessels(random, disease, sex, age)
    first = _culprit(random, disease, vessels[0], kind)
    if kind is Kind.INFARCT:
        return (first,)
    others = [_narrow(random, disease, vessel, _stenosis(random)) for vessel in vessels[1:]]
    serial = [
        _narrow(random, disease, vessel, float(random.uniform(30.0, 75.0)))
        for vessel in vessels
        if vessel is not Vessel.LM and random.random() < disease.serial
    ]
    return (first, *others, *serial)


def _vessels(random: Random, disease: Disease, sex: Sex, age: float) -> list[Vessel]:
    """The arteries that are narrowed, the culprit first."""
    more = np.exp(0.2 * (age - 60.0) / 10.0 - (0.25 if sex is Sex.FEMALE else 0.0))
    weight = np.array(disease.vessels) * (1.0, more, more, more)
    count = int(random.choice(4, p=weight / weight.sum())) + 1
    order = [_TRUNKS[k] for k in random.choice(3, size=3, replace=False, p=disease.arteries)]
    if count == 4:
        return [Vessel.LM, *order[: int(random.integers(0, 3))]]
    return order[:count]


def _culprit(random: Random, disease: Disease, vessel: Vessel, kind: Kind) -> Lesion:
    if kind is Kind.ISCHAEMIA or vessel is Vessel.LM:
        return _narrow(random, disease, vessel, _stenosis(random))
    infarct = kind is Kind.INFARCT
    opened = random.random() < (0.6 if infarct else 0.25)
    tight = 100.0 if random.random() < 0.4 else float(random.uniform(75.0, 99.0))
    stenosis = float(random.uniform(10.0, 55.0)) if opened else tight
    scar = Scar(
        transmurality=float(random.uniform(0.35, 0.95) if infarct else random.uniform(0.25, 0.85)),
        spared=float(random.uniform(0.0, 0.45) if infarct else random.uniform(0.1, 0.7)),
    )
    return _narrow(random, disease, vessel, stenosis, scar=scar)


def _balanced(random: Random, disease: Disease) -> tuple[Lesion, ...]:
    """Stenoses so alike that no bed stands out."""
    vessels = (Vessel.LM, Vessel.RCA) if random.random() < 0.4 else _TRUNKS
    level, tightness = float(random.uniform(68.0, 86.0)), _tightness(random, disease)
    return tuple(
        Lesion(
            artery=vessel,
            place=float(random.uniform(0.0, 0.2)),
            stenosis=float(np.clip(level + random.normal(0.0, 2.0), 55.0, 95.0)),
            tightness=tightness,
        )
        for vessel in vessels
    )


def _subtle(random: Random, disease: Disease) -> Lesion:
    """A moderate stenosis, or a tighter one in a small bed."""
    vessel = _TRUNKS[int(random.choice(3, p=disease.arteries))]
    small = bool(random.random() < 0.5)
    return Lesion(
        artery=vessel,
        place=float(random.uniform(0.5, 0.9) if small else random.uniform(0.1, 0.5)),
        stenosis=float(random.uniform(60.0, 85.0) if small else random.uniform(50.0, 68.0)),
        branch=small and bool(random.random() < 0.5),
        tightness=_tightness(random, disease),
    )


def _narrow(random: Random, disease: Disease, vessel: Vessel, stenosis: float, *, scar: Scar | None = None) -> Lesion:
    branch = vessel is not Vessel.LM and bool(random.random() < disease.branches)
    return Lesion(
        artery=vessel,
        place=float(random.beta(1.0, 2.2)),
        stenosis=stenosis,
        branch=branch,
        tightness=_tightness(random, disease),
        scar=scar,
    )


def _stenosis(random: Random) -> float:
    """Percent diameter of a stenosis that brings someone to the clinic: 50 to 100, some occluded."""
    return 100.0 if random.random() < 0.05 else float(52.0 + 47.5 * random.beta(2.6, 1.05))


def _plaque(random: Random, disease: Disease, vessel: Vessel) -> Lesion:
    return Lesion(
        artery=vessel,
        place=float(random.beta(1.2, 1.9)),
        stenosis=float(random.uniform(5.0, 49.0)),
        tightness=_tightness(random, disease),
    )


def _tightness(random: Random, disease: Disease) -> float:
    return float(np.exp(random.normal(0.0, disease.tightness_sd)))
