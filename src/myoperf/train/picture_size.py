"""A picture of any size brought to the square that a system looks at, and a mask of the square brought back."""

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError
from myoperf.views import Images

Array = NDArray[np.generic]
Bytes = NDArray[np.uint8]
Limits = tuple[float, float]

_BRIGHTEST = 255.0


def as_seen(view: Images, pictures: Array) -> Array:
    """Pictures (pictures, rows, columns[, 3]) as the view shows them: (pictures, 1 or 3, size, size).

    uint8 where they are taken as drawn; float32 in 0..1 where a window is laid on counts. Grey pictures keep one
    channel. RefusedError for pictures "as drawn" that do not lie in 0..255.
    """
    channels = pictures[:, None] if pictures.ndim == 3 else np.moveaxis(pictures, -1, 1)
    if view.channels == 1 and channels.shape[1] == 3:
        channels = channels.astype(np.float32).mean(axis=1, keepdims=True)
    shown = np.stack([[_fitted(view, _plane(one)) for one in picture] for picture in channels])
    low, high = (float(channels.min()), float(channels.max())) if channels.size else (0.0, 0.0)
    if view.window == "drawn":
        if low < 0 or high > _BRIGHTEST:
            rule, do = "a picture as it is drawn lies in 0..255", "choose a recipe that lays a window on counts"
            raise RefusedError("pictures", rule=rule, came=f"{low:g}..{high:g}", do=do)
        return np.asarray(np.rint(shown), dtype=np.uint8)
    if view.window == "study":
        return _windowed(shown, (low, high))
    limits = [(float(picture.min()), float(picture.max())) for picture in channels]
    return np.stack([_windowed(picture, limit) for picture, limit in zip(shown, limits, strict=True)])


def masks_as_seen(view: Images, masks: Bytes) -> Bytes:
    """Masks (pictures, rows, columns) on the view's square, nearest neighbour: (pictures, 1, size, size)."""
    return np.stack([_fitted(view, mask, smooth=False) for mask in masks])[:, None].astype(np.uint8)


def mask_as_drawn(view: Images, mask: Bytes, shape: tuple[int, int]) -> Bytes:
    """A mask of the view's square on the picture that it was made from, (rows, columns); nothing beyond the square."""
    if view.fit == "resize":
        side = max(shape)
        whole: Bytes = _resized(mask, side, smooth=False).astype(np.uint8)
        top, left = ((side - length) // 2 for length in shape)
        return whole[top : top + shape[0], left : left + shape[1]]
    there = np.zeros(shape, dtype=np.uint8)
    (rows, from_rows), (columns, from_columns) = (_overlap(length, view.size) for length in shape)
    there[rows, columns] = mask[from_rows, from_columns]
    return there


def pixels_drawn(view: Images, shape: tuple[int, int]) -> float:
    """Pixels of the picture as it came that one pixel of the square covers, along a side."""
    return max(shape) / view.size if view.fit == "resize" else 1.0


def pixel_mm(view: Images, spacing: tuple[float, float] | None, shape: tuple[int, int]) -> tuple[float, float] | None:
    """Millimetres between pixels of the square; None where they are not known."""
    if spacing is None:
        return None
    factor = pixels_drawn(view, shape)
    return spacing[0] * factor, spacing[1] * factor


def _plane(picture: Array) -> NDArray[np.float32]:
    return np.asarray(picture, dtype=np.float32)


def _windowed(pictures: Array, limits: Limits) -> NDArray[np.float32]:
    low, high = limits
    shown: NDArray[np.float32] = ((np.asarray(pictures, np.float64) - low) / max(high - low, 1e-12)).astype(np.float32)
    return np.clip(shown, 0.0, 1.0)


def _fitted(view: Images, picture: Array, *, smooth: bool = True) -> Array:
    """One plane on the square: padded with black and resized, or the middle as it is."""
    if picture.shape == (view.size, view.size):
        return picture
    if view.fit == "resize":
        side = max(picture.shape)
        square = np.zeros((side, side), dtype=picture.dtype)
        rows, columns = ((side - length) // 2 for length in picture.shape)
        square[rows : rows + picture.shape[0], columns : columns + picture.shape[1]] = picture
        return _resized(square, view.size, smooth=smooth)
    square = np.zeros((view.size, view.size), dtype=picture.dtype)
    (rows_there, to_rows), (columns_there, to_columns) = (_overlap(length, view.size) for length in picture.shape)
    square[to_rows, to_columns] = picture[rows_there, columns_there]
    return square


def _overlap(length: int, size: int) -> tuple[slice, slice]:
    """Where the middles of a picture's side and of the square's lie over each other: in the picture, in the square."""
    count = min(length, size)
    here, there = (length - count) // 2, (size - count) // 2
    return slice(here, here + count), slice(there, there + count)


def _resized(picture: Array, size: int, *, smooth: bool) -> Array:
    if picture.shape == (size, size):
        return picture
    from PIL import Image

    how = Image.Resampling.BILINEAR if smooth else Image.Resampling.NEAREST
    plane = Image.fromarray(np.asarray(picture, dtype=np.float32 if smooth else np.uint8))
    return np.asarray(plane.resize((size, size), how))
