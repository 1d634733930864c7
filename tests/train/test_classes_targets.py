"""Targets of several classes, alone and beside a yes-or-no one: heads, loss, figure, columns, and whole runs."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from made_cohort import VALUES, Made, make

from myoperf.core.errors import RefusedError
from myoperf.core.scorecard import Scorecard
from myoperf.core.terms import State, Tracer
from myoperf.io.files import write_text
from myoperf.protocols import Holdout, RepeatedPatientCV
from myoperf.recipe import (
    LogisticRegression,
    Recipe,
    RoutedCrossEntropy,
    SingleHead,
    Sklearn,
    Target,
    changed,
)
from myoperf.recipes import load_recipe
from myoperf.report.scorecard_json import scorecard_json
from myoperf.train import predict, train
from myoperf.train.build import Sizes, build_heads
from myoperf.train.class_objective import ClassObjective, chances_of, class_weights, macro_auc, right_of
from myoperf.train.nested import _aucs
from myoperf.train.network_fit import _shared_logits
from myoperf.train.run_predictions import class_columns
from myoperf.train.runnable import require_runnable
from myoperf.train.task import Rows

TRIAD = Target("triad", kind="classes", classes=("infarction", "ischaemia", "normal"))
YES = Target("abnormal", kind="binary", tracer=Tracer.TC99M)
NAN = float("nan")


def of(*targets: Target) -> Recipe:
    return replace(VALUES, targets=targets, assumed={}, name="classes", main="main")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """48 patients; who has an infarction is dark at rest too."""
    plain = make(tmp_path_factory.mktemp("made"), 48, tracers=(Tracer.TC99M,))
    maps = {study: dict(states) for study, states in plain.maps.items()}
    for row in plain.cohort.rows:
        if row.values["label_triad"] == 0:
            maps[row.study_id][State.STRESS] = replace(
                maps[row.study_id][State.STRESS], values=maps[row.study_id][State.STRESS].values - 25
            )
    return Made(cohort=plain.cohort, maps=maps)


@pytest.fixture(autouse=True)
def no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no report: that takes longest."""

    def only_json(card: Scorecard, folder: Path, **_: object) -> Path:
        return write_text(folder / "scorecard.json", scorecard_json(card))

    monkeypatch.setattr("myoperf.train.closing.write_scorecard", only_json)


def test_the_head_of_the_triad_has_the_published_number_of_weights() -> None:
    recipe = load_recipe("abulaila2025_triad")
    heads: Any = recipe.system.network.heads  # type: ignore[union-attr]  # a network with heads
    made = build_heads(heads, 2 * 512, Sizes(inputs=2, groups=1, outputs=(3,), shared=(0, 1, 2)))
    assert sum(weights.numel() for weights in made.parameters()) == 656_899
    assert made(torch.rand(4, 1024), torch.zeros(4, dtype=torch.long)).shape == (4, 3)


def test_one_head_answers_the_questions_of_one_tracer_apart() -> None:
    tl = Target("risk", kind="binary", tracer=Tracer.TL201)
    assert _shared_logits(of(YES, tl)) == (0, 0)
    assert _shared_logits(of(YES, replace(YES, name="other"))) == (0, 1)
    assert _shared_logits(of(TRIAD, YES)) == (0, 1, 2, 3)
    sizes = Sizes(inputs=1, groups=1, outputs=(3, 1), shared=(0, 1, 2, 3))
    assert build_heads(SingleHead(), 8, sizes)(torch.rand(2, 8), torch.zeros(2).long()).shape == (2, 4)


