"""Decision curves, the stress-first rule, and all of calibration together."""

import numpy as np
import pytest
from probabilities import FEW, NONE, TEN, drawn, sample
from scipy.special import expit

from myoperf.core.errors import RefusedError
from myoperf.core.scorecard import Table
from myoperf.evaluate.calibration import calibration
from myoperf.evaluate.calibration.grading import NAMES
from myoperf.evaluate.calibration.net_benefit import THRESHOLDS, decision_curve, net_benefit
from myoperf.evaluate.calibration.rest_dose import rest_dose_of
from myoperf.evaluate.calibration.stress_first import choose_cut, stress_first_table
from myoperf.evaluate.intervals import wilson
from myoperf.evaluate.sample import Sample

Row = dict[str, str | float | None]


def rows_of(table: Table | None) -> list[Row]:
    assert table is not None
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def test_net_benefit_by_hand() -> None:
    rows = {row["threshold"]: row for row in rows_of(decision_curve(TEN, None, FEW)[1])}
    # at 0.5: 3 hits, 2 false alarms of 10, each at the price of a hit; at 0.2 all ten are called, a quarter each
    assert rows[0.5]["net_benefit"] == pytest.approx(0.1)
    assert rows[0.5]["treat_all"] == pytest.approx(-0.2)
    assert rows[0.5]["gain"] == pytest.approx(0.1)
    assert rows[0.5]["avoided_per_100"] == pytest.approx(30)
    assert rows[0.2]["net_benefit"] == pytest.approx(0.25)
    assert rows[0.2]["gain"] == pytest.approx(0)
    assert rows[0.3]["net_benefit"] == pytest.approx((3 - 2 * 3 / 7) / 10)


def test_net_benefit_is_vickers_and_elkins_formula_on_counts() -> None:
    one = drawn(83, seed=6)
    curves, _ = decision_curve(one, None, FEW)
    for k in (0, 9, 37, 98):
        t = float(THRESHOLDS[k])
        called = one.score >= t
        hits, alarms = (called & one.truth).sum(), (called & ~one.truth).sum()
        assert curves["net_benefit"].y[k] == pytest.approx(hits / 83 - alarms / 83 * t / (1 - t), abs=1e-12)
        assert curves["net_benefit_low"].y[k] <= curves["net_benefit"].y[k] + 1e-9
        assert curves["net_benefit"].y[k] <= curves["net_benefit_high"].y[k] + 1e-9
    prevalence = one.truth.mean()
    assert np.interp(prevalence, THRESHOLDS, curves["net_benefit_all"].y) == pytest.approx(0, abs=1e-3)
    assert set(curves["net_benefit_none"].y) == {0.0}


def test_net_benefit_at_a_stated_prevalence() -> None:
    rows = {row["threshold"]: row for row in rows_of(decision_curve(TEN, 0.1, FEW)[1])}
    assert rows[0.5]["net_benefit"] == pytest.approx(0.1 * 0.75 - 0.9 * 2 / 6)
    assert rows[0.1]["treat_all"] == pytest.approx(0)
    one = np.ones(1)
    assert net_benefit(one, 0 * one, 0.3 * one, 0.5 * one) == pytest.approx([0.3])


def test_no_decision_curve_of_one_class() -> None:
    assert decision_curve(sample([0.1, 0.2], [0, 0]), None, FEW) == ({}, None)


VALIDATION = sample([0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], [0, 0, 0, 0, 1, 0, 0, 1, 1, 1])
"""Below 0.35 no positive; below 0.65 one of seven; below 0.45 one of five."""


