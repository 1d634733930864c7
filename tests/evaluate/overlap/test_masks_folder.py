from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from myoperf.core.errors import RefusedError
from myoperf.core.scorecard import Scorecard
from myoperf.evaluate.overlap import judge_masks

Labels = NDArray[np.uint8]


def evaluate_masks(truth: Path, made: Path, **options: Any) -> Scorecard:
    return judge_masks(truth, made, **options).card


def square(row: int, side: int, *, value: int = 255, size: int = 20) -> Labels:
    mask = np.zeros((size, size), dtype=np.uint8)
    mask[row : row + side, 3 : 3 + side] = value
    return mask


def save(path: Path, mask: NDArray[np.generic]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".npy":
        np.save(path, mask)
    else:
        Image.fromarray(np.asarray(mask)).save(path)


def value(card: Scorecard, name: str) -> float:
    found = card.targets["masks"].metrics[name].value
    assert found is not None
    return found


def cohort(root: Path, patients: int = 6, images: int = 3) -> tuple[Path, Path]:
    """Squares of 6 pixels' side, predicted one to three rows too low."""
    for p in range(patients):
        for k in range(images):
            save(root / "t" / f"p{p}" / f"{k}.png", square(4, 6))
            save(root / "p" / f"p{p}" / f"{k}.png", square(5 + p % 3, 6))
    return root / "t", root / "p"


def test_means_by_hand_and_patients_by_sub_folder(tmp_path: Path) -> None:
    truth, made = cohort(tmp_path)
    card = evaluate_masks(truth, made, spacing=(2.0, 1.0), bootstrap=200)
    # shifts of 1, 2, 3 rows of 6: Dice 5/6, 4/6, 3/6
    assert value(card, "dice") == pytest.approx((5 + 4 + 3) / 18)
    assert value(card, "iou") == pytest.approx(np.mean([30 / 42, 24 / 48, 18 / 54]))
    assert value(card, "hausdorff") == pytest.approx(2.0 * 2)
    assert value(card, "dice_background") == pytest.approx(np.mean([1 - (6 * k) / (400 - 36) for k in (1, 2, 3)]))
    assert value(card, "dice_mean_with_background") == pytest.approx(
        (value(card, "dice") + value(card, "dice_background")) / 2
    )
    assert value(card, "dice_macro") == value(card, "dice_foreground") == value(card, "dice")
    assert (card.n_patients, card.n_rows, card.split) == (6, 18, "masks")
    metric = card.targets["masks"].metrics["hd95"]
    assert metric.low is not None
    assert metric.n == 6
    assert "95th percentiles), mm" in metric.method
    assert "18 images of 6 patients; patient bootstrap" in metric.method
    assert "patients are told apart by the sub-folders" in card.warnings


def test_five_numbers_histogram_and_worst(tmp_path: Path) -> None:
    truth, made = cohort(tmp_path)
    tables = evaluate_masks(truth, made, bootstrap=0).targets["masks"].tables
    five = {row[0]: row for row in tables["five_numbers"].rows}
    assert five["dice"][1:8] == ("fraction", 18, 0.5, 0.5, 4 / 6, 5 / 6, 5 / 6)
    assert five["hausdorff"][1:8] == ("pixels", 18, 1.0, 1.0, 2.0, 3.0, 3.0)
    bins = [row for row in tables["histogram"].rows if row[0] == "dice"]
    assert [row[3] for row in bins] == [0, 0, 0, 0, 0, 6, 6, 0, 6, 0]
    assert tables["worst"].rows[0][:4] == ("p2/0", "p2", "found", 0.5)
    assert len(tables["worst"].rows) == 10


def test_a_missed_lesion_never_improves_a_mean(tmp_path: Path) -> None:
    truth, made = cohort(tmp_path)
    before = evaluate_masks(truth, made, bootstrap=0)
    # the worst mask of all is taken away; the truth stays
    save(made / "p2" / "0.png", square(0, 0))
    after = judge_masks(truth, made, bootstrap=0).card
    for name in ("dice", "iou", "precision", "recall", "dice_macro", "dice_mean_with_background"):
        assert value(after, name) < value(before, name), name
    for name in ("hausdorff", "hd95", "assd"):
        assert value(after, name) > value(before, name), name
    assert (value(after, "missed"), value(after, "false_alarms"), value(after, "both_empty")) == (1, 0, 0)
    assert any("1 missed and 0 false alarms among 18" in line for line in after.warnings)
    assert ("all classes above 0", 18, 17, 0, 1, 0) in after.targets["masks"].tables["outcomes"].rows


def test_rightly_empty_masks_are_in_no_mean_and_false_alarms_are(tmp_path: Path) -> None:
    truth, made = cohort(tmp_path)
    before = value(evaluate_masks(truth, made, bootstrap=0), "dice")
    save(truth / "p9" / "0.png", square(0, 0))
    save(made / "p9" / "0.png", square(0, 0))
    empty = evaluate_masks(truth, made, bootstrap=0)
    assert value(empty, "dice") == before
    assert value(empty, "both_empty") == 1
    assert empty.targets["masks"].metrics["dice"].n == 6
    assert any("empty in truth and prediction" in line for line in empty.warnings)
    save(made / "p9" / "0.png", square(0, 1))
    alarm = evaluate_masks(truth, made, bootstrap=0)
    assert value(alarm, "dice") == pytest.approx(before * 18 / 19)
    assert value(alarm, "false_alarms") == 1


def test_several_classes_with_names(tmp_path: Path) -> None:
    for k in range(3):
        truth = square(2, 4, value=1) + square(10, 4, value=2)
        save(tmp_path / "t" / f"{k}.npy", truth)
        save(tmp_path / "p" / f"{k}.png", square(2, 4, value=1) + square(12, 4, value=2))
    card = evaluate_masks(tmp_path / "t", tmp_path / "p", labels={1: "lv", 2: "rv", 7: "lesion"}, bootstrap=0)
    assert value(card, "dice_lv") == 1.0
    assert value(card, "dice_rv") == 0.5
    assert value(card, "dice_macro") == 0.75
    assert value(card, "hausdorff_rv") == 2.0
    assert value(card, "hausdorff_macro") == 1.0
    assert value(card, "dice") == 24 / 32
    with_background = (1.0 + 0.5 + value(card, "dice_background")) / 3
    assert value(card, "dice_mean_with_background") == pytest.approx(with_background)
    absent = card.targets["masks"].metrics["dice_lesion"]
    assert absent.value is None
    assert "no images to take the mean of" in absent.method
    assert any("3 images have no known patient" in line for line in card.warnings)


def test_refused_files_are_told_and_the_others_judged(tmp_path: Path) -> None:
    truth, made = cohort(tmp_path)
    (made / "p0" / "0.png").unlink()
    (made / "p0" / "1.png").write_bytes(b"no picture")
    save(made / "p1" / "0.png", square(4, 6, size=21))
    found = judge_masks(truth, made, bootstrap=0)
    assert found.card.n_rows == 15
    told = "\n".join(found.refused)
    assert len(found.refused) == 3
    for name in (truth / "p0" / "0.png", made / "p0" / "1.png", truth / "p1" / "0.png"):
        assert str(name) in told
    assert "20x20 and 21x21" in told
    assert all(f"refused: {line}" in found.card.warnings for line in found.refused)
    assert not any("\n" in line for line in found.refused)


def test_a_white_mask_among_classes_is_in_doubt(tmp_path: Path) -> None:
    for side in ("t", "p"):
        save(tmp_path / side / "a.png", square(2, 4, value=1) + square(10, 4, value=2))
        save(tmp_path / side / "b.png", square(2, 4))
    found = judge_masks(tmp_path / "t", tmp_path / "p", bootstrap=0)
    assert found.card.n_rows == 1
    assert "holds only 0 and 255" in found.refused[0]
    named = judge_masks(tmp_path / "t", tmp_path / "p", labels={255: "aorta"}, bootstrap=0)
    assert not named.refused
    assert value(named.card, "dice_aorta") == 1.0


def test_class_numbers_that_differ_between_the_sides_are_told(tmp_path: Path) -> None:
    for k in range(3):
        save(tmp_path / "t" / f"{k}.npy", square(2, 4, value=1) + square(10, 4, value=2))
        save(tmp_path / "p" / f"{k}.npy", square(2, 4, value=1) + square(10, 4, value=3))
    warnings = evaluate_masks(tmp_path / "t", tmp_path / "p", bootstrap=0).warnings
    assert any(line.startswith("class 2: truth and prediction never both") for line in warnings)
    assert any(line.startswith("class 3: truth and prediction never both") for line in warnings)
    assert not any(line.startswith("class 1:") for line in warnings)


def test_an_array_of_every_file_of_a_folder(tmp_path: Path) -> None:
    for side in ("t", "p"):
        (tmp_path / side).mkdir()
        np.savez(tmp_path / side / "a.npz", wall=square(2, 4), cavity=square(9, 4))
    card = evaluate_masks(Path(f"{tmp_path / 't'}#wall"), Path(f"{tmp_path / 'p'}#cavity"), bootstrap=0)
    assert value(card, "dice") == 0.0
    assert value(card, "hausdorff") == 7.0


def test_planes_and_volumes(tmp_path: Path) -> None:
    truth, made = np.zeros((3, 8, 8), dtype=bool), np.zeros((3, 8, 8), dtype=bool)
    truth[0, 2:5, 2:5] = made[1, 2:5, 2:5] = truth[1, 2:5, 2:5] = True
    np.savez(tmp_path / "t.npz", wall=truth, other=truth)
    save(tmp_path / "p.npy", made)
    wall = Path(f"{tmp_path / 't.npz'}#wall")
    planes = evaluate_masks(wall, tmp_path / "p.npy", spacing=(2.0, 2.0))
    assert planes.n_rows == 3
    assert planes.n_patients == 1
    assert (value(planes, "dice"), value(planes, "missed"), value(planes, "both_empty")) == (0.5, 1, 1)
    assert "fewer than 5 patients" in planes.targets["masks"].metrics["dice"].method
    volume = evaluate_masks(wall, tmp_path / "p.npy", spacing=(5.0, 2.0, 2.0))
    assert volume.n_rows == 1
    assert value(volume, "hausdorff") == 5.0
    with pytest.raises(RefusedError, match="wall, other"):
        evaluate_masks(tmp_path / "t.npz", tmp_path / "p.npy")


def test_a_table_of_patients(tmp_path: Path) -> None:
    for k in range(6):
        save(tmp_path / "t" / f"{k}.png", square(4, 6))
        save(tmp_path / "p" / f"{k}.png", square(5, 6))
    table = tmp_path / "who.csv"
    table.write_text("file,patient_id\n" + "".join(f"{k}.png,{k // 2}\n" for k in range(5)), encoding="utf-8")
    found = judge_masks(tmp_path / "t", tmp_path / "p", patients=table, bootstrap=0)
    assert found.card.n_patients == 3
    assert "does not tell whose it is" in found.refused[0]


@pytest.mark.parametrize("labels", [{1: "macro"}, {1: "a", 2: "a"}, {1: ""}, {70000: "b"}])
def test_labels_and_spacings_that_cannot_be(tmp_path: Path, labels: dict[int, str]) -> None:
    truth, made = cohort(tmp_path, patients=1, images=1)
    with pytest.raises(RefusedError, match="labels"):
        evaluate_masks(truth, made, labels=labels)
    for spacing in ((1.0,), (0.0, 1.0), (float("nan"), 1.0), (1.0, 1.0, 1.0)):
        with pytest.raises(RefusedError, match="spacing"):
            evaluate_masks(truth, made, spacing=spacing)


def test_the_same_seed_gives_the_same_interval(tmp_path: Path) -> None:
    truth, made = cohort(tmp_path)
    first, again, other = (
        evaluate_masks(truth, made, seed=seed, bootstrap=100).targets["masks"].metrics["dice"] for seed in (3, 3, 4)
    )
    assert first == again
    assert first != other
