"""Signs of writing: where they stand, which way up they are, and which letters they may be."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from .colours import Floats
from .learnt import LETTERS, POSES, learnt

_SIDE = 16
_BODY = 14
_INK = 0.30
_LEAST_HEIGHT = 5


@dataclass(frozen=True, kw_only=True)
class Glyph:
    """One sign: middle and size of its box in pixels, and its ink, 0..1, brought to 16 x 16."""

    x: float
    y: float
    width: int
    height: int
    ink: Floats = field(repr=False)


def find_glyphs(ink: Floats, most: float, limit: int = 400, least_ink: float = _INK) -> tuple[Glyph, ...]:
    """Pieces of ink, 0..1, no larger than ``most`` pixels and no smaller than letters that can be read."""
    marks = ink > least_ink
    labels, count = ndimage.label(marks, np.ones((3, 3), dtype=int))
    if count == 0:
        return ()
    found = []
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        height, width = box[0].stop - box[0].start, box[1].stop - box[1].start
        if max(height, width) > most or max(height, width) < _LEAST_HEIGHT or min(height, width) < 2:
            continue
        patch = np.where(labels[box] == number, ink[box], 0.0)
        if (patch > least_ink).mean() > 0.92:
            continue
        found.append(
            Glyph(
                x=(box[1].start + box[1].stop) / 2,
                y=(box[0].start + box[0].stop) / 2,
                width=width,
                height=height,
                ink=boxed(patch.astype(np.float32)),
            )
        )
        if len(found) >= limit:
            break
    return tuple(found)


def boxed(patch: Floats) -> Floats:
    """A piece of ink in the middle of 16 x 16, its longer side 14."""
    height, width = patch.shape
    scale = _BODY / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = Image.fromarray(patch / max(float(patch.max()), 1e-6)).resize(size, Image.Resampling.BILINEAR)
    out = np.zeros((_SIDE, _SIDE), dtype=np.float32)
    top, left = (_SIDE - size[1]) // 2, (_SIDE - size[0]) // 2
    out[top : top + size[1], left : left + size[0]] = np.clip(np.asarray(small), 0, 1)
    return out


def pose_odds(glyphs: tuple[Glyph, ...]) -> NDArray[np.float64]:
    """Logarithm of the chance of each of ``POSES`` for every sign by itself, shape (signs, 8)."""
    if not glyphs:
        return np.zeros((0, len(POSES)))
    return learnt().glyph_poses(np.stack([g.ink.ravel() for g in glyphs]))


def letter_odds(glyphs: tuple[Glyph, ...]) -> NDArray[np.float64]:
    """Logarithm of the chance of each of ``LETTERS`` for signs that stand upright, shape (signs, letters)."""
    if not glyphs:
        return np.zeros((0, len(LETTERS)))
    return learnt().glyph_letters(np.stack([g.ink.ravel() for g in glyphs]))
