"""Any picture is read as everybody sees it, or refused in a line."""

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from myoperf.core.errors import RefusedError
from myoperf.io.picture_file import decode_picture, is_grey, png_bytes, read_grey, read_picture

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (37, 53, 3), dtype=np.uint8)
COLOURS = Image.fromarray(PIXELS)


def coded(image: Image.Image, kind: str = "PNG", **settings: Any) -> bytes:
    stream = BytesIO()
    image.save(stream, kind, **settings)
    return stream.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(columns: int, rows: int, data: bytes, *more: bytes, depth: int = 8, colour: int = 2) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def test_png_and_jpeg_as_they_are(tmp_path: Path) -> None:
    assert np.array_equal(decode_picture(coded(COLOURS), "x"), PIXELS)
    for settings in ({"quality": 90}, {"quality": 60, "progressive": True}, {"quality": 90, "subsampling": 0}):
        data = coded(COLOURS, "JPEG", **settings)
        assert np.array_equal(decode_picture(data, "x"), np.asarray(Image.open(BytesIO(data))))
    (tmp_path / "jpeg.png").write_bytes(data)  # what is inside decides
    assert read_picture(tmp_path / "jpeg.png").shape == (37, 53, 3)
    assert np.array_equal(decode_picture(png_bytes(PIXELS), "x"), PIXELS)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA"])
