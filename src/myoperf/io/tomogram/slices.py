"""A short-axis volume cut into pictures: short axis, vertical and horizontal long axis, enlarged and coloured.

Short axis: anterior up, septum left. Vertical long axis: anterior up, apex right. Horizontal long axis: apex up, septum
left. Nothing but the slice is on a picture: no words, no bar, no metadata.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...core.colour import DEFAULT_SCALE, paint
from ...core.errors import RefusedError
from ...core.terms import View

Volume = NDArray[np.float32]
Box = tuple[float, float, float]

VIEWS = {View.SHORT_AXIS: "SA", View.HORIZONTAL_LONG_AXIS: "HLA", View.VERTICAL_LONG_AXIS: "VLA"}
FIELD_MM = 160.0
"""Side of a picture: 32 voxels of 5 mm at 16 pixels each are 512 pixels."""
_THROUGH = {View.SHORT_AXIS: 0, View.HORIZONTAL_LONG_AXIS: 1, View.VERTICAL_LONG_AXIS: 2}
_DOWN_ACROSS = {View.SHORT_AXIS: (1, 2), View.HORIZONTAL_LONG_AXIS: (0, 2), View.VERTICAL_LONG_AXIS: (1, 0)}


@dataclass(frozen=True, kw_only=True)
class Cut:
    """Where a left ventricle lies in its volume, and how it is drawn.

    low_mm, high_mm : first and last place of the wall from the first voxel's middle, along (slice, row, column).
    largest : counts that 100 percent means, the maximum of the myocardium. size : pixels a side, of field_mm.
    scale : colour table of ``core.colour``; None for grey pictures of one channel.
    """

    low_mm: Box
    high_mm: Box
    largest: float
    size: int = 512
    field_mm: float = FIELD_MM
    scale: str | None = DEFAULT_SCALE


@dataclass(frozen=True, kw_only=True)
class SlicePicture:
    """One slice. number : in the order of display, from 1. place : voxel along the axis through the slice.

    pixels : (size, size), or (size, size, 3) in colour. mm : side of a pixel.
    """

    view: View
    number: int
    place: int
    pixels: NDArray[np.uint8] = field(repr=False)
    mm: float

    @property
    def name(self) -> str:
        """``SA_01`` and so on."""
        return f"{VIEWS[self.view]}_{self.number:02d}"


def slice_pictures(
    volume: Volume, spacing_mm: Box, cut: Cut, views: tuple[View, ...] = tuple(VIEWS)
) -> Iterator[SlicePicture]:
    """Every slice through the wall, view by view, apex to base, inferior to anterior, septum to lateral.

    volume : counts (slice, row, column) in the project's orientation (apex first, anterior up, septum left). Counts are
    shown as percent of ``cut.largest``, bilinear between voxels, black outside the volume.
    RefusedError for a wall that does not lie in the volume, for counts that are not finite or a largest that is not
    above 0, and for pictures of less than 16 or more than 4,096 pixels a side.
    """
    _check(volume, spacing_mm, cut)
    percent = np.clip(volume * np.float32(100 / cut.largest), 0, 100)
    for view in views:
        axis = _THROUGH[view]
        first, last = (
            int(np.clip(round(edge[axis] / spacing_mm[axis]), 0, volume.shape[axis] - 1))
            for edge in (cut.low_mm, cut.high_mm)
        )
        places = range(first, last + 1)
        shown_first = reversed(places) if view is View.HORIZONTAL_LONG_AXIS else places
        for number, place in enumerate(shown_first, start=1):
            shown = _enlarged(plane(percent, view, place), _square(volume.shape, view, spacing_mm, cut), cut.size)
            pixels = paint(shown, cut.scale) if cut.scale else np.rint(shown * 2.55).astype(np.uint8)
            yield SlicePicture(view=view, number=number, place=place, pixels=pixels, mm=cut.field_mm / cut.size)


def plane(volume: NDArray[np.float32], view: View, place: int) -> NDArray[np.float32]:
    """One plane of a volume as it is looked at in a view."""
    found: NDArray[np.float32] = np.take(volume, place, axis=_THROUGH[view])
    return found[::-1].T if view is View.VERTICAL_LONG_AXIS else found


def _square(shape: tuple[int, ...], view: View, spacing_mm: Box, cut: Cut) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the part shown, in pixels of the plane; pixel k covers k..k+1."""
    edges = []
    for axis in _DOWN_ACROSS[view]:
        middle = (cut.low_mm[axis] + cut.high_mm[axis]) / 2 / spacing_mm[axis] + 0.5
        if view is View.VERTICAL_LONG_AXIS and axis == 0:
            middle = shape[0] - middle
        half = cut.field_mm / 2 / spacing_mm[axis]
        edges.append((middle - half, middle + half))
    (top, bottom), (left, right) = edges
    return left, top, right, bottom


def _enlarged(values: NDArray[np.float32], square: tuple[float, float, float, float], size: int) -> NDArray[np.float32]:
    left, top, right, bottom = square
    room = 1 + max(0, int(np.ceil(max(-left, -top, right - values.shape[1], bottom - values.shape[0]))))
    steps = ((right - left) / size, 0, left + room, 0, (bottom - top) / size, top + room)
    source = Image.fromarray(np.ascontiguousarray(np.pad(values, room)))
    found = source.transform((size, size), Image.Transform.AFFINE, steps, Image.Resampling.BILINEAR)
    return np.asarray(found, dtype=np.float32)


def _check(volume: Volume, spacing_mm: Box, cut: Cut) -> None:
    reach = [(n - 1) * mm for n, mm in zip(volume.shape, spacing_mm, strict=True)]
    inside = all(
        -mm <= low <= high <= far + mm
        for low, high, far, mm in zip(cut.low_mm, cut.high_mm, reach, spacing_mm, strict=True)
    )
    if not inside:
        raise RefusedError(
            "wall", rule="it lies in its volume", came=f"{cut.low_mm} to {cut.high_mm}", do="find it again"
        )
    if not (np.isfinite(volume).all() and np.isfinite(cut.largest) and cut.largest > 0):
        raise RefusedError(
            "volume", rule="counts are finite, the largest above 0", came=cut.largest, do="read it again"
        )
    if not (16 <= cut.size <= 4096 and 20 <= cut.field_mm <= 1000):
        came = f"{cut.size} pixels for {cut.field_mm:g} mm"
        raise RefusedError(
            "size", rule="a picture has 16 to 4,096 pixels for 20 to 1,000 mm", came=came, do="choose it so"
        )
