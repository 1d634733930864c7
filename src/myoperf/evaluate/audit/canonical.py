"""A picture freed of where its content stands and how large it is, and what of it a turn does not change."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter, label

Floats = NDArray[np.float32]

SIDE = 64
"""Pixels along a side of a canonical picture."""
RADII, ANGLES, HARMONICS = 24, 96, 12
_REACH = 2.2
"""Half a side of the canonical picture, in root-mean-square radii of the content."""
_LONGEST = 192
_FAINT, _CEILING = 0.15, 1.5
"""Of the height of the content: what is background, and what is cut off."""
_FILLED, _APART, _EVEN = 0.02, 0.06, 0.8
"""Of the spread of a plane: what is one level, and what is another; and the part that a background has of one."""


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


def canonical(planes: NDArray[np.floating]) -> tuple[Floats, NDArray[np.bool_]] | None:
    """Parallel planes (planes, rows, columns) of finite numbers on the grid of 64 x 64, framed by the middle one.

    Returns their values, shape (planes, 64, 64), and where the middle one has content; None if that is empty.
    """
    small = [_refilled(_shrunk(np.asarray(plane, dtype=np.float32))) for plane in planes]
    middle = small[len(small) // 2]
    level, top = _background(middle), _top(middle)
    weight = np.clip(_blurred(np.abs(middle - level), 1.0) / top - _FAINT, 0, None) if top > 0 else None
    row, column, radius = (0.0, 0.0, 0.0) if weight is None or not weight.any() else _moments(weight)
    if weight is None or radius < 1.0:
        return None
    step = 2 * _REACH * radius / SIDE
    axis = (np.arange(SIDE) + 0.5 - SIDE / 2) * step
    rows, columns = np.meshgrid(row + axis, column + axis, indexing="ij")
    inside = (rows > -0.5) & (rows < middle.shape[0] - 0.5) & (columns > -0.5) & (columns < middle.shape[1] - 0.5)
    valid = inside & (np.hypot(*np.meshgrid(axis, axis, indexing="ij")) <= _REACH * radius)
    height = np.stack([np.clip(np.abs(plane - level) / top, 0, _CEILING) for plane in small], axis=2)
    values = _sampled(gaussian_filter(height, (0.4 * step, 0.4 * step, 0)) if step > 1.2 else height, rows, columns)
    values = np.where(inside[:, :, None], values, 0).transpose(2, 0, 1)
    central = values[len(small) // 2][valid]
    if valid.sum() < SIDE or np.ptp(central) <= 0:
        return None
    bright = ((weight > 0) & ~_plateau(middle)).astype(np.float32)
    shown = valid & (_sampled(_blurred(bright, max(0.5 * step, 0.5)), rows, columns) > 0.7)
    return ((values - central.mean()) / central.std()).astype(np.float32), shown


def content(volume: Floats) -> Floats:
    """How much of a volume's content stands in each voxel: its height, smoothed, over what noise reaches; 0 or more."""
    edge = np.concatenate([volume[[0, -1]].ravel(), volume[:, [0, -1]].ravel(), volume[:, :, [0, -1]].ravel()])
    height = np.clip(volume - np.median(edge), 0, None)
    top = float(height.max())
    weight = (height / top).astype(np.float64) ** 4 if top > 0 else height
    top = float((weight * height).sum() / weight.sum()) if top > 0 else 1.0
    return np.asarray(np.clip(_blurred(height, 1.0) / top - _FAINT, 0, None), dtype=np.float32)


def _top(plane: Floats) -> float:
    """Height of the content over the background, by its fourth power: noise and the size of the plane weigh little."""
    away = np.abs(plane - _background(plane)).astype(np.float64)
    scale = float(away.max())
    weight = (away / scale) ** 4 if scale > 0 else away
    return float((weight * away).sum() / weight.sum()) if scale > 0 else 0.0


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


def _refilled(plane: Floats) -> Floats:
    """The plane without the empty corners that a turn leaves: they get the level of what is beside them.

    Such corners are of one level, apart from each other, and beside them is a background of another level. A background
    goes around the content and joins its corners, or ends at a disc, which has no one level.
    """
    corners = plane[[0, 0, -1, -1], [0, -1, 0, -1]]
    spread = float(np.ptp(plane))
    if min(plane.shape) < 8 or np.ptp(corners) > _FILLED * spread:
        return plane
    parts, _ = label(np.abs(plane - corners[0]) <= _FILLED * spread)
    names = np.unique(parts[[0, 0, -1, -1], [0, -1, 0, -1]])
    if names.size < 3:
        return plane
    empty = binary_dilation(np.isin(parts, names), iterations=2)
    beside = binary_dilation(empty, iterations=2) & ~empty
    if not beside.any():
        return plane
    level = float(np.median(plane[beside]))
    even = float((np.abs(plane[beside] - level) <= _FILLED * spread).mean()) >= _EVEN
    other = abs(level - float(corners[0])) > _APART * spread
    return np.where(empty, level, plane).astype(np.float32) if even and other else plane


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
