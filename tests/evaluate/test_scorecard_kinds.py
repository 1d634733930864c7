"""What the scorecard makes of tables of every kind: each target judged in its way, systems compared, readers apart."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.core.predictions import Predictions, is_number
from myoperf.core.scorecard import Scorecard
from myoperf.evaluate import evaluate
from myoperf.evaluate.checklists import Facts
from myoperf.evaluate.use import Use
from myoperf.io.predictions import write_predictions
from myoperf.report.scorecard_json import scorecard_json

Row = dict[str, Any]
NAN = float("nan")


def table(rows: list[Row]) -> Predictions:
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {}
    for name in names:
        empty: Any = NAN if is_number(name) else ""
        columns[name] = np.array([row.get(name, empty) for row in rows], dtype=float if is_number(name) else str)
    return Predictions(columns=columns)


def judge(rows: list[Row], **more: Any) -> Scorecard:
    card = evaluate(table(rows), bootstrap=60, **more)
    assert json.loads(scorecard_json(card))["n_rows"] == card.n_rows
    return card


def two_answers(count: int = 40, *, shift: float = 0.3, seed: int = 0, **more: Any) -> list[Row]:
    rng = np.random.default_rng(seed)
    scores = np.clip(0.35 + shift * (np.arange(count) % 2) + 0.15 * rng.normal(size=count), 0, 1)
    return [{"patient_id": f"P{k}", "truth": k % 2, "score": float(scores[k]), **more} for k in range(count)]


def survival(count: int = 60, **more: Any) -> list[Row]:
    rng = np.random.default_rng(1)
    risk = rng.normal(size=count)
    time = rng.exponential(900 * np.exp(-risk))
    seen = rng.uniform(200, 1500, size=count)
    return [
        {
            "patient_id": f"P{k}",
            "truth": NAN,
            "score": risk[k],
            "event": float(time[k] < seen[k]),
            "time_days": max(1.0, min(time[k], seen[k])),
            **more,
        }
        for k in range(count)
    ]


def three_classes(count: int = 60, **more: Any) -> list[Row]:
    rng = np.random.default_rng(2)
    scores = [rng.dirichlet(np.ones(3) + 3 * np.eye(3)[k % 3]) for k in range(count)]
    return [
        {
            "patient_id": f"P{k}",
            "truth": k % 3,
            "score": NAN,
            **{f"class_{n}": scores[k][j] for j, n in enumerate("abc")},
            **more,
        }
        for k in range(count)
    ]


def values(count: int = 40, **more: Any) -> list[Row]:
    rng = np.random.default_rng(3)
    truth = rng.normal(55, 10, size=count)
    return [
        {"patient_id": f"P{k}", "truth": truth[k], "score": truth[k] + rng.normal(1, 3), **more} for k in range(count)
    ]


def readers(**more: Any) -> list[Row]:
    rng = np.random.default_rng(4)
    return [
        {
            "patient_id": f"P{k}",
            "truth": k % 2,
            "score": float(np.round(2 + (1 + place) * (k % 2) + rng.normal(), 1)),
            "reader": reader,
            "condition": condition,
            **more,
        }
        for k in range(30)
        for reader in ("ann", "bob", "cid")
        for place, condition in enumerate(("alone", "with AI"))
    ]


KINDS = {
    "abnormal": ("binary", two_answers, "auc"),
    "event": ("survival", survival, "c_index"),
    "triad": ("classes", three_classes, "auc_macro"),
    "ef": ("number", values, "bias"),
}


def test_one_table_may_ask_every_kind_of_question() -> None:
    rows = [row for name, (_, make, _) in KINDS.items() for row in make(target=name)]
    card = judge(rows)
    assert {name: score.kind for name, score in card.targets.items()} == {n: kind for n, (kind, _, _) in KINDS.items()}
    for name, (_, make, main) in KINDS.items():
        together, (alone,) = card.targets[name].metrics[main], judge(make()).targets.values()
        assert together.value is not None
        assert together == alone.metrics[main]
    assert card.n_rows == len(rows)
    assert card.n_patients == 60


def test_every_kind_says_its_figures_with_n_and_how() -> None:
    for make in (two_answers, survival, three_classes, values):
        (score,) = judge(make()).targets.values()
        for name, figure in score.metrics.items():
            assert figure.method, name
            assert figure.n > 0 or figure.value is None, name
            if figure.low is not None and figure.high is not None and figure.value is not None:
                assert figure.low - 1e-9 <= figure.value <= figure.high + 1e-9, name


@pytest.mark.parametrize(
    "rows",
    [
        two_answers(2),
        [{**row, "truth": 1} for row in two_answers(9)],
        [{**row, "score": 0.5} for row in two_answers(9)],
        [{**row, "score": NAN} for row in two_answers(9)],
        [{**row, "truth": NAN} for row in two_answers(9)],
        [{**row, "score": row["score"] * 1e300} for row in two_answers(9)],
        survival(2),
        [{**row, "event": 0.0} for row in survival(9)],
        [{**row, "event": 1.0} for row in survival(9)],
        [{**row, "score": 0.1} for row in survival(9)],
        [{**row, "score": NAN} for row in survival(9)],
        three_classes(2),
        [{**row, "truth": 1} for row in three_classes(9)],
        [{**row, "truth": NAN} for row in three_classes(9)],
        [{**row, "class_a": 0.2, "class_b": 0.2, "class_c": 0.2} for row in three_classes(9)],
        [{**row, "class_b": NAN if k else 0.5} for k, row in enumerate(three_classes(9))],
        values(1),
        values(2),
        [{**row, "score": 50.0} for row in values(9)],
        [{**row, "truth": 50.0, "score": 50.0} for row in values(9)],
        [{**row, "score": NAN} for row in values(9)],
        [row for row in readers() if row["reader"] == "ann"],
        [{**row, "truth": 1} for row in readers()],
        [{**row, "score": 3.0} for row in readers()],
        [row for row in readers() if row["patient_id"] in ("P0", "P1")],
    ],
)
def test_poor_tables_are_judged_without_a_crash_and_every_gap_has_its_reason(rows: list[Row]) -> None:
    card = judge(rows)
    figures = [figure for score in card.targets.values() for figure in score.metrics.values()]
    assert figures
    for figure in figures:
        assert figure.value is None or np.isfinite(figure.value)
        assert figure.value is not None or len(figure.method) > 5
    assert all(row.get("value") is not None or row.get("method") for row in card.comparisons)


def test_numbers_of_classes_without_their_scores_are_not_guessed() -> None:
    card = judge([{**row, "truth": k % 3} for k, row in enumerate(two_answers())])
    (score,) = card.targets.values()
    assert {figure.value for figure in score.metrics.values()} == {None}
    assert card.warnings == (
        "target: truth holds 2, a class it seems, and there is no score of each class in columns class_*",
    )
    assert card.threshold.chosen_on == "none: nothing could be judged"


def test_vessels_are_judged_one_by_one_together_and_by_patient() -> None:
    rows = [
        {**row, "target": f"stenosis_{vessel}"}
        for k, vessel in enumerate(("lad", "lcx"))
        for row in two_answers(seed=k)
    ]
    card = judge(rows)
    assert list(card.targets) == ["stenosis_lad", "stenosis_lcx", "stenosis per vessel", "stenosis per patient"]
    assert sum(map(sum, card.targets["stenosis per vessel"].confusion)) == 80
    assert sum(map(sum, card.targets["stenosis per patient"].confusion)) == 40
    assert card.targets["stenosis per vessel"].metrics["auc"].n == 40
    assert card.n_rows == 80


def test_a_system_beside_readers_keeps_its_own_figures() -> None:
    system = two_answers(30)
    card = judge([*system, *readers()])
    (score,), (alone,) = card.targets.values(), judge(system).targets.values()
    assert score.metrics == alone.metrics
    assert {"roc_readers/alone", "roc_readers/with AI"} <= set(score.curves)
    assert {"roc", "roc_low"} <= set(score.curves)
    assert {"readers", "reader_changes"} <= set(score.tables)
    assert any("with AI" in str(row["comparison"]) for row in card.comparisons)


def test_systems_are_compared_on_their_own_rows_not_on_those_of_readers() -> None:
    systems = [row for k, name in enumerate(("a", "b")) for row in two_answers(30, seed=k, recipe=name)]
    plain = judge(systems).comparisons
    beside = [row for row in judge([*systems, *readers(recipe="a")]).comparisons if row["comparison"] == "a against b"]
    assert plain
    assert beside == list(plain)


def test_readers_alone_have_no_pooled_figures() -> None:
    card = judge(readers())
    (score,) = card.targets.values()
    assert {figure.value for figure in score.metrics.values()} == {None}
    assert {figure.method for figure in score.metrics.values()} == {
        "every row is a reader's; readers are judged each on their own and compared"
    }
    assert {row[1] if row[0] in ("alone", "with AI") else row[0] for row in score.tables["readers"].rows} >= {"ann"}


def test_systems_are_compared_target_by_target() -> None:
    rows = [
        row
        for target in ("abnormal", "severe")
        for k, name in enumerate(("a", "b", "c"))
        for row in two_answers(seed=k, target=target, recipe=name, shift=0.15 * (k + 1))
    ]
    pairs = {(row["target"], row["comparison"]) for row in judge(rows).comparisons}
    names = {"a against b", "a against c", "b against c"}
    assert pairs == {(target, name) for target in ("abnormal", "severe") for name in names}
    one = {(row["target"], row["comparison"]) for row in judge(rows, use=Use(against="c")).comparisons}
    assert one == {(t, f"{n} against c") for t in ("abnormal", "severe") for n in "ab"}


def test_a_comparator_that_has_not_judged_a_target_is_told() -> None:
    rows = two_answers(target="x", recipe="a") + two_answers(seed=1, target="x", recipe="b")
    card = judge([*rows, *two_answers(target="y", recipe="a")], use=Use(against="b"))
    assert {row["target"] for row in card.comparisons} == {"x"}
    assert any("b has not judged this target" in text for text in card.warnings)


def test_names_that_read_alike_are_both_judged() -> None:
    """Target "b/c" of recipe a, and target c of its variant b."""
    rows = two_answers(recipe="a", target="b/c") + two_answers(20, recipe="a", variant="b", target="c")
    card = judge(rows)
    assert sorted(sum(map(sum, score.confusion)) for score in card.targets.values()) == [20, 40]
    assert list(card.targets) == ["a/b/c", "a/b/c (again)"]


def test_a_wish_out_of_range_is_refused_for_every_kind() -> None:
    for make in (survival, three_classes, values):
        with pytest.raises(RefusedError, match="prevalence"):
            judge(make(), use=Use(prevalence=2.0))
    for threshold in (NAN, float("inf")):
        with pytest.raises(RefusedError, match="threshold: a threshold is a finite number"):
            judge(two_answers(), threshold=threshold)


@pytest.mark.parametrize("make", [two_answers, three_classes, values])
def test_a_split_by_image_is_loud_unless_the_run_has_said_so(make: Any) -> None:
    rows = make(unit="image")
    first = judge(rows).warnings[0]
    assert first.startswith("SPLIT BY IMAGE: patients stand on both sides")
    assert not any("SPLIT BY IMAGE" in text for text in judge(rows, facts=Facts(unit="images")).warnings)
    assert not any("SPLIT BY IMAGE" in text for text in judge(make(unit="patient")).warnings)


def test_facts_of_a_run_fill_the_checklists_and_the_count() -> None:
    card = judge(two_answers(), facts=Facts(system="a made-up system", opened=4))
    answers = [item.answer for items in card.checklists.values() for item in items]
    assert any("a made-up system" in answer for answer in answers)
    assert card.test_opened == 4
    bare = judge(two_answers())
    assert bare.test_opened is None
    assert set(bare.checklists) == {"TRIPOD+AI", "CLAIM", "QUADAS-2"}
    told = [sum(bool(item.answer) for items in one.checklists.values() for item in items) for one in (bare, card)]
    assert 0 < told[0] < told[1]


def test_the_count_beside_a_file_is_told_and_facts_go_before(tmp_path: Path) -> None:
    path = write_predictions(tmp_path / "predictions.csv", table(two_answers()))
    (tmp_path / "test_opened.json").write_text('{"times": 3, "text": "opened 3 times", "warnings": ["w"]}')
    card = evaluate(path, bootstrap=20)
    assert card.test_opened == 3
    assert card.warnings[:2] == ("w", "opened 3 times")
    assert any("opened 3 times" in item.answer for item in card.checklists["CLAIM"])
    assert evaluate(path, bootstrap=20, facts=Facts(opened=5)).test_opened == 5
    assert evaluate(table(two_answers()), bootstrap=20).test_opened is None


def test_thresholds_that_differ_are_not_one() -> None:
    odd = [{**row, "score": 10 * row["score"], "target": "y"} for row in two_answers()]
    two = two_answers(target="x") + odd
    assert judge(two).threshold.chosen_on == "every target has its own"
    assert judge(two_answers(target="x") + two_answers(seed=1, target="y")).threshold.value == 0.5
    assert judge(two, threshold=0.4).threshold.value == 0.4


def test_rows_of_other_splits_are_told_and_one_unknown_split_is_judged() -> None:
    rows = two_answers(split="test") + two_answers(10, split="train") + two_answers(7, split="odd")
    card = judge(rows)
    assert card.warnings[0].startswith("LEAK: 10 patients")
    assert card.warnings[1:3] == (
        "7 rows of the split 'odd' are not judged",
        "10 rows of the split 'train' are not judged",
    )
    assert judge(two_answers(split="hold-out") + two_answers(10, split="train")).split == "hold-out"
    with pytest.raises(RefusedError, match="the splits a, b"):
        judge(two_answers(split="a") + two_answers(split="b"))
