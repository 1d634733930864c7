import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_systems import Row, rows, systems, twice
from scipy.special import ndtr
from sksurv import metrics
from sksurv.util import Surv

from myoperf.evaluate.comparison import compare_systems, holm
from myoperf.evaluate.resampling import draw, interval

REFERENCE = json.loads((Path(__file__).parents[2] / "reference" / "system_differences.json").read_text())
HORIZONS = (300.0, 600.0, 900.0)


def follow_up(n: int = 60, seed: int = 0) -> dict[str, np.ndarray]:
    """Times without ties among events, and risks at every horizon by two systems, shape (n, horizons)."""
    rng = np.random.default_rng(seed)
    known = rng.normal(size=n)
    at, lost = rng.exponential(900 / np.exp(known)), rng.uniform(200, 1500, n)
    found: dict[str, np.ndarray] = {"time": np.round(np.minimum(at, lost), 4), "event": (at <= lost).astype(float)}
    for name, noise in (("a", 0.3), ("b", 1.0)):
        signal = known + noise * rng.normal(size=n)
        found[name] = np.round(1 - np.exp(-np.exp(signal[:, None]) / 1200 * np.array(HORIZONS)), 3)
    return found


def columns(made: dict[str, np.ndarray]) -> dict[str, Any]:
    n = len(made["time"])
    at = {"event": np.tile(made["event"], 2).repeat(3), "time_days": np.tile(made["time"], 2).repeat(3)}
    who = {name: np.repeat(column, 3) for name, column in twice(n).items()}
    score = np.concatenate([made["a"], made["b"]]).ravel()
    return {**who, **at, "score": score, "horizon_days": np.tile(HORIZONS, 2 * n)}


def plain(time: Any, event: Any, first: Any, second: Any, **more: Any) -> dict[str, Any]:
    """Two systems without horizons."""
    both = {"event": [*event] * 2, "time_days": [*time] * 2, "score": [*first, *second]}
    return {**twice(len(time)), **both, **more}


def by_sksurv(made: dict[str, np.ndarray], name: str, take: np.ndarray | slice = slice(None)) -> dict[str, float]:
    event, time, risk = made["event"][take] == 1, made["time"][take], made[name][take]
    y = Surv.from_arrays(event, time)
    survival = 1 - risk
    return {
        "c_index": metrics.concordance_index_censored(event, time, risk[:, -1])[0],
        "uno_c": metrics.concordance_index_ipcw(y, y, risk[:, -1], tau=HORIZONS[-1])[0],
        "dynamic_auc": metrics.cumulative_dynamic_auc(y, y, risk, HORIZONS)[1],
        "brier_900": metrics.brier_score(y, y, survival[:, -1], HORIZONS[-1])[1][0],
        "integrated_brier": metrics.integrated_brier_score(y, y, survival, HORIZONS),
    }


def test_by_hand() -> None:
    part = compare_systems(systems(plain([1, 2, 3, 4], [1, 1, 1, 0], [4, 3, 2, 1], [4, 1, 3, 2])))
    found = rows(part, "a against b")["c_index_difference"]
    assert (found["value_first"], found["value_second"]) == (1, 4 / 6)
    assert found["value"] == pytest.approx(2 / 6)
    assert (found["n"], found["first"], found["second"]) == (4, "a", "b")
    assert "1.000 against 0.667" in found["method"]


def test_values_are_the_differences_of_scikit_survivals() -> None:
    made = follow_up()
    found = rows(compare_systems(systems(columns(made), replicates=0)))
    first, second = by_sksurv(made, "a"), by_sksurv(made, "b")
    assert set(found) == {f"{name}_difference" for name in first}
    for name in first:
        row = found[f"{name}_difference"]
        assert row["value_first"] == pytest.approx(first[name], abs=1e-9), name
        assert row["value"] == pytest.approx(first[name] - second[name], abs=1e-9), name
        assert (row["low"], row["p"]) == (None, None)
        assert "none was asked for" in row["method"]
    assert "below 0: the first is better" in found["brier_900_difference"]["method"]


def test_intervals_are_those_of_an_explicit_loop_over_the_same_draws() -> None:
    made, n, replicates = follow_up(50, 3), 50, 60
    found = rows(compare_systems(systems(columns(made), replicates=replicates)))
    classes = np.stack([made["event"] == 0, made["event"] == 1], axis=1)
    weight, _ = draw(n, replicates, classes, np.random.default_rng(0))
    taken = [np.repeat(np.arange(n), row.astype(int)) for row in weight]
    without = [np.delete(np.arange(n), k) for k in range(n)]

    def apart(take: np.ndarray) -> dict[str, float]:
        first, second = by_sksurv(made, "a", take), by_sksurv(made, "b", take)
        return {name: first[name] - second[name] for name in first}

    drawn, left = [apart(take) for take in taken], [apart(take) for take in without]
    for name in ("c_index", "uno_c", "brier_900", "integrated_brier"):
        row = found[f"{name}_difference"]
        values, gone = (np.array([each[name] for each in part]) for part in (drawn, left))
        pair = interval(row["value"], values, gone, n)
        assert (row["low"], row["high"]) == pytest.approx(pair, abs=1e-9), name
        assert row["p"] == pytest.approx(2 * ndtr(-abs(row["value"]) / values.std(ddof=1)), abs=1e-9), name


