"""All figures of one sample of patients, each with its interval, how that was made, and its number of patients."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Metric

from . import intervals
from .agreement import UNDEFINED, rates
from .delong import delong, logit_interval
from .discrimination import areas
from .resampling import Figures, Replicates, bootstrap, interval
from .sample import Sample

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

RANKED = ("auc", "pr_auc")
NAMES = (*RANKED, *UNDEFINED, "brier")
_SIMEL, _EMPTY_CELL = "Simel 1991 (log scale)", "a cell of the table is 0"
_PROPORTIONS = ("accuracy", "sensitivity", "specificity", "ppv", "npv")


@dataclass(frozen=True, kw_only=True)
class Resampling:
    """How intervals are made: number of replicates (0 for none) and seed."""

    replicates: int
    seed: int


@dataclass(frozen=True, kw_only=True)
class _Judged:
    """A sample, the calls made of it (None: no threshold), its figures and their replicates."""

    sample: Sample
    called: Bools | None
    value: dict[str, float]
    replicates: Replicates | None


def missing(why: str, n: int = 0, names: tuple[str, ...] = NAMES) -> dict[str, Metric]:
    """Every figure as missing, with the reason."""
    return {name: Metric(value=None, method=why, n=n) for name in names}


def metrics(sample: Sample, called: Bools | None, why_not_called: str, resampling: Resampling) -> dict[str, Metric]:
    """Judge a sample. called : which rows are called positive, or None with the reason in ``why_not_called``.

    With one row a patient proportions have Wilson's interval, likelihood ratios Simel's, the AUC DeLong's on the logit
    scale; everything else has the bootstrap over patients. A figure that is not defined is None; its method says why.
    """
    if not len(sample):
        return missing("no patient with a truth and a score")
    figures = _figures(sample, called)
    value = {name: float(v[0]) for name, v in figures(np.ones((1, sample.patients))).items()}
    judged = _Judged(sample=sample, called=called, value=value, replicates=_resampled(sample, figures, resampling))
    found = {}
    for name in NAMES:
        if name not in value:
            why = "scores are not in 0..1: no probabilities" if name == "brier" else why_not_called
            found[name] = Metric(value=None, method=why, n=sample.patients)
        else:
            found[name] = _metric(judged, name)
    return found


def table(truth: Bools, called: Bools) -> tuple[int, int, int, int]:
    """TP, FP, FN, TN of rows."""
    return (
        int((truth & called).sum()),
        int((~truth & called).sum()),
        int((truth & ~called).sum()),
        int((~truth & ~called).sum()),
    )


def _figures(sample: Sample, called: Bools | None) -> Figures:
    """What makes the figures of every weighting of the patients, shape (weightings, patients) to (weightings,)."""
    squares = (sample.score - sample.truth) ** 2 if sample.in_unit else np.zeros(len(sample))
    columns = [np.ones(len(sample)), squares]
    if called is not None:
        truth = sample.truth
        cells = (truth & called, ~truth & called, truth & ~called, ~truth & ~called)
        columns += [cell.astype(np.float64) for cell in cells]
    sums = np.stack([np.bincount(sample.patient, column, sample.patients) for column in columns], axis=1)

    def figures(weight: Floats) -> dict[str, Floats]:
        area, precision = areas(sample.steps, weight)
        found = {"auc": area, "pr_auc": precision}
        rows, missed, *counts = (weight @ sums).T
        if counts:
            found |= rates(*counts)
        return found | {"brier": missed / rows} if sample.in_unit else found

    return figures


def _resampled(sample: Sample, figures: Figures, resampling: Resampling) -> Replicates | None:
    """Replicates, where there are at least two patients of each class to draw from."""
    few = min(sample.count(sample.truth), sample.count(~sample.truth)) < 2
    if few or resampling.replicates < 1:
        return None
    return bootstrap(
        figures,
        sample.classes,
        rows=len(sample),
        replicates=resampling.replicates,
        rng=np.random.default_rng(resampling.seed),
    )


def _metric(judged: _Judged, name: str) -> Metric:
    value, n = judged.value[name], _patients(judged, name)
    if name in RANKED and np.ptp(judged.sample.score) == 0 and judged.sample.both_classes:
        return Metric(value=None, method="all scores are equal: there is nothing to rank", n=n)
    if not np.isfinite(value):
        return Metric(value=None, method=_why_undefined(judged.sample, name), n=n)
    pair, method = _interval(judged, name, value)
    return Metric(value=value, low=pair and pair[0], high=pair and pair[1], method=method, n=n)


def _why_undefined(sample: Sample, name: str) -> str:
    if name in RANKED:
        return f"one class only: {int(sample.truth.sum())} positive, {int((~sample.truth).sum())} negative"
    return UNDEFINED.get(name, "not defined")


def _patients(judged: _Judged, name: str) -> int:
    """Patients that the figure rests on: those of its denominator."""
    truth, called = judged.sample.truth, judged.called
    if name == "sensitivity":
        return judged.sample.count(truth)
    if name == "specificity":
        return judged.sample.count(~truth)
    if called is not None and name in ("ppv", "npv"):
        return judged.sample.count(called if name == "ppv" else ~called)
    return judged.sample.patients


def _interval(judged: _Judged, name: str, value: float) -> tuple[intervals.Pair | None, str]:
    sample = judged.sample
    if sample.alone and judged.called is not None and name in (*_PROPORTIONS, "lr_positive", "lr_negative"):
        return closed_form(name, table(sample.truth, judged.called))
    if sample.alone and name == "auc":
        pair = logit_interval(value, float(delong(sample.truth, sample.score).covariance[0, 0]))
        if pair is not None:
            return pair, "DeLong, on the logit scale"
    if judged.replicates is None:
        return None, _why_no_interval(sample)
    values = judged.replicates.values[name]
    pair = interval(value, values, judged.replicates.left_out[name], judged.replicates.patients)
    if pair is not None:
        redrawn = judged.replicates.redrawn
        again = f", {redrawn} redrawn that held one class only" if redrawn else ""
        undefined = int((~np.isfinite(values)).sum())
        gone = f", {undefined} undefined" if undefined else ""
        return pair, f"patient bootstrap (BCa, {values.size} replicates{again}{gone})"
    return _without_spread(judged, name, value)


def _why_no_interval(sample: Sample) -> str:
    if min(sample.count(sample.truth), sample.count(~sample.truth)) < 2:
        return "no interval: it needs two patients of each class"
    return "no interval: resampling is switched off"


def _without_spread(judged: _Judged, name: str, value: float) -> tuple[intervals.Pair | None, str]:
    """Interval of a figure whose replicates are all equal or mostly undefined, from the numbers of patients alone."""
    sample = judged.sample
    if name == "auc":
        counts = sample.count(sample.truth), sample.count(~sample.truth)
        return intervals.auc_by_score_method(value, *counts), "Newcombe 2006: all replicates are equal"
    patients = _patients(judged, name)
    if name in _PROPORTIONS and value in (0.0, 1.0) and patients:
        return intervals.wilson(
            value * patients, patients
        ), "Wilson on the number of patients: all replicates are equal"
    if sample.alone and judged.called is not None and name in ("balanced_accuracy", "youden", "f1"):
        pair, method = closed_form(name, table(sample.truth, judged.called))
        return pair, f"{method}: all replicates are equal"
    return None, "no interval: replicates are all equal or mostly undefined"


def closed_form(name: str, cells: tuple[int, int, int, int]) -> tuple[intervals.Pair | None, str]:
    """Interval of a figure of a two-by-two table (TP, FP, FN, TN), every row a patient of its own, and its method."""
    tp, fp, fn, tn = cells
    hits = {
        "accuracy": (tp + tn, sum(cells)),
        "sensitivity": (tp, tp + fn),
        "specificity": (tn, fp + tn),
        "ppv": (tp, tp + fp),
        "npv": (tn, fn + tn),
    }
    if name in hits:
        return intervals.wilson(*hits[name]), "Wilson"
    if name in ("balanced_accuracy", "youden"):
        sides = [(h / n, intervals.wilson(h, n)) for h, n in (hits["sensitivity"], hits["specificity"])]
        low, high = intervals.half_sum(*sides)
        return ((low, high) if name == "balanced_accuracy" else (2 * low - 1, 2 * high - 1)), "Newcombe from Wilson"
    if name == "f1":
        return intervals.f1_interval(tp, fp, fn), "Wilson, transformed"
    makers: dict[str, tuple[Callable[[], intervals.Pair | None], str, str]] = {
        "kappa": (lambda: intervals.kappa_interval(*cells), "Fleiss 1969", "its variance is 0"),
        "mcc": (lambda: intervals.mcc_interval(*cells), "delta method on Fisher's z", "its variance is 0"),
        "lr_positive": (lambda: intervals.likelihood_ratio(tp, tp + fn, fp, fp + tn), _SIMEL, _EMPTY_CELL),
        "lr_negative": (lambda: intervals.likelihood_ratio(fn, tp + fn, tn, fp + tn), _SIMEL, _EMPTY_CELL),
    }
    make, method, why = makers[name]
    pair = make()
    return pair, method if pair else f"no interval: {why}"
