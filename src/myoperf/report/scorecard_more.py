"""What a scorecard holds beside figures: further curves as pictures, tables, checklists."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from myoperf.core.scorecard import ChecklistItem, Table, TargetScore

from .curve_pictures import (
    bland_altman_picture,
    dynamic_auc_picture,
    net_benefit_picture,
    precision_recall_lines,
    precision_recall_picture,
    reliability_picture,
    roc_lines,
    survival_picture,
)
from .histograms import histograms_picture
from .page import data_uri
from .run_rocs import PREFIX, run_rocs_picture
from .words import interval, metric_name, number, signed, words

TITLES: Mapping[str, str] = {
    "auc": "Area under the ROC curve, in full",
    "kappa": "Agreement in words",
    "brier": "Brier score, taken apart",
    "reliability": "Reliability",
    "recalibration": "Recalibrated on the validation part",
    "prevalence": "At another prevalence",
    "calibration_groups": "Calibration within groups",
    "net_benefit": "Net benefit",
    "stress_first": "Rest scans that a stress-first rule saves",
    "at_risk": "Patients at risk",
    "event_rate": "Events a year",
    "horizon_calibration": "Predicted and observed at the horizon",
    "horizon_calibration_lines": "Calibration at the horizons",
    "event_share": "Share with the event",
    "dynamic_auc": "Dynamic AUC by horizon",
    "bland_altman": "Limits of agreement",
    "classes": "Classes",
    "readers": "Each reader",
    "reader_changes": "What each reader gains",
    "reader_conditions": "Readers together",
    "reader_variance": "Components of variance",
    "reader_agreement": "Agreement between readers",
    "outcomes": "Hits, misses, false alarms",
    "worst": "The worst images",
    "five_numbers": "Five numbers",
    "class_means": "Marked, background, and the mean of both",
    "each_fold": "Each fold",
    "last_step": "With and without the last step",
    "runs": "Each randomisation",
    "run_five_numbers": "Each randomisation in five numbers",
}
DRAWN_ONLY = frozenset({"run_histograms"})
"""Tables that are shown as pictures and not printed."""
_READERS = "roc_readers/"
_AGAINST = "Each class against the others."


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture as a data address, with what it shows and a line below it. wide : it needs a row of its own."""

    uri: str
    alt: str
    caption: str
    wide: bool = False


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A table as text: title, heads, rows with their cells, and the line below."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str


def pictures(score: TargetScore) -> list[Picture]:
    """Every curve that this score has beside its ROC curve."""
    small = [Picture(uri=data_uri(png), alt=title, caption=caption) for png, title, caption in _drawn(score)]
    runs = [Picture(uri=data_uri(png), alt=title, caption=told, wide=True) for png, title, told in _runs(score)]
    return small + runs


def printed(name: str, table: Table) -> Printed:
    """A table with its numbers written for people; a missing one is a dash, a value and its ends share a cell."""
    layout = _layout(table.columns) if table.rows else []
    return Printed(
        title=TITLES.get(name) or words(name).capitalize(),
        heads=tuple(words(table.columns[place]) for place, _ in layout),
        rows=tuple(tuple(_spread(row, place, ends) for place, ends in layout) for row in table.rows),
        note=table.note,
    )


def _layout(columns: tuple[str, ...]) -> list[tuple[int, tuple[int, int] | None]]:
    """Place of every column that stands alone, and of the ends of its interval: NAME_low and NAME_high, or the bare
    "low" and "high" that come right behind it."""
    where = {name: place for place, name in enumerate(columns)}
    ends: dict[int, tuple[int, int]] = {}
    for name, place in where.items():
        low, high = f"{name}_low", f"{name}_high"
        if low in where and high in where:
            ends[place] = (where[low], where[high])
        elif columns[place + 1 : place + 3] == ("low", "high"):
            ends[place] = (place + 1, place + 2)
    inner = {end for pair in ends.values() for end in pair}
    return [(place, ends.get(place)) for place in range(len(columns)) if place not in inner]


def _spread(row: tuple[str | float | None, ...], place: int, ends: tuple[int, int] | None) -> str:
    if ends is None or row[ends[0]] is None or row[ends[1]] is None:
        return _cell(row[place])
    return f"{_cell(row[place])} [{_cell(row[ends[0]])}–{_cell(row[ends[1]])}]"


def filled(items: tuple[ChecklistItem, ...]) -> str:
    """How much of a checklist the run answers."""
    return f"{sum(bool(item.answer) for item in items)} of {len(items)} items answered by the run"


def _cell(cell: str | float | None) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return cell
    text = f"{cell:.0f}" if float(cell).is_integer() and abs(cell) < 1e6 else f"{cell:.3g}"
    return signed(text)


