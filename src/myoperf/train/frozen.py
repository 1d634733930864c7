"""Features of a frozen encoder for one variant, made once for all its folds."""

from pathlib import Path

import joblib
import numpy as np
from numpy.typing import NDArray

from myoperf.core.progress import Progress
from myoperf.io.cache import Cache, cache_beside
from myoperf.recipe import PictureEncoder, Recipe

from .plan import Plan, encoder_of
from .task import Rows

_CHUNK = 64


def frozen_features(
    folder: Path, plan: Plan, recipe: Recipe, rows: Rows, *, jobs: int | None, progress: Progress
) -> NDArray[np.float32] | None:
    """Features (studies, states, features), and the encoder kept beside the models; None where it is not frozen."""
    encoder = encoder_of(recipe)
    if encoder is None or not encoder.frozen:
        return None
    from .features import frozen_encoder, keep_encoder

    path = encoder_file(folder, recipe)
    if not path.exists():
        pretrained = plan.request.pretrained if encoder.weights else None
        keep_encoder(frozen_encoder(encoder, pretrained, plan.request.seed), path)
    cache = cache_beside(plan.request.cohort.path)
    return encoded_rows(recipe, encoder, path, rows, cache=cache, jobs=jobs, progress=progress)


def encoded_rows(
    recipe: Recipe,
    encoder: PictureEncoder,
    path: Path,
    rows: Rows,
    *,
    cache: Cache | None,
    jobs: int | None,
    progress: Progress,
) -> NDArray[np.float32]:
    """Features of all rows by an encoder in a file, in parts that do not depend on the number of processes."""
    from .features import encode_by_file

    parts = [rows.inputs[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK)]
    count = min(joblib.cpu_count() if jobs is None else jobs, len(parts))
    pool = joblib.Parallel(n_jobs=max(count, 1), return_as="generator", batch_size=1)
    made = []
    for part in pool(joblib.delayed(encode_by_file)(encoder, path, recipe.views[0], grids, cache) for grids in parts):
        made.append(part)
        progress(f"parts encoded for {recipe.main}", len(made), len(parts))
    return np.concatenate(made)


def encoder_file(folder: Path, recipe: Recipe) -> Path:
    """Where a variant's frozen encoder lies."""
    return folder / "models" / f"{recipe.main}-encoder.safetensors"
