"""Marked pictures of a run judged: figures of every picture, summed up for one variant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Folds, Metric, Table, TargetScore
from myoperf.evaluate.folds import over_folds
from myoperf.evaluate.metrics import Resampling
from myoperf.evaluate.overlap.classes import ClassFigures, judge_classes
from myoperf.evaluate.overlap.observed import ImageFigures, Observed, observed, taken
from myoperf.evaluate.overlap.runs import run_columns, run_tables
from myoperf.evaluate.overlap.summary import summary
from myoperf.recipe import Target

from .kept_masks import Classes, Post, post_processed

DISTANCES = ("hausdorff", "hd95", "assd")
FOLDED = (
    "dice",
    "iou",
    "dice_mean_with_background",
    "iou_mean_with_background",
    "pixel_accuracy",
    "precision",
    "recall",
    "false_positive_rate",
    "hausdorff",
)
"""Figures that are told over folds."""
QUARTILES = {"min": 0, "p25": 25, "median": 50, "p75": 75, "max": 100}
"""Five numbers and their percentiles."""

Spacing = tuple[float, float] | None
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Marked:
    """One picture that one model (or all of a variant together) has marked. called : before any last step.

    row : its number among the rows. spacing : mm between pixels, if known. drawn : pixels of the picture as it came
    that one pixel of the mask covers, along a side.
    """

    variant: str
    repeat: int
    fold: int
    split: str
    row: int
    study_id: str
    patient_id: str
    truth: Classes = field(repr=False)
    called: Classes = field(repr=False)
    spacing: Spacing = None
    drawn: float = 1.0

    @property
    def name(self) -> str:
        """Tells it from the same picture in another repeat."""
        return self.study_id if self.repeat < 1 else f"{self.study_id} repeat {self.repeat + 1}"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Every picture's figures, in pixels, and in mm where the size of a pixel is known. done : masks after the last
    step."""

    marked: tuple[Marked, ...]
    done: tuple[Classes, ...] = field(repr=False)
    figures: tuple[ClassFigures, ...]
    found: Observed
    in_mm: Observed | None
    plain: Observed


def judge_marked(marked: Sequence[Marked], target: Target, post: Post) -> Judged:
    """Judge pictures that have a truth, after the last step, and (``plain``) before it."""
    names = {number: name for number, name in enumerate(target.classes) if number} or {1: target.name}
    done = [post_processed(one.called, post) for one in marked]
    figures = [judge_classes(_wide(one.truth), _wide(mask)) for one, mask in zip(marked, done, strict=True)]
    found = observed(_named(marked, figures), names)
    found = replace(found, columns={**found.columns, **_pixels(marked, done)})
    before = figures
    if post != "none":
        before = [judge_classes(_wide(one.truth), _wide(one.called)) for one in marked]
    in_mm = None
    if marked and all(one.spacing is not None for one in marked):
        measured = [
            judge_classes(_wide(one.truth), _wide(mask), one.spacing) for one, mask in zip(marked, done, strict=True)
        ]
        in_mm = observed(_named(marked, measured), names)
    return Judged(
        marked=tuple(marked),
        done=tuple(done),
        figures=tuple(figures),
        found=found,
        in_mm=in_mm,
        plain=observed(_named(marked, before), names),
    )


def score_of(judged: Judged, across: Judged, post: Post, resampling: Resampling) -> tuple[TargetScore, tuple[str, ...]]:
    """Figures of the judged part; those over the folds come from ``across``; and what is to be known of them."""
    part = summary(judged.found, "pixels", resampling)
    metrics = {name: _told(name, metric) for name, metric in part.metrics.items()}
    tables = {"class_means": _class_means(judged), "each_fold": _each_fold(across), **part.tables}
    if judged.in_mm is not None:
        measured = summary(judged.in_mm, "mm", resampling)
        metrics |= {f"{name}_mm": measured.metrics[name] for name in DISTANCES}
        five = measured.tables["five_numbers"]
        rows = tuple(row for row in five.rows if str(row[0]) in DISTANCES)
        tables["five_numbers"] = replace(part.tables["five_numbers"], rows=(*part.tables["five_numbers"].rows, *rows))
    tables |= _randomisations(across)
    if post != "none":
        tables["last_step"] = _last_step(judged, post, resampling)
    score = TargetScore(metrics=metrics, kind="masks", folds={**_folds(across), **_five_numbers(across)}, tables=tables)
    return score, part.warnings