def _drawn(score: TargetScore) -> Iterator[tuple[bytes, str, str]]:
    curves = score.curves
    for prefix, title, caption in (
        (_READERS, "ROC curves of the readers", "Mean curve of all readers under each condition."),
        ("roc_", "ROC curves of the classes", _AGAINST),
    ):
        names = _names(score, prefix)
        if names:
            yield roc_lines(curves, prefix, names), title, caption
    if names := _names(score, "pr_"):
        yield precision_recall_lines(curves, "pr_", names), "Precision and recall of the classes", _AGAINST
    if "pr" in curves:
        yield precision_recall_picture(curves, _share(score)), "Precision and recall", _figure(score, "pr_auc")
    for name, predicted in (("reliability", "mean_predicted"), ("horizon_calibration", "predicted")):
        if name in curves or name in score.tables:
            picture = reliability_picture(curves, name, _bins(score, name, predicted))
            yield picture, words(name).capitalize(), _figure(score, "calibration_slope")
    if "net_benefit" in curves:
        yield net_benefit_picture(curves), "Net benefit", "Decision curve; of use where it lies above both others."
    for prefix, label in (("km", "without an event"), ("cif", "share with the event")):
        if any(name.startswith(f"{prefix}_") for name in curves):
            yield survival_picture(curves, prefix, label), label.capitalize(), "By quarter of the score; 1 is lowest."
    if "dynamic_auc" in curves:
        yield dynamic_auc_picture(curves), "Dynamic AUC", _figure(score, "dynamic_auc")
    if "bland_altman" in curves:
        yield bland_altman_picture(curves["bland_altman"], _lines(score)), "Bland-Altman", _figure(score, "bias")


def _runs(score: TargetScore) -> Iterator[tuple[bytes, str, str]]:
    """What is drawn of several randomisations: their ROC curves, histograms of their masks."""
    curves = score.curves
    if "runs" in score.tables and any(name.startswith(PREFIX) for name in curves):
        text = f"95 % interval by DeLong, rows of a patient taken together. {_sizes(score.tables['runs'])}."
        yield run_rocs_picture(curves, score.tables["runs"]), "ROC curve of each randomisation", text
    if "run_histograms" in score.tables:
        picture = histograms_picture(score.tables["run_histograms"])
        yield picture, "Masks of each randomisation", "Images a bin; a missed area counts as the worst value."


def _sizes(runs: Table) -> str:
    """Patients and rows of every run, in words."""
    at = [runs.columns.index(name) for name in ("run", "patients", "rows")]
    told = [tuple(row[place] for place in at) for row in runs.rows]
    return ", ".join(f"{run}: {n} patients, {rows} rows" for run, n, rows in told if isinstance(n, int | float))


def _names(score: TargetScore, prefix: str) -> list[str]:
    """What stands behind a prefix in the names of curves: conditions, or the classes of a question of several."""
    if prefix == _READERS:
        return [name.removeprefix(prefix) for name in score.curves if name.startswith(prefix)]
    return [name for name in score.classes if f"{prefix}{name}" in score.curves and score.kind == "classes"]


def _share(score: TargetScore) -> float | None:
    if len(score.confusion) != 2:
        return None
    negative, positive = map(sum, score.confusion)
    return positive / (positive + negative) if positive + negative else None


def _bins(score: TargetScore, name: str, predicted: str) -> list[tuple[float, float, float, float]]:
    """Bins of a table that have all four numbers; of several horizons, the last."""
    table = score.tables.get(name)
    if table is None:
        return []
    wanted = (predicted, "observed", "low", "high")
    if not set(wanted) <= set(table.columns):
        return []
    places = [table.columns.index(name) for name in wanted]
    last = table.rows[-1][0] if table.rows and table.columns[0] == "horizon_days" else None
    kept = [row for row in table.rows if last is None or row[0] == last]
    rows = [[cell for place in places if isinstance(cell := row[place], float | int)] for row in kept]
    return [(row[0], row[1], row[2], row[3]) for row in rows if len(row) == len(wanted)]


def _lines(score: TargetScore) -> list[float]:
    found = [score.metrics[name].value for name in ("loa_low", "bias", "loa_high") if name in score.metrics]
    return [value for value in found if value is not None]


def _figure(score: TargetScore, name: str) -> str:
    metric = score.metrics.get(name)
    if metric is None or metric.value is None:
        return ""
    spread = interval(metric.low, metric.high, name)
    return f"{metric_name(name)} {number(metric.value, name)} {spread}, n {metric.n}".replace(" ,", ",")