def test_probabilities_and_right_answers_by_hand() -> None:
    logits = np.array([[0.0, np.log(3.0)], [1000.0, 0.0]])
    np.testing.assert_allclose(chances_of(logits), [[0.25, 0.75], [1.0, 0.0]])
    np.testing.assert_allclose(chances_of(np.array([[0.0]])), [[0.5]])
    answers = np.array([[2.0, 1.0, 0.0, 1.0], [0.0, 1.0, 2.0, -1.0], [0.0, 0.0, 1.0, 5.0]])
    truth = np.array([[0.0, 1.0], [1.0, 0.0], [NAN, 0.0]])
    assert right_of(answers, truth, (slice(0, 3), slice(3, 4))) == (3, 5)


def test_the_macro_auc_leaves_out_classes_that_are_missing() -> None:
    logits = np.array([[3.0, 0.0, 0.0], [0.0, 2.0, 1.0], [0.0, 1.0, 2.0], [2.0, 0.0, 1.0]])
    assert macro_auc(logits, np.array([0.0, 1.0, 2.0, 0.0])) == pytest.approx(1.0)
    two = macro_auc(logits, np.array([0.0, 1.0, 1.0, 0.0]))
    assert two == pytest.approx(1.0)
    assert macro_auc(logits, np.array([1.0, 1.0, NAN, 1.0])) is None


def test_weights_of_classes_are_those_of_balance() -> None:
    weights = class_weights(np.array([0.0, 1, 1, 2, 2, 2]), 4, RoutedCrossEntropy())
    np.testing.assert_allclose(weights, [6 / 4, 6 / 8, 6 / 12, 1])
    plain = class_weights(np.array([0.0, 1]), 2, RoutedCrossEntropy(class_weights="none"))
    np.testing.assert_allclose(plain, [1, 1])


def test_the_loss_is_the_mean_over_targets_and_nothing_where_nothing_is_asked() -> None:
    truth = np.array([[2.0, 1.0], [NAN, 0.0], [NAN, NAN]])
    objective = ClassObjective(
        RoutedCrossEntropy(class_weights="none"), truth, (slice(0, 3), slice(3, 4)), np.arange(3)
    )
    answers = torch.zeros(3, 4, requires_grad=True)
    loss = objective.loss(answers, np.arange(3))
    assert float(loss.detach()) == pytest.approx((np.log(3) + np.log(2)) / 2)
    assert float(objective.loss(answers[2:], np.array([2])).detach()) == 0
    alone = objective.judge([(np.array([0]), answers[:1].detach())])
    assert (alone.figure, alone.chooses) == (None, False)


def test_columns_of_classes_are_of_one_question() -> None:
    assert class_columns(of(TRIAD, YES)) == (("class_infarction", "class_ischaemia", "class_normal"), ())
    two = of(TRIAD, Target("grade", kind="classes", classes=("none", "normal")))
    assert class_columns(two)[1] == ("class_grade_none", "class_grade_normal")
    numbered = of(Target("grade", kind="classes", classes=("1", "2")))
    assert class_columns(numbered) == (("class_grade_1", "class_grade_2"),)


def test_inner_folds_judge_classes_by_the_macro_auc() -> None:
    rows = Rows(
        patient_id=("A", "B", "C"),
        study_id=("a", "b", "c"),
        inputs=np.zeros((3, 1), dtype=np.float32),
        groups=np.zeros(3, dtype=np.intp),
        truth=np.array([[0.0], [1.0], [2.0]]),
        sex=("", "", ""),
        area=np.empty((3, 0)),
    )
    scores = {"a": (0.8, 0.1, 0.1), "b": (0.1, 0.8, 0.1), "c": (0.3, 0.4, 0.3)}
    assert _aucs(of(TRIAD), rows, scores) == [pytest.approx(1.0)]


def test_models_of_scikit_learn_are_not_asked_for_classes() -> None:
    with pytest.raises(RefusedError, match="networks for several classes"):
        require_runnable(replace(of(TRIAD), system=Sklearn(estimator=LogisticRegression())))


