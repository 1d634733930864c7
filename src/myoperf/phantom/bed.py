"""Which artery feeds which part of the wall, and what of it lies downstream of a place in the artery.

Places on the wall are (s, phi) as in ``surface``: s 0 apex .. 1 valve plane, phi 0 lateral, 90 anterior, 180 septal,
270 inferior. The beds meet at three lines along the wall and around the apex; near these lines both neighbours feed
the muscle. The mean places follow the assignment of the American Heart Association (Cerqueira 2002); how far persons
differ from it is our own assumption, made to look like the variety that Donato (2012) and others describe.
"""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from .surface import Floats, MidWall

GROOVE_DEG = 122.0
"""Angle of the anterior groove, in which the LAD runs from base to apex."""

_BRANCH_SLOPE = 0.45
_WAVE_MM = 4.0
_LAD_START, _LCX_START, _CRUX = 0.25, 0.15, 0.6
_DIAGONAL_MM, _MARGINAL_DEG = 26.0, 52.0


class Vessel(StrEnum):
    """A main coronary artery; the left main feeds the LAD and the LCX."""

    LM = "LM"
    LAD = "LAD"
    LCX = "LCX"
    RCA = "RCA"


class Dominance(StrEnum):
    """Which artery feeds the inferior wall: the right, the left circumflex, or both."""

    RIGHT = "right"
    LEFT = "left"
    BALANCED = "balanced"


