"""The verb train under every protocol, on a small cohort in memory, with models that fit in no time."""

import csv
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_cohort import Made, make
from unlike_systems import FOREST, TPD_RULE

from myoperf.core.errors import RefusedError
from myoperf.core.scorecard import Scorecard
from myoperf.core.terms import State, Tracer
from myoperf.io.files import write_text
from myoperf.recipe import LogisticRegression, RandomForest, Recipe, Sklearn
from myoperf.report import write_scorecard
from myoperf.report.scorecard_json import scorecard_json
from myoperf.train import predict, train
from myoperf.views import Regions

RECIPE = replace(
    FOREST,
    system=Sklearn(estimator=LogisticRegression()),
    targets=FOREST.targets[:1],
    variants={"rest": {"views.0": Regions(states=(State.REST,))}, "trees": {"system.estimator": RandomForest(trees=5)}},
)
BOTH = ("rest", "main")


@pytest.fixture(autouse=True)
def no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no report: that takes longest."""

    def only_json(card: Scorecard, folder: Path, **_: object) -> Path:
        return write_text(folder / "scorecard.json", scorecard_json(card))

    monkeypatch.setattr("myoperf.train.closing.write_scorecard", only_json)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """90 patients of three centres with a part each; every third patient has a second study."""
    plain = make(tmp_path_factory.mktemp("made"), 90, tracers=(Tracer.TC99M,))
    rows, maps = [], dict(plain.maps)
    for number, bare in enumerate(plain.cohort.rows):
        split = ("train", "train", "validation", "test")[number % 4]
        told = {"center": "ABC"[number % 3], "split": split, "site": float(number % 2)}
        row = replace(bare, values={**bare.values, **told})
        rows.append(row)
        if number % 3 == 0:
            again = f"{row.patient_id}-2"
            rows.append(replace(row, study_id=again))
            maps[again] = plain.maps[row.study_id]
    return Made(cohort=replace(plain.cohort, rows=tuple(rows)), maps=maps)


@pytest.fixture
def apart(made: Made, tmp_path: Path) -> Made:
    """The cohort with a ledger of its own."""
    (tmp_path / "cohort").mkdir()
    return Made(cohort=replace(made.cohort, path=tmp_path / "cohort" / "cohort.csv"), maps=made.maps)


def fit(made: Made, out: Path, protocol: str, recipe: Recipe = RECIPE, **options: Any) -> Path:
    return train(recipe, made.cohort, maps=made.maps, out=out, protocol=protocol, jobs=1, **options)


def rows_of(run: Path) -> list[dict[str, str]]:
    with (run / "predictions.csv").open(encoding="utf-8") as table:
        return list(csv.DictReader(table))


def card_of(run: Path) -> dict[str, Any]:
    card: dict[str, Any] = json.loads((run / "scorecard.json").read_text(encoding="utf-8"))
    return card


def places(rows: list[dict[str, str]], split: str) -> Mapping[tuple[str, str], int]:
    return Counter((row["repeat"], row["fold"]) for row in rows if row["split"] == split)


def test_random_splits_are_repeats_that_are_compared(made: Made, tmp_path: Path) -> None:
    run = fit(made, tmp_path / "run", "random3:0.3")
    rows = rows_of(run)
    assert set(places(rows, "validation")) == {("0", "0"), ("1", "0"), ("2", "0")}
    assert not places(rows, "test")
    card = card_of(run)
    folds = card["targets"]["abnormal"]["folds"]["auc"]
    assert len(folds["values"]) == 3
    assert folds["mean"] == pytest.approx(sum(folds["values"]) / 3)
    assert card["test_opened"] is None
    assert any("no sealed test part under this protocol" in line for line in card["warnings"])


def test_groups_are_left_out_and_named(made: Made, tmp_path: Path) -> None:
    rows = rows_of(fit(made, tmp_path / "run", "logo:center"))
    center = {row.study_id: row.values["center"] for row in made.cohort.rows}
    assert {row["fold_name"] for row in rows} == {"center=A", "center=B", "center=C"}
    assert all(row["fold_name"] == f"center={center[row['study_id']]}" for row in rows)
    assert Counter(row["study_id"] for row in rows) == dict.fromkeys(center, 1)


def test_whole_numbers_name_groups_without_decimals(made: Made, tmp_path: Path) -> None:
    rows = rows_of(fit(made, tmp_path / "run", "external:site=1"))
    site = {row.study_id: row.values["site"] for row in made.cohort.rows}
    assert {row["study_id"] for row in rows if row["split"] == "test"} == {
        s for s, value in site.items() if value == 1.0
    }


def test_an_external_part_is_tested_and_counted(apart: Made, tmp_path: Path) -> None:
    run = fit(apart, tmp_path / "run", "external:center=B")
    center = {row.study_id: row.values["center"] for row in apart.cohort.rows}
    assert all((center[row["study_id"]] == "B") == (row["split"] == "test") for row in rows_of(run))
    assert card_of(run)["test_opened"] == 1


def test_the_parts_of_the_cohort_are_used(apart: Made, tmp_path: Path) -> None:
    run = fit(apart, tmp_path / "run", "given")
    split = {row.study_id: row.values["split"] for row in apart.cohort.rows}
    rows = rows_of(run)
    assert {row["study_id"] for row in rows} == {study for study, part in split.items() if part != "train"}
    assert all(row["split"] == split[row["study_id"]] for row in rows)


def test_images_are_dealt_loudly(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("myoperf.train.closing.write_scorecard", write_scorecard)
    run = fit(made, tmp_path / "run", "3fold,unit=image")
    card, rows = card_of(run), rows_of(run)
    assert card["warnings"][0].startswith("SPLIT BY IMAGE, as published: ")
    assert " of 90 patients stand both in a part that trains" in card["warnings"][0]
    assert {row["unit"] for row in rows} == {"image"}
    fold = {row["study_id"]: row["fold"] for row in rows}
    assert any(fold[f"P{k:03d}-1"] != fold[f"P{k:03d}-2"] for k in range(0, 90, 3))
    assert "SPLIT BY IMAGE" in (run / "report.html").read_text(encoding="utf-8")
    by_patient = rows_of(fit(made, tmp_path / "patients", "3fold"))
    together = {row["study_id"]: row["fold"] for row in by_patient}
    assert all(together[f"P{k:03d}-1"] == together[f"P{k:03d}-2"] for k in range(0, 90, 3))
    assert "unit" not in by_patient[0]


def test_inner_folds_choose_the_variant(apart: Made, tmp_path: Path) -> None:
    run = fit(apart, tmp_path / "run", "nested3x2:0.2", variant=BOTH)
    choices = json.loads((run / "nested.json").read_text(encoding="utf-8"))["choices"]
    assert [(one["repeat"], one["fold"]) for one in choices] == [(0, 0), (0, 1), (0, 2)]
    for one in choices:
        assert one["variant"] == "main"
        assert one["auc"]["main"] > one["auc"]["rest"]
    scores = {(r["variant"], r["split"], r["study_id"]): (r["score"], r["fold"]) for r in rows_of(run)}
    nested = {key: value for key, value in scores.items() if key[0] == "nested"}
    assert {key[1:] for key in nested} == {key[1:] for key in scores if key[0] == "main"}
    assert all(value == scores["main", key[1], key[2]] for key, value in nested.items())
    card = card_of(run)
    assert "nested: chosen by the inner folds were main in 3 of 3 folds" in card["warnings"]
    assert "forest/nested/abnormal" in card["targets"]
    assert len(list((run / "models" / "inner").glob("*.safetensors"))) == 12
    assert len(list((run / "models").glob("*.safetensors"))) == 6
    path = predict(run, apart.cohort, maps=apart.maps, out=tmp_path / "out", jobs=1)
    with path.open(encoding="utf-8") as table:
        assert {row["variant"] for row in csv.DictReader(table)} == set(BOTH)


def test_one_variant_leaves_nothing_to_choose(made: Made, tmp_path: Path) -> None:
    run = fit(made, tmp_path / "run", "nested2x2")
    assert any("there is nothing to choose, as main is the only variant" in line for line in card_of(run)["warnings"])
    assert not (run / "models" / "inner").exists()
    assert {row["variant"] for row in rows_of(run)} == {"main"}


def test_a_variant_cannot_be_called_nested(made: Made, tmp_path: Path) -> None:
    recipe = replace(RECIPE, main="nested")
    with pytest.raises(RefusedError, match="'nested' is the name of what is chosen"):
        fit(made, tmp_path / "run", "5x1", recipe)


@pytest.mark.parametrize("protocol", ["random2:0.3", "nested2x2:0.2", "2x1:0.3,unit=image"])
def test_running_again_changes_no_byte(protocol: str, made: Made, tmp_path: Path) -> None:
    run = fit(made, tmp_path / "run", protocol, variant=BOTH)
    before = {name: (run / name).read_bytes() for name in ("predictions.csv", "splits.json")}
    for left in ("main-r0f0.json", "main-r0f0.test.json", "rest-r0f1i1.json"):
        (run / "folds" / left).unlink(missing_ok=True)
    fit(made, tmp_path / "run", protocol, variant=BOTH)
    assert {name: (run / name).read_bytes() for name in before} == before


def test_the_number_of_processes_changes_no_byte(made: Made, tmp_path: Path) -> None:
    """Outer fits, inner fits, and the scores of the test part."""
    rule = replace(TPD_RULE, variants={"rest": RECIPE.variants["rest"]})
    options: dict[str, Any] = {"maps": made.maps, "protocol": "nested2x2:0.2", "variant": BOTH}
    one, two = (train(rule, made.cohort, out=tmp_path / str(jobs), jobs=jobs, **options) for jobs in (1, 2))
    assert (one / "nested.json").read_bytes() == (two / "nested.json").read_bytes()
    for name in ("predictions.csv", "splits.json"):
        assert (one / name).read_bytes() == (two / name).read_bytes()


@pytest.mark.parametrize(
    ("protocol", "why"),
    [
        ("logo:hospital", "column hospital: a group for every patient; got none for P000"),
        ("external:center=X", "column center: one of A, B, C; got 'X'"),
        ("given:center", "column center: train, validation or test; got 'A'"),
    ],
)
def test_a_cohort_that_does_not_fit_the_protocol_is_refused(
    protocol: str, why: str, made: Made, tmp_path: Path
) -> None:
    with pytest.raises(RefusedError, match=why):
        fit(made, tmp_path / "run", protocol)
    assert not (tmp_path / "run").exists()
