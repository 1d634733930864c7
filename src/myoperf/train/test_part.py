"""The test part of a run: no fit is told of it; it is opened once, at the end, and scored by the models kept."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError
from myoperf.io.files import write_text
from myoperf.protocols import Splits

from .fold_fit import use_model
from .ledger import Opened, Opening, note_opening
from .picture_rows import asks_masks
from .plan import Plan, identity, units
from .run_folder import write_json
from .task import Rows, Task, taken

OPENED = "test_opened.json"
"""File in a run folder, and beside predictions, that says how often the test part was opened."""

Numbers = NDArray[np.intp]


def sealed_rows(rows: Rows, splits: Splits) -> Numbers:
    """Row numbers of the test part."""
    return np.flatnonzero(np.isin(np.array(units(rows, splits)), list(splits.test)))


def blinded(rows: Rows, splits: Splits) -> Rows:
    """The rows without the answers of the test part, so that no fit can see them."""
    truth = rows.truth.copy()
    sealed = sealed_rows(rows, splits)
    truth[sealed] = np.nan
    return replace(rows, truth=truth, masks=None if rows.masks is None else rows.masks.hidden(sealed))


def require_sealed(folder: Path) -> None:
    """RefusedError where the test part of this run was opened before."""
    if (folder / OPENED).exists():
        rule = "a test part that was opened cannot be sealed again"
        raise RefusedError(folder, rule=rule, came="--sealed", do="leave it out, or start a new run folder")


def open_test_part(folder: Path, plan: Plan) -> Opened:
    """Note beside the cohort that this run opens its test part, and how often it was opened, in the run folder too."""
    sealed = set(plan.splits.test)
    pairs = {
        (unit, patient)
        for rows in plan.rows
        for unit, patient in zip(units(rows, plan.splits), rows.patient_id, strict=True)
        if unit in sealed
    }
    opening = Opening(
        verb="train",
        run=json.dumps(identity(plan), sort_keys=True),
        units=tuple(plan.splits.test),
        patients=tuple(sorted({patient for _, patient in pairs})),
        labels=tuple(target.column for target in plan.request.recipe.targets),
    )
    opened = note_opening(plan.request.cohort.path, opening)
    write_opened(folder, opened, opened.told())
    return opened


def write_opened(folder: Path, opened: Opened, text: str, *further: str) -> Path:
    """Write how often a part was opened: ``times`` (null: not known), ``patients``, ``text``, ``warnings``."""
    return write_json(folder / OPENED, {**asdict(opened), "text": text, "warnings": list(further)})


def score_test(task: Task, numbers: Numbers) -> str:
    """Score the test part by the model of a finished fit, unless it was done before."""
    path = _path(task)
    if not path.exists():
        features = None if task.features is None else task.features[numbers]
        rows = taken(task.rows, numbers)
        if asks_masks(task.recipe):
            from .mask_testing import score_masks

            scores = score_masks(task, rows)
        else:
            scores = use_model(task.recipe, task.model_file, rows, features=features, exact=task.exact)
        told = [[None if np.isnan(one) else float(one) for one in each] for each in scores]
        write_text(path, json.dumps(dict(zip(rows.study_id, told, strict=True))) + "\n")
    return task.name


def read_test(tasks: Sequence[Task]) -> list[Mapping[str, tuple[float, ...]]]:
    """Scores of the test part by each fit: study to the score of every target; RefusedError for a broken file."""
    return [_read(_path(task)) for task in tasks]


def _read(path: Path) -> dict[str, tuple[float, ...]]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(study): tuple(np.nan if one is None else float(one) for one in each) for study, each in told.items()
        }
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise RefusedError(path, rule="scores can be read", came=error, do="remove the file and run again") from None


def _path(task: Task) -> Path:
    return task.result_file.with_suffix(".test.json")
