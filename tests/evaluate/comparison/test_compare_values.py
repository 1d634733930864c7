import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_systems import rows, systems, twice
from scipy.stats import ttest_rel

from myoperf.evaluate.comparison import compare_systems
from myoperf.evaluate.comparison.error_spread import pitman_morgan
from myoperf.evaluate.resampling import draw, interval

REFERENCE = json.loads((Path(__file__).parents[2] / "reference" / "system_differences.json").read_text())


def values(truth: Any, first: Any, second: Any, **more: Any) -> dict[str, Any]:
    return {**twice(len(truth)), "truth": [*truth] * 2, "score": [*first, *second], **more}


def test_by_hand() -> None:
    part = compare_systems(systems(values([50, 60, 70.5], [51, 58, 70.5], [50, 63, 74.5])))
    found = rows(part, "a against b")
    mae = found["mae_difference"]
    assert (mae["value_first"], mae["value_second"], mae["value"]) == pytest.approx((1, 7 / 3, -4 / 3))
    assert (mae["t"], mae["df"], mae["n"]) == (pytest.approx(-4 / 3 / np.sqrt(19 / 9)), 2, 3)
    rmse = found["rmse_difference"]
    assert rmse["value"] == pytest.approx(np.sqrt(5 / 3) - np.sqrt(25 / 3))
    assert "fewer than 5 patients" in rmse["method"]
    assert (rmse["low"], rmse["p"]) == (None, None)


def test_the_tests_are_those_of_r_and_scipy() -> None:
    first, second = np.array(REFERENCE["first"]), np.array(REFERENCE["second"])
    truth = np.linspace(30, 80, len(first)).round(3)
    found = rows(compare_systems(systems(values(truth, truth + first, truth + second))))
    mae = found["mae_difference"]
    assert (mae["value"], mae["low"], mae["high"], mae["p"]) == pytest.approx(tuple(REFERENCE["absolute"]), abs=1e-9)
    assert mae["p"] == pytest.approx(ttest_rel(abs(first), abs(second)).pvalue, abs=1e-9)
    ratio = found["error_sd_ratio"]
    assert (ratio["value"], ratio["low"], ratio["high"], ratio["p"]) == pytest.approx(
        tuple(REFERENCE["spread"]), abs=1e-8
    )
    assert found["rmse_difference"]["low"] < found["rmse_difference"]["value"] < found["rmse_difference"]["high"]


def test_several_rows_a_patient_are_drawn_together_as_in_an_explicit_loop() -> None:
    rng = np.random.default_rng(0)
    patient, n, replicates = np.repeat(np.arange(12), 5), 12, 40
    truth = rng.normal(50, 10, 60)
    errors = [rng.normal(size=n)[patient] * wide + rng.normal(size=60) for wide in (3, 5)]
    table = values(truth, truth + errors[0], truth + errors[1])
    table |= {"patient_id": [f"P{k:02d}" for k in patient] * 2, "study_id": [f"S{k}" for k in range(60)] * 2}
    part = compare_systems(systems(table, replicates=replicates))
    found = rows(part)
    assert set(found) == {"mae_difference", "rmse_difference"}
    weight, _ = draw(n, replicates, np.ones((n, 2), dtype=bool), np.random.default_rng(0))

    def apart(count: np.ndarray) -> tuple[float, float]:
        take = np.concatenate([np.flatnonzero(patient == k) for k in range(n) for _ in range(int(count[k]))])
        mae = [np.abs(error[take]).mean() for error in errors]
        rmse = [np.sqrt((error[take] ** 2).mean()) for error in errors]
        return mae[0] - mae[1], rmse[0] - rmse[1]

    drawn = np.array([apart(count) for count in weight])
    left = np.array([apart(1.0 - np.eye(n)[k]) for k in range(n)])
    for place, name in enumerate(("mae_difference", "rmse_difference")):
        row = found[name]
        pair = interval(row["value"], drawn[:, place], left[:, place], n)
        assert (row["low"], row["high"]) == pytest.approx(pair, abs=1e-9)
        assert (row["n"], row["n_rows"]) == (12, 60)
    assert any("whole patients are resampled" in text for text in part.warnings)


def test_a_column_stands_for_a_system_and_the_margin_is_not_used() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(55, 10, 40)
    table = values(truth, truth + rng.normal(size=40), truth + 3 * rng.normal(size=40))
    echo = truth + 5
    part = compare_systems(systems(table | {"echo": [*map(str, echo)] * 2}), against="echo", margin=0.05)
    found = rows(part, "b against echo")
    assert found["mae_difference"]["value_second"] == pytest.approx(5)
    assert part.warnings == ("target: the margin is a difference in AUC and is not used for values",)


def test_what_cannot_be_compared_says_so() -> None:
    truth, first = [40.0, 50, 60, 70], [41.0, 52, 57, 71]
    same = rows(compare_systems(systems(values(truth, first, first))))
    assert (same["mae_difference"]["value"], same["mae_difference"]["p"]) == (0, None)
    assert "the same for every patient" in same["mae_difference"]["method"]
    assert "errors without spread of their own" in same["error_sd_ratio"]["method"]
    apart = values(truth, first, first) | {"patient_id": [f"P{k}" for k in range(8)]}
    (row,) = compare_systems(systems(apart)).comparisons
    assert (row["value"], row["method"]) == (None, "no study is judged by both")
    one = rows(compare_systems(systems(values([40.0, 2.5], [41.0, 3.5], [44.0, 4.5]))))
    assert one["mae_difference"]["n"] == 2
    other = values(truth, first, truth) | {"truth": [*truth, 41.0, 50, 60, 70]}
    part = compare_systems(systems(other))
    assert rows(part)["mae_difference"]["n"] == 3
    assert any("1 studies have another truth in each" in text for text in part.warnings)
    assert pitman_morgan(np.array([1.0, 2, 3]), np.array([2.0, 2, 2])) is None


def test_over_the_same_folds_the_corrected_t_test_is_made() -> None:
    rng = np.random.default_rng(0)
    truth, fold = rng.normal(55, 10, 40), np.arange(40) % 4
    errors = rng.normal(0, 2, 40), rng.normal(0, 4, 40)
    table = values(truth, truth + errors[0], truth + errors[1], fold=np.tile(fold, 2))
    row = rows(compare_systems(systems(table, part="validation")))["mae_difference_over_folds"]
    gaps = [np.abs(errors[0][fold == k]).mean() - np.abs(errors[1][fold == k]).mean() for k in range(4)]
    assert row["values"] == pytest.approx(gaps)
    assert row["low"] < np.mean(gaps) < row["high"]