def test_the_spread_of_the_difference_is_that_of_r() -> None:
    made = REFERENCE
    asked = systems(plain(made["time"], made["event"], made["one"], made["other"]), replicates=2000)
    found = rows(compare_systems(asked, margin=0.2))
    row, test = found["c_index_difference"], found["c_index_equivalence"]
    wanted, error = made["c_difference"]
    assert (row["value_first"], row["value_second"]) == pytest.approx(tuple(made["c_index"]), abs=1e-12)
    assert row["value"] == pytest.approx(wanted, abs=1e-12)
    assert (row["high"] - row["low"]) / 3.92 == pytest.approx(error, rel=0.1)
    assert (test["high_90"] - test["low_90"]) / (2 * 1.6448536) == pytest.approx(error, rel=0.1)
    assert test["verdict"] == "equivalent within 0.2"
    assert test["p"] < 0.001


def test_holm_runs_over_all_tests_of_the_target() -> None:
    part = compare_systems(systems(columns(follow_up())), margin=0.05)
    tested = [row for row in part.comparisons if row["p"] is not None]
    assert len(tested) == 6
    assert [row["p_holm"] for row in tested] == pytest.approx(holm([float(str(row["p"])) for row in tested]))


def test_a_column_is_a_risk_without_probabilities() -> None:
    made = follow_up()
    tpd = np.round(10 * made["b"][:, 2] + 3, 2)
    table = columns(made) | {"tpd": [f"{value:g}" for value in np.tile(tpd, 2).repeat(3)]}
    part = compare_systems(systems(table), against="tpd")
    found = rows(part, "a against tpd")
    wanted = metrics.concordance_index_censored(made["event"] == 1, made["time"], tpd)[0]
    assert found["c_index_difference"]["value_second"] == pytest.approx(wanted, abs=1e-12)
    assert found["c_index_difference"]["second"] == "tpd"
    assert found["brier_900_difference"]["value"] is None
    assert found["brier_900_difference"]["method"] == "tpd: scores are not in 0..1: no probabilities"
    assert {row["comparison"] for row in part.comparisons} == {"a against tpd", "b against tpd"}
    called = table | {"reader_call": [str(int(value > 6)) for value in np.tile(tpd, 2).repeat(3)]}
    row = rows(compare_systems(systems(called), against="reader_call"), "a against reader_call")
    assert "calls, no probabilities" in row["integrated_brier_difference"]["method"]
    assert row["c_index_difference"]["low"] is not None


def test_the_train_part_tells_of_censoring_for_both() -> None:
    made, other = follow_up(40, 1), follow_up(300, 2)
    test, train = columns(made), columns(other)
    train["patient_id"] = [f"T{name}" for name in train["patient_id"]]
    table = {name: [*test[name], *train[name]] for name in test}
    split = ["test"] * len(test["score"]) + ["train"] * len(train["score"])
    asked = systems(table | {"split": split}, replicates=0)
    row = rows(compare_systems(asked))["uno_c_difference"]
    assert "censoring from the train part" in row["method"]
    y = [Surv.from_arrays(part["event"] == 1, part["time"]) for part in (other, made)]
    wanted = [metrics.concordance_index_ipcw(*y, made[name][:, 2], tau=900)[0] for name in ("a", "b")]
    assert row["value"] == pytest.approx(wanted[0] - wanted[1], abs=1e-9)


def test_studies_without_a_partner_or_with_another_outcome_are_left_out() -> None:
    rng = np.random.default_rng(0)
    time, event = rng.integers(100, 900, 30).astype(float), np.tile([0.0, 1.0, 1.0], 10)
    table = plain(time, event, rng.normal(size=30), rng.normal(size=30))
    whole = rows(compare_systems(systems(table)))["c_index_difference"]
    assert whole["n"] == 30
    table["time_days"][30] += 5  # P000 of b
    table["patient_id"][59] = "other"
    part = compare_systems(systems(table))
    found = rows(part)["c_index_difference"]
    assert found["n"] == 28
    assert any("1 studies have another event or time in each" in text for text in part.warnings)
    assert any(
        "29 studies" not in text and "28 studies are judged by both; 1 of a and 1 of b" in text
        for text in part.warnings
    )
    kept = {name: [column[k] for k in range(60) if k not in (0, 29, 30, 59)] for name, column in table.items()}
    alone = rows(compare_systems(systems(kept)))["c_index_difference"]
    assert (found["value"], found["low"], found["high"]) == (alone["value"], alone["low"], alone["high"])


