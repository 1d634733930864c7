"""Predicted probability at the horizon beside what came of it."""

import numpy as np

from myoperf.core.scorecard import Curve, Metric, Table

from ..calibration.bins import equal_count_bins
from ..calibration.probability import logits_of
from ..intervals import Pair
from ..judgement import Part
from .cohort import Cohort, days
from .figures import Prepared
from .share import how, share_by
from .spread import Spread, interval_of
from .state import State
from .survivor import Floats

NAMES = ("calibration_slope", "calibration_intercept", "observed_expected")
_MANY, _EVENTS = 200, 50
Row = tuple[str | float | None, ...]


def horizon_calibration(ready: Prepared, value: dict[str, float], found: Spread, why: str) -> Part:
    """Figures of ``NAMES`` at the last horizon, a line a horizon, and groups of predicted risk at each.

    value, found : of ``figures`` and their resamples. why : the reason where nothing can be judged.
    """
    if not ready.lines:
        return Part(metrics={name: Metric(value=None, method=why, n=ready.cohort.patients) for name in NAMES})
    last = days(ready.lines[-1].day)
    metrics = {name: _metric(ready, ready.lines[-1], name, value[f"{name}_{last}"], found) for name in NAMES}
    rows: list[Row] = []
    curves: dict[str, Curve] = {}
    for at in ready.lines:
        groups = _groups(ready.cohort.take(at.rows), at)
        rows += groups
        curves |= _curves(groups, "horizon_calibration" + ("" if at is ready.lines[-1] else f"_{days(at.day)}"))
    table = Table(
        columns=("horizon_days", "group", "n", "events", "predicted", "observed", "low", "high"),
        rows=tuple(rows),
        note=f"Mean predicted probability and observed share, by groups of predicted risk. {how(ready.cohort)}.",
    )
    return Part(
        metrics=metrics,
        curves=curves,
        tables={"horizon_calibration": table, "horizon_calibration_lines": _lines(ready, value, found)},
    )


def _metric(ready: Prepared, at: State, name: str, value: float, found: Spread) -> Metric:
    n = len(np.unique(ready.cohort.patient[at.rows]))
    if not np.isfinite(value):
        return Metric(value=None, method=f"at {days(at.day)} days: {_why(at, name)}", n=n)
    pair, said = interval_of(f"{name}_{days(at.day)}", value, found)
    if pair is None and name == "observed_expected":
        pair, said = _by_share(ready.cohort.take(at.rows), at) or (None, said)
    means = {
        "calibration_slope": "slope of a logistic regression of the state on the logit of the score, weighted by the"
        " inverse chance of being observed; 1 is right" + logits_of(at.score).said,
        "calibration_intercept": "intercept of that regression with the slope held at 1; 0 is right"
        + logits_of(at.score).said,
        "observed_expected": "observed share over mean score; 1 is right",
    }
    method = f"at {days(at.day)} days: {means[name]}; {said}"
    return Metric(value=value, low=pair and pair[0], high=pair and pair[1], method=method, n=n)


def _by_share(cohort: Cohort, at: State) -> tuple[Pair, str] | None:
    """The interval of the observed share over the mean score, where resampling has none."""
    pair = share_by(cohort, at.day)[1]
    if pair is None:
        return None
    low, high = (end / float(at.score.mean()) for end in pair)
    return (low, high), "interval of the observed share"


def _why(at: State, name: str) -> str:
    if name == "observed_expected":
        return "every score is 0"
    if not at.case.any() or not (at.seen | (at.ended & ~at.case)).any():
        return "no event by then" if not at.case.any() else "nobody is without the event"
    if not np.isfinite(logits_of(at.score).edge):
        return "every score is 0 or 1: calls, no probabilities, and they have no logit"
    return "there is no finite slope: scores are all equal or part the events without overlap"


def _groups(cohort: Cohort, at: State) -> list[Row]:
    """One row a group of equal count: tenths where there are many patients and events, else quarters."""
    many = len(cohort) >= _MANY and int(at.case.sum()) >= _EVENTS
    group = equal_count_bins(at.score, 10 if many else 4)
    rows: list[Row] = []
    for k in range(int(group.max()) + 1):
        part = cohort.take(group == k)
        share, pair = share_by(part, at.day)
        low, high = pair or (None, None)
        events = int(at.case[group == k].sum())
        rows.append((at.day, k + 1, part.patients, events, float(at.score[group == k].mean()), share, low, high))
    return rows


def _curves(rows: list[Row], name: str) -> dict[str, Curve]:
    """Observed share over predicted probability; the band where every group has an interval."""
    known = np.array([row[4:] for row in rows if row[5] is not None], dtype=np.float64).reshape(-1, 4)
    if not len(known):
        return {}
    parts: dict[str, Floats] = {name: known[:, 1]}
    if np.isfinite(known).all():
        parts |= {f"{name}_low": known[:, 2], f"{name}_high": known[:, 3]}
    x = tuple(map(float, known[:, 0]))
    return {key: Curve(x=x, y=tuple(map(float, y))) for key, y in parts.items()}


def _lines(ready: Prepared, value: dict[str, float], found: Spread) -> Table:
    rows: list[Row] = []
    for at in ready.lines:
        mine = [_metric(ready, at, name, value[f"{name}_{days(at.day)}"], found) for name in NAMES]
        cells = [cell for metric in mine for cell in (metric.value, metric.low, metric.high)]
        rows.append((at.day, float(at.rows.sum()), *cells))
    columns = [f"{name}{end}" for name in NAMES for end in ("", "_low", "_high")]
    return Table(
        columns=("horizon_days", "n", *columns),
        rows=tuple(rows),
        note="Calibration at each horizon (of more than 5, at the last).",
    )
