from typing import Any

import numpy as np
import pytest
from class_questions import ask, likely
from scipy.special import stdtrit
from sksurv import metrics
from sksurv.util import Surv

from myoperf.core.predictions import Predictions
from myoperf.core.scorecard import Folds
from myoperf.evaluate.classes import judge_classes
from myoperf.evaluate.metrics import Resampling
from myoperf.evaluate.number import judge_number
from myoperf.evaluate.question import Question
from myoperf.evaluate.survival import judge_survival

TEXTS = ("patient_id", "study_id", "split", "fold_name")


def question(part: str = "validation", **columns: Any) -> Question:
    n = len(columns["score"])
    given = {"patient_id": [f"P{k}" for k in range(n)], "truth": [np.nan] * n, "split": [part] * n, **columns}
    table = {name: np.array(column, dtype=str if name in TEXTS else float) for name, column in given.items()}
    return Question(
        name="target",
        key=("", "", "target"),
        predictions=Predictions(columns=table),
        rows=np.ones(n, dtype=bool),
        split=part,
        threshold=None,
        resampling=Resampling(replicates=0, seed=0),
    )


def held(folds: Folds, share: float, low: float, high: float) -> None:
    """The interval is Nadeau and Bengio's, within what the figure can be."""
    values = np.array([value for value in folds.values if value is not None])
    assert folds.mean == pytest.approx(values.mean())
    half = stdtrit(values.size - 1, 0.975) * values.std(ddof=1) * np.sqrt(1 / values.size + share)
    assert folds.low == pytest.approx(max(low, values.mean() - half))
    assert folds.high == pytest.approx(min(high, values.mean() + half))


def test_values_by_hand() -> None:
    truth, score = [50, 60, 40, 70, 55, 65], [52, 59, 40, 74, 55, 60]
    found = judge_number(question(truth=truth, score=score, fold=[0, 0, 1, 1, 2, 2])).score.folds
    assert found["bias"].values == pytest.approx((0.5, 2, -2.5))
    assert found["mae"].values == pytest.approx((1.5, 2, 2.5))
    assert found["rmse"].values == pytest.approx((np.sqrt(2.5), np.sqrt(8), np.sqrt(12.5)))
    assert found["pearson"].values == pytest.approx((1, 1, 1))
    assert found["mae"].n == (2, 2, 2)
    assert found["mae"].names[2] == "repeat 1 fold 3"
    held(found["bias"], 1 / 2, -np.inf, np.inf)
    held(found["mae"], 1 / 2, 0, np.inf)
    assert found["bias"].low is not None
    assert found["bias"].low < 0


def test_values_come_from_the_validation_rows_beside_a_test_part() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(55, 10, 60)
    score, fold = truth + rng.normal(size=60), [*(np.arange(40) % 4), *[-1] * 20]
    made = question(
        "test",
        truth=truth,
        score=score,
        fold=fold,
        repeat=[0] * 40 + [-1] * 20,
        split=["validation"] * 40 + ["test"] * 20,
    )
    found = judge_number(made)
    assert found.score.metrics["mae"].n == 20
    assert found.score.folds["mae"].values[1] == pytest.approx(
        np.abs(score - truth)[:40][np.arange(40) % 4 == 1].mean()
    )
    only = judge_number(question("test", truth=truth, score=score, fold=[0] * 60))
    assert only.score.folds == {}


def test_a_fold_of_one_row_has_no_correlation() -> None:
    truth, score = [50, 60, 40, 70, 55.5], [52, 59, 40, 74, 55]
    found = judge_number(question(truth=truth, score=score, fold=[0, 0, 1, 1, 2])).score.folds
    assert found["pearson"].values[2] is None
    assert found["mae"].values[2] == pytest.approx(0.5)


def follow_up(n: int = 120) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    known = rng.normal(size=n)
    at, lost = rng.exponential(900 / np.exp(known)), rng.uniform(400, 1500, n)
    risk = 1 - np.exp(-np.exp(known + 0.5 * rng.normal(size=n))[:, None] / 1200 * np.array([300.0, 600.0]))
    return {"time": np.round(np.minimum(at, lost), 3), "event": at <= lost, "risk": np.round(risk, 4)}


