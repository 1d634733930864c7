"""A trained run that looks at pictures, applied to another cohort: answers, or masks with their outlines."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from myoperf.core.errors import RefusedError
from myoperf.core.predictions import Predictions
from myoperf.core.progress import Progress
from myoperf.io.cache import Cache
from myoperf.io.cohort_table import CohortRow
from myoperf.io.files import write_bytes
from myoperf.io.labelme import annotation_of, write
from myoperf.io.picture_file import png_bytes
from myoperf.recipe import Recipe

from .kept_masks import Classes, class_of, post_processed
from .mask_judging import Marked, judge_marked
from .mask_lines import mask_predictions
from .mask_testing import chances_of
from .picture_cache import PictureStudy
from .picture_names import plain_name
from .picture_rows import find_pictures, picture_of, picture_rows, view_of
from .picture_size import mask_as_drawn, pixel_mm
from .recipe_torch import post_of
from .run_predictions import ENSEMBLE
from .task import Rows


@dataclass(frozen=True, kw_only=True)
class Applied:
    """Rows of every variant with the studies that they come from, and one line for each study that is left out."""

    rows: tuple[Rows, ...]
    studies: tuple[dict[str, PictureStudy], ...]
    refused: tuple[str, ...]


def pictures_of(
    recipes: Sequence[Recipe], rows: Sequence[CohortRow], cache: Cache, *, jobs: int | None, progress: Progress
) -> Applied:
    """Every picture of a cohort as each variant looks at it."""
    made: list[Rows] = []
    studies: list[dict[str, PictureStudy]] = []
    refused: tuple[str, ...] = ()
    for recipe in recipes:
        found = find_pictures(recipe, rows, cache, labelled=False, jobs=jobs, progress=progress)
        refused = tuple(dict.fromkeys((*refused, *found.chosen.refused)))
        if found.chosen.studies:
            made.append(picture_rows(recipe, found.chosen.studies, found.studies))
            studies.append(dict(found.studies))
    return Applied(rows=tuple(made), studies=tuple(studies), refused=refused)


def marked_by(
    run: Path, recipe: Recipe, rows: Rows, studies: dict[str, PictureStudy], *, exact: bool, progress: Progress
) -> list[Marked]:
    """What all models of a variant mark together: the mean of their probabilities."""
    paths = sorted((run / "models").glob(f"{recipe.main}-r*f*.safetensors"))
    if not paths:
        raise RefusedError(run, rule=f"models of {recipe.main}", came="none", do="train again")
    total: np.ndarray | float = 0.0
    for number, path in enumerate(paths, start=1):
        total = total + chances_of(recipe, path, rows, exact=exact)
        progress(f"models of {recipe.main} applied", number, len(paths))
    called = class_of(np.asarray(total) / len(paths))
    return [_one(recipe, rows, studies, row, called[row]) for row in range(len(rows))]


def _one(recipe: Recipe, rows: Rows, studies: dict[str, PictureStudy], row: int, mask: Classes) -> Marked:
    study = studies[picture_of(rows.study_id[row])[0]]
    known = rows.masks is not None and np.isfinite(rows.truth[row, 0])
    truth = np.empty((0, 0), dtype=np.uint8)
    if known and rows.masks is not None:
        truth = np.asarray(rows.masks[np.array([row])][0, 0], dtype=np.uint8)
    return Marked(
        variant=recipe.main,
        repeat=ENSEMBLE,
        fold=ENSEMBLE,
        split="test",
        row=row,
        study_id=rows.study_id[row],
        patient_id=rows.patient_id[row],
        truth=truth,
        called=mask,
        spacing=pixel_mm(view_of(recipe), study.spacing_mm, study.shape),
    )


def write_marked(
    folder: Path,
    recipes: Sequence[Recipe],
    every: Sequence[Sequence[Marked]],
    studies: Sequence[dict[str, PictureStudy]],
) -> Predictions:
    """Masks as PNG and outlines as Labelme JSON, of each picture's own size, in ``masks/VARIANT/PATIENT``; returns the
    rows of the table."""
    for recipe, marked, known in zip(recipes, every, studies, strict=True):
        classes = recipe.targets[0].classes or ("background", recipe.targets[0].name)
        factor = 255 if len(classes) == 2 else 1
        for one in marked:
            shape = known[picture_of(one.study_id)[0]].shape
            mask = mask_as_drawn(view_of(recipe), post_processed(one.called, post_of(recipe)), shape)
            path = folder / "masks" / recipe.main / plain_name(one.patient_id) / plain_name(one.study_id)
            write_bytes(path.with_name(f"{path.name}.png"), png_bytes(mask * factor))
            outlines = {name: mask == number for number, name in enumerate(classes) if number}
            write(path.with_name(f"{path.name}.json"), annotation_of(outlines, f"{path.name}.png"))
    judged = {}
    for recipe, marked in zip(recipes, every, strict=True):
        with_truth = [one for one in marked if one.truth.size]
        judged[recipe.main] = judge_marked(with_truth, recipe.targets[0], post_of(recipe)) if with_truth else None
    named = {recipe.main: marked for recipe, marked in zip(recipes, every, strict=True)}
    return mask_predictions(recipes[0], named, judged, {recipe.main: post_of(recipe) for recipe in recipes})
