"""The coronary arteries of a virtual person: where they are narrowed, and what flow they still let through.

Percent stenosis is of the diameter. Flow is relative to resting flow of normal muscle; the flow reserve is the largest
flow over the resting one. How stenoses are spread over people is drawn in ``stenoses``.
"""

from dataclasses import dataclass, field

from ..core.errors import RefusedError
from ..core.terms import Territory
from .bed import Borders, Dominance, Vessel

NORMAL_RESERVE = 3.5
"""Flow reserve of healthy arteries (positron emission tomography finds 3 to 4; Uren 1994, Di Carli 1995)."""

RESISTANCE = 0.0055
"""Resistance of a typical stenosis over that of healthy dilated small vessels, before the fourth power of the diameter.

Set so that 65 percent leaves 0.8 of the largest flow, collaterals counted: about a third of stenoses of 50 to 70
percent, and most above, limit flow (FAME, Tonino 2010); the reserve is near 1 from some 85 percent on (Gould 1974,
Uren 1994)."""

LEAST_OPEN, MOST_BYPASS = 0.19, 0.30
"""Flow behind an occluded artery, and what good collaterals add to it, over the largest normal flow."""

DIFFUSE_LOSS, MICROVASCULAR_LOSS = 0.45, 0.55
"""Part of the reserve that the worst diffuse and the worst microvascular disease take everywhere (our assumption)."""

OBSTRUCTIVE, OBSTRUCTIVE_LEFT_MAIN = 70.0, 50.0
"""Percent diameter stenosis from which an artery, or the left main, is called obstructed."""

_FED = {Territory.LAD: Vessel.LAD, Territory.LCX: Vessel.LCX, Territory.RCA: Vessel.RCA}
_THIRDS = {
    Vessel.LAD: (2.5, 1.5, 1.0),
    Vessel.LCX: (2.5, 1.5, 1.0),
    Vessel.RCA: (1.0, 1.0, 1.0),
    Vessel.LM: (5.0, 5.0, 5.0),
}
_LEFT_DOMINANT_LCX = (3.5, 2.0, 2.0)
_BRANCHES = {Vessel.LAD: (1.0, 0.5), Vessel.LCX: (1.0, 0.5), Vessel.RCA: (1.0, 1.0), Vessel.LM: (5.0, 5.0)}


@dataclass(frozen=True, kw_only=True)
class Artery:
    """The artery of a territory: its tightest percent diameter stenosis, left main included, and its flow reserve."""

    territory: Territory
    stenosis: float
    flow_reserve: float


@dataclass(frozen=True, kw_only=True)
class Scar:
    """An infarct in the bed of a lesion.

    transmurality : 0 none .. 1 the whole wall. spared : part of the bed's rim that it spares, 0 the whole bed .. 1.
    """

    transmurality: float
    spared: float


@dataclass(frozen=True, kw_only=True)
class Lesion:
    """One narrowing.

    place : 0 proximal .. 1 distal. stenosis : percent of the diameter. branch : it sits in the side branch that leaves
    there. tightness : its resistance over that of a typical stenosis as narrow (length, entrance, misjudged diameter).
    scar : an infarct that happened in its bed.
    """

    artery: Vessel
    place: float
    stenosis: float
    branch: bool = False
    tightness: float = 1.0
    scar: Scar | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.stenosis <= 100.0:
            rule = "a stenosis is 0 to 100 percent of the diameter"
            raise RefusedError("lesion", rule=rule, came=self.stenosis, do="give a percentage")
        if not 0.0 <= self.place <= 1.0:
            rule = "a place in an artery is 0 (proximal) to 1 (distal)"
            raise RefusedError("lesion", rule=rule, came=self.place, do="give a part of its length")


@dataclass(frozen=True, kw_only=True)
class Coronary:
    """All arteries of a person.

    diffuse, microvascular : 0 none .. 1 worst; they lower the reserve everywhere. collaterals : 0 none .. 1 rich.
    normal_reserve : the flow reserve that this person would have without any disease.
    """

    dominance: Dominance = Dominance.RIGHT
    lesions: tuple[Lesion, ...] = ()
    diffuse: float = 0.0
    microvascular: float = 0.0
    collaterals: float = 0.0
    normal_reserve: float = NORMAL_RESERVE
    borders: Borders = field(default_factory=Borders)


def resistance(lesion: Lesion) -> float:
    """Resistance over that of the dilated small vessels: 0 open, infinite when occluded (Poiseuille's fourth power)."""
    left = 1.0 - lesion.stenosis / 100.0
    return lesion.tightness * RESISTANCE * (left**-4 - 1.0) if left > 0.0 else float("inf")


