"""The beating heart: from the mean over the beat to every gate, with regions that move less or later than others.

The course of a beat is a fraction of contraction, 0 at the R wave and 1 at the end of systole: a cosine down, rapid
filling, diastasis and the kick of the atria (shares of filling 0.72 and 0.28, our choice within the normal range).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..core.errors import RefusedError
from ..core.segments import AHA17
from .heart import MUSCLE_G_PER_ML, Anatomy, Relief, cut_ellipsoid, cut_relief, reach_mm, relief_at
from .surface import Floats

GATES = (8, 16)
SEGMENTS = len(AHA17)

_ROWS, _COLUMNS = 13, 24
_MOMENTS = 24
_SUB = 6
_KICK = 0.28
_APEX_THICKENS, _RIGHT_CLOSES, _DESCENT_MM = 0.35, 0.22, 12.0
_LEAST_MOVED = 0.02
_STILL = 0.02


@dataclass(frozen=True, kw_only=True)
class Beat:
    """One heart's beat.

    ed_volume_ml, es_volume_ml : largest and smallest cavity (papillary muscles counted in). heart_rate : beats/min.
    amplitude : movement of each of the 17 segments over the usual, 0 akinetic, 1 usual.
    delay_deg : how much later than the usual each moves, 360 degrees a beat.
    """

    ed_volume_ml: float
    es_volume_ml: float
    heart_rate: float
    amplitude: tuple[float, ...] = (1.0,) * SEGMENTS
    delay_deg: tuple[float, ...] = (0.0,) * SEGMENTS

    def __post_init__(self) -> None:
        if not 0.0 < self.es_volume_ml < self.ed_volume_ml:
            came = f"{self.ed_volume_ml} and {self.es_volume_ml} mL"
            raise RefusedError("beat", rule="ends diastole larger than systole", came=came, do="give other volumes")
        if len(self.amplitude) != SEGMENTS or len(self.delay_deg) != SEGMENTS:
            came = f"{len(self.amplitude)} and {len(self.delay_deg)}"
            raise RefusedError("beat", rule="has 17 amplitudes and delays", came=came, do="give one a segment")

    @property
    def ef(self) -> float:
        """Ejection fraction in percent."""
        return 100.0 * (1.0 - self.es_volume_ml / self.ed_volume_ml)

    @cached_property
    def systole(self) -> float:
        """Part of the beat from the R wave to the end of systole: 0.36 at 65 beats/min, more when it is fast."""
        return float(np.clip(0.36 + 0.0022 * (self.heart_rate - 65.0), 0.32, 0.46))

    @cached_property
    def regular(self) -> bool:
        """Whether all regions move alike."""
        return len(set(self.amplitude)) == len(set(self.delay_deg)) == 1 and self.delay_deg[0] == 0.0


@dataclass(frozen=True, kw_only=True)
class BeatTruth:
    """What a perfect measurement of the gated images would find.

    volumes_ml : cavity in every gate. ed_volume_ml, es_volume_ml, ef (percent) : of the beat itself, between gates too.
    phase_deg : of each segment, where the first harmonic of its thickening is largest, 0 at the R wave.
    thickening : largest thickness over smallest in each segment, less 1, percent.
    phase_sd_deg, bandwidth_deg : spread of the phase over the wall by area (circular), and the range that holds 95 %.
    """

    volumes_ml: tuple[float, ...]
    ed_volume_ml: float
    es_volume_ml: float
    ef: float
    phase_deg: tuple[float, ...]
    thickening: tuple[float, ...]
    phase_sd_deg: float
    bandwidth_deg: float


def contraction(beat: Beat, time: Floats) -> Floats:
    """Fraction of contraction at ``time`` (in beats, any shape), 0 .. 1, with the period of one beat."""
    phase, end = time % 1.0, beat.systole
    down = 0.5 - 0.5 * np.cos(np.pi * np.clip(phase / end, 0.0, 1.0))
    rest = 1.0 - end
    early = _rise((phase - end) / (0.42 * rest))
    kick = _rise((phase - 1.0 + 0.2 * rest) / (0.2 * rest))
    fraction: Floats = down - (1 - _KICK) * early - _KICK * kick
    return fraction


def _rise(x: Floats) -> Floats:
    risen: Floats = 0.5 - 0.5 * np.cos(np.pi * np.clip(x, 0.0, 1.0))
    return risen


def gate_times(gates: int) -> Floats:
    """Moments within every gate over which its image is the mean, in beats, shape (gates, moments)."""
    return ((np.arange(gates * _SUB) + 0.5) / (gates * _SUB)).reshape(gates, _SUB)


def gate_volumes(beat: Beat, gates: int) -> tuple[float, ...]:
    """Mean cavity of every gate in mL; gate 0 starts at the R wave. RefusedError for other than 8 or 16 gates."""
    if gates not in GATES:
        raise RefusedError("gates", rule="are 8 or 16", came=gates, do="give one of them")
    mean = contraction(beat, gate_times(gates)).mean(axis=1)
    return tuple(float(beat.ed_volume_ml + (beat.es_volume_ml - beat.ed_volume_ml) * part) for part in mean)


def gate_anatomies(anatomy: Anatomy, beat: Beat, gates: int) -> tuple[Anatomy, ...]:
    """The heart in every gate; the muscle keeps its volume and the epicardial apex its place.

    anatomy : the mean over the beat. The valve plane descends, endocardium and epicardium move in, regions by their
    own amplitude and delay; the right ventricle beats along. Softness is what moves within one gate.
    """
    volumes = gate_volumes(beat, gates)
    parts = contraction(beat, gate_times(gates))
    found = []
    for number, volume in enumerate(volumes):
        moves = float(np.ptp(parts[number])) + 0.02
        even = _even(anatomy, beat, volume, moves)
        if beat.regular:
            found.append(even)
            continue
        found.append(_uneven(anatomy, beat, gate_times(gates)[number], even))
    return tuple(found)


def _even(anatomy: Anatomy, beat: Beat, volume: float, moves: float) -> Anatomy:
    """The heart at one cavity volume, all regions alike."""
    stroke = beat.ed_volume_ml - beat.es_volume_ml
    further = (anatomy.cavity_ml - volume) / stroke
    outer_long = anatomy.outer[1]
    apex_mm = (outer_long - anatomy.inner[1]) * (1 + _APEX_THICKENS * further)
    valve_mm = anatomy.mid_wall.valve_mm - _DESCENT_MM * min(1.0, beat.ef / 62.0) * further
    inner_long = outer_long - apex_mm
    valve, outer_valve = valve_mm / inner_long, valve_mm / outer_long
    across = np.sqrt(volume * 1000.0 / (np.pi * inner_long * cut_ellipsoid(valve)))
    whole = 1000.0 * (volume + anatomy.mass_g / MUSCLE_G_PER_ML)
    outer = np.sqrt(whole / (np.pi * outer_long * cut_ellipsoid(outer_valve)))
    closed, right = 1 - _RIGHT_CLOSES * further, anatomy.right
    endo, epi, base = anatomy.beat_mm
    wall = float(outer - across)
    even = replace(
        anatomy,
        cavity_ml=volume,
        elongation=float(inner_long / across),
        wall_mm=wall,
        apical_thinning=float(1 - apex_mm / wall),
        valve=float(valve),
        beat_mm=(endo * moves, epi * moves, base * moves),
        right=replace(right, reach_mm=right.reach_mm * closed, span_mm=right.span_mm * (0.5 + 0.5 * closed)),
        papillary_mm=(anatomy.papillary_mm[0] * closed**-0.5, anatomy.papillary_mm[1] * closed**-0.5),
    )
    return even if even.relief is None else _same_muscle(_same_length(even, inner_long, valve_mm), anatomy.mass_g)


def _same_length(anatomy: Anatomy, inner_long: float, valve_mm: float) -> Anatomy:
    """The anatomy with a relief, as wide as its cavity asks at this length and height of the valve plane."""
    for _ in range(4):
        across = anatomy.inner[0] * np.sqrt(anatomy.inner[1] / inner_long)
        anatomy = replace(anatomy, elongation=float(inner_long / across), valve=valve_mm / inner_long)
    return anatomy


def _relief_grid() -> tuple[Floats, Floats]:
    """Eccentric angles and angles of the disc of a relief table, radians, each of shape (rows, columns)."""
    psi, phi = np.meshgrid(np.linspace(0, np.pi, _ROWS), np.arange(_COLUMNS) * (2 * np.pi / _COLUMNS), indexing="ij")
    return np.asarray(psi, dtype=np.float64), np.asarray(phi, dtype=np.float64)


def _soft_segments(s: Floats, phi: Floats) -> Floats:
    """Weight of each of the 17 segments at places of the disc (phi in degrees), soft, shape (17, ...)."""
    place = np.stack([s * np.cos(np.radians(phi)), s * np.sin(np.radians(phi))])
    weights = []
    for segment in AHA17:
        radius = 0.0 if segment.inner == 0 else (segment.inner + segment.outer) / 2
        angle = np.radians(segment.start + segment.width / 2)
        away = np.hypot(place[0] - radius * np.cos(angle), place[1] - radius * np.sin(angle))
        weights.append(np.exp(-0.5 * (away / 0.17) ** 2))
    total = np.stack(weights)
    soft: Floats = total / total.sum(axis=0)
    return soft


def _regions(anatomy: Anatomy, beat: Beat) -> tuple[Floats, Floats]:
    """Amplitude (over its mean) and delay (in beats) on the relief's table; nothing moves apart at the apex."""
    psi, phi = _relief_grid()
    surface = anatomy.mid_wall
    rho, height = surface.width_mm * np.sin(psi), -surface.length_mm * np.cos(psi)
    s = np.clip(surface.fraction(rho, height, np.degrees(phi)), 0.0, 1.0)
    soft = _soft_segments(s, np.degrees(phi))
    amplitude = np.tensordot(np.maximum(beat.amplitude, 0.0), soft, axes=1)
    delay = np.tensordot(np.asarray(beat.delay_deg) / 360.0, soft, axes=1)
    return np.asarray(amplitude / max(amplitude.mean(), _LEAST_MOVED)), np.asarray(delay)


