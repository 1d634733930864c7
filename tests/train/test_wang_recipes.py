"""The two recipes after Wang 2022 on small pictures with Labelme outlines: a table to runs, curves and outlines."""

import csv
import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from myoperf.evaluate import evaluate
from myoperf.io.cohort import Cohort
from myoperf.io.labelme import annotation_of, masks, read, write
from myoperf.io.predictions import read_predictions
from myoperf.recipe import Recipe, as_trained, changed
from myoperf.recipes import load_recipe
from myoperf.train import train
from myoperf.train.plan import cohort_from

SIDE = 48
TINY = {
    "views.0.size": 32,
    "system.training.epochs": 2,
    "system.training.patience": 2,
    "system.training.batch": 8,
    "protocol.repeats": 2,
}


def picture(rng: np.random.Generator, *, ill: bool) -> tuple[np.ndarray, np.ndarray]:
    """A bright ring, with a dark part on the right where it is ill, and the mask of that part."""
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE / 2 + rng.uniform(-2, 2, (2, 1, 1))
    ring = (np.hypot(y, x) > 9) & (np.hypot(y, x) < 17)
    part = ring & (x > 6) & ill
    values = 30 + 170 * ring - 120 * part + rng.normal(0, 6, ring.shape)
    return np.repeat(np.clip(values, 0, 255).astype(np.uint8)[..., None], 3, axis=2), part


@pytest.fixture(autouse=True)
def no_resampling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Intervals take longest and are tested elsewhere."""
    monkeypatch.setattr("myoperf.train.closing.evaluate", partial(evaluate, bootstrap=0))


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    """Ten patients with six pictures each, half of them with ischaemia; pixels of 0.5 mm."""
    folder, rng = tmp_path_factory.mktemp("wang"), np.random.default_rng(0)
    rows = []
    for patient in (f"P{k:02d}" for k in range(10)):
        shown = []
        for number in range(6):
            image, part = picture(rng, ill=number % 2 == 1)
            Image.fromarray(image).save(folder / f"{patient}_{number}.png")
            outlines = {"ischaemia": part} if part.any() else {"normal": image[..., 0] > 128}
            write(folder / f"{patient}_{number}.json", annotation_of(outlines, f"{patient}_{number}.png"))
            shown.append((f"{patient}_{number}.png", int(part.any()), 0.5))
        with (folder / f"{patient}.csv").open("w", newline="") as stream:
            csv.writer(stream).writerows([("image", "ischaemia", "pixel_mm"), *shown])
        rows.append((patient, f"{patient}-1", "Tc-99m", "M", f"{patient}.csv"))
    with (folder / "cohort.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([("patient_id", "study_id", "tracer", "sex", "slices"), *rows])
    return cohort_from(folder / "cohort.csv")


def tiny(name: str, **further: object) -> Recipe:
    """The quick size, smaller still."""
    quick = as_trained(load_recipe(name), scratch=True, quick=True)
    return replace(changed(replace(quick, assumed={}, published=()), {**TINY, **further}), published=quick.published)


def scorecard(folder: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads((folder / "scorecard.json").read_text())["targets"]
    return found


@pytest.mark.parametrize("unit", ["image", "patient"])
def test_every_picture_is_told_yes_or_no(cohort: Cohort, tmp_path: Path, unit: str) -> None:
    recipe = tiny("wang2022_classification", **{"system.network.encoder.width": 0.125})
    out = train(recipe, cohort, out=tmp_path, protocol=f"random2:0.2,unit={unit}", jobs=1)
    table, found = read_predictions(out / "predictions.csv"), scorecard(out)["ischaemia"]
    assert len(table) == 24
    assert sorted(set(map(str, table["truth"]))) == ["0.0", "1.0"]
    assert [row[0] for row in found["tables"]["runs"]["rows"]] == ["run 1", "run 2", "mean", "SD"]
    assert {"roc_runs/run 1", "roc_runs/run 2"} <= set(found["curves"])
    page = (out / "report.html").read_text()
    assert "ROC curve of each randomisation" in page
    assert ("SPLIT BY IMAGE" in page) == (unit == "image")
    assert "Table 3, mean of five runs" in page
    if unit == "patient":
        again = train(recipe, cohort, out=tmp_path / "again", protocol="random2:0.2", jobs=1)
        assert (again / "predictions.csv").read_bytes() == (out / "predictions.csv").read_bytes()


def test_the_ischaemic_part_is_outlined(cohort: Cohort, tmp_path: Path) -> None:
    recipe = tiny("wang2022_segmentation", **{"system.network.decoder": (16, 8, 8, 8, 8)})
    out = train(recipe, cohort, out=tmp_path, jobs=1)
    table, found = read_predictions(out / "predictions.csv"), scorecard(out)["ischaemia"]
    assert len(table) == 12
    assert not [name for name in table["study_id"] if int(str(name).rpartition("_")[2][0]) % 2 == 0]
    numbers = found["tables"]["run_five_numbers"]
    assert {(row[0], row[1], row[2]) for row in numbers["rows"]} >= {
        ("run 1", "hausdorff", "pixels"),
        ("run 2", "hausdorff", "mm"),
        ("run 1", "iou", "fraction"),
    }
    by = {(row[0], row[1], row[2]): row for row in numbers["rows"]}
    pixels, mm = by["run 1", "hausdorff", "pixels"], by["run 1", "hausdorff", "mm"]
    assert np.array(mm[6:], dtype=float) == pytest.approx(np.array(pixels[6:], dtype=float) * 0.5)
    medians = found["folds"]["dice_median"]["values"]
    assert medians == pytest.approx([by["run 1", "dice", "fraction"][8], by["run 2", "dice", "fraction"][8]])
    assert "Masks of each randomisation" in (out / "report.html").read_text()
    written = sorted((out / "outlines").rglob("*.json"))
    assert len(written) == 12
    for path in written:
        file = read(path)
        assert file.size == (SIDE, SIDE)
        assert file.image_path == f"{path.stem}.png"
        area = float(sum(mask.sum() for mask in masks(file.shapes, (SIDE, SIDE)).values()))
        row = [k for k, name in enumerate(table["study_id"]) if str(name).endswith(file.image_path)]
        drawn = {round(float(table["score"][k])) for k in row}
        assert any(abs(area - one * (SIDE / 32) ** 2) <= 0.2 * area + 12 for one in drawn)
