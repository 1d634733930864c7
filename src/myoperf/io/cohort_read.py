"""A checked cohort table as rows; what breaks a rule is told, one line each."""

from pathlib import Path

from ..core.errors import RefusedError
from ..core.terms import Sex, Tracer
from .cohort_rules import Broken, broken_rules
from .cohort_table import (
    FILE_COLUMNS,
    IDS,
    Cohort,
    CohortRow,
    TextTable,
    named_file,
    named_inside,
    read_text_table,
    typed_columns,
)

_OWN = frozenset({*IDS, "tracer", "sex", "stress", "rest"})


def read_cohort(path: Path | str, strict: bool = True) -> Cohort:
    """Read a cohort table.

    strict : refuse the whole table if any rule is broken; otherwise leave those rows out and list the reasons in
        ``Cohort.refused``.
    Raises RefusedError for a table that cannot be read, or, if strict, that breaks a rule.
    """
    table = read_text_table(path)
    broken = broken_rules(table)
    if strict and broken:
        first = broken[0]
        if len(broken) == 1:
            where = f"{table.path} row {first.row}, column {first.column}"
            raise RefusedError(where, rule=first.rule, came=repr(first.value), do=first.do)
        raise RefusedError(
            table.path,
            rule="a cohort table breaks no rule",
            came=f"{len(broken)} broken, first row {first.row}, column {first.column}: {first.rule}; {first.value!r}",
            do="see them all with 'myoperf cohort check'",
        )
    return Cohort(
        path=table.path,
        rows=_rows(table, broken),
        columns=tuple(table.cells.columns),
        refused=tuple(b.line(table.path) for b in broken),
    )


def check_cohort(path: Path | str) -> tuple[str, ...]:
    """Every broken rule of a table as one line: file, row, column, rule, value, what to do. Empty if none is broken.

    A table that cannot be read at all gives the one line that says why.
    """
    try:
        table = read_text_table(path)
    except RefusedError as refusal:
        return (str(refusal),)
    return tuple(broken.line(table.path) for broken in broken_rules(table))


def _rows(table: TextTable, broken: list[Broken]) -> tuple[CohortRow, ...]:
    bad = {b.row for b in broken}
    good = table.cells[~table.cells.index.isin(bad)]
    typed = typed_columns(good[[name for name in good.columns if name not in _OWN]])
    plain = {name: good[name].tolist() for name in good.columns}
    files = [name for name in FILE_COLUMNS if name in plain]
    rows = []
    for at, number in enumerate(good.index):
        cell = {name: plain[name][at] for name in plain}
        named = {name: named_file(table.path, cell[name]) for name in files if cell[name]}
        tracer = cell.get("tracer") or cell.get("stress_tracer") or cell.get("rest_tracer")
        rows.append(
            CohortRow(
                row=int(number),
                patient_id=cell["patient_id"],
                study_id=cell["study_id"],
                tracer=Tracer(tracer) if tracer else None,
                sex=Sex(cell["sex"]) if cell.get("sex") else None,
                stress=named.get("stress"),
                rest=named.get("rest"),
                values={name: values[at] for name, values in typed.items()},
                files=named,
                inside={name: named_inside(cell[name]) for name in named if named_inside(cell[name])},
                source=f"{table.path} row {number}",
            )
        )
    return tuple(rows)
