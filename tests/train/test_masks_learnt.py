"""Pictures and masks through train: rows, parts, files of a run, the same numbers again."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_pictures import MASKS, SIZE, make_pictures
from PIL import Image

from myoperf.core.errors import RefusedError
from myoperf.evaluate.overlap import judge_masks
from myoperf.io.cache import Cache
from myoperf.io.cohort import Cohort
from myoperf.io.labelme import masks, read
from myoperf.io.picture_stack import Cell, PictureStack, read_stack
from myoperf.protocols import RepeatedPatientCV
from myoperf.recipe import (
    Recipe,
    ResNet18,
    RoutedCrossEntropy,
    SharedEncoder,
    Target,
    Torch,
    Training,
    changed,
    recipe_json,
)
from myoperf.recipe.system import PictureAugmentation
from myoperf.train import picture_cache, predict, train
from myoperf.train.picture_augment import turned
from myoperf.train.picture_runnable import require_pictures


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    return make_pictures(tmp_path_factory.mktemp("pictures"), 8, 3)


@pytest.fixture(scope="module")
def run(made: Cohort, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = train(MASKS, made, out=tmp_path_factory.mktemp("runs") / "run", jobs=1)
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as table:
        return list(csv.DictReader(table))


def test_every_picture_is_a_row_that_is_judged_once(run: Path) -> None:
    told = rows(run / "predictions.csv")
    assert len({line["study_id"] for line in told}) == len(told) == 8 * 3
    assert {line["split"] for line in told} == {"validation", "test"}
    assert all(line["study_id"].startswith(f"{line['patient_id']}-1#") for line in told)
    assert all(line["tracer"] == "Tc-99m" for line in told)
    splits = json.loads((run / "splits.json").read_text(encoding="utf-8"))
    assert {line["patient_id"] for line in told if line["split"] == "test"} == set(splits["test"])


def test_it_learns_and_what_it_says_can_be_judged_again(run: Path) -> None:
    card = json.loads((run / "scorecard.json").read_text(encoding="utf-8"))
    score = card["targets"]["heart"]
    assert (score["kind"], card["split"]) == ("masks", "test")
    assert score["metrics"]["dice"]["value"] > 0.8
    assert set(score["tables"]) >= {"class_means", "each_fold", "five_numbers", "last_step"}
    assert set(score["folds"]) >= {"dice", "iou_mean_with_background", "pixel_accuracy"}
    test = [line for line in rows(run / "predictions.csv") if line["split"] == "test"]
    again = [float(line["dice"]) for line in test]
    assert np.mean(again) == pytest.approx(score["metrics"]["dice"]["value"], abs=1e-6)
    judged = judge_masks(run / "masks" / "reader", run / "masks" / "cross_entropy", bootstrap=0)
    every = [float(line["dice"]) for line in rows(run / "predictions.csv")]
    found = judged.card.targets["masks"].metrics["dice"].value
    assert found == pytest.approx(np.mean(every), abs=1e-6)
    assert judged.card.n_patients == 8


def test_areas_are_those_of_the_files(run: Path) -> None:
    for line in rows(run / "predictions.csv")[:6]:
        file = f"{line['patient_id']}/{line['study_id'].replace('#', '_')}.png"
        for column, folder in (("truth", "reader"), ("score", "cross_entropy")):
            mask = np.asarray(Image.open(run / "masks" / folder / file))
            assert mask.shape == (SIZE, SIZE)
            assert np.count_nonzero(mask) == float(line[column])


def test_the_page_shows_images(run: Path) -> None:
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "Images, reader and model" in page
    assert "Research use only" in page


def test_the_same_words_give_the_same_numbers(made: Cohort, run: Path, tmp_path: Path) -> None:
    again = train(MASKS, made, out=tmp_path / "again", jobs=1)
    assert (again / "predictions.csv").read_text() == (run / "predictions.csv").read_text()
    before = (run / "predictions.csv").read_bytes()
    train(MASKS, made, out=run, jobs=1)
    assert (run / "predictions.csv").read_bytes() == before


def test_a_split_by_picture_is_said_loudly(made: Cohort, tmp_path: Path) -> None:
    quick = changed(replace(MASKS, variants={}), {"system.training.epochs": 1})
    run = train(quick, made, out=tmp_path / "run", jobs=1, protocol="2x1:0,unit=image")
    card = json.loads((run / "scorecard.json").read_text(encoding="utf-8"))
    assert card["warnings"][0].startswith("SPLIT BY IMAGE")
    assert {line["unit"] for line in rows(run / "predictions.csv")} == {"image"}


def test_two_losses_are_compared_on_the_same_pictures(made: Cohort, tmp_path: Path) -> None:
    quick = changed(MASKS, {"system.training.epochs": 2})
    run = train(
        replace(quick, variants=MASKS.variants), made, out=tmp_path / "run", jobs=1, variant=("cross_entropy", "dice")
    )
    card = json.loads((run / "scorecard.json").read_text(encoding="utf-8"))
    assert set(card["targets"]) == {"made_masks/cross_entropy/heart", "made_masks/dice/heart"}
    assert [row["metric"] for row in card["comparisons"]] == ["dice"]


def a_question() -> Recipe:
    """Whether a disc is large, asked of every picture."""
    return replace(
        MASKS,
        targets=(Target("large", kind="binary", each="image"),),
        main="main",
        variants={},
        protocol=RepeatedPatientCV(folds=2, repeats=1, test_fraction=0.0, validation_fraction=0.0),
        system=Torch(
            network=SharedEncoder(encoder=ResNet18(weights=None, width=0.125)),
            training=Training(epochs=2, batch=8, balanced=False, augmentation=PictureAugmentation()),
        ),
    )


def test_pictures_are_asked_yes_or_no(made: Cohort, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def labelled(pictures: Cell, mask: Cell | None = None) -> PictureStack:
        found = read_stack(pictures, mask)
        assert found.masks is not None
        area = found.masks.sum(axis=(1, 2)).astype(float)
        return replace(found, labels={"large": (area > np.median(area)).astype(float)})

    monkeypatch.setattr(picture_cache, "read_stack", labelled)
    fresh = make_pictures(tmp_path / "pictures", 6, 4, seed=1)
    run = train(a_question(), fresh, out=tmp_path / "run", jobs=1)
    told = rows(run / "predictions.csv")
    assert len(told) == 6 * 4
    assert {line["truth"] for line in told} == {"0.0", "1.0"}
    assert all(0 <= float(line["score"]) <= 1 for line in told)


def test_pictures_lie_in_files_that_are_mapped(made: Cohort) -> None:
    view = MASKS.views[0]
    cache = Cache(made.path.parent / ".myoperf-cache")
    study = picture_cache.study_of(view, made.rows[0], cache)  # type: ignore[arg-type]  # a view of pictures
    assert isinstance(study.images, Path)
    assert np.load(study.images, mmap_mode="r").shape == (3, 1, SIZE, SIZE)


def test_picture_and_mask_are_turned_alike() -> None:
    rng = np.random.default_rng(0)
    mask = np.zeros((4, 32, 32), dtype=np.uint8)
    mask[:, 8:20, 10:18] = 1
    how = PictureAugmentation(rotation_deg=20, shift=0.1, scale=0.0)
    one = turned(mask[:, None].astype(np.float32), mask, np.random.default_rng(3), how)
    other = turned(mask[:, None].astype(np.float32), mask, np.random.default_rng(3), how)
    np.testing.assert_array_equal(one.pictures, other.pictures)
    assert one.masks is not None
    agreement = ((one.pictures[:, 0] > 0.5) == (one.masks > 0)).mean()
    assert agreement > 0.97
    assert (one.masks != mask).any()
    still = turned(mask[:, None] * np.float32(0.5), mask, rng, PictureAugmentation(rotation_deg=0, shift=0, scale=0))
    np.testing.assert_array_equal(still.masks, mask)


def test_the_sealed_part_cannot_be_looked_at(made: Cohort, tmp_path: Path) -> None:
    from myoperf.train.picture_rows import find_pictures, picture_rows

    cache = Cache(tmp_path / "cache")
    found = find_pictures(MASKS, made.rows, cache, labelled=True, jobs=1, progress=lambda *_: None)
    masks = picture_rows(MASKS, found.chosen.studies, found.studies).masks
    assert masks is not None
    with pytest.raises(PermissionError):
        masks.hidden(np.array([2]))[np.array([1, 2])]


def test_a_cohort_without_pictures_is_refused(made: Cohort, tmp_path: Path) -> None:
    empty = replace(made, rows=tuple(replace(row, files={}) for row in made.rows))
    with pytest.raises(RefusedError, match="pictures in the column frames"):
        train(MASKS, empty, out=tmp_path / "run", jobs=1)


def test_a_loss_of_answers_is_refused_for_masks() -> None:
    loss = {"system.loss": RoutedCrossEntropy()}
    wrong = changed(replace(MASKS, variants={}), loss)
    with pytest.raises(RefusedError, match="masks are learnt by Dice and cross-entropy"):
        require_pictures(wrong)
    assert recipe_json(wrong)


def test_another_cohort_is_marked_with_outlines(run: Path, tmp_path: Path) -> None:
    other = make_pictures(tmp_path / "other", 2, 2, seed=5, size=20)
    bare = replace(other, rows=tuple(replace(row, files={"frames": row.files["frames"]}) for row in other.rows))
    told = rows(predict(run, bare, out=tmp_path / "out", jobs=1))
    assert len(told) == 4
    assert {line["truth"] for line in told} == {""}
    png = tmp_path / "out" / "masks" / "cross_entropy" / "P00" / "P00-1_0000.png"
    mask = np.asarray(Image.open(png)) > 0
    assert mask.shape == (20, 20)
    outlines = read(png.with_suffix(".json"))
    np.testing.assert_array_equal(masks(outlines.shapes, (20, 20)).get("heart", np.zeros((20, 20), bool)), mask)
    judged = rows(predict(run, other, out=tmp_path / "judged", jobs=1))
    assert all(float(line["truth"]) > 0 and 0 <= float(line["dice"]) <= 1 for line in judged)