def upstream(coronary: Coronary, lesion: Lesion) -> tuple[Lesion, ...]:
    """Other lesions between the aorta and this one: those nearer in the trunk, and the left main for its arteries."""
    return tuple(
        other
        for other in coronary.lesions
        if other is not lesion
        and (
            (other.artery is Vessel.LM and lesion.artery in (Vessel.LAD, Vessel.LCX))
            or (
                other.artery is lesion.artery
                and not other.branch
                and (other.place < lesion.place or (other.place == lesion.place and lesion.branch))
            )
        )
    )


def open_share(coronary: Coronary, path: tuple[Lesion, ...]) -> float:
    """Part of the largest flow that is left behind lesions one after the other, 0 .. 1; collaterals bypass them.

    Small vessels that open less leave less flow to be limited, so a stenosis matters less before them.
    """
    opening = background_reserve(coronary) / NORMAL_RESERVE
    through = 1.0 / (1.0 + opening * sum(resistance(lesion) for lesion in path))
    bypass = min(1.0, (LEAST_OPEN + MOST_BYPASS * coronary.collaterals) / opening)
    return through + (1.0 - through) * bypass


def background_reserve(coronary: Coronary) -> float:
    """Flow reserve of a bed without a stenosis: lowered by diffuse and by microvascular disease."""
    left = (1.0 - DIFFUSE_LOSS * coronary.diffuse) * (1.0 - MICROVASCULAR_LOSS * coronary.microvascular)
    return coronary.normal_reserve * left


def reserve_behind(coronary: Coronary, lesions: tuple[Lesion, ...]) -> float:
    """Flow reserve behind lesions one after the other."""
    return background_reserve(coronary) * open_share(coronary, lesions)


def arteries_of(coronary: Coronary) -> tuple[Artery, ...]:
    """The three arteries as the truth of a patient names them; the reserve is that of the worst bed of each."""
    found = []
    for territory, vessel in _FED.items():
        own = [lesion for lesion in coronary.lesions if lesion.artery is vessel]
        above = [lesion for lesion in coronary.lesions if lesion.artery is Vessel.LM and vessel is not Vessel.RCA]
        paths = [(*upstream(coronary, lesion), lesion) for lesion in own] or [tuple(above)]
        stenosis = max((lesion.stenosis for lesion in (*own, *above)), default=0.0)
        reserve = min(reserve_behind(coronary, path) for path in paths)
        found.append(Artery(territory=territory, stenosis=round(stenosis, 1), flow_reserve=round(reserve, 2)))
    return tuple(found)


def stenosis_of(coronary: Coronary, vessel: Vessel) -> float:
    """The tightest percent diameter stenosis within one artery and its branches, 0 where it is open."""
    return max((lesion.stenosis for lesion in coronary.lesions if lesion.artery is vessel), default=0.0)


def obstructed(coronary: Coronary) -> tuple[Vessel, ...]:
    """Arteries with a stenosis of 70 percent or more; 50 or more in the left main."""
    return tuple(
        vessel
        for vessel in Vessel
        if stenosis_of(coronary, vessel) >= (OBSTRUCTIVE_LEFT_MAIN if vessel is Vessel.LM else OBSTRUCTIVE)
    )


def obstructive(coronary: Coronary) -> bool:
    """Whether any artery is obstructed."""
    return bool(obstructed(coronary))


def gensini(coronary: Coronary) -> float:
    """Gensini's score (1983): points of severity times the weight of the segment, summed; 0 open, higher is worse.

    Points 1, 2, 4, 8, 16, 32 for stenoses up to 25, 50, 75, 90, 99 and 100 percent. Coarse: a trunk has three thirds
    (weights 2.5, 1.5, 1 in LAD and LCX, 1 in the RCA, more in a left dominant LCX), a branch one weight each half
    (first diagonal or marginal 1, later ones 0.5); the left main weighs 5. Collaterals are not considered.
    """
    return float(sum(_points(lesion.stenosis) * _weight(coronary, lesion) for lesion in coronary.lesions))


def _points(stenosis: float) -> int:
    if stenosis >= 100.0:
        return 32
    return next((2**k for k, limit in enumerate((25.0, 50.0, 75.0, 90.0)) if stenosis <= limit), 16) if stenosis else 0


def _weight(coronary: Coronary, lesion: Lesion) -> float:
    if lesion.branch:
        return _BRANCHES[lesion.artery][int(lesion.place > 0.5)]
    left = coronary.dominance is Dominance.LEFT and lesion.artery is Vessel.LCX
    thirds = _LEFT_DOMINANT_LCX if left else _THIRDS[lesion.artery]
    return thirds[min(2, int(3 * lesion.place))]
