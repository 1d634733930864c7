"""What papers did and a reader must be warned of: mirrored hearts, and parts that hold hardly anyone of a class."""

from collections.abc import Sequence

import numpy as np

from myoperf.protocols import Splits
from myoperf.recipe import Augmentation, Recipe, Target, Torch

from .task import Rows

FLIPPED = (
    "MIRRORED HEARTS IN TRAINING, as published: half of the maps are flipped left to right, which swaps the septum"
)
_FEWEST = 2


def on_published_ways(trained: Sequence[Recipe], rows: Rows, splits: Splits) -> tuple[str, ...]:
    """Sentences that stand first in the log, the warnings and the report of a run. rows : of any variant."""
    flipped = [recipe.main for recipe in trained if is_flipped(recipe)]
    told = [f"{FLIPPED} and the lateral wall; no heart looks so ({', '.join(flipped)})"] if flipped else []
    for place, target in enumerate(trained[0].targets):
        if target.kind == "classes":
            told += _on_classes(target, _by_unit(rows, place, splits), splits)
    return tuple(told)


def is_flipped(recipe: Recipe) -> bool:
    """Whether a variant mirrors maps in training."""
    if not isinstance(recipe.system, Torch):
        return False
    how = recipe.system.training.augmentation
    return isinstance(how, Augmentation) and how.horizontal_flip


def _by_unit(rows: Rows, place: int, splits: Splits) -> dict[str, set[int]]:
    """Classes of every unit that the splits deal."""
    found: dict[str, set[int]] = {}
    units = rows.study_id if splits.unit == "image" else rows.patient_id
    for unit, truth in zip(units, rows.truth[:, place], strict=True):
        found.setdefault(unit, set()).update(() if np.isnan(truth) else (int(truth),))
    return found


def _on_classes(target: Target, classes: dict[str, set[int]], splits: Splits) -> list[str]:
    told = []
    counts = _counts(target, classes, splits.test)
    if splits.test and min(counts) < _FEWEST:
        held = ", ".join(f"{name} {count}" for name, count in zip(target.classes, counts, strict=True))
        told.append(
            f"TEST PART TOO SMALL FOR ITS CLASSES, as published: it holds {held}; neither the figures of the smallest"
            " nor an accuracy alone can be trusted; run the recipe's own protocol beside it"
        )
    lacking = [_lacking(target, _counts(target, classes, fold.validation)) for fold in splits.folds if fold.validation]
    if any(lacking):
        names = ", ".join(name for name in target.classes if any(name in missing for missing in lacking))
        alone = any(len(missing) >= len(target.classes) - 1 for missing in lacking)
        then = "where one class is alone nothing is chosen by it, and the last epoch is kept" if alone else ""
        told.append(
            f"{target.name}: no {names} in the validation part of {sum(map(bool, lacking))} of {len(splits.folds)}"
            " folds; training stops by the AUC of the others" + (f"; {then}" if then else "")
        )
    return told


def _counts(target: Target, classes: dict[str, set[int]], units: Sequence[str]) -> list[int]:
    return [sum(number in classes.get(unit, ()) for unit in units) for number in range(len(target.classes))]


def _lacking(target: Target, counts: Sequence[int]) -> list[str]:
    return [name for name, count in zip(target.classes, counts, strict=True) if not count]
