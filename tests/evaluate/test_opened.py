import json
from pathlib import Path
from typing import Any

import pytest

from myoperf.evaluate.opened import FILE, Looked, looked_at

TOLD: dict[str, Any] = {"times": 2, "text": "opened 2 times", "warnings": ["first", "second"], "patients": 40}


def beside(folder: Path, text: str) -> Path:
    (folder / FILE).write_text(text, encoding="utf-8")
    return folder / "predictions.csv"


def test_what_a_run_has_written_is_told(tmp_path: Path) -> None:
    found = looked_at(beside(tmp_path, json.dumps(TOLD)))
    assert found == Looked(times=2, said=("first", "second", "opened 2 times"))


def test_a_count_that_is_not_known_is_none_and_is_said(tmp_path: Path) -> None:
    found = looked_at(beside(tmp_path, json.dumps({**TOLD, "times": None})))
    assert found.times is None
    assert found.said[-1] == "opened 2 times"


def test_patients_without_an_answer_were_never_looked_at(tmp_path: Path) -> None:
    """As ``predict`` writes where the cohort tells no answer."""
    assert looked_at(beside(tmp_path, json.dumps({**TOLD, "times": 0}))).times == 0


def test_no_file_tells_nothing(tmp_path: Path) -> None:
    assert looked_at(tmp_path / "predictions.csv") == Looked()
    assert looked_at(Path()) == Looked()
    (tmp_path / FILE).mkdir()
    assert looked_at(tmp_path / "predictions.csv") == Looked()


@pytest.mark.parametrize("times", [True, -3, "2", 2.5, [2]])
def test_a_count_that_is_no_count_is_not_known(times: object, tmp_path: Path) -> None:
    assert looked_at(beside(tmp_path, json.dumps({**TOLD, "times": times}))).times is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "7",
        "null",
        "{}",
        '{"times": 1, "text": "t"}',
        '{"times": 1, "text": "t", "warnings": null}',
        '{"times": 1, "text": "t", "warnings": "not a list"}',
        "[" * 100_000,
        '{"times": 1, "text": "t", "warnings": [NaN',
    ],
)
def test_a_file_of_somebody_else_tells_nothing(text: str, tmp_path: Path) -> None:
    assert looked_at(beside(tmp_path, text)) == Looked()


def test_a_file_that_is_no_text_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"\xff\xfe\x00{")
    assert looked_at(tmp_path / "predictions.csv") == Looked()
