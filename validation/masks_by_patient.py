"""Masks that are drawn by hand, cross-validated by patient: what the validations of real masks have in common.

Every picture is marked once, by a network that was told nothing of its patient. Nothing is chosen on a held-out part:
there is no validation part, and the number of steps is fixed before.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Metric
from myoperf.evaluate.cluster_means import Rows as Figures
from myoperf.evaluate.cluster_means import cluster_means
from myoperf.evaluate.metrics import Resampling
from myoperf.recipe import Recipe, Torch
from myoperf.train.kept_masks import post_processed, read_kept
from myoperf.train.mask_fit import fit_masks, masks_file
from myoperf.train.picture_rows import view_of
from myoperf.train.picture_size import as_seen, masks_as_seen
from myoperf.train.pictures import Pictures
from myoperf.train.recipe_torch import post_of
from myoperf.train.task import Parts, Rows, Task

Classes = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """Pictures (pictures, rows, columns), their masks, and whose they are; "" for virtual ones, which only train."""

    images: NDArray[np.generic] = field(repr=False)
    masks: Classes = field(repr=False)
    patient: NDArray[np.str_]


def folds_of(patient: NDArray[np.str_], most: int = 5, seed: int = 0) -> list[NDArray[np.bool_]]:
    """Held-out pictures of every fold: one patient a fold, or ``most`` folds of whole patients where there are more."""
    names = np.unique(patient[patient != ""])
    order = np.random.default_rng(seed).permutation(names)
    count = min(most, len(names))
    return [np.isin(patient, order[number::count]) for number in range(count)]


def marked(
    recipe: Recipe, drawn: Drawn, held_out: Sequence[NDArray[np.bool_]], *, every: int = 1, seed: int = 0
) -> tuple[Classes, Classes]:
    """What the networks of all folds mark, after and before the last step, each (pictures, rows, columns).

    every : of the pictures that train, only each n-th is used. Virtual pictures train in every fold, as often as all
    real ones together where the recipe's batches are balanced.
    """
    view, count = view_of(recipe), len(drawn.images)
    shape = (view.channels, view.size, view.size)
    where = {"part": np.zeros(count, dtype=np.intp), "place": np.arange(count, dtype=np.intp)}
    pictures = Pictures(parts=(as_seen(view, drawn.images),), shape=shape, key="", **where)
    masks = Pictures(parts=(masks_as_seen(view, drawn.masks),), shape=(1, *shape[1:]), key="", **where)
    names = tuple(f"{number:06d}" for number in range(count))
    rows = Rows(
        patient_id=tuple(map(str, drawn.patient)),
        study_id=names,
        inputs=np.empty((count, 1, 0), dtype=np.float32),
        groups=(drawn.patient == "").astype(np.intp),
        truth=np.full((count, 1), np.nan),
        sex=("",) * count,
        area=np.empty((count, 0)),
        pictures=pictures,
    )
    found = np.zeros((count, view.size, view.size), dtype=np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        for number, held in enumerate(held_out):
            hidden = masks.hidden(np.flatnonzero(held))
            parts = Parts(
                train=np.flatnonzero(~held)[::every],
                validation=np.empty(0, dtype=np.intp),
                held_out=np.flatnonzero(held),
            )
            task = Task(
                recipe=recipe,
                rows=replace(rows, masks=hidden),
                parts=parts,
                folder=Path(folder),
                repeat=0,
                fold=number,
                seed=seed,
                checkpoint_seconds=1e9,
            )
            fit_masks(task)
            for name, mask in read_kept(masks_file(task)).items():
                found[int(name)] = mask
            print(f"fold {number + 1} of {len(held_out)}: {len(parts.train)} pictures trained", flush=True)
    post = post_of(recipe)
    return np.stack([post_processed(mask, post) for mask in found]), found


def sized(recipe: Recipe, *, steps: int, batch: int, lr: float) -> Recipe:
    """The recipe with a number of steps that is fixed beforehand."""
    if not isinstance(recipe.system, Torch):
        raise TypeError("a network")
    training = replace(recipe.system.training, epochs=1, steps=steps, batch=batch, lr=lr, patience=10**6)
    return replace(recipe, system=replace(recipe.system, training=training), assumed={}, variants={}, quick={})


def mean_of(values: NDArray[np.float64], patient: NDArray[np.str_], what: str) -> Metric:
    """Mean over rows with an interval that draws patients."""
    _, code = np.unique(patient, return_inverse=True)
    rows = Figures(patient=code.reshape(-1), columns={"figure": values}, what=what)
    return cluster_means(rows, Resampling(replicates=2000, seed=0))["figure"]


def told(name: str, metric: Metric, wanted: str = "") -> str:
    """One line of figures."""
    value = "–" if metric.value is None else f"{metric.value:.3f}"
    ends = f" [{metric.low:.3f}–{metric.high:.3f}]" if metric.low is not None and metric.high is not None else ""
    why = "" if ends else f" ({metric.method.rpartition('; ')[2]})"
    return f"{name:42} {value}{ends}{why}  n {metric.n} patients{'  wanted ' + wanted if wanted else ''}"


def dice_of(truth: NDArray[np.bool_], called: NDArray[np.bool_], weight: NDArray[np.float64] | float = 1.0) -> float:
    """Dice of two masks, each pixel with its weight; NaN where both are empty."""
    both, all_of_it = float((weight * (truth & called)).sum()), float((weight * truth).sum() + (weight * called).sum())
    return 2 * both / all_of_it if all_of_it else float("nan")
