from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from myoperf.core.predictions import Predictions
from myoperf.core.terms import Tracer
from myoperf.io.cohort import CohortRow
from myoperf.train.described import COLUMNS, described


def row(study: str, tracer: Tracer | None = Tracer.TC99M, **values: object) -> CohortRow:
    return CohortRow(row=2, patient_id=f"P-{study}", study_id=study, tracer=tracer, values=values)


def predictions(*studies: str) -> Predictions:
    texts = np.array(studies)
    ones = np.ones(len(studies))
    return Predictions(columns={"patient_id": texts, "study_id": texts, "truth": ones, "score": ones})


def test_what_the_cohort_tells_goes_along_by_study() -> None:
    rows = [row("a", age=61.0, center="North"), row("b", Tracer.TL201, age=47.5, center="South")]
    found = described(predictions("b", "a", "b"), rows)
    assert found["tracer"].tolist() == ["Tl-201", "Tc-99m", "Tl-201"]
    assert found["age"].tolist() == ["47.5", "61", "47.5"]
    assert found["center"].tolist() == ["South", "North", "South"]
    assert found["truth"].tolist() == [1, 1, 1]
    assert found["study_id"].tolist() == ["b", "a", "b"]


def test_an_empty_cell_stays_empty_and_an_empty_column_is_left_out() -> None:
    found = described(predictions("a", "b"), [row("a", None, bmi=None, scanner="X"), row("b", None, bmi=None)])
    assert found["scanner"].tolist() == ["X", ""]
    assert not {"bmi", "tracer", "age"} & set(found.columns)


def test_labels_and_other_columns_do_not_go_along() -> None:
    """Answers above all: a score must never be judged within groups of its own truth."""
    told: dict[str, Any] = {name: "x" for name in COLUMNS if name != "tracer"}
    found = described(predictions("a"), [row("a", label_abnormal=1, event=1, smoker="yes", **told)])
    assert set(found.columns) - {"patient_id", "study_id", "truth", "score"} == set(COLUMNS)


def test_a_study_that_the_cohort_does_not_hold_is_an_error() -> None:
    with pytest.raises(KeyError):
        described(predictions("a", "c"), [row("a")])


def test_rows_of_the_cohort_may_be_more_and_in_any_order() -> None:
    rows = [row(name, age=float(k)) for k, name in enumerate("dcba")]
    assert described(predictions("a"), [*rows, replace(rows[0], study_id="e")])["age"].tolist() == ["3"]
