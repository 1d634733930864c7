"""What people marked on pictures: Labelme files, mask pictures and arrays, as class numbers of every pixel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..core.errors import RefusedError
from .labelme.annotated import read_annotated
from .labelme.file import LabelmeFile
from .masks import read_mask
from .picture_list import files_of, stem_of, stems

Classes = NDArray[np.uint8]
MARKED = 1
_TWO_TONE = 255


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What is marked on one picture. classes : (rows, columns), 0 where nothing is. answers : 0 or 1 by question."""

    classes: Classes = field(repr=False)
    answers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How outlines are read. normal_labels : what is no finding, in small letters. question : what any finding answers
    with yes, and none with no."""

    normal_labels: tuple[str, ...] = ("normal",)
    question: str = "ischaemia"


def marks_of_labelme(path: Path, picture: Path | None, reading: Reading) -> tuple[NDArray[np.uint8], Marks]:
    """A picture, upright, and what its Labelme file marks on it: class 1 for every shape that is not normal.

    Flags of the file that are true or false are answers too.
    """
    found = read_annotated(path, picture)
    classes = np.zeros(found.picture.shape[:2], dtype=np.uint8)
    for label, mask in found.masks.items():
        if _is_finding(label, reading):
            classes[mask] = MARKED
    return found.picture, Marks(classes=classes, answers=_answers(found.file, reading))


def mask_files(folder: Path, pictures: Mapping[str, Path]) -> dict[str, Path]:
    """The file of a folder of masks (PNG, Labelme JSON, ``.npy``) for each picture of the same stem, by picture.

    The folders of names need not be alike where stems are unique. RefusedError where no picture has a mask, or a mask
    no picture.
    """
    masks = stems(folder, files_of(folder, (".png", ".json", ".npy")))
    by_path = {stem_of(name): name for name in pictures}
    by_last: dict[str, list[str]] = {}
    for name in pictures:
        by_last.setdefault(Path(name).stem, []).append(name)
    found = {}
    for stem, name in masks.items():
        last = by_last.get(Path(stem).name, [])
        picture = by_path.get(stem) or (last[0] if len(last) == 1 else None)
        if picture is None:
            rule = "every mask has the stem of a picture"
            raise RefusedError(folder / name, rule=rule, came=f"{len(last)} such pictures", do="name it as its picture")
        found[picture] = folder / name
    if not found:
        raise RefusedError(folder, rule="a folder of masks holds PNG, JSON or .npy", came="none", do="check the path")
    return found


def mask_of(path: Path, picture: Path, size: tuple[int, int], reading: Reading) -> Classes:
    """The mask of one picture from a file of its own, (rows, columns) = ``size``, class numbers 0..255."""
    if path.suffix.lower() == ".json":
        return marks_of_labelme(path, picture, reading)[1].classes
    found = read_mask(path)
    if found.shape != size:
        raise RefusedError(
            path, rule=f"a mask has its picture's size {size}", came=found.shape, do="find the right one"
        )
    return class_numbers(path, found)


def class_numbers(path: Path, found: NDArray[np.generic]) -> Classes:
    """Class numbers of a mask; 0 and 255 alone mean no and yes."""
    values = np.asarray(found, dtype=np.int64)
    if set(np.unique(values).tolist()) <= {0, _TWO_TONE}:
        values = values // _TWO_TONE
    if values.max() > _TWO_TONE:
        raise RefusedError(path, rule="classes lie in 0..255", came=values.max(), do="write class numbers")
    return values.astype(np.uint8)


def _is_finding(label: str, reading: Reading) -> bool:
    return label.strip().lower() not in reading.normal_labels


def _answers(file: LabelmeFile, reading: Reading) -> dict[str, float]:
    answers = {name: float(flag) for name, flag in file.flags.items() if isinstance(flag, bool)}
    answers[reading.question] = float(any(_is_finding(shape.label, reading) for shape in file.shapes))
    return answers
