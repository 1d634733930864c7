"""Means over images (or other rows) that belong to patients, with intervals that draw whole patients."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Metric

from .metrics import Resampling
from .resampling import Replicates, bootstrap, interval

Floats = NDArray[np.float64]

FEWEST = 5
"""Patients below which nothing is resampled."""

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Figures of rows, each of a patient.

    patient : code of every row, 0 to patients - 1, shape (rows,). columns : name to shape (rows,), NaN where a row has
    no such figure. together : name to the columns whose means it is the mean of.
    """

    patient: NDArray[np.intp]
    columns: Mapping[str, Floats]
    together: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    what: str = "images"


def cluster_means(
    rows: Rows, resampling: Resampling, said: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Metric]:
    """The mean of every column and of every group of columns, every row counting the same.

    said : what the figure is, by name; it opens the method. The interval draws patients with all their rows (BCa, Efron
    1987). A column without a value has the value None and says so; with fewer than 5 patients there is no interval.
    """
    names = list(rows.columns)
    patients = int(rows.patient.max()) + 1 if rows.patient.size else 0
    table = np.stack([rows.columns[name] for name in names], axis=1) if names else np.empty((rows.patient.size, 0))
    known = np.isfinite(table)
    total, count = np.zeros((patients, len(names))), np.zeros((patients, len(names)))
    np.add.at(total, rows.patient, np.where(known, table, 0.0))
    np.add.at(count, rows.patient, known)
    groups = {
        name: [names.index(m) for m in members if count[:, names.index(m)].any()]
        for name, members in rows.together.items()
    }

    def figures(weight: Floats) -> dict[str, Floats]:
        below = weight @ count
        means = np.divide(weight @ total, below, out=np.full(below.shape, np.nan), where=below > 0)
        found = {name: means[:, k] for k, name in enumerate(names)}
        return found | {name: _mean_over(means, members) for name, members in groups.items()}

    value = {name: float(v[0]) for name, v in figures(np.ones((1, patients))).items()} if patients else {}
    replicates = _replicates(figures, patients, resampling)
    at = {name: [k] for k, name in enumerate(names)} | groups
    return {
        name: _metric(value.get(name, np.nan), _held(rows, known[:, columns]), replicates, name, said.get(name, ""))
        for name, columns in at.items()
    }


@dataclass(frozen=True, kw_only=True)
class _Held:
    """What a mean rests on."""

    rows: int
    patients: int
    what: str


def _held(rows: Rows, known: NDArray[np.bool_]) -> _Held:
    there = np.asarray(known.any(axis=1))
    return _Held(rows=int(there.sum()), patients=len(np.unique(rows.patient[there])), what=rows.what)


def _mean_over(means: Floats, members: list[int]) -> Floats:
    if not members:
        return np.full(len(means), np.nan)
    return np.asarray(means[:, members].mean(axis=1))


def _replicates(
    figures: Callable[[Floats], Mapping[str, Floats]], patients: int, resampling: Resampling
) -> Replicates | None:
    if patients < FEWEST or resampling.replicates < 1:
        return None
    rng = np.random.default_rng(resampling.seed)
    drawn = np.ones((patients, 2), dtype=bool)
    return bootstrap(figures, drawn, rows=patients, replicates=resampling.replicates, rng=rng)


def _metric(value: float, held: _Held, replicates: Replicates | None, name: str, said: str) -> Metric:
    n, opening = held.patients, f"{said}; " if said else ""
    if not np.isfinite(value):
        return Metric(value=None, method=f"{opening}no {held.what} to take the mean of", n=n)
    base = f"{opening}mean over {held.rows} {held.what} of {n} patients"
    if n < FEWEST or replicates is None:
        why = f"fewer than {FEWEST} patients" if n < FEWEST else "no resampling was asked for"
        return Metric(value=value, method=f"{base}; no interval: {why}", n=n)
    drawn = replicates.values[name]
    pair = interval(value, drawn, replicates.left_out[name], replicates.patients)
    if pair is None:
        why = "no interval: it is the same in every resample, or undefined in many"
        return Metric(value=value, method=f"{base}; {why}", n=n)
    method = f"{base}; patient bootstrap (BCa, {drawn.size} replicates)"
    return Metric(value=value, low=pair[0], high=pair[1], method=method, n=n)
