"""Classifiers told to tell virtual from real polar maps, judged on patients that they were not trained on.

An AUC of 0.5 means that they cannot; 1 that a single look is enough. Like is compared with like: virtual patients are
drawn so that every sex has the real share of normal and abnormal.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from credibility_cases import Cases, Floats, together
from credibility_texture import texture
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from myoperf.core.terms import State

FOLDS = 10
REPLICATES = 1000
_CLIP = 6.0


@dataclass(frozen=True, kw_only=True)
class Told:
    """How well one kind of classifier tells virtual from real. low, high : 95 % interval over patients."""

    kind: str
    group: str
    auc: float
    low: float
    high: float
    real: int
    virtual: int
    score: Floats
    truth: NDArray[np.int_]


Fit = Callable[[Floats, NDArray[np.int_], Floats, int], Floats]
"""Training features and truth, test features, seed -> score of the test patients (higher: virtual)."""


def matched(real: Cases, virtual: Cases, *, most: int = 2, seed: int = 0) -> Cases:
    """Virtual patients with the real numbers of each sex and label, times a whole number that they allow (``most``)."""
    random = np.random.default_rng(seed)
    strata = real.table.groupby(["sex", "abnormal"]).size()
    pools = {
        key: np.flatnonzero((virtual.table.sex == key[0]) & (virtual.table.abnormal == key[1])) for key in strata.index
    }
    times = max(1, min(most, *(len(pools[key]) // count for key, count in strata.items())))
    chosen = [
        random.choice(pools[key], min(times * count, len(pools[key])), replace=False) for key, count in strata.items()
    ]
    return virtual.where(np.sort(np.concatenate(chosen)))


def tell_apart(real: Cases, virtual: Cases, *, group: str, repeats: int = 3, seed: int = 0) -> list[Told]:
    """Every kind of classifier on the same patients."""
    both = together([real, virtual])
    truth = np.repeat([0, 1], [len(real), len(virtual)])
    strata = truth * 4 + (both.table.sex == "M").to_numpy() * 2 + both.table.abnormal.to_numpy()
    found = []
    for kind, (features, fit, rounds) in kinds(both, repeats).items():
        score = out_of_fold(features, truth, strata, fit, repeats=rounds, seed=seed)
        auc, low, high = auc_interval(truth, score)
        found.append(Told(kind=kind, group=group, auc=auc, low=low, high=high, real=len(real), virtual=len(virtual),
                          score=score, truth=truth))  # fmt: skip
    return found


def kinds(cases: Cases, repeats: int) -> dict[str, tuple[Floats, Fit, int]]:
    """Features, way to fit and number of repeats of each kind."""
    segments = np.concatenate([cases.segments[s] for s in State], axis=1)
    maps = np.stack([cases.maps[s] for s in State], axis=1)
    flat = maps.reshape(len(maps), -1)
    return {
        "logistic regression, 2 x 17 segments": (segments, _logistic, repeats),
        "20 principal components of both maps, logistic regression": (flat, _components, repeats),
        "gradient boosting, levels, roughness and spectra": (texture(cases)[0], _boosted, repeats),
        "logistic regression, levels, roughness and spectra": (texture(cases)[0], _ridge, repeats),
        "small convolutional network, both maps": (maps, convolutional, 1),
    }


def out_of_fold(
    features: Floats, truth: NDArray[np.int_], strata: NDArray[np.int_], fit: Fit, *, repeats: int, seed: int
) -> Floats:
    """Mean rank (0..1) of each patient's score over the repeats, always from models that have not seen the patient."""
    ranks = np.zeros(len(truth))
    for repeat in range(repeats):
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed + repeat)
        score = np.zeros(len(truth))
        for train, test in folds.split(features, strata):
            score[test] = fit(features[train], truth[train], features[test], seed + repeat)
        ranks += score.argsort().argsort() / len(truth) / repeats
    return ranks


def auc_interval(truth: NDArray[np.int_], score: Floats, seed: int = 0) -> tuple[float, float, float]:
    """AUC and its 95 % percentile interval over patients resampled within real and virtual."""
    random = np.random.default_rng(seed)
    parts = [np.flatnonzero(truth == side) for side in (0, 1)]
    drawn = []
    for _ in range(REPLICATES):
        chosen = np.concatenate([random.choice(part, len(part)) for part in parts])
        drawn.append(roc_auc_score(truth[chosen], score[chosen]))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(roc_auc_score(truth, score)), float(low), float(high)


