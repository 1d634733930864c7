"""All figures of several classes, each with its interval, how that was made, and its number of patients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Metric

from ..intervals import wilson
from ..metrics import NAMES as BINARY
from ..metrics import Resampling, metrics, missing
from ..resampling import Figures, Replicates, bootstrap, interval
from .areas import against_rest, every_two
from .sample import ClassSample
from .table import BY_CLASS, agreement, by_class, tables

Floats = NDArray[np.float64]

OVERALL = ("accuracy", "balanced_accuracy", "kappa", "kappa_quadratic", "mcc", "brier")
AVERAGED = ("auc", "pr_auc", *BY_CLASS)
OF_A_CLASS = tuple(name for name in BINARY if name != "brier")
_RECALL = ("balanced_accuracy", "sensitivity_macro")
_ROUNDING = 0.02
_NOTHING = 1e-9


@dataclass(frozen=True, kw_only=True)
class _Judged:
    """A sample, its figures, their replicates, and the figures of each class that occurs."""

    sample: ClassSample
    value: Mapping[str, float]
    replicates: Replicates | None
    each: Mapping[str, Mapping[str, Metric]]


def names_for(classes: Sequence[str]) -> tuple[str, ...]:
    """Every figure of ``class_metrics`` for classes of these names, in order."""
    averages = [f"{name}_{mean}" for name in AVERAGED for mean in ("macro", "weighted")]
    own = [f"{name}_{one}" for one in classes for name in OF_A_CLASS]
    return (*OVERALL, *averages, "auc_ovo_macro", *own)


def class_metrics(sample: ClassSample, resampling: Resampling) -> dict[str, Metric]:
    """Judge a sample of several classes; every row is called the class of its highest score.

    Overall: ``OVERALL``. Averages over the classes that occur: the names of ``AVERAGED`` with ``_macro`` (every class
    counts the same) and ``_weighted`` (by its rows) behind, and ``auc_ovo_macro`` (Hand and Till 2001). Of each class
    against the rest: the figures of two classes with ``_CLASS`` behind. Each is higher = better but ``brier``, 0..2:
    the squared distance to the truth summed over the classes (Brier 1950). A class that never occurs has no figures;
    a class that is never called has PPV 0 in the averages, so that forgetting a class is never rewarded.
    """
    if not len(sample):
        return missing("no patient with a class and a score of every class", names=names_for(sample.names))
    value = {name: float(found[0]) for name, found in _measure(sample)(np.ones((1, sample.rows.patients))).items()}
    each = {name: _of_class(sample, place, resampling) for place, name in enumerate(sample.names)}
    judged = _Judged(sample=sample, value=value, replicates=_resampled(sample, resampling), each=each)
    found = {name: _metric(judged, name) for name in names_for(()) if name in value}
    if "brier" not in value:
        why = "the class scores are no probabilities: not in 0..1, or not summing to 1"
        found["brier"] = Metric(value=None, method=why, n=sample.rows.patients)
    own = {f"{name}_{one}": metric for one, figures in each.items() for name, metric in figures.items()}
    every = found | own
    return {name: every[name] for name in names_for(sample.names)}


def probabilities(sample: ClassSample) -> bool:
    """Whether the scores of every row are in 0..1 and sum to 1 (to the rounding of two decimals)."""
    inside = (sample.score >= -_NOTHING).all() and (sample.score <= 1 + _NOTHING).all()
    return bool(inside and (np.abs(sample.score.sum(axis=1) - 1) <= _ROUNDING).all())


def _measure(sample: ClassSample) -> Figures:
    """Overall and averaged figures as a function of the weights of the patients, (weightings, patients)."""
    duel, classes, present = every_two(sample), len(sample.names), sample.present
    distance = ((sample.score - np.eye(classes)[sample.truth]) ** 2).sum(axis=1)
    of_patient = np.bincount(sample.rows.patient, distance, sample.rows.patients)
    is_probability = probabilities(sample)

    def figures(weight: Floats) -> dict[str, Floats]:
        cells = tables(sample.counts, classes, weight)
        found = agreement(cells, present)
        if is_probability:
            found["brier"] = weight @ of_patient / cells.sum(axis=(1, 2))
        each = against_rest(sample, weight) | by_class(cells)
        share = cells.sum(axis=-1)[:, present]
        for name in AVERAGED:
            values = each[name][:, present]
            values = np.nan_to_num(values) if name in ("ppv", "npv") else values
            found[f"{name}_macro"] = values.mean(axis=1)
            found[f"{name}_weighted"] = (values * share).sum(axis=1) / share.sum(axis=1)
        return found | {"auc_ovo_macro": duel(weight)}

    return figures


def _of_class(sample: ClassSample, place: int, resampling: Resampling) -> dict[str, Metric]:
    """One class against the rest."""
    one, patients = sample.against_rest[place], sample.rows.patients
    if not sample.present[place]:
        return missing(f"class {sample.names[place]} never occurs in the judged part", patients, OF_A_CLASS)
    found = metrics(one, sample.called == place, "", resampling)
    return {name: found[name] for name in OF_A_CLASS}


def _resampled(sample: ClassSample, resampling: Resampling) -> Replicates | None:
    """Replicates that hold every class with at least two patients; None where no class has two."""
    twice = np.flatnonzero(sample.patients > 1)
    if not twice.size or resampling.replicates < 1:
        return None
    holds = np.zeros((sample.rows.patients, len(sample.names)), dtype=bool)
    holds[sample.rows.patient, sample.truth] = True
    return bootstrap(
        _measure(sample),
        holds[:, twice],
        rows=sample.rows.patients,
        replicates=resampling.replicates,
        rng=np.random.default_rng(resampling.seed),
    )


def _metric(judged: _Judged, name: str) -> Metric:
    value, n = judged.value[name], judged.sample.rows.patients
    why = _why_missing(judged.sample, name, value)
    if why:
        return Metric(value=None, method=why, n=n)
    pair, method = _interval(judged, name, value)
    notes = "".join(f"; {note}" for note in _notes(judged.sample, name))
    return Metric(value=value, low=pair and pair[0], high=pair and pair[1], method=method + notes, n=n)


def _why_missing(sample: ClassSample, name: str, value: float) -> str:
    """Why a figure cannot be made; "" where it can."""
    if sample.present.sum() == 1 and name not in ("accuracy", "brier"):
        (only,) = np.flatnonzero(sample.present)
        return f"one class only: {sample.names[only]} (n = {sample.rows.patients})"
    if _is_area(name) and sample.flat[sample.present].all():
        return "all scores are equal: there is nothing to rank"
    if np.isfinite(value):
        return ""
    return "every call is one class: the figure is not defined"


def _interval(judged: _Judged, name: str, value: float) -> tuple[tuple[float, float] | None, str]:
    sample = judged.sample
    if sample.alone and (name == "accuracy" or name in _RECALL):
        return _closed_form(sample, name)
    if judged.replicates is None:
        return None, "no interval: no resampling was asked for, or no class has two patients"
    values = judged.replicates.values[name]
    pair = interval(value, values, judged.replicates.left_out[name], judged.replicates.patients)
    if pair is not None and pair[1] - pair[0] > _NOTHING:
        redrawn, undefined = judged.replicates.redrawn, int((~np.isfinite(values)).sum())
        again = f", {redrawn} redrawn that lacked a class" if redrawn else ""
        gone = f", {undefined} undefined" if undefined else ""
        low, high = pair
        widened = "" if low <= value <= high else ", widened to the value, which lies outside"
        return (
            min(low, value),
            max(high, value),
        ), f"patient bootstrap (BCa, {values.size} replicates{again}{gone}{widened})"
    single = [one for one, count in zip(sample.names, sample.patients, strict=True) if count == 1]
    if single and np.isnan(values).any():
        return None, f"no interval: one patient only of class {', '.join(single)}"
    limits = _mean_of_limits(judged, name)
    if limits is not None:
        return limits, "the classes' own limits averaged (wider than needed): all replicates are equal"
    return None, "no interval: replicates are all equal or mostly undefined"


def _closed_form(sample: ClassSample, name: str) -> tuple[tuple[float, float], str]:
    if name == "accuracy":
        return wilson(int((sample.truth == sample.called).sum()), len(sample)), "Wilson"
    return _mean_recall(sample), "Newcombe from Wilson, the classes being independent"


def _mean_recall(sample: ClassSample) -> tuple[float, float]:
    """Limits of the mean of the classes' sensitivities, each of patients of its own. Source: Newcombe 1998 (MOVER)."""
    right = np.bincount(sample.truth[sample.truth == sample.called], minlength=len(sample.names))[sample.present]
    patients = sample.patients[sample.present]
    recall = right / patients
    low, high = np.transpose([wilson(int(hits), int(n)) for hits, n in zip(right, patients, strict=True)])
    mean, below, above = recall.mean(), np.linalg.norm(recall - low), np.linalg.norm(high - recall)
    return float(mean - below / len(recall)), float(mean + above / len(recall))


