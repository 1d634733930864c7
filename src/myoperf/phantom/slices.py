"""Slices of a heart as pictures in clinical style, and outlines of its ischaemic wall as Labelme files.

Short axis: anterior up, septum left. Vertical long axis: anterior up, apex right. Horizontal long axis: apex up, septum
left. Outlines are marching squares at one half of a mask, straight between voxel centres.
"""

import csv
import io
import itertools
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import contourpy
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..core.colour import paint
from ..core.errors import RefusedError
from ..core.terms import State, View
from ..io.files import write_bytes, write_text
from ..io.picture_file import png_bytes

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
Points = NDArray[np.float64]
"""Corners of a closed polygon, shape (points, 2): x right, y down in pixels; pixel k covers k..k+1."""

VIEWS = (View.SHORT_AXIS, View.VERTICAL_LONG_AXIS, View.HORIZONTAL_LONG_AXIS)
SHORT_NAMES = {View.SHORT_AXIS: "SA", View.VERTICAL_LONG_AXIS: "VLA", View.HORIZONTAL_LONG_AXIS: "HLA"}
INDEX_COLUMNS = ("image", "patient_id", "study_id", "state", "view", "slice", "ischaemia")
PIXEL = "pixel_mm"
"""Column of an index that tells the size of a picture's pixels."""
NORMAL, ISCHAEMIA = "normal", "ischaemia"

