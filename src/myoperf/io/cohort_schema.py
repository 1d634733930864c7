"""The rules of single cells of a cohort table, as a pandera schema. Every cell is text."""

from collections.abc import Callable, Iterator

import pandas as pd
import pandera.pandas as pa

from ..core.terms import Correction, Position, Sex, Tracer
from .cohort_table import IDS, is_number

PROTOCOLS = (
    "stress-rest-1day",
    "rest-stress-1day",
    "2day",
    "stress-redistribution",
    "stress-redistribution-reinjection",
)


def _filled(rule: str, test: Callable[[str], bool]) -> pa.Check:
    """A check of every cell that is not empty."""
    return pa.Check(lambda cells: cells.map(lambda cell: not cell or test(cell)), error=rule)


def _one_of(*terms: str) -> pa.Check:
    return _filled(f"is {', '.join(terms[:-1])} or {terms[-1]}, or empty", frozenset(terms).__contains__)


def _number(low: float, high: float, whole: bool = False) -> pa.Check:
    def test(cell: str) -> bool:
        return is_number(cell) and low <= float(cell) <= high and (not whole or float(cell).is_integer())

    return _filled(
        f"is a {'whole ' if whole else ''}number of {low:g} to {high:g} with a decimal point, or empty", test
    )


_ID = (
    pa.Check(lambda cells: cells.str.strip() != "", error="is not empty"),
    pa.Check(lambda cells: cells.str.strip() == cells, error="has no spaces at its ends"),
    pa.Check(lambda cells: cells.map(lambda cell: cell.isprintable() and len(cell) <= 128), error="is plain text"),
)
_TRACER = _one_of(*(str(t) for t in Tracer))
_CELLS = {
    "tracer": _TRACER,
    "stress_tracer": _TRACER,
    "rest_tracer": _TRACER,
    "sex": _one_of(*(str(s) for s in Sex)),
    "position": _one_of(*(str(p) for p in Position)),
    "attenuation_correction": _one_of(*(str(c) for c in Correction)),
    "protocol": _one_of(*PROTOCOLS),
    "age": _number(0, 130),
    "bmi": _number(5, 150),
    "event": _number(0, 99, whole=True),
    "time_days": _number(0, 100_000),
}


def schema(columns: list[str]) -> pa.DataFrameSchema:
    """The rules of single cells for a table with these columns; every cell is text."""
    known = {name: pa.Column(checks=[*_ID]) for name in IDS}
    known |= {name: pa.Column(checks=check) for name, check in _CELLS.items() if name in columns}
    return pa.DataFrameSchema(known, strict=False)


def failures(cells: pd.DataFrame) -> Iterator[tuple[int, str, str, str]]:
    """Row, column, value and rule of every cell that breaks one."""
    try:
        schema(list(cells.columns)).validate(cells, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        for row, column, value, rule in zip(
            cases["index"], cases["column"], cases["failure_case"], cases["check"], strict=True
        ):
            yield int(row), str(column), str(value), str(rule)
