"""Which pictures a folder or a table holds, and what is told of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..core.errors import RefusedError
from .labelme.annotated import beside
from .picture_file import SUFFIXES
from .tomogram.labels import Labelled, read_labels

MOST_PICTURES = 20_000


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Pictures by name, in order, and what a table tells: answers for each (0, 1, NaN), millimetres between pixels."""

    pictures: Mapping[str, Path]
    answers: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    spacing_mm: tuple[float, float] | None = None


def list_folder(folder: Path, question: str) -> Listing:
    """All pictures (PNG, JPEG) of a folder and of the folders in it, by path; hidden ones are passed over.

    Tables of labels in the folder itself (``.csv`` with a column of pictures) are read; they name pictures by file
    name, with or without the suffix. RefusedError: no pictures, two of one stem, links out of the folder, a table that
    names a picture which is not there, two tables that name one.
    """
    found = files_of(folder, SUFFIXES)
    if not found:
        raise RefusedError(folder, rule="a folder of pictures holds PNG or JPEG", came="none", do="check the path")
    answers: dict[str, NDArray[np.float64]] = {}
    by_stem = stems(folder, found)
    told: set[str] = set()
    for table in sorted(folder.glob("*.csv")):
        labelled = read_labels(table, question)
        names = [_named(table, image, found, by_stem) for image in labelled.images]
        if told.intersection(names):
            came = f"{min(told.intersection(names))} in several tables"
            raise RefusedError(table, rule="one table labels a picture", came=came, do="keep one of them")
        told.update(names)
        places = [list(found).index(name) for name in names]
        for key, values in labelled.answers.items():
            answers.setdefault(key, np.full(len(found), np.nan))[places] = values
    return Listing(pictures=found, answers=answers)


def list_index(table: Path, inside: str, question: str) -> Listing:
    """The pictures of a table, by the path that it gives relative to itself.

    inside : rows of this study or patient only (columns ``study_id``, ``patient_id``); "" for all. RefusedError: as
    ``read_labels``; a picture that is not there or lies outside the table's folder; no row of that study.
    """
    labelled = read_labels(table, question)
    rows = np.arange(len(labelled.images))
    if inside:
        rows = _rows_of(table, labelled, inside)
    pictures = {labelled.images[k]: beside(table, labelled.images[k]) for k in rows}
    answers = {key: values[rows] for key, values in labelled.answers.items()}
    return Listing(pictures=pictures, answers=answers, spacing_mm=_spacing(labelled, rows))


def files_of(folder: Path, suffixes: tuple[str, ...]) -> dict[str, Path]:
    """Files with these suffixes below a folder, by path relative to it, in order; links out of it are refused."""
    found: dict[str, Path] = {}
    root = folder.resolve()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.suffix.lower() not in suffixes or any(part.startswith(".") for part in name.parts):
            continue
        if not path.resolve().is_relative_to(root):
            raise RefusedError(path, rule="links stay in the folder", came="a link out of it", do="copy the file")
        found[name.as_posix()] = path
        if len(found) > MOST_PICTURES:
            raise RefusedError(
                folder, rule=f"a folder holds at most {MOST_PICTURES} pictures", came="more", do="split it"
            )
    return found


def stems(where: Path, found: Mapping[str, Path]) -> dict[str, str]:
    """Name without suffix to name. RefusedError where two pictures differ in their suffix only."""
    by_stem: dict[str, str] = {}
    for name in found:
        stem = stem_of(name)
        if stem in by_stem:
            came = f"{by_stem[stem]} and {name}"
            raise RefusedError(where, rule="pictures have names of their own", came=came, do="rename one")
        by_stem[stem] = name
    return by_stem


def stem_of(name: str) -> str:
    """A name without its last suffix."""
    return name[: -len(Path(name).suffix)] if Path(name).suffix else name


def _named(table: Path, image: str, found: Mapping[str, Path], by_stem: Mapping[str, str]) -> str:
    name = image.replace("\\", "/")
    if name in found:
        return name
    if name in by_stem:
        return by_stem[name]
    raise RefusedError(table, rule="a table names pictures of its folder", came=repr(image[:80]), do="correct the row")


def _spacing(labelled: Labelled, rows: NDArray[np.intp]) -> tuple[float, float] | None:
    """What the column ``pixel_mm`` tells of all these rows; None where they do not agree or it makes no sense."""
    cells = labelled.cells.get("pixel_mm", ())
    told = {cells[k] for k in rows} if cells else set()
    if len(told) != 1:
        return None
    try:
        mm = float(told.pop())
    except ValueError:
        return None
    return (mm, mm) if 0.01 <= mm <= 100 else None


def _rows_of(table: Path, labelled: Labelled, inside: str) -> NDArray[np.intp]:
    for column in ("study_id", "patient_id"):
        rows = np.array([k for k, cell in enumerate(labelled.cells.get(column, ())) if cell == inside], dtype=np.intp)
        if len(rows):
            return rows
    raise RefusedError(table, rule=f"rows of {inside!r} are there", came="none", do="check what stands behind #")
