"""Two systems on the same rows, and the rows of ``comparisons`` that their resampled differences make."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from ..judgement import Comparison, compared
from ..resampling import Replicates, interval
from .equivalence import said_of, tost

Found = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Paired:
    """Figures of two systems on the same rows.

    patients, rows : how many both have judged. first, second : figures of each by name; NaN where one is not defined.
    replicates : resamples of the differences (first minus second) under the same names; None where there are none, and
    ``why`` then says why. said : what a figure is, by name.
    """

    target: str
    names: tuple[str, str]
    patients: int
    rows: int
    first: Mapping[str, float]
    second: Mapping[str, float]
    replicates: Replicates | None
    why: str = ""
    said: Mapping[str, str]

    def difference(self, name: str) -> float:
        """First minus second; NaN where either is not defined."""
        return self.first[name] - self.second[name]

    def error(self, name: str) -> float:
        """Standard error of the difference, by its resamples; NaN where there are none or they do not differ."""
        if self.replicates is None:
            return float("nan")
        values = self.replicates.values[name]
        known = values[np.isfinite(values)]
        usable = known.size >= max(20, 0.9 * values.size) and np.ptp(known) > 1e-12
        return float(known.std(ddof=1)) if usable else float("nan")


def bare_row(target: str, names: tuple[str, str], metric: str, **more: object) -> Comparison:
    """A row on two systems."""
    beside = {"first": names[0], "second": names[1]}
    return compared(target=target, comparison=f"{names[0]} against {names[1]}", metric=metric, **beside, **more)  # type: ignore[arg-type]  # the callers' keys


def difference_row(pair: Paired, name: str, found: Found | None = None) -> Comparison:
    """The difference in one figure. found : its interval, p and method, where they are not from resamples."""
    value = pair.difference(name)
    if not np.isfinite(value):
        return row(pair, f"{name}_difference", value=None, method=f"{pair.said[name]}: not defined on these studies")
    both = {"value_first": pair.first[name], "value_second": pair.second[name]}
    numbers = f"{pair.said[name]}: {pair.first[name]:.3f} against {pair.second[name]:.3f}"
    told = found if found is not None else _resampled(pair, name)
    return row(pair, f"{name}_difference", value=value, **{**both, **told, "method": f"{numbers}; {told['method']}"})


def equivalence_row(pair: Paired, name: str, margin: float) -> Comparison:
    """Two one-sided tests of the difference in one figure, with the standard error of its resamples."""
    value, error = pair.difference(name), pair.error(name)
    metric = f"{name}_equivalence"
    if not (np.isfinite(value) and np.isfinite(error)):
        why = pair.why or "no test: replicates of the difference are all equal or mostly undefined"
        return row(pair, metric, value=None, method=why, margin=margin)
    test = tost(value, error, margin)
    drawn = _resampled(pair, name)
    return row(
        pair,
        metric,
        value=value,
        low=drawn["low"],
        high=drawn["high"],
        p=test.p,
        method=f"{pair.said[name]}; two one-sided tests (TOST), standard error by patient bootstrap",
        **said_of(test, margin),
    )


def row(pair: Paired, metric: str, **more: object) -> Comparison:
    """A row on this pair."""
    return bare_row(pair.target, pair.names, metric, n=pair.patients, n_rows=pair.rows, **more)


def _resampled(pair: Paired, name: str) -> Found:
    nothing: Found = {"low": None, "high": None, "p": None}
    if pair.replicates is None:
        return nothing | {"method": pair.why}
    error, values = pair.error(name), pair.replicates.values[name]
    limits = interval(pair.difference(name), values, pair.replicates.left_out[name], pair.replicates.patients)
    if limits is None or not np.isfinite(error):
        return nothing | {"method": "no interval: replicates are all equal or mostly undefined"}
    p = float(2 * ndtr(-abs(pair.difference(name)) / error))
    method = f"patient bootstrap of the paired difference (BCa, {values.size} replicates); p from their spread (z test)"
    return {"low": limits[0], "high": limits[1], "p": p, "method": method}
