"""All survival figures of one cohort, for every weighting of its patients."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..quotient import quotient
from .censoring import Censoring, censoring, lasts
from .cohort import Cohort, days
from .concordance import Pairs, concordance, pairs
from .state import State, area, brier, line_of, observed, standing_for, state, why_not
from .survivor import Codes, Floats, incidence

_CELLS = 200_000
_MOST_LINES = 5
_TIMES = np.linspace(0.1, 0.9, 9)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A cohort put in order once for every figure.

    scored : rows with the score that orders patients; found : their pairs; early : which events Uno's C counts (1, else
    0): those before the day tau (None: any) whose chance of being seen is known. by_cause, by_any : censoring where
    competing events censor, and where not. states : at the times of the dynamic AUC. brier : those of them at which
    the scores are judged as probabilities, and lines : at which their calibration is. unusable : why nothing can be
    made at the other times.
    """

    cohort: Cohort
    scored: Codes
    found: Pairs
    early: Floats
    tau: float | None
    by_cause: Censoring
    by_any: Censoring
    states: tuple[State, ...]
    brier: tuple[State, ...]
    lines: tuple[State, ...]
    unusable: dict[float, str]
    short_train: bool

    @property
    def complete(self) -> bool:
        """Whether every row has a score at each time, so that figures may be put together over times."""
        return bool(self.states) and all(at.rows.all() for at in self.states)


def prepared(cohort: Cohort, train: Cohort | None) -> Prepared:
    """Put a cohort of at least one row in order; train : who tells of censoring, or None for the cohort itself, which
    also serves where the train part's follow-up is too short."""
    short_train = train is not None and not lasts(train, cohort)
    train = None if short_train else train
    scored = np.flatnonzero(np.isfinite(cohort.marker))
    part = cohort.take(scored)
    found = pairs(part.time, part.hit, part.marker)
    tau = cohort.horizons[-1] if cohort.horizons else None
    by_cause = censoring(part, train, cause_specific=True)
    one = np.ones((1, len(part)))
    early = by_cause.inverse(by_cause.estimate(one), part.time[found.case])[0] > 0
    if tau is not None:
        early &= part.time[found.case] < tau
    by_any = censoring(cohort, train, cause_specific=False)
    states, unusable = _states(cohort, by_any)
    judged = states if cohort.probabilities else ()
    return Prepared(
        cohort=cohort,
        scored=scored,
        found=found,
        early=np.asarray(early, dtype=np.float64),
        tau=tau,
        by_cause=by_cause,
        by_any=by_any,
        states=states,
        brier=judged,
        lines=judged if len(judged) <= _MOST_LINES else judged[-1:],
        unusable=unusable,
        short_train=short_train,
    )


def times_of(cohort: Cohort) -> tuple[float, ...]:
    """The times of the dynamic AUC: the horizons, else the nine tenths of the times of the events."""
    if cohort.horizons or not cohort.hit.any():
        return cohort.horizons
    return tuple(map(float, np.unique(np.quantile(cohort.time[cohort.hit], _TIMES, method="inverted_cdf"))))


def figures(ready: Prepared, weight: Floats) -> dict[str, Floats]:
    """Every figure, each of shape (weightings,); weight : of patients, shape (weightings, patients).

    Names: c_index, uno_c, dynamic_auc, integrated_brier, brier_skill; and with a time in days behind: dynamic_auc_,
    known_auc_ (rows censored before are left out), brier_, reference_brier_ (everyone's probability is the observed
    share), calibration_slope_, calibration_intercept_ and observed_expected_ (observed share over mean probability).
    NaN where a figure is not defined.
    """
    block = max(1, _CELLS // len(ready.cohort))
    parts = [_block(ready, weight[start : start + block]) for start in range(0, len(weight), block)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _block(ready: Prepared, weight: Floats) -> dict[str, Floats]:
    row = weight[:, ready.cohort.patient]
    part = row[:, ready.scored]
    kept = ready.by_cause
    seen = kept.inverse(kept.estimate(part), ready.cohort.time[ready.scored][ready.found.case])
    harrell, uno = concordance(ready.found, part, None, seen**2 * ready.early)
    found = {"c_index": harrell, "uno_c": uno}
    estimate, shares = ready.by_any.estimate(row), _shares(ready, row)
    for at, share in zip(ready.states, shares, strict=True):
        found |= _at(ready, at, estimate, row[:, at.rows], share)
    return found | _over_times(ready, found, shares)


def _shares(ready: Prepared, row: Floats) -> list[Floats]:
    """The share with the event by each time, each of shape (weightings,)."""
    if not ready.complete:
        return [observed(at, row[:, at.rows]) for at in ready.states]
    line = ready.states[0].line
    risk = incidence(line, row, ready.cohort.event)
    return list(risk[:, line.until(np.array([at.day for at in ready.states]))].T)


def _at(ready: Prepared, at: State, estimate: Floats, weight: Floats, share: Floats) -> dict[str, Floats]:
    standing, name = standing_for(at, ready.by_any, estimate, weight), days(at.day)
    found = {f"dynamic_auc_{name}": area(at, standing), f"known_auc_{name}": area(at, weight * at.known)}
    if at in ready.brier:
        found[f"brier_{name}"] = brier(at, standing, weight, at.score)
        found[f"reference_brier_{name}"] = brier(at, standing, weight, share[:, None])
    if at in ready.lines:
        slope, intercept = line_of(at, standing)
        expected = quotient(weight @ at.score, weight.sum(axis=1))
        found |= {f"calibration_slope_{name}": slope, f"calibration_intercept_{name}": intercept}
        found[f"observed_expected_{name}"] = quotient(share, expected)
    return found


def _over_times(ready: Prepared, found: dict[str, Floats], shares: list[Floats]) -> dict[str, Floats]:
    """Figures over all times together."""
    if not ready.complete:
        return {}
    names = [days(at.day) for at in ready.states]
    together: dict[str, Floats] = {}
    areas = np.stack([found[f"dynamic_auc_{name}"] for name in names])
    if len(names) == 1:
        together["dynamic_auc"] = areas[0]
    else:
        risk = np.stack(shares)
        step = np.diff(risk, axis=0, prepend=0.0)
        together["dynamic_auc"] = quotient(np.where(step > 0, areas * step, 0.0).sum(axis=0), risk[-1])
    if ready.brier:
        ours, theirs = (
            _mean(ready, [found[f"{kind}_{name}"] for name in names]) for kind in ("brier", "reference_brier")
        )
        together["brier_skill"] = 1 - quotient(ours, theirs)
        if len(names) > 1:
            together["integrated_brier"] = ours
    return together


def _mean(ready: Prepared, values: list[Floats]) -> Floats:
    """Mean over the time between the first and the last horizon (trapezium rule); the one value where there is one."""
    if len(values) == 1:
        return values[0]
    steps = [after.day - before.day for before, after in pairwise(ready.states)]
    total = sum((a + b) / 2 * step for (a, b), step in zip(pairwise(values), steps, strict=True))
    return np.asarray(total / sum(steps), dtype=np.float64)


def _states(cohort: Cohort, kept: Censoring) -> tuple[tuple[State, ...], dict[float, str]]:
    """The states at the times at which figures can be made, and why they cannot at the others."""
    states: list[State] = []
    unusable: dict[float, str] = {}
    for k, day in enumerate(times_of(cohort)):
        at = state(cohort, day, k if cohort.horizons else 0)
        why = "no row has a score" if at is None else why_not(at, kept, cohort)
        if why or at is None:
            unusable[day] = why
        else:
            states.append(at)
    return tuple(states), unusable
