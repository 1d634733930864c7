"""A cohort table as text: its values, and the reading of a CSV file under limits, nothing guessed, nothing coerced."""

import csv
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import RefusedError
from ..core.terms import Sex, Tracer
from .cells import unguard

if TYPE_CHECKING:
    import pandas as pd

MAX_TABLE_BYTES = 512 * 2**20
MAX_COLUMNS = 2_000

IDS = ("patient_id", "study_id")
SERIES_COLUMNS = ("stress", "rest", "stress_gated", "rest_gated")
FURTHER_COLUMNS = (
    "stress_ac",
    "rest_ac",
    "stress_second_position",
    "stress_projections",
    "rest_projections",
    "stress_gated_projections",
    "rest_gated_projections",
    "stress_mu",
    "rest_mu",
)
"""Files that stand beside a study's series and are not measured with them: attenuation-corrected short axis, stress in
a second position, projections, attenuation maps."""
PICTURE_COLUMNS = ("slices", "frames")
"""Pictures of a study that image-level systems look at: slices of the heart, frames of projections."""
FILE_COLUMNS = (*SERIES_COLUMNS, *FURTHER_COLUMNS, "stress_polar", "rest_polar", *PICTURE_COLUMNS, "mask")
_FIRST_ROW = 2


@dataclass(frozen=True, kw_only=True)
class CohortRow:
    """One study of one patient.

    row : number in the table as a spreadsheet counts (the header is row 1). stress, rest : absolute paths, None if the
    table names none; ``files`` holds them and those of all other file columns, ``inside`` what stands behind ``#`` in
    their cells (an array of a file, a state of a page). values : every other column, numbers where all values of the
    column are numbers, None where empty. source : the table and row, for messages.
    """

    row: int
    patient_id: str
    study_id: str
    tracer: Tracer | None = None
    sex: Sex | None = None
    stress: Path | None = None
    rest: Path | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    inside: Mapping[str, str] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """A table of studies. refused : one line for each broken rule, when it was read with ``strict=False``."""

    path: Path
    rows: tuple[CohortRow, ...]
    columns: tuple[str, ...]
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TextTable:
    """Cells as text, indexed by row number; ``broken`` lists rows whose number of cells is not the header's."""

    path: Path
    cells: "pd.DataFrame"
    broken: tuple[tuple[int, int], ...]


def read_text_table(path: Path | str) -> TextTable:
    """Read a comma-separated UTF-8 table, every cell as text, blank lines left out.

    Cells are trimmed, but for ids. Refused: no file, too large, another encoding or separator, columns that are
    missing, doubled or without a name.
    """
    import pandas as pd  # slow to load, and a process that only measures does not need it

    file = Path(path)
    rows = _csv_rows(file, _text_of(file))
    if not rows:
        raise RefusedError(file, rule="a cohort table has a header", came="an empty file", do="name the columns")
    header = [name.strip() for name in rows[0][1]]
    _check_header(file, header)
    body = [(number, cells) for number, cells in rows[1:] if any(cell.strip() for cell in cells)]
    broken = tuple((number, len(cells)) for number, cells in body if len(cells) != len(header))
    kept = [(number, cells) for number, cells in body if len(cells) == len(header)]
    table = pd.DataFrame([cells for _, cells in kept], columns=header, index=[n for n, _ in kept], dtype=object)
    for name in table.columns:
        trimmed = table[name] if name in IDS else table[name].str.strip()
        table[name] = trimmed.map(unguard)
    if table.empty and not broken:
        raise RefusedError(file, rule="a cohort table has rows", came="a header alone", do="write one row a study")
    return TextTable(path=file, cells=table, broken=broken)


def _text_of(file: Path) -> str:
    try:
        if file.stat().st_size > MAX_TABLE_BYTES:
            came = f"{file.stat().st_size / 2**20:.0f} MB"
            raise RefusedError(file, rule="a table has at most 512 MB", came=came, do="split the table")
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedError(
            file, rule="a table is UTF-8 text", came=f"byte {error.start} that is not", do="save as CSV UTF-8"
        ) from None
    except (OSError, ValueError) as error:
        raise RefusedError(file, rule="the table can be read", came=error, do="check the path") from None


def _csv_rows(file: Path, text: str) -> list[tuple[int, list[str]]]:
    try:
        return list(enumerate(csv.reader(StringIO(text, newline=""), strict=True), start=1))
    except csv.Error as error:
        raise RefusedError(file, rule="a table is comma-separated text", came=error, do="save it as CSV") from None


def _check_header(file: Path, header: list[str]) -> None:
    doubled = sorted({name for name in header if header.count(name) > 1}) if len(header) <= MAX_COLUMNS else []
    missing = [name for name in IDS if name not in header]
    faults = [
        (len(header) > MAX_COLUMNS, f"a table has at most {MAX_COLUMNS} columns", str(len(header))),
        (len(header) == 1 and re.search(r"[;\t|]", header[0]), "a table is comma-separated", f"{header[0][:60]!r}"),
        (bool(missing), f"the columns {' and '.join(IDS)} are there", f"no {' and no '.join(missing)}"),
        (bool(doubled), "every column has its own name", f"twice {', '.join(doubled)[:80]}"),
        ("" in header, "every column has a name", "a column without one"),
    ]
    for broken, rule, came in faults:
        if broken:
            raise RefusedError(file, rule=rule, came=came, do="correct the header of the table")


def named_file(table: Path, text: str) -> Path:
    """Absolute path of a file that a cell names relative to its table; an array name after ``#`` is left out."""
    return (table.parent / text.partition("#")[0]).absolute()


def named_inside(text: str) -> str:
    """What a cell names within its file, behind ``#``; "" for the whole file."""
    return text.partition("#")[2]


def typed_columns(table: "pd.DataFrame") -> dict[str, list[object]]:
    """Cells by column: numbers where every filled cell of a column is a plain number, None where empty."""
    return {name: _typed(table[name].tolist()) for name in table.columns}


_WHOLE, _DECIMAL = re.compile(r"-?(0|[1-9]\d*)"), re.compile(r"-?(0|[1-9]\d*)?(\.\d*)?([eE][-+]?\d+)?")


def _typed(cells: list[str]) -> list[object]:
    filled = [cell for cell in cells if cell]
    if filled and all(_WHOLE.fullmatch(cell) for cell in filled):
        return [int(cell) if cell else None for cell in cells]
    if filled and all(is_number(cell) and _DECIMAL.fullmatch(cell) for cell in filled):
        return [float(cell) if cell else None for cell in cells]
    return [cell or None for cell in cells]


def is_number(text: str) -> bool:
    """Whether text is a finite decimal number with a point, as a table writes it."""
    try:
        value = float(text)
    except ValueError:
        return False
    return math.isfinite(value) and text.isascii() and "_" not in text
