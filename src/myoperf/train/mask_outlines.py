"""What a run has outlined, as Labelme files on the pictures as they came."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from myoperf.io.labelme import annotation_of, write

from .kept_masks import Classes
from .mask_judging import Marked
from .picture_names import plain_name
from .picture_rows import picture_of, view_of
from .picture_size import mask_as_drawn
from .plan import Plan

SUFFIXES = (".png", ".jpg", ".jpeg")
"""Pictures that Labelme can open; frames inside other files have no outlines."""


def write_outlines(folder: Path, plan: Plan, masks: Mapping[str, Sequence[tuple[Marked, Classes]]]) -> None:
    """Write a Labelme file for every mask of a picture that is a file of its own, in a folder a variant, a run (where
    there are several) and a patient.

    masks : variant to what it marked and the mask after its last step. The file names the picture as the cohort does;
    opened beside it, the outline lies where it was drawn, at the picture's own size. A mask without anything has no
    shapes.
    """
    target = plan.request.recipe.targets[0]
    names = dict(enumerate(target.classes)) if target.classes else {1: target.name}
    for number, recipe in enumerate(plan.trained):
        marked = masks.get(recipe.main, ())
        several = len({one.repeat for one, _ in marked if one.repeat >= 0}) > 1
        for one, mask in marked:
            study, picture = picture_of(one.study_id)
            if not picture.lower().endswith(SUFFIXES):
                continue
            shape = plan.pictures[number][study].shape
            whole = mask_as_drawn(view_of(recipe), mask, shape)
            found = {name: whole == value for value, name in names.items() if value}
            run = f"run{one.repeat + 1}" if several and one.repeat >= 0 else ""
            stem = plain_name(Path(picture).stem)
            path = folder / recipe.main / run / plain_name(one.patient_id) / f"{stem}.json"
            write(path, annotation_of(found, Path(picture).name))
