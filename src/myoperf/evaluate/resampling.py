"""The bootstrap over patients: every patient is drawn with all rows that belong to him or her."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtrit

Floats = NDArray[np.float64]
Figures = Callable[[Floats], Mapping[str, Floats]]
"""From patient weights, shape (replicates, patients), to named figures, each of shape (replicates,)."""

_CELLS = 40_000  # weights in a block: what fits the processor's cache
_LEAST = 16
_MOST, _FEWEST = 200_000_000, 200
_GROUPS = 400
_ROUNDS = 200


@dataclass(frozen=True, kw_only=True)
class Replicates:
    """Figures of many resamples of the patients.

    values : name to shape (replicates,), NaN where a figure was not defined. left_out : the same with a patient (or a
    group of patients, where there are many) left out in turn. redrawn : draws thrown away as they held one class only.
    patients : how many there are to draw from.
    """

    values: Mapping[str, Floats]
    left_out: Mapping[str, Floats]
    redrawn: int
    patients: int


def draw(patients: int, replicates: int, classes: NDArray[np.bool_], rng: np.random.Generator) -> tuple[Floats, int]:
    """How often each patient is drawn, shape (replicates, patients), and the number of draws thrown away.

    classes : whether each patient has a negative and a positive row, shape (patients, 2); a draw without both classes
    is drawn again. ValueError where no draw can hold both.
    """
    if not classes.any(axis=0).all():
        raise ValueError("resampling needs both classes")
    weight, redrawn = _drawn(patients, replicates, rng), 0
    has = classes.astype(np.float64)
    for _ in range(_ROUNDS):
        wanted = np.flatnonzero(~((weight.T @ has) > 0).all(axis=1))
        if not wanted.size:
            return weight.T, redrawn
        redrawn += wanted.size
        weight[:, wanted] = _drawn(patients, wanted.size, rng)
    return weight[:, ((weight.T @ has) > 0).all(axis=1)].T, redrawn


def bootstrap(
    figures: Figures, classes: NDArray[np.bool_], *, rows: int, replicates: int, rng: np.random.Generator
) -> Replicates:
    """Resample patients ``replicates`` times. classes : as in ``draw``; rows : rows that a weighting spreads over.

    Where that would pass 200 million rows in all, patients are resampled less often, 200 times at least.
    """
    patients = len(classes)
    replicates = min(replicates, max(_FEWEST, _MOST // max(rows, patients)))
    block = max(_LEAST, _CELLS // max(rows, patients))
    values, redrawn = [], 0
    for start in range(0, replicates, block):
        weight, again = draw(patients, min(block, replicates - start), classes, rng)
        values.append(figures(weight))
        redrawn += again
    groups = min(patients, _GROUPS)
    group = rng.permutation(np.arange(patients) % groups)
    left = np.arange(groups)
    without = [figures(_leave_out(group, left[k : k + block])) for k in range(0, groups, block)]
    return Replicates(values=_joined(values), left_out=_joined(without), redrawn=redrawn, patients=patients)


def interval(
    value: float, replicates: Floats, left_out: Floats, patients: int | None = None
) -> tuple[float, float] | None:
    """95 % interval of ``value``, bias-corrected and accelerated; None where replicates are all equal or undefined.

    patients : how many are drawn from, at least 2; the interval is then widened as a t interval of so many is, for
    replicates of a small sample lie too close together. Sources: Efron 1987; Hesterberg 2015.
    """
    known, without = replicates[np.isfinite(replicates)], left_out[np.isfinite(left_out)]
    if known.size < 0.9 * replicates.size or known.size < 20 or np.ptp(known) < 1e-12:
        return None
    below = ((known < value - 1e-12).mean() + (known <= value + 1e-12).mean()) / 2
    bias = ndtri(np.clip(below, 1 / known.size, 1 - 1 / known.size))
    away = without.mean() - without if without.size else np.zeros(1)
    power = float((away**2).sum()) ** 1.5
    skew = float((away**3).sum()) / (6 * power) if power > 0 else 0.0
    wide = 1.0
    if patients is not None:
        wide = float(stdtrit(patients - 1, 0.975) / ndtri(0.975)) * sqrt(patients / (patients - 1))
    z = bias + wide * ndtri([0.025, 0.975])
    at = np.clip(ndtr(bias + z / np.maximum(1 - skew * z, 1e-3)), 0, 1)
    low, high = np.quantile(known, at)
    return float(low), float(high)


def _drawn(patients: int, replicates: int, rng: np.random.Generator) -> Floats:
    """Plain draws with replacement, shape (patients, replicates), counted."""
    cell = rng.integers(0, patients, (replicates, patients))
    cell *= replicates
    cell += np.arange(replicates)[:, None]
    counted = np.bincount(cell.ravel(), minlength=patients * replicates)
    return counted.reshape(patients, replicates).astype(np.float64)


def _leave_out(group: NDArray[np.intp], left: NDArray[np.intp]) -> Floats:
    """Weights with one group of the patients left out in each row."""
    return np.asarray(group[None, :] != left[:, None], dtype=np.float64)


def _joined(parts: Sequence[Mapping[str, Floats]]) -> dict[str, Floats]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
