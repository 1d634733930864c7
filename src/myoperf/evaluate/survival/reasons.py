"""Why a survival figure cannot be made, and what its reader must know."""

from collections.abc import Iterator, Mapping

import numpy as np

from myoperf.core.scorecard import Metric

from .cohort import days
from .figures import Prepared
from .state import State

_FEW = 10


def why_missing(ready: Prepared, name: str) -> str:
    """Why a figure is not defined for this cohort."""
    cohort = ready.cohort
    if name in ("c_index", "uno_c"):
        return _why_no_order(ready, name)
    needs_probabilities = "brier" in name
    if needs_probabilities and not cohort.horizons:
        return "no horizon_days: the scores are no probabilities of the event by a day"
    if needs_probabilities and not cohort.probabilities:
        return "scores are not in 0..1: no probabilities"
    for day, why in ready.unusable.items():
        if name.endswith(f"_{days(day)}"):
            return why
    at = next((at for at in ready.states if name.endswith(f"_{days(at.day)}")), None)
    if at is None and len(ready.states) == 1 and name in ("dynamic_auc", "brier_skill"):
        at = ready.states[0]
    return _why_not_together(ready, name) if at is None else _why_not_at(at)


def unranked(ready: Prepared, name: str) -> bool:
    """Whether a figure of ranks has nothing to rank."""
    if name.startswith("dynamic_auc_"):
        at = next(at for at in ready.states if name.endswith(f"_{days(at.day)}"))
        return bool(np.ptp(at.score) == 0)
    if name == "dynamic_auc" and len(ready.states) == 1:
        return bool(np.ptp(ready.states[0].score) == 0)
    one_score = bool(np.ptp(ready.cohort.marker[ready.scored]) == 0)
    return one_score and name in ("c_index", "uno_c", "dynamic_auc")


def _why_no_order(ready: Prepared, name: str) -> str:
    cohort = ready.cohort
    if not cohort.hit.any():
        return f"no event among {cohort.patients} patients"
    if len(ready.scored) < 2:
        return "one patient only: nobody to compare with"
    if np.ptp(cohort.marker[ready.scored]) == 0:
        return "all scores are equal: there is nothing to rank"
    if name == "uno_c" and not ready.early.any():
        if ready.tau is not None and cohort.time[cohort.hit].min() >= ready.tau:
            return f"no event before {days(ready.tau)} days"
        return f"no event can be weighed: {ready.by_cause.said}, which is 0 or has ended on their day"
    return "no pair of patients can be compared"


def _why_not_at(at: State) -> str:
    if not at.case.any():
        return f"no event by {days(at.day)} days"
    if np.ptp(at.score) == 0:
        return "all scores are equal: there is nothing to rank"
    return f"nobody is known to be without the event at {days(at.day)} days"


def _why_not_together(ready: Prepared, name: str) -> str:
    """Of figures over all horizons."""
    if not ready.states and not ready.unusable:
        return f"no event among {ready.cohort.patients} patients"
    if not ready.states:
        return "; ".join(f"{days(day)} days: {why}" for day, why in list(ready.unusable.items())[:3])
    if not ready.complete:
        return "not every patient has a score at every horizon"
    if name == "integrated_brier":
        return "one horizon only: there is nothing to integrate over" + _left(ready)
    if name == "brier_skill":
        return "the observed share is 0 or 1 at every horizon: nothing can be gained on it"
    same = np.ptp(ready.cohort.marker[ready.scored]) == 0
    none = "at one of the times there is no patient with the event, or none without it"
    return "all scores are equal: there is nothing to rank" if same else none


def _left(ready: Prepared) -> str:
    return f" ({len(ready.unusable)} others cannot be judged)" if ready.unusable else ""


def cautions(name: str, ready: Prepared, metrics: Mapping[str, Metric]) -> Iterator[str]:
    """What must be known to read the figures."""
    cohort = ready.cohort
    hits = len(np.unique(cohort.patient[cohort.hit]))
    if not hits:
        yield f"{name}: no event among {cohort.patients} patients; most figures are empty"
    elif hits < _FEW:
        yield f"{name}: {hits} of {cohort.patients} patients had the event, which is few; intervals are wide and rough"
    if len(ready.scored) > 1 and np.ptp(cohort.marker[ready.scored]) == 0:
        yield f"{name}: all scores are equal; there is nothing to rank"
    if cohort.competing:
        count = int((cohort.event > 1).sum())
        yield (
            f"{name}: {count} competing events; they censor in c_index, uno_c and log-rank, and are a known state"
            " without the event in figures at a horizon"
        )
    if ready.short_train:
        yield f"{name}: the train part is not followed for long enough to tell of censoring; the judged rows do instead"
    for day, why in ready.unusable.items():
        yield f"{name}: no figure at {days(day)} days: {why}"
    yield from _at_horizons(name, ready)
    high = metrics["c_index"].high
    if high is not None and high < 0.5:
        yield f"{name}: higher scores go with fewer events; score is risk, not the chance to stay free of the event"


def _at_horizons(name: str, ready: Prepared) -> Iterator[str]:
    cohort = ready.cohort
    if cohort.horizons and not cohort.probabilities:
        yield f"{name}: scores are not in 0..1: no probabilities by a horizon, so neither Brier score nor calibration"
    unfinished = cohort.horizons and not ready.complete and ready.states
    if unfinished:
        yield f"{name}: not every patient has a score at every horizon; each horizon is judged on those who have"
    for at in ready.states if cohort.horizons else ():
        if not at.case.any() and cohort.hit.any():
            yield f"{name}: no event by {days(at.day)} days, all come later"
    if ready.brier and len(ready.brier) > 1 and ready.complete:
        risks = cohort.score[:, [cohort.horizons.index(at.day) for at in ready.brier]]
        falls = int((np.diff(risks, axis=1) < -1e-12).any(axis=1).sum())
        if falls:
            yield f"{name}: the probability of {falls} patients falls with time, which no probability of an event can"
