"""From studies with pictures to one row a picture: its answers, what is looked at, what is marked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from myoperf.core.errors import RefusedError
from myoperf.core.progress import Progress
from myoperf.io.cache import Cache, cache_key
from myoperf.io.cohort_table import CohortRow
from myoperf.recipe import Recipe, Target
from myoperf.views import Images

from .picture_cache import PictureStudy, picture_studies
from .pictures import Pictures
from .studies import Chosen, Study
from .task import Rows, tracers_of

BETWEEN = "#"
"""Stands between the id of a study and the name of its picture in the id of a row."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """Studies with pictures, by id, the pictures as rows, and one line for each study that has none."""

    studies: Mapping[str, PictureStudy]
    chosen: Chosen


def looks_at_pictures(recipe: Recipe) -> bool:
    """Whether each picture of a study is a row of its own."""
    return isinstance(recipe.views[0], Images)


def asks_masks(recipe: Recipe) -> bool:
    """Whether the recipe marks pixels."""
    return any(target.kind == "mask" for target in recipe.targets)


def picture_of(row_id: str) -> tuple[str, str]:
    """Study and name of the picture of a row."""
    study, _, name = row_id.rpartition(BETWEEN)
    return study, name


def find_pictures(
    recipe: Recipe,
    rows: Sequence[CohortRow],
    cache: Cache,
    *,
    labelled: bool,
    jobs: int | None,
    progress: Progress,
) -> Found:
    """Every picture of the studies whose tracer the recipe knows; ``labelled``: only those with an answer."""
    view, known = view_of(recipe), tracers_of(recipe)
    asked = [row for row in rows if not known or str(row.tracer or "") in known]
    names = " and ".join(known)
    refused = [f"{row.source or row.study_id}: {recipe.name} knows {names}" for row in rows if row not in asked]
    studies, unread = picture_studies(view, asked, cache, jobs=jobs, progress=progress)
    found: list[Study] = []
    for row in asked:
        if row.study_id in studies:
            made = list(_rows(recipe, row, studies[row.study_id], view, labelled=labelled))
            found += made
            if not made:
                wanted = "marked and answered" if view.marked_only else "answered"
                refused.append(f"{row.source or row.study_id}: a picture that is {wanted}; got none; mark the pictures")
    if labelled and not found:
        came = (*unread, *refused, "no study")[0]
        raise RefusedError("cohort", rule="at least one picture has an answer", came=came, do="see why")
    return Found(studies=studies, chosen=Chosen(studies=tuple(found), refused=(*refused, *unread)))


def picture_rows(recipe: Recipe, rows: Iterable[Study], studies: Mapping[str, PictureStudy]) -> Rows:
    """One variant's rows of the pictures that it has; what is marked comes with them where every study has a mask."""
    view = view_of(recipe)
    places = {(name, picture): at for name, one in studies.items() for at, picture in enumerate(one.names)}
    used = [study for study in rows if picture_of(study.row.study_id) in places]
    if not used:
        came = "no picture"
        raise RefusedError(f"variant {recipe.main}", rule="at least one picture can be read", came=came, do="see why")
    names = list(dict.fromkeys(picture_of(study.row.study_id)[0] for study in used))
    number = {name: at for at, name in enumerate(names)}
    part = np.array([number[picture_of(study.row.study_id)[0]] for study in used], dtype=np.intp)
    place = np.array([places[picture_of(study.row.study_id)] for study in used], dtype=np.intp)
    held = [studies[name] for name in names]
    key = cache_key([one.key for one in held], view.channels)
    pictures = Pictures(
        parts=tuple(one.images for one in held),
        part=part,
        place=place,
        shape=(view.channels, view.size, view.size),
        key=key,
    )
    masks = None
    if any(one.masks is not None for one in held):
        marked = tuple(np.zeros((0, 1, view.size, view.size), np.uint8) if o.masks is None else o.masks for o in held)
        masks = replace(pictures, parts=marked, shape=(1, view.size, view.size))
    return Rows(
        patient_id=tuple(study.row.patient_id for study in used),
        study_id=tuple(study.row.study_id for study in used),
        inputs=np.empty((len(used), 1, 0), dtype=np.float32),
        groups=np.array([study.group for study in used], dtype=np.intp),
        truth=np.array([_truth(recipe, one, held[p].areas[at]) for one, p, at in zip(used, part, place, strict=True)]),
        sex=tuple(str(study.row.sex or "") for study in used),
        area=np.empty((len(used), 0)),
        pictures=pictures,
        masks=masks,
    )


def view_of(recipe: Recipe) -> Images:
    """The recipe's view of pictures."""
    view = recipe.views[0]
    if not isinstance(view, Images):
        raise TypeError(f"not a view of pictures: {view.kind}")
    return view


def _rows(recipe: Recipe, row: CohortRow, found: PictureStudy, view: Images, *, labelled: bool) -> Iterable[Study]:
    known = tracers_of(recipe)
    group = known.index(str(row.tracer)) if known else 0
    for at, name in enumerate(found.names):
        if view.marked_only and found.marked[at] and not found.areas[at]:
            continue
        answers = tuple(_answer(target, row, found, at) for target in recipe.targets)
        if labelled and (all(answer is None for answer in answers) or (view.marked_only and not found.areas[at])):
            continue
        yield Study(row=replace(row, study_id=f"{row.study_id}{BETWEEN}{name}"), answers=answers, group=group)


def _answer(target: Target, row: CohortRow, found: PictureStudy, at: int) -> int | None:
    """Of a mask: whether anything is marked; else what is told of the picture."""
    if target.tracer not in (None, row.tracer):
        return None
    if target.kind == "mask":
        return int(found.areas[at] > 0) if found.marked[at] else None
    told = found.labels.get(target.name)
    if told is None or np.isnan(told[at]):
        return None
    if told[at] not in (0.0, 1.0):
        do = "correct the label"
        raise RefusedError(f"{row.study_id}#{found.names[at]}", rule="0 or 1, or empty", came=told[at], do=do)
    return int(told[at])


def _truth(recipe: Recipe, study: Study, area: float) -> list[float]:
    """Answers as numbers; of a mask the area marked, in pixels."""
    return [
        np.nan if answer is None else area if target.kind == "mask" else float(answer)
        for target, answer in zip(recipe.targets, study.answers, strict=True)
    ]
