"""The mid-wall surface of the left ventricle: traced along rays, held together by its own smoothness.

Where the wall takes up tracer its peak is followed; in a defect the surface goes on from its neighbours. The axis is
straightened by the centres of the traced rings; the apex is closed by a half sphere of rays; the valve plane stands
where the wall fades.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from .frame import Floats, LongAxis, Rays, counts_at, hybrid_rays
from .locate import Image, Place

SECTORS = 36
CAP_ROWS = 9
BODY_STEP_MM = 4.0
RAY_STEP_MM = 2.0
OUTWARD_MM = 20.0
HALF_WALL_MM = 7.0
WEAKEST = 0.0004
AXIS_HALF_MM = 24.0
VALVE_FRACTION = 0.60
VALVE_SHARE = 65.0
SHORTEST_BODY, LONGEST_BODY_MM = 1.0, 85.0
NARROWEST, WIDEST = 0.55, 1.6


@dataclass(frozen=True, kw_only=True)
class Surface:
    """A traced mid-wall surface, apex first.

    rays, radius_mm : rays and the distance of the wall on each, shape (rows, sectors).
    wall : counts at the wall (largest within a wall's thickness), same shape; NaN outside the image.
    cap_rows : rows over the apex; the others lie across the axis. end_row : the valve plane, as a row number with
    its fraction. valve_seen : whether the wall was seen to fade there, or the limit of length was reached.
    """

    axis: LongAxis
    rays: Rays
    radius_mm: Floats
    wall: Floats
    cap_rows: int
    end_row: float
    valve_seen: bool
    reference: float


def trace(image: Image, spacing_mm: tuple[float, float, float], place: Place) -> Surface:
    """Trace the mid-wall surface from where the ventricle was located; slice 0 must be on the apical side."""
    axis, radius = body_axis(image, spacing_mm, place)
    cap_mm, _ = closed_end(image, spacing_mm, axis, radius)
    return _ended(_traced(image, spacing_mm, axis, cap_mm, radius))


def body_axis(image: Image, spacing_mm: tuple[float, float, float], place: Place) -> tuple[LongAxis, float]:
    """Long axis through the middle of the body, and the mid-wall radius there in mm."""
    axis = LongAxis(origin=np.asarray(place.centre_mm), direction=np.array([1.0, 0.0, 0.0]))
    radius = place.radius_mm
    for _ in range(3):
        axis, radius = _straightened(image, spacing_mm, axis, radius)
    return axis, radius


def _straightened(
    image: Image, spacing_mm: tuple[float, float, float], axis: LongAxis, radius: float
) -> tuple[LongAxis, float]:
    """One round: trace rings around the axis, lay a line through their centres."""
    along = np.arange(-AXIS_HALF_MM, AXIS_HALF_MM + 1, 6.0)
    rays = hybrid_rays(axis, cap_mm=0.0, body_mm=along, cap_rows=0, sectors=SECTORS)
    radii, strength = follow(rays, image, spacing_mm, np.full((len(along), SECTORS), radius))
    spokes = rays.direction[0]
    centres = axis.at(along) + 2 * np.einsum("rs,sk->rk", radii - radii.mean(axis=1, keepdims=True), spokes) / SECTORS
    weight = np.nanmean(strength, axis=1)
    middle = np.average(centres, axis=0, weights=weight)
    offset = np.average(along, weights=weight)
    slope = np.einsum("r,r,rk->k", weight, along - offset, centres - middle) / np.sum(weight * (along - offset) ** 2)
    slope[0] = max(slope[0], 0.5)
    direction = slope / np.linalg.norm(slope)
    origin = middle - direction * ((middle[0] - axis.origin[0]) / direction[0])
    return LongAxis(origin=origin, direction=direction), float(np.average(np.median(radii, axis=1), weights=weight))


def follow(
    rays: Rays, image: Image, spacing_mm: tuple[float, float, float], start: Floats, pole: bool = False
) -> tuple[Floats, Floats]:
    """Distance of the wall on every ray, and the strength of the peak found there (share of the strongest).

    Each round pulls towards the counts near the present guess, then smooths over neighbours, strong rays leading.
    """
    distances = np.arange(0.0, float(start.max()) + OUTWARD_MM, RAY_STEP_MM)
    profiles = rays.profiles(image, spacing_mm, distances)
    ends = np.where(np.isfinite(profiles), distances, 0.0).max(axis=2)
    profiles = np.maximum(np.nan_to_num(profiles), 0)
    peak = profiles.max(axis=2, keepdims=True)
    pull = (profiles / np.maximum(peak, 1e-9)) ** 4
    radius = start
    strength = np.ones_like(start)
    for reach in (11.0, 9.0, 7.0, 6.0, 6.0):
        near = np.exp(-((distances - radius[..., None]) ** 2) / (2 * reach**2))
        weight = pull * near + 1e-6 * near
        found = (weight * distances).sum(axis=2) / weight.sum(axis=2)
        here = np.minimum((distances[None, None] >= found[..., None]).argmax(axis=2), len(distances) - 1)
        level = np.take_along_axis(profiles, here[..., None], axis=2)[..., 0]
        strength = np.clip(level / max(np.percentile(level, 90), 1e-9), 0.02, 1.0) ** 2
        strength[found > ends - HALF_WALL_MM] = WEAKEST
        radius = _smoothed(found, strength, pole)
        typical = np.median(radius)
        radius = np.clip(radius, NARROWEST * typical, WIDEST * typical)
    return radius, strength


def _smoothed(values: Floats, strength: Floats, pole: bool) -> Floats:
    """Mean over neighbouring rays, strong ones leading; cyclic in angle. At the pole all rays of a row are one."""
    weight = strength.copy()
    total = values * weight
    for array in (total, weight):
        ndimage.gaussian_filter1d(array, 1.3, axis=1, mode="wrap", output=array)
        if len(array) > 1:
            ndimage.gaussian_filter1d(array, 1.0, axis=0, mode="nearest", output=array)
        if pole:
            array[:2] = array[:2].mean(axis=1, keepdims=True)
    smooth: Floats = total / weight
    return smooth


def closed_end(
    image: Image, spacing_mm: tuple[float, float, float], axis: LongAxis, radius: float
) -> tuple[float, float]:
    """Where on the axis a half sphere of the body's radius lies best on the apical wall (mm from the origin), and how
    well it lies there, in counts: much better at the closed end of the heart than at the open one."""
    steps = np.arange(-60.0, 21.0, 3.0)
    polar = np.radians((np.arange(6) + 0.5) * 15)
    rays = hybrid_rays(axis, cap_mm=0.0, body_mm=np.empty(0), cap_rows=6, sectors=12)
    radii = np.broadcast_to(np.array([radius * 0.35, radius, radius + 16.0]), (6, 12, 3))
    shift = steps[:, None, None, None, None] * axis.direction
    shells = np.nan_to_num(counts_at(image, spacing_mm, rays.points(radii) + shift)).mean(axis=2)
    fit = (shells * np.array([-0.3, 1.0, -0.6])).sum(axis=2) @ (np.sin(polar) / np.sin(polar).sum())
    best = int(np.argmax(fit))
    return float(steps[best]), float(fit[best])


def _traced(
    image: Image, spacing_mm: tuple[float, float, float], axis: LongAxis, cap_mm: float, radius: float
) -> Surface:
    body = cap_mm + np.arange(0.5, LONGEST_BODY_MM / BODY_STEP_MM) * BODY_STEP_MM
    rays = hybrid_rays(axis, cap_mm=cap_mm, body_mm=body, cap_rows=CAP_ROWS, sectors=SECTORS)
    start = np.full(rays.direction.shape[:2], radius)
    radii, _ = follow(rays, image, spacing_mm, start, pole=True)
    wall = wall_counts(rays, image, spacing_mm, radii)
    return Surface(
        axis=axis,
        rays=rays,
        radius_mm=radii,
        wall=wall,
        cap_rows=CAP_ROWS,
        end_row=0.0,
        valve_seen=False,
        reference=0.0,
    )


def wall_counts(rays: Rays, image: Image, spacing_mm: tuple[float, float, float], radius_mm: Floats) -> Floats:
    """Largest count within a wall's thickness of the surface, shape (rows, sectors).

    NaN where the middle of the wall lies outside the image, or where all of it is exactly zero: blurred tissue never
    is, a field masked by the reconstruction is.
    """
    half = np.arange(RAY_STEP_MM, HALF_WALL_MM + 0.1, RAY_STEP_MM)
    across = np.concatenate([[0.0], half, -half])
    values = counts_at(image, spacing_mm, rays.points(np.maximum(radius_mm[..., None] + across, 0.0)))
    largest: Floats = np.fmax.reduce(values, axis=2)
    return np.where((largest > 0) & np.isfinite(values[..., 0]), largest, np.nan)


def _ended(surface: Surface) -> Surface:
    """Set the valve plane where the wall fades below a share of the body's counts."""
    level = np.percentile(np.nan_to_num(surface.wall), VALVE_SHARE, axis=1)
    middle = np.median(level[surface.cap_rows - 3 : surface.cap_rows + 8])
    below = level < VALVE_FRACTION * middle
    first = surface.cap_rows + int(SHORTEST_BODY * surface.radius_mm[surface.cap_rows].mean() / BODY_STEP_MM)
    late = np.flatnonzero(below[first:])
    if len(late):
        row = first + int(late[0])
        part = (level[row - 1] - VALVE_FRACTION * middle) / max(level[row - 1] - level[row], 1e-9)
        end = row - 1 + float(np.clip(part, 0, 1))
    else:
        end = float(len(level) - 1)
    return replace(surface, end_row=end, valve_seen=bool(len(late)), reference=float(middle))
