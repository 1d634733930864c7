"""Figures of calibration, Brier parts, reliability and groups."""

import importlib.util
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from probabilities import FEW, NONE, TEN, drawn, sample
from scipy.special import expit, logit

from myoperf.evaluate.calibration.bins import equal_count_bins, score_groups
from myoperf.evaluate.calibration.brier_parts import brier_table
from myoperf.evaluate.calibration.grading import ALL, grade
from myoperf.evaluate.calibration.groups import bmi_groups, group_table
from myoperf.evaluate.calibration.logistic import (
    fit_intercepts,
    fit_lines,
    intercept_interval,
    overlaps,
    slope_interval,
)
from myoperf.evaluate.calibration.probability import logits_of
from myoperf.evaluate.calibration.reliability import few_events, reliability_curves, reliability_table
from myoperf.evaluate.intervals import wilson
from myoperf.evaluate.metrics import Resampling


@pytest.fixture(scope="module")
def glm() -> dict[str, Any]:
    path = Path(__file__).parents[2] / "reference" / "calibration_glm.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_slope_intercept_and_their_intervals_are_those_of_r(glm: dict[str, Any]) -> None:
    found = grade(sample(glm["score"], glm["truth"]), FEW)
    slope, intercept = found["calibration_slope"], found["calibration_intercept"]
    assert slope.value == pytest.approx(glm["line"][1], abs=1e-9)
    assert (slope.low, slope.high) == pytest.approx(glm["slope_interval"], abs=1e-7)
    assert intercept.value == pytest.approx(glm["large"][0], abs=1e-9)
    assert (intercept.low, intercept.high) == pytest.approx(glm["intercept_interval"], abs=1e-7)


def test_many_weightings_are_fitted_as_one_by_one(glm: dict[str, Any]) -> None:
    x, truth = logit(np.array(glm["score"])), np.array(glm["truth"], dtype=float)
    weight = np.stack([np.ones(x.size), np.array(glm["weight"], dtype=float), truth])
    intercept, slope = fit_lines(x, truth, weight)
    assert (intercept[0], slope[0]) == pytest.approx(glm["line"], abs=1e-9)
    assert (intercept[1], slope[1]) == pytest.approx(glm["weighted"], abs=1e-9)
    assert np.isnan([intercept[2], slope[2]]).all()
    assert np.isnan(fit_intercepts(x, truth, weight)).tolist() == [False, False, True]


def test_two_thousand_slopes_take_less_than_a_second() -> None:
    rng = np.random.default_rng(0)
    one = drawn(500)
    weight = rng.multinomial(500, np.full(500, 1 / 500), size=2000).astype(float)
    start = time.process_time()
    slope = fit_lines(logit(one.score), one.truth.astype(float), weight)[1]
    assert time.process_time() - start < 2  # measured 0.1; a busy machine counts twice
    assert np.isfinite(slope).all()


def test_a_line_needs_overlap() -> None:
    x = np.array([0.0, 1, 2, 3])
    truth = np.array([[0.0, 0, 1, 1], [1, 1, 0, 0], [0, 1, 0, 1], [0, 0, 0, 0]])
    found = [overlaps(x, one, np.ones((1, 4)))[0] for one in truth]
    assert found == [False, False, True, False]
    assert not overlaps(np.array([0.0, 1, 1, 2]), np.array([0.0, 0, 1, 1]), np.ones((1, 4)))[0]
    assert slope_interval(x, truth[0]) is None
    assert intercept_interval(x, truth[3]) is None


def test_figures_of_two_groups_of_five_by_hand() -> None:
    found = {name: metric.value for name, metric in grade(TEN, FEW).items()}
    assert found["brier"] == pytest.approx(0.22)
    assert found["brier_skill"] == pytest.approx(1 - 0.22 / 0.24)
    assert found["ece"] == pytest.approx(0.1)
    assert found["observed_expected"] == pytest.approx(0.8)
    parts = [found[name] for name in ("reliability", "resolution", "uncertainty", "remainder")]
    assert parts == pytest.approx([0.02, 0.04, 0.24, 0.0], abs=1e-12)
    # two points: the line goes through both, from logit(1/5) at logit(0.2) to logit(3/5) at logit(0.8)
    assert found["calibration_slope"] == pytest.approx((logit(0.6) - logit(0.2)) / (logit(0.8) - logit(0.2)))
    # the intercept a solves expit(a + logit(0.2)) + expit(a + logit(0.8)) = 4 / 5
    a = found["calibration_intercept"]
    assert a is not None
    assert expit(a + logit(0.2)) + expit(a + logit(0.8)) == pytest.approx(0.8)


