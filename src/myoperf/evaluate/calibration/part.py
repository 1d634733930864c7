"""All that calibration adds to a target."""

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError
from myoperf.core.scorecard import Curve, Metric, Table

from ..judgement import Part
from ..metrics import Resampling
from ..sample import Sample
from ..threshold import calls_by
from .brier_parts import brier_table
from .grading import NAMES, NO_PROBABILITIES, grade
from .groups import group_table
from .net_benefit import decision_curve
from .prevalence import prevalence_table
from .recalibration import recalibration_table
from .reliability import few_events, reliability_curves, reliability_table
from .stress_first import stress_first_table

Bools = NDArray[np.bool_]


def calibration(
    judged: Sample,
    validation: Sample | None,
    resampling: Resampling,
    *,
    name: str,
    npv: float | None = None,
    prevalence: float | None = None,
    rest_dose: float | None = None,
    called: Bools | None = None,
    chosen_on: str = "",
) -> Part:
    """Judge probabilities, and what acting on them would bring.

    judged : rows that are judged. validation : other rows, the only ones that recalibration and the stress-first
    threshold learn from; None or empty where there are none. name : of the target, for warnings. npv : negative
    predictive value that the stress-first rule must reach (None: 0.90, 0.95, 0.98). prevalence : of the population that
    is thought of, for decision curves, PPV and NPV (None: that of the judged rows). rest_dose : mSv of a rest scan.
    called, chosen_on : rows called positive and where the threshold comes from; None: the best Youden index of the
    validation rows, else 0.5.

    Gives the metrics ``NAMES``; the tables "brier", "reliability", "recalibration", "calibration_groups",
    "net_benefit", "prevalence" and "stress_first"; the curves "reliability" and "net_benefit" with their bands,
    "net_benefit_all" and "net_benefit_none". Scores that are not in 0..1 are no probabilities: their metrics are None
    with that reason, and only "stress_first", which needs an order and no more, is made. RefusedError for an NPV or a
    prevalence that is not between 0 and 1, and for a dose below 0.
    """
    if prevalence is not None and not 0 < prevalence < 1:
        raise RefusedError(
            "prevalence", rule="a prevalence lies between 0 and 1", came=prevalence, do="give a fraction"
        )
    given = grade(judged, resampling)
    metrics = {key: given[key] for key in NAMES}
    if not len(judged):
        return Part(metrics=metrics)
    stress_first = stress_first_table(judged, validation, npv, rest_dose, resampling)
    if not judged.in_unit:
        warning = f"{name}: {NO_PROBABILITIES}; calibration, recalibration and decision curves are not made"
        return Part(metrics=metrics, tables={"stress_first": stress_first}, warnings=(warning,))
    if called is None:
        calls = calls_by(None, judged, validation)
        called, chosen_on = calls.called, calls.threshold.chosen_on
    curves, tables, warnings = _acted_on(name, judged, prevalence, resampling)
    tables["brier"] = brier_table(given)
    tables["recalibration"] = recalibration_table(judged, validation, given, resampling)
    tables["stress_first"] = stress_first
    levels = prevalence_table(judged, called, chosen_on, prevalence, resampling)
    if levels is not None:
        tables["prevalence"] = levels
    return Part(metrics=metrics, curves=curves, tables=tables, warnings=(*warnings, *_undefined(name, metrics)))


def _acted_on(
    name: str, judged: Sample, prevalence: float | None, resampling: Resampling
) -> tuple[dict[str, Curve], dict[str, Table], tuple[str, ...]]:
    """Reliability, decision curves and groups of a sample of probabilities."""
    benefit, benefit_table = decision_curve(judged, prevalence, resampling)
    by_group, warnings = group_table(name, judged, resampling)
    tables = {"reliability": reliability_table(judged, resampling)}
    if benefit_table is not None:
        tables["net_benefit"] = benefit_table
    if by_group is not None:
        tables["calibration_groups"] = by_group
    return reliability_curves(judged, resampling) | benefit, tables, (*few_events(name, judged), *warnings)


def _undefined(name: str, metrics: dict[str, Metric]) -> tuple[str, ...]:
    """Why there is no slope, and which scores of 0 and 1 were moved to have one."""
    slope = metrics["calibration_slope"]
    if slope.value is None and metrics["calibration_intercept"].value is not None:
        return (f"{name}: no calibration slope: {slope.method}",)
    said = slope.method.partition("; ")[2]
    return (f"{name}: for the calibration slope, {said}",) if slope.value is not None and said else ()
