"""The verb ``train``: a recipe and a cohort to a run folder."""

import os
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import joblib

from myoperf.core.errors import RefusedError
from myoperf.core.progress import Progress, silent
from myoperf.io.cohort_table import Cohort
from myoperf.io.files import write_text
from myoperf.io.predictions import write_predictions
from myoperf.protocols import Protocol, parse_protocol, read_splits, splits_json
from myoperf.recipe import Recipe, recipe_json
from myoperf.recipes import load_recipe

from .fold_fit import fit_and_keep, read_result
from .frozen import frozen_features
from .plan import Plan, Request, cohort_from, identity, make_plan, parts_of
from .pretrained import find_imagenet
from .run_folder import append_log, claim_identity, claimed, write_json
from .run_predictions import predictions_of
from .studies import Maps
from .task import Task

CHECKPOINT_SECONDS = 20.0


def train(
    recipe: Recipe | str,
    cohort: Cohort | Path | str,
    *,
    out: Path | str,
    protocol: Protocol | str | None = None,
    variant: str | Sequence[str] | None = None,
    where: str | None = None,
    weights: Path | str | None = None,
    maps: Maps | None = None,
    seed: int = 0,
    quick: bool = False,
    exact: bool = False,
    jobs: int | None = None,
    progress: Progress = silent,
) -> Path:
    """Train a system on a cohort under a protocol, judge it, and write the report into the run folder ``out``.

    Run again with the same words it goes on where it stopped, and ends with the same predictions. On one machine equal
    words give equal numbers, whatever ``jobs`` is.

    protocol : another than the recipe's, also as text (``5x2:0.15``). variant : one or several; None: the recipe's
    usual ones. where : a condition on the cohort's columns. weights : file of ImageNet weights; None: torch hub's cache
    folder is looked into; without any, training starts from scratch, with a warning. maps : polar maps by study and
    state; None: they are measured. quick : the small size, for demonstrations. exact : single precision throughout.
    Raises RefusedError where the recipe cannot be trained, the cohort cannot train it, a patient would stand on two
    sides, or ``out`` holds another run.
    """
    found = load_recipe(recipe) if isinstance(recipe, str) else recipe
    names = (found.usual or (found.main,)) if variant is None else (variant,) if isinstance(variant, str) else variant
    request = Request(
        recipe=found,
        cohort=cohort if isinstance(cohort, Cohort) else cohort_from(cohort),
        variants=tuple(dict.fromkeys(names)),
        protocol=parse_protocol(protocol) if isinstance(protocol, str) else protocol or found.protocol,
        where=where,
        pretrained=find_imagenet(weights),
        seed=seed,
        quick=quick,
        exact=exact,
    )
    plan = make_plan(request, maps, jobs, progress)
    folder = Path(out)
    with claimed(folder):
        _open(folder, plan)
        tasks = _tasks(folder, plan, jobs, progress)
        _fit_all(folder, tasks, jobs, progress)
        _close(folder, plan, tasks)
    return folder


def _open(folder: Path, plan: Plan) -> None:
    """Claim the folder for this run and write down what it is."""
    resumed = claim_identity(folder, identity(plan))
    append_log(folder, "resumed" if resumed else "started", variants=plan.request.variants, process=os.getpid())
    if not resumed:
        for line in plan.refused:
            append_log(folder, "refused", reason=line)
        for line in plan.warnings:
            append_log(folder, "warning", text=line)
    write_text(folder / "recipe.json", recipe_json(plan.request.recipe))
    write_json(folder / "protocol.json", asdict(plan.request.protocol))
    splits = folder / "splits.json"
    if not splits.exists():
        write_text(splits, splits_json(plan.splits))
    elif read_splits(splits) != plan.splits:
        raise RefusedError(splits, rule="splits stay as they were made", came="others", do="start a new run folder")
    for trained in plan.trained:
        write_text(folder / "models" / f"{trained.main}.json", recipe_json(trained))


def _tasks(folder: Path, plan: Plan, jobs: int | None, progress: Progress) -> list[Task]:
    """One task for each fold of each variant; the features of a frozen encoder are made here, once."""
    tasks: list[Task] = []
    for trained, rows in zip(plan.trained, plan.rows, strict=True):
        features = frozen_features(folder, plan, trained, rows, jobs=jobs, progress=progress)
        tasks += [
            Task(
                recipe=trained,
                rows=rows,
                parts=parts_of(rows, plan.splits, fold),
                folder=folder,
                repeat=fold.repeat,
                fold=fold.fold,
                seed=plan.request.seed,
                exact=plan.request.exact,
                pretrained=plan.request.pretrained,
                features=features,
                checkpoint_seconds=CHECKPOINT_SECONDS,
            )
            for fold in plan.splits.folds
        ]
    return tasks


def _fit_all(folder: Path, tasks: Sequence[Task], jobs: int | None, progress: Progress) -> None:
    """Fit what is not fitted yet, one thread a fit, several processes where that helps; the numbers are the same."""
    left = [task for task in tasks if not task.result_file.exists()]
    done = len(tasks) - len(left)
    progress("models trained", done, len(tasks))
    count = min(joblib.cpu_count() if jobs is None else jobs, len(left))
    started = time.monotonic()
    if count <= 1:
        names = map(fit_and_keep, left)
    else:
        waited = [replace(task, parent=os.getpid()) for task in left]
        pool = joblib.Parallel(n_jobs=count, return_as="generator_unordered", batch_size=1, pre_dispatch="n_jobs")
        names = pool(joblib.delayed(fit_and_keep)(task) for task in waited)
    for number, name in enumerate(names, start=done + 1):
        append_log(folder, "fitted", model=name, seconds=round(time.monotonic() - started, 1))
        progress("models trained", number, len(tasks))


def _close(folder: Path, plan: Plan, tasks: Sequence[Task]) -> None:
    """Predictions of all fits in one table, judged."""
    from myoperf.evaluate import evaluate
    from myoperf.report import write_scorecard

    results = [read_result(task) for task in tasks]
    for task, result in zip(tasks, results, strict=True):
        for note in result.notes:
            append_log(folder, "warning", model=task.name, text=note)
    predictions = predictions_of(plan, tasks, results)
    write_predictions(folder / "predictions.csv", predictions)
    recipe = plan.request.recipe
    figures = tuple(figure for figure in recipe.published if figure.variant in ("", *plan.request.variants))
    size = " (quick size)" if plan.request.quick else ""
    card = evaluate(predictions, published=figures, title=f"{recipe.name}{size}", seed=plan.request.seed)
    card = replace(card, warnings=(*plan.warnings, *_left_out(plan), *card.warnings))
    write_scorecard(card, folder, recipe=asdict(recipe), note=plan.warnings)
    for left in folder.rglob(".*.part"):
        left.unlink(missing_ok=True)
    append_log(folder, "judged", report="report.html")


def _left_out(plan: Plan) -> tuple[str, ...]:
    count = len(plan.refused)
    return (f"{count} studies or inputs are left out; log.jsonl says which and why",) if count else ()
