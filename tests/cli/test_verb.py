import json
import re
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from myoperf.cli import main
from myoperf.cli.verb import json_alone
from myoperf.core.errors import RefusedError

WORKING = (
    "demo",
    "phantom",
    "cohort",
    "pictures",
    "quantify",
    "normals",
    "recipes",
    "train",
    "predict",
    "evaluate",
    "audit",
)
LATER = ("deidentify", "read", "explain", "serve")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "predictions.csv"
    rows = [f"P{k},{k % 2},{0.3 + 0.1 * (k % 2) + 0.05 * (k % 7):.3f}" for k in range(40)]
    path.write_text("patient_id,truth,score\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def said(capsys: pytest.CaptureFixture[str]) -> SimpleNamespace:
    captured = capsys.readouterr()
    return SimpleNamespace(out=captured.out, err=captured.err)


def test_help_lists_every_verb_and_says_which_are_not_built(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = said(capsys).out
    listed = re.findall(r"^  (\w+)  ", text[text.index("Commands:") :], re.MULTILINE)
    assert tuple(listed) == (*WORKING, *LATER)
    for line in text.splitlines():
        if line.strip().split(" ")[0] in LATER:
            assert line.endswith("(not built yet).")
    assert "Research use only" in text


@pytest.mark.parametrize(
    "words",
    [
        ["deidentify", "in", "-o", "out"],
        ["read", "study", "-o", "out", "--normals", "f", "--sex", "F", "--model", "a", "--model", "b"],
        ["explain", "run", "--study", "s", "--json"],
        ["serve", "--quiet"],
    ],
)
def test_what_is_not_built_says_so(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    text = said(capsys)
    assert "not built yet" in text.err
    assert (text.out, text.err.count("\n")) == ("", 1)


@pytest.mark.parametrize("name", [*WORKING, *LATER])
def test_every_verb_has_the_options_of_all(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    groups = {"cohort": ["cohort", "check"], "pictures": ["pictures", "slices"], "normals": ["normals", "build"]}
    words = groups.get(name, [name])
    assert main([*words, "--help"]) == 0
    text = said(capsys).out
    for option in ("--json [FILE|-]", "--quiet", "-o, --out", "--seed", "--debug"):
        assert option in text, option


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["evalute"], "No such command 'evalute'"),
        (["evaluate", "--counts", "1", "2"], "requires 4 arguments"),
        (["evaluate"], "give PREDICTIONS.csv, or --counts"),
        (["evaluate", "a.csv", "--counts", "1", "2", "3", "4"], "give PREDICTIONS.csv, or --counts"),
        (["evaluate", "missing.csv"], "missing.csv: a file that can be read"),
        (["evaluate", "--counts", "0", "0", "0", "0"], "not all 0"),
        (["evaluate", "--no-such-option"], "No such option"),
        (["phantom", "--patients", "3"], "give -o DIR"),
        (["phantom", "-o", "d", "--patients", "3", "--tracers", "many"], "two whole numbers"),
        (["phantom", "-o", "d", "--patients", "0"], "--patients"),
        (["normals", "build", "c.csv", "--where", "a == 1"], "give -o FILE"),
        (["cohort", "build", "dir"], "give -o cohort.csv"),
        (["normals"], "Missing command"),
        (["--seed", "x"], "No such option"),
    ],
)
def test_wrong_usage_is_one_line_and_ends_with_two(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    text = said(capsys)
    assert says in text.err
    assert text.err.startswith("myoperf: ")
    assert text.err.count("\n") == 1
    assert text.out == ""


def test_our_fault_is_one_line_with_the_place_of_its_details(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a\nb")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("myoperf.evaluate.evaluate_counts", broken)
    assert main(["evaluate", "--counts", "1", "2", "3", "4"]) == 1
    text = said(capsys).err
    assert text.startswith("myoperf: our fault: ZeroDivisionError: a b; details in ")
    assert text.count("\n") == 1
    (details,) = tmp_path.glob("myoperf-error-*.txt")
    assert "Traceback" in details.read_text(encoding="utf-8")
    assert details.stat().st_mode & 0o077 == 0
    assert main(["evaluate", "--counts", "1", "2", "3", "4", "--debug"]) == 1
    assert "Traceback" in said(capsys).err


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (KeyboardInterrupt(), 130, "myoperf: stopped\n"),
        (RefusedError("row 3", rule="r", came="c", do="d"), 2, "myoperf: row 3: r; got c; d\n"),
        (OSError(28, "No space left on device", "out/x.csv"), 2, "myoperf: out/x.csv: No space left on device\n"),
    ],
)
def test_other_ends(
    error: BaseException, code: int, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("myoperf.evaluate.evaluate_counts", fails)
    assert main(["evaluate", "--counts", "1", "2", "3", "4"]) == code
    assert said(capsys).err == says


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["p.csv", "--json"], ["p.csv", "--json=-"]),
        (["--json", "p.csv"], ["--json=-", "p.csv"]),
        (["--json", "-", "p.csv"], ["--json=-", "p.csv"]),
        (["--json", "a.JSON", "p.csv"], ["--json=a.JSON", "p.csv"]),
        (["--json", "--quiet"], ["--json=-", "--quiet"]),
        (["--json=x", "p.csv"], ["--json=x", "p.csv"]),
        (["--", "--json"], ["--", "--json"]),
        ([], []),
    ],
)
def test_json_may_stand_alone_and_never_eats_another_file(words: list[str], expected: list[str]) -> None:
    assert json_alone(words) == expected


