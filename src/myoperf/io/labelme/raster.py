"""Shapes to pixels, as Labelme itself draws them: corners cut to whole pixels, rims included."""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ...core.errors import RefusedError
from ..picture_file import decode_picture
from ..picture_head import MOST_PIXELS, MOST_SIDE
from .shape import Shape, checked

Mask = NDArray[np.bool_]
Labels = NDArray[np.int32]
LINE_WIDTH, POINT_RADIUS = 10, 5
"""Pixels that Labelme gives to a line and to a point."""
_PIXEL_SECONDS, _CROSSING_SECONDS, _MOST_SECONDS = 1e-9, 4e-7, 1.2
_EDGES_OF_LINE = 4
_MOST_MASK_PIXELS = 100_000_000


def masks(shapes: Iterable[Shape], size: tuple[int, int], where: object = "shapes") -> dict[str, Mask]:
    """Label to the pixels that its shapes cover, each (rows, columns) = ``size``; labels in order of first use.

    Equal to the last pixel to what Labelme draws (``shape_to_mask``, ``shapes_to_label``): polygons with their rim,
    circles, rectangles (corners in any order), lines and line strips 10 pixels wide, points of radius 5, "points" as a
    polygon (versions 4 and 5), oriented rectangles and masks (version 6). Parts outside the picture are cut off;
    polygons that cross themselves are filled by the even-odd rule.

    RefusedError: a shape that Labelme would not draw, corners without a place, a mask that does not fit its corners or
    the picture, a picture or shapes too large to draw.
    """
    found: dict[str, list[Shape]] = {}
    for shape in shapes:
        found.setdefault(shape.label, []).append(shape)
    _check_size(size, len(found), where)
    _check_work([shape for group in found.values() for shape in group], size, where)
    return {label: _drawn(group, size, where) for label, group in found.items()}


def label_image(
    shapes: Sequence[Shape], size: tuple[int, int], classes: Mapping[str, int], where: object = "shapes"
) -> tuple[Labels, Labels]:
    """Class and thing (1, 2, ... in order of first use) of every pixel, (rows, columns); 0 where nothing is marked.

    Later shapes lie over earlier ones. Shapes of one label and group are one thing, those without a group one each.
    RefusedError as ``masks``, and for a label that has no class.
    """
    _check_size(size, 2, where)
    _check_work(shapes, size, where)
    kinds, things = np.zeros(size, dtype=np.int32), np.zeros(size, dtype=np.int32)
    numbers: dict[tuple[str, int | None, int], int] = {}
    for place, shape in enumerate(shapes):
        if shape.label not in classes:
            came = f"the label {shape.label!r}"
            raise RefusedError(where, rule="every label has a class", came=came, do=f"one of {', '.join(classes)}")
        who = (shape.label, shape.group_id, place if shape.group_id is None else -1)
        number = numbers.setdefault(who, len(numbers) + 1)
        covered = _drawn([shape], size, where)
        kinds[covered] = classes[shape.label]
        things[covered] = number
    return kinds, things


def _drawn(shapes: Iterable[Shape], size: tuple[int, int], where: object) -> Mask:
    canvas = Image.new("L", (size[1], size[0]))
    pen = ImageDraw.Draw(canvas)
    pasted = np.zeros(size, dtype=bool)
    for shape in shapes:
        if shape.kind == "mask":
            _paste(pasted, shape, where)
        else:
            _draw(pen, shape)
    return np.asarray(canvas, dtype=bool) | pasted


def _draw(pen: ImageDraw.ImageDraw, shape: Shape) -> None:
    corners = list(shape.points)
    if shape.kind == "rectangle":
        (x0, y0), (x1, y1) = corners
        pen.rectangle((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)), fill=1, outline=1)
    elif shape.kind in ("circle", "point"):
        x, y = corners[0]
        reach = POINT_RADIUS if shape.kind == "point" else _radius(corners)
        pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=1, outline=1)
    elif shape.kind in ("line", "linestrip"):
        pen.line(corners, fill=1, width=LINE_WIDTH)
    else:
        pen.polygon(corners, fill=1, outline=1)


def _radius(corners: Sequence[tuple[float, float]]) -> float:
    """Of a circle. Not ``hypot``, whose last digit may differ from Labelme's square root."""
    (x, y), (rim_x, rim_y) = corners
    return math.sqrt((x - rim_x) ** 2 + (y - rim_y) ** 2)


def _paste(covered: Mask, shape: Shape, where: object) -> None:
    (left, top), (right, bottom) = ((int(x), int(y)) for x, y in shape.points)
    part = mask_pixels(shape, where)
    inside = 0 <= left <= right < covered.shape[1] and 0 <= top <= bottom < covered.shape[0]
    if not inside or part.shape != (bottom - top + 1, right - left + 1):
        came = f"{part.shape[1]} x {part.shape[0]} pixels at ({left}, {top}) to ({right}, {bottom})"
        raise RefusedError(where, rule="a mask fits its corners and its picture", came=came, do="draw it again")
    covered[top : bottom + 1, left : right + 1] |= part


def mask_pixels(shape: Shape, where: object) -> Mask:
    """The marked pixels of a shape of the kind mask, (rows, columns) from its first corner on."""
    pixels = decode_picture(shape.mask_png or b"", where, as_stored=True)
    return np.asarray(pixels.any(axis=2), dtype=bool)


def _check_size(size: tuple[int, int], labels: int, where: object) -> None:
    rows, columns = size
    if not (0 < rows <= MOST_SIDE and 0 < columns <= MOST_SIDE and rows * columns <= MOST_PIXELS):
        rule = f"a picture has at most {MOST_PIXELS} pixels and {MOST_SIDE} a side"
        raise RefusedError(where, rule=rule, came=f"{columns} x {rows}", do="shrink it")
    if labels * rows * columns > _MOST_MASK_PIXELS:
        came = f"{labels} of {columns} x {rows}"
        rule = f"the masks of all labels have at most {_MOST_MASK_PIXELS} pixels together"
        raise RefusedError(where, rule=rule, came=came, do="use fewer labels")


def _check_work(shapes: Iterable[Shape], size: tuple[int, int], where: object) -> None:
    """Refuse what would take seconds: pixels that are painted, and rows that edges cross."""
    seconds = 0.0
    for shape in shapes:
        checked(shape, where)
        corners = np.array(shape.points)
        reach = _radius(shape.points) if shape.kind == "circle" else LINE_WIDTH
        wide, high = np.minimum(corners.max(axis=0) - corners.min(axis=0) + 2 * reach + 2, size[::-1])
        ring = np.clip(np.append(corners, corners[:1], axis=0)[:, 1], 0, size[0])
        crossings = (np.abs(np.diff(ring)) + 1).sum() * (_EDGES_OF_LINE if "line" in shape.kind else 1)
        seconds += _PIXEL_SECONDS * wide * high + _CROSSING_SECONDS * crossings
    if seconds > _MOST_SECONDS:
        came = f"about {seconds:.0f} s of drawing"
        raise RefusedError(where, rule="shapes are drawn in about a second", came=came, do="thin or split them")
