"""``predictions.csv``: anybody's predictions in, ours out."""

import csv
import io
from collections.abc import Iterable, Iterator
from math import isfinite
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError
from myoperf.core.predictions import COLUMNS, DEFAULTS, OPTIONAL, RULE, Predictions, is_number, lacking

from .cells import guard, unguard
from .files import write_text

_RULE = "a table is UTF-8 CSV, its cells separated by commas, no row longer than the first"
_WHOLE = frozenset({"repeat", "fold"})
_MISSING = frozenset({"", "nan", "na", "none", "null"})


def read_predictions(path: Path | str) -> Predictions:
    """Read a table of predictions as UTF-8 CSV with a header.

    Needed columns: ``patient_id, truth, score``, but for what ``core.predictions.lacking`` spares; the truth may be the
    name of a class. The others of ``core.predictions.COLUMNS`` take their defaults where
    they are absent or empty. Ids stay text ("001" is not "1"). An empty number is missing (NaN). Further columns are
    kept as text. Refused (RefusedError, one line): no table, an unnamed or doubled column, a row without a patient, a
    cell in a number column that is no finite number (the row and the column are named).
    """
    where = Path(path)
    table = _read_text(where)
    absent = lacking(table)
    if absent:
        raise RefusedError(
            where,
            rule=f"{RULE}, separated by commas",
            came=f"{', '.join(list(table)[:12])} (no {', '.join(absent)})",
            do="name the columns so",
        )
    if "truth" in table:
        table["truth"] = _class_numbers(table["truth"], [name for name in table if name.startswith("class_")])
    columns = {
        name: _numbers(where, name, cells) if is_number(name) else _texts(where, name, cells)
        for name, cells in table.items()
    }
    return Predictions(columns=columns)


def write_predictions(path: Path | str, predictions: Predictions) -> Path:
    """Write predictions as CSV, whole or not at all: numbers with all their digits, a missing number as an empty cell,
    text cells so that no spreadsheet runs them as a formula."""
    names = _order(predictions.columns)
    cells = [
        _number_cells(name, predictions[name]) if is_number(name) else _text_cells(predictions[name]) for name in names
    ]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([guard(name) for name in names])
    writer.writerows(zip(*cells, strict=True))
    return write_text(path, stream.getvalue())


def _read_text(where: Path) -> dict[str, tuple[str, ...]]:
    """Columns of trimmed text by name, with the header checked; blank lines are left out."""
    try:
        with where.open(encoding="utf-8-sig", newline="") as stream:
            rows = [row for row in csv.reader(stream, strict=True) if row]
    except (csv.Error, UnicodeDecodeError) as error:
        raise RefusedError(where, rule=_RULE, came=error, do="write it so") from None
    except OSError as error:
        raise RefusedError(where, rule="a file that can be read", came=error.strerror, do="check the path") from None
    if not rows:
        raise RefusedError(where, rule="a table has a header and rows", came="an empty file", do="give a CSV")
    header = [unguard(name.strip()) for name in rows[0]]
    doubled = sorted({name for name in header if header.count(name) > 1})
    if doubled or "" in header:
        came = f"{', '.join(doubled)} more than once" if any(doubled) else "a column without a name"
        raise RefusedError(where, rule="every column has a name of its own", came=came, do="rename it")
    if len(rows) == 1:
        raise RefusedError(where, rule="a table has rows", came="a header only", do="write one row a prediction")
    for number, row in enumerate(rows, start=1):
        if len(row) > len(header):
            raise RefusedError(f"{where} row {number}", rule=_RULE, came=f"{len(row)} cells", do="write it so")
    return dict(zip(header, _columns(rows[1:], len(header)), strict=True))


def _class_numbers(cells: tuple[str, ...], columns: list[str]) -> tuple[str, ...]:
    """Truths that name a class ("normal" beside ``class_normal``) as its number; all others as they are."""
    names = [column.removeprefix("class_") for column in columns]
    number = {name: str(place) for place, name in enumerate(names)}
    if any(name.isdigit() for name in names):
        return cells
    return tuple(number.get(cell, cell) for cell in cells)


def _columns(rows: list[list[str]], width: int) -> Iterator[tuple[str, ...]]:
    """Cells by column; a short row lacks its last cells, which are empty then."""
    for place in range(width):
        yield tuple(row[place].strip() if place < len(row) else "" for row in rows)


def _numbers(where: Path, name: str, cells: tuple[str, ...]) -> NDArray[np.generic]:
    default = float(str(DEFAULTS[name])) if name in DEFAULTS else np.nan
    values = [default if cell.lower() in _MISSING else _number(cell) for cell in cells]
    bad = [row for row, value in enumerate(values) if value is None]
    if bad:
        more = f" (and {len(bad) - 1} more rows)" if len(bad) > 1 else ""
        raise RefusedError(
            f"{where} row {bad[0] + 2}",
            rule=f"{name} is a number or empty",
            came=f"{cells[bad[0]]!r}{more}",
            do="write a finite number with a decimal point",
        )
    return np.array(values, dtype=np.float64)


def _number(cell: str) -> float | None:
    """A finite number as it is written in files; None for anything else."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if isfinite(value) and cell.isascii() and "_" not in cell else None


def _texts(where: Path, name: str, cells: tuple[str, ...]) -> NDArray[np.generic]:
    if name == "patient_id" and "" in cells:
        raise RefusedError(
            f"{where} row {cells.index('') + 2}",
            rule="every row has a patient_id",
            came="an empty cell",
            do="fill it in or leave the row out",
        )
    default = str(DEFAULTS.get(name, ""))
    return np.array([unguard(cell) if cell else default for cell in cells], dtype=np.str_)


def _order(names: Iterable[str]) -> list[str]:
    """Known columns first, then the classes as they come, for their place is their number, then the others by name."""
    there = list(names)
    classes = [n for n in there if n.startswith("class_")]
    known = {*COLUMNS, *OPTIONAL, *classes}
    others = sorted(n for n in there if n not in known)
    return [*COLUMNS, *(n for n in OPTIONAL if n in there), *classes, *others]


def _number_cells(name: str, column: NDArray[np.generic]) -> list[str]:
    values = [float(value) for value in np.asarray(column, dtype=np.float64)]
    return [_number_cell(value, whole=name in _WHOLE) for value in values]


def _number_cell(value: float, *, whole: bool) -> str:
    if np.isnan(value):
        return ""
    return str(int(value)) if whole and value.is_integer() else repr(value)


def _text_cells(column: NDArray[np.generic]) -> list[str]:
    return [guard(str(value)) for value in column]
