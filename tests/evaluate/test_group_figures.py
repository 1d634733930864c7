import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from class_questions import ask, likely
from sksurv.metrics import concordance_index_censored

from myoperf.core.predictions import Predictions
from myoperf.evaluate.classes import judge_classes
from myoperf.evaluate.judgement import Judgement
from myoperf.evaluate.metrics import Resampling
from myoperf.evaluate.number import judge_number
from myoperf.evaluate.question import Question
from myoperf.evaluate.survival import judge_survival

NUMBERS = ("truth", "score", "event", "time_days", "horizon_days", "repeat", "fold")
Columns = dict[str, Any]


def question(columns: Columns, kept: np.ndarray | None = None) -> Question:
    n = len(columns["score"])
    given = {"patient_id": [f"P{k:03d}" for k in range(n)], "truth": [np.nan] * n, "split": ["test"] * n, **columns}
    kept = np.ones(n, dtype=bool) if kept is None else kept
    table = {name: np.array(column, dtype=float if name in NUMBERS else str)[kept] for name, column in given.items()}
    return Question(
        name="target",
        key=("", "", "target"),
        predictions=Predictions(columns=table),
        rows=np.ones(int(kept.sum()), dtype=bool),
        split="test",
        threshold=None,
        resampling=Resampling(replicates=100, seed=0),
    )


def survival(n: int = 80) -> Columns:
    rng = np.random.default_rng(0)
    sex = np.where(np.arange(n) % 2 == 0, "F", "M")
    rate = np.exp(rng.normal(size=n) + (sex == "F")) / 1500
    at, lost = rng.exponential(1 / rate), rng.uniform(100, 1500, n)
    return {
        "score": np.round(1 - np.exp(-rate * 365), 3),
        "event": at <= lost,
        "time_days": np.ceil(np.minimum(at, lost)),
        "horizon_days": [365] * n,
        "sex": sex,
        "center": [f"center {k % 4}" for k in range(n)],
    }


def alone(found: Judgement, column: str) -> dict[str, Any]:
    return {str(row["metric"]): row for row in found.comparisons if row["comparison"] == f"{column} alone"}


def test_survival_in_a_group_is_that_of_its_patients_alone() -> None:
    made = survival()
    found = judge_survival(question(made))
    groups = found.score.subgroups
    assert set(groups) == {"sex=F", "sex=M", *(f"center=center {k}" for k in range(4))}
    women = made["sex"] == "F"
    own = judge_survival(question(made, women)).score.metrics
    for name in ("c_index", "dynamic_auc"):
        assert groups["sex=F"][name] == own[name]
        assert groups["sex=F"][name].low is not None
    counted = groups["sex=F"]["observed_events"]
    assert (counted.value, counted.n, counted.low) == (made["event"][women].sum(), 40, None)
    share = groups["sex=F"]["observed_365"]
    assert share.value is not None
    assert share.low is not None
    assert share.high is not None
    assert 0 < share.low < share.value < share.high < 1
    json.dumps(asdict(found.score), allow_nan=False)


def test_sex_alone_is_run_in_the_direction_that_helps_it() -> None:
    made = survival()
    made["sex"][:6] = ""
    (row,) = alone(judge_survival(question(made)), "sex").values()
    known = made["sex"] != ""
    woman = (made["sex"][known] == "F").astype(float)
    wanted = concordance_index_censored(made["event"][known], made["time_days"][known], woman)[0]
    assert wanted > 0.5
    assert (row["metric"], row["n"]) == ("c_index", 74)
    assert row["value"] == pytest.approx(wanted, abs=1e-12)
    assert row["low"] < row["value"] < row["high"]
    assert alone(judge_survival(question(made)), "center") == {}


def test_a_group_that_cannot_be_judged_says_why() -> None:
    made = survival()
    made["event"] = np.where(made["sex"] == "M", 0, made["event"])
    made["tracer"] = ["one", *["many"] * 79]
    groups = judge_survival(question(made)).score.subgroups
    assert groups["sex=M"]["c_index"].method == "no event among 40 patients"
    assert groups["sex=M"]["observed_events"].value == 0
    assert groups["tracer=one"]["c_index"].value is None
    made["scanner"] = [f"scanner {k}" for k in range(80)]
    found = judge_survival(question(made))
    assert "target: scanner has 80 values, more than 20; no groups were made of it" in found.warnings
    assert not any(name.startswith("scanner") for name in found.score.subgroups)


def test_values_in_a_group_are_those_of_its_patients_alone() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(55, 10, 60)
    made = {"truth": truth, "score": truth + rng.normal(size=60), "tracer": np.repeat(["Tc", "Tl", ""], 20)}
    groups = judge_number(question(made)).score.subgroups
    assert set(groups) == {"tracer=Tc", "tracer=Tl"}
    gap = (made["score"] - truth)[:20]
    assert groups["tracer=Tc"]["bias"].value == pytest.approx(gap.mean())
    assert groups["tracer=Tc"]["mae"].value == pytest.approx(np.abs(gap).mean())
    own = judge_number(question(made, made["tracer"] == "Tc")).score.metrics
    assert groups["tracer=Tc"] == {name: own[name] for name in ("bias", "mae", "icc_agreement")}
    assert all(metric.low is not None and metric.n == 20 for metric in groups["tracer=Tc"].values())


def test_scores_averaged_over_models_keep_their_group() -> None:
    truth = np.tile([50.0, 60, 70, 41, 56, 63], 2)
    made = {"truth": truth, "score": truth + np.repeat([1.0, 3.0], 6), "fold": np.repeat([0, 1], 6)}
    made |= {"patient_id": [f"P{k}" for k in range(6)] * 2, "sex": ["F", "M", "F", "M", "F", "M"] * 2}
    groups = judge_number(question(made)).score.subgroups
    assert [groups[f"sex={sex}"]["bias"].value for sex in "FM"] == pytest.approx([2, 2])
    assert groups["sex=F"]["bias"].n == 3


def test_the_group_alone_as_a_classifier_by_hand() -> None:
    truth = np.array([0] * 6 + [1] * 2 + [2] * 2 + [0] * 2 + [1] * 7 + [2] * 1)
    sex = np.repeat(["F", "M"], 10)
    found = alone(judge_classes(ask(truth, likely(truth, 3), sex=sex)), "sex")
    assert set(found) == {"accuracy", "auc_macro", "auc_0", "auc_1", "auc_2"}
    assert found["accuracy"]["value"] == pytest.approx(13 / 20)
    # of class 0, 6 of 8 are F; of the others 4 of 12
    assert found["auc_0"]["value"] == pytest.approx(0.5 + (6 / 8 - 4 / 12) / 2)
    assert found["auc_1"]["value"] == pytest.approx(0.5 + (7 / 9 - 3 / 11) / 2)
    # class 2 is commoner among F: the direction that helps
    assert found["auc_2"]["value"] == pytest.approx(0.5 + (2 / 3 - 8 / 17) / 2)
    assert "found on these very rows" in found["accuracy"]["method"]
    assert all(row["n"] == 20 for row in found.values())


def test_a_group_that_tells_nothing_of_the_class_says_so() -> None:
    truth = np.tile([0, 1, 2], 20)
    found = alone(judge_classes(ask(truth, likely(truth, 3), sex=np.repeat(["F", "M"], 30))), "sex")
    assert found["accuracy"]["value"] == pytest.approx(1 / 3)
    assert found["auc_macro"]["value"] is None
    assert found["auc_macro"]["method"] == "all scores are equal: there is nothing to rank"
