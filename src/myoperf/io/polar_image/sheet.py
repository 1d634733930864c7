"""A page made ready for searching: its ground, the pieces that stand out of it, and the writing."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from .circles import Circle
from .colours import Colours, Floats
from .glyphs import Glyph, find_glyphs

_MOST = 1200
_APART = 30


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A page of at most 1200 pixels a side. factor : pixels of the picture as stored for one of ``pixels``."""

    pixels: Colours = field(repr=False)
    factor: float
    apart: NDArray[np.uint8] = field(repr=False)
    labels: NDArray[np.int32] = field(repr=False)


def sheet_of(page: Colours) -> Sheet:
    """Shrink a page if it is large and tell what stands out of its ground."""
    factor = max(1.0, max(page.shape[:2]) / _MOST)
    if factor > 1:
        size = (round(page.shape[1] / factor), round(page.shape[0] / factor))
        page = np.asarray(Image.fromarray(page).resize(size, Image.Resampling.BOX))
    ground = _ground(page)
    apart = np.abs(page.astype(np.int16) - ground.astype(np.int16)).max(axis=2).astype(np.uint8)
    labels, _ = ndimage.label(apart > _APART, np.ones((3, 3), dtype=int))
    return Sheet(pixels=page, factor=factor, apart=apart, labels=labels.astype(np.int32))


def _ground(page: Colours) -> Colours:
    """The commonest colour."""
    part = page[::3, ::3].reshape(-1, 3)
    coarse = (part >> 3).astype(np.int32)
    key = (coarse[:, 0] << 10) | (coarse[:, 1] << 5) | coarse[:, 2]
    most = np.bincount(key).argmax()
    return np.asarray(np.median(part[key == most], axis=0).astype(np.uint8))


def writing(sheet: Sheet, circles: tuple[Circle, ...]) -> tuple[Glyph, ...]:
    """Signs outside the discs."""
    most = float(np.clip(0.06 * max(sheet.pixels.shape[:2]), 24, 60))
    ink: Floats = sheet.apart.astype(np.float32)
    rows, columns = np.arange(ink.shape[0])[:, None], np.arange(ink.shape[1])
    for circle in circles:
        near = np.hypot(columns + 0.5 - circle.x, rows + 0.5 - circle.y) <= 1.015 * circle.radius
        ink[near] = 0
    found = find_glyphs(np.clip(ink / 160.0, 0, 1), most)
    return tuple(g for g in found if g.height <= 0.05 * max(ink.shape) + 12)


def cut_out(sheet: Sheet, circle: Circle, size: int) -> Colours:
    """The square picture of a disc, size x size."""
    x, y, r = circle.x, circle.y, circle.radius
    rows, columns = sheet.pixels.shape[:2]
    margin = int(np.ceil(max(0.0, r - x, r - y, x + r - columns, y + r - rows)))
    left, top = max(0, int(x - r) - 2), max(0, int(y - r) - 2)
    part = sheet.pixels[top : int(y + r) + 4, left : int(x + r) + 4]
    if margin:
        part = np.pad(part, ((margin,) * 2, (margin,) * 2, (0, 0)), mode="edge")
        left, top = left - margin, top - margin
    box = (x - r - left, y - r - top, x + r - left, y + r - top)
    box = (max(box[0], 0), max(box[1], 0), min(box[2], part.shape[1]), min(box[3], part.shape[0]))
    how = Image.Resampling.BOX if 2 * r > 1.3 * size else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(part).resize((size, size), how, box=box))