def _uneven(anatomy: Anatomy, beat: Beat, moments: Floats, even: Anatomy) -> Anatomy:
    """The heart of one gate with its own regions, of the same cavity and muscle as the even one.

    Regions deviate from the even contraction; what that adds to the cavity or takes from it is made up by regions in
    proportion to their amplitude, so that an akinetic one stays where it is.
    """
    amplitude, delay = _regions(anatomy, beat)
    psi, _ = _relief_grid()
    away = np.clip(psi / 0.5, 0.0, 1.0)
    wide, narrow = (_even(anatomy, beat, v, 0.0) for v in (beat.ed_volume_ml, beat.es_volume_ml))
    moved, followed = wide.inner[0] - narrow.inner[0], wide.outer[0] - narrow.outer[0]
    part = contraction(beat, moments)
    local = amplitude * contraction(beat, moments[:, None, None] - delay).mean(axis=0)
    across = even.inner[0]
    reach = reach_mm(even.inner, psi)
    base_endo, base_epi = _base_relief(anatomy)
    apart = base_endo - moved / reach * (local - part.mean()) * away
    give = (amplitude + _LEAST_MOVED) * away * across / reach
    given = _solve(apart, give, even)
    endo = _bounded(apart + given * give)
    epi = base_epi + followed / moved * (endo - base_endo) * reach / reach_mm(even.outer, psi)
    return _same_muscle(replace(even, relief=Relief(endo=_rows(endo), epi=_rows(epi))), anatomy.mass_g)


