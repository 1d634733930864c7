"""The verbs train and predict on a small cohort in memory."""

import csv
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from made_cohort import VALUES, Made, make, small
from safetensors.torch import load_file, save_file
from unlike_systems import DEFECT_MASK, FOREST, TPD_RULE, TWO_EVENTS

from myoperf.core.errors import RefusedError
from myoperf.core.terms import State, Tracer
from myoperf.io.predictions import read_predictions
from myoperf.networks.resnet import ResNet18Encoder
from myoperf.protocols import Holdout
from myoperf.recipe import Recipe, ResNet18, changed
from myoperf.train import predict, train

FILES = {
    "recipe.json",
    "protocol.json",
    "splits.json",
    "predictions.csv",
    "scorecard.json",
    "report.html",
    "log.jsonl",
    "versions.json",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("made"), 96)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as table:
        return list(csv.DictReader(table))


def events(run: Path, kind: str) -> list[dict[str, object]]:
    told = [json.loads(line) for line in (run / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    return [line for line in told if line["event"] == kind]


def fit(recipe: Recipe, made: Made, out: Path, **options: Any) -> Path:
    run: Path = train(recipe, made.cohort, maps=made.maps, out=out, jobs=1, **options)
    return run


@pytest.fixture(scope="module")
def run(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tracer-aware network, small, two variants."""
    return fit(small(), made, tmp_path_factory.mktemp("runs") / "run", variant=("stress", "dual"))


def test_a_run_folder_is_complete(run: Path) -> None:
    assert {path.name for path in run.iterdir() if path.is_file()} >= FILES
    models = {path.name for path in (run / "models").glob("*.safetensors")}
    assert models == {f"{name}-r0f{fold}.safetensors" for name in ("stress", "dual") for fold in (0, 1)}
    assert not list(run.rglob("*.checkpoint"))
    assert not list(run.rglob("*.part"))
    assert json.loads((run / "recipe.json").read_text(encoding="utf-8"))["paper"]["year"] == 2026


def test_every_study_is_judged_once(run: Path, made: Made) -> None:
    told = rows(run / "predictions.csv")
    count = Counter((line["variant"], line["study_id"]) for line in told)
    assert set(count.values()) == {1}
    assert len(count) == 2 * len(made.cohort.rows)
    label = {row.study_id: row for row in made.cohort.rows}
    splits = json.loads((run / "splits.json").read_text(encoding="utf-8"))
    for line in told:
        row = label[line["study_id"]]
        assert row.values[f"label_{line['target']}"] == float(line["truth"])
        assert (line["patient_id"] in splits["test"]) == (line["split"] == "test")
        assert (line["repeat"] == "-1") == (line["split"] == "test")
        assert line["sex"] == row.sex


def test_it_learns_and_is_judged(run: Path) -> None:
    card = json.loads((run / "scorecard.json").read_text(encoding="utf-8"))
    key = "samaras2026_tracer_aware/stress/abnormal"
    assert card["targets"][key]["folds"]["auc"]["mean"] > 0.8
    assert any("from ImageNet" not in line for line in card["warnings"])
    assert "Research use only" in (run / "report.html").read_text(encoding="utf-8")


def test_running_again_changes_nothing(run: Path, made: Made) -> None:
    before = (run / "predictions.csv").read_bytes()
    models = {path: path.stat().st_mtime_ns for path in (run / "models").glob("*.safetensors")}
    fit(small(), made, run, variant=("stress", "dual"))
    assert (run / "predictions.csv").read_bytes() == before
    assert {path: path.stat().st_mtime_ns for path in models} == models
    assert len(events(run, "started")) == 1
    assert events(run, "resumed")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"seed": 1}, "another seed"),
        ({"variant": "stress"}, "another variant"),
        ({"exact": True}, "another exact"),
        ({"protocol": "3x1"}, "another protocol"),
        ({"where": "age > 52"}, "another cohort"),
    ],
)
def test_a_run_folder_refuses_another_run(run: Path, made: Made, changes: dict[str, object], named: str) -> None:
    with pytest.raises(RefusedError, match=f"a run folder holds one run; got {named}"):
        fit(small(), made, run, **{"variant": ("stress", "dual"), **changes})


def test_another_recipe_in_the_same_folder_is_refused(run: Path, made: Made) -> None:
    other = changed(small(), {"system.training.lr": 1e-3})
    with pytest.raises(RefusedError, match="another settings"):
        fit(other, made, run, variant=("stress", "dual"))


def test_processes_and_order_do_not_change_the_numbers(made: Made, tmp_path: Path) -> None:
    one = fit(VALUES, made, tmp_path / "one")
    turned = replace(made.cohort, rows=made.cohort.rows[::-1])
    two = train(VALUES, made.cohort, maps=made.maps, out=tmp_path / "two", jobs=2)
    backwards = train(VALUES, turned, maps=made.maps, out=tmp_path / "three", jobs=1)
    assert (one / "predictions.csv").read_bytes() == (two / "predictions.csv").read_bytes()
    assert (one / "splits.json").read_bytes() == (backwards / "splits.json").read_bytes()


def test_an_external_cohort_is_predicted_by_all_folds_together(run: Path, tmp_path: Path) -> None:
    other = make(tmp_path, 12, seed=5)
    strange = replace(other.cohort.rows[0], tracer=None)
    unlabelled = replace(other.cohort.rows[1], values={})
    cohort = replace(other.cohort, rows=(strange, unlabelled, *other.cohort.rows[2:]))
    path = predict(run, cohort, maps=other.maps, out=tmp_path / "out", jobs=1)
    told = rows(path)
    assert Counter(line["variant"] for line in told) == {"stress": 11, "dual": 11}
    assert {line["split"] for line in told} == {"test"}
    assert [line["truth"] for line in told if line["study_id"] == unlabelled.study_id] == ["", ""]
    refused = (tmp_path / "out" / "refused.txt").read_text(encoding="utf-8").splitlines()
    assert len(refused) == 1
    assert "knows Tc-99m and Tl-201; got no tracer" in refused[0]


def test_a_tracer_that_was_not_trained_is_refused_study_by_study(made: Made, tmp_path: Path) -> None:
    technetium = replace(VALUES, targets=VALUES.targets[:1])
    finished = fit(technetium, made, tmp_path / "run")
    other = make(tmp_path, 8, seed=5)
    path = predict(finished, other.cohort, maps=other.maps, out=tmp_path / "out", jobs=1)
    assert len(rows(path)) == 4
    refused = (tmp_path / "out" / "refused.txt").read_text(encoding="utf-8").splitlines()
    assert len(refused) == 4
    assert all("knows Tc-99m; got Tl-201" in line for line in refused)
    thallium = replace(other.cohort, rows=tuple(row for row in other.cohort.rows if row.tracer is Tracer.TL201))
    with pytest.raises(RefusedError, match="at least one study can be predicted"):
        predict(finished, thallium, maps=other.maps, out=tmp_path / "none", jobs=1)


def test_an_unfinished_run_is_not_applied(made: Made, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="a finished run with its models"):
        predict(tmp_path, made.cohort, maps=made.maps, out=tmp_path / "out")


@pytest.mark.parametrize("recipe", [TPD_RULE, FOREST, VALUES], ids=["rule", "forest", "values"])
def test_other_kinds_of_system_are_fitted_and_applied(recipe: Recipe, made: Made, tmp_path: Path) -> None:
    finished = fit(recipe, made, tmp_path / "run", where="tracer == 'Tc-99m'")
    predictions = read_predictions(finished / "predictions.csv")
    score, truth = (np.asarray(predictions[name], dtype=float) for name in ("score", "truth"))
    assert score[truth == 1].mean() > score[truth == 0].mean() + 0.1
    assert ((score >= 0) & (score <= 1)).all()
    path = predict(finished, made.cohort, maps=made.maps, where="tracer == 'Tc-99m'", out=tmp_path / "out", jobs=1)
    tested = {line["study_id"]: line["score"] for line in rows(finished / "predictions.csv") if line["split"] == "test"}
    again = {line["study_id"]: line["score"] for line in rows(path)}
    assert tested
    assert all(float(again[study]) == pytest.approx(float(score), abs=1e-6) for study, score in tested.items())


def test_the_models_kept_give_the_scores_told(run: Path, made: Made, tmp_path: Path) -> None:
    path = predict(run, made.cohort, maps=made.maps, out=tmp_path, jobs=1)
    again = {(line["variant"], line["study_id"]): float(line["score"]) for line in rows(path)}
    for line in rows(run / "predictions.csv"):
        if line["split"] == "test":
            assert again[line["variant"], line["study_id"]] == pytest.approx(float(line["score"]), abs=2e-3)


def test_a_frozen_encoder_is_kept_once_and_used_again(made: Made, tmp_path: Path) -> None:
    frozen = changed(small(), {"system.network.encoder": ResNet18(weights=None, width=0.125, frozen=True)})
    finished = fit(frozen, made, tmp_path / "run", variant=("stress", "separate_networks"))
    sizes = {path.name: path.stat().st_size for path in (finished / "models").glob("*.safetensors")}
    assert sizes["stress-r0f0.safetensors"] < 4000 < sizes["stress-encoder.safetensors"]
    path = predict(finished, made.cohort, maps=made.maps, out=tmp_path / "out", jobs=1)
    tested = {
        (line["variant"], line["study_id"]): float(line["score"])
        for line in rows(finished / "predictions.csv")
        if line["split"] == "test"
    }
    again = {(line["variant"], line["study_id"]): float(line["score"]) for line in rows(path)}
    assert all(again[key] == pytest.approx(score, abs=1e-6) for key, score in tested.items())


@pytest.mark.parametrize(
    ("recipe", "why"),
    [(DEFECT_MASK, "a target of kind mask"), (TWO_EVENTS, "a target of kind survival")],
    ids=["mask", "survival"],
)
def test_what_cannot_be_trained_yet_is_refused(recipe: Recipe, why: str, made: Made, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=why) as refusal:
        fit(recipe, made, tmp_path / "run")
    assert "\n" not in str(refusal.value)
    assert not (tmp_path / "run").exists()


def test_a_cohort_that_cannot_train_is_refused(made: Made, tmp_path: Path) -> None:
    def with_labels(value: object) -> Made:
        changed_rows = tuple(replace(row, values={"label_abnormal": value}) for row in made.cohort.rows)
        return Made(cohort=replace(made.cohort, rows=changed_rows), maps=made.maps)

    with pytest.raises(RefusedError, match="label_abnormal is 1 in every study"):
        fit(VALUES, with_labels(1), tmp_path / "a")
    with pytest.raises(RefusedError, match="answers lie in label_abnormal, label_intermediate"):
        fit(VALUES, with_labels(None), tmp_path / "b")
    with pytest.raises(RefusedError, match="answers lie in"):
        fit(VALUES, with_labels("maybe"), tmp_path / "c")
    doubled = replace(made.cohort, rows=made.cohort.rows[:14])
    with pytest.raises(RefusedError, match="at least 2 patients of each class"):
        fit(VALUES, Made(cohort=doubled, maps=made.maps), tmp_path / "d", protocol="5x1")


def test_studies_without_an_input_are_left_out_and_named(made: Made, tmp_path: Path) -> None:
    stress_only = {study: {State.STRESS: maps[State.STRESS]} for study, maps in list(made.maps.items())[:3]}
    recipe = replace(FOREST, protocol=Holdout(test_fraction=0.3))
    finished = fit(recipe, Made(cohort=made.cohort, maps={**made.maps, **stress_only}), tmp_path / "run")
    refused = [str(line["reason"]) for line in events(finished, "refused")]
    assert len(refused) == 3
    assert all("maps of stress and rest are needed; got none of rest" in line for line in refused)
    card = json.loads((finished / "scorecard.json").read_text(encoding="utf-8"))
    assert any("3 studies or inputs are left out" in line for line in card["warnings"])


def test_starting_from_scratch_is_said_loudly(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    wanting = changed(replace(small(), variants={}), {"system.network.encoder.weights": "imagenet"})
    wanting = replace(wanting, scratch={"system.network.encoder.weights": None, "system.training.epochs": 1})
    finished = fit(wanting, made, tmp_path / "run")
    card = json.loads((finished / "scorecard.json").read_text(encoding="utf-8"))
    told = "trained from scratch: the recipe starts from ImageNet weights, and no file of them was given or found"
    assert told in card["warnings"]
    assert told in (finished / "report.html").read_text(encoding="utf-8")
    assert told in [line["text"] for line in events(finished, "warning")]
    stored = json.loads((finished / "models" / "stress.json").read_text(encoding="utf-8"))
    assert stored["system"]["network"]["encoder"]["weights"] is None


def test_given_weights_are_where_training_starts(made: Made, tmp_path: Path) -> None:
    torch.manual_seed(3)
    weights = dict(ResNet18Encoder(width=0.125).body.state_dict())
    save_file(weights, tmp_path / "mine.safetensors")
    still = {"system.network.encoder.weights": "imagenet", "system.training.lr": 0.0, "system.training.epochs": 1}
    recipe = changed(replace(small(), variants={}, assumed={}, protocol=Holdout(test_fraction=0.3)), still)
    finished = fit(recipe, made, tmp_path / "run", weights=tmp_path / "mine.safetensors", exact=True)
    kept = load_file(finished / "models" / "stress-r0f0.safetensors")
    torch.testing.assert_close(kept["encoder.body.conv1.weight"], weights["conv1.weight"], rtol=0, atol=0)
    card = json.loads((finished / "scorecard.json").read_text(encoding="utf-8"))
    assert not any("from scratch" in line for line in card["warnings"])


def test_the_quick_size_is_named_in_every_output(made: Made, tmp_path: Path) -> None:
    recipe = replace(VALUES, quick={"system.training.epochs": 2})
    finished = fit(recipe, made, tmp_path / "run", quick=True)
    for name in ("scorecard.json", "report.html", "log.jsonl"):
        assert "quick size" in (finished / name).read_text(encoding="utf-8")
    assert json.loads((finished / "versions.json").read_text(encoding="utf-8"))["run"]["quick"] is True
