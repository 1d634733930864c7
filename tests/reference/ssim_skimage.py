"""Makes ``ssim_skimage.json`` with scikit-image 0.26.0: ``python tests/reference/ssim_skimage.py``.

Gaussian windows as in Wang 2004: sigma 1.5 cut at 3.5 sigma (11 pixels), weights that sum to 1, borders left out.
"""

import importlib
import json
from pathlib import Path

import numpy as np


def made(shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """A smooth reference and an image that differs from it by a wave, without any random number."""
    axes = np.indices(shape).astype(np.float64)
    reference = 50 + 40 * np.prod([np.sin(0.3 * (k + 1) * axis + k) for k, axis in enumerate(axes)], axis=0)
    return reference, reference + 6 * np.cos(0.9 * axes.sum(axis=0)) + 2


def main() -> None:
    metrics = importlib.import_module("skimage.metrics")
    found = {"made by": "scikit-image 0.26.0"}
    for shape in ((24, 31), (13, 16, 12)):
        reference, image = made(shape)
        width = float(np.ptp(reference))
        name = "x".join(map(str, shape))
        found[f"ssim {name}"] = metrics.structural_similarity(
            reference, image, data_range=width, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
        found[f"psnr {name}"] = metrics.peak_signal_noise_ratio(reference, image, data_range=width)
    numbers = {name: value if isinstance(value, str) else float(value) for name, value in found.items()}
    Path(__file__).with_suffix(".json").write_text(json.dumps(numbers) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
