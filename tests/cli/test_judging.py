import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from myoperf.cli import main
from myoperf.core.scorecard import Scorecard
from myoperf.io.files import write_text
from myoperf.report.scorecard_json import scorecard_json


@pytest.fixture
def no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no report: that takes longest."""

    def only_json(card: Scorecard, folder: Path, **_: object) -> Path:
        return write_text(folder / "scorecard.json", scorecard_json(card))

    monkeypatch.setattr("myoperf.report.write_scorecard", only_json)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """one.csv: a system and a measurement beside it. two.csv: systems a and b. 60 patients are tested."""
    folder, rng = tmp_path_factory.mktemp("tables"), np.random.default_rng(3)
    truth, part = np.arange(120) % 3 == 0, ["test", "validation"]
    scores = {name: np.clip(0.35 + 0.3 * truth + 0.15 * rng.normal(size=120), 0, 1) for name in "ab"}
    tpd = 3 + 5 * truth + rng.normal(size=120)
    one = [f"{part[k // 60]},P{k},{truth[k]:d},{scores['a'][k]:.4f},{tpd[k]:.2f}" for k in range(120)]
    two = [f"{name},P{k},{truth[k]:d},{scores[name][k]:.4f}" for name in "ab" for k in range(60)]
    (folder / "one.csv").write_text("\n".join(["split,patient_id,truth,score,tpd", *one]) + "\n", encoding="utf-8")
    (folder / "two.csv").write_text("\n".join(["recipe,patient_id,truth,score", *two]) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def arrays(tmp_path: Path) -> Path:
    """Masks and images of four patients: truth/P0.npy ... beside predicted/P0.npy ..."""
    rng = np.random.default_rng(0)
    for kind in ("masks", "images"):
        for side in ("truth", "predicted"):
            (tmp_path / kind / side).mkdir(parents=True)
    for k in range(4):
        mask = np.zeros((20, 20), dtype=np.uint8)
        mask[5:12, 5:12] = 1
        np.save(tmp_path / f"masks/truth/P{k}.npy", mask)
        np.save(tmp_path / f"masks/predicted/P{k}.npy", np.roll(mask, 2, axis=1))
        image = rng.random((16, 16))
        np.save(tmp_path / f"images/truth/P{k}.npy", image)
        np.save(tmp_path / f"images/predicted/P{k}.npy", image + 0.1)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str]) -> SimpleNamespace:
    captured = capsys.readouterr()
    return SimpleNamespace(out=captured.out, err=captured.err)


def pair(folder: Path, kind: str) -> list[str]:
    return [f"--{kind}", str(folder / kind / "truth"), str(folder / kind / "predicted")]


def judged(out: Path, *words: str) -> dict[str, Any]:
    assert main(["evaluate", *words, "-o", str(out), "--quiet"]) == 0
    card: dict[str, Any] = json.loads((out / "scorecard.json").read_text(encoding="utf-8"))
    return card


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, no_page: None) -> list[dict[str, Any]]:
    """What the verb asks of the function behind it, which judges with few replicates."""
    calls: list[dict[str, Any]] = []
    true: Callable[..., Scorecard] = import_module("myoperf.evaluate").evaluate

    def listening(table: Path, **options: Any) -> Scorecard:
        calls.append({"table": table, **options})
        return true(table, **options, bootstrap=20)

    monkeypatch.setattr("myoperf.evaluate.evaluate", listening)
    return calls


def test_every_option_of_a_table_is_passed_on(asked: list[dict[str, Any]], tables: Path, tmp_path: Path) -> None:
    options = {"title": "T", "threshold": 0.4, "against": "tpd", "margin": 0.1}
    use = {"npv": 0.9, "prevalence": 0.2, "rest-dose": 3.0, "seed": 7}
    words = [word for name, value in {**options, **use}.items() for word in (f"--{name}", str(value))]
    judged(tmp_path, str(tables / "one.csv"), *words)
    (call,) = asked
    assert call["table"] == tables / "one.csv"
    assert (call["title"], call["threshold"], call["seed"]) == ("T", 0.4, 7)
    wish = call["use"]
    assert (wish.against, wish.margin, wish.npv, wish.prevalence, wish.rest_dose) == ("tpd", 0.1, 0.9, 0.2, 3.0)
    assert call["published"] == ()


def test_without_options_nothing_is_wished(asked: list[dict[str, Any]], tables: Path, tmp_path: Path) -> None:
    judged(tmp_path, str(tables / "one.csv"))
    (call,) = asked
    wish = call["use"]
    assert (wish.against, wish.margin, wish.npv, wish.prevalence, wish.rest_dose) == (None,) * 5
    assert (call["title"], call["threshold"], call["seed"]) == ("one", None, 0)


def test_printed_figures_of_a_recipe_stand_beside(
    asked: list[dict[str, Any]], tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = judged(tmp_path, str(tables / "one.csv"), "--published", "samaras2026_tracer_aware")
    assert len(card["published"]) == len(asked[0]["published"]) > 5
    assert {row["verdict"] for row in card["published"]} == {"not comparable"}
    capsys.readouterr()
    assert main(["evaluate", str(tables / "one.csv"), "--published", "nobody2020", "-o", str(tmp_path)]) == 2
    text = said(capsys).err
    assert "got 'nobody2020'; the recipes are " in text
    assert text.count("\n") == 1


def test_what_is_wished_shows_in_the_answer(tables: Path, tmp_path: Path, asked: list[dict[str, Any]]) -> None:
    one = str(tables / "one.csv")
    plain, wished = judged(tmp_path / "a", one), judged(tmp_path / "b", one, "--against", "tpd", "--margin", "0.1")
    assert plain["comparisons"] == []
    assert {row["comparison"] for row in wished["comparisons"]} == {"system against tpd"}
    assert any("tost" in json.dumps(row).lower() for row in wished["comparisons"])
    words = ("--npv", "0.9", "--prevalence", "0.07", "--rest-dose", "3")
    tables_of = judged(tmp_path / "c", one, *words)["targets"]["target"]["tables"]
    assert any(0.07 in row for row in tables_of["prevalence"]["rows"])
    wanted = [
        {row[0] for row in found["stress_first"]["rows"]} for found in (tables_of, plain["targets"]["target"]["tables"])
    ]
    assert wanted == [{0.9}, {0.9, 0.95, 0.98}]
    cut = judged(tmp_path / "d", one, "--threshold", "0.6")
    assert cut["threshold"] == {"value": 0.6, "chosen_on": "given"}


def test_systems_of_one_table_are_compared_with_one_of_them(
    tables: Path, tmp_path: Path, asked: list[dict[str, Any]]
) -> None:
    rows = judged(tmp_path, str(tables / "two.csv"), "--against", "a")["comparisons"]
    assert {row["comparison"] for row in rows} == {"b against a"}
    assert {row["n"] for row in rows if "auc" in row["metric"]} == {60}


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("--against=nobody", "got 'nobody', which fits 0 systems and no such column; name one of a, b"),
        ("--against=", "it names one system, or a column of numbers; got nothing"),
        ("--margin=0", "margin: the margin is above 0; got 0.0"),
        ("--margin=-0.1", "got -0.1"),
        ("--margin=1", "got 1.0"),
        ("--margin=nan", "got nan"),
        ("--margin=x", "Invalid value for '--margin'"),
        ("--npv=0", "npv: "),
        ("--npv=1", "npv: "),
        ("--npv=95", "npv: a negative predictive value to reach lies between 0 and 1; got 95.0"),
        ("--npv=nan", "npv: "),
        ("--prevalence=0", "prevalence: a prevalence lies between 0 and 1; got 0.0"),
        ("--prevalence=7", "got 7.0"),
        ("--prevalence=nan", "got nan"),
        ("--rest-dose=-1", "rest dose: a dose is 0 mSv or more; got -1.0"),
        ("--rest-dose=inf", "got inf"),
        ("--threshold=nan", "threshold: a threshold is a finite number; got nan"),
        ("--threshold=inf", "got inf"),
        ("--seed=-1", "'--seed'"),
    ],
)
def test_options_out_of_range_are_refused_in_a_line(
    word: str, says: str, tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["evaluate", str(tables / "two.csv"), word, "-o", str(out)]) == 2
    text = said(capsys)
    assert says in text.err
    assert (text.out, text.err.count("\n")) == ("", 1)
    assert not out.exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ["--counts", "1", "2", "3", "4", "--against", "x"],
            "--against goes with a table of predictions only",
        ),
        (["--counts", "1", "2", "3", "4", "--npv", "0.9", "--margin", "0.1"], "--margin, --npv goes with a table"),
        (["--counts", "1", "2", "3", "4", "--threshold", "0"], "--threshold goes with a table"),
        (["--masks", "a", "b", "--published", "x"], "--published goes with a table"),
        (["--masks", "a", "b", "--rest-dose", "0"], "--rest-dose goes with a table"),
        (["--images", "a", "b", "--prevalence", "0.1"], "--prevalence goes with a table"),
        (["--images", "a", "b", "--spacing", "1"], "--spacing goes with --masks only"),
        (["p.csv", "--spacing", "1"], "--spacing goes with --masks only"),
        (["p.csv", "--patients", "f.csv"], "--patients goes with --masks or --images only"),
        (["--masks", "a", "b", "--images", "a", "b"], "give PREDICTIONS.csv, or --counts"),
        (["p.csv", "--masks", "a", "b"], "give PREDICTIONS.csv, or --counts"),
    ],
)
def test_options_that_would_be_passed_over_are_refused(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *words]) == 2
    text = said(capsys)
    assert says in text.err
    assert (text.out, text.err.count("\n")) == ("", 1)


@pytest.mark.parametrize("kind", ["masks", "images"])
def test_pairs_of_files_are_judged(kind: str, arrays: Path, tmp_path: Path, no_page: None) -> None:
    card = judged(tmp_path / "out", *pair(arrays, kind), "--title", "Mine")
    assert (card["title"], card["n_patients"], card["n_rows"], card["split"]) == ("Mine", 4, 4, kind)
    metrics = card["targets"][kind]["metrics"]
    if kind == "masks":
        assert metrics["dice"]["value"] == pytest.approx(2 * 35 / 98)
        assert metrics["hausdorff"]["value"] == pytest.approx(2.0)
    else:
        assert metrics["rmse"]["value"] == pytest.approx(0.1)


@pytest.mark.parametrize("kind", ["masks", "images"])
def test_a_missing_partner_is_told_once_and_ends_with_three(
    kind: str, arrays: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], no_page: None
) -> None:
    (arrays / kind / "predicted" / "P3.npy").unlink()
    out = tmp_path / "out"
    assert main(["evaluate", *pair(arrays, kind), "-o", str(out)]) == 3
    text = said(capsys)
    told = [line for line in text.err.splitlines() if "P3.npy" in line]
    assert len(told) == 1
    assert told[0].startswith("refused: ")
    assert "no partner in" in told[0]
    assert any("1 files are not judged" in line for line in text.err.splitlines())
    card = json.loads((out / "scorecard.json").read_text(encoding="utf-8"))
    assert card["n_patients"] == 3
    assert any("P3.npy" in line for line in card["warnings"])
    assert text.out.splitlines()[-1] == str(out / "scorecard.json")
    assert main(["evaluate", *pair(arrays, kind), "-o", str(out), "--quiet", "--json", "-"]) == 3
    quiet = said(capsys)
    assert [line.partition(":")[0] for line in quiet.err.splitlines()] == ["refused"]
    assert json.loads(quiet.out)["n_patients"] == 3


@pytest.mark.parametrize("kind", ["masks", "images"])
def test_no_pair_at_all_is_refused(kind: str, arrays: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for k in range(4):
        (arrays / kind / "predicted" / f"P{k}.npy").rename(arrays / kind / "predicted" / f"Q{k}.npy")
    out = tmp_path / "out"
    assert main(["evaluate", *pair(arrays, kind), "-o", str(out)]) == 2
    assert said(capsys).err.count("\n") == 1
    assert not out.exists()


@pytest.mark.parametrize(("text", "far"), [("6.6", 13.2), ("8,6.6", 13.2), ("1, 3", 6.0), ("1e1", 20.0)])
def test_spacing_turns_pixels_into_millimetres(
    text: str, far: float, arrays: Path, tmp_path: Path, no_page: None
) -> None:
    card = judged(tmp_path / "out", *pair(arrays, "masks"), "--spacing", text)
    assert card["targets"]["masks"]["metrics"]["hausdorff"]["value"] == pytest.approx(far)
    assert "mm" in card["targets"]["masks"]["metrics"]["hausdorff"]["method"]


@pytest.mark.parametrize("text", ["", "x", "6.6,", "1,2,3,4", "6;6", "0", "-1", "nan", "inf", "1,0"])
def test_spacing_that_is_none_is_refused(text: str, arrays: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", *pair(arrays, "masks"), "--spacing", text, "-o", str(arrays / "out")]) == 2
    text = said(capsys).err
    assert "spacing" in text
    assert text.count("\n") == 1


def test_patients_of_files_come_from_a_table(arrays: Path, tmp_path: Path, no_page: None) -> None:
    path = tmp_path / "whose.csv"
    path.write_text("file,patient_id\n" + "".join(f"P{k}.npy,A{k // 2}\n" for k in range(4)), encoding="utf-8")
    for kind in ("masks", "images"):
        card = judged(tmp_path / kind / "out", *pair(arrays, kind), "--patients", str(path))
        assert (card["n_patients"], card["n_rows"]) == (2, 4)


def test_json_alone_is_all_of_standard_output_and_the_page_lies_in_the_folder(
    tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["evaluate", str(tables / "one.csv"), "--json", "-"]) == 0
    text = said(capsys)
    assert json.loads(text.out)["title"] == "one"
    assert text.err.startswith("warning: ")
    assert (tmp_path / "scorecard" / "report.html").is_file()
    assert json.loads((tmp_path / "scorecard" / "scorecard.json").read_text(encoding="utf-8")) == json.loads(text.out)


def test_counts_are_written_only_where_that_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["evaluate", "--counts", "40", "2", "3", "50", "--quiet"]) == 0
    assert list(tmp_path.iterdir()) == []
    assert main(["evaluate", "--counts", "40", "2", "3", "50", "--quiet", "-o", "c"]) == 0
    assert said(capsys).out.splitlines()[-1] == str(Path("c") / "report.html")
    assert (tmp_path / "c" / "scorecard.json").is_file()


def test_a_folder_that_cannot_be_written_is_told(
    tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], asked: list[dict[str, Any]]
) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert main(["evaluate", str(tables / "one.csv"), "-o", str(tmp_path / "file"), "--quiet"]) == 2
    assert str(tmp_path / "file") in said(capsys).err


def test_the_count_beside_a_table_of_ours_is_told(
    tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], asked: list[dict[str, Any]]
) -> None:
    (tmp_path / "predictions.csv").write_bytes((tables / "one.csv").read_bytes())
    told = {"times": 3, "text": "test part (60 patients) opened 3 times", "warnings": ["a look before"]}
    (tmp_path / "test_opened.json").write_text(json.dumps(told), encoding="utf-8")
    assert main(["evaluate", str(tmp_path / "predictions.csv"), "-o", str(tmp_path / "out")]) == 0
    assert said(capsys).err.splitlines()[:2] == ["warning: a look before", f"warning: {told['text']}"]
    assert json.loads((tmp_path / "out" / "scorecard.json").read_text(encoding="utf-8"))["test_opened"] == 3


def test_the_plain_path_loads_no_heavy_library(tables: Path, tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from myoperf.cli import main;"
        f"main(['evaluate', {str(tables / 'one.csv')!r}, '-o', {str(tmp_path)!r}, '--quiet', '--json', '-']);"
        "heavy = {'pandas', 'statsmodels', 'sklearn', 'torch', 'monai', 'pandera', 'rich.progress', 'pydicom'};"
        "sys.exit(' '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_masks_are_compared_with_a_second_observer(arrays: Path, tmp_path: Path, no_page: None) -> None:
    (arrays / "masks" / "other").mkdir()
    for k in range(4):
        truth = np.load(arrays / f"masks/truth/P{k}.npy")
        np.save(arrays / f"masks/other/P{k}.npy", np.roll(truth, 1 + k % 2, axis=0))
    other = str(arrays / "masks" / "other")
    words = [*pair(arrays, "masks"), "--against", other]
    row = judged(tmp_path / "one", *words, "--margin", "0.5")["comparisons"][0]
    assert (row["comparison"], row["metric"]) == ("predicted against other", "dice")
    assert row["equivalent"] is True
    experts = ["--experts", str(arrays / "masks" / "truth"), other]
    row = judged(tmp_path / "two", *words, *experts)["comparisons"][0]
    assert row["margin_from"].startswith("1 minus the mean Dice")
    assert main(["evaluate", *pair(arrays, "masks"), "--margin", "0.1"]) == 2
