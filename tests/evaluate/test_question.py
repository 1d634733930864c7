from typing import Any

import numpy as np
import pytest

from myoperf.core.predictions import Predictions, is_number
from myoperf.evaluate.metrics import Resampling
from myoperf.evaluate.question import Question, class_columns, kind_of, samples_of


def ask(judged: str = "test", rows: list[bool] | None = None, **columns: list[Any]) -> Question:
    made = {name: np.array(column, dtype=float if is_number(name) else str) for name, column in columns.items()}
    count = len(made["truth"])
    made.setdefault("patient_id", np.array([f"P{k}" for k in range(count)]))
    made.setdefault("score", np.linspace(0, 1, count))
    return Question(
        name="q",
        key=("", "", "target"),
        predictions=Predictions(columns=made),
        rows=np.ones(count, dtype=bool) if rows is None else np.array(rows),
        split=judged,
        threshold=None,
        resampling=Resampling(replicates=0, seed=0),
    )


NAN = float("nan")


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ({"truth": [0, 1, 1]}, "binary"),
        ({"truth": [0, 1, NAN]}, "binary"),
        ({"truth": [NAN, NAN]}, "binary"),
        ({"truth": [1, 1]}, "binary"),
        ({"truth": [0, 1, 2]}, "unclear"),
        ({"truth": [0, 1, 2], "score": [0.0, 1.0, 2.0]}, "number"),
        ({"truth": [0, 1, 10]}, "number"),
        ({"truth": [0.5, 1, 0]}, "number"),
        ({"truth": [61.5, 48.2]}, "number"),
        ({"truth": [0, 1], "class_a": [0.1, 0.9], "class_b": [0.9, 0.1]}, "classes"),
        ({"truth": [0, 1], "class_a": [NAN, NAN]}, "binary"),
        ({"truth": [NAN, NAN], "event": [0, 1], "time_days": [10, 20]}, "survival"),
        ({"truth": [0, 1], "event": [NAN, NAN], "time_days": [10, 20]}, "binary"),
        ({"truth": [0, 1], "event": [0, 1]}, "binary"),
        ({"truth": [0, 1], "event": [0, 1], "time_days": [3, 4], "class_a": [0.5, 0.5]}, "survival"),
    ],
)
def test_a_target_is_of_the_kind_that_its_rows_hold(columns: dict[str, Any], kind: str) -> None:
    assert kind_of(ask(**columns)) == kind


def test_only_the_judged_rows_of_this_question_tell_its_kind() -> None:
    split = ["test", "test", "validation", "test"]
    question = ask(truth=[0, 1, 55.5, 77.5], split=split, rows=[True, True, True, False])
    assert kind_of(question) == "binary"


def test_columns_of_classes_keep_the_order_of_the_table() -> None:
    found = ask(truth=[0, 1], class_z=[0, 1], x=["a", "b"], class_a=[1, 0])
    assert class_columns(found.predictions) == ("class_z", "class_a")


def test_a_column_that_is_not_there_is_missing_and_not_an_error() -> None:
    question = ask(truth=[0, 1])
    assert np.isnan(question.numbers("event")).tolist() == [True, True]
    assert question.texts("reader").tolist() == ["", ""]
    assert question.texts("split").tolist() == ["test", "test"]
    assert question.texts("study_id").tolist() == ["P0", "P1"]
    assert question.numbers("fold").tolist() == [0, 0]


def test_rows_that_cannot_be_judged_are_counted() -> None:
    found = samples_of(ask(truth=[0, 1, NAN, 1], score=[0.1, 0.9, 0.5, NAN]))
    assert len(found.judged) == 2
    assert found.warnings == ("q: 2 rows without a truth or a score are left out",)
    assert len(found.validation) == 0
    assert found.across is found.judged


def test_the_validation_part_is_apart_and_its_folds_are_compared() -> None:
    split = ["validation"] * 2 + ["test"] * 2
    found = samples_of(ask(truth=[0, 1, 0, 1], patient_id=["a", "b", "a", "c"], split=split))
    assert [len(part) for part in (found.judged, found.validation, found.across)] == [2, 2, 2]
    assert found.across is found.validation
    assert found.warnings[0].startswith("q: 1 patients are in the validation and the test part; ")


def test_where_the_validation_part_is_judged_it_is_all_there_is() -> None:
    found = samples_of(ask("validation", truth=[0, 1, 1], split=["validation"] * 3))
    assert len(found.judged) == len(found.validation) == 3
    assert found.warnings == ()
