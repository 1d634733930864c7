import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from myoperf.evaluate.discrimination import (
    areas,
    auc,
    average_precision,
    rank,
    roc,
    sensitivity_at_specificity,
    steps,
    youden_threshold,
)


def one(truth: list[int], score: list[float]) -> tuple[float, float]:
    labels, values = np.array(truth, dtype=bool), np.array(score)
    weight = np.ones(len(values))
    return float(auc(rank(values), labels, weight)), float(average_precision(rank(values), labels, weight))


@pytest.mark.parametrize(
    ("truth", "score", "expected"),
    [
        ([0, 0, 1, 1], [1, 2, 3, 4], 1.0),
        ([1, 1, 0, 0], [1, 2, 3, 4], 0.0),
        ([0, 1, 0, 1], [1, 2, 3, 4], 0.75),
        ([0, 1, 1, 0], [1, 1, 2, 2], 0.5),
        ([0, 0, 1, 1], [1, 2, 2, 3], 0.875),
        ([0, 1], [7, 7], 0.5),
        ([0, 1], [-1, 1], 1.0),
    ],
)
def test_auc_counted_by_hand(truth: list[int], score: list[float], expected: float) -> None:
    assert one(truth, score)[0] == expected


def test_both_areas_agree_with_scikit_learn_with_ties_and_weights() -> None:
    rng = np.random.default_rng(1)
    truth = rng.random(300) < 0.3
    score = np.round(rng.normal(size=300) + truth, 1)
    weight = rng.integers(0, 4, (5, 300)).astype(float)
    for area, reference in ((auc, roc_auc_score), (average_precision, average_precision_score)):
        found = area(rank(score), truth, weight)
        wanted = [reference(truth, score, sample_weight=row) for row in weight]
        np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_a_missing_class_gives_nan() -> None:
    assert np.isnan(one([1, 1], [1, 2])[0])
    assert np.isnan(one([0, 0], [1, 2])[1])


def test_the_curve_starts_and_ends_in_the_corners() -> None:
    x, y = roc(rank(np.array([1.0, 2, 2, 3])), np.array([False, False, True, True]), np.ones(4))
    np.testing.assert_array_equal(x, [0, 0, 0.5, 1])
    np.testing.assert_array_equal(y, [0, 0.5, 1, 1])


@pytest.mark.parametrize(
    ("truth", "score", "expected"),
    [
        ([0, 0, 1, 1], [0.1, 0.4, 0.6, 0.9], 0.5),
        ([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4], 0.15),
        ([1, 0], [0.2, 0.8], 0.2),
    ],
)
def test_youden_threshold_by_hand(truth: list[int], score: list[float], expected: float) -> None:
    assert youden_threshold(np.array(score), np.array(truth, dtype=bool)) == pytest.approx(expected)


def test_what_cannot_be_ranked_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        rank(np.array([1.0, np.nan]))
    with pytest.raises(ValueError, match="both classes"):
        youden_threshold(np.array([1.0, 2.0]), np.array([True, True]))


@pytest.mark.parametrize("digits", [0, 1, 6])
def test_patient_weights_give_the_same_areas_as_the_weights_of_their_rows(digits: int) -> None:
    rng = np.random.default_rng(digits)
    patient = np.repeat(np.arange(60), 3)
    truth = rng.random(180) < 0.3
    score = np.round(rng.normal(size=180) + truth, digits)
    weight = rng.integers(0, 4, (7, 60)).astype(float)
    ranking = rank(score)
    found = areas(steps(ranking, truth, patient, 60), weight)
    np.testing.assert_allclose(found[0], auc(ranking, truth, weight[:, patient]), atol=1e-14)
    np.testing.assert_allclose(found[1], average_precision(ranking, truth, weight[:, patient]), atol=1e-14)


def test_areas_of_patients_without_a_class_are_nan() -> None:
    made = steps(rank(np.array([1.0, 2.0])), np.array([False, True]), np.array([0, 1]), 2)
    area, precision = areas(made, np.array([[1.0, 1.0], [2.0, 0.0]]))
    assert area.tolist()[0] == precision.tolist()[0] == 1.0
    assert np.isnan(area[1])
    assert np.isnan(precision[1])


def test_sensitivity_at_a_specificity_by_hand() -> None:
    # falling: 5 (positive), 4 (negative), 3 (positive), 2 (positive), 1 (negative)
    made = steps(rank(np.array([1.0, 2, 3, 4, 5])), np.array([False, True, True, False, True]), np.arange(5), 5)
    found = sensitivity_at_specificity(made, np.ones((4, 5)), np.array([1.0, 0.6, 0.5, 0.0]))
    np.testing.assert_allclose(found, [1 / 3, 1 / 3, 1.0, 1.0])
