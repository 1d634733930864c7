import json
import math
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.core.predictions import Predictions
from myoperf.evaluate.judgement import Judgement
from myoperf.evaluate.metrics import Resampling
from myoperf.evaluate.question import Question, kind_of
from myoperf.evaluate.survival import judge_survival
from myoperf.evaluate.survival.quarters import poisson_interval

TEXT = ("patient_id", "study_id", "split")


def question(*, bootstrap: int = 100, part: str = "test", **columns: Any) -> Question:
    n = len(columns["score"])
    given = {"patient_id": [f"P{k}" for k in range(n)], "truth": [np.nan] * n, **columns}
    table = {name: np.array(column, dtype=str if name in TEXT else float) for name, column in given.items()}
    return Question(
        name="death",
        key=("", "", "death"),
        predictions=Predictions(columns=table),
        rows=np.ones(n, dtype=bool),
        split=part,
        threshold=None,
        resampling=Resampling(replicates=bootstrap, seed=0),
    )


def judged(**columns: Any) -> Judgement:
    """The judgement, after a look at every number in it: none may be NaN or infinite."""
    asked = question(**columns)
    assert kind_of(asked) == "survival"
    found = judge_survival(asked)
    for curve in found.score.curves.values():
        assert len(curve.x) == len(curve.y)
        assert np.isfinite(curve.x + curve.y).all()
    for table in found.score.tables.values():
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert all(cell is None or isinstance(cell, str) or math.isfinite(cell) for row in table.rows for cell in row)
    json.dumps([asdict(found.score), *map(dict, found.comparisons)], allow_nan=False)
    for name, metric in found.score.metrics.items():
        assert metric.method, name
        assert metric.value is None or math.isfinite(metric.value), name
        assert (metric.low is None) == (metric.high is None), name
        assert metric.low is None or metric.high is None or metric.low <= metric.high
    return found


def value(found: Judgement, name: str) -> float:
    number = found.score.metrics[name].value
    assert number is not None, found.score.metrics[name].method
    return number


def why(found: Judgement, name: str) -> str:
    metric = found.score.metrics[name]
    assert metric.value is None
    return metric.method


def people(n: int = 120, seed: int = 0, *, competing: bool = False) -> dict[str, Any]:
    """Patients whose score is the true probability of the event by day 365."""
    rng = np.random.default_rng(seed)
    rate = np.exp(rng.normal(size=n)) / 1500
    ours, lost = rng.exponential(1 / rate), rng.uniform(50, 1500, n)
    other = rng.exponential(2000, n) if competing else np.full(n, np.inf)
    first = np.minimum(ours, other)
    event = np.where(first > lost, 0, np.where(ours < other, 1, 2))
    return {"time_days": np.ceil(np.minimum(first, lost)), "event": event, "score": 1 - np.exp(-rate * 365)}


def test_a_cohort_with_one_horizon_has_every_figure_with_its_interval() -> None:
    found = judged(**people(), horizon_days=[365] * 120)
    names = {
        *("c_index", "uno_c", "dynamic_auc", "dynamic_auc_365", "brier_365", "brier_skill", "integrated_brier"),
        *("calibration_slope", "calibration_intercept", "observed_expected"),
    }
    assert found.score.kind == "survival"
    assert set(found.score.metrics) == names
    for name in names - {"integrated_brier"}:
        metric = found.score.metrics[name]
        assert metric.low is not None, name
        assert metric.high is not None, name
        assert metric.low < value(found, name) < metric.high
        assert metric.n == 120
    assert why(found, "integrated_brier") == "one horizon only: there is nothing to integrate over"
    assert value(found, "dynamic_auc") == value(found, "dynamic_auc_365")
    assert "censoring from the judged rows" in found.score.metrics["uno_c"].method
    assert {row["metric"] for row in found.comparisons} == {
        *("brier_365", "dynamic_auc_365", "log-rank chi-square", "log-rank trend z")
    }
    assert found.warnings == ()


def test_quarters_have_curves_numbers_at_risk_and_event_rates() -> None:
    table = people()
    found = judged(**table, horizon_days=[365] * 120)
    curves, tables = found.score.curves, found.score.tables
    assert {f"km_q{k}{end}" for k in range(1, 5) for end in ("", "_low", "_high")} <= set(curves)
    assert not any(name.startswith("cif_") for name in curves)
    last = [curves[f"km_q{k}"].y[-1] for k in (1, 4)]
    assert last[0] > last[1]
    one = curves["km_q2"]
    assert (one.x[0], one.y[0]) == (0, 1)
    assert all(
        low <= y <= high for low, y, high in zip(curves["km_q2_low"].y, one.y, curves["km_q2_high"].y, strict=True)
    )
    group = np.searchsorted(np.quantile(table["score"], (0.25, 0.5, 0.75)), table["score"])
    rate = tables["event_rate"].rows[3]
    hits, years = int((table["event"][group == 3] == 1).sum()), table["time_days"][group == 3].sum() / 365.25
    assert rate[3:5] == (30, hits)
    assert rate[5] == pytest.approx(years)
    assert rate[6] == pytest.approx(100 * hits / years)
    risk = tables["at_risk"]
    assert risk.columns[:2] == ("group", "day 0")
    assert [row[1] for row in risk.rows] == [30, 30, 30, 30]
    assert risk.rows[0][2] == (table["time_days"][group == 0] >= 365).sum()
    assert [row[0] for row in tables["event_share"].rows] == [365] * 4
    assert (
        sum(float(row[3] or 0) for row in tables["horizon_calibration"].rows)
        == ((table["event"] == 1) & (table["time_days"] <= 365)).sum()
    )


