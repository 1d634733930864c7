"""The parametric heart in image space: a left ventricle of known wall, a right ventricle and what lies around them.

Heart frame as in ``surface``: u lateral, v anterior, t from apex to base, in mm. In the project's orientation a
volume's columns run along +u, its rows along -v and its slices along +t, apart from the tilt of the axis.
Uptake 1 is that of normal left ventricular muscle.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .surface import Floats, MidWall

Activity = NDArray[np.float32]
"""Uptake on a grid, shape (slice, row, column)."""

MUSCLE_G_PER_ML = 1.05
_SHORTER_MM = 8.0
_SEAM_MM, _SEAM_DEG, _SEAM_COSINE = 9.0, 50.0, np.float32(0.87)


@dataclass(frozen=True, kw_only=True)
class RightVentricle:
    """A thin crescent on the septal side that ends before the apex.

    angle_deg : direction of its middle on the polar disc (180 septal, more is towards inferior).
    reach_mm : how far the free wall stands off the left ventricle. span_mm : half its height.
    start : where it begins along the axis, as a fraction of the left ventricle's long semi-axis (-1 apex).
    seams : uptake of the muscle in the two grooves where it joins the left ventricle, (anterior, inferior).
    """

    angle_deg: float
    reach_mm: float
    span_mm: float
    start: float
    wall_mm: float
    uptake: float
    seams: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Organ:
    """A warm ellipsoid beneath the heart (liver, stomach, gut): centre (u, v, t) and semi-axes in mm, uptake."""

    name: str
    centre: tuple[float, float, float]
    axes: tuple[float, float, float]
    uptake: float


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Uptake of the blood, of the lung (lateral and anterior), of the tissue at the septal and inferior side."""

    blood: float
    lung: float
    tissue: float
    organs: tuple[Organ, ...]


@dataclass(frozen=True, kw_only=True)
class Anatomy:
    """All lengths and places of one heart in one state, averaged over the heart beat.

    cavity_ml : volume inside the endocardium up to the valve plane. elongation : long over short endocardial semi-axis.
    wall_mm : thickness of the wall. apical_thinning : part of the thickness that is missing at the apex.
    valve : height of the valve plane as a fraction of the long semi-axis. slant : its rise to lateral, mm a mm.
    beat_mm : how far the beat moves endocardium, epicardium and valve plane; the mean over the beat is as soft as that.
    tilt_deg : turn of the long axis about the image's vertical, then about its horizontal. centre : centre of the
    ellipsoid as (slice, row, column) in voxels, fractions allowed.
    """

    cavity_ml: float
    elongation: float
    wall_mm: float
    apical_thinning: float
    valve: float
    slant: float
    beat_mm: tuple[float, float, float]
    tilt_deg: tuple[float, float]
    centre: tuple[float, float, float]
    right: RightVentricle
    around: Surroundings

    @cached_property
    def inner(self) -> tuple[float, float]:
        """Endocardial semi-axes (across, along) in mm, found from the cavity's volume."""
        shape = np.pi * self.elongation * _cut_ellipsoid(self.valve)
        across = float((self.cavity_ml * 1000.0 / shape) ** (1 / 3))
        return across, across * self.elongation

    @cached_property
    def outer(self) -> tuple[float, float]:
        """Epicardial semi-axes (across, along) in mm."""
        across, along = self.inner
        return across + self.wall_mm, along + self.wall_mm * (1 - self.apical_thinning)

    @cached_property
    def mid_wall(self) -> MidWall:
        """The surface half-way between endocardium and epicardium."""
        (inner, inner_long), (outer, outer_long) = self.inner, self.outer
        return MidWall(
            width_mm=(inner + outer) / 2,
            length_mm=(inner_long + outer_long) / 2,
            valve_mm=self.valve * inner_long,
            slant=self.slant,
        )

    @cached_property
    def mass_g(self) -> float:
        """Mass of the left ventricle's muscle; a slanted valve plane cuts off as much as a level one."""
        across, along = self.outer
        epicardium = np.pi * across**2 * along * _cut_ellipsoid(self.valve * self.inner[1] / along) / 1000.0
        return float(MUSCLE_G_PER_ML * (epicardium - self.cavity_ml))

    @cached_property
    def turn(self) -> Floats:
        """Rotation that takes image directions (right, up, along the slices) to the heart frame, shape (3, 3)."""
        first, second = np.radians(self.tilt_deg)
        about_vertical = np.array([[np.cos(first), 0, np.sin(first)], [0, 1, 0], [-np.sin(first), 0, np.cos(first)]])
        about_horizontal = np.array(
            [[1, 0, 0], [0, np.cos(second), -np.sin(second)], [0, np.sin(second), np.cos(second)]]
        )
        turned: Floats = about_horizontal @ about_vertical
        return turned


