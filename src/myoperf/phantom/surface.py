"""The mid-wall surface of the parametric left ventricle: where a place of the polar disc lies in the heart, in mm.

Heart frame: u towards lateral, v towards anterior, t along the long axis from apex (negative) to base, all in mm from
the centre of the ellipsoid. A place on the wall is (s, phi): s runs along the wall from 0 at the apex to 1 at the
valve plane, phi is the angle of the polar disc in degrees (0 lateral, 90 anterior, counter-clockwise).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_STEPS = 240
_PSI = np.linspace(0.0, 0.92 * np.pi, _STEPS)
_VALVE_ANGLES = 72


@dataclass(frozen=True, kw_only=True)
class MidWall:
    """An ellipsoid of revolution cut off by a slanted plane.

    width_mm, length_mm : semi-axes across and along the long axis.
    valve_mm : height of the valve plane on the long axis.
    slant : rise of the valve plane towards the lateral wall, mm for each mm (the septum ends earlier).
    """

    width_mm: float
    length_mm: float
    valve_mm: float
    slant: float

    @cached_property
    def _arc(self) -> Floats:
        """Length along a meridian from the apex, for every step of the eccentric angle."""
        rho, height = self.width_mm * np.sin(_PSI), -self.length_mm * np.cos(_PSI)
        steps = np.hypot(np.diff(rho), np.diff(height))
        return np.concatenate([[0.0], np.cumsum(steps)])

    @cached_property
    def _valve_arc(self) -> Floats:
        """Length of the wall from apex to valve plane every five degrees, closed (first value again at the end)."""
        angles = np.arange(_VALVE_ANGLES + 1) * (2 * np.pi / _VALVE_ANGLES)
        rho, height = self.width_mm * np.sin(_PSI), -self.length_mm * np.cos(_PSI)
        above = height[None] - self.valve_mm - self.slant * np.cos(angles)[:, None] * rho[None]
        after = np.argmax(above > 0, axis=1)
        row = np.arange(len(angles))
        low, high = above[row, after - 1], above[row, after]
        part = -low / (high - low)
        length: Floats = self._arc[after - 1] + part * (self._arc[after] - self._arc[after - 1])
        return length

    def wall_length(self, phi: Floats) -> Floats:
        """Length of the wall from apex to valve plane at the angles ``phi`` (degrees), in mm."""
        where = (phi % 360.0) * (_VALVE_ANGLES / 360.0)
        low = where.astype(np.intp)
        part = where - low
        arc = self._valve_arc
        length: Floats = arc[low] * (1 - part) + arc[np.minimum(low + 1, _VALVE_ANGLES)] * part
        return length

    def fraction(self, rho: Floats, height: Floats, phi: Floats) -> Floats:
        """The s of places near the wall, from their distance to the axis and height (mm) and angle (degrees)."""
        psi = np.arctan2(rho / self.width_mm, -height / self.length_mm)
        return np.interp(psi, _PSI, self._arc) / self.wall_length(phi)

    def _psi(self, s: Floats, phi: Floats) -> Floats:
        return np.interp(s * self.wall_length(phi), self._arc, _PSI)

    def radius(self, s: Floats, phi: Floats) -> Floats:
        """Distance of the wall from the long axis at (s, phi), in mm."""
        return self.width_mm * np.sin(self._psi(s, phi))

    def points(self, s: Floats, phi: Floats) -> tuple[Floats, Floats]:
        """Places (u, v, t) on the surface and its outward unit normals there, both of shape (3, ...)."""
        psi, angle = self._psi(s, phi), np.radians(phi)
        along, across = -np.cos(psi), np.sin(psi)
        place = np.stack(
            [
                self.width_mm * across * np.cos(angle),
                self.width_mm * across * np.sin(angle),
                self.length_mm * along + 0.0 * angle,
            ]
        )
        normal = np.stack(
            [
                across / self.width_mm * np.cos(angle),
                across / self.width_mm * np.sin(angle),
                along / self.length_mm + 0.0 * angle,
            ]
        )
        return place, normal / np.linalg.norm(normal, axis=0)

    def area(self, s: Floats, phi: Floats) -> Floats:
        """Share of the surface that each sample of an even (s, phi) table stands for; sums to 1."""
        patch = self.radius(s, phi) * self.wall_length(phi)
        share: Floats = patch / patch.sum()
        return share


def wall_table(rings: int, sectors: int) -> tuple[Floats, Floats]:
    """Middles of an even table over the wall: s and phi (degrees), each of shape (rings, sectors)."""
    s = (np.arange(rings) + 0.5) / rings
    phi = np.arange(sectors) * (360.0 / sectors)
    table = np.meshgrid(s, phi, indexing="ij")
    return table[0], table[1]
