import json
from pathlib import Path
from typing import Any

import pytest

from myoperf.cli import main
from myoperf.core.errors import RefusedError
from myoperf.recipes import recipe_names

NAME = "samaras2026_tracer_aware"


def test_recipes_are_listed_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recipes"]) == 0
    text = capsys.readouterr().out
    for name in recipe_names():
        assert name in text
    assert main(["recipes", NAME]) == 0
    text = capsys.readouterr().out
    told = " ".join(text.split())
    for words in (
        "Tells", "Assumed", "Printed in the paper", "auc 0.88 ± 0.067", "system.training.lr = 0.0001",
        "polar maps of stress, discs of 224 x 224 pixels in colour", "11.2 million parameters",
        "dual: input: polar maps of stress and rest", "colours: a group, stress, scalar", "not for diagnosis",
    ):  # fmt: skip
        assert words in told
    assert not {"State.", "ResNet18(", "('"} & {part for part in ("State.", "ResNet18(", "('") if part in text}


def test_recipes_answer_machines_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recipes", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in listed] == list(recipe_names())
    assert listed[0]["published"]
    assert main(["recipes", NAME, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["paper"]["year"] == 2026


def test_an_unknown_recipe_is_refused_with_a_near_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recipes", "samaras"]) == 2
    assert NAME in capsys.readouterr().err


@pytest.mark.parametrize("words", [["train", NAME, "--cohort", "c.csv"], ["predict", "run", "--cohort", "c.csv"]])
def test_where_the_result_goes_must_be_said(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert "give -o" in capsys.readouterr().err


def test_train_passes_its_words_on_and_tells_what_was_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given: dict[str, Any] = {}

    def fake(recipe: str, cohort: Path, **options: Any) -> Path:
        given.update(recipe=recipe, cohort=cohort, **options)
        out: Path = options["out"]
        out.mkdir()
        (out / "scorecard.json").write_text(json.dumps({"warnings": ["from scratch"]}), encoding="utf-8")
        lines = [{"event": "started"}, {"event": "refused", "reason": "row 3: no heart"}]
        (out / "log.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
        return out

    monkeypatch.setattr("myoperf.train.train", fake)
    options = ["--protocol", "5x2:0.15", "--variant", "stress", "--variant", "dual", "--where", "sex == 'M'", "--quick"]
    words = ["train", NAME, "--cohort", "c.csv", "-o", str(tmp_path / "run"), "--seed", "7", "--jobs", "2", *options]
    assert main(words) == 3
    text = capsys.readouterr()
    assert text.err == "warning: from scratch\nrefused: row 3: no heart\n"
    assert text.out.splitlines()[-1] == str(tmp_path / "run" / "report.html")
    expected = {
        "recipe": NAME,
        "cohort": Path("c.csv"),
        "protocol": "5x2:0.15",
        "variant": ["stress", "dual"],
        "seed": 7,
    }
    assert expected.items() <= given.items()
    assert (given["where"], given["quick"], given["exact"], given["jobs"]) == ("sex == 'M'", True, False, 2)


def test_predict_tells_what_was_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fake(run: Path, cohort: Path, *, out: Path, **_: Any) -> Path:
        out.mkdir()
        (out / "refused.txt").write_text("row 2: no tracer\n", encoding="utf-8")
        told = {"times": 2, "text": "external part opened 2 times", "warnings": ["3 of these patients trained"]}
        (out / "test_opened.json").write_text(json.dumps(told), encoding="utf-8")
        return out / "predictions.csv"

    monkeypatch.setattr("myoperf.train.predict", fake)
    assert main(["predict", "run", "--cohort", "c.csv", "-o", str(tmp_path / "out"), "--quiet"]) == 3
    text = capsys.readouterr()
    assert text.err == "refused: row 2: no tracer\n"
    assert text.out.splitlines()[-1] == str(tmp_path / "out" / "predictions.csv")
    assert main(["predict", "run", "--cohort", "c.csv", "-o", str(tmp_path / "again"), "--json"]) == 3
    text = capsys.readouterr()
    assert "warning: 3 of these patients trained\nwarning: external part opened 2 times\n" in text.err
    assert json.loads(text.out)["test_opened"] == 2


def test_a_split_by_image_is_said_before_anything_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fake(*_: Any, sealed: bool, **options: Any) -> Path:
        assert sealed
        raise RefusedError("c.csv", rule="a cohort", came="none", do="make one")

    monkeypatch.setattr("myoperf.train.train", fake)
    words = ["train", NAME, "--cohort", "c.csv", "-o", str(tmp_path / "run"), "--sealed", "--protocol"]
    assert main([*words, "5fold,unit=image"]) == 2
    assert capsys.readouterr().err.startswith("warning: SPLIT BY IMAGE: patients will stand on both sides")
    assert main([*words, "5fold"]) == 2
    assert "SPLIT BY IMAGE" not in capsys.readouterr().err
    assert main([*words, "5folds"]) == 2
    assert "write it like 5x2" in capsys.readouterr().err