def _cut_ellipsoid(valve: float) -> float:
    """Volume of a unit ellipsoid from its apex to the height ``valve``, in units of pi."""
    return 2 / 3 + valve - valve**3 / 3


def to_voxels(anatomy: Anatomy, places: Floats, spacing_mm: tuple[float, float, float]) -> Floats:
    """Places of the heart frame (3, ...) in mm as (slice, row, column) in voxels of the volume."""
    right, up, along = np.tensordot(anatomy.turn.T, places, axes=1)
    offsets = np.stack([along / spacing_mm[0], -up / spacing_mm[1], right / spacing_mm[2]])
    voxels: Floats = offsets + np.asarray(anatomy.centre).reshape(3, *[1] * (places.ndim - 1))
    return voxels


def paint(anatomy: Anatomy, wall: Floats, grid_mm: tuple[Floats, Floats, Floats], step_mm: float) -> Activity:
    """Uptake on a fine grid.

    wall : uptake of the left ventricle's wall on an even (s, phi) table, shape (rings, sectors), 1 is normal.
    grid_mm : distance of the grid's slices, rows and columns from ``anatomy.centre`` along the image axes, in mm.
    step_mm : size of a grid cell; borders are drawn with the share of the cell that they cut.
    """
    u, v, t = _heart_frame(anatomy, grid_mm)
    rho_squared = u * u + v * v
    field = _background(anatomy.around, u, v)
    for organ in anatomy.around.organs:
        cover = _inside(_ellipsoid_distance((u, v, t), organ.centre, organ.axes), step_mm)
        field += cover * (organ.uptake - field)
    endocardium = _spheroid_distance(rho_squared, t, anatomy.inner)
    epicardium = _spheroid_distance(rho_squared, t, anatomy.outer)
    soft = [max(step_mm, moved) for moved in anatomy.beat_mm]
    below_valve = _inside(t - np.float32(anatomy.mid_wall.valve_mm) - np.float32(anatomy.slant) * u, soft[2])
    left = _inside(epicardium, soft[1]) * below_valve
    _paint_right(anatomy, field, (u, v, t), np.float32(1) - left, step_mm)
    cavity = _inside(endocardium, soft[0]) * below_valve
    muscle = np.maximum(left - cavity, np.float32(0))
    field += cavity * (np.float32(anatomy.around.blood) - field)
    near = np.nonzero(muscle > 0)
    uptake = _wall_uptake(anatomy.mid_wall, wall, *(axis[near].astype(np.float64) for axis in (u, v, t)))
    field[near] += muscle[near] * (uptake - field[near])
    return field


def _heart_frame(anatomy: Anatomy, grid_mm: tuple[Floats, Floats, Floats]) -> tuple[Activity, Activity, Activity]:
    z, y, x = (axis.astype(np.float32) for axis in grid_mm)
    turn = anatomy.turn.astype(np.float32)
    frame = [row[0] * x[None, None, :] - row[1] * y[None, :, None] + row[2] * z[:, None, None] for row in turn]
    return frame[0], frame[1], frame[2]


def _inside(distance: Activity, step_mm: float) -> Activity:
    """Share of a cell that lies inside a border at this distance (mm, negative inside)."""
    share: Activity = np.clip(np.float32(0.5) - distance * np.float32(1 / step_mm), np.float32(0), np.float32(1))
    return share


def _spheroid_distance(rho_squared: Activity, t: Activity, axes: tuple[float, float]) -> Activity:
    """Distance to an ellipsoid of revolution in mm, negative inside; exact on its surface."""
    across, along = np.float32(axes[0] ** -2), np.float32(axes[1] ** -2)
    t_squared = t * t
    level = np.sqrt(rho_squared * across + t_squared * along)
    slope = np.sqrt(rho_squared * across**2 + t_squared * along**2) + np.float32(1e-9)
    distance: Activity = level * (level - 1) / slope
    return distance


