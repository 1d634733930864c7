"""Where round pictures with a sharp rim lie on a page."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from .colours import Colours

Floats = NDArray[np.float32]

_WORK = 320
_EDGES = 9000
_PEAKS = 24
_ANGLES = 120
_STEPS = 72
_AROUND = np.radians(np.arange(_ANGLES) * 360.0 / _ANGLES)
_LEAST_PIXELS = 16.0
_LEAST_PART = 0.04
_JUMP = 36.0
_PLAIN = 0.8


@dataclass(frozen=True, kw_only=True)
class Circle:
    """Centre and radius in pixels; pixel k covers k..k+1. support : part of the rim that was seen, 0..1."""

    x: float
    y: float
    radius: float
    support: float


def find_circles(page: Colours) -> tuple[Circle, ...]:
    """Circles with a sharp rim on an even background, from the top and left; none overlap."""
    margin = max(4, round(0.04 * max(page.shape[:2])))
    padded = _padded(page, margin)
    rough = _rough(padded)
    found = _apart(_all_refined(padded, rough, []))
    if found:
        # discs of one page are mostly of one size; faint ones are found by it
        more = _all_refined(padded, _siblings(padded, found), found)
        found = _apart([*found, *more])
    placed = [
        Circle(x=c.x - margin, y=c.y - margin, radius=c.radius, support=c.support)
        for c in found
        if _within(c, margin, page.shape)
    ]
    return tuple(sorted(placed, key=lambda c: (round(c.y / max(c.radius, 1.0)), c.x)))


def _all_refined(page: Colours, rough: list[tuple[float, float, float]], known: list[Circle]) -> list[Circle]:
    """Candidates that prove to be circles, and are none of those known."""
    refined: list[Circle] = []
    for x, y, radius in rough:
        plain = (c for c in (*known, *refined) if c.support > _PLAIN)
        if any(np.hypot(x - c.x, y - c.y) < 0.8 * c.radius for c in plain):
            continue
        circle = _refined(page, x, y, radius)
        if circle is not None:
            refined.append(circle)
    return refined


def _apart(circles: list[Circle]) -> list[Circle]:
    """The plainest of those that overlap."""
    found: list[Circle] = []
    for circle in sorted(circles, key=lambda c: -c.support * c.radius**0.5):
        if not any(_overlap(circle, other) for other in found):
            found.append(circle)
    return found


def _siblings(page: Colours, found: list[Circle]) -> list[tuple[float, float, float]]:
    """Candidates of the sizes that were found, in a finer picture."""
    small, factor = _shrunk(page, 2 * _WORK)
    sizes = np.unique([round(c.radius / factor) for c in found if c.support > 0.6])
    if not len(sizes):
        return []
    edges = _edges(small, 4 * _EDGES)
    candidates = []
    for size in sizes[-3:]:
        radii = np.array([size - 1, size, size + 1], dtype=np.float32)
        votes = _votes(edges, radii, small.shape[:2])
        peaks = np.argwhere((votes == ndimage.maximum_filter(votes, 9)) & (votes > 0.5 * votes.max()))
        order = np.argsort([-votes[tuple(p)] for p in peaks], kind="stable")[:8]
        candidates += [((x + 0.5) * factor, (y + 0.5) * factor, float(size * factor)) for y, x in peaks[order]]
    return candidates


def _within(circle: Circle, margin: int, shape: tuple[int, ...]) -> bool:
    """Whether the circle lies on the page, but for a sliver."""
    spare = 0.06 * circle.radius
    x, y = circle.x - margin, circle.y - margin
    return (
        min(x, y) - circle.radius >= -spare
        and x + circle.radius <= shape[1] + spare
        and y + circle.radius <= shape[0] + spare
    )


def _overlap(one: Circle, other: Circle) -> bool:
    return float(np.hypot(one.x - other.x, one.y - other.y)) < 0.9 * max(one.radius, other.radius)


def _padded(page: Colours, margin: int) -> Colours:
    """The page with a margin of the colour of its corners."""
    corners = np.stack([page[a, b] for a in (0, -1) for b in (0, -1)])
    out = np.empty((page.shape[0] + 2 * margin, page.shape[1] + 2 * margin, 3), dtype=np.uint8)
    out[:] = np.median(corners, axis=0).astype(np.uint8)
    out[margin:-margin, margin:-margin] = page
    return out


def _rough(page: Colours) -> list[tuple[float, float, float]]:
    """Candidates (x, y, radius) in pixels of the page, best first: edges vote for the middle they point at."""
    small, factor = _shrunk(page, _WORK)
    pieces = [(x0 * factor, y0 * factor, r * factor) for x0, y0, r in _pieces(small)]
    y, x, down, right = _edges(ndimage.gaussian_filter(small, (0.7, 0.7, 0)), _EDGES)
    if len(x) < 30:
        return pieces
    rows, columns = small.shape[:2]
    least = max(_LEAST_PIXELS / factor, _LEAST_PART * max(rows, columns), 6.0)
    radii = np.arange(least, 0.52 * min(rows, columns) + 1, 1.0, dtype=np.float32)
    smooth = _votes((y, x, down, right), radii, (rows, columns))
    peaks = np.argwhere((smooth == ndimage.maximum_filter(smooth, 7)) & (smooth > 0))
    order = np.argsort([-smooth[tuple(p)] for p in peaks], kind="stable")[:_PEAKS]
    found = []
    for row, column in peaks[order]:
        for radius, support in _radii_at(float(column), float(row), (y, x, down, right), radii):
            found.append((support * radius**0.5, float(column), float(row), radius))
    found.sort(reverse=True)
    return [*pieces, *(((x0 + 0.5) * factor, (y0 + 0.5) * factor, r * factor) for _, x0, y0, r in found)]


def _pieces(small: Floats) -> list[tuple[float, float, float]]:
    """Middle and half size of all that is as high as wide and stands free on the ground of the corners."""
    corners = np.stack([small[a, b] for a in (0, -1) for b in (0, -1)])
    labels, _ = ndimage.label(np.abs(small - np.median(corners, axis=0)).max(axis=2) > _JUMP)
    found = []
    for rows, columns in ndimage.find_objects(labels):
        height, width = rows.stop - rows.start, columns.stop - columns.start
        if min(height, width) >= 12 and abs(height - width) < 0.12 * max(height, width):
            found.append(((columns.start + columns.stop) / 2, (rows.start + rows.stop) / 2, (height + width) / 4))
    return sorted(found, key=lambda piece: -piece[2])[:12]


def _shrunk(page: Colours, most: int) -> tuple[Floats, float]:
    """The page with at most so many pixels a side, and by how much it was shrunk."""
    factor = max(1.0, max(page.shape[:2]) / most)
    size = (max(8, round(page.shape[1] / factor)), max(8, round(page.shape[0] / factor)))
    return np.asarray(Image.fromarray(page).resize(size, Image.Resampling.BOX), dtype=np.float32), factor


def _votes(edges: tuple[Floats, ...], radii: Floats, shape: tuple[int, ...]) -> Floats:
    """How many edges point at each pixel from one of these distances, a little smoothed."""
    y, x, down, right = edges
    rows, columns = shape
    votes = np.zeros(rows * columns, dtype=np.float32)
    for sign in (-1.0, 1.0):
        to_x = (x[:, None] + sign * right[:, None] * radii).round().astype(np.int32)
        to_y = (y[:, None] + sign * down[:, None] * radii).round().astype(np.int32)
        kept = (to_x >= 0) & (to_x < columns) & (to_y >= 0) & (to_y < rows)
        votes += np.bincount((to_y * columns + to_x)[kept], minlength=rows * columns).astype(np.float32)
    return np.asarray(ndimage.gaussian_filter(votes.reshape(rows, columns), 1.2))


def _edges(small: Floats, most: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Places (row, column) of the strongest edges and the unit vector (down, right) of their steepest ascent."""
    down = ndimage.sobel(small, axis=0, mode="nearest")
    right = ndimage.sobel(small, axis=1, mode="nearest")
    strength = np.hypot(down, right)
    channel = strength.argmax(axis=2)[..., None]
    down, right, strength = (np.take_along_axis(a, channel, axis=2)[..., 0] for a in (down, right, strength))
    flat = strength.ravel()
    least = 60.0 if flat.size <= most else max(60.0, float(np.partition(flat, -most)[-most]))
    y, x = np.nonzero(strength > least)
    size = strength[y, x]
    places = (y, x, down[y, x] / size, right[y, x] / size)
    first, second, third, fourth = (np.asarray(part, dtype=np.float32) for part in places)
    return first, second, third, fourth


