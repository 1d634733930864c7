import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from sksurv.metrics import brier_score, cumulative_dynamic_auc, integrated_brier_score
from sksurv.util import Surv

from myoperf.evaluate.survival.cohort import Cohort, days
from myoperf.evaluate.survival.figures import figures, prepared

R = json.loads((Path(__file__).parents[2] / "reference" / "survival_r.json").read_text(encoding="utf-8"))


def cohort(time: object, event: object, score: object, horizons: tuple[float, ...]) -> Cohort:
    at = np.asarray(time, dtype=np.float64)
    return Cohort(
        row=np.arange(at.size),
        patient=np.arange(at.size),
        event=np.asarray(event, dtype=np.intp),
        time=at,
        score=np.asarray(score, dtype=np.float64).reshape(at.size, -1),
        horizons=horizons,
    )


def found(judged: Cohort, train: Cohort | None = None) -> dict[str, float]:
    made = figures(prepared(judged, train), np.ones((1, judged.patients)))
    return {name: float(value[0]) for name, value in made.items()}


def test_by_hand() -> None:
    """The chance of being seen at day 3 is 2/3: the case of that day and the one seen for longer count 1.5 times."""
    made = found(cohort([1, 2, 3, 4], [1, 0, 1, 0], [0.4, 0.9, 0.5, 0.45], (3.0,)))
    assert made["dynamic_auc_3"] == pytest.approx(1.5 / 2.5, abs=1e-15)
    assert made["brier_3"] == pytest.approx((0.36 + 1.5 * 0.25 + 1.5 * 0.2025) / 4, abs=1e-15)
    share = 1 - 3 / 4 * 1 / 2
    nobody = ((1 - share) ** 2 * (1 + 1.5) + share**2 * 1.5) / 4
    assert made["reference_brier_3"] == pytest.approx(nobody, abs=1e-15)
    assert made["brier_skill"] == pytest.approx(1 - made["brier_3"] / nobody, abs=1e-14)
    assert made["known_auc_3"] == pytest.approx(1 / 2, abs=1e-15)
    assert made["observed_expected_3"] == pytest.approx(share / 0.5625, abs=1e-14)


def test_a_competing_event_is_a_known_state_by_hand() -> None:
    """Nobody is censored by day 3, so the AUC is that of two cases against the two others."""
    made = found(cohort([1, 2, 3, 4], [1, 2, 1, 0], [0.8, 0.6, 0.5, 0.1], (3.0,)))
    assert made["dynamic_auc_3"] == pytest.approx(3 / 4, abs=1e-15)
    assert made["brier_3"] == pytest.approx((0.04 + 0.36 + 0.25 + 0.01) / 4, abs=1e-15)
    assert made["c_index"] == pytest.approx((3 + 1) / (3 + 1), abs=1e-15)


def test_without_censoring_the_figures_are_the_ordinary_ones() -> None:
    rng = np.random.default_rng(2)
    made = found(cohort(rng.exponential(1000, 60), np.ones(60), rng.random(60), (500.0,)))
    assert made["dynamic_auc_500"] == pytest.approx(made["known_auc_500"], abs=1e-14)


@pytest.mark.parametrize("with_train", [False, True])
def test_as_scikit_survival_on_random_tables(with_train: bool) -> None:
    rng, compared = np.random.default_rng(1), 0
    for _ in range(80):
        n = int(rng.integers(20, 150))
        time, hit = rng.integers(1, rng.integers(6, 99), n).astype(float), rng.random(n) < rng.uniform(0.15, 0.9)
        hit &= time < time.max()  # scikit-survival takes no event on a last day on which others are censored
        at = np.unique(rng.integers(time.min(), time.max(), rng.integers(2, 6))).astype(float)
        if at.size < 2 or not (hit & (time <= at[0])).any():
            continue
        risk = np.sort(rng.integers(0, rng.integers(3, 40), (n, at.size)) / 40, axis=1)
        y, train, theirs = Surv.from_arrays(hit, time), None, Surv.from_arrays(hit, time)
        if with_train:
            t, e = np.append(rng.integers(1, 99, n), 200.0), np.append(rng.random(n) < 0.5, False)
            train, theirs = cohort(t, e, np.ones(n + 1), ()), Surv.from_arrays(e, t)
        made = found(cohort(time, hit, risk, tuple(at)), train)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # scikit-survival warns of its own divisions
            areas, mean = cumulative_dynamic_auc(theirs, y, risk, at)
            scores = brier_score(theirs, y, 1 - risk, at)[1]
            whole = integrated_brier_score(theirs, y, 1 - risk, at)
        for day, area, score in zip(at, areas, scores, strict=True):
            assert made[f"dynamic_auc_{days(day)}"] == pytest.approx(area, abs=1e-12)
            assert made[f"brier_{days(day)}"] == pytest.approx(score, abs=1e-12)
        assert made["dynamic_auc"] == pytest.approx(mean, abs=1e-12)
        assert made["integrated_brier"] == pytest.approx(whole, abs=1e-12)
        compared += 1
    assert compared > 40


