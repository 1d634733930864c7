import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from myoperf.evaluate.delong import delong, difference, logit_interval

REFERENCE = Path(__file__).parents[1] / "reference" / "delong_proc.json"


@pytest.fixture(scope="module")
def proc() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(REFERENCE.read_text(encoding="utf-8"))
    return found


def test_areas_and_covariances_are_those_of_proc(proc: dict[str, Any]) -> None:
    truth = np.array(proc["truth"]) == 1
    areas = delong(truth, np.array([proc[name] for name in ("s100b", "ndka", "wfns")]))
    np.testing.assert_allclose(areas.auc, proc["auc"], atol=1e-12, rtol=0)
    np.testing.assert_allclose(areas.covariance, proc["covariance"], atol=1e-12, rtol=0)
    for k, expected in enumerate(proc["logit interval"]):
        pair = logit_interval(float(areas.auc[k]), float(areas.covariance[k, k]))
        assert pair == pytest.approx(expected, abs=1e-12)


def test_paired_tests_are_those_of_proc(proc: dict[str, Any]) -> None:
    truth = np.array(proc["truth"]) == 1
    areas = delong(truth, np.array([proc[name] for name in ("s100b", "ndka", "wfns")]))
    for (a, b), expected in zip(((0, 1), (0, 2), (1, 2)), proc["paired z, p, low, high"], strict=True):
        found = difference(areas, a, b)
        assert found is not None
        assert (found.z, found.p, found.low, found.high) == pytest.approx(expected, abs=1e-10)


def test_three_against_two_counted_by_hand() -> None:
    # placements of the positives 2, 3, 5 among the negatives 1, 3: 1/2, 3/4, 1; of the negatives: 1, 1/2
    areas = delong(np.array([True, True, True, False, False]), np.array([2.0, 3, 5, 1, 3]))
    assert areas.auc[0] == 0.75
    assert areas.covariance[0, 0] == pytest.approx(0.0625 / 3 + 0.125 / 2)


def test_clustered_variance_is_the_definition_and_falls_back_to_delong() -> None:
    rng = np.random.default_rng(3)
    patient = np.repeat(np.arange(12), 4)
    truth = (patient % 3 == 0) | (rng.random(48) < 0.2)
    scores = np.round(rng.normal(size=(2, 48)) + truth + rng.normal(size=12)[patient], 1)
    found = delong(truth, scores, patient)
    assert found.method == "Obuchowski 1997"
    np.testing.assert_allclose(found.covariance, by_definition(truth, scores, patient), rtol=1e-12)
    alone = delong(truth, scores, np.arange(48))
    np.testing.assert_array_equal(alone.covariance, delong(truth, scores).covariance)


def by_definition(truth: np.ndarray, scores: np.ndarray, patient: np.ndarray) -> np.ndarray:
    """Obuchowski's sums written out, loop by loop."""
    patients, m, n = np.unique(patient), truth.sum(), (~truth).sum()
    rows = []
    for score in scores:
        wins = {
            (i, j): float(score[i] > score[j]) + 0.5 * float(score[i] == score[j])
            for i, j in product(np.flatnonzero(truth), np.flatnonzero(~truth))
        }
        area = sum(wins.values()) / (m * n)
        plus = [sum(w for (i, _), w in wins.items() if patient[i] == p) / n for p in patients]
        minus = [sum(w for (_, j), w in wins.items() if patient[j] == p) / m for p in patients]
        own = [truth[patient == p].sum() for p in patients]
        others = [(~truth)[patient == p].sum() for p in patients]
        rows.append((np.array(plus) - np.array(own) * area, np.array(minus) - np.array(others) * area))
    with_plus, with_minus = sum(np.array(own) > 0), sum(np.array(others) > 0)
    covariance = np.empty((len(scores), len(scores)))
    for a, b in product(range(len(scores)), repeat=2):
        s10 = with_plus / ((with_plus - 1) * m) * (rows[a][0] * rows[b][0]).sum()
        s01 = with_minus / ((with_minus - 1) * n) * (rows[a][1] * rows[b][1]).sum()
        s11 = len(patients) / (len(patients) - 1) * (rows[a][0] * rows[b][1]).sum()
        s11_turned = len(patients) / (len(patients) - 1) * (rows[a][1] * rows[b][0]).sum()
        covariance[a, b] = s10 / m + s01 / n + (s11 + s11_turned) / (m * n)
    return covariance


def test_what_has_no_variance_has_no_interval_and_no_test() -> None:
    truth = np.array([False, False, True, True])
    areas = delong(truth, np.array([[1.0, 2, 3, 4], [10.0, 20, 30, 40]]))
    assert logit_interval(float(areas.auc[0]), float(areas.covariance[0, 0])) is None
    same = difference(areas)
    assert same is not None
    assert (same.value, same.z, same.p) == (0.0, None, None)
    few = delong(np.array([True, False, False]), np.array([[2.0, 1, 3], [3.0, 1, 2]]))
    assert np.isnan(few.covariance).all()
    assert difference(few) is None


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="both classes"):
        delong(np.array([True, True]), np.array([1.0, 2.0]))
    with pytest.raises(ValueError, match="finite"):
        delong(np.array([True, False]), np.array([1.0, np.nan]))
    with pytest.raises(ValueError, match="shape"):
        delong(np.array([True, False]), np.array([1.0, 2.0, 3.0]))
