"""A torso of simple solids: uptake and attenuation at any place of the body.

Body frame as in ``pose``: x to the left, y to posterior, z to the head, in mm. A torso is a list of solids painted in
order, each over those before; outside all of them is air.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..core.terms import Tracer
from .pose import Turn

Cells = NDArray[np.float32]

_CHUNK = 24_000
"""Places that are worked on at once by ``torso_at``: few enough to stay in a core's own memory."""


class Material(StrEnum):
    """What attenuates."""

    AIR = "air"
    LUNG = "lung"
    FAT = "fat"
    SOFT = "soft tissue"
    BONE = "bone"


MU_PER_CM = MappingProxyType(
    {
        Tracer.TC99M: MappingProxyType(
            {
                Material.AIR: 0.0,
                Material.LUNG: 0.045,
                Material.FAT: 0.146,
                Material.SOFT: 0.154,
                Material.BONE: 0.25,
            }
        ),
        Tracer.TL201: MappingProxyType(
            {
                Material.AIR: 0.0,
                Material.LUNG: 0.055,
                Material.FAT: 0.176,
                Material.SOFT: 0.187,
                Material.BONE: 0.37,
            }
        ),
    }
)
"""Linear attenuation in 1/cm, narrow beam, at 140 keV (Tc-99m) and about 72 keV (the mercury X-rays of Tl-201).

After the mass coefficients of Hubbell and Seltzer (NIST, 1995), rounded, with water for soft tissue, adipose tissue at
0.95, lung at 0.29 and bone (cortical and spongy together) at about 1.6 g/cm3.
"""


@dataclass(frozen=True, kw_only=True)
class Solid:
    """An ellipsoid, or a cylinder along z where the third semi-axis is infinite.

    centre, axes : middle (x, y, z) and semi-axes in mm. turn_deg : turn about z, from x towards y.
    turn : directions of the three semi-axes as rows, where a turn about z does not do; then ``turn_deg`` is not used.
    uptake : 1 is normal left ventricular muscle.
    """

    name: str
    material: Material
    centre: tuple[float, float, float]
    axes: tuple[float, float, float]
    uptake: float
    turn_deg: float = 0.0
    turn: Turn | None = field(default=None)

    @property
    def volume_ml(self) -> float:
        """Volume of the whole ellipsoid in mL; infinite for a cylinder."""
        return 4 / 3 * float(np.pi) * self.axes[0] * self.axes[1] * self.axes[2] / 1000.0

    @cached_property
    def directions(self) -> Turn:
        """Unit vectors of the three semi-axes as rows."""
        if self.turn is not None:
            return self.turn
        angle = float(np.radians(self.turn_deg))
        cos, sin = float(np.cos(angle)), float(np.sin(angle))
        return (cos, sin, 0.0), (-sin, cos, 0.0), (0.0, 0.0, 1.0)

    @cached_property
    def half_box(self) -> tuple[float, float, float]:
        """Half sizes of the smallest box along x, y, z that holds the solid, in mm."""
        if not np.isfinite(self.axes[2]):
            x, y = np.hypot(*(np.abs(np.asarray(self.directions)[k, :2]) * self.axes[k] for k in range(2)))
            return float(x), float(y), float("inf")
        away = np.linalg.norm(np.asarray(self.directions) * np.asarray(self.axes)[:, None], axis=0)
        return float(away[0]), float(away[1]), float(away[2])


@dataclass(frozen=True, kw_only=True)
class Torso:
    """Solids in the order in which they are painted; the first is the outline of the body."""

    solids: tuple[Solid, ...]

    def find(self, name: str) -> Solid | None:
        """The first solid of this name, or None."""
        return next((solid for solid in self.solids if solid.name == name), None)


def torso_at(
    torso: Torso, x: ArrayLike, y: ArrayLike, z: ArrayLike, *, step_mm: float, tracer: Tracer
) -> tuple[Cells, Cells]:
    """Uptake and attenuation (1/cm) at places of the body.

    x, y, z : mm, of shapes that go together. step_mm : width of the soft borders.
    Both results have the common shape of the places.
    """
    places = [np.asarray(axis, np.float32) for axis in (x, y, z)]
    shape = np.broadcast_shapes(*(axis.shape for axis in places))
    flat = [np.broadcast_to(axis, shape).reshape(-1) for axis in places]
    uptake, mu = np.zeros(flat[0].size, np.float32), np.zeros(flat[0].size, np.float32)
    mus = MU_PER_CM[tracer]
    for start in range(0, flat[0].size, _CHUNK):
        part = slice(start, start + _CHUNK)
        frame = (flat[0][part], flat[1][part], flat[2][part])
        low, high = [float(a.min()) for a in frame], [float(a.max()) for a in frame]
        for solid in _touching(torso.solids, low, high, step_mm):
            _blend(uptake[part], mu[part], _share(solid, frame, step_mm), solid.uptake, mus[solid.material])
    return uptake.reshape(shape), mu.reshape(shape)


