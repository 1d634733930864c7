"""What is drawn over a disc: lines, numbers, letters. Its pixels tell nothing of uptake."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .colours import Colours, Floats, Scale

_OFF_SCALE = 34.0
_THIN_LIGHT = 26.0
_THIN_PERCENT = 9.0
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
Mask = NDArray[np.bool_]


def covered(disc: Colours, scale: Scale, percent: Floats, distance: Floats) -> Mask:
    """Pixels of a square picture of a disc that are drawn over.

    Either their colour is not on the scale, or they belong to something thinner than 1/28 of the disc that is lighter
    or darker, or of another uptake, than both its sides: black and white letters lie on most scales.
    """
    width = 2 * max(1, round(disc.shape[0] / 56)) + 1
    light = disc.astype(np.float32) @ _LUMA
    over = distance > _OFF_SCALE
    over |= _thin(light, width) > _THIN_LIGHT
    if not scale.stepped:
        over |= _thin(percent, width) > _THIN_PERCENT
    else:
        over |= _thin(percent, width) > 1.6 * _THIN_PERCENT
    return np.asarray(ndimage.binary_dilation(over, np.ones((3, 3), dtype=bool)))


def _thin(values: Floats, width: int) -> Floats:
    """How far a pixel stands above or below what stays when all that is thinner than ``width`` is taken away."""
    opened = ndimage.grey_opening(values, (width, width))
    closed = ndimage.grey_closing(values, (width, width))
    return np.asarray(np.maximum(values - opened, closed - values))
