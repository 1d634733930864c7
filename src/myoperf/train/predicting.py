"""The verb ``predict``: a trained run applied to another cohort; nothing is fitted or chosen there."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError
from myoperf.core.progress import Progress, silent
from myoperf.io.cache import Cache, cache_beside
from myoperf.io.cohort_table import Cohort
from myoperf.io.files import write_text
from myoperf.io.predictions import write_predictions
from myoperf.recipe import Recipe, read_recipe

from .fold_fit import use_model
from .frozen import encoded_rows, encoder_file
from .plan import cohort_from, encoder_of, measured_maps, rows_where
from .run_predictions import ENSEMBLE, Line, as_predictions, lines_of
from .studies import Maps, choose, rows_of
from .task import Floats, Rows


def predict(
    run: Path | str,
    cohort: Cohort | Path | str,
    *,
    out: Path | str,
    where: str | None = None,
    maps: Maps | None = None,
    jobs: int | None = None,
    progress: Progress = silent,
) -> Path:
    """Apply every variant of a trained run to another cohort: the mean over the models of all folds.

    Writes ``predictions.csv`` into the folder ``out`` (rows of the split "test", truth where the cohort tells it) and
    ``refused.txt`` beside it, one line for each study that is left out, e.g. of a tracer that the system was not
    trained for. Returns the path of the predictions. Raises RefusedError where no study is left, or the run is not
    finished.
    """
    source = _trained(Path(run))
    table = cohort if isinstance(cohort, Cohort) else cohort_from(cohort)
    chosen = choose(source.recipes[0], rows_where(table, where), labelled=False)
    refused = [*table.refused, *chosen.refused]
    cache = cache_beside(table.path)
    if maps is None:
        maps, told = measured_maps(table, chosen.studies, jobs=jobs, progress=progress)
        refused.extend(told)
    studies = [study for study in chosen.studies if study.row.study_id in maps]
    lines: list[Line] = []
    for recipe in source.recipes if studies else ():
        fitting, left_out = rows_of(recipe, studies, maps)
        refused.extend(left_out)
        scores = _mean_score(source, recipe, fitting, _features(source, recipe, fitting, cache, jobs), progress)
        together = dict(zip(fitting.study_id, scores, strict=True))
        lines += lines_of(recipe, fitting, together, place=(ENSEMBLE, ENSEMBLE), split="test")
    folder = Path(out)
    write_text(folder / "refused.txt", "".join(f"{line}\n" for line in refused))
    if not lines:
        came = refused[0] if refused else "none"
        raise RefusedError(run, rule="at least one study can be predicted", came=came, do="see refused.txt")
    return write_predictions(folder / "predictions.csv", as_predictions(lines))


@dataclass(frozen=True, kw_only=True)
class _Source:
    """A finished run: its variants as they were trained."""

    folder: Path
    recipes: tuple[Recipe, ...]
    exact: bool


def _trained(run: Path) -> _Source:
    try:
        told = json.loads((run / "versions.json").read_text(encoding="utf-8"))["run"]
        names, exact = [str(name) for name in told["variant"]], bool(told["exact"])
    except (OSError, ValueError, KeyError, TypeError):
        names, exact = [], False
    if not names or not (run / "predictions.csv").exists():
        raise RefusedError(
            run, rule="a finished run with its models", came="none", do="name the folder of a finished 'myoperf train'"
        )
    recipes = tuple(read_recipe(run / "models" / f"{name}.json") for name in names)
    return _Source(folder=run, recipes=recipes, exact=exact)


def _features(
    source: _Source, recipe: Recipe, rows: Rows, cache: Cache, jobs: int | None
) -> NDArray[np.float32] | None:
    encoder = encoder_of(recipe)
    if encoder is None or not encoder.frozen:
        return None
    path = encoder_file(source.folder, recipe)
    return encoded_rows(recipe, encoder, path, rows, cache=cache, jobs=jobs, progress=silent)


def _mean_score(
    source: _Source, recipe: Recipe, rows: Rows, features: NDArray[np.float32] | None, progress: Progress
) -> Floats:
    """Mean score over the models of a variant, (rows, targets)."""
    paths = sorted((source.folder / "models").glob(f"{recipe.main}-r*f*.safetensors"))
    if not paths:
        raise RefusedError(source.folder, rule=f"models of {recipe.main}", came="none", do="train again")
    total = np.zeros(rows.truth.shape)
    for number, path in enumerate(paths, start=1):
        total += use_model(recipe, path, rows, features=features, exact=source.exact)
        progress(f"models of {recipe.main} applied", number, len(paths))
    return total / len(paths)
