"""The test part: no fit is told of it, it stays closed where that is asked, and every look at it is counted."""

import csv
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_cohort import VALUES, Made, make
from unlike_systems import FOREST, TPD_RULE

from myoperf.core.errors import RefusedError
from myoperf.core.scorecard import Scorecard
from myoperf.core.terms import Tracer
from myoperf.io.cache import FOLDER
from myoperf.io.files import write_text
from myoperf.recipe import LogisticRegression, Recipe, Sklearn, changed
from myoperf.report.scorecard_json import scorecard_json
from myoperf.train import predict, train
from myoperf.train.ledger import LEDGER

LOGISTIC = replace(FOREST, system=Sklearn(estimator=LogisticRegression()), targets=FOREST.targets[:1], variants={})
NETWORK = changed(replace(VALUES, targets=VALUES.targets[:1]), {"system.training.epochs": 5})


@pytest.fixture(autouse=True)
def no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no report: that takes longest."""

    def only_json(card: Scorecard, folder: Path, **_: object) -> Path:
        return write_text(folder / "scorecard.json", scorecard_json(card))

    monkeypatch.setattr("myoperf.train.closing.write_scorecard", only_json)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    (tmp_path / "cohort").mkdir()
    plain = make(tmp_path / "cohort", 60, tracers=(Tracer.TC99M,))
    parts = ("train", "train", "validation", "test")
    rows = [replace(row, values={**row.values, "split": parts[k % 4]}) for k, row in enumerate(plain.cohort.rows)]
    return Made(cohort=replace(plain.cohort, rows=tuple(rows)), maps=plain.maps)


def fit(made: Made, out: Path, recipe: Recipe = LOGISTIC, protocol: str = "2x1:0.3", **options: Any) -> Path:
    return train(recipe, made.cohort, maps=made.maps, out=out, protocol=protocol, jobs=1, **options)


def card_of(run: Path) -> dict[str, Any]:
    card: dict[str, Any] = json.loads((run / "scorecard.json").read_text(encoding="utf-8"))
    return card


def splits_told(run: Path) -> set[str]:
    with (run / "predictions.csv").open(encoding="utf-8") as table:
        return {row["split"] for row in csv.DictReader(table)}


def opened(run: Path) -> Mapping[str, Any]:
    told: Mapping[str, Any] = json.loads((run / "test_opened.json").read_text(encoding="utf-8"))
    return told


def test_a_sealed_run_makes_no_test_prediction_and_the_same_words_open_it(made: Made, tmp_path: Path) -> None:
    run = fit(made, tmp_path / "run", sealed=True)
    ledger = made.cohort.path.parent / FOLDER / LEDGER
    assert splits_told(run) == {"validation"}
    assert not list((run / "folds").glob("*.test.json"))
    assert not ledger.exists()
    card = card_of(run)
    assert (card["split"], card["test_opened"]) == ("validation", None)
    assert any(line.startswith("sealed: the test part (18 patients) was not opened") for line in card["warnings"])
    models = {path.name: path.read_bytes() for path in (run / "models").glob("*.safetensors")}
    fit(made, tmp_path / "run")
    assert splits_told(run) == {"validation", "test"}
    assert {path.name: path.read_bytes() for path in (run / "models").glob("*.safetensors")} == models
    assert card_of(run)["test_opened"] == 1
    straight = fit(made, tmp_path / "straight")
    assert (straight / "predictions.csv").read_bytes() == (run / "predictions.csv").read_bytes()
    with pytest.raises(RefusedError, match="a test part that was opened cannot be sealed again"):
        fit(made, tmp_path / "run", sealed=True)


def test_openings_are_counted_by_run(made: Made, tmp_path: Path) -> None:
    for name in ("a", "a", "b"):
        run = fit(made, tmp_path / name)
        assert card_of(run)["test_opened"] == opened(run)["times"] == 1
    other = fit(made, tmp_path / "c", seed=1)
    assert card_of(other)["test_opened"] == 2
    assert any("opened 2 times, this run included" in line for line in card_of(other)["warnings"])
    stronger = replace(LOGISTIC, system=Sklearn(estimator=LogisticRegression(strength=9.0)))
    assert opened(fit(made, tmp_path / "d", stronger))["times"] == 3
    assert opened(fit(made, tmp_path / "a"))["times"] == 3


def test_beside_a_read_only_cohort_the_count_is_unknown(made: Made, tmp_path: Path) -> None:
    made.cohort.path.parent.chmod(0o555)
    run = fit(made, tmp_path / "run")
    made.cohort.path.parent.chmod(0o755)
    assert card_of(run)["test_opened"] is None
    assert any("how often before is not known" in line for line in card_of(run)["warnings"])
    assert opened(run)["times"] is None


@pytest.mark.parametrize("recipe", [LOGISTIC, TPD_RULE, NETWORK], ids=["sklearn", "rule", "network"])
def test_neither_labels_nor_maps_of_the_test_part_reach_a_model(recipe: Recipe, made: Made, tmp_path: Path) -> None:
    """Other answers and other maps in the test part: the same models, byte for byte."""
    rows = [
        replace(row, values={**row.values, "label_abnormal": 1 - int(str(row.values["label_abnormal"]))})
        if row.values["split"] == "test"
        else row
        for row in made.cohort.rows
    ]
    tested = {row.study_id for row in rows if row.values["split"] == "test"}
    maps = {
        study: {state: replace(one, values=one.values[::-1] ** 1.1) for state, one in states.items()}
        if study in tested
        else states
        for study, states in made.maps.items()
    }
    other = Made(cohort=replace(made.cohort, rows=tuple(rows)), maps=maps)
    one = fit(made, tmp_path / "one", recipe, "given")
    two = fit(other, tmp_path / "two", recipe, "given")
    (model,) = [path.name for path in (one / "models").glob("*.safetensors")]
    assert (one / "models" / model).read_bytes() == (two / "models" / model).read_bytes()
    thresholds = [card_of(run)["threshold"] for run in (one, two)]
    assert thresholds[0] == thresholds[1]
    assert thresholds[0]["chosen_on"].startswith("validation")
    assert (one / "predictions.csv").read_bytes() != (two / "predictions.csv").read_bytes()


def test_a_look_at_another_cohort_is_counted_there(made: Made, tmp_path: Path) -> None:
    run = fit(made, tmp_path / "run")
    (tmp_path / "other").mkdir()
    other = make(tmp_path / "other", 12, seed=5, tracers=(Tracer.TC99M,))
    fresh = replace(
        other.cohort, rows=tuple(replace(row, patient_id=f"X{row.patient_id}") for row in other.cohort.rows)
    )
    for name in ("one", "two"):
        path = predict(run, fresh, maps=other.maps, out=tmp_path / name, jobs=1)
        told = opened(path.parent)
        assert (told["times"], told["patients"], told["warnings"]) == (1, 12, [])
        assert told["text"] == "external part (12 patients) opened 1 time: by this run"
    second = fit(made, tmp_path / "second", seed=1)
    assert opened(predict(second, fresh, maps=other.maps, out=tmp_path / "three", jobs=1).parent)["times"] == 2
    silent = replace(fresh, rows=tuple(replace(row, values={}) for row in fresh.rows))
    told = opened(predict(run, silent, maps=other.maps, out=tmp_path / "four", jobs=1).parent)
    assert told["text"] == "no answer is told of these patients: nothing can be judged"


def test_patients_that_trained_are_named_when_they_are_predicted(made: Made, tmp_path: Path) -> None:
    run = fit(made, tmp_path / "run")
    told = opened(predict(run, made.cohort, maps=made.maps, out=tmp_path / "out", jobs=1).parent)
    assert told["warnings"] == ["42 of these patients trained or chose this system; it is not tested on them"]
    assert told["times"] == 2


def test_broken_test_scores_are_refused(made: Made, tmp_path: Path) -> None:
    run = fit(made, tmp_path / "run")
    (run / "folds" / "main-r0f0.test.json").write_text("[", encoding="utf-8")
    with pytest.raises(RefusedError, match="scores can be read"):
        fit(made, tmp_path / "run")
    with (run / "predictions.csv").open(encoding="utf-8") as table:
        scores = [float(row["score"]) for row in csv.DictReader(table) if row["split"] == "test"]
    assert len(scores) == 18
    assert np.isfinite(scores).all()


def test_a_sealed_hold_out_without_a_validation_part_has_nothing_to_judge_yet(made: Made, tmp_path: Path) -> None:
    few = replace(made.cohort, rows=made.cohort.rows[:24])
    words: dict[str, Any] = {"maps": made.maps, "out": tmp_path / "run", "protocol": "holdout:0.4", "jobs": 1}
    train(LOGISTIC, few, sealed=True, **words)
    card = card_of(tmp_path / "run")
    assert (card["targets"], card["n_patients"], card["split"]) == ({}, 0, "sealed")
    assert any(line.startswith("sealed: the test part") for line in card["warnings"])
    train(LOGISTIC, few, **words)
    assert card_of(tmp_path / "run")["split"] == "test"