def paint_torso(
    torso: Torso,
    shape: tuple[int, int, int],
    step_mm: float,
    tracer: Tracer,
    centre_mm: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> tuple[Cells, Cells]:
    """Uptake and attenuation (1/cm) on a transaxial grid of shape (z, y, x) and cubic cells around ``centre_mm``.

    Each solid is painted only in the box that it can reach.
    """
    z, y, x = (
        np.asarray((np.arange(n) - (n - 1) / 2) * step_mm + middle, np.float32)
        for n, middle in zip(shape, centre_mm[::-1], strict=True)
    )
    mus = MU_PER_CM[tracer]
    column = next((k for k, solid in enumerate(torso.solids) if np.isfinite(solid.axes[2])), len(torso.solids))
    uptake, mu = np.zeros((1, len(y), len(x)), np.float32), np.zeros((1, len(y), len(x)), np.float32)
    for number, solid in enumerate(torso.solids):
        if number == column:
            uptake, mu = np.tile(uptake, (len(z), 1, 1)), np.tile(mu, (len(z), 1, 1))
        cuts = [_cut(axis, solid, k, step_mm) for k, axis in ((2, z), (1, y), (0, x))]
        if number < column:
            cuts[0] = slice(0, 1)
        box = (cuts[0], cuts[1], cuts[2])
        frame = (x[None, None, box[2]], y[None, box[1], None], z[box[0], None, None])
        _blend(uptake[box], mu[box], _share(solid, frame, step_mm), solid.uptake, mus[solid.material])
    missing = len(z) // len(uptake)
    return (uptake, mu) if missing == 1 else (np.tile(uptake, (missing, 1, 1)), np.tile(mu, (missing, 1, 1)))


def _cut(places: Cells, solid: Solid, axis: int, step_mm: float) -> slice:
    """The part of a grid axis that a solid and its soft border can reach."""
    middle, far = solid.centre[axis], solid.half_box[axis] + step_mm
    low, high = np.searchsorted(places, (middle - far, middle + far))
    return slice(int(low), int(high))


def _touching(solids: Iterable[Solid], low: list[float], high: list[float], step_mm: float) -> list[Solid]:
    """Solids whose box meets the box of the places."""
    return [
        solid
        for solid in solids
        if all(
            middle - half - step_mm <= top and middle + half + step_mm >= bottom
            for middle, half, bottom, top in zip(solid.centre, solid.half_box, low, high, strict=True)
        )
    ]


def _blend(uptake: Cells, mu: Cells, share: Cells, warm: float, dense: float) -> None:
    uptake += share * (np.float32(warm) - uptake)
    mu += share * (np.float32(dense) - mu)


def _share(solid: Solid, frame: tuple[Cells, Cells, Cells], step_mm: float) -> Cells:
    """Share of cells at places (x, y, z) that lies inside a solid; the distance is exact on its surface."""
    away = [axis - np.float32(middle) for axis, middle in zip(frame, solid.centre, strict=True)]
    level: Cells = np.full((1,) * away[0].ndim, 1e-8, np.float32)
    slope: Cells = np.full((1,) * away[0].ndim, 1e-12, np.float32)
    for direction, half in zip(solid.directions, solid.axes, strict=True):
        if np.isinf(half):
            continue
        along = sum((a * np.float32(part) for a, part in zip(away, direction, strict=True) if part), np.float32(0))
        scaled: Cells = np.asarray(np.square(along * np.float32(1 / half)), np.float32)
        level = np.asarray(level + scaled, np.float32)
        slope = np.asarray(slope + scaled * np.float32(half**-2), np.float32)
    distance = (level - np.sqrt(level)) / np.sqrt(slope)
    share: Cells = np.clip(np.float32(0.5) - distance * np.float32(1 / step_mm), np.float32(0), np.float32(1))
    return share
