"""How far a traced contour can be trusted: flags, each with what was seen and the limit it broke."""

import numpy as np

from ..core.measures import Caution
from ..core.polar import PolarMap
from ..core.segments import AHA17, segment_means
from .frame import counts_at
from .locate import Image
from .surface import Surface

BEYOND_WALL_MM = (16.0, 20.0, 24.0)
HOT_NEIGHBOUR = 0.8
SMALL_RADIUS_MM = 19.0
LARGE_RADIUS_MM = 45.0
LEAST_CONTRAST = 1.15
LEAST_KNOWN_AREA = 0.60
PAIR_DIFFERENCE = 0.25


def contour_flags(
    surface: Surface, polar: PolarMap, image: Image, spacing_mm: tuple[float, float, float]
) -> tuple[Caution, ...]:
    """Cautions about one traced series, worst first; empty if the contour looks right."""
    end = int(surface.end_row)
    flags = [
        _outside(polar),
        _valve(surface),
        _size(surface, end),
        _contrast(surface, image, spacing_mm, end),
        _hot_neighbour(surface, polar, image, spacing_mm, end),
    ]
    state = f"{polar.state}: " if polar.state else ""
    return tuple(Caution(code=code, text=state + text) for code, text in (f for f in flags if f))


def _outside(polar: PolarMap) -> tuple[str, str] | None:
    share = float(polar.weight[~np.isfinite(polar.values)].sum())
    if share < 0.005:
        return None
    return "outside_field", f"{100 * share:.0f} % of the wall lies outside the image field and is left out"


def _valve(surface: Surface) -> tuple[str, str] | None:
    if surface.valve_seen:
        return None
    return "valve_plane", "the wall does not fade towards the base; the valve plane is set by the largest length"


def _size(surface: Surface, end: int) -> tuple[str, str] | None:
    radius = float(np.median(surface.radius_mm[surface.cap_rows : max(end, surface.cap_rows + 1)]))
    if radius < SMALL_RADIUS_MM:
        return (
            "small_heart",
            f"mid-wall radius {radius:.0f} mm, below {SMALL_RADIUS_MM:.0f}: walls blur into each other",
        )
    if radius > LARGE_RADIUS_MM:
        return "large_heart", f"mid-wall radius {radius:.0f} mm, above {LARGE_RADIUS_MM:.0f}: look at the contour"
    return None


def _contrast(
    surface: Surface, image: Image, spacing_mm: tuple[float, float, float], end: int
) -> tuple[str, str] | None:
    rows = slice(surface.cap_rows, max(end, surface.cap_rows + 1))
    axis = counts_at(image, spacing_mm, surface.rays.start[rows])
    cavity = float(np.nanmedian(axis)) if np.isfinite(axis).any() else 0.0
    ratio = surface.reference / max(cavity, 1e-9)
    if ratio >= LEAST_CONTRAST:
        return None
    return "low_contrast", f"wall counts are {ratio:.2f} x the cavity's, below {LEAST_CONTRAST}: the cavity is hidden"


def _hot_neighbour(
    surface: Surface, polar: PolarMap, image: Image, spacing_mm: tuple[float, float, float], end: int
) -> tuple[str, str] | None:
    """Activity beyond the wall as hot as the wall itself: it spills in, and draws the contour outwards."""
    points = surface.rays.points(surface.radius_mm[..., None] + np.asarray(BEYOND_WALL_MM))
    beyond = points[surface.cap_rows : end + 1]
    hottest = np.nan_to_num(np.fmax.reduce(counts_at(image, spacing_mm, beyond), axis=2))
    hot = hottest > HOT_NEIGHBOUR * surface.reference
    if not hot.any(axis=1).mean() > 0.3:
        return None
    sectors = hot.mean(axis=0) > 0.3
    near = segment_means(np.broadcast_to(sectors * 1.0, polar.values.shape).copy(), polar.weight)
    names = [str(s.number) for s, part in zip(AHA17, near, strict=True) if s.number != 17 and part > 0.5]
    where = f" beside segments {', '.join(names)}" if names else ""
    return "extracardiac", f"activity beyond the wall above {100 * HOT_NEIGHBOUR:.0f} % of the wall's counts{where}"


def pair_flags(stress: Surface, rest: Surface) -> tuple[Caution, ...]:
    """Cautions about a stress and a rest contour of one patient that do not look like the same heart."""
    flags = []
    for name, values in (
        ("radius", [float(np.median(s.radius_mm)) for s in (stress, rest)]),
        ("length", [float(s.end_row) for s in (stress, rest)]),
    ):
        apart = abs(values[0] - values[1]) / max(values)
        if apart > PAIR_DIFFERENCE:
            text = f"stress and rest contours differ by {100 * apart:.0f} % in {name}: look at both"
            flags.append(Caution(code="contours_differ", text=text))
    return tuple(flags)
