"""The test part of a run on masks: probabilities of every model that is judged, kept until all can be averaged."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file

from myoperf.core.errors import RefusedError
from myoperf.recipe import Recipe

from .kept_masks import class_of, post_processed, write_chances
from .mask_fit import use_masks
from .picture_rows import view_of
from .recipe_torch import post_of
from .task import Floats, Rows, Task


def chances_file(task: Task) -> Path:
    """Where the probabilities of a fit for the test part lie."""
    return task.result_file.with_suffix(".test.npz")


def score_masks(task: Task, rows: Rows) -> Floats:
    """Mark the rows by the model of a finished fit and keep the probabilities; areas in pixels, (rows, 1)."""
    kept = chances_of(task.recipe, task.model_file, rows, exact=task.exact)
    write_chances(chances_file(task), rows.study_id, kept)
    post = post_of(task.recipe)
    areas = [[float(np.count_nonzero(post_processed(class_of(one), post)))] for one in kept]
    return np.array(areas).reshape(-1, 1)


def chances_of(recipe: Recipe, path: Path, rows: Rows, *, exact: bool) -> NDArray[np.float32]:
    """Probabilities of the classes above 0 by a kept model, (rows, classes - 1, height, width); RefusedError where the
    file is not whole or not its."""
    try:
        parts = list(_parts(recipe, path, rows, exact=exact))
    except (SafetensorError, RuntimeError, KeyError, OSError) as error:
        raise RefusedError(path, rule="a whole model of this recipe", came=error, do="train again") from None
    size = view_of(recipe).size
    return np.concatenate(parts) if parts else np.empty((0, 1, size, size), dtype=np.float32)


def _parts(recipe: Recipe, path: Path, rows: Rows, *, exact: bool) -> Iterator[NDArray[np.float32]]:
    for _, part in use_masks(recipe, load_file(path), rows, exact=exact):
        yield part