@dataclass(frozen=True, kw_only=True)
class Borders:
    """Where one person's beds meet.

    anterolateral_deg : LCX to LAD. inferoseptal_deg : LAD to RCA (to LCX where that is dominant).
    inferolateral_deg : RCA to LCX; without meaning where the left artery is dominant.
    wrap : s up to which the LAD feeds the apex from all sides. soft_mm : width of the shared rim.
    waves : what makes the lines irregular: waves in the heart frame (u, v, t in radians a mm, phase in radians).
    """

    dominance: Dominance = Dominance.RIGHT
    anterolateral_deg: float = 57.0
    inferoseptal_deg: float = 193.0
    inferolateral_deg: float = 300.0
    wrap: float = 0.30
    soft_mm: float = 8.0
    waves: tuple[tuple[float, float, float, float], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Bed:
    """What an artery feeds beyond a place.

    place : 0 where the artery begins .. 1 its end. branch : only the side branch that leaves there (diagonal, marginal,
    posterior descending). The left main has no places: all that it feeds lies beyond it.
    """

    vessel: Vessel
    place: float = 0.0
    branch: bool = False
    borders: Borders = field(default_factory=Borders)


def draw_borders(random: np.random.Generator, dominance: Dominance) -> Borders:
    """A person's borders: shifted lines, a longer or shorter LAD, irregular edges (spreads are our assumption)."""
    inferolateral = 272.0 if dominance is Dominance.BALANCED else 300.0
    direction = random.normal(size=(3, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    number = 2 * np.pi / random.uniform(38.0, 85.0, size=(3, 1))
    phase = random.uniform(0.0, 2 * np.pi, size=3)
    return Borders(
        dominance=dominance,
        anterolateral_deg=float(random.normal(57.0, 11.0)),
        inferoseptal_deg=float(random.normal(193.0, 10.0)),
        inferolateral_deg=float(random.normal(inferolateral, 10.0)),
        wrap=float(np.clip(random.normal(0.30, 0.07), 0.12, 0.45)),
        soft_mm=float(random.uniform(5.0, 11.0)),
        waves=tuple(
            (float(u), float(v), float(t), float(p)) for (u, v, t), p in zip(direction * number, phase, strict=True)
        ),
    )


def supply(borders: Borders, surface: MidWall, s: Floats, phi: Floats) -> dict[Vessel, Floats]:
    """Share of LAD, LCX and RCA in the flow to each place of an (s, phi) table; the three sum to 1."""
    length, radius = surface.wall_length(phi), surface.radius(s, phi)
    place, _ = surface.points(s, phi)
    first, second, third = borders.anterolateral_deg, borders.inferoseptal_deg, borders.inferolateral_deg
    if borders.dominance is Dominance.LEFT:
        sectors = {Vessel.LAD: (first, second), Vessel.LCX: (second, first + 360.0)}
    else:
        sectors = {Vessel.LAD: (first, second), Vessel.LCX: (third, first + 360.0), Vessel.RCA: (second, third)}
    beyond_apex = (s - borders.wrap) * length
    depth = {}
    for number, (vessel, (start, stop)) in enumerate(sectors.items()):
        inside = _inside_sector(phi, start, stop) * radius
        bounded = np.maximum(inside, -beyond_apex) if vessel is Vessel.LAD else np.minimum(inside, beyond_apex)
        depth[vessel] = bounded + _wave(borders, place, number)
    power = {vessel: np.exp(np.clip(mm / borders.soft_mm, -30.0, 30.0)) for vessel, mm in depth.items()}
    whole = sum(power.values(), np.zeros_like(s * phi))
    return {v: power[v] / whole if v in power else np.zeros_like(whole) for v in (Vessel.LAD, Vessel.LCX, Vessel.RCA)}


def at_risk(bed: Bed, surface: MidWall, s: Floats, phi: Floats, *, fed: dict[Vessel, Floats] | None = None) -> Floats:
    """Share of the flow to each place of an (s, phi) table that comes through the bed's artery, 0 .. 1.

    fed : ``supply`` of the same table and borders, where it is already at hand.
    """
    fed = fed or supply(bed.borders, surface, s, phi)
    if bed.vessel is Vessel.LM:
        return fed[Vessel.LAD] + fed[Vessel.LCX]
    beyond = {Vessel.LAD: _beyond_lad, Vessel.LCX: _beyond_lcx, Vessel.RCA: _beyond_rca}[bed.vessel]
    return fed[bed.vessel] * beyond(bed, surface, s, phi)


def _beyond_lad(bed: Bed, surface: MidWall, s: Floats, phi: Floats) -> Floats:
    """Branches leave the groove and run obliquely to the apex, so a place is fed from nearer the base than it lies."""
    length, radius = surface.wall_length(phi), surface.radius(s, phi)
    turn = np.radians((phi - GROOVE_DEG + 180.0) % 360.0 - 180.0)
    origin = (1.0 - s) * length - _BRANCH_SLOPE * radius * np.abs(turn)
    origin = origin + _wave(bed.borders, surface.points(s, phi)[0], 3)
    past = origin - (bed.place - _LAD_START) * length
    share = _step(past, bed.borders.soft_mm)
    if bed.branch:
        lateral = _step(-radius * np.sin(turn), bed.borders.soft_mm)
        share = share * lateral * _step((1.0 + bed.place) * _DIAGONAL_MM + _LAD_START * length - past, 8.0)
    return share


def _beyond_lcx(bed: Bed, surface: MidWall, s: Floats, phi: Floats) -> Floats:
    """The artery runs around the base from anterolateral to inferior; marginals run straight to the apex.

    Outside the bed the way falls back to 0, so that nothing jumps on the far side.
    """
    borders = bed.borders
    last = borders.inferoseptal_deg if borders.dominance is Dominance.LEFT else borders.inferolateral_deg
    span = borders.anterolateral_deg + 360.0 - last
    travel = (borders.anterolateral_deg - phi) % 360.0
    travel = np.where(travel <= span, travel, span * (360.0 - travel) / (360.0 - span))
    past = travel - (bed.place - _LCX_START) * span
    radius = surface.radius(s, phi)
    wave = _wave(borders, surface.points(s, phi)[0], 4)
    share = _step(np.radians(past) * radius + wave, borders.soft_mm)
    if bed.branch:
        share = share * _step(np.radians(_MARGINAL_DEG - past) * radius, borders.soft_mm)
    return share


def _beyond_rca(bed: Bed, surface: MidWall, s: Floats, phi: Floats) -> Floats:
    """Before the crux all of the bed lies downstream; beyond it the artery runs in the inferior groove to the apex."""
    borders = bed.borders
    share = np.ones_like(s * phi)
    if bed.place > _CRUX:
        past = (1.0 - s - 0.7 * (bed.place - _CRUX) / (1.0 - _CRUX)) * surface.wall_length(phi)
        share = share * _step(past + _wave(borders, surface.points(s, phi)[0], 5), borders.soft_mm)
    if bed.branch:
        middle = (borders.inferoseptal_deg + borders.inferolateral_deg) / 2 + 8.0
        share = share * _step(surface.radius(s, phi) * np.sin(np.radians(middle - phi)), borders.soft_mm)
    return share


def _inside_sector(phi: Floats, start: float, stop: float) -> Floats:
    """Angle in radians from the nearer border of a sector that runs from start up to stop: positive inside."""
    middle, half = (start + stop) / 2, (stop - start) / 2
    inside: Floats = np.radians(half - np.abs((phi - middle + 180.0) % 360.0 - 180.0))
    return inside


def _wave(borders: Borders, place: Floats, number: int) -> Floats:
    """Irregularity of one line in mm at places (3, ...) of the heart frame; each line has phases of its own."""
    bent = np.zeros(place.shape[1:])
    for u, v, t, phase in borders.waves:
        bent += np.cos(u * place[0] + v * place[1] + t * place[2] + phase * (1 + 0.7 * number))
    return _WAVE_MM * bent


def _step(mm: Floats, soft_mm: float) -> Floats:
    """0 far below, 1 far above; the two sides of a border share a rim of the given width."""
    return 1.0 / (1.0 + np.exp(-np.clip(2.0 * mm / soft_mm, -40.0, 40.0)))
