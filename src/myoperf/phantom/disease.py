"""Perfusion defects of known place, extent, severity and reversibility, and the arteries behind them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..core.segments import AHA17
from ..core.terms import State, Territory
from .surface import Floats, MidWall

LEAST_UPTAKE = 0.05
"""Part of normal uptake that is left where a defect is total (scar takes up a little)."""


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
class Artery:
    """A coronary artery: percent diameter stenosis, and its flow reserve (hyperaemic over resting flow)."""

    territory: Territory
    stenosis: float
    flow_reserve: float


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


def uptake_left(defects: Sequence[Defect], state: State, surface: MidWall, s: Floats, phi: Floats) -> Floats:
    """What the defects leave of normal uptake on an (s, phi) table, 1 where there is no disease."""
    left = np.ones(np.broadcast_shapes(s.shape, phi.shape))
    for defect in defects:
        left *= 1.0 - defect.severity(state) * defect_share(defect, surface, s, phi)
    return np.maximum(left, LEAST_UPTAKE)


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
