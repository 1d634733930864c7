"""The fits of a run as tasks, and how all of them are done."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import joblib
import numpy as np
from numpy.typing import NDArray

from myoperf.core.progress import Progress
from myoperf.protocols import Fold, Nested

from .fold_fit import fit_and_keep
from .frozen import frozen_features
from .plan import Plan, parts_of
from .run_folder import append_log
from .task import Rows, Task
from .test_part import blinded, score_test, sealed_rows


@dataclass(frozen=True, kw_only=True)
class Fits:
    """Fits that are judged, and those of inner folds, which only choose."""

    outer: tuple[Task, ...]
    inner: tuple[Task, ...]


@dataclass(frozen=True, kw_only=True)
class Step:
    """What is done with every task: its name in the log, and in the progress."""

    do: Callable[[Task], str]
    event: str
    words: str


def fits_of(folder: Path, plan: Plan, *, seconds: float, jobs: int | None, progress: Progress) -> Fits:
    """One task for each fold of each variant, and for each inner fold where there is something to choose; the features
    of a frozen encoder are made here, once. No task holds an answer of the test part."""
    outer: list[Task] = []
    inner: list[Task] = []
    choosing = isinstance(plan.request.protocol, Nested) and len(plan.trained) > 1
    for trained, rows in zip(plan.trained, plan.rows, strict=True):
        blind = blinded(rows, plan.splits)
        first = Task(
            recipe=trained,
            rows=blind,
            parts=parts_of(blind, plan.splits, plan.splits.folds[0]),
            folder=folder,
            repeat=0,
            fold=0,
            seed=plan.request.seed,
            exact=plan.request.exact,
            pretrained=plan.request.pretrained,
            features=frozen_features(folder, plan, trained, rows, jobs=jobs, progress=progress),
            checkpoint_seconds=seconds,
        )
        for fold in plan.splits.folds:
            outer.append(_on_fold(first, blind, plan, fold, fold))
            inner += [_on_fold(first, blind, plan, fold, within) for within in fold.inner if choosing]
    return Fits(outer=tuple(outer), inner=tuple(inner))


def _on_fold(task: Task, rows: Rows, plan: Plan, fold: Fold, within: Fold) -> Task:
    """The task on a fold, or on one of its inner folds."""
    number = None if within is fold else within.fold
    parts = parts_of(rows, plan.splits, within)
    return replace(task, parts=parts, repeat=fold.repeat, fold=fold.fold, inner=number)


def fit_all(folder: Path, fits: Fits, *, jobs: int | None, progress: Progress) -> None:
    """Fit what is not fitted yet."""
    tasks = [*fits.outer, *fits.inner]
    left = [task for task in tasks if not task.result_file.exists()]
    step = Step(do=fit_and_keep, event="fitted", words="models trained")
    do_each(folder, left, step, jobs=jobs, progress=progress, done=len(tasks) - len(left))


def score_all(folder: Path, plan: Plan, fits: Fits, *, jobs: int | None, progress: Progress) -> None:
    """Score the test part by every model that is judged; call it once the part is opened."""
    rows = {recipe.main: sealed_rows(mine, plan.splits) for recipe, mine in zip(plan.trained, plan.rows, strict=True)}
    step = Step(do=_Testing(rows), event="tested", words="models tested")
    do_each(folder, fits.outer, step, jobs=jobs, progress=progress)


@dataclass(frozen=True)
class _Testing:
    """Scores the rows of the test part, by variant, by the model of one fit."""

    rows: Mapping[str, NDArray[np.intp]]

    def __call__(self, task: Task) -> str:
        return score_test(task, self.rows[task.recipe.main])


def do_each(
    folder: Path,
    tasks: Sequence[Task],
    step: Step,
    *,
    jobs: int | None,
    progress: Progress,
    done: int = 0,
) -> None:
    """Do something with every task, one thread a task, several processes where that helps; the numbers are the same."""
    total = done + len(tasks)
    progress(step.words, done, total)
    count = min(joblib.cpu_count() if jobs is None else jobs, len(tasks))
    started = time.monotonic()
    if count <= 1:
        names = map(step.do, tasks)
    else:
        waited = [replace(task, parent=os.getpid()) for task in tasks]
        pool = joblib.Parallel(n_jobs=count, return_as="generator_unordered", batch_size=1, pre_dispatch="n_jobs")
        names = pool(joblib.delayed(step.do)(task) for task in waited)
    for number, name in enumerate(names, start=done + 1):
        append_log(folder, step.event, model=name, seconds=round(time.monotonic() - started, 1))
        progress(step.words, number, total)