def test_the_highest_threshold_that_reaches_the_npv() -> None:
    score, truth = VALIDATION.score, VALIDATION.truth
    found = choose_cut(score, truth, 0.95)
    assert found is not None
    assert (found.threshold, found.npv, found.spared) == pytest.approx((0.35, 1.0, 4))
    assert found.npv_low == pytest.approx(wilson(4, 4)[0])
    looser = choose_cut(score, truth, 0.85)
    assert looser is not None
    assert (looser.threshold, looser.npv, looser.spared) == pytest.approx((0.65, 6 / 7, 7))
    assert choose_cut(score, truth, 0.85, cautious=True) is None
    cautious = choose_cut(score, truth, 0.5, cautious=True)
    assert cautious is not None
    assert cautious.npv_low >= 0.5
    everybody = choose_cut(score, np.zeros(10, dtype=bool), 0.9)
    assert everybody is not None
    assert (score < everybody.threshold).all()
    assert choose_cut(np.array([0.1, 0.2]), np.array([True, False]), 0.9) is None
    assert choose_cut(np.zeros(0), np.zeros(0, dtype=bool), 0.9) is None
    with pytest.raises(RefusedError, match="npv"):
        choose_cut(score, truth, 95.0)


def test_neighbouring_scores_are_told_apart() -> None:
    score = np.array([0.5, np.nextafter(0.5, 1)])
    found = choose_cut(score, np.array([False, True]), 0.9)
    assert found is not None
    assert (score < found.threshold).tolist() == [True, False]


def test_the_stress_first_rule_by_hand() -> None:
    judged = sample([0.1, 0.2, 0.3, 0.34, 0.5, 0.6, 0.7, 0.8], [0, 0, 0, 1, 0, 1, 1, 1])
    value, cautious = rows_of(stress_first_table(judged, VALIDATION, 0.95, 4.0, NONE))
    assert value["threshold"] == pytest.approx(0.35)
    assert (value["rest_scans_saved"], value["share_saved"], value["n"]) == (4, 0.5, 8)
    assert (value["share_low"], value["share_high"]) == pytest.approx(wilson(4, 8))
    assert (value["npv"], value["missed_positives"], value["positives"]) == (0.75, 1, 4)
    assert (value["npv_low"], value["npv_high"]) == pytest.approx(wilson(3, 4))
    assert value["msv_saved_per_100"] == pytest.approx(200)
    assert (value["msv_low"], value["msv_high"]) == pytest.approx([400 * end for end in wilson(4, 8)])
    assert cautious["threshold"] is None
    assert "no threshold reaches 0.95" in str(cautious["said"])


def test_usual_npvs_where_none_is_stated_and_none_without_a_validation_part() -> None:
    wanted = [row["npv_wanted"] for row in rows_of(stress_first_table(TEN, VALIDATION, None, None, NONE))]
    assert wanted == [0.9, 0.9, 0.95, 0.95, 0.98, 0.98]
    for none in (None, TEN.take(np.zeros(10, dtype=bool)), sample([0.1, 0.2], [0, 0])):
        table = stress_first_table(TEN, none, 0.95, None, NONE)
        assert table.rows == ()
        assert table.note.startswith("Not done: the threshold is chosen on a validation part")
    for npv, dose in ((1.0, None), (0.95, -1.0), (0.95, float("nan"))):
        with pytest.raises(RefusedError):
            stress_first_table(TEN, VALIDATION, npv, dose, NONE)


def test_nobody_below_the_threshold_and_slices() -> None:
    none = rows_of(stress_first_table(sample([0.9, 0.8], [1, 0]), VALIDATION, 0.95, 4.0, NONE))[0]
    assert (none["npv"], none["rest_scans_saved"], none["msv_saved_per_100"]) == (None, 0, 0)
    assert "nobody" in str(none["said"])
    slices = sample(np.repeat([0.1, 0.2, 0.9, 0.7], 3), np.repeat([0, 0, 1, 1], 3), np.repeat(np.arange(4), 3).tolist())
    found = rows_of(stress_first_table(slices, VALIDATION, 0.95, 4.0, FEW))[0]
    assert (found["n"], found["scans"], found["rest_scans_saved"]) == (4, 12, 6)
    assert (found["npv"], found["npv_low"]) == pytest.approx((1.0, wilson(2, 2)[0]))


