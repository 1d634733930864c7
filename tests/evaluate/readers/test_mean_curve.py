import numpy as np
import pytest

from myoperf.core.scorecard import Curve
from myoperf.evaluate.readers.estimates import areas
from myoperf.evaluate.readers.mean_curve import mean_roc


def area(curve: Curve) -> float:
    x, y = np.array(curve.x), np.array(curve.y)
    return float((np.diff(x) * (y[1:] + y[:-1]) / 2).sum())


def test_two_readers_by_hand() -> None:
    truth = np.array([True, True, False, False])
    curve = mean_roc(np.array([[4.0, 3.0, 2.0, 1.0], [4.0, 2.0, 3.0, 1.0]]), truth)
    assert curve is not None
    # the first is perfect, the second finds one of two before the first false alarm
    assert curve.x == pytest.approx([0, 0, 0.5, 0.5, 1, 1])
    assert curve.y == pytest.approx([0, 0.75, 0.75, 1, 1, 1])


@pytest.mark.parametrize(("cases", "tolerance"), [(90, 1e-9), (1500, 1e-3)])
@pytest.mark.parametrize("ties", [True, False])
def test_its_area_is_the_mean_of_the_areas(cases: int, tolerance: float, ties: bool) -> None:
    rng = np.random.default_rng(0)
    truth = np.arange(cases) % 3 == 0
    rating = rng.normal(size=(4, cases)) + truth
    rating = np.round(rating) if ties else rating
    curve = mean_roc(rating, truth)
    assert curve is not None
    assert area(curve) == pytest.approx(areas(rating, truth, np.arange(cases)).value.mean(), abs=tolerance)
    assert (np.diff(curve.y) > -1e-9).all()
    assert len(curve.x) <= 402


def test_no_curve_of_one_class() -> None:
    assert mean_roc(np.ones((2, 3)), np.ones(3, dtype=bool)) is None
