import importlib.util
import itertools
import json
from math import log10
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError
from myoperf.evaluate.images import image_errors, judge_segments, ssim
from myoperf.evaluate.metrics import Resampling

REFERENCES = Path(__file__).parents[2] / "reference"
SKIMAGE = json.loads((REFERENCES / "ssim_skimage.json").read_text(encoding="utf-8"))
Floats = NDArray[np.float64]


def made(shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    """The images that the reference numbers were made from, by the maker itself."""
    spec = importlib.util.spec_from_file_location("ssim_skimage", REFERENCES / "ssim_skimage.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    reference, image = module.made(shape)
    return reference, image


def brute_ssim(reference: Floats, image: Floats) -> float:
    """Window by window, as the paper writes it."""
    width = np.ptp(reference)
    line = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    window = np.ones(())
    for _ in range(reference.ndim):
        window = np.multiply.outer(window, line)
    window /= window.sum()
    c1, c2 = (0.01 * width) ** 2, (0.03 * width) ** 2
    found = []
    for start in itertools.product(*(range(side - 10) for side in reference.shape)):
        part = tuple(slice(at, at + 11) for at in start)
        x, y = reference[part], image[part]
        mean_x, mean_y = (window * x).sum(), (window * y).sum()
        var_x, var_y = (window * (x - mean_x) ** 2).sum(), (window * (y - mean_y) ** 2).sum()
        both = (window * (x - mean_x) * (y - mean_y)).sum()
        above = (2 * mean_x * mean_y + c1) * (2 * both + c2)
        found.append(above / ((mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)))
    return float(np.mean(found))


@pytest.mark.parametrize("shape", [(24, 31), (13, 16, 12), (11, 11)])
def test_ssim_window_by_window(shape: tuple[int, ...]) -> None:
    reference, image = made(shape)
    assert ssim(reference, image) == pytest.approx(brute_ssim(reference, image), abs=1e-12)
    lifted = ssim(reference + 1e6, image + 1e6)
    assert lifted == pytest.approx(brute_ssim(reference + 1e6, image + 1e6), abs=1e-9)


@pytest.mark.parametrize("shape", [(24, 31), (13, 16, 12)])
def test_ssim_and_psnr_of_scikit_image(shape: tuple[int, ...]) -> None:
    reference, image = made(shape)
    name = "x".join(map(str, shape))
    assert ssim(reference, image) == pytest.approx(SKIMAGE[f"ssim {name}"], abs=1e-10)
    assert image_errors(reference, image)["psnr"] == pytest.approx(SKIMAGE[f"psnr {name}"], abs=1e-10)


def test_ssim_at_its_ends() -> None:
    reference, _ = made((24, 31))
    assert ssim(reference, reference) == pytest.approx(1.0)
    assert (ssim(reference, reference.max() - reference) or 0) < 0
    assert ssim(reference[:10], reference[:10]) is None
    assert ssim(np.ones((20, 20)), np.ones((20, 20))) is None
    assert ssim(np.ones((20, 20)), np.ones((20, 20)), data_range=1.0) == pytest.approx(1.0)


def test_errors_by_hand() -> None:
    reference, image = np.array([[0.0, 2.0], [4.0, 6.0]]), np.array([[1.0, 2.0], [4.0, 3.0]])
    found = image_errors(reference, image)
    assert found["nmse"] == 10 / 56
    assert found["nmae_range"] == 1 / 6
    assert found["nmae_mean"] == 1 / 3
    assert found["rmse"] == np.sqrt(2.5)
    assert found["psnr"] == pytest.approx(10 * log10(36 / 2.5))
    assert image_errors(reference, image, data_range=10.0)["nmae_range"] == 0.1


def test_what_a_reference_cannot_give_is_none() -> None:
    zeros = np.zeros((3, 3))
    assert image_errors(zeros, zeros + 1) == {
        "nmse": None, "nmae_range": None, "nmae_mean": None, "rmse": 1.0, "psnr": None
    }  # fmt: skip
    ramp = np.arange(9.0).reshape(3, 3)
    assert image_errors(ramp, ramp)["psnr"] is None
    assert image_errors(ramp, ramp)["nmse"] == 0.0


def test_arrays_that_are_refused() -> None:
    ramp = np.arange(9.0).reshape(3, 3)
    for image, said in ((ramp[:2], "size"), (ramp * np.nan, "finite"), (ramp * 1e200, "finite")):
        with pytest.raises(RefusedError, match=said):
            image_errors(ramp, image)
        with pytest.raises(RefusedError, match=said):
            ssim(ramp, image)


def test_segments_by_hand() -> None:
    reference = np.full((6, 17), 80.0)
    predicted = reference.copy()
    predicted[:, 0] += 17.0
    predicted[:, 1] -= np.arange(6.0)
    found = judge_segments(reference, predicted, np.array([0, 0, 1, 2, 3, 4]), Resampling(replicates=200, seed=0))
    assert found.metrics["segment_mae"].value == pytest.approx((17 + 2.5) / 17)
    assert found.metrics["segment_bias"].value == pytest.approx((17 - 2.5) / 17)
    assert found.metrics["segment_mae"].n == 5
    assert found.metrics["segment_mae"].low is not None
    rows = found.tables["segments"].rows
    assert len(rows) == 17
    assert rows[0][:3] == (1, "basal anterior", 17.0)
    assert (rows[1][2], rows[1][5]) == (2.5, -2.5)
    assert (rows[16][1], rows[16][2]) == ("apex", 0.0)


def test_segments_that_are_refused() -> None:
    good, code, how = np.ones((2, 17)), np.arange(2), Resampling(replicates=0, seed=0)
    for wrong in (np.ones((2, 16)), np.ones(17), good * np.nan):
        with pytest.raises(RefusedError, match="segments"):
            judge_segments(wrong, wrong, code, how)