def _ellipsoid_distance(
    frame: tuple[Activity, Activity, Activity], centre: tuple[float, float, float], axes: tuple[float, float, float]
) -> Activity:
    """Distance to an ellipsoid in mm, negative inside; exact on its surface."""
    level, slope = np.zeros((1, 1, 1), np.float32), np.full((1, 1, 1), 1e-12, np.float32)
    for place, middle, axis in zip(frame, centre, axes, strict=True):
        squared = (place - np.float32(middle)) ** 2
        level = level + squared * np.float32(axis**-2)
        slope = slope + squared * np.float32(axis**-4)
    level = np.sqrt(level)
    distance: Activity = np.asarray(level * (level - 1) / np.sqrt(slope), dtype=np.float32)
    return distance


def _background(around: Surroundings, u: Activity, v: Activity) -> Activity:
    """Lung lateral and anterior, tissue septal and inferior, with a soft border."""
    towards = np.float32(-0.02) * u + np.float32(-0.03) * v - np.float32(0.6)
    share = np.float32(0.5) + np.float32(0.5) * towards / np.sqrt(1 + towards * towards)
    field: Activity = np.float32(around.lung) + np.float32(around.tissue - around.lung) * share
    return field


def _paint_right(
    anatomy: Anatomy,
    field: Activity,
    frame: tuple[Activity, Activity, Activity],
    outside_left: Activity,
    step_mm: float,
) -> None:
    """Draw the right ventricle's free wall and blood into ``field``, outside the left ventricle."""
    u, v, t = frame
    right, (across, along) = anatomy.right, anatomy.outer
    angle = np.radians(right.angle_deg)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    away, beside = u * cos + v * sin, v * cos - u * sin
    top = anatomy.mid_wall.valve_mm - _SHORTER_MM
    bottom = right.start * along
    middle = (0.7 * across, 0.0, top)
    axes = (0.3 * across + right.reach_mm, right.span_mm, top - bottom)
    distance = _ellipsoid_distance((away, beside, t), middle, axes)
    room = outside_left * _inside(t - np.float32(top), max(step_mm, anatomy.beat_mm[2]))
    cover = _inside(distance, step_mm) * room
    blood = _inside(distance + np.float32(right.wall_mm), step_mm) * room
    field += (cover - blood) * (np.float32(right.uptake) - field)
    field += blood * (np.float32(anatomy.around.blood) - field)
    outside = np.sqrt(u * u + v * v)
    near = room * np.exp(-(((outside - np.float32(across)) / np.float32(_SEAM_MM)) ** 2))
    near *= _inside(np.float32(bottom) - t, 4 * step_mm)
    for uptake, turned in zip(right.seams, (-_SEAM_DEG, _SEAM_DEG), strict=True):
        towards = np.radians(right.angle_deg + turned)
        aligned = (u * np.float32(np.cos(towards)) + v * np.float32(np.sin(towards))) / (outside + np.float32(1e-6))
        beside_seam = np.clip((aligned - _SEAM_COSINE) / (1 - _SEAM_COSINE), np.float32(0), np.float32(1))
        field += near * beside_seam * np.maximum(np.float32(uptake) - field, np.float32(0))


def _wall_uptake(surface: MidWall, wall: Floats, u: Floats, v: Floats, t: Floats) -> Activity:
    """Uptake of the wall at places in the heart frame, bilinear in the (s, phi) table, cyclic in phi."""
    rings, sectors = wall.shape
    phi = np.degrees(np.arctan2(v, u)) % 360.0
    ring = np.clip(surface.fraction(np.hypot(u, v), t, phi) * rings - 0.5, 0, rings - 1)
    sector = phi * (sectors / 360.0)
    low_ring, low_sector = ring.astype(np.intp), sector.astype(np.intp)
    high_ring = np.minimum(low_ring + 1, rings - 1)
    part_ring, part_sector = ring - low_ring, sector - low_sector
    left, right = low_sector % sectors, (low_sector + 1) % sectors
    lower = wall[low_ring, left] * (1 - part_sector) + wall[low_ring, right] * part_sector
    upper = wall[high_ring, left] * (1 - part_sector) + wall[high_ring, right] * part_sector
    uptake: Activity = np.asarray(lower * (1 - part_ring) + upper * part_ring, dtype=np.float32)
    return uptake
