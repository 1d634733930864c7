"""The verb that makes virtual patients."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from myoperf.cli import main
from myoperf.cli.clinic import kinds_of, name_of
from myoperf.core.errors import UsageError
from myoperf.phantom.preset import PRESETS, Output


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the verb hands to the clinic, which makes nobody."""
    options: dict[str, Any] = {}

    def fake(out: Path, **rest: Any) -> Path:
        options.update(out=out, **rest)
        return out / "cohort.csv"

    monkeypatch.setattr("myoperf.phantom.clinic.make_cohort", fake)
    return options


def test_presets_are_listed_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["phantom", "--presets"]) == 0
    text = capsys.readouterr().out
    assert re.search(r"^preset +patients +tracers +physics +source$", text, re.MULTILINE)
    assert re.search(r"^samaras +640 +Tc-99m 43 %, Tl-201 57 % +fast +Samaras 2026", text, re.MULTILINE)
    assert re.search(r"^abulaila +87 +Tc-99m +.*\n +65 normal, 18 ischaemia, 4 infarction$", text, re.MULTILINE)
    assert re.findall(r"^(\w+)", text, re.MULTILINE)[1:] == list(PRESETS)
    assert max(map(len, text.splitlines())) <= 120


def test_presets_are_listed_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["phantom", "--presets", "--json"]) == 0
    listed = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert list(listed) == list(PRESETS)
    assert listed["samaras"]["tracers"] == [274, 366]
    assert listed["papandrianos"]["classes"] == {"normal": 257, "ischaemia": 241, "infarction": 127}
    assert listed["shi"]["physics"] == "full"
    assert "attenuation-map" in listed["shi"]["outputs"]


def test_a_cohort_with_the_classes_of_a_preset_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--preset", "papandrianos", "--patients", "5", "--outputs", "short-axis", "--jobs", "1", "--quiet"]
    assert main(["phantom", "-o", str(tmp_path), *words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"cohort": str(tmp_path / "cohort.csv"), "patients": 5}
    with (tmp_path / "cohort.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert sorted(row["label_disease"] for row in rows) == ["infarction", *["ischaemia"] * 2, *["normal"] * 2]
    assert {row["tracer"] for row in rows} == {"Tc-99m"}
    assert not (tmp_path / "slices").exists()


def test_a_preset_needs_no_other_words(given: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["phantom", "-o", "d", "--preset", "samaras", "--quiet", "--json"]) == 0
    left = ("patients", "tracers", "physics", "outputs")
    assert [given[name] for name in (*left, "preset", "dose", "gates", "seed")] == [*[None] * 4, "samaras", 1.0, 8, 0]
    assert json.loads(capsys.readouterr().out)["patients"] == 640


def test_words_are_passed_on(given: dict[str, Any]) -> None:
    words = ["--tracers", "1:3", "--physics", "full", "--outputs", "masks, gated-projections", "--dose", "0.25"]
    words += ["--gates", "16"]
    assert main(["phantom", "-o", "d", "--patients", "8", *words, "--seed", "5", "--jobs", "2", "--quiet"]) == 0
    assert (given["patients"], given["tracers"], given["physics"], given["preset"]) == (8, (1, 3), "full", None)
    assert given["outputs"] == (Output.GATED_PROJECTIONS, Output.MASKS)
    assert [given[name] for name in ("dose", "gates", "seed", "jobs")] == [0.25, 16, 5, 2]


def test_every_kind_of_file_has_a_name_and_all_is_what_the_physics_can_give() -> None:
    assert kinds_of([name_of(output) for output in Output], "fast") == tuple(Output)
    assert kinds_of(["all"], "full") == tuple(Output)
    assert {name_of(output) for output in kinds_of(["all"], "fast")} == {
        "short-axis",
        "gated",
        "screenshots",
        "slices",
        "masks",
    }
    with pytest.raises(UsageError, match="'all'"):
        kinds_of(["all", "gated"], "fast")


def test_help_names_every_kind_of_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["phantom", "--help"]) == 0
    text = re.sub(r"\s+", " ", capsys.readouterr().out)
    for output in Output:
        assert re.search(rf"[ -]?{name_of(output)}\b", text), output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--presets", "--no-such"], "No such option"),
        (["-o", "d"], "give --patients N, or --preset NAME"),
        (["--preset", "samaras"], "give -o DIR"),
        (["-o", "d", "--preset", "nobody"], "a preset is one of default, samaras"),
        (["-o", "d", "--patients", "3", "--outputs", "gated,gatd"], "got 'gatd'"),
        (["-o", "d", "--patients", "3", "--outputs", ""], "got ''"),
        (["-o", "d", "--patients", "3", "--outputs", "projections"], "use --physics full"),
        (["-o", "d", "--patients", "3", "--dose", "0.5"], "projections are thinned"),
        (["-o", "d", "--patients", "3", "--dose", "1.5"], "a dose is a part of the full one"),
        (["-o", "d", "--patients", "3", "--dose", "much"], "--dose"),
        (["-o", "d", "--patients", "3", "--gates", "12"], "use --gates 8"),
        (["-o", "d", "--patients", "3", "--gates", "some"], "--gates"),
        (["-o", "d", "--patients", "3", "--physics", "exact", "--outputs", "all"], "physics is fast or full"),
        (["-o", "d", "--patients", "3", "--tracers", "0:0"], "two parts"),
    ],
)
def test_refusals_are_one_line_and_make_nothing(
    words: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["phantom", *words]) == 2
    told = capsys.readouterr()
    assert says in told.err
    assert told.err.startswith("myoperf: ")
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert not list(tmp_path.iterdir())
