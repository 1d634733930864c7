import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from myoperf.cli import demo as demonstration
from myoperf.cli import main
from myoperf.core.predictions import Predictions
from myoperf.io.cohort import read_cohort
from myoperf.io.predictions import write_predictions


def fake_train(recipe: Any, cohort: Path, *, out: Path, **_: Any) -> Path:
    """A run folder as ``train`` leaves it, with scores made of truth and noise; every fourth patient is tested."""
    rng = np.random.default_rng(0)
    lines: list[tuple[object, ...]] = []
    for number, row in enumerate(read_cohort(cohort).rows):
        for target in recipe.targets:
            truth = row.values.get(target.column)
            if truth is None:
                continue
            for variant in recipe.usual:
                part = ("test", -1, -1) if number % 4 == 0 else ("validation", 0, number % 3)
                score = 1 / (1 + np.exp(-(float(str(truth)) * 2 - 1 + rng.normal())))
                lines.append(
                    (recipe.name, variant, *part, row.patient_id, row.study_id, row.sex, target.name, truth, score)
                )
    names = (
        "recipe",
        "variant",
        "split",
        "repeat",
        "fold",
        "patient_id",
        "study_id",
        "sex",
        "target",
        "truth",
        "score",
    )
    numbers = {"repeat", "fold", "truth", "score"}
    table = {
        n: np.array(c, dtype=float if n in numbers else str)
        for n, c in zip(names, zip(*lines, strict=True), strict=True)
    }
    write_predictions(out / "predictions.csv", Predictions(columns=table))
    (out / "scorecard.json").write_text(json.dumps({"warnings": ["quick size"]}), encoding="utf-8")
    return out


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("demo") / "demo"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demonstration, "train", fake_train)
        demonstration.demo(out, patients=40, jobs=1)
    return out


def test_the_demonstration_leaves_a_report_with_all_inputs_and_both_tracers(made: Path) -> None:
    html = (made / "report.html").read_text(encoding="utf-8")
    for words in (
        "virtual patients",
        "Tc-99m · abnormal",
        "Tl-201 · intermediate or high risk",
        "TPD stress",
        "paper 0.88",
    ):
        assert words in html
    card = json.loads((made / "scorecard.json").read_text(encoding="utf-8"))
    inputs = {tuple(key.split("/")[1:]) for key in card["targets"] if not key.startswith("TPD")}
    assert inputs == {(v, t) for v in ("stress", "rest", "dual") for t in ("abnormal", "intermediate_or_high_risk")}
    beside = {key for key in card["targets"] if key.startswith("TPD")}
    assert beside == {"TPD/stress/abnormal", "TPD/stress/intermediate_or_high_risk"}
    assert sum(card["targets"][key]["metrics"]["auc"]["n"] for key in beside) == 10
    assert "quick size" in card["warnings"]
    for name in ("measures.csv", "measures.html", "normals.json", "cohort/cohort.csv"):
        assert (made / name).is_file(), name


def test_limits_rest_on_no_patient_of_the_test_part(made: Path) -> None:
    tested = {row.patient_id for row in read_cohort(made / "cohort" / "test.csv").rows}
    everyone = {row.patient_id for row in read_cohort(made / "cohort" / "cohort.csv").rows}
    assert len(tested) == 10
    pooled = [
        one["n"] for one in json.loads((made / "normals.json").read_text())["limits"] if one["key"]["sex"] is None
    ]
    negative = [
        r
        for r in read_cohort(made / "cohort" / "cohort.csv").rows
        if r.patient_id not in tested and _negative(r.values)
    ]
    assert max(pooled) <= len(negative) < len(everyone) - len(tested)


def _negative(values: Any) -> bool:
    return 0 in (values.get("label_abnormal"), values.get("label_intermediate_or_high_risk"))


def test_again_it_makes_no_new_patients_and_ends_with_the_path(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("it was done before")

    monkeypatch.setattr(demonstration, "train", fake_train)
    monkeypatch.setattr(demonstration, "make_cohort", never)
    monkeypatch.setattr(demonstration, "quantify", never)
    before = (made / "scorecard.json").read_bytes()
    assert demonstration.demo(made, patients=40, jobs=1) == made / "report.html"
    assert (made / "scorecard.json").read_bytes() == before


def test_another_demonstration_does_not_overwrite_it(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "-o", str(made), "--patients", "400"]) == 2
    assert "holds one demonstration" in capsys.readouterr().err


def test_the_verb_passes_its_words_on_and_ends_with_the_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given: dict[str, Any] = {}

    def fake(out: Path, **options: Any) -> Path:
        given.update(options)
        return out / "report.html"

    monkeypatch.setattr(demonstration, "demo", fake)
    assert main(["demo", "-o", str(tmp_path), "--patients", "300", "--seed", "2", "--jobs", "1", "--quiet"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'report.html'}\n"
    assert (given["patients"], given["seed"], given["jobs"]) == (300, 2, 1)


def test_too_few_patients_are_refused_before_any_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "-o", str(tmp_path / "few"), "--patients", "120"]) == 2
    assert "--patients" in capsys.readouterr().err
    assert not (tmp_path / "few").exists()


def test_only_what_is_measured_is_made(made: Path) -> None:
    assert sorted(path.name for path in (made / "cohort").iterdir() if path.is_dir()) == [
        ".myoperf-cache",
        "dicom",
        "truth",
    ]
