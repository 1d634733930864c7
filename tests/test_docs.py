"""The documentation says what the program does: every command, option, column and key in it is real."""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer.main

from myoperf.cli.app import app
from myoperf.cli.clinic import name_of
from myoperf.core import predictions
from myoperf.core.scorecard import Folds, Metric, PublishedBesideOurs, Scorecard, TargetScore
from myoperf.core.terms import Tracer
from myoperf.evaluate.metrics import NAMES
from myoperf.phantom.clinic import make_cohort
from myoperf.phantom.coronary import Lesion, Scar
from myoperf.phantom.disease import BedDefect
from myoperf.phantom.layouts import LAYOUTS
from myoperf.phantom.patients import stream
from myoperf.phantom.population import draw_patient
from myoperf.phantom.preset import Output
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
    parameters = getattr(command, "params", [])
    options = {name for one in parameters for name in (*one.opts, *one.secondary_opts)} | {"--help", "--version"}
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


@pytest.fixture(scope="module")
def virtual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The table of one virtual patient with files of every kind, in two positions; slices have no column."""
    kinds = [output for output in Output if output is not Output.SLICES]
    out = tmp_path_factory.mktemp("virtual")
    return make_cohort(out, preset="miller2023", patients=1, tracers=(0, 1), physics="full", outputs=kinds, jobs=1)


def test_every_column_of_a_virtual_cohort_is_explained(virtual: Path) -> None:
    with virtual.open(newline="", encoding="utf-8") as stream:
        (row,) = csv.DictReader(stream)
    both = {"label_abnormal", "label_intermediate_or_high_risk"}
    assert {"stress_second_position", "stress_mu", "stress_ac"} < set(row)
    assert set(row) | both <= names_in(page("cohort-csv.md"))


def keys_of(value: object) -> set[str]:
    """Every key of a record, of those inside it too."""
    if isinstance(value, dict):
        return set(value).union(*(keys_of(inner) for inner in value.values()))
    return set().union(*(keys_of(inner) for inner in value)) if isinstance(value, list) else set()


def names_of(value: Any) -> set[str]:
    return {field.name for field in fields(value)}


def test_every_key_of_the_truth_is_explained_where_it_belongs(virtual: Path) -> None:
    (path,) = (virtual.parent / "truth").iterdir()
    record = json.loads(path.read_text(encoding="utf-8"))
    parts = re.split(r"^## (.*)$", page("truth-json.md"), flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    sometimes = {
        "coronary": names_of(Lesion) | names_of(Scar),
        "defects": names_of(BedDefect) - {"bed"},
        "artefacts": {"state", "kind", "strength", "unit"},
    }
    assert set(sometimes) <= set(record)
    for key, value in record.items():
        told = [names_in(text) for title, text in sections.items() if f"`{key}`" in title]
        if key != "labels" and isinstance(value, dict | list):
            assert len(told) == 1, key
            missing = (keys_of(value) | sometimes.get(key, set())) - told[0]
            assert not missing, f"{key}: {missing}"
        assert key in names_in(sections["At the top"]), key


def test_kinds_of_files_are_explained_as_the_command_line_calls_them() -> None:
    text = (ROOT / "docs" / "how-to" / "virtual-cohort.md").read_text(encoding="utf-8")
    for output in Output:
        assert f"| `{name_of(output)}`" in text, output


def test_the_patient_in_pictures_is_the_one_that_the_page_tells_of() -> None:
    text = (ROOT / "docs" / "concepts" / "one-virtual-patient.md").read_text(encoding="utf-8")
    patient = draw_patient(38, 20, Tracer.TC99M)
    (lesion,) = patient.coronary.lesions
    assert f"man of {patient.age}" in text
    assert f"`truth/{patient.patient_id}.json`" in text
    assert LAYOUTS[int(stream(patient, "pictures").integers(len(LAYOUTS)))].slices is not None
    assert (patient.sex, lesion.artery, lesion.scar) == ("M", "LAD", None)
    assert f"LAD by {lesion.stenosis:.0f} %" in text
    assert f"three of {patient.camera.orbit.views} projections" in text
    assert len(LAYOUTS) == 8
    assert patient.arteries[0].flow_reserve < 1.2
