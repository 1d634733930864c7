import json
from typing import Any

import numpy as np
import pytest
from made_systems import rows, systems, twice
from sklearn.metrics import accuracy_score, balanced_accuracy_score, cohen_kappa_score, roc_auc_score
from statsmodels.stats.contingency_tables import mcnemar

from myoperf.evaluate.comparison import compare_systems
from myoperf.evaluate.resampling import draw, interval

NAMES = ("accuracy", "balanced_accuracy", "kappa", "auc_macro")


def scored(truth: Any, first: np.ndarray, second: np.ndarray, **more: Any) -> dict[str, Any]:
    score = np.concatenate([first, second])
    columns = {f"class_{k}": score[:, k] for k in range(score.shape[1])}
    return {**twice(len(truth)), "truth": [*truth] * 2, **columns, **more}


def made(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = np.arange(n) % 3
    raw = [np.exp(lean * np.eye(3)[truth] + rng.normal(size=(n, 3))) for lean in (2, 1)]
    first, second = (each / each.sum(axis=1, keepdims=True) for each in raw)
    return truth, first, second


def by_sklearn(truth: np.ndarray, score: np.ndarray) -> dict[str, float]:
    called = score.argmax(axis=1)
    return {
        "accuracy": accuracy_score(truth, called),
        "balanced_accuracy": balanced_accuracy_score(truth, called),
        "kappa": cohen_kappa_score(truth, called),
        "auc_macro": roc_auc_score(truth, score, multi_class="ovr"),
    }


def test_by_hand() -> None:
    truth = [0, 0, 1, 1, 2, 2]
    right, poor = np.eye(3)[truth], np.eye(3)[[0, 0, 1, 0, 2, 0]]
    found = rows(compare_systems(systems(scored(truth, right, poor))), "a against b")
    accuracy = found["accuracy_difference"]
    assert (accuracy["value_first"], accuracy["value_second"]) == pytest.approx((1, 4 / 6))
    assert accuracy["discordant"] == [2, 0]
    assert accuracy["p"] == pytest.approx(0.5)
    assert found["balanced_accuracy_difference"]["value"] == pytest.approx(1 - 2 / 3)
    assert found["kappa_difference"]["value"] == pytest.approx(1 - (4 / 6 - 1 / 3) / (1 - 1 / 3))


def test_figures_and_tests_are_those_of_scikit_learn_and_statsmodels() -> None:
    truth, first, second = made(90)
    found = rows(compare_systems(systems(scored(truth, first, second)), margin=0.3))
    wanted = [by_sklearn(truth, score) for score in (first, second)]
    for name in NAMES:
        row = found[f"{name}_difference"]
        assert row["value"] == pytest.approx(wanted[0][name] - wanted[1][name], abs=1e-12), name
        assert row["low"] < row["value"] < row["high"]
    right = [score.argmax(axis=1) == truth for score in (first, second)]
    b, c = int((right[0] & ~right[1]).sum()), int((~right[0] & right[1]).sum())
    assert found["accuracy_difference"]["discordant"] == [b, c]
    theirs = mcnemar([[0, b], [c, 0]], exact=b + c < 25, correction=False)
    assert found["accuracy_difference"]["p"] == pytest.approx(theirs.pvalue, abs=1e-12)
    assert found["auc_macro_equivalence"]["verdict"] == "equivalent within 0.3"
    assert all(row["p_holm"] >= row["p"] for row in found.values())


def test_intervals_are_those_of_an_explicit_loop_over_the_same_draws() -> None:
    truth, first, second = made(36, 2)
    n, replicates = 36, 50
    found = rows(compare_systems(systems(scored(truth, first, second), replicates=replicates)))
    weight, _ = draw(n, replicates, np.eye(3, dtype=bool)[truth], np.random.default_rng(0))

    def apart(take: np.ndarray) -> dict[str, float]:
        one, other = (by_sklearn(truth[take], score[take]) for score in (first, second))
        return {name: one[name] - other[name] for name in NAMES}

    drawn = [apart(np.repeat(np.arange(n), row.astype(int))) for row in weight]
    left = [apart(np.delete(np.arange(n), k)) for k in range(n)]
    for name in NAMES[1:]:
        row = found[f"{name}_difference"]
        values, gone = (np.array([each[name] for each in part]) for part in (drawn, left))
        assert (row["low"], row["high"]) == pytest.approx(interval(row["value"], values, gone, n), abs=1e-9), name


def test_several_rows_a_patient_are_drawn_together() -> None:
    truth, first, second = made(90)
    table = scored(truth, first, second) | {"patient_id": [f"P{k // 3:02d}" for k in range(90)] * 2}
    table["study_id"] = [f"S{k}" for k in range(90)] * 2
    part = compare_systems(systems(table))
    row = rows(part)["accuracy_difference"]
    assert (row["n"], row["n_rows"]) == (30, 90)
    assert "patient bootstrap" in row["method"]
    assert any("whole patients are resampled" in text for text in part.warnings)


def test_a_column_of_calls_stands_for_a_system() -> None:
    truth, first, second = made(60)
    calls = np.where(np.arange(60) < 12, (truth + 1) % 3, truth)
    table = scored(truth, first, second, expert=[*map(str, calls)] * 2, tpd=[f"{k}.5" for k in range(60)] * 2)
    found = rows(compare_systems(systems(table), against="expert"), "a against expert")
    assert set(found) == {"accuracy_difference", "balanced_accuracy_difference", "kappa_difference"}
    assert found["accuracy_difference"]["value_second"] == pytest.approx(48 / 60)
    part = compare_systems(systems(table), against="tpd")
    assert [row["method"] for row in part.comparisons] == ["tpd holds 0.5, which is the number of no class"] * 2


def test_what_cannot_be_compared_says_so() -> None:
    truth, first, second = made(30)
    apart = scored(truth, first, second) | {"patient_id": [f"P{k}" for k in range(60)]}
    (row,) = compare_systems(systems(apart)).comparisons
    assert (row["value"], row["method"]) == (None, "no study is judged by both")
    one = rows(compare_systems(systems(scored(np.zeros(30), first, second))))
    assert one["accuracy_difference"]["value"] is not None
    assert one["kappa_difference"]["method"] == "one class only among the studies judged by both: 0"
    flat = rows(compare_systems(systems(scored(truth, first, np.full((30, 3), 0.25)))))
    assert flat["auc_macro_difference"]["method"] == "all scores of b are equal: there is nothing to rank"
    same = rows(compare_systems(systems(scored(truth, first, first)), margin=0.1))
    assert (same["kappa_difference"]["value"], same["kappa_difference"]["p"]) == (0, None)
    assert same["auc_macro_equivalence"]["value"] is None
    two = compare_systems(systems(scored([0, 1], first[:2], second[:2])))
    json.dumps([dict(row) for row in two.comparisons], allow_nan=False)
    other = scored(truth, first, second)
    other["truth"] = [*truth, *((truth + (np.arange(30) == 4)) % 3)]
    part = compare_systems(systems(other))
    assert rows(part)["accuracy_difference"]["n"] == 29
    assert any("1 studies have another truth in each" in text for text in part.warnings)


def test_systems_asked_different_things_are_compared_kind_by_kind() -> None:
    truth, first, second = made(30)
    table = scored(truth, first, second)
    more = {"variant": ["c"] * 30 + ["d"] * 30, "score": np.random.default_rng(0).normal(50, 9, 60)}
    n = {"truth": [*(55.5 + np.arange(30))] * 2, **{f"class_{k}": [np.nan] * 60 for k in range(3)}}
    both = table | {"score": [np.nan] * 60}
    added = {**twice(30), **more, **n}
    part = compare_systems(systems({name: [*both[name], *added[name]] for name in both}))
    assert {row["comparison"] for row in part.comparisons} == {"a against b", "c against d"}
    assert any("asked different things (classes, number)" in text for text in part.warnings)


def test_over_the_same_folds_the_corrected_t_test_is_made() -> None:
    truth, first, second = made(60)
    fold = np.arange(60) // 3 % 4
    table = scored(truth, first, second, fold=np.tile(fold, 2))
    found = rows(compare_systems(systems(table, part="validation")))
    gaps = []
    for k in range(4):
        each = [by_sklearn(truth[fold == k], score[fold == k]) for score in (first, second)]
        gaps.append(each[0]["accuracy"] - each[1]["accuracy"])
    row = found["accuracy_difference_over_folds"]
    assert row["values"] == pytest.approx(gaps)
    assert row["t"] == pytest.approx(np.mean(gaps) / (np.std(gaps, ddof=1) * np.sqrt(1 / 4 + 1 / 3)))
    assert found["auc_macro_difference_over_folds"]["df"] == 3