def _radii_at(x0: float, y0: float, edges: tuple[Floats, ...], radii: Floats) -> list[tuple[float, float]]:
    """Radii (with the part of the circumference that has an edge) around a middle, up to three."""
    y, x, down, right = edges
    dx, dy = x - x0, y - y0
    reach = np.hypot(dx, dy)
    along = np.abs(dx * right + dy * down) > 0.88 * np.maximum(reach, 1e-6)
    along &= (reach >= radii[0] - 1) & (reach <= radii[-1] + 1)
    if along.sum() < 20:
        return []
    sector = ((np.degrees(np.arctan2(dy[along], dx[along])) % 360) / 7.5).astype(int) % 48
    ring = reach[along].round().astype(int)
    seen = np.zeros((int(radii[-1]) + 4, 48), dtype=bool)
    seen[ring, sector] = True
    wide = seen.copy()
    wide[1:] |= seen[:-1]
    wide[:-1] |= seen[1:]
    support = wide.mean(axis=1)
    best = [r for r in np.argsort(-support, kind="stable")[:80] if support[r] > 0.42]
    kept: list[tuple[float, float]] = []
    for r in best:
        if all(abs(r - other) > 3 for other, _ in kept):
            kept.append((float(r), float(support[r])))
    return kept[:7]


def _refined(page: Colours, x: float, y: float, radius: float) -> Circle | None:
    """Centre and radius to a part of a pixel from where the background begins; None where there is no even one."""
    for loose in (3.0, 1.5, 1.0):
        low, high = 0.80 * radius - 2, 1.18 * radius + 4
        places = np.linspace(low, high, _STEPS)
        lines = _sampled(page, x, y, places, fine=loose < 2)
        outside = places > 1.06 * radius + 1
        ground = np.median(lines[:, outside].reshape(-1, 3), axis=0)
        apart = np.abs(lines - ground).max(axis=2)
        if (apart[:, outside] < 40).mean() < 0.6:
            return None
        # the outermost place that differs, over at least two samples, from the background
        differs = apart > _JUMP
        differs &= np.roll(differs, 1, axis=1)
        differs[:, places > 1.10 * radius + 3] = False
        last = _STEPS - 1 - differs[:, ::-1].argmax(axis=1)
        seen = differs.any(axis=1)
        if seen.mean() < 0.45:
            return None
        step = places[1] - places[0]
        rim = places[last] + 0.5 * step
        kept, shift = _fitted(rim, seen, loose * max(1.2, 0.012 * radius))
        x, y, radius = x + shift[1], y + shift[2], float(shift[0])
        if radius < _LEAST_PIXELS * 0.8 or kept.mean() < 0.4:
            return None
    if not _sharp(apart, kept, last):
        return None
    return Circle(x=x, y=y, radius=radius, support=float(kept.mean()))