def fit(made: Made, out: Path, recipe: Recipe, **options: Any) -> tuple[list[dict[str, str]], dict[str, Any]]:
    run = train(recipe, made.cohort, maps=made.maps, out=out, jobs=1, **options)
    with (run / "predictions.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    return rows, json.loads((run / "scorecard.json").read_text(encoding="utf-8"))


def test_a_run_ends_in_a_pooled_table_and_predicts(made: Made, tmp_path: Path) -> None:
    recipe = changed(of(TRIAD, YES), {"protocol": RepeatedPatientCV(folds=2, repeats=1, test_fraction=0.0)})
    rows, card = fit(made, tmp_path / "run", recipe)
    of_triad = [row for row in rows if row["target"] == "triad"]
    assert len(of_triad) == 48
    assert all(row["score"] == "" and row["truth"][:1] in "012" for row in of_triad)
    sums = [sum(float(row[f"class_{name}"]) for name in TRIAD.classes) for row in of_triad]
    np.testing.assert_allclose(sums, 1)
    assert all(row["class_normal"] == "" and row["score"] for row in rows if row["target"] == "abnormal")
    score = card["targets"]["triad"]
    assert score["kind"] == "classes"
    assert sum(map(sum, score["confusion"])) == 48
    assert score["metrics"]["sensitivity_ischaemia"]["method"] == "Wilson"
    assert score["metrics"]["auc_macro"]["value"] > 0.6
    assert len(score["folds"]["auc_macro"]["values"]) == 2
    assert card["targets"]["abnormal"]["kind"] == "binary"
    path = predict(tmp_path / "run", made.cohort, maps=made.maps, out=tmp_path / "out", jobs=1)
    with path.open(encoding="utf-8") as table:
        again = [row for row in csv.DictReader(table) if row["target"] == "triad"]
    assert len(again) == 48
    assert all(float(row["class_normal"]) >= 0 for row in again)


def test_a_published_split_is_run_and_said_loudly(made: Made, tmp_path: Path) -> None:
    few = [row for row in made.cohort.rows if row.values["label_triad"] == 0][:4]
    others = [row for row in made.cohort.rows if row.values["label_triad"] != 0]
    cohort = replace(made.cohort, path=tmp_path / "cohort.csv", rows=(*few, *others))
    split = Holdout(test_fraction=0.15, validation_fraction=0.176, every_class=True)
    run = train(of(TRIAD), cohort, maps=made.maps, out=tmp_path / "run", protocol=split, jobs=1)
    card = json.loads((run / "scorecard.json").read_text(encoding="utf-8"))
    assert card["warnings"][0].startswith("TEST PART TOO SMALL FOR ITS CLASSES, as published: it holds infarction 1, ")
    assert "TEST PART TOO SMALL" in (run / "log.jsonl").read_text(encoding="utf-8")
    with pytest.raises(RefusedError, match="at least 2 patients of each class"):
        train(of(TRIAD), cohort, maps=made.maps, out=tmp_path / "four", protocol="4x2:0", jobs=1)


def test_a_validation_part_of_one_class_chooses_nothing(made: Made, tmp_path: Path) -> None:
    recipe = of(TRIAD)
    split = Holdout(test_fraction=0.15, validation_fraction=0.25)
    labels = [2] * 28 + [1] * 12 + [0] * 8
    rows = [
        replace(row, values={**row.values, "label_triad": label})
        for row, label in zip(made.cohort.rows, labels, strict=True)
    ]
    cohort = replace(made.cohort, path=tmp_path / "cohort.csv", rows=tuple(rows))
    run = train(recipe, cohort, maps=made.maps, out=tmp_path / "run", protocol=split, jobs=1)
    told = json.loads((run / "folds" / "main-r0f0.json").read_text(encoding="utf-8"))
    assert told["best_epoch"] == -1
    assert len(told["epochs"]) == 30
    warnings = json.loads((run / "scorecard.json").read_text(encoding="utf-8"))["warnings"]
    assert any("no infarction, ischaemia in the validation part" in line for line in warnings)