_THROUGH = {View.SHORT_AXIS: 0, View.HORIZONTAL_LONG_AXIS: 1, View.VERTICAL_LONG_AXIS: 2}
_DOWN_ACROSS = {View.SHORT_AXIS: (1, 2), View.HORIZONTAL_LONG_AXIS: (0, 2), View.VERTICAL_LONG_AXIS: (1, 0)}
_ROOM = 1.5
"""Side of the square shown, in sizes of the heart."""
_FEWEST_CORNERS = 3
_LABELME = "5.5.0"


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Where a left ventricle lies in its volume.

    shape : of the volume. low, high : first and last voxel of the wall. spacing_mm : all along (slice, row, column).
    largest : counts that 100 percent means.
    """

    shape: tuple[int, int, int]
    low: tuple[int, int, int]
    high: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    largest: float

    def square(self, view: View, voxels: float | None = None) -> tuple[float, float, float, float]:
        """A square (in mm) around the heart in the planes of a view: left, top, right, bottom in their pixels.

        voxels : its side, of even voxels; None for one and a half times the heart.
        """
        sizes = [(high - low + 1) * mm for low, high, mm in zip(self.low, self.high, self.spacing_mm, strict=True)]
        edges = []
        for axis in _DOWN_ACROSS[view]:
            middle = (self.low[axis] + self.high[axis] + 1) / 2
            if view is View.VERTICAL_LONG_AXIS and axis == 0:
                middle = self.shape[0] - middle
            half = _ROOM / 2 * max(sizes) / self.spacing_mm[axis] if voxels is None else voxels / 2
            edges.append((middle - half, middle + half))
        (top, bottom), (left, right) = edges
        return left, top, right, bottom


def reach_of(wall: Mask, volume: NDArray[np.floating | np.integer], spacing_mm: tuple[float, float, float]) -> Reach:
    """Where a wall lies in a volume (slice, row, column), and the largest counts of the wall.

    RefusedError for a mask of another shape or an empty one, and for a wall without counts.
    """
    if wall.shape != volume.shape or wall.ndim != 3 or not wall.any() or not float(volume[wall].max()) > 0:
        raise RefusedError("wall mask", rule="it marks a wall that has counts", came=wall.shape, do="check the mask")
    places = np.argwhere(wall)
    low, high = places.min(axis=0).tolist(), places.max(axis=0).tolist()
    return Reach(
        shape=(wall.shape[0], wall.shape[1], wall.shape[2]),
        low=(low[0], low[1], low[2]),
        high=(high[0], high[1], high[2]),
        spacing_mm=spacing_mm,
        largest=float(volume[wall].max()),
    )


def plane(volume: NDArray[np.generic], view: View, place: int) -> NDArray[np.generic]:
    """One plane of a volume (slice, row, column) as it is looked at in a view; ``place`` along the axis through it."""
    found: NDArray[np.generic] = np.take(volume, place, axis=_THROUGH[view])
    return found[::-1].T if view is View.VERTICAL_LONG_AXIS else found


def planes_shown(reach: Reach, view: View, count: int | None = None) -> tuple[int, ...]:
    """Planes through the heart in the order of display: apex to base, septum to lateral, inferior to anterior.

    count : that many, evenly spread and some twice if there are fewer; None for each once.
    """
    axis = _THROUGH[view]
    low, high = reach.low[axis], reach.high[axis]
    places = np.arange(low, high + 1) if count is None else np.round(np.linspace(low, high, count)).astype(int)
    ordered = places[::-1] if view is View.HORIZONTAL_LONG_AXIS else places
    return tuple(ordered.tolist())


def windowed(counts: NDArray[np.generic], largest: float) -> Floats:
    """Counts as percent of ``largest``, cut at 0 and 100."""
    percent: Floats = np.clip(np.asarray(counts, dtype=np.float32) * np.float32(100 / largest), 0, 100)
    return percent


def sampled(values: Floats, square: tuple[float, float, float, float], side: int) -> Floats:
    """A square part of a plane (left, top, right, bottom in its pixels) at side x side pixels, bilinear; 0 outside."""
    left, top, right, bottom = square
    step = ((right - left) / side, (bottom - top) / side)
    room = 1 + max(0, int(np.ceil(max(-left, -top, right - values.shape[1], bottom - values.shape[0]))))
    source = Image.fromarray(np.pad(values, room))
    found = source.transform(
        (side, side),
        Image.Transform.AFFINE,
        (step[0], 0, left + room, 0, step[1], top + room),
        Image.Resampling.BILINEAR,
    )
    return np.asarray(found, dtype=np.float32)


def outlines(mask: Mask) -> list[Points]:
    """Polygons around the parts of a mask (rows, columns); one with holes is cut open to each hole."""
    padded = np.pad(mask, 1).astype(np.float64)
    made = contourpy.contour_generator(z=padded, fill_type=contourpy.FillType.OuterOffset)
    corners, offsets = cast(tuple[list[Points], list[NDArray[np.uint32]]], made.filled(0.5, 2.0))
    found = []
    for points, ends in zip(corners, offsets, strict=True):
        # contour points count voxel centres from 0 and the padding shifts them by 1
        rings = [points[a : b - 1] - 0.5 for a, b in itertools.pairwise(ends)]
        found.append(_joined(rings))
    return [points for points in found if len(points) >= _FEWEST_CORNERS]


def _joined(rings: Sequence[Points]) -> Points:
    """The outer ring with every hole let in through the shortest cut."""
    outer = np.asarray(rings[0], dtype=np.float64)
    for hole in rings[1:]:
        apart = ((outer[:, None] - hole[None]) ** 2).sum(axis=2)
        i, j = np.unravel_index(int(apart.argmin()), apart.shape)
        around = np.roll(hole, -int(j), axis=0)
        outer = np.concatenate([outer[: i + 1], around, around[:1], outer[i:]])
    return outer


@dataclass(frozen=True, kw_only=True)
class HeartSlices:
    """One state of a patient to be cut into pictures.

    volume : counts, (slice, row, column) in the project's orientation. wall, ischaemic : masks on the same grid.
    tag : a further word in the names of its files, e.g. a second position.
    """

    patient_id: str
    study_id: str
    state: State
    volume: NDArray[np.floating | np.integer] = field(repr=False)
    wall: Mask = field(repr=False)
    ischaemic: Mask = field(repr=False)
    spacing_mm: tuple[float, float, float]
    tag: str = ""


@dataclass(frozen=True, kw_only=True)
class SliceStyle:
    """How slices are drawn.

    side : pixels of a square around the heart; None for the whole plane, one pixel a voxel. zoom : pixels a voxel in
    that square; None for a square one and a half times as large as the heart. scale : colour table, None for grey
    pictures of one channel. least_voxels : a plane is ischaemic from this many ischaemic voxels on.
    """

    side: int | None = 512
    zoom: float | None = None
    scale: str | None = "thermal"
    views: tuple[View, ...] = VIEWS
    least_voxels: int = 3


def drawn_planes(wall: Mask, ischaemic: Mask, style: SliceStyle) -> list[tuple[View, int, int, bool]]:
    """Every plane through a wall: view, number in the order of display from 1, place along the axis, and whether it
    shows ischaemia. RefusedError for an empty wall."""
    reach = reach_of(wall, wall.astype(np.uint8), (1.0, 1.0, 1.0))
    found = []
    for view in style.views:
        for number, place in enumerate(planes_shown(reach, view), start=1):
            if plane(wall, view, place).any():
                ill = int(plane(ischaemic, view, place).astype(bool).sum()) >= style.least_voxels
                found.append((view, number, place, ill))
    return found


def write_slices(
    folder: Path, heart: HeartSlices, style: SliceStyle | None = None, only: Collection[tuple[View, int]] | None = None
) -> list[dict[str, object]]:
    """Write a PNG and a Labelme JSON for every plane through the wall; returns rows for ``index_table``.

    Files are named ``<patient>_<state>_<view>_<place>``. An ischaemic plane has polygons "ischaemia" of its ischaemic
    wall; the others have polygons "normal" of the wall. only : view and number of the planes to write, by default all.
    RefusedError for masks that do not fit the volume, or an ischaemic part outside the wall.
    """
    style = style or SliceStyle()
    if heart.ischaemic.shape != heart.wall.shape or (heart.ischaemic & ~heart.wall).any():
        came = f"shape {heart.ischaemic.shape} for {heart.wall.shape}"
        raise RefusedError("ischaemic mask", rule="it is a part of the wall", came=came, do="check the masks")
    reach = reach_of(heart.wall, heart.volume, heart.spacing_mm)
    return [
        _write_plane(folder, heart, reach, style, drawn)
        for drawn in drawn_planes(heart.wall, heart.ischaemic, style)
        if only is None or drawn[:2] in only
    ]


def _write_plane(
    folder: Path, heart: HeartSlices, reach: Reach, style: SliceStyle, drawn: tuple[View, int, int, bool]
) -> dict[str, object]:
    view, number, place, ill = drawn
    shown = plane(heart.ischaemic if ill else heart.wall, view, place).astype(bool)
    percent = windowed(plane(heart.volume, view, place), reach.largest)
    found = outlines(shown)
    pixel_mm = reach.spacing_mm[_DOWN_ACROSS[view][0]]
    if style.side is not None:
        square = reach.square(view, None if style.zoom is None else style.side / style.zoom)
        percent = sampled(percent, square, style.side)
        step = np.array([(square[2] - square[0]), (square[3] - square[1])]) / style.side
        found = [(points - np.array(square[:2])) / step for points in found]
        pixel_mm *= float(step[1])
    place_name = f"_{heart.tag}" if heart.tag else ""
    name = f"{heart.patient_id}_{heart.state}{place_name}_{SHORT_NAMES[view]}_{number:02d}"
    label = ISCHAEMIA if ill else NORMAL
    pixels = np.round(percent * 2.55).astype(np.uint8) if style.scale is None else paint(percent, style.scale)
    write_bytes(folder / f"{name}.png", png_bytes(pixels))
    record = labelme_record(f"{name}.png", percent.shape, [(label, points) for points in found])
    write_text(folder / f"{name}.json", json.dumps(record, indent=1) + "\n")
    who = {"patient_id": heart.patient_id, "study_id": heart.study_id, "state": str(heart.state)}
    told = {"view": SHORT_NAMES[view], "slice": number, "ischaemia": int(ill), PIXEL: round(pixel_mm, 6)}
    return {"image": f"{name}.png", **who, **told}


def labelme_record(image: str, shape: tuple[int, ...], shapes: Iterable[tuple[str, Points]]) -> dict[str, object]:
    """What a Labelme file holds: labelled polygons on an image of (rows, columns) that is named and not enclosed."""
    polygons = [
        {
            "label": label,
            "points": np.round(points, 3).tolist(),
            "group_id": None,
            "shape_type": "polygon",
            "flags": {},
        }
        for label, points in shapes
    ]
    ill = any(label == ISCHAEMIA for label in (str(p["label"]) for p in polygons))
    return {
        "version": _LABELME,
        "flags": {NORMAL: not ill, ISCHAEMIA: ill},
        "shapes": polygons,
        "imagePath": image,
        "imageData": None,
        "imageHeight": shape[0],
        "imageWidth": shape[1],
    }


def index_table(rows: Iterable[Mapping[str, object]], columns: Sequence[str] = INDEX_COLUMNS) -> str:
    """The index of many slice pictures as CSV text, one row an image."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