def _solve(apart: Floats, give: Floats, even: Anatomy) -> float:
    """How much of ``give`` added to the relief ``apart`` makes the cavity what it should be (secant method)."""
    across, along = even.inner
    slant = even.slant / even.elongation
    wanted = even.cavity_ml * 1000.0 / (across**2 * along)
    before, now = 0.0, 0.02
    missing = cut_relief(_bounded(apart), even.valve, slant) - wanted
    for _ in range(5):
        left = cut_relief(_bounded(apart + now * give), even.valve, slant) - wanted
        if abs(left) < 1e-5 * wanted or left == missing:
            break
        before, now, missing = now, float(np.clip(now - left * (now - before) / (left - missing), -0.5, 0.5)), left
    return now


def _base_relief(anatomy: Anatomy) -> tuple[Floats, Floats]:
    """Relief of the mean over the beat, both tables of shape (rows, columns)."""
    if anatomy.relief is None:
        return np.zeros((_ROWS, _COLUMNS)), np.zeros((_ROWS, _COLUMNS))
    psi, phi = _relief_grid()
    endo, epi = (relief_at(np.asarray(table), psi, phi) for table in (anatomy.relief.endo, anatomy.relief.epi))
    return endo, epi


def _bounded(table: Floats) -> Floats:
    bounded: Floats = np.clip(table, -0.6, 0.6)
    return bounded


