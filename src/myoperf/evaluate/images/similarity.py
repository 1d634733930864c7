"""Structural similarity of an image and its reference (Wang, Bovik, Sheikh and Simoncelli 2004)."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d

from .error import check_images

Floats = NDArray[np.float64]

WINDOW, SIGMA, K1, K2 = 11, 1.5, 0.01, 0.03
SAID = (
    f"mean structural similarity, Gaussian window of {WINDOW} pixels along each axis (sigma {SIGMA}), K1 = {K1}, "
    f"K2 = {K2}, range = maximum minus minimum of the reference, windows within the image only"
)


def ssim(reference: Floats, image: Floats, *, data_range: float | None = None) -> float | None:
    """Mean SSIM over all windows that lie within the image; 1 for equal images, higher is better, may be below 0.

    The window is Gaussian, 11 pixels along each axis, sigma 1.5 pixels, its weights sum to 1 (no correction for sample
    size); C1 = (0.01 L)**2, C2 = (0.03 L)**2, L = data_range, by default maximum minus minimum of the reference. Works
    in any number of axes. None where an axis is shorter than 11 pixels, or L is 0. RefusedError for other arrays.
    """
    check_images(reference, image)
    width = float(np.ptp(reference)) if data_range is None else data_range
    if min(reference.shape, default=0) < WINDOW or width <= 0:
        return None
    c1, c2 = (K1 * width) ** 2, (K2 * width) ** 2
    # variances lose no digits to a high level when it is taken away first
    level = float(reference.mean())
    near, far = reference - level, image - level
    mean_r, mean_i = _windowed(near), _windowed(far)
    var_r = _windowed(near * near) - mean_r**2
    var_i = _windowed(far * far) - mean_i**2
    both = _windowed(near * far) - mean_r * mean_i
    mean_r, mean_i = mean_r + level, mean_i + level
    above = (2 * mean_r * mean_i + c1) * (2 * both + c2)
    return float(np.mean(above / ((mean_r**2 + mean_i**2 + c1) * (var_r + var_i + c2))))


def _windowed(image: Floats) -> Floats:
    """Weighted mean in every window that lies within the image."""
    half = WINDOW // 2
    weight = np.exp(-0.5 * (np.arange(-half, half + 1) / SIGMA) ** 2)
    weight /= weight.sum()
    for axis in range(image.ndim):
        whole = correlate1d(image, weight, axis=axis, mode="nearest")
        image = np.take(whole, np.arange(half, whole.shape[axis] - half), axis=axis)
    return image
