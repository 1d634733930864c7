"""Scores of all fits as one table of predictions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from myoperf.core.predictions import Predictions
from myoperf.recipe import Recipe

from .fold_fit import Result
from .nested import Choice, as_chosen
from .plan import Plan
from .task import Rows, Task, outputs_of

ENSEMBLE = -1
"""Repeat and fold of a score that all models of a variant have made together."""

Chances = tuple[tuple[str, float], ...]
"""Columns of the classes of a target, and the probability of each; none of a yes-or-no target."""
Line = tuple[str, str, int, int, str, str, str, str, str, float, float, Chances]
_TAKEN = frozenset({"macro", "weighted", "ovo_macro", "quadratic"})
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


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One fit with what it said: of its own fold, and of the test part (empty where that stays sealed)."""

    task: Task
    result: Result
    tested: Mapping[str, tuple[float, ...]]


def predictions_of(plan: Plan, outcomes: Sequence[Outcome], choices: Sequence[Choice] = ()) -> Predictions:
    """Held-out studies by the model of their fold (split "validation"), and the test part by the mean of all models.

    A hold-out protocol, and one that the cohort gives, has no held-out part; there the validation part takes its place.
    Of random splits each randomisation is a repeat with one fold. choices : of a nested cross-validation; the scores of
    the chosen variants stand once more, as the variant "nested". Where images were dealt there is a column ``unit``
    that says so; where groups were left out, ``fold_name`` tells which.
    """
    lines: list[Line] = []
    for recipe, rows in zip(plan.trained, plan.rows, strict=True):
        lines += _said(recipe, rows, [one for one in outcomes if one.task.recipe.main == recipe.main])
    lines += _chosen(plan, outcomes, choices)
    predictions = as_predictions(lines)
    columns = dict(predictions.columns)
    if plan.splits.unit == "image":
        columns["unit"] = np.full(len(predictions), "image")
    names = {(fold.repeat, fold.fold): fold.name for fold in plan.splits.folds}
    if any(names.values()):
        places = zip(columns["repeat"].tolist(), columns["fold"].tolist(), strict=True)
        columns["fold_name"] = np.array([names.get(place, "") for place in places], dtype=np.str_)
    return Predictions(columns=columns)


def _said(recipe: Recipe, rows: Rows, outcomes: Sequence[Outcome]) -> list[Line]:
    lines: list[Line] = []
    for one in outcomes:
        scores = one.result.scores["held_out"] or one.result.scores["validation"]
        lines += lines_of(recipe, rows, scores, place=(one.task.repeat, one.task.fold), split="validation")
    together = ensemble([one.tested for one in outcomes])
    return lines + lines_of(recipe, rows, together, place=(ENSEMBLE, ENSEMBLE), split="test")


def _chosen(plan: Plan, outcomes: Sequence[Outcome], choices: Sequence[Choice]) -> list[Line]:
    """Scores of the chosen variants. A study of the test part has the mean over the models that could see it."""
    rows = {recipe.main: variant_rows for recipe, variant_rows in zip(plan.trained, plan.rows, strict=True)}
    found = {(one.task.repeat, one.task.fold, one.task.recipe.main): one for one in outcomes}
    lines: list[Line] = []
    tested: list[Mapping[str, tuple[float, ...]]] = []
    for choice in choices:
        one = found[choice.repeat, choice.fold, choice.variant]
        named = as_chosen(one.task.recipe)
        place = (choice.repeat, choice.fold)
        scores = one.result.scores["held_out"]
        lines += lines_of(named, rows[choice.variant], scores, place=place, split="validation")
        tested.append(one.tested)
    seen: set[str] = set()
    together = ensemble(tested)
    for name in dict.fromkeys(choice.variant for choice in choices):
        mine = {study: score for study, score in together.items() if study not in seen}
        recipe = as_chosen(next(one.task.recipe for one in outcomes if one.task.recipe.main == name))
        lines += lines_of(recipe, rows[name], mine, place=(ENSEMBLE, ENSEMBLE), split="test")
        seen |= set(rows[name].study_id)
    return lines


def ensemble(models: Sequence[Mapping[str, tuple[float, ...]]]) -> dict[str, tuple[float, ...]]:
    """Mean of every output for every study over the models that scored the study."""
    studies = dict.fromkeys(study for model in models for study in model)
    return {
        study: tuple(map(float, np.mean([model[study] for model in models if study in model], axis=0)))
        for study in studies
    }


def lines_of(
    recipe: Recipe, rows: Rows, scores: Mapping[str, tuple[float, ...]], *, place: tuple[int, int], split: str
) -> list[Line]:
    """One line for each study and target that it is asked; the truth is NaN where it is not told. A target of several
    classes has the number of the class as its truth, no score, and a probability of every class."""
    lines: list[Line] = []
    columns, outputs = class_columns(recipe), outputs_of(recipe)
    for row, study_id in enumerate(rows.study_id):
        for index, target in enumerate(recipe.targets):
            if study_id not in scores or not _asked(recipe, rows, row, index):
                continue
            told = scores[study_id][outputs[index]]
            if any(np.isnan(told)):
                continue
            who = (rows.patient_id[row], study_id, rows.sex[row], target.name)
            chances = tuple(zip(columns[index], told, strict=True)) if columns[index] else ()
            score = float("nan") if chances else told[0]
            truth = float(rows.truth[row, index])
            lines.append((recipe.name, recipe.main, *place, split, *who, truth, score, chances))
    return lines


def class_columns(recipe: Recipe) -> tuple[tuple[str, ...], ...]:
    """Columns of the classes of each target, ``class_NAME``; none of a yes-or-no target.

    Where the names of classes are numbers, stand for figures, or several targets have classes, the target's name comes
    first, so that no column is of two questions: ``class_TARGET_NAME``.
    """
    several = [target for target in recipe.targets if target.kind == "classes"]
    plain = len(several) == 1 and not any(name.isdigit() or name in _TAKEN for name in several[0].classes)
    return tuple(
        tuple(f"class_{name}" if plain else f"class_{target.name}_{name}" for name in target.classes)
        if target.kind == "classes"
        else ()
        for target in recipe.targets
    )


def as_predictions(lines: Iterable[Line]) -> Predictions:
    """Lines as columns."""
    told = list(lines)
    by_column = list(zip(*(line[:-1] for line in told), strict=True)) or [() for _ in COLUMNS]
    columns = {name: np.array(column) for name, column in zip(COLUMNS, by_column, strict=True)}
    chances = [dict(line[-1]) for line in told]
    names = dict.fromkeys(name for each in chances for name in each)
    return Predictions(
        columns=columns | {name: np.array([each.get(name, np.nan) for each in chances]) for name in names}
    )


def _asked(recipe: Recipe, rows: Rows, row: int, index: int) -> bool:
    tracer = recipe.targets[index].tracer
    tracers = tuple(dict.fromkeys(target.tracer for target in recipe.targets))
    return tracer is None or None in tracers or tracers[rows.groups[row]] == tracer
