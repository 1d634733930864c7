"""Predictions with what the cohort tells of each study, so that they can be judged within groups."""

from collections.abc import Iterable

import numpy as np

from myoperf.core.predictions import Predictions
from myoperf.io.cohort_table import CohortRow

COLUMNS = ("tracer", "age", "bmi", "center", "scanner", "position", "attenuation_correction", "stressor")
"""Columns of a cohort that go along, where they hold anything; sex is there already."""


def described(predictions: Predictions, rows: Iterable[CohortRow]) -> Predictions:
    """Predictions with ``COLUMNS`` of their studies as text; an empty cell stays empty. A picture
    (``STUDY#PICTURE``) has those of its study."""
    by_study = {row.study_id: row for row in rows}
    named = np.asarray(predictions["study_id"], dtype=np.str_).tolist()
    studies = [by_study[name if name in by_study else name.rpartition("#")[0]] for name in named]
    told = {name: np.array([_text(row, name) for row in studies], dtype=np.str_) for name in COLUMNS}
    return Predictions(columns={**predictions.columns, **{n: column for n, column in told.items() if any(column)}})


def _text(row: CohortRow, name: str) -> str:
    value = row.tracer if name == "tracer" else row.values.get(name)
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)
