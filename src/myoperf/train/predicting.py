"""The verb ``predict``: a trained run applied to another cohort; nothing is fitted or chosen there."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError
from myoperf.core.progress import Progress, silent
from myoperf.io.cache import Cache, cache_beside
from myoperf.io.cohort_rules import plain_id
from myoperf.io.cohort_table import Cohort
from myoperf.io.files import write_text
from myoperf.io.predictions import write_predictions
from myoperf.protocols import Splits, read_splits
from myoperf.recipe import Recipe, read_recipe

from .described import described
from .fold_fit import use_model
from .frozen import encoded_rows, encoder_file
from .ledger import Opened, Opening, note_opening
from .picture_rows import asks_masks, looks_at_pictures
from .plan import cohort_from, encoder_of, measured_maps, rows_where
from .run_predictions import ENSEMBLE, Line, as_predictions, lines_of
from .shipped import answered_by, find_package
from .studies import Maps, Study, choose, rows_of
from .task import Floats, Rows
from .test_part import write_opened
from .told_tracer import never_taught


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

    Writes ``predictions.csv`` into the folder ``out`` (rows of the split "test", truth where the cohort tells it);
    ``refused.txt``, one line for each study that is left out, e.g. of a tracer that the system was not trained for; and
    ``test_opened.json``: how often the patients with an answer were looked at, counted beside the cohort, and how many
    of them trained this run. Returns the path of the predictions. Raises RefusedError where no study is left, or the
    run is not finished.

    run : also a shipped package, ``virtual:NAME`` or its folder; every output then says what it was trained on.
    """
    package = find_package(run)
    if package is not None:
        return answered_by(
            package,
            lambda laid: predict(laid, cohort, out=out, where=where, maps=maps, jobs=jobs, progress=progress),
        )
    source = _trained(Path(run))
    table = cohort if isinstance(cohort, Cohort) else cohort_from(cohort)
    if looks_at_pictures(source.recipes[0]):
        return _predict_pictures(source, table, Path(out), where, _Working(jobs=jobs, progress=progress))
    taught, refused = _taught(source, table, where)
    cache = cache_beside(table.path)
    if maps is None:
        maps, told = measured_maps(table, taught, jobs=jobs, progress=progress)
        refused.extend(told)
    studies = [study for study in taught if study.row.study_id in maps]
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
    _note(folder, source, table.path, [(line[5], line[6], line[9]) for line in lines])
    return write_predictions(folder / "predictions.csv", described(as_predictions(lines), table.rows))


@dataclass(frozen=True, kw_only=True)
class _Working:
    """How many processes work, and what is told of it."""

    jobs: int | None
    progress: Progress


def _predict_pictures(source: "_Source", table: Cohort, folder: Path, where: str | None, how: _Working) -> Path:
    """Every picture answered or marked; masks and their outlines lie in ``masks/``."""
    from .picture_predicting import marked_by, pictures_of, write_marked  # torch is slow to load

    cache = cache_beside(table.path)
    rows = rows_where(table, where)
    applied = pictures_of(source.recipes, rows, cache, jobs=how.jobs, progress=how.progress)
    refused = (*table.refused, *applied.refused)
    write_text(folder / "refused.txt", "".join(f"{line}\n" for line in refused))
    if not applied.rows:
        came = refused[0] if refused else "none"
        raise RefusedError(source.folder, rule="at least one study can be predicted", came=came, do="see refused.txt")
    each = list(zip(source.recipes, applied.rows, applied.studies, strict=True))
    if asks_masks(source.recipes[0]):
        every = [
            marked_by(source.folder, recipe, mine, studies, exact=source.exact, progress=how.progress)
            for recipe, mine, studies in each
        ]
        found = write_marked(folder, source.recipes, every, applied.studies)
    else:
        lines: list[Line] = []
        for recipe, mine, _ in each:
            scores = _mean_score(source, recipe, mine, _features(source, recipe, mine, cache, how.jobs), how.progress)
            together = dict(zip(mine.study_id, scores, strict=True))
            lines += lines_of(recipe, mine, together, place=(ENSEMBLE, ENSEMBLE), split="test")
        found = as_predictions(lines)
    columns = (found[name].tolist() for name in ("patient_id", "study_id", "truth"))
    _note(folder, source, table.path, list(zip(*columns, strict=True)))
    return write_predictions(folder / "predictions.csv", described(found, table.rows))


