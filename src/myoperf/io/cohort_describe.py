"""Table 1 of a cohort: who is in it, by tracer, and how much is missing."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.terms import Sex, Tracer
from .cohort_read import read_cohort
from .cohort_table import FILE_COLUMNS, CohortRow

Figure = Callable[[Sequence[CohortRow]], str]
_OTHERS = ("center", "scanner", "position", "attenuation_correction", "protocol", "stressor", "split", "report")
_FEW = 12


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the table: its name with the unit, and one text for each group."""

    name: str
    figures: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Description:
    """Table 1: ``groups`` are all studies and each tracer in the cohort. Counts are of studies but where said."""

    path: Path
    groups: tuple[str, ...]
    lines: tuple[Line, ...]


def describe_cohort(path: Path | str) -> Description:
    """Table 1 of a cohort table: counts, mean and standard deviation, and the number missing.

    Raises RefusedError for a table that breaks a rule.
    """
    cohort = read_cohort(path)
    groups: dict[str, list[CohortRow]] = {"all": list(cohort.rows)}
    for tracer in Tracer:
        members = [row for row in cohort.rows if row.tracer is tracer]
        if members:
            groups[str(tracer)] = members
    untold = [row for row in cohort.rows if row.tracer is None]
    if untold and len(groups) > 1:
        groups["tracer not told"] = untold
    lines = [
        Line(name=name, figures=tuple(figure(rows) for rows in groups.values()))
        for name, figure in _figures(cohort.rows, cohort.columns)
    ]
    return Description(path=cohort.path, groups=tuple(groups), lines=tuple(lines))


def description_text(description: Description) -> str:
    """The table as lines of text in columns."""
    table = [["", *description.groups], *([line.name, *line.figures] for line in description.lines)]
    widths = [max(len(row[k]) for row in table) for k in range(len(table[0]))]
    rows = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table)
    return "\n".join(rows) + "\n"


def _figures(rows: Sequence[CohortRow], columns: Sequence[str]) -> list[tuple[str, Figure]]:
    found: list[tuple[str, Figure]] = [
        ("patients, n", lambda group: str(len({row.patient_id for row in group}))),
        ("studies, n", lambda group: str(len(group))),
        ("women, n (%)", lambda group: _share(group, lambda row: row.sex is Sex.FEMALE)),
        ("men, n (%)", lambda group: _share(group, lambda row: row.sex is Sex.MALE)),
        ("sex missing, n", lambda group: str(sum(row.sex is None for row in group))),
    ]
    found += [(f"{column}, n (%)", _present(column)) for column in columns if column in FILE_COLUMNS]
    for column, unit in (("age", "years"), ("bmi", "kg/m2"), ("time_days", "days")):
        if column in columns:
            found.append((f"{column}, {unit}, mean +- SD", _mean(column)))
    for column in (c for c in columns if c in _OTHERS or c.startswith("label_") or c == "event"):
        values = sorted({row.values[column] for row in rows if row.values.get(column) is not None}, key=str)
        if len(values) > _FEW:
            found.append((f"{column}, different values, n", _different(column)))
            continue
        found += [(f"{column} = {value}, n (%)", _equal(column, value)) for value in values]
        found.append((f"{column} missing, n", _missing(column)))
    return found


def _share(group: Sequence[CohortRow], holds: Callable[[CohortRow], bool]) -> str:
    count = sum(map(holds, group))
    return f"{count} ({100 * count / len(group):.0f})"


def _present(column: str) -> Figure:
    return lambda group: _share(group, lambda row: column in row.files)


def _equal(column: str, value: object) -> Figure:
    """Share among the rows where the column is filled."""

    def figure(group: Sequence[CohortRow]) -> str:
        known = [row for row in group if row.values.get(column) is not None]
        return _share(known, lambda row: row.values[column] == value) if known else "-"

    return figure


def _missing(column: str) -> Figure:
    return lambda group: str(sum(row.values.get(column) is None for row in group))


def _different(column: str) -> Figure:
    return lambda group: str(len({row.values.get(column) for row in group} - {None}))


def _mean(column: str) -> Figure:
    def figure(group: Sequence[CohortRow]) -> str:
        known = [float(value) for row in group if isinstance(value := row.values.get(column), int | float)]
        if not known:
            return "-"
        mean = math.fsum(known) / len(known)
        spread = (
            f"{math.sqrt(math.fsum((x - mean) ** 2 for x in known) / (len(known) - 1)):.1f}" if len(known) > 1 else "-"
        )
        lost = len(group) - len(known)
        return f"{mean:.1f} +- {spread}" + (f" ({lost} missing)" if lost else "")

    return figure
