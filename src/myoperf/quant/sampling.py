"""Surface to polar map: rings of equal arc length from apex to valve plane, every sample with its share of area."""

import numpy as np

from ..core.polar import REFERENCE_PERCENTILE, RINGS, PolarMap, weighted_percentile
from ..core.terms import State
from .frame import Floats
from .surface import Surface

METHOD = "hybrid cylindrical-spherical, largest count within the wall"


def polar_map(surface: Surface, *, state: State | None, source: str, rings: int = RINGS) -> PolarMap:
    """Resample the wall counts of a surface to rings x sectors, in percent of the map's 98th percentile.

    Samples outside the image stay NaN. The percentile is weighted by area, so that it does not depend on the number
    of rings.
    """
    points = surface.rays.points(surface.radius_mm)
    pole = points[0].mean(axis=0)
    arc = _arc_from_pole(points, pole)
    total = float(np.interp(surface.end_row, np.arange(len(arc)), arc))
    middle = (np.arange(rings) + 0.5) / rings * total
    rows = np.interp(middle, arc, np.arange(len(arc)))
    values = _between_rows(surface.wall, rows)
    weight = _area(surface, points, rows)
    weight /= weight.sum()
    top = weighted_percentile(values, weight, REFERENCE_PERCENTILE)
    return PolarMap(
        values=np.maximum(100.0 * values / top, 0.0) if top > 0 else np.full_like(values, np.nan),
        weight=weight,
        ring_mm=middle,
        reference_counts=top,
        state=state,
        source=f"{source}; {METHOD}",
    )


def _arc_from_pole(points: Floats, pole: Floats) -> Floats:
    """Mean distance along the meridians from the pole to every row, in mm."""
    first = np.linalg.norm(points[0] - pole, axis=1).mean()
    steps = np.linalg.norm(np.diff(points, axis=0), axis=2).mean(axis=1)
    arc: Floats = first + np.concatenate([[0.0], np.cumsum(steps)])
    return arc


def _between_rows(values: Floats, rows: Floats) -> Floats:
    """Values at fractional rows; a sample beside an unknown row takes the known one."""
    low = np.floor(rows).astype(np.intp)
    high = np.minimum(low + 1, len(values) - 1)
    part = (rows - low)[:, None]
    below, above = values[low], values[high]
    mixed = (1 - part) * below + part * above
    return np.where(np.isfinite(mixed), mixed, np.where(part < 0.5, below, above))


def _area(surface: Surface, points: Floats, rows: Floats) -> Floats:
    """Area of every sample, up to a common factor: its distance from the axis times its length along the meridian."""
    offset = points - surface.axis.origin
    along = offset @ surface.axis.direction
    from_axis = np.linalg.norm(offset - along[..., None] * surface.axis.direction, axis=2)
    along_meridian = np.linalg.norm(np.gradient(points, axis=0), axis=2)
    per_row = np.gradient(rows)[:, None]
    return np.maximum(_between_rows(from_axis, rows), 0.5) * _between_rows(along_meridian, rows) * per_row
