"""Whole folders: Labelme files to mask pictures, and mask pictures to Labelme files."""

from pathlib import Path

import numpy as np

from ...core.errors import MyoperfError, RefusedError
from ...core.progress import Progress, silent
from ..files import write_bytes, write_text
from ..masks import read_mask
from ..picture_file import png_bytes
from .annotated import read_annotated
from .file import NoLabelmeError, read, write
from .outline import annotation_of

CLASSES = "classes.csv"


def folder_to_masks(
    folder: Path, out: Path, classes: tuple[str, ...] = (), progress: Progress = silent
) -> tuple[int, tuple[str, ...]]:
    """Write a PNG of class numbers for every Labelme file below a folder, at the same place below ``out``.

    classes : labels in the order of their numbers 1, 2, ...; by default all labels of the folder, by name. Numbers are
    told in ``classes.csv``. Later shapes lie over earlier ones. Gives the number of masks, and a line for every
    file refused. RefusedError where there is no Labelme file at all, or more than 255 labels.
    """
    found, refused = _labelme_files(folder)
    if not found:
        came = refused[0] if refused else "none"
        raise RefusedError(folder, rule="a folder has Labelme files", came=came, do="check the path")
    labels = classes or tuple(sorted({label for _, each in found for label in each}))
    if len(labels) > 255:
        raise RefusedError(
            folder, rule="a mask holds at most 255 classes", came=len(labels), do="name the labels alike"
        )
    numbers = {label: number for number, label in enumerate(labels, start=1)}
    done = 0
    for number, (path, _) in enumerate(found, start=1):
        try:
            pixels = read_annotated(path).classes(numbers)
            write_bytes(out / path.relative_to(folder).with_suffix(".png"), png_bytes(pixels))
            done += 1
        except MyoperfError as error:
            refused.append(str(error))
        progress("masks", number, len(found))
    write_text(out / CLASSES, "class,label\n" + "".join(f"{k},{_cell(label)}\n" for label, k in numbers.items()))
    return done, tuple(refused)


def folder_to_outlines(
    folder: Path, out: Path, labels: tuple[str, ...] = (), progress: Progress = silent
) -> tuple[int, tuple[str, ...]]:
    """Write a Labelme file (version 5) for every mask PNG below a folder; polygons are drawn as exactly the mask.

    labels : names of the classes 1, 2, ...; a class without one is called by its number; 255 alone is class 1. The
    picture that a file names has the mask's own name. Gives the number of files, and a line for every mask refused.
    """
    paths = sorted(path for path in folder.rglob("*.png") if not path.is_symlink())
    refused, done = [], 0
    for number, path in enumerate(paths, start=1):
        try:
            mask = read_mask(path)
            values = [int(value) for value in np.unique(mask) if value]
            names = {value: _named(value, values, labels) for value in values}
            marked = {name: mask == value for value, name in names.items()} or {"": mask > 0}
            write(out / path.relative_to(folder).with_suffix(".json"), annotation_of(marked, path.name))
            done += 1
        except MyoperfError as error:
            refused.append(str(error))
        progress("outlines", number, len(paths))
    if not done:
        came = refused[0] if refused else "none"
        raise RefusedError(folder, rule="a folder has masks as PNG", came=came, do="check the path")
    return done, tuple(refused)


def _labelme_files(folder: Path) -> tuple[list[tuple[Path, list[str]]], list[str]]:
    """Labelme files and their labels; other programs' JSON is passed over."""
    found, refused = [], []
    for path in sorted(folder.rglob("*.json")):
        if path.is_symlink():
            continue
        try:
            found.append((path, [shape.label for shape in read(path).shapes]))
        except NoLabelmeError:
            continue
        except MyoperfError as error:
            refused.append(str(error))
    return found, refused


def _named(value: int, values: list[int], labels: tuple[str, ...]) -> str:
    place = 1 if values == [255] else value
    return labels[place - 1] if place <= len(labels) else str(place)


def _cell(label: str) -> str:
    return '"' + label.replace('"', '""') + '"' if any(c in label for c in ',"\n\r') else label
