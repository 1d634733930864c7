"""A cohort of pictures on disk: a bright disc on grey noise, its mask, several pictures a patient."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from myoperf.core.progress import silent
from myoperf.io.cache import Cache
from myoperf.io.cohort import Cohort
from myoperf.io.picture_stack import Cell, PictureStack, read_stack
from myoperf.protocols import RepeatedPatientCV
from myoperf.recipe import (
    DiceCrossEntropy,
    Paper,
    PictureAugmentation,
    Recipe,
    Target,
    Torch,
    Training,
    UNet,
)
from myoperf.train import picture_cache
from myoperf.train.picture_rows import find_pictures, picture_rows, view_of
from myoperf.train.plan import cohort_from
from myoperf.train.task import Rows
from myoperf.views import Images

SIZE = 16


def disc(rng: np.random.Generator, size: int = SIZE) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Counts and the mask of one picture."""
    rows, columns = np.mgrid[:size, :size]
    middle, radius = rng.uniform(0.35 * size, 0.65 * size, 2), rng.uniform(0.18, 0.28) * size
    mask = (rows - middle[0]) ** 2 + (columns - middle[1]) ** 2 < radius**2
    return (40 + 60 * mask + 4 * rng.standard_normal((size, size))).astype(np.float32), mask


def make_pictures(folder: Path, patients: int = 8, each: int = 4, *, seed: int = 0, size: int = SIZE) -> Cohort:
    """A cohort table with the columns frames and mask."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(patients):
        made = [disc(rng, size) for _ in range(each)]
        name = f"P{number:02d}"
        frames, heart = np.stack([one for one, _ in made]), np.stack([one for _, one in made])
        np.savez(folder / f"{name}.npz", frames=frames, heart=heart)
        rows.append((name, f"{name}-1", "Tc-99m", f"{name}.npz#frames", f"{name}.npz#heart"))
    with (folder / "cohort.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("patient_id", "study_id", "tracer", "frames", "mask"), *rows])
    return cohort_from(folder / "cohort.csv")


def rows_with_pictures(recipe: Recipe, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Rows:
    """Rows of a recipe that looks at pictures, whatever the column is called; of what is asked, large discs are 1."""

    def labelled(pictures: Cell, mask: Cell | None = None) -> PictureStack:
        found = read_stack(pictures, mask)
        assert found.masks is not None
        area = found.masks.sum(axis=(1, 2)).astype(float)
        answers = (area > np.median(area)).astype(float)
        return replace(found, labels={target.name: answers for target in recipe.targets})

    monkeypatch.setattr(picture_cache, "read_stack", labelled)
    column = view_of(recipe).column
    rows = [
        replace(
            row, files={column: row.files["frames"], "mask": row.files["mask"]}, inside={**row.inside, column: "frames"}
        )
        for row in make_pictures(folder, 8, 4).rows
    ]
    cache = Cache(folder / "cache")
    found = find_pictures(recipe, rows, cache, labelled=True, jobs=1, progress=silent)
    return picture_rows(recipe, found.chosen.studies, found.studies)


MASKS = Recipe(
    name="made_masks",
    paper=Paper(cite="Made", title="Masks of discs", year=2026),
    targets=(Target("heart", kind="mask", classes=("background", "heart")),),
    views=(Images(column="frames", size=SIZE, channels=1, window="study"),),
    system=Torch(
        network=UNet(channels=(4, 8)),
        loss=DiceCrossEntropy(cross_entropy=1.0, dice=0.0),
        training=Training(
            epochs=12,
            patience=12,
            batch=8,
            lr=2e-2,
            balanced=False,
            augmentation=PictureAugmentation(rotation_deg=10, shift=0.05, scale=0.1, blur_px=0.5, noise=0.01),
        ),
        post="largest component",
    ),
    protocol=RepeatedPatientCV(folds=2, repeats=1, test_fraction=0.25, validation_fraction=0.0),
    main="cross_entropy",
    variants={"dice": {"system.loss.cross_entropy": 0.0, "system.loss.dice": 1.0}},
)
"""A system for masks that trains in a second."""