def _rows(table: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(value) for value in row) for row in table)


def _same_muscle(anatomy: Anatomy, mass_g: float) -> Anatomy:
    """The anatomy with the thickness of wall that gives it this mass; the wall at the apex stays."""
    apex_mm = anatomy.wall_mm * (1 - anatomy.apical_thinning)
    whole = anatomy.cavity_ml + mass_g / MUSCLE_G_PER_ML
    for _ in range(3):
        now = anatomy.cavity_ml + anatomy.mass_g / MUSCLE_G_PER_ML
        wall = float(anatomy.outer[0] * np.sqrt(whole / now) - anatomy.inner[0])
        anatomy = replace(anatomy, wall_mm=wall, apical_thinning=1 - apex_mm / wall)
    return anatomy


def _thickness(anatomy: Anatomy) -> Floats:
    """Thickness of the wall on the relief's table, along the rays from the ellipsoid's centre, mm."""
    psi, _ = _relief_grid()
    borders = []
    for axes, table in ((anatomy.inner, "endo"), (anatomy.outer, "epi")):
        reach = reach_mm(axes, psi)
        borders.append(reach if anatomy.relief is None else reach * (1 + np.asarray(getattr(anatomy.relief, table))))
    thick: Floats = borders[1] - borders[0]
    return thick


def beat_truth(anatomy: Anatomy, beat: Beat, gates: int) -> BeatTruth:
    """Volumes, ejection fraction, phase and thickening of a beat; ``anatomy`` is the mean over it.

    Places that hardly thicken (a first harmonic under 2 percent of their thickness) have no phase and do not count in
    its spread; a segment of such places is told the phase of its tiny movement.
    """
    times = (np.arange(_MOMENTS) + 0.5) / _MOMENTS
    thick = np.stack([_thickness(_at_moment(anatomy, beat, moment)) for moment in times])
    harmonic = np.tensordot(np.exp(-2j * np.pi * times), thick, axes=1) * (2 / _MOMENTS)
    weights, inside = _segment_weights(anatomy)
    of_segment = np.tensordot(weights, thick, axes=([1, 2], [1, 2]))
    waves = np.tensordot(weights, harmonic, axes=2)
    moving = inside * (np.abs(harmonic) > _STILL * thick.mean(axis=0))
    spread, band = _spread(np.degrees(-np.angle(harmonic)), moving)
    return BeatTruth(
        volumes_ml=gate_volumes(beat, gates),
        ed_volume_ml=beat.ed_volume_ml,
        es_volume_ml=beat.es_volume_ml,
        ef=beat.ef,
        phase_deg=tuple(float(phase) for phase in np.degrees(-np.angle(waves)) % 360.0),
        thickening=tuple(float(100 * (curve.max() / curve.min() - 1)) for curve in of_segment),
        phase_sd_deg=spread,
        bandwidth_deg=band,
    )