def test_evaluate_writes_a_page_and_ends_with_its_path(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(table), "-o", str(tmp_path / "judged"), "--title", "Mine", "--quiet"]) == 0
    text = said(capsys)
    assert text.out.splitlines()[-1] == str(tmp_path / "judged" / "report.html")
    assert text.err == ""
    assert "AUC" in text.out
    assert (tmp_path / "judged" / "scorecard.json").is_file()
    assert "<h1>Mine</h1>" in (tmp_path / "judged" / "report.html").read_text(encoding="utf-8")


def test_json_to_standard_output_is_json_alone(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(table), "-o", str(tmp_path / "judged"), "--json"]) == 0
    found = json.loads(said(capsys).out)
    assert found == json.loads((tmp_path / "judged" / "scorecard.json").read_text(encoding="utf-8"))


def test_json_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "answer.json"
    assert main(["evaluate", "--counts", "385", "30", "41", "545", "--json", str(path)]) == 0
    kappa = json.loads(path.read_text(encoding="utf-8"))["targets"]["counts"]["metrics"]["kappa"]
    assert round(kappa["value"], 3) == 0.854
    assert "17.32" in said(capsys).out


def test_a_seed_is_passed_on(table: Path, tmp_path: Path) -> None:
    answers = []
    for seed in ("1", "1", "2"):
        path = tmp_path / "a.json"
        assert (
            main(["evaluate", str(table), "-o", str(tmp_path / "j"), "--json", str(path), "--seed", seed, "--quiet"])
            == 0
        )
        answers.append(json.loads(path.read_text(encoding="utf-8"))["targets"]["target"]["metrics"]["mcc"])
    assert answers[0] == answers[1] != answers[2]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; from myoperf.cli import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)


def test_help_is_quick_and_loads_nothing_heavy() -> None:
    code = (
        "import sys, time; start = time.process_time(); from myoperf.cli import main; main(['--help']);"
        "took = time.process_time() - start;"
        "heavy = {'numpy', 'pandas', 'torch', 'rich.progress', 'matplotlib', 'pydicom', 'joblib', 'sklearn'};"
        "sys.exit(' '.join(sorted(heavy & set(sys.modules))) or (1 if took > 0.5 else 0))"
    )
    for attempt in range(3):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        assert done.stderr == "", done.stderr
        time.sleep(0.5 * attempt)
    pytest.fail("help took more than half a second three times")


def test_progress_is_json_lines_on_standard_error_and_silent_if_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    from myoperf.cli.console import progress
    from myoperf.cli.verb import Call

    with progress(Call()) as tell:
        for done in range(1, 101):
            tell("studies measured", done, 100)
    lines = [json.loads(line) for line in said(capsys).err.splitlines()]
    assert lines[0] == {"step": "studies measured", "done": 1, "total": 100}
    assert lines[-1] == {"step": "studies measured", "done": 100, "total": 100}
    assert len(lines) < 10
    with progress(Call(quiet=True)) as tell:
        tell("x", 1, 1)
    assert said(capsys).err == ""


def test_progress_is_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from myoperf.cli.console import progress
    from myoperf.cli.verb import Call

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with progress(Call()) as tell:
        tell("studies [measured]", 1, 2)
        tell("studies [measured]", 2, 2)
    assert "studies [measured]" in said(capsys).err


def test_refused_studies_are_told_and_end_with_three(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calls: list[dict[str, Any]] = []

    def fake(paths: list[Path], **options: Any) -> SimpleNamespace:
        calls.append({"paths": paths, **options})
        return SimpleNamespace(measures=(), refused=("b.dcm: no heart",), table=options["out"])

    monkeypatch.setattr("myoperf.quant.batch.quantify", fake)
    out = tmp_path / "m.csv"
    assert main(["quantify", "a", "b", "--normals", "n.json", "--camera", "C", "--jobs", "2", "-o", str(out)]) == 3
    text = said(capsys)
    assert text.err == "refused: b.dcm: no heart\n"
    assert text.out.splitlines()[-1] == str(out)
    assert calls[0]["paths"] == [Path("a"), Path("b")]
    assert (calls[0]["normals"], calls[0]["camera"], calls[0]["jobs"]) == (Path("n.json"), "C", 2)
    assert main(["quantify", "a", "--json", "--quiet", "-o", str(out)]) == 3
    assert json.loads(said(capsys).out) == []


def test_names_from_files_cannot_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "p.csv"
    path.write_text("patient_id,truth,score,target\na,1,0.5,x\x1b[2J\nb,0,,x\x1b[2J\n", encoding="utf-8")
    assert main(["evaluate", str(path), "-o", str(tmp_path / "out")]) == 0
    text = said(capsys)
    assert "\x1b" not in text.out + text.err
    assert "left out" in text.err


def test_answers_of_any_verb_go_to_a_file_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "c.csv"
    bad.write_text("patient_id\nP1\n", encoding="utf-8")
    out = tmp_path / "said.txt"
    assert main(["cohort", "check", str(bad), "-o", str(out)]) == 2
    text = said(capsys)
    assert text.out == out.read_text(encoding="utf-8")
    assert "study_id" in text.out
    assert text.err == ""
