"""Do one fit, whatever the kind of system, and keep its model and its scores."""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError

from myoperf.core.errors import RefusedError
from myoperf.io.files import write_bytes, write_text
from myoperf.recipe import EncoderUNet, MaskEnsemble, Recipe, Rule, Sklearn, Torch, UNet

from .picture_rows import asks_masks
from .task import Fitted, Floats, Rows, Task


def fit_and_keep(task: Task) -> str:
    """Fit unless it was done before; write the model, then the scores, then drop what was only for resuming."""
    if not task.result_file.exists():
        started = time.monotonic()
        fitted = fit_task(task)
        write_bytes(task.model_file, fitted.model)
        told = {
            "rows": _scored(task, fitted),
            "seconds": round(time.monotonic() - started, 2),
            "process": os.getpid(),
            **fitted.story,
        }
        write_text(task.result_file, json.dumps(told) + "\n")
    for left in task.result_file.parent.glob(f"{task.name}.*.checkpoint"):
        left.unlink(missing_ok=True)
    return task.name


@dataclass(frozen=True, kw_only=True)
class Result:
    """Scores of a finished fit: study to the score of every target (NaN: none), by part of the fold; and its notes."""

    scores: Mapping[str, Mapping[str, tuple[float, ...]]]
    notes: tuple[str, ...]


def read_result(task: Task) -> Result:
    """What a finished fit has told; RefusedError where its file cannot be read."""
    try:
        told = json.loads(task.result_file.read_text(encoding="utf-8"))
        scores = {
            part: {str(study): tuple(np.nan if s is None else float(s) for s in each) for study, each in rows}
            for part, rows in told["rows"].items()
        }
        return Result(scores=scores, notes=tuple(map(str, told.get("notes", ()))))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RefusedError(
            task.result_file, rule="a finished fit can be read", came=error, do="remove the file and run again"
        ) from None


def use_model(
    recipe: Recipe, path: Path, rows: Rows, *, features: NDArray[np.float32] | None = None, exact: bool = False
) -> Floats:
    """Scores of a kept model for other rows, (rows, targets); RefusedError where the file is not whole or not its."""
    try:
        if isinstance(recipe.system, Torch):
            from safetensors.torch import load_file as load_tensors

            from .network_fit import use_network

            return use_network(recipe, load_tensors(path), rows, features=features, exact=exact)
        from safetensors.numpy import load_file as load_arrays

        from .tabular import use_rule, use_sklearn

        use = use_rule if isinstance(recipe.system, Rule) else use_sklearn
        return use(recipe, load_arrays(path), rows)
    except (SafetensorError, RuntimeError, KeyError, OSError) as error:
        raise RefusedError(path, rule="a whole model of this recipe", came=error, do="train again") from None


def fit_task(task: Task) -> Fitted:
    """Fit by the function that knows this kind of system."""
    match task.recipe.system:
        case Torch(network=UNet() | EncoderUNet() | MaskEnsemble()):
            from .mask_fit import fit_masks

            return fit_masks(task)
        case Torch() if asks_masks(task.recipe):
            from .mask_fit import fit_masks

            return fit_masks(task)
        case Torch():
            from .network_fit import fit_network

            return fit_network(task)
        case Sklearn():
            from .tabular import fit_sklearn

            return fit_sklearn(task)
        case Rule():
            from .tabular import fit_rule

            return fit_rule(task)


def _scored(task: Task, fitted: Fitted) -> dict[str, list[list[object]]]:
    """Study and score of every target, by part of the fold; a score that there is none of is null."""
    parts = {"held_out": task.parts.held_out, "validation": task.parts.validation}
    return {
        part: [
            [task.rows.study_id[row], [None if np.isnan(score) else float(score) for score in fitted.scores[row]]]
            for row in rows
        ]
        for part, rows in parts.items()
    }
