"""Which way a heart lies, read from the image itself: for files whose header is silent, and against those that lie.

Two signs. The apex is closed and the base is open. Around the wall stands the right ventricle: its wall leaves the
septal side at an anterior and a (hotter) inferior insertion and bows out around a darker cavity, the liver lies below,
and the basal septum is thin and short. The second sign is a template made from that description, compared under all eight ways of laying a
slice; handedness, where the header tells it, leaves four.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .frame import Floats, counts_at
from .locate import Image
from .surface import SECTORS, Surface

BEYOND_MM = np.arange(10.0, 40.0, 5.0)
QUARTER = SECTORS // 4
LEAST_LIKENESS = 0.30
LEAST_MARGIN = 0.17
LEAST_MARGIN_UNTOLD = 0.25
CONTRADICTION = 0.45
CLOSED_RATIO = 0.87


@dataclass(frozen=True, kw_only=True)
class Turn:
    """How to lay stored slices right: quarter turns counter-clockwise, then rows upside down or not."""

    quarters: int
    mirrored: bool


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The likeliest turn, its likeness to the template (correlation, -1..1), how far the next lies behind, and how
    far the stored way lies behind."""

    turn: Turn
    likeness: float
    margin: float
    behind: float


def surroundings(surface: Surface, image: Image, spacing_mm: tuple[float, float, float]) -> Floats:
    """Counts in and around the wall by angle, shares of the wall's: 7 rows of the middle, 7 of the base."""
    end = max(int(surface.end_row), surface.cap_rows + 2)
    middle = (surface.cap_rows + end) // 2
    points = surface.rays.points(surface.radius_mm[..., None] + BEYOND_MM)
    rows = []
    for part in (slice(surface.cap_rows, middle), slice(middle, end + 1)):
        rows.append(np.nan_to_num(counts_at(image, spacing_mm, points[part])).mean(axis=0).T)
        rows.append(np.nan_to_num(surface.wall[part]).mean(axis=0)[None])
    around: Floats = np.concatenate(rows) / surface.reference
    return around


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
    return rows - rows.mean(axis=1, keepdims=True)


def _turned(rows: Floats, turn: Turn) -> Floats:
    turned: Floats = np.roll(rows, QUARTER * turn.quarters, axis=1)
    return turned[:, -np.arange(SECTORS) % SECTORS] if turn.mirrored else turned


def judge(rows: Floats, *, mirrored: bool | None) -> Verdict:
    """Compare surroundings under every turn (``mirrored`` None: handedness untold, all eight)."""
    told = (False, True) if mirrored is None else (mirrored,)
    turns = [Turn(quarters=q, mirrored=m) for m in told for q in range(4)]
    centred = rows - rows.mean(axis=1, keepdims=True)
    norm = float(np.linalg.norm(centred) * np.linalg.norm(_template())) or 1.0
    likeness = [float((_turned(centred, t) * _template()).sum()) / norm for t in turns]
    order = np.argsort(likeness)[::-1]
    best, second = likeness[order[0]], likeness[order[1]]
    return Verdict(turn=turns[order[0]], likeness=best, margin=best - second, behind=best - likeness[0])


def lay(image: Image, turn: Turn) -> Image:
    """Turn every slice of an image (slice, row, column)."""
    turned = np.rot90(image, turn.quarters, axes=(1, 2))
    return np.ascontiguousarray(turned[:, ::-1] if turn.mirrored else turned)
