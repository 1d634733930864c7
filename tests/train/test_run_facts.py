"""What a run tells of itself on its scorecard: checklists filled from the plan, and from the cohort of each study."""

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_cohort import VALUES, Made, make
from unlike_systems import FOREST

from myoperf.core.scorecard import Scorecard
from myoperf.core.terms import Tracer
from myoperf.evaluate import evaluate
from myoperf.io.files import write_text
from myoperf.recipe import LogisticRegression, Recipe, Sklearn, changed
from myoperf.report.scorecard_json import scorecard_json
from myoperf.train import train

LOGISTIC = replace(FOREST, system=Sklearn(estimator=LogisticRegression()), targets=FOREST.targets[:1], variants={})
NETWORK = changed(replace(VALUES, targets=VALUES.targets[:1]), {"system.training.epochs": 3})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    plain = make(tmp_path_factory.mktemp("made"), 60, tracers=(Tracer.TC99M,))
    rows = [
        replace(row, values={**row.values, "center": "ABC"[k % 3], "bmi": 20.0 + k % 9})
        for k, row in enumerate(plain.cohort.rows)
    ]
    return Made(cohort=replace(plain.cohort, rows=tuple(rows)), maps=plain.maps)


@pytest.fixture(autouse=True)
def no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no report: that takes longest."""

    def only_json(card: Scorecard, folder: Path, **_: object) -> Path:
        return write_text(folder / "scorecard.json", scorecard_json(card))

    monkeypatch.setattr("myoperf.train.closing.write_scorecard", only_json)


def fit(made: Made, out: Path, recipe: Recipe = LOGISTIC, protocol: str = "2x1:0.3", **options: Any) -> Path:
    return train(recipe, made.cohort, maps=made.maps, out=out, protocol=protocol, jobs=1, **options)


def card_of(run: Path) -> dict[str, Any]:
    card: dict[str, Any] = json.loads((run / "scorecard.json").read_text(encoding="utf-8"))
    return card


def claim(run: Path) -> Mapping[str, str]:
    return {item["item"]: item["answer"] for item in card_of(run)["checklists"]["CLAIM"]}


def test_a_run_fills_the_items_that_it_knows(made: Made, tmp_path: Path) -> None:
    run = fit(made, tmp_path / "run", where="age >= 50")
    told = claim(run)
    splits = json.loads((run / "splits.json").read_text(encoding="utf-8"))
    assert told["1"].startswith("forest, ")
    assert told["7"].endswith("60 studies; 3: A, B, C")
    assert told["8"].startswith("studies where age >= 50")
    assert "abnormal" in told["14"]
    assert f"SHA-256 {splits['sha256'][:16]}, seed 0" in told["19"]
    assert "2" in told["19"]
    assert told["20"] == "patients"
    assert "logistic regression" in told["22"].lower()
    assert re.search(r"myoperf \d", told["23"])
    assert told["24"] == told["25"] == ""
    assert told["27"].startswith("a study of the test part has the mean score")
    assert "opened 1 time" in told["32"]
    assert told["33"] == told["44"] == ""


def test_a_network_tells_how_it_was_trained(made: Made, tmp_path: Path) -> None:
    told = claim(fit(made, tmp_path / "run", NETWORK, seed=5))
    assert told["24"] == "random, seed 5"
    assert "epochs 3" in told["25"]
    assert told["26"].startswith("training stops on the validation part, patience ")


def test_nothing_is_told_of_a_test_part_that_is_not_there(made: Made, tmp_path: Path) -> None:
    told = claim(fit(made, tmp_path / "run", protocol="3fold,unit=image"))
    assert told["27"] == ""
    assert "opened" not in told["32"]
    assert told["20"] == "images: patients stand on both sides"


def test_an_external_part_is_told(made: Made, tmp_path: Path) -> None:
    told = claim(fit(made, tmp_path / "run", protocol="external:center=B"))
    assert told["33"].startswith("external test (groups B, column center")


def test_groups_of_the_cohort_are_judged_apart(made: Made, tmp_path: Path) -> None:
    run = fit(made, tmp_path / "run", protocol="3fold")
    with (run / "predictions.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    told = {row.study_id: row.values for row in made.cohort.rows}
    assert rows
    for row in rows:
        assert row["center"] == told[row["study_id"]]["center"]
        assert float(row["bmi"]) == told[row["study_id"]]["bmi"]
        assert row["tracer"] == "Tc-99m"
    (target,) = card_of(run)["targets"].values()
    assert {"center=A", "center=B", "center=C", "sex=F", "sex=M"} <= set(target["subgroups"])
    groups = [row[0] for row in target["tables"]["calibration_groups"]["rows"]]
    assert any("bmi" in str(group) for group in groups)


def test_judging_the_predictions_of_a_run_again_gives_its_figures_and_its_count(made: Made, tmp_path: Path) -> None:
    run = fit(made, tmp_path / "run")
    before, again = card_of(run), json.loads(scorecard_json(evaluate(run / "predictions.csv")))
    (first,), (second,) = before["targets"].values(), again["targets"].values()
    assert first == second
    assert before["test_opened"] == again["test_opened"] >= 1
    assert any("test part (18 patients) opened" in line for line in again["warnings"])
    assert any("test part (18 patients) opened" in line for line in before["warnings"])
    assert before["warnings"] == list(dict.fromkeys(before["warnings"])), "nothing is told twice"
