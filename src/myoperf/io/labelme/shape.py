"""One shape of a Labelme file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ...core.errors import RefusedError

KINDS = (
    "polygon", "rectangle", "circle", "line", "linestrip", "point", "points", "mask", "oriented_rectangle",
)  # fmt: skip
FARTHEST = 100_000
"""A corner may lie outside its picture, but not further than this (pixels)."""
_CORNERS = {
    "rectangle": (2, 2), "circle": (2, 2), "line": (2, 2), "point": (1, 1), "mask": (2, 2),
    "oriented_rectangle": (4, 4), "linestrip": (1, None), "polygon": (3, None), "points": (3, None),
}  # fmt: skip
_OWN = ("label", "points", "group_id", "shape_type", "flags", "description", "mask")


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What somebody marked.

    points : corners (x right, y down) in pixels; pixel k covers k..k+1. kind : a name of ``KINDS``. Rectangle: two
    opposite corners; circle: middle and a place on the rim; mask: first and last pixel of ``mask_png``, a PNG whose
    bright pixels are marked. group_id : shapes of one label and group are one thing. other : what else the file tells.
    """

    label: str
    points: tuple[tuple[float, float], ...]
    kind: str = "polygon"
    group_id: int | None = None
    flags: Mapping[str, object] = field(default_factory=dict)
    description: str | None = None
    mask_png: bytes | None = field(default=None, repr=False)
    other: Mapping[str, object] = field(default_factory=dict)


def checked(shape: Shape, where: object) -> Shape:
    """The shape itself; RefusedError for an unknown kind, too few or many corners, one that is no place."""
    if shape.kind not in KINDS:
        raise _refused(where, f"a shape is one of {', '.join(KINDS)}", repr(shape.kind))
    least, most = _CORNERS[shape.kind]
    if len(shape.points) < least or (most is not None and len(shape.points) > most):
        told = f"{least}" if most == least else f"at least {least}"
        raise _refused(where, f"a {shape.kind} has {told} corners", len(shape.points))
    near = np.abs(np.array(shape.points)) <= FARTHEST
    if not near.all():
        x, y = shape.points[int(np.argmin(near.all(axis=1)))]
        raise _refused(where, f"a corner lies within {FARTHEST} pixels", f"({x:g}, {y:g})")
    if (shape.mask_png is None) == (shape.kind == "mask"):
        raise _refused(where, "a mask, and nothing else, has pixels of its own", f"a {shape.kind}")
    return shape


def other_of(record: Mapping[str, object]) -> dict[str, object]:
    """What a record tells beside the shape itself."""
    return {key: value for key, value in record.items() if key not in _OWN}


def _refused(where: object, rule: str, came: object) -> RefusedError:
    return RefusedError(where, rule=rule, came=came, do="open the file in Labelme and draw the shape again")