def test_only_common_horizons_are_compared() -> None:
    table = columns(follow_up())
    keep = [k for k in range(len(table["score"])) if table["variant"][k] == "a" or table["horizon_days"][k] != 900]
    part = compare_systems(systems({name: [column[k] for k in keep] for name, column in table.items()}))
    assert "brier_600_difference" in rows(part)
    assert any("only the horizons of both are compared (300, 600 days)" in text for text in part.warnings)
    last = [k for k in keep if (table["variant"][k] == "a") == (table["horizon_days"][k] == 900)]
    part = compare_systems(systems({name: [column[k] for k in last] for name, column in table.items()}))
    assert set(rows(part)) == {"c_index_difference", "uno_c_difference", "dynamic_auc_difference"}
    assert any("no horizon in common" in text for text in part.warnings)


def test_patients_with_several_studies_are_drawn_whole() -> None:
    rng = np.random.default_rng(1)
    time, event = rng.integers(100, 2000, 30).astype(float), np.tile([0.0, 1.0, 1.0], 10)
    table = plain(time, event, rng.normal(size=30), rng.normal(size=30))
    once = rows(compare_systems(systems(table)))["c_index_difference"]
    four = {name: [value for value in column for _ in range(4)] for name, column in table.items()}
    four["study_id"] = [f"S{k % 4}" for k in range(240)]
    part = compare_systems(systems(four))
    found = rows(part)["c_index_difference"]
    assert (found["n"], found["n_rows"]) == (30, 120)
    assert any("whole patients are resampled" in text for text in part.warnings)
    assert found["high"] - found["low"] == pytest.approx(once["high"] - once["low"], rel=0.2)


def only(part_of: dict[str, Any]) -> Row:
    (row,) = (row for row in compare_systems(systems(part_of)).comparisons if row["metric"] == "c_index_difference")
    return row


def test_what_cannot_be_compared_says_so() -> None:
    time, event = [3, 2, 5, 7, 9, 4], [1, 1, 0, 1, 0, 1]
    good, other = [6, 5, 4, 3, 2, 1], [1, 5, 2, 3, 2, 6]
    apart = plain(time, event, good, other)
    apart["patient_id"] = [f"P{k}" for k in range(12)]
    assert only(apart)["method"] == "no study is judged by both"
    assert only(plain(time, [0] * 6, good, other))["method"] == "no event among the 6 patients judged by both"
    one = only(plain(time, [0, 0, 1, 0, 0, 0], good, other))
    assert one["value"] is not None
    assert "resampling needs two patients with the event" in one["method"]
    flat = only(plain(time, event, good, [2] * 6))
    assert (flat["value"], flat["method"]) == (None, "b: all scores are equal: there is nothing to rank")
    same = only(plain(time, event, good, good))
    assert (same["value"], same["p"]) == (0, None)
    assert "replicates are all equal" in same["method"]
    pair = compare_systems(systems(plain([3, 2], [1, 1], [1, 2], [2, 1])), margin=0.1)
    assert rows(pair)["c_index_difference"]["value"] == 1
    json.dumps([dict(row) for row in pair.comparisons], allow_nan=False)


def test_over_the_same_folds_the_corrected_t_test_is_made() -> None:
    rng = np.random.default_rng(0)
    time, event = rng.integers(100, 2000, 60).astype(float), np.tile([0.0, 1.0, 1.0], 20)
    fold = np.tile(np.arange(60) % 5, 2)
    table = plain(time, event, -time + rng.normal(0, 300, 60), rng.normal(size=60), fold=fold)
    row = rows(compare_systems(systems(table, part="validation")))["c_index_difference_over_folds"]
    gaps = []
    for k in range(5):
        mine = fold == k
        score, y = np.array(table["score"])[mine], (event[mine[:60]] == 1, time[mine[:60]])
        each = [metrics.concordance_index_censored(*y, part)[0] for part in (score[:12], score[12:])]
        gaps.append(each[0] - each[1])
    assert row["values"] == pytest.approx(gaps)
    assert row["t"] == pytest.approx(np.mean(gaps) / (np.std(gaps, ddof=1) * np.sqrt(1 / 5 + 1 / 4)))
    moved = table | {"fold": np.append(fold[:60], np.roll(fold[60:], 1))}
    other = rows(compare_systems(systems(moved, part="validation")))["c_index_difference_over_folds"]
    assert (other["value"], other["method"]) == (None, "the folds hold different studies")
