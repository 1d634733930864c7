"""Which way a heart lies, read from the image itself: for files whose header is silent, and against those that lie.

Two signs. The apex is closed and the base is open. Around the wall stands the right ventricle: its wall leaves the
septal side at an anterior and a (hotter) inferior insertion and bows out around a darker cavity, the liver lies below,
and the basal septum is thin and short. The second sign is a template made from that description, compared under all
eight ways of laying a slice; handedness, where the header tells it, leaves four.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .frame import Floats, counts_at
from .locate import Image
from .surface import SECTORS, Surface

BEYOND_MM = np.arange(10.0, 40.0, 5.0)
QUARTER = SECTORS // 4
WALL_ROWS = np.tile(np.arange(len(BEYOND_MM) + 1) == len(BEYOND_MM), 2)
"""Rows of the surroundings that hold the wall itself: the last of either half."""
LEAST_LIKENESS = 0.30
LEAST_MARGIN = 0.15
LEAST_MARGIN_UNTOLD = 0.25
CONTRADICTION, ELSEWHERE = 0.75, 0.50
AGREEMENT = 0.05
CLOSED_RATIO, CLEARLY_CLOSED = 0.87, 1.6


@dataclass(frozen=True, kw_only=True)
class Turn:
    """How to lay stored slices right: quarter turns counter-clockwise, then rows upside down or not."""

    quarters: int
    mirrored: bool


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The likeliest turn, its likeness to the template (correlation, -1..1), how far the next lies behind, how far the
    stored way lies behind, and whether the counts beyond the wall alone say the same (a large defect does not)."""

    turn: Turn
    likeness: float
    margin: float
    behind: float
    agreed: bool


def surroundings(surface: Surface, image: Image, spacing_mm: tuple[float, float, float]) -> Floats:
    """Counts in and around the wall by angle, shares of the wall's: 7 rows of the middle, 7 of the base."""
    end = max(int(surface.end_row), surface.cap_rows + 2)
    middle = (surface.cap_rows + end) // 2
    points = surface.rays.points(surface.radius_mm[..., None] + BEYOND_MM)
    rows = []
    for part in (slice(surface.cap_rows, middle), slice(middle, end + 1)):
        rows.append(_known_mean(counts_at(image, spacing_mm, points[part])).T)
        rows.append(_known_mean(surface.wall[part])[None])
    around: Floats = np.concatenate(rows) / surface.reference
    return around


def _known_mean(counts: Floats) -> Floats:
    """Mean over the first axis of what lies in the field; NaN where less than half does. Masked fields hold zeros."""
    known = np.isfinite(counts) & (counts > 0)
    total = np.where(known, counts, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.where(known.mean(axis=0) >= 0.5, total, np.nan)


@lru_cache(maxsize=1)
def _template() -> Floats:
    """The same rows for a heart laid right, from anatomy: angles of the insertions, depth of the cavity."""
    angle = np.arange(SECTORS) * 360.0 / SECTORS

    def bump(centre: float, width: float) -> Floats:
        gap = (angle - centre + 180) % 360 - 180
        around: Floats = np.exp(-(gap**2) / (2 * width**2))
        return around

    def depth(centre: float, width: float) -> Floats:
        shell: Floats = np.exp(-((BEYOND_MM - centre) ** 2) / (2 * width**2))[:, None]
        return shell

    inferior, anterior, septum, liver = bump(235, 20), bump(128, 18), bump(180, 35), bump(250, 40)
    free_wall = 0.10 * depth(32, 8) * septum
    cavity = 0.05 * depth(13, 7) * septum
    below = 0.05 * depth(32, 10) * liver
    middle = 0.15 * depth(18, 11) * inferior + 0.085 * depth(17, 10) * anterior + free_wall - cavity + below
    base = 0.095 * depth(19, 11) * inferior + 0.02 * depth(17, 10) * anterior + 0.65 * free_wall - 0.5 * cavity + below
    thin = 0.12 * depth(11.5, 8) * septum
    lateral = np.cos(np.radians(angle))[None]
    rows = np.concatenate([middle, 0.05 * lateral, base - thin, 0.19 * lateral])
    template: Floats = rows - rows.mean(axis=1, keepdims=True)
    return template


def _turned(rows: Floats, turn: Turn) -> Floats:
    turned: Floats = np.roll(rows, QUARTER * turn.quarters, axis=1)
    return turned[:, -np.arange(SECTORS) % SECTORS] if turn.mirrored else turned


def judge(rows: Floats, *, mirrored: bool | None) -> Verdict:
    """Compare surroundings under every turn (``mirrored`` None: handedness untold, all eight)."""
    told = (False, True) if mirrored is None else (mirrored,)
    turns = [Turn(quarters=q, mirrored=m) for m in told for q in range(4)]
    likeness = _likeness(rows, turns)
    beyond = _likeness(np.where(WALL_ROWS[:, None], np.nan, rows), turns)
    order = np.argsort(likeness)[::-1]
    best, second = likeness[order[0]], likeness[order[1]]
    return Verdict(
        turn=turns[order[0]],
        likeness=best,
        margin=best - second,
        behind=best - likeness[0],
        agreed=max(beyond) - beyond[order[0]] <= AGREEMENT,
    )


def _likeness(rows: Floats, turns: Sequence[Turn]) -> list[float]:
    """Correlation with the template over all that is known, rows centred, for every turn."""
    found = []
    for turn in turns:
        turned = _turned(rows, turn)
        known = np.isfinite(turned)
        pair = [_centred(np.where(known, values, 0.0), known) for values in (turned, _template())]
        norm = float(np.linalg.norm(pair[0]) * np.linalg.norm(pair[1])) or 1.0
        found.append(float((pair[0] * pair[1]).sum()) / norm)
    return found


def _centred(values: Floats, known: NDArray[np.bool_]) -> Floats:
    mean = values.sum(axis=1, keepdims=True, where=known) / np.maximum(known.sum(axis=1, keepdims=True), 1)
    return np.where(known, values - mean, 0.0)


def lay(image: Image, turn: Turn) -> Image:
    """Turn every slice of an image (slice, row, column)."""
    turned = np.rot90(image, turn.quarters, axes=(1, 2))
    return np.ascontiguousarray(turned[:, ::-1] if turn.mirrored else turned)
