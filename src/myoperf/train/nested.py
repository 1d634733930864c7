"""Nested cross-validation: the inner folds of each outer training part choose among the run's variants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from myoperf.evaluate.discrimination import auc, rank
from myoperf.recipe import Recipe

from .fold_fit import Result
from .plan import Plan
from .task import Rows, Task, outputs_of

VARIANT = "nested"
"""Name under which the scores of the chosen variants stand in ``predictions.csv``."""

Place = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What was chosen for one outer fold. auc : mean inner AUC of each variant over folds and targets; None: none."""

    repeat: int
    fold: int
    variant: str
    auc: Mapping[str, float | None]


def choose_variants(plan: Plan, inner: Sequence[Task], results: Sequence[Result]) -> tuple[Choice, ...]:
    """The variant with the highest mean inner AUC for every outer fold; of equal ones the first named."""
    found: dict[Place, dict[str, list[list[float]]]] = {}
    rows = {recipe.main: variant_rows for recipe, variant_rows in zip(plan.trained, plan.rows, strict=True)}
    for task, result in zip(inner, results, strict=True):
        of_place = found.setdefault((task.repeat, task.fold), {})
        figures = _aucs(task.recipe, rows[task.recipe.main], result.scores["held_out"])
        of_place.setdefault(task.recipe.main, []).append(figures)
    return tuple(_choice(place, figures) for place, figures in sorted(found.items()))


def as_chosen(recipe: Recipe) -> Recipe:
    """A variant under the name of what was chosen; no paper has printed a figure of it."""
    return replace(recipe, main=VARIANT, published=())


def tally(choices: Sequence[Choice]) -> str:
    """How often each variant was chosen, in words."""
    names = [choice.variant for choice in choices]
    counts = ", ".join(f"{name} in {names.count(name)} of {len(names)} folds" for name in sorted(set(names)))
    return f"nested: chosen by the inner folds were {counts}"


def _choice(place: Place, figures: Mapping[str, Sequence[Sequence[float]]]) -> Choice:
    means = {name: _mean(folds) for name, folds in figures.items()}
    best = max(means, key=lambda name: -1.0 if means[name] is None else float(means[name] or 0.0))
    return Choice(repeat=place[0], fold=place[1], variant=best, auc=means)


def _mean(folds: Sequence[Sequence[float]]) -> float | None:
    """Mean over the targets of the mean over the folds that can tell one."""
    targets = [np.array(values)[np.isfinite(values)] for values in zip(*folds, strict=True)]
    known = [values.mean() for values in targets if values.size]
    return float(np.mean(known)) if known else None


def _aucs(recipe: Recipe, rows: Rows, scores: Mapping[str, tuple[float, ...]]) -> list[float]:
    """AUC of each target among some studies, of several classes the mean AUC of each against the rest; NaN where a
    class is missing."""
    place = {study: row for row, study in enumerate(rows.study_id)}
    studies = [study for study in scores if study in place]
    outputs = outputs_of(recipe)
    told = np.array([scores[study] for study in studies]).reshape(len(studies), outputs[-1].stop)
    truth = rows.truth[[place[study] for study in studies]].reshape(len(studies), len(outputs))
    return [_auc(truth[:, target], told[:, where]) for target, where in enumerate(outputs)]


def _auc(truth: "np.typing.NDArray[np.float64]", score: "np.typing.NDArray[np.float64]") -> float:
    """Of scores (studies, 1), or of probabilities (studies, classes) the mean over the classes that occur."""
    known = np.isfinite(truth) & np.isfinite(score).all(axis=1)
    classes = [1] if score.shape[1] == 1 else range(score.shape[1])
    found = []
    for column, number in enumerate(classes):
        positive = truth[known] == number
        if positive.any() and not positive.all():
            found.append(float(auc(rank(score[known, column]), positive, np.ones(len(positive)))))
    return float(np.mean(found)) if found else float("nan")
