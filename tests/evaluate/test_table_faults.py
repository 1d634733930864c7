from typing import Any

import numpy as np
import pytest

from myoperf.core.predictions import Predictions
from myoperf.evaluate import evaluate
from myoperf.evaluate.table_faults import table_faults, with_parts

NUMBERS = ("repeat", "fold", "truth", "score")


def table(**columns: Any) -> Predictions:
    n = len(next(iter(columns.values())))
    given = {"patient_id": [f"P{k}" for k in range(n)], "truth": [0, 1] * (n // 2), "score": np.linspace(0, 1, n)}
    given |= columns
    return Predictions(
        columns={name: np.asarray(v, dtype=float if name in NUMBERS else str) for name, v in given.items()}
    )


def folds(repeats: int = 2, **columns: Any) -> Predictions:
    """20 patients, each in one of five folds of every repeat."""
    n = 20 * repeats
    made = {
        "patient_id": [f"P{k % 20}" for k in range(n)],
        "repeat": [k // 20 for k in range(n)],
        "fold": [(k % 20) % 5 for k in range(n)],
        "truth": [(k % 20) // 5 % 2 for k in range(n)],
        "score": np.random.default_rng(0).random(n),
    }
    return table(**(made | columns))


def test_a_sound_table_has_no_fault() -> None:
    assert table_faults(table(score=np.random.default_rng(0).random(30)), "test") == ()


def test_rows_that_stand_twice_are_counted() -> None:
    twice = table(patient_id=["a", "a", "b", "c"], truth=[1, 1, 0, 1], score=[0.7, 0.7, 0.7, 0.1])
    (said,) = table_faults(twice, "test")
    assert said.startswith("1 rows repeat another row in every column")
    apart = table(
        patient_id=["a", "a", "b", "c"], study_id=["1", "2", "1", "1"], truth=[1, 1, 0, 1], score=[0.7, 0.7, 0.7, 0.1]
    )
    assert table_faults(apart, "test") == ()


def test_patients_who_train_and_are_judged_are_a_leak() -> None:
    both = table(patient_id=["a", "b", "a", "c"], split=["test", "test", "train", "train"])
    assert table_faults(both, "test")[0].startswith("LEAK: 1 patients are judged and have rows of the split train")
    other = table(patient_id=["a", "b", "a", "c"], split=["test", "test", "train", "train"], variant=list("xxyy"))
    assert table_faults(other, "test") == ()


def test_a_patient_may_train_in_one_fold_and_be_judged_in_another() -> None:
    split = ["validation", "train", "train", "validation"]
    crossed = table(patient_id=["a", "b", "a", "b"], fold=[0, 0, 1, 1], split=split)
    assert table_faults(crossed, "validation") == ()
    within = table(patient_id=["a", "a", "b", "b"], fold=[0, 0, 1, 1], split=split)
    assert table_faults(within, "validation")[0].startswith("LEAK: 2 patients")


@pytest.mark.parametrize("pair", [("001", "1"), ("a b", "AB"), ("7", "7.0")])
def test_ids_that_may_be_one_patient_are_told(pair: tuple[str, str]) -> None:
    (said,) = table_faults(table(patient_id=[*pair, "x", "y"]), "test")
    assert said.startswith("1 patients seem to have several ids")
    assert pair[0] in said


def test_folds_without_a_split_are_a_cross_validation() -> None:
    parted, said = with_parts(folds())
    assert set(parted["split"].tolist()) == {"validation"}
    assert said == ("no column split, several folds: taken as a cross-validation",)
    card = evaluate(folds(), bootstrap=50)
    assert (card.split, card.n_rows, card.targets["target"].metrics["auc"].n) == ("validation", 40, 20)
    assert len(card.targets["target"].folds["auc"].values) == 10


def test_folds_that_are_called_test_stay_so_and_are_told() -> None:
    parted, said = with_parts(folds(split=["test"] * 40))
    assert set(parted["split"].tolist()) == {"test"}
    assert "this is a cross-validation, not a test part" in said[0]


def test_models_that_judged_the_same_test_part_are_no_cross_validation() -> None:
    models = folds(fold=[k // 20 for k in range(40)], repeat=[0] * 40)
    assert with_parts(models) == (models, ())
    alone = table(score=np.random.default_rng(0).random(30))
    assert with_parts(alone) == (alone, ())