def test_the_poisson_interval_is_garwoods() -> None:
    assert poisson_interval(10) == pytest.approx((4.795389, 18.390356), abs=1e-6)
    assert poisson_interval(0) == pytest.approx((0, 3.688879), abs=1e-6)


def test_a_risk_curve_is_integrated_and_competing_events_have_their_own_curves() -> None:
    table, n = people(150, 3, competing=True), 150
    rows = {name: np.concatenate([column, column]) for name, column in table.items()}
    rows["score"] = np.concatenate([table["score"], 1 - (1 - table["score"]) ** 2])
    who = [f"P{k}" for k in range(n)] * 2
    found = judged(**rows, horizon_days=np.repeat([365, 730], n), patient_id=who)
    first, second = value(found, "brier_365"), value(found, "brier_730")
    assert value(found, "integrated_brier") == pytest.approx((first + second) / 2, abs=1e-14)
    assert found.score.metrics["c_index"].n == n
    assert "the score at 730 days" in found.score.metrics["c_index"].method
    assert "competing events censor" in found.score.metrics["c_index"].method
    assert "a competing event is a known state" in found.score.metrics["brier_365"].method
    assert {f"cif_q{k}" for k in range(1, 5)} <= set(found.score.curves)
    assert {"horizon_calibration", "horizon_calibration_365"} <= set(found.score.curves)
    assert any(row["metric"] == "Gray chi-square" for row in found.comparisons)
    assert any("competing events" in text for text in found.warnings)


def test_the_train_part_tells_of_censoring_and_the_validation_part_cuts_the_quarters() -> None:
    test, train = people(80, 1), people(90, 2)
    parts = {name: np.concatenate([test[name], train[name], test[name] * 0 + 0.5]) for name in ("score",)}
    parts |= {name: np.concatenate([test[name], train[name], test[name]]) for name in ("event", "time_days")}
    split = ["test"] * 80 + ["train"] * 90 + ["validation"] * 80
    parts["time_days"][80] = 5000
    found = judged(**parts, split=split, horizon_days=[365] * 250)
    assert "censoring from the train part (followed for 5000 days)" in found.score.metrics["brier_365"].method
    assert "validation scores" in found.score.tables["at_risk"].note
    parts["time_days"][80:170] = 30
    found = judged(**parts, split=split, horizon_days=[365] * 250)
    assert "censoring from the judged rows" in found.score.metrics["brier_365"].method
    assert any("not followed for long enough" in text for text in found.warnings)
    alone = judged(**test, horizon_days=[365] * 80)
    assert value(found, "brier_365") == value(alone, "brier_365")


def test_models_are_averaged_and_an_ensemble_stands_alone() -> None:
    table = people(60)
    twice = {name: np.tile(column, 2) for name, column in table.items()}
    who, models = [f"P{k}" for k in range(60)] * 2, np.repeat([0, 1], 60)
    twice["score"] = np.concatenate([table["score"], table["score"] ** 2])
    mean = judged(**twice, fold=models, patient_id=who)
    plain = judged(**{**table, "score": (table["score"] + table["score"] ** 2) / 2})
    assert value(mean, "uno_c") == value(plain, "uno_c")
    assert any("averaged" in text for text in mean.warnings)
    ensemble = judged(**twice, fold=-models, repeat=-models, patient_id=who)
    assert value(ensemble, "c_index") == value(judged(**{**table, "score": table["score"] ** 2}), "c_index")


def test_patients_are_drawn_not_studies() -> None:
    table = people(60, 5)
    many = {name: np.repeat(column, 6) for name, column in table.items()}
    study, own = np.tile([f"S{k}" for k in range(6)], 60), [f"P{k // 6}" for k in range(360)]
    whole = judged(**many, study_id=study, patient_id=own, bootstrap=300).score.metrics["c_index"]
    rows = judged(**many, bootstrap=300).score.metrics["c_index"]
    assert (whole.n, rows.n) == (60, 360)
    assert whole.high is not None
    assert whole.low is not None
    assert rows.high is not None
    assert rows.low is not None
    assert whole.high - whole.low > 1.8 * (rows.high - rows.low)


