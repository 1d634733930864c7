"""The parametric heart: a left ventricle of known wall, a right ventricle, atria and the blood in them.

Heart frame as in ``surface``: u lateral, v anterior, t from apex to base, in mm. In the project's orientation a
volume's columns run along +u, its rows along -v and its slices along +t, apart from the tilt of the axis.
Uptake 1 is that of normal left ventricular muscle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from .surface import Floats, MidWall

MUSCLE_G_PER_ML = 1.05


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
class Atria:
    """Two ellipsoids of warm blood in a thin wall behind the valve plane.

    left_mm, right_mm : mean semi-axis of each. wall_mm, uptake : of the thin muscle around them.
    """

    left_mm: float
    right_mm: float
    wall_mm: float = 2.0
    uptake: float = 0.25


@dataclass(frozen=True, kw_only=True)
class Relief:
    """What sets the wall apart from ellipsoids: how much farther from their centre each border lies, as a part.

    endo, epi : even tables over the eccentric angle (rows, from 0 at the apex to 180 degrees) and the angle of the
    polar disc (columns, cyclic from 0); 0.1 lies a tenth farther out than the ellipsoid.
    """

    endo: tuple[tuple[float, ...], ...]
    epi: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Anatomy:
    """All lengths and places of one heart in one state, averaged over the heart beat.

    cavity_ml : volume inside the endocardium up to the valve plane. elongation : long over short endocardial semi-axis.
    wall_mm : thickness of the wall. apical_thinning : part of the thickness that is missing at the apex.
    valve : height of the valve plane as a fraction of the long semi-axis. slant : its rise to lateral, mm a mm.
    beat_mm : how far the beat moves endocardium, epicardium and valve plane; the mean over the beat is as soft as that.
    tilt_deg : turn of the long axis about the image's vertical, then about its horizontal. centre : centre of the
    ellipsoid as (slice, row, column) in voxels, fractions allowed. blood : uptake of what the chambers hold.
    atria : None where none are drawn. papillary_mm : radius of the two papillary muscles (anterolateral,
    posteromedial), 0 for none; they belong to the cavity's volume, and not to the mass. relief : None for a wall
    between plain ellipsoids.
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
    blood: float
    atria: Atria | None = None
    papillary_mm: tuple[float, float] = (0.0, 0.0)
    relief: Relief | None = None

    @cached_property
    def inner(self) -> tuple[float, float]:
        """Endocardial semi-axes (across, along) in mm, found from the cavity's volume."""
        if self.relief is None:
            shape = np.pi * self.elongation * cut_ellipsoid(self.valve)
        else:
            shape = self.elongation * cut_relief(self.relief.endo, self.valve, self.slant / self.elongation)
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
        valve = self.valve * self.inner[1] / along
        if self.relief is None:
            shape = np.pi * cut_ellipsoid(valve)
        else:
            shape = cut_relief(self.relief.epi, valve, self.slant * across / along)
        return float(MUSCLE_G_PER_ML * (across**2 * along * shape / 1000.0 - self.cavity_ml))

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


def cut_ellipsoid(valve: float) -> float:
    """Volume of a unit ellipsoid from its apex to the height ``valve``, in units of pi."""
    return 2 / 3 + valve - valve**3 / 3


_RELIEF_PSI, _RELIEF_PHI = 60, 48


@lru_cache(maxsize=8)
def _relief_matrices(rows: int, columns: int) -> tuple[Floats, Floats]:
    """Linear interpolation from a relief table to the places of ``cut_relief``, along each of its axes."""
    psi, phi = _cut_places()
    down, across = psi * ((rows - 1) / np.pi), phi * (columns / (2 * np.pi))
    rises = np.maximum(0.0, 1.0 - np.abs(down[:, None] - np.arange(rows)))
    apart = np.abs((across[:, None] - np.arange(columns) + columns / 2) % columns - columns / 2)
    return rises, np.asarray(np.maximum(0.0, 1.0 - apart).T, dtype=np.float64)


def _cut_places() -> tuple[Floats, Floats]:
    psi = np.asarray((np.arange(_RELIEF_PSI) + 0.5) * (np.pi / _RELIEF_PSI), dtype=np.float64)
    phi = np.asarray(np.arange(_RELIEF_PHI) * (2 * np.pi / _RELIEF_PHI), dtype=np.float64)
    return psi, phi


def cut_relief(table: Sequence[Sequence[float]] | Floats, valve: float, slant: float) -> float:
    """Volume of a unit sphere with a relief, below the plane t = valve + slant * u (both in units of the sphere).

    The sphere's centre must lie below the plane.
    """
    values = np.asarray(table, dtype=np.float64)
    psi, phi = _cut_places()
    rises, around = _relief_matrices(*values.shape)
    radius = 1.0 + rises @ values @ around
    sine = np.sin(psi)[:, None]
    rise = -np.cos(psi)[:, None] - slant * sine * np.cos(phi)[None]
    reached = np.minimum(radius, valve / np.maximum(rise, 1e-9))
    return float((reached**3 * sine).sum() / 3 * (np.pi / _RELIEF_PSI) * (2 * np.pi / _RELIEF_PHI))


def reach_mm(axes: tuple[float, float], psi: Floats) -> Floats:
    """Distance of an ellipsoid's surface from its centre at eccentric angles (radians), mm."""
    reach: Floats = np.hypot(axes[0] * np.sin(psi), axes[1] * np.cos(psi))
    return reach


def relief_at(table: Floats, psi: Floats, phi: Floats) -> Floats:
    """Values of a relief table at eccentric angles 0 .. pi and angles of the disc (both radians), bilinear."""
    rows, columns = table.shape
    down = np.clip(psi * ((rows - 1) / np.pi), 0.0, rows - 1 - 1e-9)
    across = (phi * (columns / (2 * np.pi))) % columns
    row, column = down.astype(np.intp), across.astype(np.intp) % columns
    low, high = down - row, across - np.floor(across)
    after = (column + 1) % columns
    upper = table[row, column] * (1 - high) + table[row, after] * high
    lower = table[row + 1, column] * (1 - high) + table[row + 1, after] * high
    values: Floats = upper * (1 - low) + lower * low
    return values


def to_voxels(anatomy: Anatomy, places: Floats, spacing_mm: tuple[float, float, float]) -> Floats:
    """Places of the heart frame (3, ...) in mm as (slice, row, column) in voxels of the volume."""
    right, up, along = np.tensordot(anatomy.turn.T, places, axes=1)
    offsets = np.stack([along / spacing_mm[0], -up / spacing_mm[1], right / spacing_mm[2]])
    voxels: Floats = offsets + np.asarray(anatomy.centre).reshape(3, *[1] * (places.ndim - 1))
    return voxels
