from pathlib import Path

import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.evaluate.images import judge_images
from myoperf.evaluate.images.folder import NAMES


def cohort(root: Path, patients: int = 6) -> tuple[Path, Path]:
    """Two 16 x 16 images a patient, and a row of segments."""
    rng = np.random.default_rng(0)
    for p in range(patients):
        for side in ("t", "p"):
            (root / side / f"p{p}").mkdir(parents=True)
        for name in "ab":
            image = rng.uniform(0, 100, (16, 16))
            np.save(root / "t" / f"p{p}" / f"{name}.npy", image)
            np.savez(root / "p" / f"p{p}" / f"{name}.npz", made=image + p)
        np.save(root / "t" / f"p{p}" / "segments.npy", np.full(17, 70.0))
        np.save(root / "p" / f"p{p}" / "segments.npy", np.full((1, 17), 70.0 + p)[0])
    return root / "t", root / "p"


def test_images_and_segments_of_a_folder(tmp_path: Path) -> None:
    truth, made = cohort(tmp_path)
    card = judge_images(truth, made, bootstrap=200).card
    images = card.targets["images"].metrics
    assert tuple(images) == NAMES
    assert images["rmse"].value == pytest.approx(2.5)
    assert images["rmse"].low is not None
    assert "12 images of 6 patients" in images["rmse"].method
    assert "range (maximum minus minimum) of the reference" in images["nmae_range"].method
    assert "Gaussian window of 11" in images["ssim"].method
    # the first patient's images are exact, so two have no ratio of signal to noise
    assert "10 images of 5 patients" in images["psnr"].method
    assert any(line.startswith("psnr: not defined for 2 of 12 images") for line in card.warnings)
    segments = card.targets["segments"].metrics
    assert segments["segment_bias"].value == pytest.approx(2.5)
    assert (card.n_patients, card.n_rows) == (6, 18)
    assert card.targets["images"].kind == "images"
    five = {row[0]: row for row in card.targets["images"].tables["five_numbers"].rows}
    assert five["rmse"][2] == pytest.approx(0.0, abs=1e-9)
    assert five["rmse"][6] == pytest.approx(5.0)


def test_a_given_range_and_what_is_refused(tmp_path: Path) -> None:
    truth, made = cohort(tmp_path)
    np.save(made / "p1" / "segments.npy", np.ones(16))
    np.save(truth / "p2" / "a.npy", np.full((16, 16), np.nan))
    (made / "p3" / "a.npz").unlink()
    np.save(truth / "p4" / "segments.npy", np.ones(5))
    np.save(made / "p4" / "segments.npy", np.ones(5))
    found = judge_images(truth, made, data_range=100.0, bootstrap=0)
    assert "range given: 100" in found.card.targets["images"].metrics["psnr"].method
    told = "\n".join(found.refused)
    for path in (truth / "p1" / "segments.npy", truth / "p2" / "a.npy", truth / "p3" / "a.npy", truth / "p4"):
        assert str(path) in told
    assert len(found.refused) == 4
    for wrong in (0.0, float("inf"), -1.0):
        with pytest.raises(RefusedError, match="data range"):
            judge_images(truth, made, data_range=wrong)


def test_nothing_to_judge(tmp_path: Path) -> None:
    for side in ("t", "p"):
        (tmp_path / side).mkdir()
        np.save(tmp_path / side / "a.npy", np.ones(5))
    with pytest.raises(RefusedError, match="two or three axes"):
        judge_images(tmp_path / "t", tmp_path / "p")
