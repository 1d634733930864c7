"""The rules of a cohort table: each broken one is told with row, column, value and rule.

Rules of single cells are in ``cohort_schema``; here are those between rows: doubles, aliases, splits, files.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import RefusedError
from .cohort_table import FILE_COLUMNS, TextTable, is_number, named_file

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Broken:
    """One broken rule: where, what came, and what to do."""

    row: int
    column: str
    value: str
    rule: str
    do: str = "correct the cell"

    def line(self, table: Path) -> str:
        """The rule as one line of text."""
        where = f"{table} row {self.row}, column {self.column}"
        return str(RefusedError(where, rule=self.rule, came=repr(self.value), do=self.do))


def broken_rules(table: TextTable) -> list[Broken]:
    """Every broken rule of a table, by row."""
    cells = table.cells
    found = [
        Broken(
            row=row, column="all", value=f"{count} cells", rule=f"a row has {len(cells.columns)} cells", do="mend it"
        )
        for row, count in table.broken
    ]
    alike = cells.duplicated(keep="first")
    for row in cells.index[alike]:
        study = _cell(cells, row, "study_id")
        found.append(Broken(row=int(row), column="all", value=study, rule="no row comes twice", do="delete it"))
    cells = cells[~alike]
    if len(cells):
        found += list(_cell_rules(cells))
        found += list(_label_rules(cells))
        found += list(_file_rules(table.path, cells))
        found += list(_doubled_studies(cells))
        found += list(_aliases(cells))
        found += list(_one_per_patient(cells, "split", "one patient is in one split"))
        found += list(_one_per_patient(cells, "sex", "one patient has one sex"))
        found += list(_events(cells))
    return sorted(found, key=lambda b: (b.row, b.column, b.rule))


def _cell(cells: "pd.DataFrame", row: object, column: str) -> str:
    return str(cells.at[row, column])


def _cell_rules(cells: "pd.DataFrame") -> Iterator[Broken]:
    from .cohort_schema import failures  # pandera takes a second to load, and only a check needs it

    for row, column, value, rule in failures(cells):
        yield Broken(row=row, column=column, value=value, rule=rule)


def _label_rules(cells: "pd.DataFrame") -> Iterator[Broken]:
    """A label is a number in every row or a word in every row: a few words among numbers are faults."""
    for name in (c for c in cells.columns if c.startswith("label_")):
        filled = cells[name][cells[name] != ""]
        words = {row: cell for row, cell in filled.items() if not is_number(cell)}
        if 0 < len(words) <= len(filled) / 2:
            for row, value in words.items():
                yield Broken(row=int(str(row)), column=name, value=value, rule="is a number like the column's others")


def _file_rules(path: Path, cells: "pd.DataFrame") -> Iterator[Broken]:
    """Files lie inside the table's folder, links followed, are there, and are named once."""
    root = path.parent.resolve()
    named: dict[str, list[tuple[int, str, str]]] = {}
    for column in (c for c in FILE_COLUMNS if c in cells.columns):
        for key, text in cells[column].items():
            row = int(str(key))
            if not text:
                continue
            fault, real = _located(path, text, root)
            if fault:
                yield Broken(row=row, column=column, value=text, rule=fault, do="name a file beside the table")
            else:
                array = text.partition("#")[2]
                named.setdefault(f"{real}#{array}", []).append((row, column, text))
    for places in named.values():
        for row, column, text in places if len(places) > 1 else ():
            others = ", ".join(f"row {r} {c}" for r, c, _ in places if (r, c) != (row, column))
            yield Broken(row=row, column=column, value=text, rule=f"no file is named twice ({others})")


def _located(table: Path, text: str, root: Path) -> tuple[str, Path]:
    """Why a cell cannot name a file (absolute, outside the folder, not there; empty if it can), and the real path."""
    if not text.isprintable() or len(text) > 1024:
        return "is a plain path", root
    if Path(text).is_absolute() or re.match(r"[A-Za-z]:|\\", text):
        return "is a path relative to the table", root
    try:
        real = named_file(table, text).resolve()
        if not real.is_relative_to(root):
            return "lies inside the folder of the table", root
        return "" if real.exists() else "is there", real
    except (OSError, ValueError, RuntimeError):
        return "can be opened", root


def _doubled_studies(cells: "pd.DataFrame") -> Iterator[Broken]:
    """A study stands in one row. Of two unequal rows neither is kept, for which of them is true is not told."""
    for row in cells.index[cells["study_id"].duplicated(keep=False)]:
        value = _cell(cells, row, "study_id")
        yield Broken(
            row=int(row), column="study_id", value=value, rule="one study is one row", do="give each its own id"
        )


def plain_id(identifier: str) -> str:
    """An id without case, spaces, zeros before numbers, and the ".0" that a spreadsheet puts behind a number: two ids
    that are then equal may be one patient."""
    folded = re.sub(r"^(\s*\d+)\.0+\s*$", r"\1", unicodedata.normalize("NFKC", identifier).casefold())
    return re.sub(r"\d+", lambda digits: digits.group().lstrip("0") or "0", re.sub(r"\s+", "", folded))


def _aliases(cells: "pd.DataFrame") -> Iterator[Broken]:
    ids = cells["patient_id"]
    spellings = ids.groupby(ids.map(plain_id)).unique()
    for group in spellings[spellings.map(len) > 1]:
        for row in ids.index[ids.isin(list(group))]:
            others = ", ".join(repr(other) for other in sorted(group) if other != ids.at[row])
            yield Broken(
                row=row,
                column="patient_id",
                value=str(ids.at[row]),
                rule=f"one patient has one id (also {others})",
                do="spell it one way, or rename",
            )


def _one_per_patient(cells: "pd.DataFrame", column: str, rule: str) -> Iterator[Broken]:
    if column not in cells.columns:
        return
    filled = cells[cells[column] != ""]
    patient = filled["patient_id"].map(plain_id)
    several = patient.map(filled[column].groupby(patient).nunique()) > 1
    for row in filled.index[several]:
        yield Broken(row=row, column=column, value=_cell(filled, row, column), rule=rule)


def _events(cells: "pd.DataFrame") -> Iterator[Broken]:
    if not {"event", "time_days"} <= set(cells.columns):
        return
    half = (cells["event"] == "") != (cells["time_days"] == "")
    for row in cells.index[half]:
        column = "event" if _cell(cells, row, "event") == "" else "time_days"
        yield Broken(row=row, column=column, value="", rule="event and time_days are told together")
