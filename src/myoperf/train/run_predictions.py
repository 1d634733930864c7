"""Scores of all fits as one table of predictions."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from myoperf.core.predictions import Predictions
from myoperf.recipe import Recipe

from .fold_fit import Result
from .plan import Plan
from .task import Rows, Task

ENSEMBLE = -1
"""Repeat and fold of a score that all models of a variant have made together."""

Line = tuple[str, str, int, int, str, str, str, str, str, float, float]
COLUMNS = (
    "recipe",
    "variant",
    "repeat",
    "fold",
    "split",
    "patient_id",
    "study_id",
    "sex",
    "target",
    "truth",
    "score",
)


def predictions_of(plan: Plan, tasks: Sequence[Task], results: Sequence[Result]) -> Predictions:
    """Held-out studies by the model of their fold (split "validation"), and the test part by the mean of all models.

    A hold-out protocol has no held-out part; there the validation part takes its place.
    """
    lines: list[Line] = []
    for recipe, rows in zip(plan.trained, plan.rows, strict=True):
        mine = [(task, result) for task, result in zip(tasks, results, strict=True) if task.recipe is recipe]
        for task, result in mine:
            scores = result.scores["held_out"] or result.scores["validation"]
            lines += lines_of(recipe, rows, scores, place=(task.repeat, task.fold), split="validation")
        together = ensemble([result.scores["test"] for _, result in mine])
        lines += lines_of(recipe, rows, together, place=(ENSEMBLE, ENSEMBLE), split="test")
    return as_predictions(lines)


def ensemble(models: Sequence[Mapping[str, tuple[float, ...]]]) -> dict[str, tuple[float, ...]]:
    """Mean score of every study and target over the models."""
    return {
        study: tuple(float(mean) for mean in np.mean([model[study] for model in models], axis=0)) for study in models[0]
    }


def lines_of(
    recipe: Recipe, rows: Rows, scores: Mapping[str, tuple[float, ...]], *, place: tuple[int, int], split: str
) -> list[Line]:
    """One line for each study and target that it is asked; the truth is NaN where it is not told."""
    lines: list[Line] = []
    for row, study_id in enumerate(rows.study_id):
        for index, target in enumerate(recipe.targets):
            truth = float(rows.truth[row, index])
            if study_id in scores and _asked(recipe, rows, row, index) and not np.isnan(scores[study_id][index]):
                who = (rows.patient_id[row], study_id, rows.sex[row], target.name)
                lines.append((recipe.name, recipe.main, *place, split, *who, truth, scores[study_id][index]))
    return lines


def as_predictions(lines: Iterable[Line]) -> Predictions:
    """Lines as columns."""
    by_column = list(zip(*lines, strict=True)) or [() for _ in COLUMNS]
    return Predictions(columns={name: np.array(column) for name, column in zip(COLUMNS, by_column, strict=True)})


def _asked(recipe: Recipe, rows: Rows, row: int, index: int) -> bool:
    tracer = recipe.targets[index].tracer
    tracers = tuple(dict.fromkeys(target.tracer for target in recipe.targets))
    return tracer is None or None in tracers or tracers[rows.groups[row]] == tracer
