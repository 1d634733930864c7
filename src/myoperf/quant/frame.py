"""The long axis of the left ventricle and the rays cast from it: cylinder round the body, half sphere at the apex."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class LongAxis:
    """A line through the middle of the cavity, in mm along (slice, row, column).

    origin : a point on it, shape (3,). direction : unit vector from apex to base, shape (3,).
    """

    origin: Floats
    direction: Floats

    def at(self, along_mm: Floats) -> Floats:
        """Points at distances along the axis from ``origin`` (positive towards the base), shape (..., 3)."""
        return self.origin + np.asarray(along_mm)[..., None] * self.direction

    def spokes(self, angles_deg: Floats) -> Floats:
        """Unit vectors across the axis at disc angles (0 lateral, 90 anterior, counter-clockwise), shape (n, 3)."""
        lateral = np.array([0.0, 0.0, 1.0])
        lateral -= lateral @ self.direction * self.direction
        lateral /= np.linalg.norm(lateral)
        anterior = np.cross(lateral, self.direction)
        anterior *= -np.sign(anterior[1])
        radians = np.radians(angles_deg)[:, None]
        spokes: Floats = np.cos(radians) * lateral + np.sin(radians) * anterior
        return spokes


@dataclass(frozen=True, kw_only=True)
class Rays:
    """Rays of a hybrid grid. Row 0 points to the apex; the spherical rows end across the axis, the cylinder follows.

    start : where each row's rays begin, shape (rows, 3). direction : unit vectors, shape (rows, sectors, 3).
    """

    start: Floats
    direction: Floats

    def points(self, radius_mm: Floats) -> Floats:
        """Places at given distances, shape (rows, sectors) or (rows, sectors, n) to the same shape + 3."""
        if radius_mm.ndim == 2:
            return self.start[:, None] + radius_mm[..., None] * self.direction
        return self.start[:, None, None] + radius_mm[..., None] * self.direction[:, :, None]

    def profiles(self, image: NDArray[np.float32], spacing_mm: tuple[float, float, float], radius_mm: Floats) -> Floats:
        """Counts along every ray at common distances (n,), shape (rows, sectors, n); NaN outside the image."""
        radii = np.broadcast_to(radius_mm, (*self.direction.shape[:2], len(radius_mm)))
        return counts_at(image, spacing_mm, self.points(radii))


def hybrid_rays(axis: LongAxis, *, cap_mm: float, body_mm: Floats, cap_rows: int, sectors: int) -> Rays:
    """Rays over the apex from the point ``cap_mm`` on the axis, and across the axis at each of ``body_mm``."""
    spokes = axis.spokes(np.arange(sectors) * 360.0 / sectors)
    polar = np.radians((np.arange(cap_rows) + 0.5) * 90.0 / cap_rows)[:, None, None]
    cap = np.sin(polar) * spokes - np.cos(polar) * axis.direction
    body = np.broadcast_to(spokes, (len(body_mm), sectors, 3))
    start = axis.at(np.concatenate([np.full(cap_rows, cap_mm), body_mm]))
    return Rays(start=start, direction=np.concatenate([cap, body]))


def counts_at(image: NDArray[np.float32], spacing_mm: tuple[float, float, float], points_mm: Floats) -> Floats:
    """Trilinear counts at points in mm (..., 3); NaN more than half a voxel outside the image."""
    index = np.moveaxis(points_mm / np.asarray(spacing_mm), -1, 0).astype(np.float32)
    values = ndimage.map_coordinates(image, index, order=1, mode="nearest").astype(np.float64)
    limit = np.asarray(image.shape, dtype=np.float32).reshape(3, *([1] * (index.ndim - 1))) - 0.5
    values[((index < -0.5) | (index > limit)).any(axis=0)] = np.nan
    return values