def _told(name: str, metric: Metric) -> Metric:
    said = {
        "pixel_accuracy": "share of all pixels with the right class, which the background flatters; ",
        "false_positive_rate": "share of the background that is called heart or wall; ",
    }
    if name not in said:
        return metric
    return replace(metric, method=said[name] + metric.method.partition("in no mean; ")[2])


def _wide(mask: Classes) -> NDArray[np.uint16]:
    return mask.astype(np.uint16)


def _named(marked: Sequence[Marked], figures: Sequence[ClassFigures]) -> list[ImageFigures]:
    return [
        ImageFigures(name=one.name, patient=one.patient_id, found=found)
        for one, found in zip(marked, figures, strict=True)
    ]


def _pixels(marked: Sequence[Marked], done: Sequence[Classes]) -> dict[str, Floats]:
    """Accuracy over all pixels, and the share of the background that is called something."""
    right = [float(np.mean(one.truth == mask)) for one, mask in zip(marked, done, strict=True)]
    false = [
        float(np.mean(mask[one.truth == 0] > 0)) if (one.truth == 0).any() else np.nan
        for one, mask in zip(marked, done, strict=True)
    ]
    return {"pixel_accuracy": np.array(right), "false_positive_rate": np.array(false)}


def _background(judged: Judged) -> dict[str, Floats]:
    """Precision and recall of the background, image by image; the recall is 1 - false positive rate."""
    precision = [
        float(np.mean(one.truth[mask == 0] == 0)) if (mask == 0).any() else np.nan
        for one, mask in zip(judged.marked, judged.done, strict=True)
    ]
    return {"precision": np.array(precision), "recall": 1 - judged.found.columns["false_positive_rate"]}


def _class_means(judged: Judged) -> Table:
    """What papers print of masks, for what is marked, for the background, and the mean of both."""
    columns, behind = judged.found.columns, _background(judged)
    behind |= {"dice": columns["dice_background"], "iou": columns["iou_background"]}
    rows: list[tuple[str | float | None, ...]] = []
    names = {"precision": "precision", "recall": "recall (true positive rate)", "dice": "F1 = Dice", "iou": "IoU"}
    for name, said in names.items():
        marked, background = _mean(columns[name]), _mean(behind[name])
        both = None if marked is None or background is None else (marked + background) / 2
        rows.append((said, marked, background, both))
    rows.append(("false positive rate", _mean(columns["false_positive_rate"]), None, None))
    rows.append(("pixel accuracy, all classes", _mean(columns["pixel_accuracy"]), None, None))
    note = "Means over images. The background fills most of an image, so that class means and accuracy flatter."
    return Table(columns=("figure", "marked", "background", "class mean"), rows=tuple(rows), note=note)


def _each_fold(across: Judged) -> Table:
    """Every fold (or randomisation) by itself."""
    places = _places(across)
    rows = []
    for place in sorted(set(places)):
        held = np.array([one == place for one in places])
        figures = {name: _fold_mean(across.found, held, name) for name in FOLDED}
        who = len({one.patient_id for one, there in zip(across.marked, held, strict=True) if there})
        rows.append((_fold_name(place), who, int(held.sum()), *(figures[name] for name in FOLDED)))
    note = "Distances in pixels; means over the images of the part that each model was not told."
    return Table(columns=("fold", "patients", "images", *FOLDED), rows=tuple(rows), note=note)


