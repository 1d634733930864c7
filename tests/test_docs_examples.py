"""The examples of the documentation do what their page says: tables are copied, commands run, figures compared."""

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from myoperf.cli.app import app

PAGES = sorted((Path(__file__).resolve().parents[1] / "docs" / "how-to").glob("judge-*.md"))
NOT_HERE = {"references/", "predictions.csv"}
"""Files that an example only names."""


def blocks(text: str) -> list[tuple[str, str, str]]:
    """Kind, content, and the line of text before each block of code."""
    found = re.findall(r"^(?P<before>[^\n]*)\n\n```(?P<kind>\w+)\n(?P<content>.*?)```$", text, re.MULTILINE | re.DOTALL)
    return [(kind, content, before) for before, kind, content in found]


def tables(text: str) -> dict[str, str]:
    """Tables by the name that stands before them."""
    named = {before: content for kind, content, before in blocks(text) if kind == "text"}
    return {name.strip("`"): table for name, table in named.items() if re.fullmatch(r"`[\w-]+\.csv`", name)}


def runs(text: str) -> list[tuple[list[str], list[str]]]:
    """Commands of one block, and the lines that they are said to print."""
    parts = re.findall(r"^```sh\n(.*?)```$(?:\n\n```text\n(.*?)```$)?", text, re.MULTILINE | re.DOTALL)
    return [(commands.splitlines(), printed.splitlines()) for commands, printed in parts]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_examples_print_what_the_page_says(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = page.read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name, table in tables(text).items():
        Path(name).write_text(table, encoding="utf-8")
    for content in (content for kind, content, _ in blocks(text) if kind == "python"):
        exec(compile(content, page.name, "exec"), {})
    done = 0
    for commands, printed in runs(text):
        said = ""
        for words in (shlex.split(line) for line in commands):
            if words[0] != "myoperf" or NOT_HERE & set(words):
                continue
            found = CliRunner().invoke(app, words[1:])
            assert found.exit_code == 0, f"{words}: {found.output}"
            said, done = said + found.output, done + 1
        missing = [line for line in printed if line not in said.splitlines()]
        assert not missing, f"{page.name}: {missing}"
    assert done


def test_every_page_of_examples_is_seen() -> None:
    assert len(PAGES) > 4
    assert sum(len(printed) for page in PAGES for _, printed in runs(page.read_text(encoding="utf-8"))) > 20


def forms(name: str) -> set[str]:
    """A name as the page may have it: itself, or with a day, a class, a mean or a condition behind it left general."""
    day = re.sub(r"_\d+$", "_DAYS", name)
    plain = re.sub(r"_(low|high|macro|weighted)$", "", name)
    stem = re.sub(r"_(normal|ischaemia|infarction)$", "", plain)
    return {name, day, plain, f"{stem}_CLASS", stem, re.sub(r"/.*", "/CONDITION", name)}


def test_every_name_in_the_scorecards_of_the_examples_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (PAGES[0].parents[1] / "reference" / "scorecard-json.md").read_text(encoding="utf-8")
    spans = set(re.findall(r"`([^`\n]+)`", page))
    spans |= {f"{stem}_q{k}{end}" for stem in ("km", "cif") for k in range(1, 5) for end in ("", "_low", "_high")}
    names = set()
    for name, (made, table) in enumerated_tables():
        monkeypatch.chdir(tmp_path)
        Path(made).write_text(table, encoding="utf-8")
        assert CliRunner().invoke(app, ["evaluate", made, "--margin", "0.05", "-o", name]).exit_code == 0
        card = json.loads((tmp_path / name / "scorecard.json").read_text(encoding="utf-8"))
        for score in card["targets"].values():
            names |= {*score["metrics"], *score["tables"], *score["curves"], *score["folds"]}
        names |= {row["metric"] for row in card["comparisons"]} | {key for row in card["comparisons"] for key in row}
    assert len(names) > 100
    assert not {name for name in names if not forms(name) & spans}


def enumerated_tables() -> list[tuple[str, tuple[str, str]]]:
    """The tables of all pages, each with a name for its folder."""
    found = [item for page in PAGES for item in tables(page.read_text(encoding="utf-8")).items()]
    return [(f"judged-{number}", item) for number, item in enumerate(found)]
