"""Platt, isotonic and temperature scaling, and other prevalences."""

import numpy as np
import pytest
from probabilities import FEW, NONE, TEN, drawn, sample
from scipy.special import expit, logit

from myoperf.core.errors import RefusedError
from myoperf.evaluate.calibration.grading import grade
from myoperf.evaluate.calibration.prevalence import predictive_interval, prevalence_table, shift
from myoperf.evaluate.calibration.recalibration import recalibration_table
from myoperf.evaluate.calibration.recalibrator import apply, fit_isotonic, fit_platt, fit_temperature


def test_platt_is_a_logistic_regression_of_drawn_in_targets() -> None:
    api = pytest.importorskip("statsmodels.api")
    one = drawn(80, intercept=0.5, slope=0.6)
    positive = int(one.truth.sum())
    target = np.where(one.truth, (positive + 1) / (positive + 2), 1 / (80 - positive + 2))
    x = logit(one.score)
    expected = api.GLM(target, api.add_constant(x), family=api.families.Binomial()).fit().params
    found = fit_platt(one.score, one.truth)
    assert (found.intercept, found.slope) == pytest.approx(expected, abs=1e-6)
    assert apply(found, one.score) == pytest.approx(expit(expected[0] + expected[1] * x), abs=1e-6)


def test_platt_of_perfect_separation_is_finite() -> None:
    found = fit_platt(np.array([0.1, 0.2, 0.8, 0.9]), np.array([False, False, True, True]))
    assert 0 < found.slope < 10


def test_temperature_by_hand() -> None:
    # scores 0.9 and 0.1 of which 3 in 4 are right: the logit 2.197 should be that of 0.75, 1.099
    score, truth = np.array([0.9] * 4 + [0.1] * 4), np.array([True] * 3 + [False] + [False] * 3 + [True])
    found = fit_temperature(score, truth)
    assert found.temperature == pytest.approx(logit(0.9) / logit(0.75), abs=1e-6)
    assert apply(found, np.array([0.9, 0.1, 0.5])) == pytest.approx([0.75, 0.25, 0.5], abs=1e-6)


def test_isotonic_is_that_of_scikit_learn() -> None:
    isotonic = pytest.importorskip("sklearn.isotonic")
    one, other = drawn(90), drawn(50, seed=9)
    score = np.round(one.score, 2)
    expected = isotonic.IsotonicRegression(out_of_bounds="clip").fit(score, one.truth).predict(other.score)
    assert apply(fit_isotonic(score, one.truth), other.score) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("fit", [fit_platt, fit_temperature, fit_isotonic])
