import json
from pathlib import Path
from typing import Any

import pytest

import myoperf
from myoperf.cli import main

KEYS = {"claims", "counts", "leaks", "duplicates", "confounders", "together", "gaps", "plan", "about", "warnings"}


def answered(words: list[str], capsys: pytest.CaptureFixture[str]) -> Any:
    assert main(["audit", *words, "--json", "--quiet"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    rows = [
        f"P{k:02d},{k},{'FM'[k % 2]},{40 + k},{int(bool(k % 2 and k % 3))},{'train' if k < 30 else 'test'}"
        for k in range(40)
    ]
    rows.append("p3,99,M,43,0,test")
    path = tmp_path / "cohort.csv"
    path.write_text("patient_id,study_id,sex,age,label_x,split\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_a_claim_that_cannot_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--claim", "accuracy=0.948", "--n", "13"]) == 0
    text = capsys.readouterr().out
    for part in ("NOT attainable", "0.9231 (12 of 13)", "1 (13 of 13)", "58"):
        assert part in text
    body = answered(["--claim", "accuracy=0.948", "--n", "13"], capsys)
    assert set(body) == KEYS
    (claim,) = body["claims"]
    assert (claim["claim"], claim["n"], claim["attainable"]) == ("accuracy=0.948", 13, False)
    assert claim["nearest"] == pytest.approx([12 / 13, 1.0])


def test_counts_and_the_figures_said_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    body = answered(["--counts", "354", "51", "35", "561", "--claim", "npv=0.9431", "--claim", "se=91.00"], capsys)
    npv, sensitivity = body["counts"]
    assert (npv["index"], npv["claimed"], npv["verdict"]) == ("npv", 0.9431, "differs")
    assert npv["computed"] == pytest.approx(561 / 596)
    assert sensitivity["verdict"] == "agrees"
    assert body["claims"] == []
    assert len(answered(["--counts", "354", "51", "35", "561"], capsys)["counts"]) == 12


def test_a_cohort_with_a_leak_and_a_confounder(
    cohort: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    body = answered([str(cohort), "-o", str(tmp_path / "out")], capsys)
    assert [leak["kind"] for leak in body["leaks"]] == ["alias"]
    assert body["leaks"][0]["patients"] == ["P03", "p3"]
    sex = next(row for row in body["confounders"] if row["variable"] == "sex")
    assert (sex["target"], sex["n"]) == ("label_x", 40)
    assert json.loads((tmp_path / "out" / "audit.json").read_text(encoding="utf-8")) == body
    page = (tmp_path / "out" / "audit.html").read_text(encoding="utf-8")
    for part in ("alias", "P03", "What tells the label by itself", "Research use"):
        assert part in page
    assert "<script" not in page


def test_the_page_of_every_part_is_escaped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evil = tmp_path / "<b>x.csv"
    evil.write_text('patient_id,study_id,split\n"<script>1",a,train\n"<SCRIPT>1",b,test\n', encoding="utf-8")
    answered([str(evil), "-o", str(tmp_path / "out"), "--plan", "auc=0.9", "--width", "0.1"], capsys)
    page = (tmp_path / "out" / "audit.html").read_text(encoding="utf-8")
    assert "<script>1" not in page.casefold()
    assert "&lt;script&gt;1" in page.casefold()
    assert "alias" in page


def test_a_split_file_against_a_cohort(cohort: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    splits = tmp_path / "s.json"
    splits.write_text('{"train": ["P01", "2"], "test": ["P02", "P77"]}', encoding="utf-8")
    body = answered([str(cohort), "--splits", str(splits), "--no-images"], capsys)
    kinds = {leak["kind"]: leak for leak in body["leaks"]}
    assert set(kinds) == {"same patient", "unknown id", "not in the split"}
    assert kinds["same patient"]["in"] == ["the split"]
    assert kinds["unknown id"]["patients"] == ["P77"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "something is audited"),
        (["--claim", "accuracy=0.9"], "checked against --n or --counts"),
        (["--splits", "s.json"], "checked against a cohort"),
        (["missing.csv"], "missing.csv"),
        (["--claim", "glory=1", "--n", "3"], "names a figure"),
        (["--plan", "auc=0.9"], "for --width or for --n"),
        (["--counts", "0", "0", "0", "0"], "not all 0"),
    ],
)
def test_what_cannot_be_audited_is_one_line(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", *words]) == 2
    text = capsys.readouterr().err
    assert says in text
    assert text.count("\n") == 1


def test_the_verb_is_a_function() -> None:
    found = myoperf.audit(claim=["kappa=0.82", "accuracy=0.91"], n=100)
    assert [claim.attainable for claim in found.claims] == [True, True]
    assert found.together.attainable is True
