"""Choose rows of a cohort by a condition on its columns, such as ``report == 'N' and sex == 'M'``."""

from collections.abc import Sequence

import pandas as pd

from ..core.errors import RefusedError
from .cohort import CohortRow

FORBIDDEN = ("@", "__", "(", ";")


def select(rows: Sequence[CohortRow], where: str) -> tuple[CohortRow, ...]:
    """Rows for which ``where`` holds, in their order.

    ``where`` is a comparison of columns in Python's words (==, !=, <, <=, and, or, not, in). No calls and no names
    from outside the table. Columns whose every known value is a number compare as numbers.
    Raises RefusedError for a condition that cannot be read, names no column, or holds for no row.
    """
    table = _table(rows)
    if any(mark in where for mark in FORBIDDEN):
        raise _refused(where, "one of " + " ".join(FORBIDDEN), "write comparisons of columns only")
    try:
        kept = table.query(where, engine="python", local_dict={}, global_dict={})
    except Exception as error:  # pandas raises many kinds here, all of them the user's wording
        raise _refused(where, f"{type(error).__name__}: {error}", f"columns are {', '.join(table.columns)}") from None
    if not isinstance(kept, pd.DataFrame) or kept.empty:
        raise _refused(where, "a condition that holds for no row", "check the values with 'myoperf cohort describe'")
    return tuple(rows[int(k)] for k in kept.index)


def _table(rows: Sequence[CohortRow]) -> pd.DataFrame:
    named = ("patient_id", "study_id", "tracer", "sex")
    table = pd.DataFrame([{**row.values, **{n: str(getattr(row, n) or "") for n in named}} for row in rows])
    for column in table.columns.difference(list(named)):
        numbers = pd.to_numeric(table[column], errors="coerce")
        if (numbers.notna() | table[column].isin(["", None]) | table[column].isna()).all():
            table[column] = numbers
    return table


def _refused(where: str, came: str, do: str) -> RefusedError:
    return RefusedError(f"--where {where!r}", rule="a condition on the cohort's columns is asked", came=came, do=do)
