"""Uptake of a heart and its surroundings on a fine grid: every border drawn with the share of a cell that it cuts.

Each part is painted only in the box of the grid that it can reach.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .heart import Anatomy, relief_at
from .pose import Pose, Turn, grid_turn
from .surface import Floats, MidWall

Activity = NDArray[np.float32]
"""Uptake on a grid, shape (slice, row, column)."""

Frame = tuple[Activity, Activity, Activity]
"""Places of grid cells in the heart frame (u, v, t), mm."""

_RIGHT_SHORTER_MM = 8.0
_PAPILLARY_DEG = (45.0, 240.0)
"""Where the anterolateral and the posteromedial papillary muscle stand on the polar disc."""

_SEAM_OFF_MM, _SEAM_MM, _SEAM_DEG, _SEAM_COSINE = 8.0, 9.0, 52.0, np.float32(0.87)


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Cells as slices, rows and columns, in mm from the heart's centre along the image axes; size of a cell.

    turn : rotation from the directions of the grid (right along the columns, up against the rows, along the slices)
    to the heart frame; None for a short-axis image, which the anatomy's own tilt turns.
    """

    slices: Floats
    rows: Floats
    columns: Floats
    step_mm: float
    turn: Turn | None = None

    def to_heart(self, anatomy: Anatomy) -> Floats:
        """The rotation to the heart frame, shape (3, 3)."""
        return anatomy.turn if self.turn is None else np.asarray(self.turn)


def body_grid(
    shape: tuple[int, int, int], step_mm: float, pose: Pose, centre_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
) -> Grid:
    """A transaxial grid of shape (z, y, x) around ``centre_mm`` (x, y, z in the body), for a heart of this pose."""
    slices, rows, columns = (
        np.asarray((np.arange(n) - (n - 1) / 2) * step_mm + middle - heart, dtype=np.float64)
        for n, middle, heart in zip(shape, centre_mm[::-1], pose.centre_mm[::-1], strict=True)
    )
    return Grid(slices=slices, rows=rows, columns=columns, step_mm=step_mm, turn=grid_turn(pose))


def paint_heart(anatomy: Anatomy, wall: Floats, grid: Grid, field: Activity) -> Activity:
    """Draw the heart alone (atria, both ventricles, seams) over ``field``, which is changed and given back.

    wall : uptake of the left ventricle's wall on an even (s, phi) table, shape (rings, sectors), 1 is normal.
    field : uptake around the heart on the cells of ``grid``.
    """
    _paint_atria(anatomy, grid, field)
    _paint_right(anatomy, grid, field)
    _paint_left(anatomy, wall, grid, field)
    _paint_papillaries(anatomy, wall, grid, field)
    return field


def _reach(
    anatomy: Anatomy, grid: Grid, centre: tuple[float, float, float], half: tuple[float, float, float]
) -> tuple[tuple[slice, slice, slice], Frame]:
    """The box of the grid around a box of the heart frame, and the places of its cells in the heart frame."""
    to_heart = grid.to_heart(anatomy)
    middle = to_heart.T @ np.asarray(centre)
    away = np.abs(to_heart.T) @ np.asarray(half) + grid.step_mm
    cuts = [
        slice(int(np.searchsorted(axis, place - far)), int(np.searchsorted(axis, place + far)))
        for axis, place, far in zip(
            (grid.slices, grid.rows, grid.columns), (middle[2], -middle[1], middle[0]), away[[2, 1, 0]], strict=True
        )
    ]
    z, y, x = (
        axis[cut].astype(np.float32) for axis, cut in zip((grid.slices, grid.rows, grid.columns), cuts, strict=True)
    )
    turn = to_heart.astype(np.float32)
    u, v, t = (row[0] * x[None, None, :] - row[1] * y[None, :, None] + row[2] * z[:, None, None] for row in turn)
    return (cuts[0], cuts[1], cuts[2]), (u, v, t)


