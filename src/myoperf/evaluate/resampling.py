"""The bootstrap over patients: every patient is drawn with all rows that belong to him or her."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]
Figures = Callable[[Floats], Mapping[str, Floats]]
"""From patient weights, shape (replicates, patients), to named figures, each of shape (replicates,)."""

_CELLS = 4_000_000
_GROUPS = 400
_ROUNDS = 200


@dataclass(frozen=True, kw_only=True)
class Replicates:
    """Figures of many resamples of the patients.

    values : name to shape (replicates,), NaN where a figure was not defined. left_out : the same with a patient (or a
    group of patients, where there are many) left out in turn. redrawn : draws thrown away as they held one class only.
    """

    values: Mapping[str, Floats]
    left_out: Mapping[str, Floats]
    redrawn: int


def draw(patients: int, replicates: int, classes: NDArray[np.bool_], rng: np.random.Generator) -> tuple[Floats, int]:
    """How often each patient is drawn, shape (replicates, patients), and the number of draws thrown away.

    classes : whether each patient has a negative and a positive row, shape (patients, 2); a draw without both classes
    is drawn again. ValueError where no draw can hold both.
    """
    if not classes.any(axis=0).all():
        raise ValueError("resampling needs both classes")
    weight, redrawn = np.empty((replicates, patients)), 0
    wanted = np.arange(replicates)
    for _ in range(_ROUNDS):
        drawn = rng.integers(0, patients, (wanted.size, patients)) + patients * np.arange(wanted.size)[:, None]
        weight[wanted] = np.bincount(drawn.ravel(), minlength=drawn.size).reshape(drawn.shape)
        wanted = wanted[~((weight[wanted] @ classes) > 0).all(axis=1)]
        if not wanted.size:
            return weight, redrawn
        redrawn += wanted.size
    keep = np.setdiff1d(np.arange(replicates), wanted)
    return weight[keep], redrawn


def bootstrap(
    figures: Figures, classes: NDArray[np.bool_], *, rows: int, replicates: int, rng: np.random.Generator
) -> Replicates:
    """Resample patients ``replicates`` times. classes : as in ``draw``; rows : rows that a weighting spreads over."""
    patients = len(classes)
    weight, redrawn = draw(patients, replicates, classes, rng)
    block = max(1, _CELLS // max(rows, patients))
    return Replicates(
        values=_in_blocks(figures, weight, block),
        left_out=_in_blocks(figures, _leave_out(patients, rng), block),
        redrawn=redrawn,
    )


def interval(value: float, replicates: Floats, left_out: Floats) -> tuple[float, float] | None:
    """95 % interval of ``value``, bias-corrected and accelerated; None where replicates are all equal or undefined.

    Source: Efron 1987.
    """
    known, without = replicates[np.isfinite(replicates)], left_out[np.isfinite(left_out)]
    if known.size < 0.9 * replicates.size or known.size < 20 or np.ptp(known) < 1e-12:
        return None
    below = ((known < value - 1e-12).mean() + (known <= value + 1e-12).mean()) / 2
    bias = ndtri(np.clip(below, 1 / known.size, 1 - 1 / known.size))
    away = without.mean() - without if without.size else np.zeros(1)
    power = float((away**2).sum()) ** 1.5
    skew = float((away**3).sum()) / (6 * power) if power > 0 else 0.0
    z = bias + ndtri([0.025, 0.975])
    at = np.clip(ndtr(bias + z / np.maximum(1 - skew * z, 1e-3)), 0, 1)
    low, high = np.quantile(known, at)
    return float(low), float(high)


def _leave_out(patients: int, rng: np.random.Generator) -> Floats:
    """Weights with one patient, or one random group of them, left out in each row."""
    groups = min(patients, _GROUPS)
    group = rng.permutation(np.arange(patients) % groups)
    return np.asarray(group[None, :] != np.arange(groups)[:, None], dtype=np.float64)


def _in_blocks(figures: Figures, weight: Floats, block: int) -> dict[str, Floats]:
    parts = [figures(weight[start : start + block]) for start in range(0, len(weight), block)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