def _at_moment(anatomy: Anatomy, beat: Beat, moment: float) -> Anatomy:
    part = float(contraction(beat, np.asarray(moment)))
    volume = beat.ed_volume_ml + (beat.es_volume_ml - beat.ed_volume_ml) * part
    even = _even(anatomy, beat, volume, 0.0)
    return even if beat.regular else _uneven(anatomy, beat, np.asarray([moment]), even)


def _segment_weights(anatomy: Anatomy) -> tuple[Floats, Floats]:
    """Share by area of relief places in each segment, shape (17, rows, columns), sums 1; and the area on the wall."""
    psi, phi = _relief_grid()
    surface, angle = anatomy.mid_wall, np.degrees(phi)
    rho, height = surface.width_mm * np.sin(psi), -surface.length_mm * np.cos(psi)
    s = surface.fraction(rho, height, angle)
    stretch = np.hypot(surface.width_mm * np.cos(psi), surface.length_mm * np.sin(psi))
    area = rho * stretch * (s <= 1.0) + 1e-6
    weights = np.stack([area * (s >= k.inner) * (s < k.outer) * ((angle - k.start) % 360.0 < k.width) for k in AHA17])
    total: Floats = weights / weights.sum(axis=(1, 2), keepdims=True)
    return total, np.asarray(area)


def _spread(phase_deg: Floats, weight: Floats) -> tuple[float, float]:
    """Standard deviation about the circular mean, and the width that holds 95 percent, degrees; 0 where none moves."""
    if weight.sum() <= 0:
        return 0.0, 0.0
    share = (weight / weight.sum()).ravel()
    mean = np.angle((share * np.exp(1j * np.radians(phase_deg.ravel()))).sum(), deg=True)
    away = (phase_deg.ravel() - mean + 180.0) % 360.0 - 180.0
    order = np.argsort(away)
    ends = np.interp([0.025, 0.975], np.cumsum(share[order]) - share[order] / 2, away[order])
    return float(np.sqrt((share * away**2).sum())), float(ends[1] - ends[0])


SEPTUM = (2, 3, 8, 9, 14)
"""Segments of the septum."""


def draw_beat(
    random: np.random.Generator,
    *,
    ed_volume_ml: float,
    es_volume_ml: float,
    scar: Sequence[float] = (0.0,) * SEGMENTS,
    lbbb: bool = False,
) -> Beat:
    """The beat of one person with these volumes. scar : part of each of the 17 segments that is dead, 0 .. 1.

    Scar moves less and 30 degrees later; left bundle branch block has a septum that thickens half as much, 25 to 50
    degrees late. Spread of the healthy: 8 percent and 5 degrees. All our assumptions.
    """
    dead = np.asarray(scar, dtype=np.float64)
    amplitude = np.clip(random.normal(1.0, 0.08, SEGMENTS), 0.7, 1.3) * np.clip(1 - 1.15 * dead, 0.0, 1.0)
    delay = random.normal(0.0, 5.0, SEGMENTS) + 30.0 * dead
    rate, late = float(np.clip(random.normal(67.0, 10.0), 45.0, 110.0)), float(random.uniform(25.0, 50.0))
    if lbbb:
        septum = np.isin(np.arange(1, SEGMENTS + 1), SEPTUM)
        amplitude, delay = np.where(septum, 0.5 * amplitude, amplitude), delay + late * septum
    return Beat(
        ed_volume_ml=ed_volume_ml,
        es_volume_ml=es_volume_ml,
        heart_rate=rate,
        amplitude=tuple(float(part) for part in amplitude),
        delay_deg=tuple(float(degrees) for degrees in delay),
    )