def _left_share(anatomy: Anatomy, frame: Frame, step_mm: float) -> tuple[Activity, Activity]:
    """Share of cells inside the epicardium, and below the valve plane; as soft as the beat moves them."""
    u, _, t = frame
    soft = [max(step_mm, moved) for moved in anatomy.beat_mm]
    below_valve = _inside(t - np.float32(anatomy.mid_wall.valve_mm) - np.float32(anatomy.slant) * u, soft[2])
    epi = None if anatomy.relief is None else np.asarray(anatomy.relief.epi)
    return _inside(_border_distance(frame, anatomy.outer, epi, soft[1]), soft[1]) * below_valve, below_valve


def _border_distance(frame: Frame, axes: tuple[float, float], relief: Floats | None, soft_mm: float) -> Activity:
    """Distance to one border of the left ventricle's wall in mm, negative inside; a relief counts where it is near."""
    u, v, t = frame
    distance = _spheroid_distance(u * u + v * v, t, axes)
    if relief is None:
        return distance
    near = np.nonzero(np.abs(distance) < soft_mm + 1.2 * np.abs(relief).max() * max(axes))
    across, height = np.hypot(u[near], v[near]) / axes[0], t[near] / axes[1]
    level = np.hypot(across, height)
    slope = np.hypot(across / axes[0], height / axes[1]) + 1e-9
    further = relief_at(relief, np.arctan2(across, -height), np.arctan2(v[near], u[near]))
    distance[near] -= (further * level / slope).astype(np.float32)
    return distance


def _paint_left(anatomy: Anatomy, wall: Floats, grid: Grid, field: Activity) -> None:
    """Draw the left ventricle's blood and wall into ``field``."""
    across, along = anatomy.outer
    further = 1.0 if anatomy.relief is None else 1.0 + max(0.0, float(np.max(anatomy.relief.epi)))
    half = across * further + anatomy.beat_mm[1]
    box, frame = _reach(anatomy, grid, (0.0, 0.0, 0.0), (half, half, along * further + anatomy.beat_mm[1]))
    left, below_valve = _left_share(anatomy, frame, grid.step_mm)
    soft = max(grid.step_mm, anatomy.beat_mm[0])
    endo = None if anatomy.relief is None else np.asarray(anatomy.relief.endo)
    cavity = _inside(_border_distance(frame, anatomy.inner, endo, soft), soft) * below_valve
    muscle = np.maximum(left - cavity, np.float32(0))
    part = field[box]
    part *= np.float32(1) - cavity - muscle
    part += cavity * np.float32(anatomy.blood)
    near = np.nonzero(muscle > 0)
    uptake = _wall_uptake(anatomy.mid_wall, wall, *(axis[near].astype(np.float64) for axis in frame))
    part[near] += muscle[near] * uptake


