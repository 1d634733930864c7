"""A Labelme file with its picture: both upright, and never a picture of another size or from another folder."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath

import numpy as np
from numpy.typing import NDArray

from ...core.errors import RefusedError
from ..picture_file import decode_picture, read_bytes, upright
from ..picture_head import MOST_OF_MANY, read_head, turned
from .file import LabelmeFile, read
from .raster import Mask, label_image, masks


@dataclass(frozen=True, kw_only=True)
class Annotated:
    """A picture (rows, columns, 3), upright, and what is marked on it: label to (rows, columns).

    drawn_on : rows and columns of the picture as it was drawn on. orientation : the turn (EXIF, 1 to 8) that outlines
    need to fit the upright picture.
    """

    file: LabelmeFile
    picture: NDArray[np.uint8] = field(repr=False)
    masks: dict[str, Mask] = field(repr=False)
    drawn_on: tuple[int, int]
    orientation: int

    def classes(self, numbers: Mapping[str, int]) -> NDArray[np.uint8]:
        """Class of every pixel, upright; later shapes lie over earlier ones. RefusedError for a label without one."""
        plain, _ = label_image(self.file.shapes, self.drawn_on, numbers, self.file.image_path or "shapes")
        return upright(plain.astype(np.uint8), self.orientation)


def read_annotated(path: Path, picture: Path | None = None) -> Annotated:
    """Read a Labelme file and its picture: ``picture`` if given, else the one inside, else the one that it names.

    Labelme turns a picture file by its EXIF before anybody draws on it, but never a picture inside its own file. Here
    both come upright: outlines that were drawn on the unturned picture are turned with it. Where the sizes fit only the
    unturned picture, it was drawn on unturned (by Labelme before 3.14, or by other software).

    RefusedError: as ``read`` and ``read_picture``; more than 12 million pixels; a named picture that lies outside the
    file's folder or is absent; a size that fits the picture in no way.
    """
    file = read(path)
    inside = picture is None and file.image_data is not None
    if picture is None and not inside:
        picture = beside(path, file.image_path)
    where = path if picture is None else picture
    data = (file.image_data or b"") if picture is None else read_bytes(picture)
    head = read_head(data, where)
    stored = (head.rows, head.columns)
    shown = stored if inside else turned(head)
    size = file.size or shown
    if size not in (shown, stored):
        came = f"{size[1]} x {size[0]} in {path.name}, {shown[1]} x {shown[0]} in the picture"
        raise RefusedError(path, rule="outlines fit their picture", came=came, do="find the picture they were drawn on")
    drawn = masks(file.shapes, size, path)
    turn = head.orientation if size != shown or inside else 1
    drawn = {label: upright(mask, turn) for label, mask in drawn.items()}
    del head
    found = decode_picture(data, where, most=MOST_OF_MANY)
    return Annotated(file=file, picture=found, masks=drawn, drawn_on=size, orientation=turn)


def beside(path: Path, name: str) -> Path:
    """The file ``name`` in the folder of ``path`` or below. RefusedError for a way out, and if it is not there."""
    windows, posix = PureWindowsPath(name), PurePosixPath(name)
    out = windows.drive or windows.root or posix.is_absolute() or ".." in windows.parts
    rule = "a picture lies in the folder of the file that names it"
    if out or not name or not name.isprintable():
        raise RefusedError(path, rule=rule, came=repr(name[:120]), do="put both into one folder and name it so")
    found = path.parent.joinpath(*windows.parts)
    try:
        there = found.resolve(strict=True)
        inside = there.is_relative_to(path.parent.resolve())
    except (OSError, RuntimeError, ValueError) as error:
        came = f"{name[:120]}: {getattr(error, 'strerror', None) or error}"
        raise RefusedError(path, rule=rule, came=came, do="put both into one folder") from None
    if not inside:
        raise RefusedError(path, rule=rule, came=f"{name[:120]}, a link out of it", do="copy the picture there")
    return found