@pytest.mark.parametrize(
    ("score", "truth"),
    [
        ([0.1, 0.9], [True, True]),
        ([0.5, 0.5], [True, False]),
        ([0.0, 1.0], [True, False]),
        ([0.5, 2.0], [True, False]),
        ([], []),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(fit, score, truth) -> None:  # type: ignore[no-untyped-def] # three functions that differ in what they return
    with pytest.raises(RefusedError, match="recalibration"):
        fit(np.array(score, dtype=float), np.array(truth, dtype=bool))


def test_a_temperature_without_end_is_refused() -> None:
    with pytest.raises(RefusedError, match="temperature"):
        fit_temperature(np.array([0.1, 0.9]), np.array([False, True]))
    with pytest.raises(RefusedError, match="temperature"):
        fit_temperature(np.array([0.1, 0.9]), np.array([True, False]))


def test_recalibration_is_learnt_on_the_validation_part_alone() -> None:
    judged, validation = drawn(3000, intercept=1, slope=0.5, seed=1), drawn(3000, intercept=1, slope=0.5, seed=2)
    table = recalibration_table(judged, validation, grade(judged, NONE), FEW)
    rows = {str(row[0]): dict(zip(table.columns, row, strict=True)) for row in table.rows}
    assert list(rows) == ["as given", "Platt", "isotonic", "temperature"]
    assert rows["Platt"]["brier"] < rows["as given"]["brier"]  # type: ignore[operator] # cells are numbers here
    assert rows["Platt"]["calibration_slope"] == pytest.approx(1, abs=0.2)
    assert rows["as given"]["calibration_slope"] == pytest.approx(0.5, abs=0.15)
    assert rows["Platt"]["auc"] == pytest.approx(rows["as given"]["auc"], abs=1e-12)
    assert [rows["Platt"][f"auc_change{end}"] for end in ("", "_low", "_high")] == pytest.approx([0, 0, 0], abs=1e-9)
    assert rows["isotonic"]["auc_change"] != 0
    assert (rows["Platt"]["ranking"], rows["isotonic"]["ranking"]) == ("unchanged", "some scores made equal")
    assert "3000 patients" in table.note
    turned = sample(judged.score, ~judged.truth)
    again = recalibration_table(turned, validation, grade(turned, NONE), NONE)
    assert [row[1] for row in again.rows][1] == rows["Platt"]["fitted"]


def test_without_a_validation_part_nothing_is_recalibrated() -> None:
    for none in (None, TEN.take(np.zeros(10, dtype=bool))):
        table = recalibration_table(TEN, none, grade(TEN, NONE), FEW)
        assert [row[0] for row in table.rows] == ["as given"]
        assert table.note.startswith("Not done")


def test_a_validation_part_of_one_class_is_said() -> None:
    one_class = sample([0.2, 0.3, 0.9], [0, 0, 0])
    table = recalibration_table(TEN, one_class, grade(TEN, NONE), FEW)
    assert all(str(row[1]).startswith("not done: both classes are there; got 0 positive") for row in table.rows[1:])


def test_scores_that_run_the_wrong_way_are_turned_round_and_that_is_said() -> None:
    validation = drawn(300, slope=-1, seed=3)
    table = recalibration_table(drawn(300, seed=4), validation, grade(TEN, NONE), NONE)
    assert dict(zip(table.columns, table.rows[1], strict=True))["ranking"] == "turned round"


def test_odds_move_with_the_prevalence() -> None:
    assert shift(np.array([0.5, 0.0, 1.0]), was=0.5, now=0.1) == pytest.approx([0.1, 0, 1])
    there = shift(np.array([0.3]), was=0.4, now=0.1)
    assert there == pytest.approx([(0.3 * 0.25) / (0.3 * 0.25 + 0.7 * 1.5)])
    assert shift(there, was=0.1, now=0.4) == pytest.approx([0.3])
    with pytest.raises(RefusedError, match="between 0 and 1"):
        shift(np.array([0.5]), was=0.0, now=0.5)


def test_predictive_values_at_a_prevalence_by_hand() -> None:
    called = np.asarray(TEN.score >= 0.5)  # sensitivity 3/4, specificity 4/6
    table = prevalence_table(TEN, called, "a test", 0.15, FEW)
    assert table is not None
    rows = {row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows}
    assert sorted(rows) == [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5]  # type: ignore[type-var] # prevalences are numbers
    assert rows[0.1]["ppv"] == pytest.approx(0.075 / (0.075 + 0.3))
    assert rows[0.1]["npv"] == pytest.approx(0.6 / (0.6 + 0.025))
    # mean loss of the positives 0.25 * 0.64 + 0.75 * 0.04, of the negatives (4 * 0.04 + 2 * 0.64) / 6
    assert rows[0.1]["brier"] == pytest.approx(0.1 * 0.19 + 0.9 * 0.24)
    assert rows[0.4]["brier"] == pytest.approx(0.22)
    assert rows[0.4]["brier_shifted"] == pytest.approx(0.22)
    assert rows[0.1]["ppv_low"] < rows[0.1]["ppv"] < rows[0.1]["ppv_high"]  # type: ignore[operator] # numbers here
    assert "a test" in table.note


def test_no_threshold_means_no_predictive_values_and_one_class_no_table() -> None:
    table = prevalence_table(TEN, None, "", None, NONE)
    assert table is not None
    assert all(row[1] is None for row in table.rows)
    assert prevalence_table(sample([0.2, 0.3], [0, 0]), None, "", None, NONE) is None
    with pytest.raises(RefusedError, match="prevalence"):
        prevalence_table(TEN, None, "", 1.0, NONE)


def test_the_interval_of_a_predictive_value_is_the_delta_method_in_large_samples() -> None:
    low, high = predictive_interval(80_000, 100_000, 10_000, 100_000, 0.2)
    middle = np.log(0.8 * 0.2 / (0.1 * 0.8))
    half = 1.959964 * np.sqrt(0.2 / 0.8 / 1e5 + 0.9 / 0.1 / 1e5)
    assert [low, high] == pytest.approx(list(expit([middle - half, middle + half])), abs=1e-4)
    assert 0 < predictive_interval(10, 10, 0, 20, 0.1)[0] < 1