def test_as_r_with_and_without_competing_events() -> None:
    """riskRegression's AUC, Brier score and that of the null model at day 365; survival's C."""
    table = R["free"]
    event = np.array(table["event"])
    for name, kinds in (("competing_found", event), ("one_event_found", event == 1)):
        made = found(cohort(table["time"], kinds, table["score"], (365.0,)))
        ours = [made[key] for key in ("dynamic_auc_365", "brier_365", "reference_brier_365")]
        assert ours == pytest.approx(table[name], abs=1e-8)
        assert made["c_index"] == pytest.approx(table["harrell_found"][0], abs=1e-8)
    tied = R["tied"]
    made = found(cohort(tied["time"], np.array(tied["event"]) == 1, tied["score"], ()))
    assert made["c_index"] == pytest.approx(tied["harrell_found"][0], abs=1e-8)
    made = found(cohort(tied["time"], np.array(tied["event"]) > 0, tied["score"], ()))
    assert made["c_index"] == pytest.approx(tied["harrell_any_found"][0], abs=1e-8)


def test_weights_are_as_good_as_rows() -> None:
    rng = np.random.default_rng(7)
    time, event, score = rng.integers(1, 30, 50), rng.integers(0, 3, 50), rng.random((50, 2))
    ready = prepared(cohort(time, event, score, (8.0, 15.0)), None)
    weight = rng.integers(0, 3, (3, 50))
    many = figures(ready, weight.astype(float))
    for k, one in enumerate(weight):
        rows = np.repeat(np.arange(50), one)
        alone = found(cohort(time[rows], event[rows], score[rows], (8.0, 15.0)))
        for name, value in alone.items():
            assert many[name][k] == pytest.approx(value, abs=1e-9), name


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    ready = prepared(cohort(rng.integers(1, 30, 50), rng.integers(0, 2, 50), rng.random(50), (8.0,)), None)
    weight = rng.integers(0, 3, (9, 50)).astype(float)
    whole = figures(ready, weight)
    monkeypatch.setattr("myoperf.evaluate.survival.figures._CELLS", 100)
    for name, value in figures(ready, weight).items():
        np.testing.assert_allclose(value, whole[name], rtol=1e-12)


def test_the_slope_is_right_for_the_probabilities_that_made_the_events() -> None:
    rng = np.random.default_rng(3)
    risk = rng.beta(1, 3, 6000)
    event_at = np.where(rng.random(6000) < risk, rng.uniform(0, 365, 6000), 999.0)
    lost = rng.uniform(0, 700, 6000)
    made = found(cohort(np.minimum(event_at, lost), event_at < lost, risk, (365.0,)))
    assert made["calibration_slope_365"] == pytest.approx(1, abs=0.1)
    assert made["calibration_intercept_365"] == pytest.approx(0, abs=0.1)
    assert made["observed_expected_365"] == pytest.approx(1, abs=0.05)
    half = found(cohort(np.minimum(event_at, lost), event_at < lost, risk / 2, (365.0,)))
    assert half["observed_expected_365"] == pytest.approx(2 * made["observed_expected_365"], rel=1e-9)
    assert half["calibration_intercept_365"] > 0.5
