"""Tables that say of each picture what it shows: one column names pictures, others answer questions with 0 or 1."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...core.errors import RefusedError
from ..cells import guard, unguard
from ..files import write_text
from ..picture_file import read_bytes

IMAGE_COLUMNS = ("image", "picture", "file", "filename", "file_name", "image_name", "name")
"""Headers that name pictures, the first that is there."""
NO_QUESTION = ("patient_id", "study_id", "state", "view", "slice", "position", "frame", "group", "mask")
BARE = ("label", "class", "target")
"""Headers that answer a question without naming it."""
_MOST_BYTES, _MOST_ROWS = 20_000_000, 200_000


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """Pictures of a table in its order. answers : question to 0, 1 or NaN of each. cells : every column, as text."""

    images: tuple[str, ...]
    answers: Mapping[str, NDArray[np.float64]]
    cells: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)


def read_labels(path: Path, question: str = "ischaemia") -> Labelled:
    """Read a table of pictures (CSV, UTF-8, separated by comma, semicolon or tab).

    A column ``image`` (``picture``, ``file``, ``filename`` ...) names pictures. Every other column that holds nothing
    but 0, 1 and empty cells answers the question it is called by (without ``label_`` in front); one called ``label``,
    ``class`` or ``target`` answers ``question``. Two columns without a header are a picture and its answer.
    RefusedError: no such table, a picture twice, a column ``label`` with anything but 0 and 1, rows of another length.
    """
    rows = table_rows(path)
    header = [cell.strip().lower() for cell in rows[0]]
    named = next((name for name in IMAGE_COLUMNS if name in header), None)
    if named is None and len(header) == 2 and header[1] in ("0", "1"):
        header, rows, named = ["image", "label"], [["image", "label"], *rows], "image"
    if named is None:
        came = f"the columns {', '.join(header)[:120]}"
        raise _refused(path, "a table of pictures has a column 'image'", came, "name the column of pictures so")
    if len(set(header)) < len(header):
        raise _refused(path, "every column has its own name", ", ".join(header)[:120], "name them apart")
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise _refused(path, f"row {number} has {len(header)} cells", len(row), "correct the row")
    cells = {name: tuple(unguard(row[k].strip()) for row in rows[1:]) for k, name in enumerate(header)}
    images = cells[named]
    if not images or "" in images or len(set(images)) < len(images):
        twice = next((name for name in images if images.count(name) > 1), "none")
        raise _refused(path, "a table names every picture once", repr(twice), "correct the column of pictures")
    answers = {}
    for name, column in cells.items():
        if name == named or name in NO_QUESTION or name in IMAGE_COLUMNS:
            continue
        odd = next((cell for cell in column if cell not in ("", "0", "1")), None)
        if name in BARE and odd is not None:
            raise _refused(path, f"the column {name} holds 0 and 1", repr(odd[:60]), "write 1 for yes and 0 for no")
        if _binary(column):
            key = question if name in BARE else name.removeprefix("label_")
            answers[key] = np.array([float(cell) if cell else np.nan for cell in column])
    return Labelled(images=images, answers=answers, cells=cells)


def write_labels(path: Path, images: Sequence[str], columns: Mapping[str, Sequence[object]]) -> Path:
    """Write a table of pictures: ``image`` and the given columns, one cell a picture; None is an empty cell."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["image", *columns])
    for image, *cells in zip(images, *columns.values(), strict=True):
        writer.writerow([guard(image), *("" if cell is None else guard(str(cell)) for cell in cells)])
    return write_text(path, text.getvalue())


def table_rows(path: Path) -> list[list[str]]:
    """Rows of a table as text, blank ones left out; commas, semicolons or tabs, whichever the header has most of."""
    try:
        text = read_bytes(path, _MOST_BYTES).decode("utf-8-sig")
        first = text.partition("\n")[0]
        mark = max(",;\t", key=first.count)
        rows = [row for row in csv.reader(StringIO(text, newline=""), delimiter=mark, strict=True) if any(row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise _refused(path, "a table is text in UTF-8, separated by commas", error, "save it as CSV UTF-8") from None
    if not 0 < len(rows) <= _MOST_ROWS:
        raise _refused(path, f"a table has 1 to {_MOST_ROWS} rows", len(rows), "write one row a picture")
    return rows


def _binary(column: tuple[str, ...]) -> bool:
    return set(column) <= {"", "0", "1"} and set(column) != {""}


def _refused(path: Path, rule: str, came: object, do: str) -> RefusedError:
    return RefusedError(path, rule=rule, came=came, do=do)
