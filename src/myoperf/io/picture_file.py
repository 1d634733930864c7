"""Pictures from anywhere: JPEG and PNG, read or refused in a line, with little memory whatever they claim."""

import stat
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..core.errors import RefusedError
from .picture_head import MOST_PIXELS, PictureHead, read_head

if TYPE_CHECKING:
    from PIL import Image

Bytes = NDArray[np.uint8]
Pixel = TypeVar("Pixel", bound=np.generic)
SUFFIXES = (".png", ".jpg", ".jpeg")
MOST_BYTES = 40_000_000
_BAND_PIXELS = 1_000_000
_LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue (ITU-R BT.601)."""


def read_picture(path: Path, most: int = MOST_PIXELS) -> Bytes:
    """Read a JPEG or PNG as (rows, columns, 3), 8 bit, red green blue, turned upright as its EXIF asks.

    What is inside decides, not the suffix. Palette, grey and two-tone pictures become colour. 16 bits: divided by 257
    (grey) or by 256 and cut (colour), so that a value always gives the same 8 bits, whatever else the picture holds.
    Transparent parts are laid on black, the ground of nuclear pictures. CMYK: (1 - C) (1 - K) and so on, without
    profile; with Adobe's mark the stored values are inverted first. Colour profiles, words and thumbnails are dropped
    unread.

    RefusedError, one line: no JPEG or PNG, animated, cut off or damaged, more than 25 million pixels, 20,000 a side or
    40 MB, a progressive JPEG of more than 36 million samples, more than 4 MB of words and profiles.
    """
    return decode_picture(read_bytes(path), path, most=most)


def read_grey(path: Path) -> Bytes:
    """Read a picture as grey values (rows, columns), 8 bit: grey as it is, colour by its luma (BT.601)."""
    return grey_of(read_picture(path))


def grey_of(picture: Bytes) -> Bytes:
    """Luma of (..., 3) colours, 0 to 255; grey pictures keep their values."""
    grey: Bytes = np.rint(picture.astype(np.float32) @ np.array(_LUMA, dtype=np.float32)).astype(np.uint8)
    return grey


def is_grey(picture: Bytes) -> bool:
    """Whether the three channels of a picture (..., 3) are alike."""
    return bool(np.array_equal(picture[..., 0], picture[..., 1]) and np.array_equal(picture[..., 0], picture[..., 2]))


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """The bytes of an ordinary file of at most ``most`` bytes. RefusedError for anything else."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise RefusedError(path, rule="a picture is an ordinary file", came="something else", do="check the path")
        if found.st_size > most:
            rule = f"a file has at most {most} bytes"
            raise RefusedError(path, rule=rule, came=found.st_size, do="shrink it")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        came = getattr(error, "strerror", None) or error
        raise RefusedError(path, rule="a file that can be read", came=came, do="check the path") from None


def decode_picture(data: bytes, where: object, *, as_stored: bool = False, most: int = MOST_PIXELS) -> Bytes:
    """The picture in ``data``, as ``read_picture`` gives it; ``where`` is named in a refusal.

    as_stored : without the turn that EXIF asks for. most : pixels that are accepted.
    """
    from PIL import Image

    head = read_head(data, where)
    del data
    if head.rows * head.columns > most:
        came = f"{head.columns} x {head.rows}"
        raise RefusedError(where, rule=f"such a picture has at most {most} pixels", came=came, do="cut or shrink it")
    try:
        with Image.open(BytesIO(head.plain), formats=[head.kind]) as image:
            if image.size != (head.columns, head.rows):
                raise ValueError("its parts tell different sizes")
            image.load()
            flat = _in_bands(image, head)
    except (OSError, ValueError, SyntaxError, IndexError, OverflowError, Image.DecompressionBombError) as error:
        rule = f"a {head.kind} that is whole and undamaged"
        raise RefusedError(where, rule=rule, came=error, do="save the picture again") from None
    return flat if as_stored else upright(flat, head.orientation)


def png_bytes(pixels: Bytes) -> bytes:
    """A PNG of (rows, columns) greys or (rows, columns, 3) colours; nothing but the picture is in it."""
    from PIL import Image

    stream = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(stream, "PNG", compress_level=3)
    return stream.getvalue()


def upright(picture: NDArray[Pixel], orientation: int) -> NDArray[Pixel]:
    """Turn (rows, columns, ...) as EXIF orientation 1 to 8 asks."""
    if orientation >= 5:
        picture = picture.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        picture = picture[::-1]
    if orientation in (2, 3, 6, 7):
        picture = picture[:, ::-1]
    return np.ascontiguousarray(picture)


def _in_bands(image: "Image.Image", head: PictureHead) -> Bytes:
    """All pixels, a band of rows at a time: a decoder's copies never hold a whole picture."""
    rows = max(1, _BAND_PIXELS // head.columns)
    flat = np.empty((head.rows, head.columns, 3), dtype=np.uint8)
    for top in range(0, head.rows, rows):
        bottom = min(head.rows, top + rows)
        flat[top:bottom] = _colours(image.crop((0, top, head.columns, bottom)), head)
    return flat


def _colours(band: "Image.Image", head: PictureHead) -> Bytes:
    from PIL import Image, ImageChops

    if band.mode.startswith("I"):
        return _of_sixteen(band)
    if band.mode == "CMYK" and not head.adobe:
        band = ImageChops.invert(band)  # the decoder always takes CMYK for inverted; only Adobe's mark says so
    if band.mode in ("LA", "RGBA", "PA") or "transparency" in band.info:
        whole = band.convert("RGBA")
        band = Image.new("RGB", band.size)
        band.paste(whole, mask=whole.getchannel("A"))
    return np.asarray(band if band.mode == "RGB" else band.convert("RGB"), dtype=np.uint8)


def _of_sixteen(band: "Image.Image") -> Bytes:
    values = np.asarray(band).astype(np.uint32)
    clear = band.info.get("transparency")
    if isinstance(clear, int):
        values[values == clear] = 0
    grey = ((values + 128) // 257).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)
