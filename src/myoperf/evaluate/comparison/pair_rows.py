"""The rows that comparing one pair of systems adds to ``comparisons``."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from ..delong import Difference, delong, difference
from ..intervals import paired_difference, wilson
from ..judgement import Comparison, compared
from ..metrics import Resampling
from ..resampling import Replicates, bootstrap, interval
from .differences import differences
from .discordance import mcnemar
from .equivalence import said_of, tost
from .matched import Matched
from .specificity import AsSpecific, as_specific

Bools = NDArray[np.bool_]
Found = dict[str, object]

CAUTION = (
    "NRI and IDI grow with badly calibrated scores and with noise, so they carry no p; believe them only where the"
    " net benefit grows too"
)
_RECLASSIFIED = ("net_benefit_difference", "nri", "nri_at_threshold", "idi")
_SIDES = {"sensitivity_difference": True, "specificity_difference": False, "accuracy_difference": None}


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A pair that can be compared: its figures with their replicates (None: none could be made), and what they mean."""

    target: str
    pair: Matched
    cut: AsSpecific | None
    risk: float | None
    value: dict[str, float]
    replicates: Replicates | None
    areas: Difference | None

    @property
    def alone(self) -> bool:
        """Whether every patient has one row."""
        return self.pair.sample.alone


def cannot_compare(pair: Matched) -> str:
    """Why a pair has nothing to compare; empty where it has."""
    sample = pair.sample
    if not len(sample):
        return "no study is judged by both"
    if not sample.both_classes:
        counts = f"{int(sample.truth.sum())} positive, {int((~sample.truth).sum())} negative"
        return f"one class only among the studies judged by both: {counts}"
    flat = [system.name for system in (pair.first, pair.second) if np.ptp(system.judged.score) == 0]
    return f"all scores of {' and of '.join(flat)} are equal: there is nothing to rank" if flat else ""


def pair_rows(
    target: str, pair: Matched, given: float | None, margin: float | None, by: Resampling
) -> list[Comparison]:
    """Every comparison of a pair. given : the user's threshold; margin : of equivalence in AUC."""
    why = cannot_compare(pair)
    if why:
        return [_row(target, pair, "auc_difference", value=None, method=why)]
    judged = _judge(target, pair, given, by)
    names = [name for name in judged.value if name not in _RECLASSIFIED]
    rows = [_figure(judged, name) for name in names]
    rows += [_equivalence(judged, margin)] if margin is not None else []
    rows += [_figure(judged, name) for name in _RECLASSIFIED] if judged.risk else [_no_probabilities(judged)]
    return rows


def _judge(target: str, pair: Matched, given: float | None, by: Resampling) -> Compared:
    sample, cut, risk = pair.sample, as_specific(pair), _risk(pair, given)
    figures = differences(pair, cut, risk)
    value = {name: float(found[0]) for name, found in figures(np.ones((1, sample.patients))).items()}
    enough = sample.classes.sum(axis=0).min() >= 2
    replicates = None
    if enough and by.replicates > 0:
        rng = np.random.default_rng(by.seed)
        replicates = bootstrap(figures, sample.classes, rows=len(sample), replicates=by.replicates, rng=rng)
    scores = np.stack([pair.first.judged.score, pair.second.judged.score])
    found = difference(delong(sample.truth, scores, sample.patient))
    return Compared(target=target, pair=pair, cut=cut, risk=risk, value=value, replicates=replicates, areas=found)


def _risk(pair: Matched, given: float | None) -> float | None:
    """The probability that calls for treatment: the user's threshold, else that of the second system or the first."""
    if not (pair.first.judged.in_unit and pair.second.judged.in_unit):
        return None
    known = (given, pair.second.calls.threshold.value, pair.first.calls.threshold.value)
    return next((value for value in known if value is not None and 0 < value < 1), None)


def _row(target: str, pair: Matched, metric: str, **more: object) -> Comparison:
    names = {"first": pair.first.name, "second": pair.second.name, "n_rows": len(pair.sample)}
    text = f"{pair.first.name} against {pair.second.name}"
    truth = pair.sample.truth
    rows = {"sensitivity": truth, "specificity": ~truth}.get(metric.split("_", maxsplit=1)[0])
    n = pair.sample.patients if rows is None else pair.sample.count(rows)
    return compared(target=target, comparison=text, metric=metric, n=n, **names, **more)  # type: ignore[arg-type]  # the callers' keys


def _figure(judged: Compared, name: str) -> Comparison:
    value = judged.value[name]
    if not np.isfinite(value):
        return _row(judged.target, judged.pair, name, value=None, method="not defined on these studies")
    closed = _closed_form(judged, name) if judged.alone else None
    found = closed if closed is not None else _resampled(judged, name)
    return _row(judged.target, judged.pair, name, value=value, **found, **_further(judged, name))


