"""Measures of studies as a page to read: a table, and the polar maps of the first few."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from myoperf.core.measures import Measures
from myoperf.core.polar import Map
from myoperf.core.terms import State
from myoperf.io.files import write_text

from .page import data_uri, page
from .polar_picture import Look, polar_picture
from .words import words

FIRST = 12

COLUMNS = (
    ("stress_tpd", "Stress TPD", "%", 1),
    ("rest_tpd", "Rest TPD", "%", 1),
    ("ischemic_tpd", "Ischaemic TPD", "%", 1),
    ("stress_extent", "Stress extent", "%", 1),
    ("sss", "SSS", "of 68", 0),
    ("srs", "SRS", "of 68", 0),
    ("sds", "SDS", "of 68", 0),
    ("stress_volume_ml", "Stress volume", "mL", 0),
    ("rest_volume_ml", "Rest volume", "mL", 0),
    ("tid", "TID", "ratio", 2),
)
"""Measure, heading, unit and decimals of the table's columns."""

Maps = Mapping[str, Mapping[State, Map]]
"""Polar maps (rings x sectors, percent of maximum) by study and state."""


@dataclass(frozen=True, kw_only=True)
class _Hearts:
    """One study's pictures with what is written below them."""

    title: str
    pictures: tuple[tuple[str, str], ...]
    scores: str


def write_measures_page(
    path: Path | str, measures: Sequence[Measures], *, maps: Maps, refused: Sequence[str] = (), title: str = "Measures"
) -> Path:
    """Write a self-contained page. maps : of the studies that are to be drawn, the first twelve of them are."""
    return write_text(path, measures_page(measures, maps=maps, refused=refused, title=title))


def measures_page(measures: Sequence[Measures], *, maps: Maps, refused: Sequence[str], title: str) -> str:
    """HTML text of the page."""
    used = [column for column in COLUMNS if any(_value(row, column[0]) is not None for row in measures)]
    shared = _shared(measures)
    shown = [row for row in measures if row.study_id in maps][:FIRST]
    return page(
        "measures.html.j2",
        title=title,
        warnings=[f"refused: {line}" for line in refused],
        count=len(measures),
        columns=used,
        rows=[_row(row, used, shared) for row in measures],
        hearts=[_hearts(row, maps[row.study_id]) for row in shown],
        limits=sorted({part for row in measures for part in row.normals.split(" | ")}),
        shared=shared,
    )


def _value(row: Measures, name: str) -> float | None:
    found = {number.name: number.value for number in row.numbers}
    return found.get(name)


def _shared(measures: Sequence[Measures]) -> list[str]:
    """Cautions that belong to every study, told once; none where there is one study."""
    texts = [[caution.text for caution in row.warnings] for row in measures]
    return [text for text in dict.fromkeys(texts[0]) if all(text in other for other in texts)] if len(texts) > 1 else []


def _row(row: Measures, columns: Sequence[tuple[str, str, str, int]], shared: Sequence[str]) -> dict[str, object]:
    cells = []
    for name, _, _, decimals in columns:
        value = _value(row, name)
        cells.append("–" if value is None else f"{value:.{decimals}f}".replace("-", "−"))
    cautions = "; ".join(caution.text for caution in row.warnings if caution.text not in shared)
    return {"measures": row, "cells": cells, "cautions": cautions}


def _hearts(row: Measures, maps: Mapping[State, Map]) -> _Hearts:
    pictures = []
    for state, letter in ((State.STRESS, "us"), (State.REST, "ur")):
        if state in maps:
            means = [_value(row, f"{letter}{k:02d}") for k in range(1, 18)]
            numbers = ["" if mean is None else f"{mean:.0f}" for mean in means]
            pictures.append((str(state), data_uri(polar_picture(maps[state], Look(title=str(state), numbers=numbers)))))
    scores = [
        f"{heading} {value:.{decimals}f}{' %' if unit == '%' else ''}"
        for name, heading, unit, decimals in COLUMNS[:7]
        for value in [_value(row, name)]
        if value is not None
    ]
    who = " · ".join(part for part in (row.study_id, words(row.tracer), row.sex) if part)
    return _Hearts(title=who, pictures=tuple(pictures), scores=", ".join(scores))
