"""``measures.csv`` and its JSON twin: one row a study, every column of the contract, empty where not measured."""

import csv
import io
from collections.abc import Sequence

from ..core.measures import Measures
from ..io.cells import guard

_SEGMENTS = [f"{k:02d}" for k in range(1, 18)]
COLUMNS: tuple[str, ...] = (
    "patient_id",
    "study_id",
    "tracer",
    "sex",
    "stress_tpd",
    "rest_tpd",
    "ischemic_tpd",
    "stress_extent",
    "rest_extent",
    "sss",
    "srs",
    "sds",
    "sss_percent",
    "tid",
    "stress_volume_ml",
    "rest_volume_ml",
    "stress_tpd_lad",
    "stress_tpd_lcx",
    "stress_tpd_rca",
    "ef",
    "edv_ml",
    "esv_ml",
    "mass_g",
    "phase_sd_deg",
    "phase_bandwidth_deg",
    *(f"{letter}{k}" for letter in ("s", "r", "us", "ur") for k in _SEGMENTS),
    "normals",
    "warnings",
)
TEXT = ("patient_id", "study_id", "tracer", "sex", "normals")


def as_csv(rows: Sequence[Measures]) -> str:
    """The table as text; a number that could not be measured is an empty cell."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        numbers = {m.name: m.value for m in row.numbers}
        cells = [_text(row, c) if c in TEXT or c == "warnings" else _number(numbers.get(c)) for c in COLUMNS]
        writer.writerow(cells)
    return stream.getvalue()


def _text(row: Measures, column: str) -> str:
    if column == "warnings":
        return guard("; ".join(f"{c.code}: {c.text}" for c in row.warnings))
    return guard(str(getattr(row, column)))


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else f"{value:.3f}"


def as_json(rows: Sequence[Measures]) -> list[dict[str, object]]:
    """The table as a list of objects: numbers as {"value", "low", "high", "unit"} or null, warnings with codes."""
    found: list[dict[str, object]] = []
    for row in rows:
        numbers = {m.name: m for m in row.numbers if m.value is not None}
        entry: dict[str, object] = {}
        for column in COLUMNS:
            if column in TEXT:
                entry[column] = getattr(row, column)
            elif column == "warnings":
                entry[column] = [{"code": c.code, "text": c.text} for c in row.warnings]
            elif column in numbers:
                m = numbers[column]
                entry[column] = {"value": m.value, "low": m.low, "high": m.high, "unit": m.unit}
            else:
                entry[column] = None
        found.append(entry)
    return found
