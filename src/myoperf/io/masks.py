"""Masks from files: PNG, ``.npy`` and ``.npz``, read so that a damaged or hostile file costs one line and no memory."""

import struct
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError

from .arrays import read_array

if TYPE_CHECKING:
    from PIL import Image

Labels = NDArray[np.uint16]
SUFFIXES = (".png", ".npy", ".npz")
MOST_PIXELS = 25_000_000
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_RULE = "a mask is a PNG of one grey channel (or three equal ones), its grey value the class"


def read_mask(path: Path, name: str = "") -> Labels:
    """Read a mask: class numbers 0..65535 (0 = background), shape (rows, columns) or (slices, rows, columns).

    A PNG gives its grey values; with a colour palette, its indices; two-tone files hold 0 and 255 then. ``.npy`` and
    ``.npz`` (array ``name``) hold bool or whole numbers. Refused (RefusedError): colour, several frames in a PNG, more
    than 25 million pixels a plane or 32 million elements, fractions, negative numbers, damaged files.
    """
    if path.suffix.lower() == ".png":
        return _read_png(path)
    labels = np.asarray(read_array(path, name, into=np.uint16), dtype=np.uint16)
    if labels.ndim not in (2, 3):
        raise _refused(path, "a mask has two or three axes", f"the shape {labels.shape}", "write planes or a volume")
    if labels.shape[-1] * labels.shape[-2] > MOST_PIXELS:
        raise _too_large(path, labels.shape[-1], labels.shape[-2])
    return labels


def _read_png(path: Path) -> Labels:
    _check_head(path)
    from PIL import Image

    try:
        with Image.open(path, formats=["PNG"]) as image:
            if getattr(image, "n_frames", 1) > 1:
                raise _refused(path, "a PNG holds one picture", "an animation", "write its frames as .npy")
            return _labels(path, image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _refused(path, _RULE, error, "write the picture again") from None


def _check_head(path: Path) -> None:
    """Refuse by the first bytes, before a decoder sees the file."""
    try:
        with path.open("rb") as stream:
            head = stream.read(26)
    except OSError as error:
        raise _refused(path, "a file that can be read", error.strerror, "check the path") from None
    if len(head) < 26 or head[:8] != _SIGNATURE or head[12:16] != b"IHDR":
        raise _refused(path, "a file called .png is a PNG", "other bytes", "write it as PNG, .npy or .npz")
    columns, rows, depth, colour = struct.unpack(">IIBB", head[16:26])
    if not 0 < columns * rows <= MOST_PIXELS:
        raise _too_large(path, columns, rows)
    if depth == 16 and colour != 0:
        raise _refused(path, _RULE, "16-bit colour", "write the class numbers as grey values")


def _labels(path: Path, image: "Image.Image") -> Labels:
    if image.mode == "P":
        return _of_palette(image)
    if image.mode in ("1", "L", "I", "I;16"):
        return np.asarray(image, dtype=np.uint16) if image.mode != "1" else _of_bits(image)
    if image.mode not in ("LA", "RGB", "RGBA"):
        raise _refused(path, _RULE, f"the mode {image.mode}", "write the class numbers as grey values")
    bands = [np.asarray(image.getchannel(k)) for k in range(len(image.getbands()))]
    if image.mode in ("LA", "RGBA") and (bands.pop() != 255).any():
        raise _refused(path, _RULE, "a picture with transparent parts", "write the class numbers as grey values")
    if any((band != bands[0]).any() for band in bands[1:]):
        came = "colour (its channels differ)"
        raise _refused(path, _RULE, came, "write the class numbers as grey values, one channel")
    grey: Labels = bands[0].astype(np.uint16)
    return grey


def _of_bits(image: "Image.Image") -> Labels:
    return np.asarray(image, dtype=bool).astype(np.uint16) * np.uint16(255)


def _of_palette(image: "Image.Image") -> Labels:
    """Indices are the classes, but where the palette is grey and index 0 is not black: then its greys are."""
    index = np.asarray(image)
    colours = np.asarray(image.getpalette("RGB"), dtype=np.uint16).reshape(-1, 3)
    grey = bool((colours == colours[:, :1]).all())
    if not grey or not colours[0, 0]:
        return index.astype(np.uint16)
    greys = np.zeros(256, dtype=np.uint16)
    greys[: len(colours)] = colours[:, 0]
    return np.asarray(greys[index], dtype=np.uint16)


def _too_large(path: Path, columns: int, rows: int) -> RefusedError:
    return _refused(path, f"a mask has 1 to {MOST_PIXELS} pixels", f"{columns} x {rows}", "cut it to the organ")


def _refused(path: Path, rule: str, came: object, do: str) -> RefusedError:
    return RefusedError(path, rule=rule, came=came, do=do)