@pytest.mark.parametrize("horizons", [(300.0, 600.0), (600.0,), ()])
def test_survival_is_that_of_scikit_survival_in_each_fold(horizons: tuple[float, ...]) -> None:
    made, n = follow_up(), 120
    wide = max(len(horizons), 1)
    risk = made["risk"][:, -wide:]
    names = [f"center={'ABC'[k % 3]}" for k in range(n)]
    columns = {
        "patient_id": [f"P{k}" for k in range(n)],
        "time_days": made["time"],
        "event": made["event"],
        "fold": np.arange(n) % 3,
        "fold_name": names,
    }
    table: dict[str, Any] = {name: np.repeat(np.asarray(column), wide) for name, column in columns.items()}
    table["score"] = risk.ravel()
    if horizons:
        table["horizon_days"] = np.tile(horizons, n)
    found = judge_survival(question(**table))
    folds = found.score.folds
    assert any("the mean over folds stands beside them" in text for text in found.warnings)
    brier = {2: {"integrated_brier"}, 1: {"brier_600"}, 0: set()}[len(horizons)]
    assert set(folds) == {"c_index", "uno_c", "dynamic_auc"} | brier
    for k in range(3):
        take = np.arange(n) % 3 == k
        event, time, mine = made["event"][take], made["time"][take], risk[take]
        y = Surv.from_arrays(event, time)
        tau = horizons[-1] if horizons else None
        assert folds["c_index"].values[k] == pytest.approx(
            metrics.concordance_index_censored(event, time, mine[:, -1])[0]
        )
        assert folds["uno_c"].values[k] == pytest.approx(metrics.concordance_index_ipcw(y, y, mine[:, -1], tau=tau)[0])
        if horizons:
            wanted = metrics.cumulative_dynamic_auc(y, y, mine, horizons)[1]
            assert folds["dynamic_auc"].values[k] == pytest.approx(wanted)
        if len(horizons) == 2:
            wanted = metrics.integrated_brier_score(y, y, 1 - mine, horizons)
            assert folds["integrated_brier"].values[k] == pytest.approx(wanted)
    held(folds["c_index"], 1 / 2, 0, 1)
    assert folds["c_index"].n == (40, 40, 40)
    assert folds["c_index"].names == ("center=A", "center=B", "center=C")
    assert folds["c_index"].method.endswith("each fold tells of its own censoring")


def test_a_fold_without_an_event_or_with_equal_scores_is_left_out() -> None:
    rng = np.random.default_rng(0)
    fold, event, score = np.repeat(np.arange(4), 10), np.tile([1.0, 0.0], 20), rng.normal(size=40)
    event[fold == 1], score[fold == 2] = 0, 0.5
    found = judge_survival(
        question(score=score, event=event, time_days=rng.integers(9, 999, 40), fold=fold)
    ).score.folds
    for name in ("c_index", "uno_c", "dynamic_auc"):
        assert [value is None for value in found[name].values] == [False, True, True, False], name
    nobody = judge_survival(question(score=score, event=[0] * 40, time_days=rng.integers(9, 999, 40), fold=fold))
    assert nobody.score.folds["c_index"].mean is None


def test_repeats_and_folds_that_are_models_of_one_test_part() -> None:
    rng = np.random.default_rng(0)
    truth = np.tile(rng.normal(55, 10, 30), 2)
    who = [f"P{k}" for k in range(30)] * 2
    made: dict[str, Any] = {"truth": truth, "score": truth + rng.normal(size=60), "patient_id": who}
    models = judge_number(question("test", **made, fold=np.repeat([0, 1], 30)))
    assert models.score.folds == {}
    repeats = judge_number(question(**made, fold=np.tile(np.arange(30) % 3, 2), repeat=np.repeat([0, 1], 30)))
    assert len(repeats.score.folds["mae"].values) == 6
    held(repeats.score.folds["mae"], 1 / 2, 0, np.inf)


def test_classes_have_the_interval_of_overlapping_training_parts() -> None:
    truth = np.arange(75) % 3
    made = ask(truth, likely(truth, 3), split="validation", fold=np.arange(75) // 3 % 5, repeat=np.zeros(75))
    folds = judge_classes(made).score.folds
    for name in ("accuracy", "balanced_accuracy", "auc_macro"):
        held(folds[name], 1 / 4, 0, 1)
