"""What recalibration on the validation part does to the judged part."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError
from myoperf.core.scorecard import Metric, Table

from ..delong import delong, difference, logit_interval
from ..metrics import Resampling
from ..sample import Sample
from . import recalibrator
from .grading import grade

Floats = NDArray[np.float64]
Cells = tuple[str | float | None, ...]

_FIGURES = ("brier", "ece", "calibration_slope", "calibration_intercept")
_SHOWN = (*_FIGURES, "auc", "auc_change")
_COLUMNS = ("method", "fitted", *(f"{name}{end}" for name in _SHOWN for end in ("", "_low", "_high")), "ranking", "n")
_WAYS: tuple[tuple[str, Callable[[Floats, NDArray[np.bool_]], recalibrator.Recalibrator]], ...] = (
    ("Platt", recalibrator.fit_platt),
    ("isotonic", recalibrator.fit_isotonic),
    ("temperature", recalibrator.fit_temperature),
)


def recalibration_table(
    judged: Sample, validation: Sample | None, given: Mapping[str, Metric], resampling: Resampling
) -> Table:
    """Figures of the judged part as it is, and after Platt's, isotonic and temperature scaling.

    judged : probabilities. validation : the only part that is learnt from; without one (None or empty), nothing is done
    and the note says so. given : ``grade`` of the judged part.
    """
    first = _row("as given", "", given, areas=_areas(judged, judged.score), ranking="as given")
    if validation is None or not len(validation):
        note = "Not done: recalibration is learnt on a validation part, and there is none apart from the judged part."
        return Table(columns=_COLUMNS, rows=(first,), note=note)
    rows = [first]
    for name, fit in _WAYS:
        try:
            way = fit(validation.score, validation.truth)
        except RefusedError as error:
            rows.append((name, f"not done: {error.rule}; got {error.came}", *[None] * (len(_COLUMNS) - 3), None))
            continue
        score = recalibrator.apply(way, judged.score)
        found = grade(replace(judged, score=score), resampling)
        areas, ranking = _areas(judged, score), _ranking(judged.score, score)
        rows.append(_row(name, _said(way), found, areas=areas, ranking=ranking))
    note = (
        f"Fitted on the validation part ({validation.patients} patients, {validation.count(validation.truth)} of them"
        " positive), judged on the judged part, which had no say in it. auc and its change: DeLong, Obuchowski with"
        " several rows a patient."
    )
    return Table(columns=_COLUMNS, rows=tuple(rows), note=note)


def _row(
    name: str, fitted: str, found: Mapping[str, Metric], *, areas: tuple[float | None, ...], ranking: str
) -> Cells:
    cells: list[float | None] = []
    for figure in _FIGURES:
        cells += [found[figure].value, found[figure].low, found[figure].high]
    moved = found["calibration_slope"].method.partition("; ")[2] if found["calibration_slope"].value is not None else ""
    return (name, "; ".join(filter(None, (fitted, moved))), *cells, *areas, ranking, float(found["brier"].n))


def _areas(judged: Sample, score: Floats) -> tuple[float | None, ...]:
    """AUC and what was added to it, each with its 95 % interval; None where a class is missing."""
    if not judged.both_classes:
        return (None,) * 6
    both = delong(judged.truth, np.stack([score, judged.score]), None if judged.alone else judged.patient)
    change = difference(both)
    low, high = logit_interval(float(both.auc[0]), float(both.covariance[0, 0])) or (None, None)
    if change is None:
        return (float(both.auc[0]), low, high, float(both.auc[0] - both.auc[1]), None, None)
    return (float(both.auc[0]), low, high, change.value, change.low, change.high)


def _said(way: recalibrator.Recalibrator) -> str:
    if isinstance(way, recalibrator.Platt):
        return f"intercept {way.intercept:.3f}, slope {way.slope:.3f}"
    if isinstance(way, recalibrator.Temperature):
        return f"temperature {way.temperature:.3f}"
    return f"{len(set(way.y))} levels"


def _ranking(before: Floats, after: Floats) -> str:
    """What a change of scores does to the order of the patients, and so to the AUC."""
    step = np.diff(after[np.argsort(before, kind="stable")])
    if (step <= 0).all() and (step < 0).any():
        return "turned round"
    apart = np.diff(np.sort(before)) > 0
    return "some scores made equal" if (step[apart] == 0).any() else "unchanged"
