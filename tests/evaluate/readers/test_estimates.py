import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from myoperf.evaluate.readers.estimates import areas, shares


def clustered(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three figures of 40 cases of 17 patients, some of them with cases of both classes; ratings with ties."""
    rng = np.random.default_rng(seed)
    patient = np.unique(rng.integers(0, 17, 40), return_inverse=True)[1]
    truth = rng.random(40) < 0.45
    return rng.integers(0, 6, (3, 40)).astype(float) + 2 * truth, truth, patient


def test_areas_by_hand() -> None:
    # positives 3, 1 against negatives 2, 1: won 1 + 1 + 0 + 1/2 of 4 pairs
    rating, truth = np.array([[3.0, 1.0, 2.0, 1.0]]), np.array([True, True, False, False])
    found = areas(rating, truth, np.arange(4))
    assert found.value == pytest.approx([0.625])
    # of positives 1 and 1/4, of negatives 1/2 and 3/4: variances / 2
    assert found.covariance[0, 0] == pytest.approx(0.28125 / 2 + 0.03125 / 2)
    assert areas(rating, truth, np.arange(4), jackknife=True).value == pytest.approx([0.625])


def test_the_jackknife_leaves_out_patients_one_by_one() -> None:
    rating, truth, patient = clustered()
    left = np.array(
        [[roc_auc_score(truth[patient != one], row[patient != one]) for one in np.unique(patient)] for row in rating]
    )
    found = areas(rating, truth, patient, jackknife=True)
    n = left.shape[1]
    np.testing.assert_allclose(found.value, [roc_auc_score(truth, row) for row in rating])
    np.testing.assert_allclose(found.covariance, (n - 1) ** 2 / n * np.cov(left), rtol=1e-9)


def test_components_and_the_jackknife_agree_on_many_patients() -> None:
    rng = np.random.default_rng(1)
    truth = np.arange(600) % 3 == 0
    rating = rng.normal(size=(3, 600)) + truth + rng.normal(size=600)
    patient = np.arange(600) // 2
    pair = areas(rating, truth, patient), areas(rating, truth, patient, jackknife=True)
    np.testing.assert_allclose(pair[0].covariance, pair[1].covariance, rtol=0.03)


def test_shares_by_hand_and_over_patients() -> None:
    called = np.array([[True, True, False, True, False]])
    rows = np.array([True, True, True, True, False])
    found = shares(called, rows, np.arange(5))
    assert found.value == pytest.approx([0.75])
    assert found.covariance[0, 0] == pytest.approx(0.75 * 0.25 / 3)
    # two patients with two of these cases each: sums 2 and 1 of an expected 1.5
    assert shares(called, rows, np.array([0, 0, 1, 1, 2])).covariance[0, 0] == pytest.approx(2 * 0.5 / 16)


def test_rows_of_a_patient_count_as_one() -> None:
    rng = np.random.default_rng(2)
    truth = np.arange(30) % 2 == 0
    rating = rng.normal(size=(2, 30)) + truth
    once = areas(rating, truth, np.arange(30))
    four = areas(np.repeat(rating, 4, axis=1), np.repeat(truth, 4), np.repeat(np.arange(30), 4))
    np.testing.assert_allclose(four.covariance, once.covariance, rtol=1e-9)
    shared = shares(np.repeat(rating > 0.5, 4, axis=1), np.repeat(truth, 4), np.repeat(np.arange(30), 4))
    np.testing.assert_allclose(shared.covariance, shares(rating > 0.5, truth, np.arange(30)).covariance, rtol=1e-9)


@pytest.mark.parametrize("jackknife", [False, True])
def test_what_is_not_defined_is_nan(jackknife: bool) -> None:
    rating = np.array([[1.0, 2.0, 3.0]])
    one_class = areas(rating, np.ones(3, dtype=bool), np.arange(3), jackknife=jackknife)
    assert np.isnan(one_class.value).all()
    assert np.isnan(one_class.covariance).all()
    one_positive = areas(rating, np.array([False, False, True]), np.arange(3), jackknife=jackknife)
    assert one_positive.value == pytest.approx([1.0])
    assert np.isnan(one_positive.covariance).all()


def test_shares_of_nothing() -> None:
    called = np.ones((2, 3), dtype=bool)
    assert np.isnan(shares(called, np.zeros(3, dtype=bool), np.arange(3)).value).all()
    assert np.isnan(shares(called, np.array([True, False, False]), np.arange(3)).covariance).all()