def test_brier_is_that_of_scikit_learn_and_its_parts_add_up() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    one = drawn(137, seed=3)
    found = grade(one, FEW)
    assert found["brier"].value == pytest.approx(metrics.brier_score_loss(one.truth, one.score), abs=1e-12)
    value = {row[0]: row[1] for row in brier_table(found).rows}
    parts = value["reliability"] - value["resolution"] + value["uncertainty"] + value["remainder"]  # type: ignore[operator] # cells are numbers here
    assert parts == pytest.approx(value["brier"], abs=1e-12)
    assert value["remainder"] != 0
    assert "bins" in found["remainder"].method


def test_ece_of_ten_bins_of_equal_count_is_that_of_cutting_the_order_in_ten() -> None:
    one = drawn(200, intercept=0.7, seed=4)
    parts = np.array_split(np.argsort(one.score), 10)
    expected = sum(abs(one.truth[p].mean() - one.score[p].mean()) * p.size for p in parts) / 200
    assert grade(one, NONE)["ece"].value == pytest.approx(expected, abs=1e-12)


def test_equal_scores_share_a_bin_and_no_bin_is_empty() -> None:
    assert equal_count_bins(np.array([0.5] * 7)).tolist() == [0] * 7
    assert equal_count_bins(np.array([0.3, 0.1, 0.3])).tolist() == [1, 0, 1]
    code, exact = score_groups(np.array([0.3, 0.1, 0.3]))
    assert exact
    assert code.tolist() == [1, 0, 1]
    assert not score_groups(np.linspace(0, 1, 50))[1]


def test_every_figure_has_an_interval_around_it_with_slices_too() -> None:
    rng = np.random.default_rng(2)
    x, patient = rng.normal(size=60), np.repeat(np.arange(60), 5)
    truth = rng.random(60) < expit(x)
    slices = sample(expit(x[patient] + rng.normal(0, 0.3, 300)), truth[patient], patient.tolist())
    alone = grade(sample(expit(x), truth), FEW)
    several = grade(slices, FEW)
    for found in (alone, several):
        assert set(found) == set(ALL)
        for name, metric in found.items():
            assert metric.n == 60
            assert metric.value is not None, name
            assert metric.low is not None, name
            assert metric.high is not None, name
            assert metric.low <= metric.value <= metric.high, name
    assert "profile" in alone["calibration_slope"].method
    assert "bootstrap" in several["calibration_slope"].method
    wide = several["calibration_slope"].high - several["calibration_slope"].low  # type: ignore[operator] # both are there
    rows = grade(sample(slices.score, slices.truth), FEW)["calibration_slope"]
    assert wide > 1.5 * (rows.high - rows.low)  # type: ignore[operator] # both are there


@pytest.mark.parametrize(
    ("score", "truth", "why"),
    [
        ([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], "perfectly"),
        ([0.4, 0.4, 0.4, 0.4], [0, 1, 0, 1], "all scores are equal"),
        ([0.0, 1.0, 0.0, 1.0], [0, 1, 1, 0], "calls"),
        ([0.1, 0.2, 0.8, 0.9], [0, 0, 0, 0], "one class only: 0 positive, 4 negative"),
        ([-3.0, 0.2, 0.8, 0.9], [0, 0, 1, 1], "not in 0..1"),
    ],
)
def test_a_slope_that_cannot_be_is_said(score: list[float], truth: list[int], why: str) -> None:
    slope = grade(sample(score, truth), FEW)["calibration_slope"]
    assert slope.value is None
    assert why in slope.method


def test_scores_of_0_and_1_count_as_rounded() -> None:
    found = logits_of(np.array([0.0, 0.02, 0.5, 0.97, 1.0]))
    assert found.moved == 2
    assert expit(found.value) == pytest.approx([0.01, 0.02, 0.5, 0.97, 0.99])
    with_edges = grade(sample([0.0, 0.02, 0.5, 0.97, 1.0, 0.4], [0, 1, 0, 1, 1, 1]), NONE)["calibration_slope"]
    assert "2 scores of 0 or 1 count as 0.01" in with_edges.method
    with pytest.raises(ValueError, match=r"0\.\.1"):
        logits_of(np.array([0.5, 1.5]))


