"""Several systems (or observers) whose masks are compared on the same images, patient by patient."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from math import sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from myoperf.core.errors import RefusedError
from myoperf.core.scorecard import TargetScore

from ..comparison.equivalence import tost_of
from ..judgement import Comparison, compared
from ..metrics import Resampling
from .masks import MaskSet, MasksJudged, mask_set, scorecard_of
from .observed import Observed, taken
from .summary import summary

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Margin:
    """How large a difference of Dice is still taken as none, and where that comes from."""

    value: float
    source: str


def compare_masks(
    truth: Path,
    systems: Mapping[str, Path],
    *,
    margin: float | None = None,
    experts: tuple[Path, Path] | None = None,
    spacing: tuple[float, ...] | None = None,
    patients: Mapping[str, str] | Path | None = None,
    labels: Mapping[int, str] | None = None,
    title: str = "",
    seed: int = 0,
    bootstrap: int = 2000,
) -> MasksJudged:
    """Judge every system's masks against one truth, on the images that all of them have, and compare their Dice.

    systems : two or more, name to file or folder. Each pair of systems gives a row of ``comparisons``: the mean over
    patients of the difference (first minus second) of a patient's mean Dice, with the t interval and p of a paired t
    test; with a margin also the two one-sided tests (Schuirmann 1987) of whether it lies within -margin..margin.
    experts : masks of two observers; the margin is then 1 minus their mean Dice with each other, so that systems count
    as equal whose Dice differs by less than what experts disagree. The other arguments are those of ``judge_masks``.
    RefusedError for fewer than two systems, a margin not above 0, and for no image in common.
    """
    _check(systems, margin, experts)
    sets = {
        name: mask_set(truth, path, spacing=spacing, patients=patients, labels=labels) for name, path in systems.items()
    }
    common = _common(sets)
    shared = {name: taken(one.found, common) for name, one in sets.items()}
    limit = _margin(margin, experts, patients, labels)
    resampling = Resampling(replicates=bootstrap, seed=seed)
    parts = {name: summary(one, "pixels" if spacing is None else "mm", resampling) for name, one in shared.items()}
    targets = {name: TargetScore(metrics=p.metrics, kind="masks", tables=p.tables) for name, p in parts.items()}
    rows = [_compared(first, second, shared, limit) for first, second in combinations(shared, 2)]
    warnings = [f"{name}: {line}" for name, one in sets.items() for line in (*one.warnings, *parts[name].warnings)]
    card = scorecard_of(
        targets, next(iter(shared.values())), title or "Masks of several systems", tuple(warnings), rows
    )
    refused = tuple(f"{name}: {line}" for name, one in sets.items() for line in one.refused)
    return MasksJudged(card=card, refused=refused)


def compared_systems(
    shared: Mapping[str, Observed], margin: Margin | None = None, *, target: str = "masks"
) -> list[Comparison]:
    """Every pair of systems (or variants) by the Dice of the images that all of them have."""
    if len(shared) < 2:
        return []
    common = frozenset.intersection(*(frozenset(one.images) for one in shared.values()))
    kept = {name: taken(one, common) for name, one in shared.items()}
    return [{**_compared(one, other, kept, margin), "target": target} for one, other in combinations(kept, 2)]


def _check(systems: Mapping[str, Path], margin: float | None, experts: tuple[Path, Path] | None) -> None:
    if len(systems) < 2:
        raise RefusedError("systems", rule="two or more are compared", came=len(systems), do="name another folder")
    if margin is not None and not 0 < margin < 1:
        raise RefusedError("margin", rule="a difference of Dice between 0 and 1", came=margin, do="give one, say 0.02")
    if margin is not None and experts is not None:
        raise RefusedError("margin", rule="a number or two experts give it", came="both", do="leave one out")


def _common(sets: Mapping[str, MaskSet]) -> frozenset[str]:
    common = frozenset.intersection(*(frozenset(one.found.images) for one in sets.values()))
    if not common:
        raise RefusedError("systems", rule="they share images", came="none in common", do="name the files alike")
    return common


def _margin(
    margin: float | None,
    experts: tuple[Path, Path] | None,
    patients: Mapping[str, str] | Path | None,
    labels: Mapping[int, str] | None,
) -> Margin | None:
    if experts is None:
        return None if margin is None else Margin(value=margin, source="given")
    found = mask_set(*experts, patients=patients, labels=labels).found
    dice = found.columns["dice"]
    if not np.isfinite(dice).any() or np.nanmean(dice) >= 1:
        came = "no mask of theirs" if not np.isfinite(dice).any() else "Dice 1 throughout"
        raise RefusedError("experts", rule="two experts differ somewhere", came=came, do="give a margin as a number")
    agreement = float(np.nanmean(dice))
    source = f"1 minus the mean Dice {agreement:.4f} of two experts, {np.isfinite(dice).sum()} images"
    return Margin(value=1 - agreement, source=source)


def _compared(first: str, second: str, shared: Mapping[str, Observed], margin: Margin | None) -> Comparison:
    differences = _differences(shared[first], shared[second])
    n = int(differences.size)
    row = partial(compared, target="masks", comparison=f"{first} against {second}", metric="dice", n=n)
    if n < 2:
        why = f"{n} patients with a mask in both: a difference needs two"
        return row(value=float(differences[0]) if n else None, method=why)
    mean, error = float(differences.mean()), float(differences.std(ddof=1)) / sqrt(n)
    method = "mean over patients of the difference of their mean Dice"
    if error < 1e-12:
        return row(value=mean, method=f"{method}; no interval: it is the same in every patient")
    half = float(stdtrit(n - 1, 0.975)) * error
    p = 2 * float(stdtr(n - 1, -abs(mean) / error))
    found = row(value=mean, low=mean - half, high=mean + half, p=p, method=f"{method}; paired t test")
    return found if margin is None else {**found, **_equivalence(differences, margin)}


def _equivalence(differences: Floats, margin: Margin) -> dict[str, object]:
    """What two one-sided tests add to a row."""
    tested = tost_of(differences, margin.value)
    return {
        "margin": margin.value,
        "margin_from": margin.source,
        "tost_p": tested.p,
        "low_90": tested.low,
        "high_90": tested.high,
        "equivalent": tested.equivalent,
    }


def _differences(first: Observed, second: Observed) -> Floats:
    """Difference of the mean Dice of every patient. A rightly empty mask beside a false alarm counts as Dice 1."""
    dice = [one.columns["dice"] for one in (first, second)]
    gap = np.where(np.isnan(dice[0]), 1.0, dice[0]) - np.where(np.isnan(dice[1]), 1.0, dice[1])
    gap[np.isnan(dice[0]) & np.isnan(dice[1])] = np.nan
    known = np.isfinite(gap)
    count = np.bincount(first.patient[known], minlength=len(first.patients))
    total = np.bincount(first.patient[known], weights=gap[known], minlength=len(first.patients))
    found: Floats = total[count > 0] / count[count > 0]
    return found
