"""The documentation says what the program does: every command, option, column and key in it is real."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from myoperf.cli.app import app
from myoperf.core import predictions
from myoperf.core.scorecard import Folds, Metric, PublishedBesideOurs, Scorecard, TargetScore
from myoperf.evaluate.metrics import NAMES
from myoperf.quant.table import COLUMNS

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
PLACEHOLDERS = {"VERB"}


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every command line of the documentation with its place, from blocks and from spans of code."""
    for page in PAGES:
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
            found = re.findall(r"`(?:\.venv/bin/)?myoperf ([^`]+)`", line)
            found += re.findall(r"^(?:\.venv/bin/)?myoperf ([^`]+)$", line)
            for words in found:
                yield f"{page.relative_to(ROOT)}:{number}", re.sub(r"[\[\]]", " ", words).split()


def verbs() -> dict[str, Any]:
    """Every verb of the program by its name."""
    found: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    return found


def fault(words: list[str]) -> str:
    """What the program does not know of a command line, or nothing."""
    known, command, rest = verbs(), None, list(words)
    while known and rest and not rest[0].startswith("-"):
        name = rest.pop(0)
        if name in PLACEHOLDERS:
            return ""
        if name not in known:
            return f"no verb {name}"
        command = known[name]
        known = getattr(command, "commands", {})
    options = {name for parameter in getattr(command, "params", []) for name in parameter.opts} | {
        "--help",
        "--version",
    }
    unknown = [word for word in rest if re.match(r"--?[a-z]", word) and word not in options]
    return f"no option {', '.join(unknown)}" if unknown else ""


def page(name: str) -> str:
    return (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")


def names_in(text: str) -> set[str]:
    """Words in code spans; a span like `s01`..`s17` counts as all of them."""
    spans = set(re.findall(r"`([\w*]+)`", text))
    for letters, first, last in re.findall(r"`([a-z]+)(\d\d)`\.\.`[a-z]+(\d\d)`", text):
        spans |= {f"{letters}{k:02d}" for k in range(int(first), int(last) + 1)}
    return spans


def test_every_command_in_the_documentation_is_known() -> None:
    found = [(place, words, fault(words)) for place, words in commands()]
    assert len(found) > 30
    broken = [f"{place}: {' '.join(words)}: {what}" for place, words, what in found if what]
    assert not broken, "\n" + "\n".join(broken)


def test_every_verb_is_in_the_readme_and_the_reference() -> None:
    readme, reference = (ROOT / "README.md").read_text(encoding="utf-8"), page("verbs.md")
    for name in verbs():
        assert f"`myoperf {name}`" in readme, name
        assert f"`myoperf {name}" in reference or f"`{name}`" in reference, name


def test_verbs_that_are_not_built_are_listed_so() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    marked = {name for name in verbs() if re.search(rf"`myoperf {name}`.*\| not built yet \|", readme)}
    assert marked == {name for name, command in verbs().items() if "not built yet" in (command.short_help or "")}


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_of_measures_is_explained(column: str) -> None:
    assert column in names_in(page("measures-csv.md"))


def test_every_column_of_predictions_is_explained() -> None:
    assert set(predictions.COLUMNS) | set(predictions.OPTIONAL) <= names_in(page("predictions-csv.md"))


def test_keys_and_metrics_of_the_scorecard_are_explained() -> None:
    text = page("scorecard-json.md")
    assert set(NAMES) <= names_in(text)
    for value in (Scorecard, TargetScore, Metric, Folds, PublishedBesideOurs):
        for name in value.__dataclass_fields__:
            assert re.search(rf"\b{name}\b", text), f"{value.__name__}.{name}"
