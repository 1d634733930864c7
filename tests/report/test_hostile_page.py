"""Names from outside, in every place of a scorecard that can hold one, stay text."""

import re
from pathlib import Path
from typing import Any

import pytest
from test_scorecard_report import ATTACKS, Reader, read

from myoperf.core.scorecard import (
    ChecklistItem,
    Curve,
    Folds,
    Metric,
    PublishedBesideOurs,
    Scorecard,
    Table,
    TargetScore,
    Threshold,
)
from myoperf.report import write_scorecard
from myoperf.report.scorecard_text import scorecard_text

HARMLESS = "plain name"
LINE = Curve(x=(0.0, 0.5, 1.0), y=(0.1, 0.4, 0.9))

pytestmark = pytest.mark.filterwarnings("ignore:Glyph")


def figures(name: str) -> dict[str, Metric]:
    made = Metric(value=0.8, low=0.7, high=0.9, method=name, n=9)
    return {"auc": made, f"auc_{name}": made, "f1": Metric(value=None, method=name, n=9), "bias": made}


def target(name: str, kind: str) -> TargetScore:
    table = Table(columns=(name, f"{name}_low", f"{name}_high", "x"), rows=((name, 0.1, 0.2, 3.0),), note=name)
    ends = ("", "_low", "_high")
    stems = (f"roc_{name}", f"pr_{name}", "roc", "pr", f"km_{name}", "reliability", "net_benefit")
    return TargetScore(
        metrics=figures(name),
        kind=kind,
        folds={"auc": Folds(mean=0.8, sd=0.1, values=(0.7, 0.9), names=(name, name), n=(4, 5), method=name)},
        subgroups={f"{name}={name}": figures(name)},
        curves={**{f"{stem}{end}": LINE for stem in stems for end in ends}, f"roc_readers/{name}": LINE},
        confusion=((3, 1), (1, 4)),
        classes=(name, "other"),
        tables={name: table, "readers": table, "empty": Table(columns=(name,), rows=(), note=name)},
        threshold=Threshold(value=0.5, chosen_on=name),
    )


def hostile(name: str) -> Scorecard:
    row: dict[str, Any] = {"target": name, "comparison": name, "metric": name, "method": name, "verdict": name}
    printed = PublishedBesideOurs(
        metric=name, published=0.8, ours=0.7, low=0.6, high=0.9, verdict=name, where=name, target=f"{name}/s/t"
    )
    return Scorecard(
        title=name,
        n_patients=9,
        n_rows=9,
        split=name,
        threshold=Threshold(value=0.5, chosen_on=name),
        targets={"/".join((name, str(k), name)): target(name, kind) for k, kind in enumerate(("binary", "classes"))},
        comparisons=tuple({**row, "value": 0.1 * k, "n": name} for k in range(5)),
        published=(printed,),
        warnings=(name,),
        test_opened=2,
        checklists={name: (ChecklistItem(item=name, topic=name, answer=name), ChecklistItem(item="2", topic=name))},
    )


def shape(reader: Reader) -> list[tuple[str, tuple[str, ...]]]:
    """Every tag with the names of its attributes."""
    return [(tag, tuple(attributes)) for tag, attributes in reader.tags]


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return read(write_scorecard(hostile(HARMLESS), tmp_path_factory.mktemp("plain")))


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_name_changes_no_tag_of_the_page(attack: str, harmless: Reader, tmp_path: Path) -> None:
    reader = read(write_scorecard(hostile(attack), tmp_path))
    assert shape(reader) == shape(harmless)
    for tag, attributes in reader.tags:
        if tag == "img":
            assert str(attributes["src"]).startswith("data:image/png;base64,")


def test_every_place_is_reached(harmless: Reader) -> None:
    """The name stands in all parts of the page, so that the attacks above do as well."""
    text = " ".join(harmless.text.split())
    for part in (
        "Further curves", "Calls at the threshold", "Folds of the cross-validation", "Every figure", "Tables",
        "Within groups of patients", "Comparisons", "Published figures", "Reporting checklists",
    ):  # fmt: skip
        assert re.search(rf"{part}.{{0,400}}{HARMLESS}", text), part
    assert "not stated" in text
    assert "The test part was opened 2 times." in text
    assert sum(attributes.get("alt", "").count(HARMLESS) > 0 for tag, attributes in reader_images(harmless)) >= 10


def reader_images(reader: Reader) -> list[tuple[str, dict[str, Any]]]:
    return [(tag, attributes) for tag, attributes in reader.tags if tag == "img"]


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_text_for_a_terminal_has_its_lines_only(attack: str) -> None:
    lines, plain = (scorecard_text(hostile(name)).split("\n") for name in (attack, HARMLESS))
    assert len(lines) == len(plain)
