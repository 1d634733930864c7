"""Labelme's JSON: read with care, written so that it is read the same."""

import base64
import binascii
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...core.errors import RefusedError
from ..files import write_text
from ..picture_file import read_bytes
from ..picture_head import MOST_PIXELS, MOST_SIDE
from .shape import Shape, checked, other_of

MOST_BYTES = 24_000_000
_MOST_LISTS, _MOST_COMMAS = 200_000, 800_000
_MOST_SHAPES = 20_000
_OWN = ("version", "flags", "shapes", "imagePath", "imageData", "imageHeight", "imageWidth")


@dataclass(frozen=True, kw_only=True)
class LabelmeFile:
    """What a Labelme file holds.

    size : rows and columns of the picture as it was drawn on, None where the file does not tell. image_path : of the
    picture, as told, relative to the file. image_data : the picture itself, if the file holds it. flags : of the whole
    picture. other : what else the file tells.
    """

    shapes: tuple[Shape, ...]
    image_path: str
    size: tuple[int, int] | None
    flags: Mapping[str, object] = field(default_factory=dict)
    image_data: bytes | None = field(default=None, repr=False)
    version: str = "5.5.0"
    other: Mapping[str, object] = field(default_factory=dict)


class NoLabelmeError(RefusedError):
    """JSON that does not even look like Labelme's: another program's."""


def read(path: Path) -> LabelmeFile:
    """Read a Labelme file, versions 4 to 6; the picture is neither opened nor decoded.

    RefusedError, one line: no JSON in UTF-8 or none of Labelme, more than 24 MB, 200,000 corners or 20,000 shapes, NaN,
    infinity or corners further than 100,000 pixels away, shapes of an unknown kind or with too few corners, image data
    or masks that are no base64.
    """
    data = read_bytes(path, MOST_BYTES)
    lists, commas = data.count(b"[") + data.count(b"{"), data.count(b",")
    if lists > _MOST_LISTS or commas > _MOST_COMMAS:
        rule = f"a Labelme file has at most {_MOST_LISTS} corners"
        raise _refused(path, rule, f"about {lists}", "thin the outlines")
    try:
        found = json.loads(data.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise _refused(path, "a Labelme file is JSON in UTF-8", _short(error)) from None
    del data
    if not isinstance(found, dict) or "shapes" not in found:
        came = f"a JSON {type(found).__name__} without one"
        raise NoLabelmeError(path, rule="a Labelme file has a list of shapes", came=came, do="give a Labelme file")
    return _file(found, path)


def write(path: Path, file: LabelmeFile) -> Path:
    """Write a Labelme file: what ``read`` gives from it is ``file`` again. The picture itself is not written.

    Version 4 files hold no descriptions and masks. RefusedError for shapes that ``read`` would refuse.
    """
    major = file.version.partition(".")[0]
    later = major.isdigit() and int(major) >= 5
    shapes = [_shape_record(checked(shape, path), path, later) for shape in file.shapes]
    data = None if file.image_data is None else base64.b64encode(file.image_data).decode("ascii")
    rows, columns = file.size or (None, None)
    record = {
        "version": file.version,
        "flags": dict(file.flags),
        "shapes": shapes,
        "imagePath": file.image_path,
        "imageData": data,
        "imageHeight": rows,
        "imageWidth": columns,
        **file.other,
    }
    try:
        text = json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False)
        return write_text(path, text + "\n")
    except (UnicodeError, ValueError, TypeError) as error:
        raise _refused(path, "words and numbers that JSON can hold", _short(error)) from None


