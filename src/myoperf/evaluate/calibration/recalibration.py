"""What recalibration on the validation part does to the judged part."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError
from myoperf.core.scorecard import Metric, Table

from ..metrics import Resampling
from ..sample import Sample
from . import recalibrator
from .grading import grade

Floats = NDArray[np.float64]
Cells = tuple[str | float | None, ...]

_FIGURES = ("brier", "ece", "calibration_slope", "calibration_intercept", "auc")
_COLUMNS = ("method", "fitted", *(f"{name}{end}" for name in _FIGURES for end in ("", "_low", "_high")), "ranking", "n")
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
    first = _row("as given", "", given, "as given")
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
        changed = replace(judged, score=recalibrator.apply(way, judged.score))
        rows.append(_row(name, _said(way), grade(changed, resampling), _ranking(judged.score, changed.score)))
    note = (
        f"Fitted on the validation part ({validation.patients} patients, {validation.count(validation.truth)} of them"
        " positive), judged on the judged part, which had no say in it."
    )
    return Table(columns=_COLUMNS, rows=tuple(rows), note=note)


def _row(name: str, fitted: str, found: Mapping[str, Metric], ranking: str) -> Cells:
    cells: list[float | None] = []
    for figure in _FIGURES:
        cells += [found[figure].value, found[figure].low, found[figure].high]
    moved = found["calibration_slope"].method.partition("; ")[2] if found["calibration_slope"].value is not None else ""
    return (name, "; ".join(filter(None, (fitted, moved))), *cells, ranking, float(found["brier"].n))


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