def _closed_form(judged: Compared, name: str) -> Found | None:
    """Interval, p and method of a figure when every patient has one row; None where only resampling serves."""
    first, second = judged.pair.first.calls.called, judged.pair.second.calls.called
    truth, cut = judged.pair.sample.truth, judged.cut
    if name == "auc_difference":
        return _by_delong(judged)
    if name in _SIDES and first is not None and second is not None:
        side = _SIDES[name]
        rows = np.ones(truth.size, dtype=bool) if side is None else truth == side
        return _by_mcnemar((first == truth)[rows], (second == truth)[rows])
    if cut is None or cut.called is None or second is None:
        return None
    if name == "sensitivity_at_comparator_specificity":
        low, high = wilson(int(cut.called[truth].sum()), int(truth.sum()))
        return {"low": low, "high": high, "p": None, "method": "Wilson"}
    if name == "sensitivity_difference_at_comparator_specificity":
        return _by_mcnemar(cut.called[truth], second[truth])
    return None


def _by_delong(judged: Compared) -> Found:
    found = judged.areas
    if found is None:
        return {"low": None, "high": None, "p": None, "method": "no interval: it needs two patients of each class"}
    if found.z is None:
        text = f"DeLong, paired: {_no_error(found)}"
        return {"low": None, "high": None, "p": None, "method": text}
    more = {"z": found.z, "standard_error": found.error}
    return {"low": found.low, "high": found.high, "p": found.p, "method": "DeLong, paired", **more}


def _no_error(found: Difference) -> str:
    how = "both rank every pair alike" if found.value == 0 else "both AUCs are 0 or 1"
    return f"no interval and no test, as {how}"


def _by_mcnemar(first: Bools, second: Bools) -> Found:
    """Of the rows that each gets right."""
    both, b, c = int((first & second).sum()), int((first & ~second).sum()), int((~first & second).sum())
    test = mcnemar(b, c)
    low, high = paired_difference(both, b, c, first.size - both - b - c)
    method = f"{test.method}; interval of Newcombe 1998 (paired)"
    return {"low": low, "high": high, "p": test.p, "method": method, "discordant": [b, c]}


def _resampled(judged: Compared, name: str) -> Found:
    nothing: Found = {"low": None, "high": None, "p": None}
    if judged.replicates is None:
        few = judged.pair.sample.classes.sum(axis=0).min() < 2
        return nothing | {
            "method": "no interval: " + ("it needs two patients of each class" if few else "no resampling")
        }
    values = judged.replicates.values[name]
    pair = interval(judged.value[name], values, judged.replicates.left_out[name], judged.replicates.patients)
    if pair is None:
        return nothing | {"method": "no interval: replicates are all equal or mostly undefined"}
    method = f"patient bootstrap (BCa, {values.size} replicates)"
    tested = name.endswith(("_difference", "_at_comparator_specificity")) and name not in _RECLASSIFIED
    if not tested or name == "sensitivity_at_comparator_specificity":
        return {"low": pair[0], "high": pair[1], "p": None, "method": method}
    error = float(np.nanstd(values, ddof=1))
    p = float(2 * ndtr(-abs(judged.value[name]) / error))
    reason = "" if judged.alone else ", as patients have several rows"
    return {"low": pair[0], "high": pair[1], "p": p, "method": f"{method}{reason}; p from their spread (z test)"}


def _further(judged: Compared, name: str) -> Found:
    """What a reader needs beside a figure to read it."""
    cut, truth = judged.cut, judged.pair.sample.truth
    if name in _SIDES:
        values = [system.calls.threshold.value for system in (judged.pair.first, judged.pair.second)]
        return {"thresholds": values}
    if cut is not None and name.endswith("_at_comparator_specificity"):
        reached = None if cut.called is None else float((~cut.called[~truth]).mean())
        return {
            "threshold": cut.threshold,
            "chosen_on": cut.chosen_on,
            "specificity_wanted": cut.wanted,
            "specificity_reached": reached,
        }
    if name in _RECLASSIFIED:
        return {"threshold": judged.risk} | ({} if name == "net_benefit_difference" else {"caution": CAUTION})
    return {}


def _equivalence(judged: Compared, margin: float) -> Comparison:
    found = judged.areas
    if found is None or found.z is None:
        why = _no_error(found) if found is not None else "no test: it needs two patients of each class"
        return _row(judged.target, judged.pair, "auc_equivalence", value=None, method=why, margin=margin)
    test = tost(found.value, found.error, margin)
    how = "DeLong" if judged.alone else "Obuchowski 1997"
    return _row(
        judged.target,
        judged.pair,
        "auc_equivalence",
        value=found.value,
        low=found.low,
        high=found.high,
        p=test.p,
        method=f"two one-sided tests (TOST), standard error of {how}",
        **said_of(test, margin),
    )


def _no_probabilities(judged: Compared) -> Comparison:
    scores = judged.pair.first.judged.in_unit and judged.pair.second.judged.in_unit
    why = "no threshold between 0 and 1" if scores else "scores are not in 0..1: no probabilities"
    text = f"{why}, so net benefit, NRI and IDI are not made"
    return _row(judged.target, judged.pair, "net_benefit_difference", value=None, method=text)
