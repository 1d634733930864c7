"""The end of a run on masks: every marked picture in one table and as files, judged, with examples to look at."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Scorecard, TargetScore, Threshold
from myoperf.evaluate.checklists import checklists
from myoperf.evaluate.metrics import Resampling
from myoperf.evaluate.overlap.comparison import compared_systems
from myoperf.evaluate.published import beside
from myoperf.io.files import write_bytes
from myoperf.io.picture_file import png_bytes
from myoperf.io.predictions import write_predictions
from myoperf.report import write_scorecard
from myoperf.report.outline_pictures import OutlinedCase, outlined_picture
from myoperf.report.page import data_uri
from myoperf.report.scorecard_more import Picture

from .described import described
from .facts import facts_of
from .fits import Fits
from .fold_fit import read_result
from .kept_masks import Classes, Post, mean_masks, post_processed, read_kept
from .ledger import Opened
from .mask_fit import masks_file
from .mask_judging import Judged, Marked, judge_marked, score_of
from .mask_lines import mask_predictions
from .mask_outlines import write_outlines
from .mask_testing import chances_file
from .picture_names import plain_name
from .picture_rows import picture_of, view_of
from .picture_size import pixel_mm, pixels_drawn
from .pictures import Pictures
from .plan import Plan
from .recipe_torch import post_of
from .run_folder import append_log
from .run_predictions import ENSEMBLE
from .task import Task

READER = "reader"
_BOOTSTRAP = 2000


def close_masks(folder: Path, plan: Plan, fits: Fits, opened: Opened | None, said: Sequence[str]) -> None:
    """Judge the masks of all fits. ``said`` : what has to be read first."""
    for task in fits.outer:
        for note in read_result(task).notes:
            append_log(folder, "warning", model=task.name, text=note)
    target = plan.request.recipe.targets[0]
    every: dict[str, list[Marked]] = {}
    for number, recipe in enumerate(plan.trained):
        tasks = [task for task in fits.outer if task.recipe.main == recipe.main]
        every[recipe.main] = _marked(plan, number, tasks, tested=opened is not None)
    judged = {name: judge_marked(_with_truth(marked), target, _post(plan, name)) for name, marked in every.items()}
    posts = {name: _post(plan, name) for name in every}
    if any(every.values()):
        by_image = plan.splits.unit == "image"
        predictions = mask_predictions(plan.request.recipe, every, judged, posts, by_image=by_image)
        write_predictions(folder / "predictions.csv", described(predictions, plan.request.cohort.rows))
    _write_masks(folder / "masks", plan, every)
    write_outlines(
        folder / "outlines", plan, {n: list(zip(of.marked, of.done, strict=True)) for n, of in judged.items()}
    )
    card, cases = _card(plan, judged, opened)
    card = replace(card, warnings=(*said, *card.warnings))
    recipe_told = asdict(plan.request.recipe)
    write_scorecard(card, folder, recipe=recipe_told, note=tuple(said), cases=cases)
    for left in folder.rglob(".*.part"):
        left.unlink(missing_ok=True)
    append_log(folder, "judged", report="report.html", test_opened=None if opened is None else opened.times)


def _marked(plan: Plan, number: int, tasks: Sequence[Task], *, tested: bool) -> list[Marked]:
    """What one variant has marked: the held-out parts (without any, the validation parts), and the test part."""
    found: list[Marked] = []
    rows = plan.rows[number]
    for task in tasks:
        part = task.parts.held_out if len(task.parts.held_out) else task.parts.validation
        kept = read_kept(masks_file(task))
        where = (task.repeat, task.fold, "validation")
        found += [_one(plan, number, int(row), kept[rows.study_id[row]], where) for row in part]
    if tested:
        together = mean_masks([read_kept(chances_file(task)) for task in tasks])
        place = {study: row for row, study in enumerate(rows.study_id)}
        where = (ENSEMBLE, ENSEMBLE, "test")
        found += [_one(plan, number, place[study], mask, where) for study, mask in together.items()]
    return found


def _one(plan: Plan, number: int, row: int, mask: Classes, where: tuple[int, int, str]) -> Marked:
    rows, recipe = plan.rows[number], plan.trained[number]
    study = plan.pictures[number][picture_of(rows.study_id[row])[0]]
    return Marked(
        variant=recipe.main,
        repeat=where[0],
        fold=where[1],
        split=where[2],
        row=row,
        study_id=rows.study_id[row],
        patient_id=rows.patient_id[row],
        truth=_truth(rows.masks, row, mask, known=bool(np.isfinite(rows.truth[row, 0]))),
        called=mask,
        spacing=pixel_mm(view_of(recipe), study.spacing_mm, study.shape),
        drawn=pixels_drawn(view_of(recipe), study.shape),
    )


def _truth(masks: Pictures | None, row: int, mask: Classes, *, known: bool) -> Classes:
    if masks is None or not known:
        return np.empty((0, 0), dtype=np.uint8)
    return np.asarray(masks[np.array([row])][0, 0], dtype=np.uint8).reshape(mask.shape)


def _with_truth(marked: Sequence[Marked]) -> list[Marked]:
    return [one for one in marked if one.truth.size]


def _post(plan: Plan, name: str) -> Post:
    return post_of(next(recipe for recipe in plan.trained if recipe.main == name))


def _write_masks(folder: Path, plan: Plan, every: Mapping[str, Sequence[Marked]]) -> None:
    """Masks as PNG in a folder a patient, once for the reader and for every variant (and repeat), so that ``evaluate
    --masks`` can judge them again. Two classes are black and white, more are their numbers."""
    factor = 255 if len(plan.request.recipe.targets[0].classes) in (0, 2) else 1
    done: set[Path] = set()
    several = {one.repeat for marked in every.values() for one in marked if one.repeat >= 0}
    for name, marked in every.items():
        post = _post(plan, name)
        for one in marked:
            file = f"{plain_name(one.patient_id)}/{plain_name(one.study_id)}.png"
            own = folder / name / (f"repeat{one.repeat + 1}" if len(several) > 1 and one.repeat >= 0 else "") / file
            write_bytes(own, png_bytes(post_processed(one.called, post) * factor))
            if one.truth.size and folder / READER / file not in done:
                write_bytes(folder / READER / file, png_bytes(one.truth * factor))
                done.add(folder / READER / file)


def _card(plan: Plan, judged: Mapping[str, Judged], opened: Opened | None) -> tuple[Scorecard, list[Picture]]:
    recipe, target = plan.request.recipe, plan.request.recipe.targets[0]
    title = f"{recipe.name}{' (quick size)' if plan.request.quick else ''}"
    split = "test" if opened is not None else "validation"
    resampling = Resampling(replicates=_BOOTSTRAP, seed=plan.request.seed)
    targets: dict[str, TargetScore] = {}
    found = {}
    warnings: list[str] = []
    cases: list[Picture] = []
    for name, whole in judged.items():
        mine = _part(whole, plan, name, split)
        if not mine.marked:
            continue
        key = target.name if len(judged) == 1 else "/".join(part for part in (recipe.name, name, target.name) if part)
        across = _part(whole, plan, name, "validation")
        targets[key], told = score_of(mine, across, _post(plan, name), resampling)
        warnings += [line if len(judged) == 1 else f"{name}: {line}" for line in told]
        found[key] = (mine.found, (recipe.name, name, target.name))
        cases += _cases(plan, name, mine)
    nothing = Threshold(value=None, chosen_on="none: masks have no threshold here")
    first = next((observed for observed, _ in found.values()), None)
    figures = tuple(f for f in recipe.published if f.variant in ("", *plan.request.variants))
    card = Scorecard(
        title=title,
        n_patients=0 if first is None else len(first.patients),
        n_rows=0 if first is None else len(first.images),
        split=split,
        threshold=nothing,
        targets=targets,
        comparisons=tuple(compared_systems({key: one for key, (one, _) in found.items()}, target=target.name)),
        published=beside(figures, targets, {key: names for key, (_, names) in found.items()}),
        warnings=tuple(dict.fromkeys(warnings)),
        test_opened=None if opened is None else opened.times,
    )
    return replace(card, checklists=checklists(card, facts_of(plan, opened=card.test_opened))), cases


def _part(whole: Judged, plan: Plan, name: str, split: str) -> Judged:
    marked = [one for one in whole.marked if one.split == split]
    if len(marked) == len(whole.marked):
        return whole
    return judge_marked(marked, plan.request.recipe.targets[0], _post(plan, name))


def _cases(plan: Plan, name: str, judged: Judged) -> list[Picture]:
    """The worst, the middle and the best picture of what holds something: image, reader, model."""
    dice = judged.found.columns["dice"]
    order = [int(k) for k in np.argsort(dice, kind="stable") if np.isfinite(dice[k])]
    number = next(k for k, recipe in enumerate(plan.trained) if recipe.main == name)
    pictures = plan.rows[number].pictures
    if not order or pictures is None:
        return []
    shown: list[OutlinedCase] = []
    for said, place in (("worst", 0), ("lower quarter", len(order) // 4), ("middle", len(order) // 2), ("best", -1)):
        at = order[place]
        one = judged.marked[at]
        distance = judged.found.columns["hausdorff"][at]
        told = f"{one.study_id}; Dice {dice[at]:.3f}; Hausdorff {distance:.1f} pixels; patient {one.patient_id}"
        shown.append(
            OutlinedCase(
                title=said,
                told=told,
                picture=_grey(pictures[np.array([one.row])][0]),
                reader=one.truth > 0,
                model=judged.done[at] > 0,
            )
        )
    title = f"Images, reader and model: {name.replace('_', ' ')}"
    caption = f"Chosen by Dice among {len(order)} images of the {judged.marked[0].split} part that hold something."
    return [Picture(uri=data_uri(outlined_picture(shown)), alt=title, caption=caption)]


def _grey(image: NDArray[np.generic]) -> NDArray[np.uint8]:
    """(channels, rows, columns) as one plane of bytes."""
    plane = np.asarray(image, dtype=np.float64).mean(axis=0) * (1.0 if image.dtype == np.uint8 else 255.0)
    return np.asarray(np.rint(np.clip(plane, 0, 255)), dtype=np.uint8)