def _paint_papillaries(anatomy: Anatomy, wall: Floats, grid: Grid, field: Activity) -> None:
    """Draw both papillary muscles: slim ellipsoids along the wall at mid height, as warm as the wall behind them."""
    across, along = anatomy.inner
    soft = max(grid.step_mm, anatomy.beat_mm[0])
    for radius, angle in zip(anatomy.papillary_mm, _PAPILLARY_DEG, strict=True):
        if radius <= 0:
            continue
        phi = np.radians(angle)
        off = max(0.0, 0.97 * across - radius)
        centre = (float(off * np.cos(phi)), float(off * np.sin(phi)), -0.05 * along)
        axes = (radius, radius, 0.32 * along)
        box, frame = _reach(anatomy, grid, centre, (radius + soft, radius + soft, axes[2] + soft))
        warm = wall[wall.shape[0] // 2, round(angle / 360.0 * wall.shape[1]) % wall.shape[1]]
        part = field[box]
        part += _inside(_ellipsoid_distance(frame, centre, axes), soft) * (np.float32(warm) - part)


def _paint_atria(anatomy: Anatomy, grid: Grid, field: Activity) -> None:
    """Draw both atria behind the valve plane; the ventricles are drawn over what they share."""
    if anatomy.atria is None:
        return
    atria, valve, across = anatomy.atria, anatomy.mid_wall.valve_mm, anatomy.outer[0]
    left, right = atria.left_mm, atria.right_mm
    angle = np.radians(anatomy.right.angle_deg)
    aside = 0.8 * across + 0.7 * right
    chambers = (
        ((-0.2 * left, -0.3 * left, valve + 0.75 * left), (1.15 * left, 0.95 * left, 0.92 * left)),
        ((aside * np.cos(angle), aside * np.sin(angle) - 0.2 * right, valve + 0.5 * right), (right, right, right)),
    )
    for centre, axes in chambers:
        box, frame = _reach(anatomy, grid, centre, axes)
        distance = _ellipsoid_distance(frame, centre, axes)
        blood = _inside(distance + np.float32(atria.wall_mm), grid.step_mm)
        whole = _inside(distance, grid.step_mm)
        part = field[box]
        part *= np.float32(1) - whole
        part += (whole - blood) * np.float32(atria.uptake) + blood * np.float32(anatomy.blood)


def _paint_right(anatomy: Anatomy, grid: Grid, field: Activity) -> None:
    """Draw the right ventricle's free wall, its blood and its seams into ``field``, outside the left ventricle."""
    right, (across, along) = anatomy.right, anatomy.outer
    angle = np.radians(right.angle_deg)
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    top = anatomy.mid_wall.valve_mm - _RIGHT_SHORTER_MM
    bottom = right.start * along
    middle = (0.7 * across, 0.0, top)
    axes = (0.3 * across + right.reach_mm, right.span_mm, top - bottom)
    half = max(axes[0], across + _SEAM_OFF_MM + 2 * _SEAM_MM)
    valve_soft = max(grid.step_mm, anatomy.beat_mm[2])
    box, frame = _reach(
        anatomy,
        grid,
        (middle[0] * cos, middle[0] * sin, (top + bottom) / 2),
        (half, half, (top - bottom) / 2 + valve_soft),
    )
    u, v, t = frame
    room = (np.float32(1) - _left_share(anatomy, frame, grid.step_mm)[0]) * _inside(t - np.float32(top), valve_soft)
    turned = (u * np.float32(cos) + v * np.float32(sin), v * np.float32(cos) - u * np.float32(sin), t)
    distance = _ellipsoid_distance(turned, middle, axes)
    blood = _inside(distance + np.float32(right.wall_mm), grid.step_mm) * room
    free_wall = _inside(distance, grid.step_mm) * room - blood
    part = field[box]
    part *= np.float32(1) - free_wall - blood
    part += free_wall * np.float32(right.uptake) + blood * np.float32(anatomy.blood)
    _paint_seams(anatomy, frame, room * _inside(np.float32(bottom) - t, 4 * grid.step_mm), part)


def _paint_seams(anatomy: Anatomy, frame: Frame, room: Activity, part: Activity) -> None:
    """Draw the muscle in the two grooves where the ventricles meet, a little outside the left one."""
    u, v, _ = frame
    rho = np.sqrt(u * u + v * v)
    away = rho - np.float32(anatomy.outer[0] + _SEAM_OFF_MM)
    near = room * np.exp(-((away / np.float32(_SEAM_MM)) ** 2))
    for uptake, turned in zip(anatomy.right.seams, (-_SEAM_DEG, _SEAM_DEG), strict=True):
        towards = np.radians(anatomy.right.angle_deg + turned)
        aligned = (u * np.float32(np.cos(towards)) + v * np.float32(np.sin(towards))) / (rho + np.float32(1e-6))
        beside = np.clip((aligned - _SEAM_COSINE) / (1 - _SEAM_COSINE), np.float32(0), np.float32(1))
        part += near * beside * np.maximum(np.float32(uptake) - part, np.float32(0))


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