def test_the_dose_of_a_rest_scan_by_tracer() -> None:
    found = rest_dose_of(np.array(["Tc-99m", "Tl-201", "", "Tc-99m tetrofosmin"]), 4, None)
    assert found.msv == pytest.approx([370 * 0.009, 0.0, 370 * 0.009, 370 * 0.008])
    assert "ICRP 128" in found.said
    assert "needs no injection" in found.said
    assert rest_dose_of(None, 2, 2.5).msv.tolist() == [2.5, 2.5]
    judged = sample([0.1, 0.2, 0.3, 0.9], [0, 0, 0, 1], tracer=["Tc-99m", "Tc-99m", "Tl-201", "Tl-201"])
    row = rows_of(stress_first_table(judged, VALIDATION, 0.95, None, FEW))[0]
    assert row["msv_saved_per_100"] == pytest.approx(100 * 2 * 3.33 / 4)


def test_all_of_it_names_what_it_made() -> None:
    rng = np.random.default_rng(0)
    one = drawn(120)
    judged = sample(one.score, one.truth, sex=rng.choice(["F", "M"], 120))
    part = calibration(judged, drawn(90, seed=1), FEW, name="T", npv=0.9, prevalence=0.2, rest_dose=3.0)
    assert tuple(part.metrics) == NAMES
    tables = {
        "brier",
        "reliability",
        "recalibration",
        "calibration_groups",
        "net_benefit",
        "prevalence",
        "stress_first",
    }
    assert set(part.tables) == tables
    lines = {"reliability", "reliability_low", "reliability_high"}
    net = {"net_benefit", "net_benefit_low", "net_benefit_high", "net_benefit_all", "net_benefit_none"}
    assert set(part.curves) == lines | net
    assert all(len(row) == len(table.columns) for table in part.tables.values() for row in table.rows)
    assert "below 200" in part.warnings[0]


def test_scores_that_are_no_probabilities() -> None:
    part = calibration(sample([-1.0, 2, 3, 40], [0, 0, 1, 1]), VALIDATION, FEW, name="T")
    assert all(metric.value is None and "not in 0..1" in metric.method for metric in part.metrics.values())
    assert set(part.tables) == {"stress_first"}
    assert "no probabilities" in part.warnings[0]
    with pytest.raises(RefusedError, match="prevalence"):
        calibration(TEN, None, FEW, name="T", prevalence=20)


def hostile() -> list[tuple[str, Sample]]:
    rng = np.random.default_rng(3)
    found = [("nobody", TEN.take(np.zeros(10, dtype=bool)))]
    for n in (1, 2, 7, 30):
        scores = {
            "equal": np.full(n, 0.5),
            "zero": np.zeros(n),
            "calls": rng.integers(0, 2, n),
            "tenths": np.round(rng.random(n), 1),
            "tiny": 10.0 ** -rng.uniform(1, 320, n),
            "near one": expit(rng.uniform(0, 40, n)),
        }
        for name, score in scores.items():
            for what, truth in (("none", np.zeros(n)), ("all", np.ones(n)), ("cut", score > np.median(score))):
                found.append((f"{n} {name} {what}", sample(score, truth, bmi=rng.choice(["20", "27", "nan", ""], n))))
                found.append((f"{n} {name} random", sample(score, rng.integers(0, 2, n))))
    return found


@pytest.mark.parametrize(("name", "one"), hostile(), ids=lambda given: given if isinstance(given, str) else "")
def test_nothing_crashes_and_no_number_is_silent(name: str, one: Sample) -> None:
    part = calibration(one, VALIDATION, NONE, name=name)
    for key, metric in part.metrics.items():
        assert metric.method, key
        assert all(v is None or np.isfinite(v) for v in (metric.value, metric.low, metric.high)), key
    for key, table in part.tables.items():
        assert all(np.isfinite(cell) for row in table.rows for cell in row if isinstance(cell, float)), key
    for key, curve in part.curves.items():
        assert np.isfinite([curve.x, curve.y]).all(), key
