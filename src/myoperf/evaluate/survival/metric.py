"""One survival figure with its interval, how it was made, and its number of patients."""

from collections.abc import Iterator, Mapping

import numpy as np

from myoperf.core.scorecard import Metric

from .cohort import Cohort, days, listed
from .figures import Prepared
from .reasons import unranked, why_missing
from .spread import Spread, interval_of


def names_of(cohort: Cohort) -> Iterator[str]:
    """Names of the figures of a cohort, those of its calibration apart."""
    yield from ("c_index", "uno_c", "dynamic_auc")
    for day in cohort.horizons:
        yield f"dynamic_auc_{days(day)}"
        yield f"brier_{days(day)}"
    yield from ("integrated_brier", "brier_skill")


def metric_of(ready: Prepared, name: str, value: Mapping[str, float], found: Spread) -> Metric:
    """The figure ``name`` of ``figures``; None, with the reason, where it is not defined or nothing can be ranked."""
    n, now = _patients(ready, name), value.get(name, float("nan"))
    why = why_missing(ready, name) if not np.isfinite(now) or unranked(ready, name) else ""
    if why:
        return Metric(value=None, method=why, n=n)
    pair, said = interval_of(name, now, found)
    return Metric(value=now, low=pair and pair[0], high=pair and pair[1], method=f"{_method(ready, name)}; {said}", n=n)


def _patients(ready: Prepared, name: str) -> int:
    """Patients that a figure rests on: those with the score that it needs."""
    cohort = ready.cohort
    if name in ("c_index", "uno_c"):
        return len(np.unique(cohort.patient[ready.scored]))
    known = [at.rows for at in ready.states if name.endswith(f"_{days(at.day)}")]
    return len(np.unique(cohort.patient[known[0]])) if known else cohort.patients


def _method(ready: Prepared, name: str) -> str:
    """What a figure is, in a few words."""
    cohort = ready.cohort
    if name in ("c_index", "uno_c"):
        events = "; competing events censor" if cohort.competing else ""
        if name == "c_index":
            return f"Harrell's C, equal scores count half, {ready.found.case.size} events{events}{cohort.marker_said}"
        until = "" if ready.tau is None else f" before {days(ready.tau)} days"
        counted = int(ready.early.sum())
        return f"Uno's C, {counted} events{until}, {ready.by_cause.said}{events}{cohort.marker_said}"
    events = "; a competing event is a known state without the event" if cohort.competing else ""
    with_weights = f"inverse probability of censoring weights, {ready.by_any.said}{events}"
    times = listed([at.day for at in ready.states])
    if name == "dynamic_auc" and len(ready.states) > 1:
        at_which = times if cohort.horizons else f"{times} (tenths of the times of the events)"
        return f"cumulative/dynamic AUC, mean over days {at_which} weighted by the events between; {with_weights}"
    if name.startswith("dynamic_auc"):
        return f"cumulative/dynamic AUC; {with_weights}"
    if name.startswith("brier_skill"):
        over = f"mean over {times} days" if len(ready.states) > 1 else f"at {times} days"
        return f"1 - Brier score / that of the observed share for everyone, {over}; {with_weights}"
    what = f"Brier score, mean over days {times} (trapezium rule)" if name == "integrated_brier" else "Brier score"
    return f"{what}; {with_weights}"
