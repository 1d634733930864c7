"""``predictions.csv``: anybody's predictions in, ours out."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError
from myoperf.core.predictions import COLUMNS, DEFAULTS, OPTIONAL, REQUIRED, Predictions, is_number

from .cells import guard, unguard
from .files import write_text

_RULE = "a table is UTF-8 CSV, its cells separated by commas, no row longer than the first"
_WHOLE = frozenset({"repeat", "fold"})
_MISSING = frozenset({"", "nan", "na", "none", "null"})


def read_predictions(path: Path | str) -> Predictions:
    """Read a table of predictions as UTF-8 CSV with a header.

    Needed columns: ``patient_id, truth, score``; the others of ``core.predictions.COLUMNS`` take their defaults where
    they are absent or empty. Ids stay text ("001" is not "1"). An empty number is missing (NaN). Further columns are
    kept as text. Refused (RefusedError, one line): no table, an unnamed or doubled column, a row without a patient, a
    cell in a number column that is no finite number (the row and the column are named).
    """
    where = Path(path)
    table = _read_text(where)
    absent = [name for name in REQUIRED if name not in table.columns]
    if absent:
        raise RefusedError(
            where,
            rule=f"the columns {', '.join(REQUIRED)} must be there, separated by commas",
            came=f"{', '.join(map(str, table.columns[:12]))} (no {', '.join(absent)})",
            do="name the columns so",
        )
    columns: dict[str, NDArray[np.generic]] = {}
    for name in map(str, table.columns):
        columns[name] = _numbers(where, name, table[name]) if is_number(name) else _texts(where, name, table[name])
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


def _read_text(where: Path) -> pd.DataFrame:
    """The table with every cell as text, the header checked."""
    try:
        raw = pd.read_csv(where, dtype=str, keep_default_na=False, na_filter=False, header=None, encoding="utf-8-sig")
    except pd.errors.EmptyDataError:
        raise RefusedError(where, rule="a table has a header and rows", came="an empty file", do="give a CSV") from None
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        raise RefusedError(where, rule=_RULE, came=error, do="write it so") from None
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise RefusedError(where, rule="a file that can be read", came=error.strerror, do="check the path") from None
    header = [unguard(name.strip()) for name in raw.iloc[0]]
    doubled = sorted({name for name in header if header.count(name) > 1})
    if doubled or "" in header:
        came = f"{', '.join(doubled)} more than once" if any(doubled) else "a column without a name"
        raise RefusedError(where, rule="every column has a name of its own", came=came, do="rename it")
    if len(raw) == 1:
        raise RefusedError(where, rule="a table has rows", came="a header only", do="write one row a prediction")
    return raw.iloc[1:].set_axis(header, axis="columns")


def _numbers(where: Path, name: str, column: pd.Series) -> NDArray[np.generic]:
    text = column.str.strip()
    missing = text.str.lower().isin(_MISSING).to_numpy()
    values = pd.to_numeric(text.where(~missing, "nan"), errors="coerce").to_numpy(dtype=np.float64)
    bad = np.flatnonzero(~np.isfinite(values) & ~missing)
    if bad.size:
        raise RefusedError(
            f"{where} row {bad[0] + 2}",
            rule=f"{name} is a number or empty",
            came=f"{text.iloc[bad[0]]!r}" + (f" (and {bad.size - 1} more rows)" if bad.size > 1 else ""),
            do="write a finite number with a decimal point",
        )
    if name in DEFAULTS:
        values = np.where(missing, float(str(DEFAULTS[name])), values)
    return values


def _texts(where: Path, name: str, column: pd.Series) -> NDArray[np.generic]:
    values = np.array([unguard(text) for text in column.str.strip()], dtype=np.str_)
    empty = np.flatnonzero(values == "")
    if name == "patient_id" and empty.size:
        raise RefusedError(
            f"{where} row {empty[0] + 2}",
            rule="every row has a patient_id",
            came="an empty cell",
            do="fill it in or leave the row out",
        )
    if name in DEFAULTS and empty.size:
        values = np.where(values == "", str(DEFAULTS[name]), values)
    return values


def _order(names: Iterable[str]) -> list[str]:
    there = list(names)
    known = [*COLUMNS, *OPTIONAL]
    return [*COLUMNS, *(n for n in OPTIONAL if n in there), *sorted(n for n in there if n not in known)]


def _number_cells(name: str, column: NDArray[np.generic]) -> list[str]:
    values = [float(value) for value in np.asarray(column, dtype=np.float64)]
    return [_number_cell(value, whole=name in _WHOLE) for value in values]


def _number_cell(value: float, *, whole: bool) -> str:
    if np.isnan(value):
        return ""
    return str(int(value)) if whole and value.is_integer() else repr(value)


def _text_cells(column: NDArray[np.generic]) -> list[str]:
    return [guard(str(value)) for value in column]
