"""Patients by quarter of their score: what became of each quarter, and whether that differs."""

import numpy as np
from scipy.special import chdtri

from myoperf.core.scorecard import Curve, Table

from ..judgement import Comparison, Part, compared
from .cohort import Cohort, days, shown
from .estimate import Estimate, estimate
from .group_tests import gray, logrank
from .share import how, share_by
from .survivor import Codes, Floats

YEAR = 365.25
_POINTS = 300
_STEPS = (30.0, 91.0, 182.0, 365.0, 730.0, 1825.0)
_COLUMNS = 6
Row = tuple[str | float | None, ...]


def quarters(name: str, cohort: Cohort, cut_by: tuple[Floats, str] | None) -> Part:
    """Curves, tables and tests of the quarters of the score; quarter 1 has the lowest scores.

    name : the target. cohort : all rows have a marker. cut_by : the scores whose quartiles part the quarters and where
    they come from, or None for the cohort's own. A score at a cut point belongs to the quarter below.
    """
    cuts, said = _cuts(cohort, cut_by)
    group = np.searchsorted(cuts, cohort.marker)
    there = [int(k) for k in np.unique(group)]
    curves: dict[str, Curve] = {}
    for k in there:
        part = cohort.take(group == k)
        free = estimate(part.time, (part.event > 0).astype(np.intp))
        curves |= _drawn(f"km_q{k + 1}", free, falling=True)
        if cohort.competing:
            curves |= _drawn(f"cif_q{k + 1}", estimate(part.time, part.event), falling=False)
    tables = {"event_rate": _rates(cohort, group, cuts, said), "at_risk": _at_risk(cohort, group, said)}
    if cohort.horizons:
        tables["event_share"] = _shares(cohort, group, said)
    alone: tuple[str, ...] = ()
    if len(there) < 4:
        alone = (f"{name}: the scores fill {len(there)} of 4 quarters ({said}); curves and tests are of those",)
    return Part(curves=curves, tables=tables, comparisons=_tests(name, cohort, group, said), warnings=alone)


def poisson_interval(events: int) -> tuple[float, float]:
    """Exact 95 % interval of the expected number of events where so many came. Source: Garwood 1936."""
    low = float(chdtri(2 * events, 0.975)) / 2 if events else 0.0
    return low, float(chdtri(2 * events + 2, 0.025)) / 2


def _cuts(cohort: Cohort, cut_by: tuple[Floats, str] | None) -> tuple[Floats, str]:
    scores, part = cut_by or (cohort.marker, "judged")
    said = f"quartiles of the {part} scores{cohort.marker_said}"
    return np.quantile(scores, (0.25, 0.5, 0.75)), said


def _drawn(name: str, found: Estimate, *, falling: bool) -> dict[str, Curve]:
    """The steps of an estimate with its band, at the times at which it changes and the last one."""
    change = np.append(True, np.diff(found.value) > 0)
    change[-1] = True
    if change.sum() > _POINTS:
        grid = np.linspace(0, found.times[-1], _POINTS)
        change = np.zeros_like(change)
        change[np.searchsorted(found.times, grid, side="right") - 1] = True
    low, high = found.band
    # before the first event there is no band, after the last patient's event it keeps its lower end
    start, over = found.value < 1e-12, found.value > 1 - 1e-12
    low = np.where(start, 0.0, np.where(over, np.fmax.accumulate(np.where(np.isnan(low), 0.0, low)), low))
    high = np.where(start, 0.0, np.where(over, 1.0, high))
    lines = {name: found.value, f"{name}_low": low, f"{name}_high": high}
    if falling:
        lines = {name: 1 - found.value, f"{name}_low": 1 - high, f"{name}_high": 1 - low}
    x = tuple(map(float, found.times[change]))
    return {key: Curve(x=x, y=tuple(map(float, line[change]))) for key, line in lines.items()}


def _rates(cohort: Cohort, group: Codes, cuts: Floats, said: str) -> Table:
    rows: list[Row] = []
    for k in range(4):
        part = cohort.take(group == k)
        events, years = int(part.hit.sum()), float(part.time.sum()) / YEAR
        ends = (float(cuts[k - 1]) if k else None, float(cuts[k]) if k < 3 else None)
        low, high = (100 * end / years for end in poisson_interval(events)) if years else (None, None)
        rate = 100 * events / years if years else None
        rows.append((f"q{k + 1}", *ends, part.patients, events, years, rate, low, high))
    return Table(
        columns=("group", "score_above", "score_to", "n", "events", "patient_years", "rate", "low", "high"),
        rows=tuple(rows),
        note="Events per 100 patient-years (of 365.25 days) with the exact 95 % Poisson interval (Garwood 1936);"
        f" {said}; q1 has the lowest scores.",
    )


def _at_risk(cohort: Cohort, group: Codes, said: str) -> Table:
    last = float(cohort.time.max())
    step = next((step for step in _STEPS if last / step <= _COLUMNS), last / _COLUMNS)
    at = [k * step for k in range(int(last // step) + 1)]
    rows: list[Row] = [(f"q{k + 1}", *(float((cohort.time[group == k] >= day).sum()) for day in at)) for k in range(4)]
    return Table(
        columns=("group", *(f"day {days(round(day, 1))}" for day in at)),
        rows=tuple(rows),
        note=f"Still observed on the day; {said}; q1 has the lowest scores.",
    )


def _shares(cohort: Cohort, group: Codes, said: str) -> Table:
    rows: list[Row] = []
    for day in shown(cohort.horizons):
        for k in np.unique(group):
            part = cohort.take(group == k)
            share, pair = share_by(part, day)
            low, high = pair or (None, None)
            rows.append((day, f"q{k + 1}", part.patients, int((part.hit & (part.time <= day)).sum()), share, low, high))
    return Table(
        columns=("horizon_days", "group", "n", "events", "share", "low", "high"),
        rows=tuple(rows),
        note=f"Share with the event by the horizon: {how(cohort)}; {said}.",
    )


def _tests(name: str, cohort: Cohort, group: Codes, said: str) -> tuple[Comparison, ...]:
    there, code = np.unique(group, return_inverse=True)
    also = "; competing events censor" if cohort.competing else ""

    def row(metric: str, method: str, *, value: float | None = None, p: float | None = None) -> Comparison:
        who = f"{there.size} quarters of the score"
        how = method if value is None else f"{method}; {said}"
        return compared(target=name, comparison=who, metric=metric, value=value, p=p, method=how, n=cohort.patients)

    def apart(metric: str, method: str, found: tuple[float, int, float] | None) -> Comparison:
        if found is None:
            return row(metric, "cannot be told: no spread")
        return row(metric, f"{method}, {found[1]} degrees of freedom", value=found[0], p=found[2])

    if there.size < 2 or not cohort.hit.any():
        return (row("log-rank chi-square", "one group only" if cohort.hit.any() else "no event"),)
    hazard = logrank(cohort.time, cohort.event, code)
    rows = [apart("log-rank chi-square", f"log-rank test{also}", hazard.apart())]
    z, p = hazard.rising() or (None, None)
    trend = f"log-rank test for trend (Tarone 1975), above 0: more events with higher scores{also}"
    rows.append(row("log-rank trend z", trend if z is not None else "cannot be told: no spread", value=z, p=p))
    if cohort.competing:
        found = gray(cohort.time, cohort.event, code).apart()
        rows.append(apart("Gray chi-square", "Gray's test of cumulative incidence (1988)", found))
    return tuple(rows)
