"""What the virtual clinic as a whole reports: stenoses found by a measure and by readers, their agreement, counts."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from credibility_cases import Cases, Floats
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score, roc_auc_score
from sklearn.model_selection import KFold

from myoperf.core.terms import State, Tracer
from myoperf.evaluate.intervals import wilson
from myoperf.quant.perfusion import Limits, deficit, scale_to_normal

Figure = tuple[float, float, float]
"""A value and its 95 % interval."""

NORMAL_WORDS = ("normal", "low risk")
FOLDS = 5
REPLICATES = 1000


@dataclass(frozen=True, kw_only=True)
class Clinic:
    """Figures of all virtual patients, whose arteries are all known (nobody is chosen by the scan's result).

    tpd : AUC of measured stress TPD against a stenosis (70 percent, left main 50), all and by tracer.
    report, single : sensitivity and specificity of the consensus and of the first reader against the same.
    prevalence : share with a stenosis. impressions, segments : kappa of pairs of readers, all impressions, all scores.
    density : counts of the wall at stress, Tc-99m over Tl-201.
    """

    patients: int
    prevalence: Figure
    tpd: dict[str, Figure]
    report: tuple[Figure, Figure]
    single: tuple[Figure, Figure]
    impressions: Figure
    segments: Figure
    density: Figure
    tracers: dict[str, int]


def clinic(cases: Cases) -> Clinic:
    """Every figure, from patients of both tracers."""
    stenosis = cases.table.stenosis.to_numpy(dtype=bool)
    calls = np.array([[word not in NORMAL_WORDS for word, _ in told] for told in cases.table.readings])
    consensus = ~cases.table.consensus.isin(NORMAL_WORDS).to_numpy()
    scores = np.array([[score for _, score in told] for told in cases.table.readings])
    tpd = stress_tpd(cases)
    tracer = cases.table.tracer.to_numpy()
    groups = {"all": np.ones(len(cases), dtype=bool), **{str(t): tracer == str(t) for t in Tracer}}
    return Clinic(
        patients=len(cases),
        prevalence=_share(stenosis),
        tpd={
            name: _resampled(lambda rows: roc_auc_score(stenosis[rows], tpd[rows]), np.flatnonzero(mask))
            for name, mask in groups.items()
            if 0 < stenosis[mask].sum() < mask.sum()
        },
        report=(_share(consensus[stenosis]), _share(~consensus[~stenosis])),
        single=(_share(calls[stenosis, 0]), _share(~calls[~stenosis, 0])),
        impressions=_resampled(lambda rows: _kappa(calls[rows]), np.arange(len(cases))),
        segments=_resampled(lambda rows: _kappa(scores[rows].swapaxes(1, 2)), np.arange(len(cases)), 200),
        density=_density(cases),
        tracers={str(t): int((tracer == str(t)).sum()) for t in Tracer},
    )


def _share(hits: NDArray[np.bool_]) -> Figure:
    low, high = wilson(float(hits.sum()), float(len(hits)))
    return float(hits.mean()), float(low), float(high)


def _resampled(
    figure: Callable[[NDArray[np.intp]], float], rows: NDArray[np.intp], replicates: int = REPLICATES
) -> Figure:
    """A figure of patients and its percentile interval over resampled patients."""
    random = np.random.default_rng(0)
    drawn: list[float] = []
    while len(drawn) < replicates:
        value = figure(random.choice(rows, len(rows)))
        if np.isfinite(value):
            drawn.append(float(value))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(figure(rows)), float(low), float(high)


def _kappa(said: NDArray[np.generic]) -> float:
    """Mean plain kappa over pairs of readers; ``said`` is (patients, readers) or (patients, segments, readers)."""
    flat = said.reshape(-1, said.shape[-1])
    return float(np.mean([cohen_kappa_score(flat[:, a], flat[:, b]) for a, b in combinations(range(flat.shape[1]), 2)]))


def _density(cases: Cases) -> Figure:
    counts = cases.shape[State.STRESS].reference_counts.to_numpy()
    tracer = cases.table.tracer.to_numpy()
    parts = [np.flatnonzero(tracer == str(t)) for t in (Tracer.TC99M, Tracer.TL201)]
    random = np.random.default_rng(0)
    drawn = [
        float(np.divide(*(counts[random.choice(part, len(part))].mean() for part in parts))) for _ in range(REPLICATES)
    ]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(counts[parts[0]].mean() / counts[parts[1]].mean()), float(low), float(high)


def stress_tpd(cases: Cases, seed: int = 0) -> Floats:
    """Measured stress TPD in percent, with limits from undiseased patients of the same sex and tracer, other folds."""
    found = np.full(len(cases), np.nan)
    maps, weight = cases.maps[State.STRESS], cases.weight[State.STRESS]
    groups = (cases.table.sex + cases.table.tracer).to_numpy()
    sound = ((cases.table.loss < 1.0) & (cases.table.abnormal == 0) & ~cases.table.stenosis).to_numpy(dtype=bool)
    for group in np.unique(groups):
        mine = np.flatnonzero(groups == group)
        for train, test in KFold(FOLDS, shuffle=True, random_state=seed).split(mine):
            normal = mine[train][sound[mine[train]]]
            limits = limits_of(maps[normal], weight[normal])
            found[mine[test]] = [deficit(maps[k], weight[k], limits).tpd for k in mine[test]]
    return found


def limits_of(maps: Floats, weight: Floats) -> Limits:
    """Mean and mean absolute deviation of normal maps, each brought to the common level by its own normal samples."""
    mean_weight = weight.mean(axis=0)
    stack = maps / (weight * maps).sum(axis=(1, 2), keepdims=True)
    limits = _spread(stack)
    for _ in range(3):
        factors = [scale_to_normal(one, mean_weight, limits) for one in stack]
        stack = stack * np.asarray(factors)[:, None, None]
        limits = _spread(stack)
    return limits


def _spread(stack: Floats) -> Limits:
    mean = stack.mean(axis=0)
    return Limits(mean=mean, mad=np.abs(stack - mean).mean(axis=0))