@dataclass(frozen=True, kw_only=True)
class _Source:
    """A finished run: its variants as they were trained, and what makes it another run."""

    folder: Path
    recipes: tuple[Recipe, ...]
    exact: bool
    identity: Mapping[str, object]


def _taught(source: "_Source", table: Cohort, where: str | None) -> tuple[list[Study], list[str]]:
    """Studies that the run can answer, and one line for each that it cannot."""
    chosen = choose(source.recipes[0], rows_where(table, where), labelled=False)
    odd = never_taught(source.folder, source.recipes[0], (study.row for study in chosen.studies))
    fitting = [study for study in chosen.studies if study.row.study_id not in odd]
    return fitting, [*table.refused, *chosen.refused, *odd.values()]


def _trained(run: Path) -> _Source:
    try:
        told = json.loads((run / "versions.json").read_text(encoding="utf-8"))["run"]
        names, exact = [str(name) for name in told["variant"]], bool(told["exact"])
    except (OSError, ValueError, KeyError, TypeError):
        told, names, exact = {}, [], False
    if not names or not (run / "predictions.csv").exists():
        raise RefusedError(
            run, rule="a finished run with its models", came="none", do="name the folder of a finished 'myoperf train'"
        )
    recipes = tuple(read_recipe(run / "models" / f"{name}.json") for name in names)
    return _Source(folder=run, recipes=recipes, exact=exact, identity=told)


def _note(folder: Path, source: _Source, table: Path, asked: Sequence[tuple[str, str, float]]) -> None:
    """Count the look at these patients, if anything can be judged, and say how many of them the models know already.

    asked : patient, study and truth of every prediction.
    """
    who = {(patient, study) for patient, study, truth in asked if not np.isnan(truth)}
    splits = read_splits(source.folder / "splits.json")
    known = _trained_on(splits, {(patient, study) for patient, study, _ in asked})
    told = [f"{known} of these patients trained or chose this system; it is not tested on them"] if known else []
    opening = Opening(
        verb="predict",
        run=json.dumps(["predict", dict(source.identity)], sort_keys=True),
        units=tuple(study for _, study in who),
        patients=tuple(patient for patient, _ in who),
        labels=tuple(target.column for target in source.recipes[0].targets),
    )
    opened = note_opening(table, opening) if who else Opened(times=0)
    text = opened.told("external part") if who else "no answer is told of these patients: nothing can be judged"
    write_opened(folder, opened, text, *told)


def _trained_on(splits: Splits, who: set[tuple[str, str]]) -> int:
    """How many patients, by their ids, stand outside the test part of a run."""
    taught = {unit for fold in splits.folds for unit in (*fold.train, *fold.validation, *fold.held_out)}
    if splits.unit == "image":
        return len({patient for patient, study in who if study in taught})
    plain = {plain_id(unit) for unit in taught}
    return len({plain_id(patient) for patient, _ in who if plain_id(patient) in plain})


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
    """Mean score over the models of a variant, (rows, outputs)."""
    paths = sorted((source.folder / "models").glob(f"{recipe.main}-r*f*.safetensors"))
    if not paths:
        raise RefusedError(source.folder, rule=f"models of {recipe.main}", came="none", do="train again")
    total: Floats | float = 0.0
    for number, path in enumerate(paths, start=1):
        total = total + use_model(recipe, path, rows, features=features, exact=source.exact)
        progress(f"models of {recipe.main} applied", number, len(paths))
    return np.asarray(total / len(paths), dtype=np.float64)