def _sampled(page: Colours, x: float, y: float, places: NDArray[np.float64], *, fine: bool) -> Floats:
    """Colours along rays, shape (angles, places, 3); of the nearest pixel, or between four."""
    across = x - 0.5 + np.cos(_AROUND)[:, None] * places
    below = y - 0.5 + np.sin(_AROUND)[:, None] * places
    if not fine:
        column = np.clip(np.rint(across).astype(np.intp), 0, page.shape[1] - 1)
        row = np.clip(np.rint(below).astype(np.intp), 0, page.shape[0] - 1)
        return page[row, column].astype(np.float32)
    left = np.clip(np.floor(across).astype(np.intp), 0, page.shape[1] - 2)
    top = np.clip(np.floor(below).astype(np.intp), 0, page.shape[0] - 2)
    fx = np.clip(across - left, 0, 1).astype(np.float32)[..., None]
    fy = np.clip(below - top, 0, 1).astype(np.float32)[..., None]
    upper = page[top, left] * (1 - fx) + page[top, left + 1] * fx
    lower = page[top + 1, left] * (1 - fx) + page[top + 1, left + 1] * fx
    return np.asarray(upper * (1 - fy) + lower * fy)


def _fitted(
    rim: NDArray[np.float64], seen: NDArray[np.bool_], slack: float
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Rays that agree on one circle, and its radius and the shift of its middle."""
    model = np.column_stack([np.ones(_ANGLES), np.cos(_AROUND), np.sin(_AROUND)])
    kept = seen & (np.abs(rim - _mode(rim[seen], 3 * slack)) < 4 * slack)
    shift = np.array([float(np.median(rim[seen])), 0.0, 0.0])
    for width in (3.0, 2.0, 1.0):
        if kept.sum() < 24:
            return np.zeros(_ANGLES, dtype=bool), shift
        shift = np.linalg.lstsq(model[kept], rim[kept], rcond=None)[0]
        kept = seen & (np.abs(rim - model @ shift) < width * slack)
    return kept, shift


def _mode(values: NDArray[np.float64], width: float) -> float:
    """Middle of the window of this width that holds most values; of two alike the outer one."""
    ranked = np.sort(values)
    count = np.searchsorted(ranked, ranked + width, side="right") - np.arange(len(ranked))
    first = len(ranked) - 1 - int(np.argmax(count[::-1]))
    return float(np.median(ranked[first : first + int(count[first])]))


def _sharp(apart: Floats, kept: NDArray[np.bool_], last: NDArray[np.intp]) -> bool:
    """Whether the colour jumps at the rim, as it does not around a heart in a slice."""
    rays = np.flatnonzero(kept)
    inner = np.maximum(last[rays][:, None] - np.arange(1, 12), 0)
    deep = apart[rays[:, None], inner].max(axis=1)
    near = apart[rays[:, None], np.maximum(last[rays][:, None] - np.arange(0, 5), 0)].max(axis=1)
    return float(np.mean(near > 0.55 * deep)) > 0.6 and float(np.median(near)) > 60
