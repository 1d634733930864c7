import numpy as np
import pytest
from numpy.typing import ArrayLike
from sksurv.metrics import concordance_index_censored, concordance_index_ipcw
from sksurv.util import Surv

from myoperf.evaluate.survival.censoring import censoring, lasts
from myoperf.evaluate.survival.cohort import Cohort
from myoperf.evaluate.survival.concordance import concordance, pairs


def cohort(time: ArrayLike, event: ArrayLike, score: ArrayLike) -> Cohort:
    at = np.asarray(time, dtype=np.float64)
    return Cohort(
        row=np.arange(at.size),
        patient=np.arange(at.size),
        event=np.asarray(event, dtype=np.intp),
        time=at,
        score=np.asarray(score, dtype=np.float64).reshape(at.size, 1),
        horizons=(),
    )


def both(judged: Cohort, train: Cohort | None = None, tau: float | None = None) -> tuple[float, float]:
    """Harrell's and Uno's C."""
    found, one = pairs(judged.time, judged.hit, judged.marker), np.ones((1, len(judged)))
    kept = censoring(judged, train, cause_specific=True)
    inverse = kept.inverse(kept.estimate(one), judged.time[found.case]) ** 2
    if tau is not None:
        inverse = inverse * (judged.time[found.case] < tau)
    harrell, uno = concordance(found, one, None, inverse)
    return float(harrell[0]), float(uno[0])


def test_by_hand() -> None:
    """The event of day 1 has a higher score than none of three; that of day 3, seen by 2 in 3, than the one left."""
    harrell, uno = both(cohort([1, 2, 3, 4], [1, 0, 1, 0], [0.4, 0.9, 0.5, 0.45]))
    assert harrell == pytest.approx(1 / 4, abs=1e-15)
    assert uno == pytest.approx(2.25 / 5.25, abs=1e-15)


def test_ties_by_hand() -> None:
    """Two events of one day are no pair, an event and a censored patient of one day are; equal scores count half."""
    judged = cohort([2, 2, 2, 5], [1, 1, 0, 0], [0.5, 0.7, 0.5, 0.6])
    assert both(judged)[0] == pytest.approx((0.5 + 0 + 1 + 1) / 4, abs=1e-15)


def test_no_pair_is_nan() -> None:
    for judged in (cohort([3], [1], [0.5]), cohort([1, 2], [0, 0], [0.1, 0.2]), cohort([1, 1], [1, 1], [0.1, 0.2])):
        assert np.isnan(both(judged)).all()


def test_a_weight_is_as_good_as_a_row() -> None:
    rng = np.random.default_rng(4)
    time, hit, score = rng.integers(1, 20, 40).astype(float), rng.random(40) < 0.4, rng.integers(0, 9, 40) / 8
    weight = rng.integers(0, 4, (5, 40))
    many = concordance(pairs(time, hit, score), weight.astype(float), None)[0]
    for one, found in zip(weight, many, strict=True):
        rows = np.repeat(np.arange(40), one)
        alone = concordance(pairs(time[rows], hit[rows], score[rows]), np.ones((1, rows.size)), None)[0]
        assert found == pytest.approx(alone[0], abs=1e-14)


def test_as_scikit_survival_on_random_tables() -> None:
    rng, compared = np.random.default_rng(0), 0
    for k in range(120):
        n = int(rng.integers(6, 150))
        time = rng.integers(1, rng.integers(5, 90), n).astype(float)
        hit = rng.random(n) < (0.1, 0.5, 0.9)[k % 3]
        score = rng.normal(size=n) if k % 4 == 0 else rng.integers(0, rng.integers(2, 30), n) / 7
        last = float(time.max())
        train = cohort(
            np.append(rng.integers(1, 90, n), last + 1), np.append(rng.random(n) < 0.5, False), np.ones(n + 1)
        )
        if not hit.any() or not (time > time[hit].min()).any():
            continue
        judged, y = cohort(time, hit, score), Surv.from_arrays(hit, time)
        theirs = Surv.from_arrays(train.hit, train.time)
        tau = float(np.quantile(time, 0.8))
        assert both(judged)[0] == pytest.approx(concordance_index_censored(hit, time, score)[0], abs=1e-12)
        if (time[hit] < tau).any():
            assert both(judged, tau=tau)[1] == pytest.approx(
                concordance_index_ipcw(y, y, score, tau=tau)[0], abs=1e-12, nan_ok=True
            )
        if lasts(train, judged):
            assert both(judged, train)[1] == pytest.approx(concordance_index_ipcw(theirs, y, score)[0], abs=1e-12)
            compared += 1
    assert compared > 60
