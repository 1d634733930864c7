"""A set of masks summed up: means with intervals, five-number summaries, histograms, what was missed."""

import numpy as np

from myoperf.core.scorecard import Metric, Table

from ..cluster_means import Rows, cluster_means
from ..judgement import Part
from ..metrics import Resampling
from .observed import BACKGROUND, Observed
from .pair import AREAS, BOTH_EMPTY, DISTANCES, FALSE_ALARM, FIGURES, MISSED

_BINS = 10
_WORST = 10
_EMPTY_RULE = "missed or false alarm: worst value; both empty: in no mean"
_SAID = {
    "hausdorff": "Hausdorff distance (larger of the two directed maxima)",
    "hd95": "HD95 (larger of the two directed 95th percentiles)",
    "assd": "average symmetric surface distance (mean over the boundary pixels of both)",
}


def summary(found: Observed, unit: str, resampling: Resampling) -> Part:
    """Sum up a set. unit : of the distances, "mm" or "pixels".

    Metrics: every column of ``found``; ``dice_macro`` (and the like), the mean of the means of the classes above 0;
    ``dice_mean_with_background`` and ``iou_mean_with_background``, the same with class 0, as papers print it; counts of
    ``missed``, ``false_alarms`` and ``both_empty`` images. Tables: ``outcomes``, ``five_numbers``, ``histogram``,
    ``worst``.
    """
    groups = _groups(found)
    rows = Rows(patient=found.patient, columns=found.columns, together=groups)
    metrics = cluster_means(rows, resampling, {name: _said(name, unit, found) for name in (*found.columns, *groups)})
    return Part(
        metrics={**metrics, **_counts(found)},
        tables={
            "outcomes": _outcomes(found),
            "five_numbers": _five_numbers(found, unit),
            "histogram": _histogram(found, unit),
            "worst": _worst(found, unit),
        },
        warnings=_warnings(found),
    )


def _groups(found: Observed) -> dict[str, tuple[str, ...]]:
    groups = {}
    for figure in FIGURES if len(found.classes) > 1 else BACKGROUND:
        groups[f"{figure}_macro"] = tuple(f"{figure}_{name}" for name in found.classes)
    for figure in BACKGROUND:
        groups[f"{figure}_mean_with_background"] = (
            *(f"{figure}_{name}" for name in found.classes), f"{figure}_background",
        )  # fmt: skip
    return groups


def _said(name: str, unit: str, found: Observed) -> str:
    figure = name.split("_", 1)[0]
    parts = [f"{_SAID[figure]}, {unit}"] if figure in _SAID else []
    if name.endswith("_macro"):
        parts.append(f"mean of the means over {len(found.classes)} class(es), without the background")
    elif name.endswith("_mean_with_background"):
        parts.append("mean of the means of the classes with the background, which flatters small masks")
    elif name == figure and len(found.classes) > 1:
        parts.append("all classes above 0 as one mask")
    if not name.endswith("background"):
        parts.append(_EMPTY_RULE)
    return "; ".join(parts)


def _counts(found: Observed) -> dict[str, Metric]:
    words = {"missed": MISSED, "false_alarms": FALSE_ALARM, "both_empty": BOTH_EMPTY}
    outcomes = np.array(found.outcomes[""])
    method = f"count of images among {outcomes.size}; a count of this set has no interval"
    return {
        name: Metric(value=float((outcomes == word).sum()), method=method, n=len(found.patients))
        for name, word in words.items()
    }


def _outcomes(found: Observed) -> Table:
    rows: list[tuple[str | float | None, ...]] = []
    for name, words in found.outcomes.items():
        if name and len(found.classes) == 1:
            continue
        counted = [words.count(word) for word in (BOTH_EMPTY, MISSED, FALSE_ALARM)]
        rows.append((name or "all classes above 0", len(words), len(words) - sum(counted), *counted))
    return Table(
        columns=("class", "images", "in both", "both empty", "missed", "false alarms"),
        rows=tuple(rows),
        note="A missed mask or a false alarm counts as the worst value: 0 for Dice, IoU, precision and recall, the"
        " image's diagonal for distances. Images where truth and prediction are both empty are in no mean.",
    )


def _five_numbers(found: Observed, unit: str) -> Table:
    rows: list[tuple[str | float | None, ...]] = []
    for name, column in found.columns.items():
        known = column[np.isfinite(column)]
        five: list[float | None] = [None] * 5
        if known.size:
            five = [float(value) for value in np.percentile(known, [0, 25, 50, 75, 100])]
        measured = unit if name.split("_", 1)[0] in DISTANCES else "fraction"
        rows.append((name, measured, known.size, *five, float(known.mean()) if known.size else None))
    return Table(
        columns=("figure", "unit", "images", "min", "P25", "median", "P75", "max", "mean"),
        rows=tuple(rows),
        note="Over images, every image counting the same; percentiles are interpolated.",
    )


def _histogram(found: Observed, unit: str) -> Table:
    rows: list[tuple[str | float | None, ...]] = []
    for name in FIGURES:
        known = found.columns[name][np.isfinite(found.columns[name])]
        if not known.size:
            continue
        top = 1.0 if name in AREAS else max(float(known.max()), 1e-9)
        counted, edges = np.histogram(known, bins=_BINS, range=(0.0, top))
        rows += [
            (name, float(low), float(high), int(count))
            for low, high, count in zip(edges[:-1], edges[1:], counted, strict=True)
        ]
    note = f"Each bin holds its lower end, the last one both; distances in {unit}."
    return Table(columns=("figure", "from", "to", "images"), rows=tuple(rows), note=note)


def _worst(found: Observed, unit: str) -> Table:
    dice = found.columns["dice"]
    order = np.argsort(dice, kind="stable")[: min(_WORST, int(np.isfinite(dice).sum()))]
    rows = tuple(
        (
            found.images[k],
            found.patients[found.patient[k]],
            found.outcomes[""][k],
            *(float(found.columns[name][k]) for name in FIGURES),
        )
        for k in order
    )
    note = f"The images with the lowest Dice; distances in {unit}."
    return Table(columns=("image", "patient", "outcome", *FIGURES), rows=rows, note=note)


def _warnings(found: Observed) -> tuple[str, ...]:
    lines = []
    for name, words in found.outcomes.items():
        if name and len(found.classes) == 1:
            continue
        where = f"class {name}: " if name else ""
        missed, false, empty = (words.count(word) for word in (MISSED, FALSE_ALARM, BOTH_EMPTY))
        if missed or false:
            lines.append(
                f"{where}{missed} missed and {false} false alarms among {len(words)} images; they count as the worst"
            )
        if (missed or false) and missed + false + empty == len(words):
            lines.append(f"{where}truth and prediction never both hold it; are class numbers the same on both sides?")
        if empty and not name:
            lines.append(f"{empty} of {len(words)} images are empty in truth and prediction; they are in no mean")
    if len(found.patients) < 10:
        lines.append(f"{len(found.patients)} patients are few; intervals are wide and rough, or missing")
    return tuple(lines)