def test_every_kind_of_png_becomes_colour(mode: str) -> None:
    image = COLOURS.convert(mode)
    assert np.array_equal(decode_picture(coded(image), "x"), np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_come_upright(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = coded(COLOURS, kind, exif=exif)
    turned = ImageOps.exif_transpose(Image.open(BytesIO(data)))
    assert np.array_equal(decode_picture(data, "x"), np.asarray(turned))
    assert decode_picture(data, "x", as_stored=True).shape == (37, 53, 3)


def test_cmyk_with_and_without_adobes_mark() -> None:
    smooth = Image.fromarray(np.full((16, 16, 3), (200, 90, 30), dtype=np.uint8)).convert("CMYK")
    data = coded(smooth, "JPEG", quality=95)
    assert np.abs(decode_picture(data, "x")[8, 8].astype(int) - [200, 90, 30]).max() <= 3
    at = data.index(b"\xff\xee")
    length = int.from_bytes(data[at + 2 : at + 4], "big")
    plain = data[:at] + data[at + 2 + length :]
    # stored 200, 90, 30, 255 (inverted ink), now taken as ink: no light is left under full black
    assert decode_picture(plain, "x")[8, 8].max() <= 3


def test_sixteen_bits_are_scaled_alike_in_every_picture() -> None:
    grey = np.array([[0, 128, 129, 257], [4095, 32768, 65534, 65535]], dtype=np.uint16)
    found = decode_picture(coded(Image.fromarray(grey)), "x")
    assert is_grey(found)
    assert found[..., 0].tolist() == [[0, 0, 1, 1], [16, 128, 255, 255]]
    rows = b"".join(b"\0" + struct.pack(">3H", 65535, 256 * 7 + 99, 99) for _ in range(2))
    deep = decode_picture(png(1, 2, zlib.compress(rows), depth=16), "x")
    assert deep[0, 0].tolist() == [255, 7, 0]


def test_transparent_parts_lie_on_black() -> None:
    four = np.zeros((1, 3, 4), dtype=np.uint8)
    four[0] = [[200, 100, 50, 255], [200, 100, 50, 128], [200, 100, 50, 0]]
    assert decode_picture(coded(Image.fromarray(four)), "x")[0].tolist() == [[200, 100, 50], [100, 50, 25], [0, 0, 0]]
    palette = COLOURS.quantize(16)
    found = decode_picture(coded(palette, transparency=3), "x")
    assert not found[np.asarray(palette) == 3].any()
    key = png(1, 1, zlib.compress(b"\0\x01\x02"), chunk(b"tRNS", b"\x01\x02"), depth=16, colour=0)
    assert decode_picture(key, "x").max() == 0


def test_grey_values_are_luma(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(coded(COLOURS))
    expected = np.rint(PIXELS @ np.array([0.299, 0.587, 0.114]))
    assert np.abs(read_grey(tmp_path / "a.png") - expected).max() <= 1
    grey = np.repeat(PIXELS[..., :1], 3, axis=2)
    (tmp_path / "b.png").write_bytes(png_bytes(grey))
    assert np.array_equal(read_grey(tmp_path / "b.png"), grey[..., 0])


JPEG = coded(COLOURS, "JPEG", quality=90)
PLAIN = coded(COLOURS)
ROW = zlib.compress(b"\0" * 4)
REFUSED = {
    "empty": (b"", "an empty file"),
    "gif": (coded(COLOURS, "GIF"), "a GIF"),
    "bmp": (coded(COLOURS, "BMP"), "a BMP"),
    "tiff": (coded(COLOURS, "TIFF"), "a TIFF"),
    "webp": (coded(COLOURS, "WEBP"), "a WebP"),
    "fits": (b"SIMPLE  =                    T" + b" " * 2850, "a FITS file"),
    "dicom": (bytes(128) + b"DICM" + bytes(100), "a DICOM object"),
    "pdf": (b"%PDF-1.7", "a PDF"),
    "svg": (b"<svg/>", "a page of text"),
    "program": (b"MZ" + bytes(100), "a program"),
    "animated": (coded(COLOURS, save_all=True, append_images=[COLOURS.rotate(9)]), "an animated PNG"),
    "half a png": (PLAIN[: len(PLAIN) // 2], "ends too early"),
    "half a jpeg": (JPEG[: len(JPEG) // 2], "ends too early"),
    "png without its end": (PLAIN[:-12], "ends too early"),
    "too little inside": (png(10, 10, ROW), "whole and undamaged"),
    "no zlib": (png(1, 1, b"abcdef"), "whole and undamaged"),
    "wrong sum": (PLAIN[:60] + bytes([PLAIN[60] ^ 1]) + PLAIN[61:], "whole and undamaged"),
    "no pixels": (png(0, 10, ROW), "0 x 10"),
    "50,000 x 50,000": (png(50_000, 50_000, ROW), "50000 x 50000"),
    "long and thin": (png(1_000_000, 20, ROW), "1000000 x 20"),
    "odd depth": (png(1, 1, ROW, depth=3), "depth 3"),
    "many words": (png(1, 1, ROW, chunk(b"zTXt", bytes(5_000_000))), "words and profiles"),
    "many chunks": (png(1, 1, ROW, *[chunk(b"tEXt", b"a\0b")] * 30_000), "words and profiles"),
    "chunk beyond the file": (PLAIN[:8] + struct.pack(">I", 2**31) + PLAIN[12:], "ends too early"),
    "jpeg of 65,000 a side": (JPEG.replace(b"\x08\x00\x25\x00\x35\x03", b"\x08\xff\xff\xff\xff\x03"), "65535 x 65535"),
    "jpeg of no rows": (JPEG.replace(b"\x08\x00\x25\x00\x35\x03", b"\x08\x00\x00\x00\x35\x03"), "53 x 0"),
    "jpeg of 12 bits": (JPEG.replace(b"\x08\x00\x25\x00\x35\x03", b"\x0c\x00\x25\x00\x35\x03"), "12 bits"),
    "jpeg, lossless": (JPEG.replace(b"\xff\xc0", b"\xff\xc3"), "coding"),
    "jpeg of many scans": (JPEG + b"\xff\xda" * 60, "scans"),
    "jpeg of profiles": (JPEG[:2] + (b"\xff\xe2\xff\xff" + bytes(65533)) * 80 + JPEG[2:], "words and profiles"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_anything_else_costs_one_line(name: str, tmp_path: Path) -> None:
    data, why = REFUSED[name]
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(RefusedError, match=why) as refused:
        read_picture(tmp_path / "a.png")
    assert "\n" not in str(refused.value)


def test_what_is_beside_the_picture_is_dropped_unread() -> None:
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(30_000_000)))
    profile = chunk(b"iCCP", b"icc\0\0" + zlib.compress(bytes(30_000_000)))
    assert decode_picture(png(1, 1, ROW, bomb, profile) + b"MZ trailing", "x").shape == (1, 1, 3)
    exif = b"\xff\xe1\xff\xffExif\0\0II*\0" + b"\xff" * 65523
    assert np.array_equal(decode_picture(JPEG[:2] + exif + JPEG[2:], "x"), decode_picture(JPEG, "x"))


def test_only_ordinary_files_of_a_size_are_opened(tmp_path: Path) -> None:
    with (tmp_path / "large.png").open("wb") as stream:
        stream.truncate(40_000_001)
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    for path in (tmp_path / "large.png", tmp_path / "zero.png", tmp_path, tmp_path / "none.png", Path("a\0.png")):
        with pytest.raises(RefusedError):
            read_picture(path)
