"""Perfusion defects of known place, extent, severity and reversibility, and the arteries behind them.

A defect is an ellipse put somewhere on the wall (``Defect``), or follows from a diseased artery (``BedDefect``): flow
behind the stenosis, uptake at that flow, and the part of the wall that the artery feeds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..core.segments import AHA17
from ..core.terms import State, Territory
from . import kinetics
from .bed import Bed, Borders, Vessel, at_risk, supply
from .coronary import Artery, Coronary, Lesion, background_reserve, reserve_behind, upstream
from .kinetics import Agent
from .protocol import REINJECTION, Protocol, mixture
from .surface import Floats, MidWall, wall_table

__all__ = [
    "LEAST_UPTAKE",
    "Artery",
    "BedDefect",
    "Defect",
    "Patch",
    "bed_share",
    "defect_share",
    "defects_of",
    "lost_share",
    "segment_defect",
    "uptake_left",
    "uptake_seen",
]

LEAST_UPTAKE = 0.05
"""Part of normal uptake that is left where a defect is total (scar takes up a little)."""

_LEAST_LOSS = 0.005


@dataclass(frozen=True, kw_only=True)
class Defect:
    """One transmural defect, an ellipse laid on the wall.

    s, phi_deg : its middle on the wall (s 0 apex .. 1 valve plane; angle of the polar disc).
    along_mm, around_mm : half its size along the meridian and around the ventricle.
    border : width of the soft border as a part of the half size.
    stress, rest : severity in each state, 0 none .. 1 no uptake. Reversible: rest is 0; fixed: rest equals stress.
    """

    territory: Territory
    s: float
    phi_deg: float
    along_mm: float
    around_mm: float
    border: float
    stress: float
    rest: float

    def severity(self, state: State) -> float:
        """How much of the uptake is lost in the middle of the defect."""
        return self.stress if state is State.STRESS else self.rest


@dataclass(frozen=True, kw_only=True)
class BedDefect:
    """Lost uptake in the bed of an artery, as irregular as the bed and soft at its rim.

    territory : the artery's; LAD for the left main, whose bed takes the lateral wall too.
    spared : how far from the rim the defect begins, 0 the whole bed .. 1 nothing (a scar is smaller than the bed).
    stress, rest : severity in each state as in ``Defect``. scar : whether muscle is lost, and not only flow.
    """

    territory: Territory
    bed: Bed
    spared: float
    stress: float
    rest: float
    scar: bool

    def severity(self, state: State) -> float:
        """How much of the uptake is lost where the whole flow comes through the artery; negative: it gains."""
        return self.stress if state is State.STRESS else self.rest


Patch = Defect | BedDefect


def defect_share(defect: Defect, surface: MidWall, s: Floats, phi: Floats) -> Floats:
    """Part of each place of an (s, phi) table that the defect takes: 1 inside, 0 outside, soft between.

    The distance around the ventricle is measured at the mean of both radii, so that it vanishes at the apex.
    """
    length = surface.wall_length(phi)
    along = (s - defect.s) * length / defect.along_mm
    centre = np.asarray(defect.phi_deg, dtype=float)
    radius = np.sqrt(surface.radius(s, phi) * surface.radius(np.asarray(defect.s), centre))
    turn = np.radians((phi - defect.phi_deg + 180.0) % 360.0 - 180.0)
    around = radius * turn / defect.around_mm
    edge = np.clip((1 + defect.border / 2 - np.hypot(along, around)) / defect.border, 0.0, 1.0)
    share: Floats = edge * edge * (3 - 2 * edge)
    return share


def bed_share(
    defect: BedDefect, surface: MidWall, s: Floats, phi: Floats, *, fed: dict[Vessel, Floats] | None = None
) -> Floats:
    """Part of each place of an (s, phi) table that the defect takes: the artery's share in the flow, cut at the rim.

    fed : ``bed.supply`` of the same table and borders, where it is already at hand.
    """
    risk = at_risk(defect.bed, surface, s, phi, fed=fed)
    share: Floats = np.clip((risk - defect.spared) / (1.0 - defect.spared), 0.0, 1.0)
    return share


def uptake_left(defects: Sequence[Patch], state: State, surface: MidWall, s: Floats, phi: Floats) -> Floats:
    """What the defects leave of normal uptake on an (s, phi) table, 1 where there is no disease."""
    left = np.ones(np.broadcast_shapes(s.shape, phi.shape))
    fed: dict[Borders, dict[Vessel, Floats]] = {}
    for defect in defects:
        severity = defect.severity(state)
        if severity == 0.0:
            continue
        if isinstance(defect, BedDefect):
            borders = defect.bed.borders
            if borders not in fed:
                fed[borders] = supply(borders, surface, s, phi)
            left *= 1.0 - severity * bed_share(defect, surface, s, phi, fed=fed[borders])
        else:
            left *= 1.0 - severity * defect_share(defect, surface, s, phi)
    return np.maximum(left, LEAST_UPTAKE)


def uptake_seen(
    defects: Sequence[Patch], surface: MidWall, s: Floats, phi: Floats, *, protocol: Protocol, state: State
) -> Floats:
    """What an image of a state shows of normal uptake: an earlier injection of the same day shines through."""
    shares = mixture(protocol, state)
    seen = np.zeros(np.broadcast_shapes(s.shape, phi.shape))
    for each, share in shares.items():
        if share > 0.0:
            seen += share * uptake_left(defects, each, surface, s, phi)
    return seen


def lost_share(defects: Sequence[Patch], state: State, surface: MidWall, *, scar_only: bool = False) -> float:
    """Part of the whole ventricle's uptake that disease takes, 0 .. 1 (area times severity).

    scar_only : of ``BedDefect`` count only the scars, and of ``Defect`` only what is lost at rest.
    """
    s, phi = wall_table(24, 36)
    counted = [d for d in defects if not scar_only or (d.scar if isinstance(d, BedDefect) else d.rest > 0.0)]
    left = uptake_left(counted, State.REST if scar_only else state, surface, s, phi)
    return float(((1.0 - left) * surface.area(s, phi)).sum())


def defects_of(coronary: Coronary, protocol: Protocol, random: np.random.Generator) -> tuple[BedDefect, ...]:
    """The defects that a person's arteries make in a study of the given protocol.

    Each lesion takes, of the uptake that the lesions before it leave, as much as the fall of flow behind it costs with
    the agent and stressor at hand; with Tl-201 the resting state is the late image, to which part of it fills in.
    Uptake is relative to what the person's own unobstructed bed takes up, so diffuse and microvascular disease, and
    disease of all arteries alike, leave less contrast.
    """
    found: list[BedDefect] = []
    for lesion in coronary.lesions:
        stress, rest = _losses(coronary, lesion, protocol, random)
        if max(abs(stress), abs(rest)) > _LEAST_LOSS:
            found.append(_in_bed(coronary, lesion, stress, rest, scar=False))
        if lesion.scar is not None:
            loss = kinetics.scar_loss(lesion.scar.transmurality)
            found.append(_in_bed(coronary, lesion, loss, loss, scar=True))
    return tuple(found)


def _in_bed(coronary: Coronary, lesion: Lesion, stress: float, rest: float, *, scar: bool) -> BedDefect:
    bed = Bed(vessel=lesion.artery, place=lesion.place, branch=lesion.branch, borders=coronary.borders)
    return BedDefect(
        territory=Territory.LAD if lesion.artery is Vessel.LM else Territory(lesion.artery.value),
        bed=bed,
        spared=lesion.scar.spared if scar and lesion.scar is not None else 0.0,
        stress=stress,
        rest=rest,
        scar=scar,
    )


def _losses(coronary: Coronary, lesion: Lesion, protocol: Protocol, random: np.random.Generator) -> tuple[float, float]:
    """Severity at stress and at rest that one lesion adds to those before it."""
    above = upstream(coronary, lesion)
    agent, effort = protocol.agent, protocol.effort
    before = _uptakes(agent, effort, background_reserve(coronary), reserve_behind(coronary, above))
    after = _uptakes(agent, effort, background_reserve(coronary), reserve_behind(coronary, (*above, lesion)))
    stress, rest = after[0] / before[0], after[1] / before[1]
    if agent is Agent.THALLIUM:
        reinjected = protocol.name == REINJECTION
        rest = kinetics.redistributed(stress, rest, kinetics.draw_fill(random, stress, reinjected=reinjected))
        if stress < 1.0 - _LEAST_LOSS and random.random() < kinetics.REVERSE_SHARE:
            rest *= 1.0 - kinetics.REVERSE_LOSS
    return 1.0 - stress, 1.0 - rest


def _uptakes(agent: Agent, effort: float, normal: float, reserve: float) -> tuple[float, float]:
    """Relative uptake at stress and at rest behind lesions that leave a reserve."""
    flows = (
        (kinetics.stress_flow(reserve, effort), kinetics.stress_flow(normal, effort)),
        (kinetics.rest_flow(reserve), kinetics.rest_flow(normal)),
    )
    stress, rest = (kinetics.relative_uptake(agent, flow, of_normal) for flow, of_normal in flows)
    return stress, rest


def segment_defect(number: int, surface: MidWall, *, stress: float, rest: float = 0.0) -> Defect:
    """A clean defect that fills one of the 17 segments. ValueError for another number."""
    if not 1 <= number <= len(AHA17):
        raise ValueError(f"the 17 segments are numbered 1..17, got {number}")
    segment = AHA17[number - 1]
    at_apex = segment.inner == 0.0
    s = 0.0 if at_apex else (segment.inner + segment.outer) / 2
    phi = (segment.start + segment.width / 2) % 360.0
    length = float(surface.wall_length(np.asarray(phi)))
    if at_apex:
        along = around = segment.outer * length
    else:
        along = (segment.outer - segment.inner) / 2 * length
        around = np.radians(segment.width / 2) * float(surface.radius(np.asarray(s), np.asarray(phi)))
    return Defect(
        territory=segment.territory,
        s=s,
        phi_deg=phi,
        along_mm=along * 1.1,
        around_mm=around * 1.1,
        border=0.3,
        stress=stress,
        rest=rest,
    )
