import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from myoperf.evaluate.discrimination import auc, average_precision, rank, roc, youden_threshold


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
