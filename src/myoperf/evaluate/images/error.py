"""How far an image lies from its reference, pixel by pixel. Errors are normalised in several ways: each says how."""

from math import log10

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError

Floats = NDArray[np.float64]

_LARGEST = 1e100
NAMES = ("nmse", "nmae_range", "nmae_mean", "rmse", "psnr")
SAID = {
    "nmse": "sum of squared differences over the sum of squares of the reference",
    "nmae_range": "mean absolute difference over the range (maximum minus minimum) of the reference",
    "nmae_mean": "mean absolute difference over the mean absolute value of the reference",
    "rmse": "root mean square difference, in the unit of the images",
    "psnr": "10 log10(range**2 / mean squared difference), dB; range = maximum minus minimum of the reference",
}


def image_errors(reference: Floats, image: Floats, *, data_range: float | None = None) -> dict[str, float | None]:
    """The errors of ``NAMES``, as ``SAID`` defines them; None where the reference makes one undefined.

    Both arrays have one shape and finite values. psnr : higher is better, None for equal images (it is infinite); all
    others : 0 is perfect, higher is worse. nmse, nmae : None for a reference of zeros or (range) a constant one.
    data_range : takes the place of the reference's range in nmae_range and psnr. RefusedError for other arrays.
    """
    check_images(reference, image)
    width = float(np.ptp(reference)) if data_range is None else data_range
    gap = image - reference
    squared, absolute = float(np.mean(gap**2)), float(np.mean(np.abs(gap)))
    power, level = float(np.mean(reference**2)), float(np.mean(np.abs(reference)))
    return {
        "nmse": squared / power if power > 0 else None,
        "nmae_range": absolute / width if width > 0 else None,
        "nmae_mean": absolute / level if level > 0 else None,
        "rmse": float(np.sqrt(squared)),
        "psnr": 10 * log10(width**2 / squared) if squared > 0 and width > 0 else None,
    }


def check_images(reference: Floats, image: Floats) -> None:
    """Refuse arrays of different shape, empty ones, and values that are not finite numbers."""
    if reference.shape != image.shape or not reference.size:
        came = f"{reference.shape} and {image.shape}"
        raise RefusedError("images", rule="an image has the size of its reference", came=came, do="resample it")
    if not all(bool((np.abs(array) <= _LARGEST).all()) for array in (reference, image)):
        rule = f"every value is a finite number, within {_LARGEST:g} of 0"
        raise RefusedError("images", rule=rule, came="NaN, infinity or more", do="correct it")
