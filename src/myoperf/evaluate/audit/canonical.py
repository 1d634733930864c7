"""A picture freed of where its content stands and how large it is, and what of it a turn does not change."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SIDE = 64
"""Pixels along a side of a canonical picture."""
RADII, ANGLES, HARMONICS = 24, 96, 12
_REACH = 2.2
"""Half a side of the canonical picture, in root-mean-square radii of the content."""
_LONGEST = 192
_FAINT = 0.08


@dataclass(frozen=True, kw_only=True)
class Canonical:
    """Pictures of one size, centred on their content.

    values : shape (pictures, 64, 64), mean 0 and variance 1. valid : where there is content that was not cut off.
    polar : the values about the centre, (pictures, radii, angles). signature : magnitudes of the angular waves on every
    radius, unchanged by a turn.
    """

    values: Floats
    valid: NDArray[np.bool_]
    polar: Floats
    signature: Floats


def canonical(plane: NDArray[np.floating]) -> tuple[Floats, NDArray[np.bool_]] | None:
    """One picture (rows, columns) of finite numbers on the grid of 64 x 64, and where it has content; None if empty."""
    small = _shrunk(np.asarray(plane, dtype=np.float32))
    weight = _height(small)
    row, column, radius = (0.0, 0.0, 0.0) if weight is None else _moments(np.where(weight < _FAINT, 0, weight))
    if weight is None or radius < 1.0:
        return None
    step = 2 * _REACH * radius / SIDE
    axis = (np.arange(SIDE) + 0.5 - SIDE / 2) * step
    rows, columns = np.meshgrid(row + axis, column + axis, indexing="ij")
    inside = (rows > -0.5) & (rows < small.shape[0] - 0.5) & (columns > -0.5) & (columns < small.shape[1] - 0.5)
    valid = inside & (np.hypot(*np.meshgrid(axis, axis, indexing="ij")) <= _REACH * radius)
    values = _sampled(_blurred(weight, 0.4 * step) if step > 1.2 else weight, rows, columns)
    if valid.sum() < SIDE or np.ptp(values[valid]) <= 0:
        return None
    content = ((weight >= _FAINT) & ~_plateau(small)).astype(np.float32)
    shown = valid & (_sampled(_blurred(content, max(0.5 * step, 0.5)), rows, columns) > 0.7)
    values = np.where(inside, values, 0)
    return ((values - values[valid].mean()) / values[valid].std()).astype(np.float32), shown


def _height(plane: Floats) -> Floats | None:
    """Distance from the background as 0..1; None if the plane is empty."""
    away = np.abs(plane - _background(plane))
    top = float(np.percentile(away[away > 0], 99)) if (away > 0).any() else 0.0
    return np.clip(away / top, 0, 1).astype(np.float32) if top > 0 else None


def _plateau(plane: Floats) -> NDArray[np.bool_]:
    """Pixels that are as bright as can be, where many are: there the picture was cut off."""
    top = plane >= plane.max() - 1e-3 * np.ptp(plane)
    return np.asarray(top if top.mean() > 0.005 else np.zeros(plane.shape, dtype=bool))


def gathered(pictures: list[tuple[Floats, NDArray[np.bool_]]]) -> Canonical:
    """Canonical pictures together, with their polar forms and signatures."""
    values = np.stack([value for value, _ in pictures])
    valid = np.stack([where for _, where in pictures])
    radius = (np.arange(RADII) + 0.5) / RADII * (SIDE / 2 - 1)
    angle = np.arange(ANGLES) * (2 * np.pi / ANGLES)
    rows = SIDE / 2 - 0.5 + radius[:, None] * np.sin(angle)
    columns = SIDE / 2 - 0.5 + radius[:, None] * np.cos(angle)
    polar = _sampled(values.transpose(1, 2, 0), rows, columns).transpose(2, 0, 1)
    waves = np.abs(np.fft.rfft(polar, axis=2))[:, :, :HARMONICS] / ANGLES
    signature = np.sqrt(waves).reshape(len(values), -1)
    return Canonical(
        values=values, valid=valid, polar=np.ascontiguousarray(polar), signature=signature.astype(np.float32)
    )


def _shrunk(plane: Floats) -> Floats:
    """The plane with its longer side at most ``_LONGEST``, averaged."""
    from PIL import Image

    longest = max(plane.shape)
    if longest <= _LONGEST:
        return plane
    size = tuple(max(1, round(side * _LONGEST / longest)) for side in plane.shape[::-1])
    return np.asarray(Image.fromarray(plane).resize((size[0], size[1]), Image.Resampling.BOX), dtype=np.float32)


def _background(plane: Floats) -> float:
    """The level that the border mostly has."""
    border = np.concatenate([plane[0], plane[-1], plane[:, 0], plane[:, -1]])
    return float(np.median(border))


def _moments(weight: Floats) -> tuple[float, float, float]:
    """Row and column of the centre and the root-mean-square radius of a weight that is not all 0."""
    rows, columns = np.indices(weight.shape, dtype=np.float32)
    total = float(weight.sum())
    row, column = float((weight * rows).sum()) / total, float((weight * columns).sum()) / total
    spread = (weight * ((rows - row) ** 2 + (columns - column) ** 2)).sum() / total
    return row, column, float(np.sqrt(spread))


def _blurred(plane: Floats, sigma: float) -> Floats:
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(plane, sigma), dtype=np.float32)


def _sampled(image: Floats, rows: NDArray[np.floating], columns: NDArray[np.floating]) -> Floats:
    """Values of (rows, columns, ...) between its pixels, edges held."""
    low_row = np.clip(np.floor(rows).astype(np.intp), 0, max(image.shape[0] - 2, 0))
    low_column = np.clip(np.floor(columns).astype(np.intp), 0, max(image.shape[1] - 2, 0))
    extra = (1,) * (image.ndim - 2)
    down = np.clip(rows - low_row, 0, 1).reshape(*rows.shape, *extra)
    right = np.clip(columns - low_column, 0, 1).reshape(*rows.shape, *extra)
    next_row, next_column = np.minimum(low_row + 1, image.shape[0] - 1), np.minimum(low_column + 1, image.shape[1] - 1)
    upper = image[low_row, low_column] * (1 - right) + image[low_row, next_column] * right
    lower = image[next_row, low_column] * (1 - right) + image[next_row, next_column] * right
    return np.asarray(upper * (1 - down) + lower * down, dtype=np.float32)