def _mean_of_limits(judged: _Judged, name: str) -> tuple[float, float] | None:
    """The average of the classes' limits, as if their errors always went together."""
    figure, _, mean = name.rpartition("_")
    if figure not in AVERAGED:
        return None
    sample = judged.sample
    own = [judged.each[one][figure] for one, there in zip(sample.names, sample.present, strict=True) if there]
    low, high = [one.low for one in own if one.low is not None], [one.high for one in own if one.high is not None]
    if len(low) < len(own) or len(high) < len(own):
        return None
    rows = np.bincount(sample.truth, minlength=len(sample.names))[sample.present]
    share = rows if mean == "weighted" else np.ones(len(own))
    return float(np.average(low, weights=share)), float(np.average(high, weights=share))


def _notes(sample: ClassSample, name: str) -> list[str]:
    """What the reader of one figure must know besides its interval."""
    notes, there = [], sample.present
    if name == "kappa_quadratic":
        notes.append(f"means something only if the classes are ordered as {' < '.join(sample.names)}")
    if name == "brier":
        notes.append("summed over the classes: 0 to 2, lower is better")
    if name in ("accuracy", "kappa", "kappa_quadratic", "mcc", "brier"):
        return notes
    if not there.all():
        notes.append(f"over {there.sum()} of {len(there)} classes, without {_named(sample, ~there)}, never there")
    if _is_area(name) and (flat := there & sample.flat).any():
        notes.append(f"all scores equal, which counts as chance: {_named(sample, flat)}")
    never = ~np.isin(np.arange(len(there)), sample.called)
    if name.startswith("ppv_") and (there & never).any():
        notes.append(f"never called, which counts as 0: {_named(sample, there & never)}")
    if name.startswith("npv_") and (sample.called == sample.called[0]).all():
        notes.append(f"everybody is called {sample.names[sample.called[0]]}, whose NPV counts as 0")
    return notes


def _is_area(name: str) -> bool:
    return name.startswith(("auc_", "pr_auc_"))


def _named(sample: ClassSample, which: NDArray[np.bool_]) -> str:
    return ", ".join(sample.names[place] for place in np.flatnonzero(which))