def test_calibration_error_of_right_scores_is_within_what_chance_makes() -> None:
    covered = 0
    for seed in range(40):
        ece = grade(drawn(100, seed=seed), Resampling(replicates=100, seed=0))["ece"]
        covered += ece.low == 0
    assert covered >= 36
    assert (grade(drawn(400, intercept=1.0), FEW)["ece"].low or 0) > 0.05


def test_no_event_has_an_interval_of_the_ratio() -> None:
    found = grade(sample([0.1] * 10, [0] * 10), FEW)["observed_expected"]
    assert found.value == 0
    assert found.high == pytest.approx(wilson(0, 10)[1] / 0.1)
    assert grade(sample([0.0] * 10, [0] * 10), FEW)["observed_expected"].value is None


def test_reliability_table_by_hand() -> None:
    table = reliability_table(TEN, FEW)
    assert table.columns[3:7] == ("patients", "events", "mean_predicted", "observed")
    assert table.rows[0][3:7] == pytest.approx((5, 1, 0.2, 0.2))
    assert table.rows[1][3:7] == pytest.approx((5, 3, 0.8, 0.6))
    assert table.rows[1][7:] == pytest.approx(wilson(3, 5))
    assert "4 events and 6 patients" in table.note


def test_the_reliability_curve_of_right_scores_is_the_diagonal_within_its_band() -> None:
    curves = reliability_curves(drawn(2000), FEW)
    x, y = np.array(curves["reliability"].x), np.array(curves["reliability"].y)
    low, high = np.array(curves["reliability_low"].y), np.array(curves["reliability_high"].y)
    assert np.abs(x - y).max() < 0.06
    assert (low <= y).all()
    assert (y <= high).all()
    assert ((low <= x) & (x <= high)).mean() > 0.8
    assert reliability_curves(sample([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1]), FEW) == {}


def test_few_events_are_counted() -> None:
    assert few_events("T", TEN) == (
        "T: 4 events and 6 patients without one; below 200 of each, slope and curve of calibration are rough",
    )
    assert few_events("T", sample([0.5] * 400, [0, 1] * 200)) == ()


def test_groups_of_body_mass_index() -> None:
    found = bmi_groups(np.array(["24.9", "25", "29.99", "30", "", "x", "nan", "1e9", " 41 "]))
    assert found.tolist() == ["below 25", "25 to 30", "25 to 30", "30 and over", "", "", "", "", "30 and over"]


def test_calibration_by_group() -> None:
    one = sample(
        TEN.score,
        TEN.truth,
        sex=["F"] * 5 + ["M"] * 5,
        bmi=["22"] * 4 + ["31"] * 5 + [""],
        scanner=["one"] * 10,
        center=[f"c{k}" for k in range(10)],
    )
    table, warnings = group_table("T", one, FEW)
    assert table is not None
    rows = {str(row[0]): dict(zip(table.columns, row, strict=True)) for row in table.rows}
    assert list(rows)[:4] == ["sex=F", "sex=M", "bmi=below 25", "bmi=30 and over"]
    assert "scanner=one" not in rows
    men = rows["sex=M"]
    assert (men["n"], men["events"], men["mean_predicted"]) == pytest.approx((5, 3, 0.8))
    assert men["observed_expected"] == pytest.approx(0.75)
    assert (men["observed_low"], men["observed_high"]) == pytest.approx(wilson(3, 5))
    assert men["calibration_slope"] is None
    assert "few" in str(men["said"])
    assert "all scores are equal" in str(men["said"])
    assert warnings == ("T: 1 patients have no bmi and are in no group of it",)
    assert group_table("T", TEN, FEW) == (None, ())


def test_a_column_of_many_values_makes_no_groups() -> None:
    one = sample([0.5] * 42, [0, 1] * 21, center=[f"c{k}" for k in range(42)])
    table, warnings = group_table("T", one, NONE)
    assert table is None
    assert "more than 20" in warnings[0]


def test_intervals_cover_what_is_true_as_often_as_they_say() -> None:
    path = Path(__file__).parents[3] / "bench" / "calibration.py"
    spec = importlib.util.spec_from_file_location("bench_calibration", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    found = module.coverage(module.Case(n=80, intercept=0.4, slope=0.6), 60)
    assert set(found) == {"calibration_slope", "calibration_intercept", "observed_expected", "ece", "ppv", "npv"}
    assert all(module.passes(name, share, 60) for name, share in found.items()), found
    assert not module.passes("calibration_slope", 0.5, 60)
