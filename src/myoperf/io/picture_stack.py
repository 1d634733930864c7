"""The pictures of one study with what is marked on them, from whatever a cell of a cohort table names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..core.errors import RefusedError
from .arrays import read_array

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class PictureStack:
    """All pictures of one study, of one size.

    names : one a picture, no two alike, as the file or the index names it. images : (pictures, rows, columns), or
    (pictures, rows, columns, 3) in colour; uint8 as drawn, float32 counts. labels : name of a question to the answer
    of every picture, (pictures,), NaN where there is none; ``ischaemia`` answers ``label_ischaemia`` of a target so
    called. masks : class of every pixel (0 = nothing marked), (pictures, rows, columns), or None where nothing is
    marked anywhere; ``marked`` tells which pictures somebody has looked at. spacing_mm : of rows and columns, if known.
    """

    names: tuple[str, ...]
    images: NDArray[np.generic] = field(repr=False)
    labels: Mapping[str, Floats] = field(default_factory=dict)
    masks: NDArray[np.uint8] | None = field(default=None, repr=False)
    marked: NDArray[np.bool_] | None = None
    spacing_mm: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What a cell of a cohort names: a file or folder, and what stands behind ``#``."""

    path: Path
    inside: str = ""


def read_stack(pictures: Cell, mask: Cell | None = None) -> PictureStack:
    """Read the pictures of a study, and the masks that another cell names.

    ``FILE.npz#ARRAY`` holds (pictures, rows, columns) and optionally a last axis of 3 colours; the mask is an array of
    that shape, bool or class numbers. RefusedError, one line, for anything else, for arrays that do not fit each other,
    and for a stack without pictures.
    """
    images = _array(pictures, np.float32)
    masks = None if mask is None else _array(mask, np.uint8)
    if masks is not None and masks.shape != images.shape[:3]:
        came = f"{masks.shape} for {images.shape}"
        raise RefusedError(
            (mask or pictures).path, rule="a mask for every picture, of its size", came=came, do="check both"
        )
    names = tuple(f"{number:04d}" for number in range(len(images)))
    marked = None if masks is None else np.ones(len(images), dtype=np.bool_)
    whole = None if masks is None else np.asarray(masks, dtype=np.uint8)
    return PictureStack(names=names, images=images, masks=whole, marked=marked)


def _array(cell: Cell, into: type[np.generic]) -> NDArray[np.generic]:
    found = read_array(cell.path, cell.inside, into=into)
    if found.ndim not in (3, 4):
        raise RefusedError(
            cell.path, rule="pictures are (pictures, rows, columns)", came=found.shape, do="check the array"
        )
    return found
