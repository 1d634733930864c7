"""Masks to shapes that Labelme draws as exactly these masks."""

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, cast

import contourpy
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ...core.errors import RefusedError
from ..picture_file import png_bytes
from .file import LabelmeFile
from .raster import Mask, masks
from .shape import Shape

_MOST_PIECES = 20_000
_NEAR_ONE = 0.999
"""Level of the contour: so close to the pixels inside that rounding ends on them."""

Kind = Literal["polygon", "mask"]


def shapes_of(mask: Mask, label: str, kind: Kind = "polygon") -> tuple[Shape, ...]:
    """Shapes whose raster is ``mask`` (rows, columns), to the last pixel.

    polygon : one for each connected part (over edges), its corners on the pixels of its rim; a part with holes is cut
    into pieces of one group, since a polygon has no holes. mask : one shape of the kind that version 5 knows.
    RefusedError for a mask of more than 20,000 pieces.
    """
    if kind == "mask":
        return _as_mask(mask, label)
    found: list[Shape] = []
    parts, count = ndimage.label(mask)
    for number, box in enumerate(ndimage.find_objects(parts), 1):
        pieces = _pieces(parts[box] == number, (box[0].start, box[1].start))
        group = number if len(pieces) > 1 else None
        found += [Shape(label=label, points=piece, group_id=group) for piece in pieces]
        if len(found) > _MOST_PIECES:
            rule = f"polygons take a mask of at most {_MOST_PIECES} pieces"
            raise RefusedError(label, rule=rule, came=f"{count} parts", do="write it as a mask")
    return tuple(found)


def annotation_of(marked: Mapping[str, Mask], image_path: str, kind: Kind = "polygon") -> LabelmeFile:
    """A Labelme file of masks by label, all of one size. ValueError where they differ or there are none."""
    sizes = {mask.shape for mask in marked.values()}
    if len(sizes) != 1:
        raise ValueError(f"masks of one size, got {sorted(sizes)}")
    rows, columns = sizes.pop()
    shapes = [shape for label, mask in marked.items() for shape in shapes_of(mask, label, kind)]
    told = [replace(shape, description="") for shape in shapes]
    return LabelmeFile(shapes=tuple(told), image_path=image_path, size=(rows, columns))


def _as_mask(mask: Mask, label: str) -> tuple[Shape, ...]:
    places = np.argwhere(mask)
    if not len(places):
        return ()
    (top, left), (bottom, right) = places.min(axis=0), places.max(axis=0)
    part = mask[top : bottom + 1, left : right + 1]
    corners = ((float(left), float(top)), (float(right), float(bottom)))
    return (Shape(label=label, points=corners, kind="mask", mask_png=png_bytes(part.astype(np.uint8) * 255)),)


def _pieces(part: Mask, corner: tuple[int, int]) -> list[tuple[tuple[float, float], ...]]:
    """Polygons that together are drawn as ``part``; halved where one is not."""
    done: list[tuple[tuple[float, float], ...]] = []
    left = [(part, corner)]
    while left:
        piece, (top, side) = left.pop()
        outline = _rim(piece)
        if outline is not None and np.array_equal(_raster(outline, piece.shape), piece):
            done.append(tuple((x + side, y + top) for x, y in outline))
        else:
            axis = int(piece.shape[1] > piece.shape[0])
            middle = piece.shape[axis] // 2
            ends = [(0, middle), (middle, piece.shape[axis])]
            for low, high in reversed(ends):
                half = piece[low:high] if axis == 0 else piece[:, low:high]
                start = (top + low, side) if axis == 0 else (top, side + low)
                left += _connected(half, start)
        if len(done) + len(left) > _MOST_PIECES:
            break
    return done if not left else done + [((0.0, 0.0),)] * _MOST_PIECES


def _connected(half: Mask, start: tuple[int, int]) -> list[tuple[Mask, tuple[int, int]]]:
    parts, _ = ndimage.label(half)
    boxes = ndimage.find_objects(parts)
    return [
        (parts[box] == number, (start[0] + box[0].start, start[1] + box[1].start))
        for number, box in enumerate(boxes, 1)
    ]


def _rim(piece: Mask) -> list[tuple[float, float]] | None:
    """The pixels of the outer rim in order, corners only; None for a piece with holes."""
    made = contourpy.contour_generator(z=np.pad(piece, 1).astype(np.float64), fill_type=contourpy.FillType.OuterOffset)
    corners, offsets = cast(tuple[list[NDArray[np.float64]], list[NDArray[np.uint32]]], made.filled(_NEAR_ONE, 2.0))
    if len(corners) != 1 or len(offsets[0]) != 2:
        return None
    steps = [(float(x), float(y)) for x, y in np.rint(corners[0]) - 1]
    ring = [point for point, following in itertools.pairwise(steps) if point != following] or steps[:1]
    kept = [
        here
        for before, here, after in zip(ring[-1:] + ring[:-1], ring, ring[1:] + ring[:1], strict=True)
        if (here[0] - before[0], here[1] - before[1]) != (after[0] - here[0], after[1] - here[1])
    ]
    kept = kept or ring
    return kept + kept[-1:] * max(0, 3 - len(kept))


def _raster(outline: list[tuple[float, float]], size: tuple[int, ...]) -> Mask:
    return masks([Shape(label="", points=tuple(outline))], (size[0], size[1]))[""]