def _randomisations(across: Judged) -> Mapping[str, Table]:
    """Five numbers and histograms of every randomisation, where there are several."""
    runs = _runs(across)
    even = {one.name: one.spacing[0] for one in across.marked if one.spacing and one.spacing[0] == one.spacing[1]}
    return run_tables(runs, even, {one.name: one.drawn for one in across.marked})


def _runs(across: Judged) -> dict[str, Observed]:
    """What was found in every randomisation; empty where there are not several."""
    repeats = sorted({one.repeat for one in across.marked})
    if len(repeats) < 2:
        return {}
    return {
        f"run {repeat + 1}": taken(across.found, frozenset(one.name for one in across.marked if one.repeat == repeat))
        for repeat in repeats
    }


def _five_numbers(across: Judged) -> Mapping[str, Folds]:
    """Minimum, quartiles and maximum of every randomisation as figures over folds, as Wang 2022 prints them; distances
    in pixels of the pictures as they came. Named as ``dice_median``."""
    drawn = {one.name: one.drawn for one in across.marked}
    runs = _runs(across)
    columns = [run_columns(found, drawn=drawn) for found in runs.values()]
    patients = tuple(len(found.patients) for found in runs.values())
    whole, mean = len({one.patient_id for one in across.marked}), float(np.mean(patients)) if patients else 0.0
    share = mean / (whole - mean) if whole > mean else 1.0
    found: dict[str, Folds] = {}
    for figure, unit in columns[0] if columns else ():
        each = [one[figure, unit] for one in columns]
        for name, place in QUARTILES.items():
            values = [float(np.percentile(one, place)) if one.size else None for one in each]
            within = (0.0, float("inf") if figure in DISTANCES else 1.0)
            found[f"{figure}_{name}"] = over_folds(values, share, tuple(runs), patients, within)
    return found


def _last_step(judged: Judged, post: Post, resampling: Resampling) -> Table:
    """With and without what is done with a mask at the end."""
    rows: list[tuple[str | float | None, ...]] = []
    for said, found in ((f"with {post}", judged.found), ("without", judged.plain)):
        metrics = summary(found, "pixels", resampling).metrics
        rows += [
            (said, name, metrics[name].value, metrics[name].low, metrics[name].high)
            for name in ("dice", "iou", "hausdorff")
        ]
    note = "95 % intervals draw patients; Hausdorff distance in pixels."
    return Table(columns=("last step", "figure", "value", "low", "high"), rows=tuple(rows), note=note)


def _folds(across: Judged) -> Mapping[str, Folds]:
    places = _places(across)
    every = sorted(set(places))
    if len(every) < 2:
        return {}
    held = [np.array([one == place for one in places]) for place in every]
    patients = tuple(
        len({one.patient_id for one, there in zip(across.marked, part, strict=True) if there}) for part in held
    )
    whole = len({one.patient_id for one in across.marked})
    mean = float(np.mean(patients))
    share = mean / (whole - mean) if whole > mean else 1.0
    names = tuple(map(_fold_name, every))
    return {
        name: over_folds(
            [_fold_mean(across.found, part, name) for part in held],
            share,
            names,
            patients,
            (0.0, float("inf") if name in DISTANCES else 1.0),
        )
        for name in FOLDED
    }


def _places(across: Judged) -> list[tuple[int, int]]:
    return [(one.repeat, one.fold) for one in across.marked]


def _fold_name(place: tuple[int, int]) -> str:
    return f"repeat {place[0] + 1} fold {place[1] + 1}" if place[0] >= 0 else "all models together"


def _fold_mean(found: Observed, held: NDArray[np.bool_], name: str) -> float | None:
    """Mean of a figure over some images; with the background, the mean of the classes' means."""
    figure, _, rest = name.partition("_")
    if rest == "mean_with_background":
        means = [_mean(found.columns[f"{figure}_{one}"][held]) for one in (*found.classes, "background")]
        known = [one for one in means if one is not None]
        return float(np.mean(known)) if known else None
    return _mean(found.columns[name][held])


def _mean(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else None