def _file(found: dict[str, object], path: Path) -> LabelmeFile:
    shapes = found["shapes"]
    if not isinstance(shapes, list) or len(shapes) > _MOST_SHAPES:
        came = len(shapes) if isinstance(shapes, list) else type(shapes).__name__
        raise _refused(path, f"a file has a list of at most {_MOST_SHAPES} shapes", came)
    version, image_path = found.get("version", ""), found.get("imagePath") or ""
    if not isinstance(version, str) or not isinstance(image_path, str):
        raise _refused(path, "version and imagePath are words", "something else")
    return LabelmeFile(
        shapes=tuple(_shape(one, path, number) for number, one in enumerate(shapes, 1)),
        image_path=image_path,
        size=_size(found.get("imageHeight"), found.get("imageWidth"), path),
        flags=_flags(found.get("flags"), path),
        image_data=_bytes(found.get("imageData"), f"{path}: imageData"),
        version=version,
        other={key: value for key, value in found.items() if key not in _OWN},
    )


def _shape(one: object, path: Path, number: int) -> Shape:
    where = f"{path}: shape {number}"
    if not isinstance(one, dict) or not isinstance(one.get("label"), str) or not isinstance(one.get("points"), list):
        raise _refused(where, "a shape has a label and points", "something else")
    kind, group, told = one.get("shape_type") or "polygon", one.get("group_id"), one.get("description")
    if not isinstance(kind, str) or not (group is None or type(group) is int) or not isinstance(told, str | None):
        raise _refused(where, "kind and description are words, a group is a whole number", "something else")
    shape = Shape(
        label=one["label"],
        points=tuple(_point(point, where) for point in one["points"]),
        kind=kind,
        group_id=group,
        flags=_flags(one.get("flags"), where),
        description=told,
        mask_png=_bytes(one.get("mask"), where),
        other=other_of(one),
    )
    return checked(shape, where)


def _point(point: object, where: object) -> tuple[float, float]:
    if isinstance(point, list) and len(point) == 2 and all(type(value) in (int, float) for value in point):
        try:
            x, y = float(point[0]), float(point[1])
        except OverflowError:
            x = y = math.inf
        return x, y
    raise _refused(where, "a corner is two numbers", _short(repr(point)))


def _size(rows: object, columns: object, path: Path) -> tuple[int, int] | None:
    if rows is None and columns is None:
        return None
    if type(rows) is not int or type(columns) is not int:
        raise _refused(path, "imageHeight and imageWidth are whole numbers", _short(f"{rows!r} and {columns!r}"))
    if not (0 < rows <= MOST_SIDE and 0 < columns <= MOST_SIDE and rows * columns <= MOST_PIXELS):
        raise _refused(
            path, f"a picture has at most {MOST_PIXELS} pixels and {MOST_SIDE} a side", f"{columns} x {rows}"
        )
    return rows, columns


def _flags(flags: object, where: object) -> dict[str, object]:
    if flags is None:
        return {}
    if not isinstance(flags, dict):
        raise _refused(where, "flags have names", type(flags).__name__)
    return flags


def _bytes(text: object, where: object) -> bytes | None:
    if text is None or text == "":
        return None
    try:
        if not isinstance(text, str):
            raise ValueError(f"a {type(text).__name__}")
        # version 4 breaks its base64 into lines
        return base64.b64decode("".join(text.split()) if "\n" in text else text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _refused(where, "a picture inside a file is base64", _short(error)) from None


def _shape_record(shape: Shape, path: Path, later: bool) -> dict[str, object]:
    if not later and (shape.mask_png is not None or shape.description is not None):
        raise _refused(path, "version 4 knows no masks and descriptions", shape.label, "write version 5")
    record: dict[str, object] = {
        "label": shape.label,
        "points": [list(point) for point in shape.points],
        "group_id": shape.group_id,
    }
    if later:
        record["description"] = shape.description
    record |= {"shape_type": shape.kind, "flags": dict(shape.flags)}
    if later:
        png = shape.mask_png
        record["mask"] = None if png is None else base64.b64encode(png).decode("ascii")
    return {**record, **shape.other}


def _no_number(name: str) -> float:
    raise ValueError(f"the number {name}")


def _short(error: object) -> str:
    return str(error)[:120]


def _refused(where: object, rule: str, came: object, do: str = "open it in Labelme and save it again") -> RefusedError:
    return RefusedError(where, rule=rule, came=came, do=do)