def _logistic(x: Floats, y: NDArray[np.int_], test: Floats, seed: int) -> Floats:
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, class_weight="balanced", max_iter=2000))
    score: Floats = model.fit(x, y).decision_function(test)
    return score


def _ridge(x: Floats, y: NDArray[np.int_], test: Floats, seed: int) -> Floats:
    scale = StandardScaler().fit(x)
    model = LogisticRegression(C=0.02, class_weight="balanced", max_iter=2000)
    model.fit(np.clip(scale.transform(x), -_CLIP, _CLIP), y)
    score: Floats = model.decision_function(np.clip(scale.transform(test), -_CLIP, _CLIP))
    return score


def _components(x: Floats, y: NDArray[np.int_], test: Floats, seed: int) -> Floats:
    model = make_pipeline(
        PCA(20, random_state=seed),
        StandardScaler(),
        LogisticRegression(C=1.0, class_weight="balanced", max_iter=2000),
    )
    score: Floats = model.fit(x, y).decision_function(test)
    return score


def _boosted(x: Floats, y: NDArray[np.int_], test: Floats, seed: int) -> Floats:
    model = HistGradientBoostingClassifier(
        max_iter=80, learning_rate=0.1, max_leaf_nodes=8, min_samples_leaf=8, class_weight="balanced",
        early_stopping=False, random_state=seed,
    )  # fmt: skip
    score: Floats = model.fit(x, y).decision_function(test)
    return score


class _Network(nn.Module):
    """Three convolutions, closed around the disc, and a mean over it."""

    def __init__(self, channels: int = 12) -> None:
        super().__init__()
        sizes = (2, channels, 2 * channels, 2 * channels)
        self.layers = nn.ModuleList(nn.Conv2d(a, b, 3) for a, b in pairwise(sizes))
        self.norms = nn.ModuleList(nn.BatchNorm2d(b) for b in sizes[1:])
        self.head = nn.Linear(4 * channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for number, (layer, norm) in enumerate(zip(self.layers, self.norms, strict=True)):
            x = nn.functional.pad(nn.functional.pad(x, (1, 1, 0, 0), mode="circular"), (0, 0, 1, 1), mode="replicate")
            x = torch.relu(norm(layer(x)))
            if number < 2:
                x = nn.functional.avg_pool2d(x, 2)
        pooled = torch.cat([x.mean(dim=(2, 3)), x.amax(dim=(2, 3))], dim=1)
        out: torch.Tensor = self.head(nn.functional.dropout(pooled, 0.3, self.training))[:, 0]
        return out


def convolutional(x: Floats, y: NDArray[np.int_], test: Floats, seed: int, epochs: int = 40) -> Floats:
    """A small network on maps of shape (n, 2, 24, 36), turned a little at random while it learns; score as a logit."""
    torch.manual_seed(seed)
    middle, spread = x.mean(axis=0, keepdims=True), x.std()
    inputs = torch.tensor((x - middle) / spread, dtype=torch.float32)
    truth = torch.tensor(y, dtype=torch.float32)
    network = _Network()
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=1e-2)
    plan = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    weight = torch.tensor(float((y == 0).sum() / max(1, (y == 1).sum())))
    loss = nn.BCEWithLogitsLoss(pos_weight=weight)
    for _ in range(epochs):
        for batch in torch.randperm(len(inputs)).split(32):  # type: ignore[no-untyped-call]
            if len(batch) < 4:
                continue
            turned = torch.roll(inputs[batch], int(torch.randint(-1, 2, ())), dims=3)
            optimiser.zero_grad()
            loss(network(turned), truth[batch]).backward()
            optimiser.step()
        plan.step()
    network.eval()
    with torch.no_grad():
        logits = network(torch.tensor((test - middle) / spread, dtype=torch.float32))
    return np.asarray(logits.numpy(), dtype=np.float64)


def separations(real: Cases, virtual: Cases, count: int = 25) -> list[tuple[str, float, float, float, float]]:
    """The single features that differ most: name, real mean, virtual mean, difference in pooled SD, AUC alone."""
    (a, names), (b, _) = texture(real), texture(virtual)
    gap = (b.mean(axis=0) - a.mean(axis=0)) / np.sqrt((a.var(axis=0) + b.var(axis=0)) / 2 + 1e-12)
    truth = np.repeat([0, 1], [len(a), len(b)])
    order = np.argsort(-np.abs(gap))[:count]
    return [
        (names[k], float(a[:, k].mean()), float(b[:, k].mean()), float(gap[k]),
         float(roc_auc_score(truth, np.concatenate([a[:, k], b[:, k]]))))
        for k in order
    ]  # fmt: skip
