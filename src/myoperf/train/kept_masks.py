"""Masks that a fit has marked, kept in its run folder: classes of its own parts, probabilities of the test part."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from myoperf.core.errors import RefusedError
from myoperf.io.files import write_bytes

Classes = NDArray[np.uint8]
Chances = NDArray[np.uint8]
Post = Literal["none", "largest component"]

FULL = 255
_EVERY_NEIGHBOUR = np.ones((3, 3), dtype=bool)


def write_classes(path: Path, rows: Sequence[str], masks: Classes) -> Path:
    """Keep the class of every pixel of some rows, (rows, height, width); whole or not at all."""
    return _write(path, rows, masks)


def write_chances(path: Path, rows: Sequence[str], chances: NDArray[np.float32]) -> Path:
    """Keep the probability of every class above 0, (rows, classes - 1, height, width), in steps of 1 / 255."""
    return _write(path, rows, np.rint(chances * FULL).astype(np.uint8))


def read_kept(path: Path) -> Mapping[str, NDArray[np.uint8]]:
    """What was kept of every row; RefusedError where the file is not there or not whole."""
    try:
        with np.load(path, allow_pickle=False) as held:
            return dict(zip(held["rows"].tolist(), held["masks"], strict=True))
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        do = "remove the fit's files in folds/ and run again"
        raise RefusedError(path, rule="kept masks can be read", came=error, do=do) from None


def mean_masks(models: Sequence[Mapping[str, Chances]]) -> dict[str, Classes]:
    """Class of every pixel by the mean probability over the models, by row."""
    rows = dict.fromkeys(row for model in models for row in model)
    return {row: class_of(np.mean([model[row] for model in models if row in model], axis=0) / FULL) for row in rows}


def class_of(chances: NDArray[np.floating]) -> Classes:
    """The most likely class from the probabilities of those above 0, (..., classes - 1, height, width)."""
    nothing = 1 - chances.sum(axis=-3, keepdims=True)
    named: Classes = np.concatenate([nothing, chances], axis=-3).argmax(axis=-3).astype(np.uint8)
    return named


def post_processed(mask: Classes, post: Post) -> Classes:
    """A mask of one picture after its last step: as it is, or only the largest part that hangs together, corners too;
    of equal ones the first."""
    if post == "none" or not mask.any():
        return mask
    parts, count = ndimage.label(mask > 0, structure=_EVERY_NEIGHBOUR)
    if count < 2:
        return mask
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    return np.where(parts == int(sizes.argmax()), mask, 0).astype(np.uint8)


def _write(path: Path, rows: Sequence[str], masks: NDArray[np.uint8]) -> Path:
    stream = io.BytesIO()
    np.savez_compressed(stream, rows=np.array(rows, dtype=np.str_), masks=masks)
    return write_bytes(path, stream.getvalue())
