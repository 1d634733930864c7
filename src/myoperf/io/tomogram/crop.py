"""The square around the left ventricle in a picture of a slice."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import signal

from ..picture_file import Pixel, grey_of

Pixels = NDArray[np.uint8]
Place = tuple[float, float]

_SIDE = 96
_RADII = (0.05, 0.07, 0.09, 0.12, 0.15, 0.19, 0.24)
"""Mid-wall radii that are tried, as shares of the longer side."""
_WALL = 0.4
"""Half width of the wall's profile as a share of the radius (one standard deviation)."""
_LEAST = 0.25


def ventricle_centre(picture: Pixels) -> Place | None:
    """Middle (row, column, in pixels from the upper left corner) of the bright ring in a slice, or None.

    picture : (rows, columns) or (rows, columns, 3). A matched filter: the correlation of brightness with rings of seven
    sizes, times the root of the ring's brightness, so that the heart wins over its surroundings; open rings, as on long
    axes, are found by the same. None where no ring correlates with 0.25 at least.
    """
    grey = picture if picture.ndim == 2 else grey_of(picture)
    rows, columns = grey.shape
    scale = _SIDE / max(rows, columns)
    small = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    light = np.asarray(Image.fromarray(grey).resize(small, Image.Resampling.BOX), dtype=np.float64) / 255
    if float(np.ptp(light)) < 1e-3:
        return None
    best, found, fit = 0.0, (0, 0), 0.0
    for radius in _RADII:
        ring, disc = _kernels(radius)
        padded = np.pad(light, ring.shape[0] // 2, mode="edge")
        mean = signal.fftconvolve(padded, disc, mode="valid")
        power = signal.fftconvolve(padded**2, disc, mode="valid")
        spread = np.sqrt(np.maximum(power - mean**2, 1e-6) * np.count_nonzero(disc))
        match = signal.fftconvolve(padded, ring, mode="valid") / spread
        score = match * np.sqrt(np.maximum(mean, 0))
        row, column = np.unravel_index(int(np.argmax(score)), score.shape)
        if score[row, column] > best:
            best, found, fit = float(score[row, column]), (int(row), int(column)), float(match[row, column])
    if fit < _LEAST:
        return None
    return (found[0] + 0.5) * rows / light.shape[0], (found[1] + 0.5) * columns / light.shape[1]


def cropped(picture: NDArray[Pixel], size: int = 512, centre: Place | None = None) -> NDArray[Pixel]:
    """The size x size square around ``centre`` (the picture's middle by default), pixels as they are, 0 outside.

    picture : (rows, columns) or with a last axis of colours.
    """
    rows, columns = picture.shape[:2]
    row, column = centre or (rows / 2, columns / 2)
    top, left = round(row - size / 2), round(column - size / 2)
    square = np.zeros((size, size, *picture.shape[2:]), dtype=picture.dtype)
    down = slice(max(0, top), max(0, min(rows, top + size)))
    across = slice(max(0, left), max(0, min(columns, left + size)))
    part = picture[down, across]
    at_row, at_column = down.start - top, across.start - left
    square[at_row : at_row + part.shape[0], at_column : at_column + part.shape[1]] = part
    return square


@lru_cache(maxsize=16)
def _kernels(radius: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A ring of zero mean and unit norm within its disc, and the disc of unit sum."""
    pixels = radius * _SIDE
    half = int(np.ceil(pixels * (1 + 1.5 * _WALL)))
    y, x = np.mgrid[-half : half + 1, -half : half + 1]
    distance = np.hypot(y, x)
    inside = distance <= half
    ring = np.exp(-((distance - pixels) ** 2) / (2 * (_WALL * pixels) ** 2))
    ring = (ring - ring[inside].mean()) * inside
    return ring / np.sqrt((ring**2).sum()), inside / inside.sum()
