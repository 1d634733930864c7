from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import myoperf
from myoperf.core.errors import RefusedError
from myoperf.core.predictions import Predictions
from myoperf.evaluate import evaluate
from myoperf.io.predictions import write_predictions


@dataclass(frozen=True, kw_only=True)
class Figure:
    metric: str
    value: float
    target: str = "target"
    variant: str = ""
    part: str = "test"
    where: str = "table 1"
    sd: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    positives: int | None = None


def predictions(**columns: Any) -> Predictions:
    numbers = ("repeat", "fold", "truth", "score")
    made = {n: np.array(c, dtype=float) if n in numbers else np.array(c, dtype=str) for n, c in columns.items()}
    if "patient_id" not in made:
        made["patient_id"] = np.array([f"P{k}" for k in range(len(made["score"]))])
    return Predictions(columns=made)


def cross_validated(n: int = 120, tests: int = 60, repeats: int = 2, seed: int = 0) -> Predictions:
    """Validation rows in 5 folds, repeated; one row a test patient; two variants."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[object, ...]] = []
    truth = np.arange(n + tests) % 3 == 0
    for variant, shift in (("stress", 1.8), ("rest", 0.5)):
        for repeat in range(repeats):
            fold = rng.permutation(n) % 5
            score = 1 / (1 + np.exp(-(shift * (truth[:n] - 0.5) + rng.normal(size=n))))
            rows += [(variant, repeat, fold[k], "validation", f"P{k}", truth[k], score[k]) for k in range(n)]
        score = 1 / (1 + np.exp(-(shift * (truth[n:] - 0.5) + rng.normal(size=tests))))
        rows += [(variant, -1, -1, "test", f"P{n + k}", truth[n + k], score[k]) for k in range(tests)]
    names = ("variant", "repeat", "fold", "split", "patient_id", "truth", "score")
    return predictions(recipe=["r"] * len(rows), **dict(zip(names, zip(*rows, strict=True), strict=True)))


def test_a_run_has_test_figures_folds_and_a_threshold_from_validation() -> None:
    card = evaluate(cross_validated(), title="T", bootstrap=300)
    assert list(card.targets) == ["r/stress/target", "r/rest/target"]
    assert (card.split, card.n_patients, card.n_rows, card.title) == ("test", 60, 120, "T")
    stress = card.targets["r/stress/target"]
    assert stress.threshold is not None
    assert stress.threshold.chosen_on == "validation (best Youden index, 120 patients)"
    assert card.threshold.value is None
    area = stress.metrics["auc"]
    assert area.value is not None
    assert area.low is not None
    assert area.high is not None
    assert 0.7 < area.low < area.value < area.high <= 1
    assert area.n == 60
    assert stress.metrics["sensitivity"].n == 20
    assert len(stress.folds["auc"].values) == 10
    assert stress.folds["auc"].names[0] == "repeat 1 fold 1"
    assert stress.folds["auc"].mean == pytest.approx(np.mean([v for v in stress.folds["auc"].values if v]))
    assert sum(map(sum, stress.confusion)) == 60
    assert set(stress.curves) >= {"roc", "roc_low", "roc_high", "pr", "pr_low", "pr_high"}


def test_same_seed_same_numbers() -> None:
    assert evaluate(cross_validated(), bootstrap=100, seed=4) == evaluate(cross_validated(), bootstrap=100, seed=4)


def test_one_target_of_one_system_is_named_plainly_and_its_threshold_stands_on_top() -> None:
    card = evaluate(predictions(truth=[0, 0, 1, 1], score=[0.1, 0.4, 0.6, 0.9]), bootstrap=50)
    assert list(card.targets) == ["target"]
    assert card.threshold.value == 0.5
    assert card.threshold.chosen_on.startswith("not chosen: 0.5")
    area = card.targets["target"].metrics["auc"]
    assert (area.value, area.high) == (1.0, 1.0)
    assert area.low is not None
    assert area.low < 0.7
    assert "Newcombe" in area.method


def test_a_given_threshold_and_one_that_cannot_be_chosen() -> None:
    table = predictions(truth=[0, 0, 1, 1], score=[-3, 2, 5, 9])
    given = evaluate(table, threshold=4, bootstrap=50)
    assert given.threshold.chosen_on == "given"
    assert given.targets["target"].confusion == ((2, 0), (0, 2))
    none = evaluate(table, bootstrap=50)
    assert none.threshold.value is None
    assert none.targets["target"].metrics["accuracy"].value is None
    assert "not in 0..1" in none.targets["target"].metrics["accuracy"].method
    assert none.targets["target"].metrics["auc"].value == 1.0
    assert none.targets["target"].confusion == ()


@pytest.mark.parametrize(
    ("truth", "score", "says"),
    [
        ([1, 1, 1], [0.1, 0.2, 0.3], "one class only"),
        ([0, 1, 0, 1], [0.3, 0.3, 0.3, 0.3], "all scores are equal"),
        ([np.nan, np.nan], [0.3, 0.4], "no patient with a truth and a score"),
        ([0, 1], [np.nan, np.nan], "no patient with a truth and a score"),
        ([0, 1, 2], [0.1, 0.2, 0.3], "truth holds 2"),
    ],
)
def test_what_cannot_be_judged_is_none_and_says_why(truth: list[float], score: list[float], says: str) -> None:
    card = evaluate(predictions(truth=truth, score=score), bootstrap=50)
    area = card.targets["target"].metrics["auc"]
    assert area.value is None
    assert says in area.method
    assert any(says in text for text in card.warnings)


def test_two_patients_give_a_value_without_an_interval() -> None:
    card = evaluate(predictions(truth=[0, 1], score=[0.2, 0.8]), bootstrap=50)
    area = card.targets["target"].metrics["auc"]
    assert (area.value, area.low, area.high) == (1.0, None, None)
    assert "two patients of each class" in area.method
    assert "are few" in card.warnings[0]


def test_rows_without_a_score_are_left_out_and_counted() -> None:
    card = evaluate(predictions(truth=[0, 0, 1, 1, 1], score=[0.1, 0.4, 0.6, 0.9, np.nan]), bootstrap=50)
    assert card.targets["target"].metrics["auc"].n == 4
    assert card.warnings[0] == "target: 1 rows without a truth or a score are left out"


def test_models_of_a_test_part_are_averaged_by_study() -> None:
    table = predictions(
        patient_id=["a", "a", "b", "b"], fold=[0, 1, 0, 1], truth=[0, 0, 1, 1], score=[0.1, 0.7, 0.6, 0.5]
    )
    card = evaluate(table, bootstrap=50)
    assert card.targets["target"].metrics["auc"].value == 1.0
    assert "mean over 2 models" in card.warnings[0]
    assert card.targets["target"].folds == {}


def test_an_ensemble_row_stands_for_its_models() -> None:
    table = predictions(
        patient_id=["a", "a", "b", "b"],
        repeat=[-1, 0, -1, 0],
        fold=[-1, 0, -1, 0],
        truth=[0, 0, 1, 1],
        score=[0.1, 0.9, 0.8, 0.2],
    )
    assert evaluate(table, bootstrap=50).targets["target"].metrics["auc"].value == 1.0


def test_slices_of_a_patient_stay_rows_and_are_drawn_together() -> None:
    rng = np.random.default_rng(0)
    patient = np.repeat(np.arange(40), 10)
    truth = patient % 2
    score = rng.normal(size=40)[patient] + truth + 0.1 * rng.normal(size=400)
    found = evaluate(predictions(patient_id=patient, truth=truth, score=score), bootstrap=500).targets["target"]
    by_row = evaluate(predictions(truth=truth, score=score), bootstrap=500).targets["target"]
    assert found.metrics["auc"].value == by_row.metrics["auc"].value
    assert found.metrics["auc"].n == 40
    widths = [(m.high or 0) - (m.low or 0) for m in (found.metrics["auc"], by_row.metrics["auc"])]
    assert widths[0] > 2 * widths[1]


def test_cross_validation_alone_is_pooled_said_so_and_never_sets_its_own_threshold() -> None:
    whole = cross_validated(repeats=1)
    keep = (np.asarray(whole["split"]) == "validation") & (np.asarray(whole["variant"]) == "stress")
    card = evaluate(Predictions(columns={n: c[keep] for n, c in whole.columns.items()}), bootstrap=100)
    assert card.split == "validation"
    assert any("pooled over the folds" in text for text in card.warnings)
    assert card.threshold.chosen_on.startswith("the other folds")
    assert len(card.targets["target"].folds["auc"].values) == 5


def test_a_plain_cross_validation_file_without_splits_has_folds() -> None:
    rng = np.random.default_rng(0)
    truth = np.arange(60) % 2
    table = predictions(fold=np.arange(60) // 2 % 3, truth=truth, score=rng.normal(size=60) + truth)
    found = evaluate(table, bootstrap=50).targets["target"]
    assert len(found.folds["auc"].values) == 3


def test_a_fold_of_one_class_is_none_and_left_out_of_the_mean() -> None:
    table = predictions(fold=[0, 0, 1, 1], truth=[0, 1, 1, 1], score=[0.2, 0.8, 0.7, 0.6])
    folds = evaluate(table, bootstrap=50).targets["target"].folds["auc"]
    assert folds.values == (1.0, None)
    assert (folds.mean, folds.sd, folds.low) == (1.0, None, None)


def test_groups_and_what_sex_alone_would_tell() -> None:
    rng = np.random.default_rng(2)
    truth = np.array([0] * 60 + [1] * 40)
    sex = np.array(["F"] * 40 + ["M"] * 60)
    card = evaluate(predictions(truth=truth, score=rng.normal(size=100) + truth, sex=sex), bootstrap=100)
    within = card.targets["target"].subgroups
    assert set(within) == {"sex=F", "sex=M"}
    assert within["sex=F"]["auc"].value is None
    assert within["sex=M"]["auc"].n == 60
    (alone,) = card.comparisons
    assert alone["comparison"] == "sex alone"
    assert alone["value"] == pytest.approx((1 + 40 / 60) / 2)


def test_patients_on_both_sides_are_told() -> None:
    table = predictions(
        patient_id=["a", "b", "a", "c"],
        split=["validation"] * 2 + ["test"] * 2,
        truth=[0, 1, 0, 1],
        score=[0.1, 0.9] * 2,
    )
    assert any(
        "1 patients are in the validation and the test part" in w for w in evaluate(table, bootstrap=20).warnings
    )


def test_training_rows_are_not_judged() -> None:
    table = predictions(split=["train"] * 2 + ["test"] * 4, truth=[1, 0, 0, 0, 1, 1], score=[0, 1, 0.1, 0.2, 0.8, 0.9])
    card = evaluate(table, bootstrap=20)
    assert card.targets["target"].metrics["auc"].value == 1.0
    assert card.warnings[0] == "2 rows of the split 'train' are not judged"
    with pytest.raises(RefusedError, match="the splits train"):
        evaluate(predictions(split=["train"] * 2, truth=[0, 1], score=[0, 1]))


def test_published_beside_ours() -> None:
    printed = [
        Figure(metric="auc", value=0.88, variant="stress"),
        Figure(metric="auc", value=0.2, variant="stress"),
        Figure(metric="auc", value=0.88, variant="stress", part="cross-validation", sd=0.067),
        Figure(metric="auc", value=0.9, variant="dual"),
        Figure(metric="dice", value=0.9, variant="stress"),
        Figure(metric="balanced_accuracy", value=0.7),
    ]
    rows = evaluate(cross_validated(), published=printed, bootstrap=200).published
    assert [row.verdict for row in rows[:5]] == ["inside", "outside", "inside", "not comparable", "not comparable"]
    assert [row.target for row in rows[5:]] == ["r/stress/target", "r/rest/target"]
    assert rows[2].published_sd == 0.067
    assert rows[2].split == "validation"
    assert rows[3].ours is None


def test_a_file_is_judged_and_the_room_is_its_verb(tmp_path: Path) -> None:
    path = write_predictions(tmp_path / "p.csv", predictions(truth=[0, 0, 1, 1], score=[0.1, 0.4, 0.6, 0.9]))
    assert myoperf.evaluate(path, bootstrap=20) == evaluate(path, bootstrap=20)
    assert callable(import_module("myoperf.evaluate"))


def test_a_printed_figure_that_its_patients_cannot_give_is_named() -> None:
    printed = [Figure(metric="accuracy", value=0.948, n=13), Figure(metric="accuracy", value=0.923, n=13)]
    rows = evaluate(predictions(truth=[0, 1] * 30, score=[0.4, 0.6] * 30), published=printed, bootstrap=50).published
    assert [row.verdict for row in rows] == ["not attainable", "outside"]