@pytest.mark.parametrize(
    ("column", "wrong", "rule"),
    [
        ("time_days", 0, "time_days is above 0"),
        ("time_days", -3, "time_days is above 0"),
        ("event", 0.5, "event is 0"),
        ("event", -1, "event is 0"),
        ("horizon_days", 0, "horizon_days is above 0"),
    ],
)
def test_what_cannot_be_is_refused_with_its_row(column: str, wrong: float, rule: str) -> None:
    table = {**people(20), "horizon_days": np.full(20, 365.0)}
    table[column] = np.asarray(table[column], dtype=float)
    table[column][3] = wrong
    with pytest.raises(RefusedError, match=f"predictions row 5: {rule}"):
        judged(**table)


def test_two_outcomes_of_one_study_and_follow_up_as_horizons_are_refused() -> None:
    table = people(20)
    twice = {name: np.tile(column, 2) for name, column in table.items()}
    twice["event"][20] = 1 - twice["event"][20]
    with pytest.raises(RefusedError, match="row 22: all rows of one study have the same event and time_days"):
        judged(**twice, patient_id=[f"P{k}" for k in range(20)] * 2)
    with pytest.raises(RefusedError, match="one day asked about for all patients"):
        judged(**table, horizon_days=table["time_days"])


def test_missing_cells_leave_a_row_out_and_that_is_said() -> None:
    table = people(40)
    holes = {name: np.array(column, dtype=float) for name, column in table.items()}
    holes["time_days"][0] = holes["event"][1] = holes["score"][2] = np.nan
    found = judged(**holes)
    assert found.score.metrics["c_index"].n == 37
    assert any("3 rows without an event, a time or a score are left out" in text for text in found.warnings)


def test_nobody_left() -> None:
    table = people(10)
    found = judge_survival(question(**{**table, "time_days": [np.nan] * 10}))
    assert {metric.value for metric in found.score.metrics.values()} == {None}
    assert found.warnings[-1] == "death: no patient with an event, a time and a score"


def test_no_event_all_events_and_constant_scores() -> None:
    table = people(60)
    none = judged(**{**table, "event": np.zeros(60)}, horizon_days=[365] * 60)
    assert why(none, "c_index") == "no event among 60 patients"
    assert why(none, "dynamic_auc_365") == "no event by 365 days"
    assert value(none, "brier_365") > 0
    assert value(none, "observed_expected") == 0
    high = none.score.metrics["observed_expected"].high
    assert high is not None
    assert 0 < high < 1
    everyone = judged(**{**table, "event": np.ones(60)}, horizon_days=[365] * 60)
    assert value(everyone, "uno_c") > 0.5
    assert not any("left out" in str(row["comparison"]) for row in everyone.comparisons)
    same = judged(**{**table, "score": np.full(60, 0.3)}, horizon_days=[365] * 60)
    assert why(same, "c_index") == why(same, "dynamic_auc_365") == "all scores are equal: there is nothing to rank"
    assert value(same, "brier_365") > 0
    assert any("1 of 4 quarters" in text for text in same.warnings)


def test_one_and_two_patients() -> None:
    one = judged(score=[0.4], event=[1], time_days=[100], horizon_days=[365])
    assert why(one, "c_index") == "one patient only: nobody to compare with"
    two = judged(score=[0.9, 0.2], event=[1, 0], time_days=[100, 400], horizon_days=[365] * 2)
    assert value(two, "c_index") == 1
    assert two.score.metrics["c_index"].low is None
    assert "no interval: resampling needs two patients with the event" in two.score.metrics["c_index"].method


def test_horizons_before_the_first_event_and_after_the_last_patient() -> None:
    table = people(60)
    early = judged(**{**table, "time_days": table["time_days"] + 400}, horizon_days=[365] * 60)
    assert why(early, "uno_c") == "no event before 365 days"
    assert "death: no event by 365 days, all come later" in early.warnings
    late = judged(**table, horizon_days=[9000] * 60)
    assert why(late, "brier_9000").startswith("nobody is observed beyond 9000 days")
    assert value(late, "c_index") > 0.5


def test_scores_that_are_no_probabilities_are_ranked_only() -> None:
    table = people(60)
    free = judged(**{**table, "score": 50 * table["score"]}, horizon_days=[365] * 60)
    assert why(free, "brier_365") == "scores are not in 0..1: no probabilities"
    assert value(free, "dynamic_auc_365") == value(judged(**table, horizon_days=[365] * 60), "dynamic_auc_365")
    bare = judged(**table)
    assert why(bare, "integrated_brier").startswith("no horizon_days")
    assert "tenths of the times of the events" in bare.score.metrics["dynamic_auc"].method


def test_survival_probabilities_given_as_scores_are_noticed() -> None:
    table = people(200)
    found = judged(**{**table, "score": 1 - table["score"]})
    assert any("score is risk" in text for text in found.warnings)


def test_large_cohorts_are_drawn_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    table = people(200)
    usual = judged(**table, bootstrap=400).score.metrics["uno_c"]
    monkeypatch.setattr("myoperf.evaluate.survival.spread._CELLS", 60_000)
    fewer = judged(**table, bootstrap=400).score.metrics["uno_c"]
    assert "normal, on the logit scale within 0..1, 300 replicates" in fewer.method
    assert fewer.low == pytest.approx(usual.low, abs=0.02)
    assert fewer.high == pytest.approx(usual.high, abs=0.02)
