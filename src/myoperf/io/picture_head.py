"""What the first bytes of a JPEG or PNG claim, judged before any decoder sees the file."""

import struct
from dataclasses import dataclass, field

from ..core.errors import RefusedError

MOST_PIXELS = 25_000_000
MOST_SIDE = 20_000
MOST_OF_MANY = 12_000_000
"""Pixels of a picture that is not looked at alone: one of a study, or one with outlines."""
_MOST_PROGRESSIVE = 36_000_000
"""Samples of a progressive JPEG: its decoder holds two bytes of each beside the picture."""
_MOST_SCANS = 40
_MOST_CHUNKS = 20_000
_MOST_EXTRA_BYTES = 4_000_000
"""Words, profiles and EXIF beside the picture."""

PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_KNOWN = {
    b"GIF8": "a GIF", b"BM": "a BMP", b"II*\0": "a TIFF", b"MM\0*": "a TIFF", b"RIFF": "a WebP or AVI",
    b"%PDF": "a PDF", b"PK\3\4": "a ZIP archive", b"SIMPLE": "a FITS file", b"MZ": "a program", b"\x7fELF": "a program",
    b"<": "a page of text (HTML, SVG)", b"\x00\x00\x00": "a video or HEIC picture",
}  # fmt: skip
_KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_FRAMES = (0xC0, 0xC1, 0xC2)
_NO_LENGTH = (0x01, *range(0xD0, 0xD9))
_ORIENTATION = 0x0112


@dataclass(frozen=True, kw_only=True)
class PictureHead:
    """What a picture says of itself, and its bytes without everything but the picture.

    kind : "PNG" or "JPEG". rows, columns : as stored, before any turn. orientation : EXIF, 1 to 8 (1 = as stored).
    adobe : a JPEG with Adobe's mark, whose CMYK is stored inverted. plain : the file without words, profiles, EXIF,
    thumbnails and whatever follows its end.
    """

    kind: str
    rows: int
    columns: int
    orientation: int
    adobe: bool
    plain: bytes = field(repr=False)


def read_head(data: bytes, where: object) -> PictureHead:
    """Judge the bytes of a picture. RefusedError: no PNG or JPEG, animated, cut off, too large, too much beside it."""
    if data.startswith(PNG):
        return _png(data, where)
    if data.startswith(_JPEG):
        return _jpeg(data, where)
    known = next((name for start, name in _KNOWN.items() if data.startswith(start)), "other bytes")
    if data[128:132] == b"DICM":
        known = "a DICOM object"
    raise _refused(where, "a picture is a PNG or a JPEG, by its first bytes", known if data else "an empty file")


def turned(head: PictureHead) -> tuple[int, int]:
    """Rows and columns after the turn that EXIF asks for."""
    return (head.columns, head.rows) if head.orientation >= 5 else (head.rows, head.columns)


def _png(data: bytes, where: object) -> PictureHead:
    head = data[8:33]
    if len(head) < 25 or head[:8] != b"\x00\x00\x00\rIHDR":
        raise _cut(where)
    columns, rows, depth, colour = struct.unpack(">IIBB", head[8:18])
    _check_size(where, rows, columns)
    if depth not in _DEPTHS.get(colour, ()):
        raise _refused(where, "a PNG has a depth and colours of its standard", f"depth {depth}, colour type {colour}")
    plain, orientation = bytearray(PNG), 1
    place, count, extra, ended = 8, 0, 0, False
    while not ended:
        length, name = struct.unpack(">I4s", data[place : place + 8]) if place + 8 <= len(data) else (1 << 32, b"")
        end = place + 12 + length
        if end > len(data):
            raise _cut(where)
        if name in (b"acTL", b"fcTL", b"fdAT"):
            raise _refused(where, "a picture is one picture", "an animated PNG", "save the frame that is meant")
        if name in _KEPT:
            plain += memoryview(data)[place:end]
        else:
            extra += length
            orientation = _orientation(data[place + 8 : end - 4][:65_536]) if name == b"eXIf" else orientation
        place, count, ended = end, count + 1, name == b"IEND"
        _check_extra(where, extra, count)
    return PictureHead(kind="PNG", rows=rows, columns=columns, orientation=orientation, adobe=False, plain=bytes(plain))


def _jpeg(data: bytes, where: object) -> PictureHead:
    plain, orientation, adobe = bytearray(data[:2]), 1, False
    frame: tuple[int, bytes] | None = None
    place, extra, count = 2, 0, 0
    while True:
        mark, body, end = _segment(data, place, where)
        if mark == 0xDA:
            break
        if mark in _FRAMES:
            frame = mark, body
        elif 0xC3 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC):
            raise _refused(where, "a JPEG is baseline or progressive, Huffman coded", f"the coding {mark:#x}")
        is_extra = 0xE1 <= mark <= 0xFE and mark != 0xEE
        if mark == 0xE1 and body.startswith(b"Exif\0\0"):
            orientation = _orientation(body[6:])
        adobe = adobe or (mark == 0xEE and body.startswith(b"Adobe"))
        if is_extra:
            extra += len(body)
        else:
            plain += data[place:end]
        place, count = end, count + 1
        _check_extra(where, extra, count)
    if frame is None:
        raise _refused(where, "a JPEG tells its size before its picture", "none")
    rows, columns = _frame(data, place, where, frame)
    plain += memoryview(data)[place:]
    return PictureHead(
        kind="JPEG", rows=rows, columns=columns, orientation=orientation, adobe=adobe, plain=bytes(plain)
    )


def _segment(data: bytes, place: int, where: object) -> tuple[int, bytes, int]:
    """Mark, content and end of the segment that starts at ``place``."""
    if place + 4 > len(data):
        raise _cut(where)
    mark = data[place + 1]
    if data[place] != 0xFF or mark in (0x00, 0xFF, *_NO_LENGTH):
        raise _refused(where, "the segments of a JPEG follow each other", f"other bytes at {place}")
    end = place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    if end > len(data) or end < place + 4:
        raise _cut(where)
    return mark, data[place + 4 : end], end


def _frame(data: bytes, place: int, where: object, frame: tuple[int, bytes]) -> tuple[int, int]:
    """Rows and columns, after a look at what the decoder would have to hold."""
    mark, body = frame
    if len(body) < 6:
        raise _cut(where)
    depth, rows, columns, parts = struct.unpack(">BHHB", body[:6])
    _check_size(where, rows, columns)
    if depth != 8 or parts not in (1, 3, 4):
        raise _refused(where, "a JPEG has 8 bits and 1, 3 or 4 channels", f"{depth} bits, {parts} channels")
    if mark == 0xC2 and rows * columns * parts > _MOST_PROGRESSIVE:
        came = f"{columns} x {rows} in {parts} channels"
        raise _refused(where, f"a progressive JPEG has at most {_MOST_PROGRESSIVE} samples", came, "save it as PNG")
    scans = data.count(b"\xff\xda", place)
    if scans > _MOST_SCANS:
        raise _refused(where, f"a JPEG has at most {_MOST_SCANS} scans", scans, "save it as PNG")
    if data.find(b"\xff\xd9", place) < 0:
        raise _cut(where)
    return rows, columns


def _orientation(exif: bytes) -> int:
    """The orientation (1 to 8) of the first directory of EXIF; 1 where it is absent or makes no sense."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None or len(exif) < 8:
        return 1
    start = struct.unpack(order + "I", exif[4:8])[0]
    if start + 2 > len(exif):
        return 1
    entries = struct.unpack(order + "H", exif[start : start + 2])[0]
    for entry in range(start + 2, min(start + 2 + 12 * entries, len(exif) - 11), 12):
        tag, kind, _count, value = struct.unpack(order + "HHIH", exif[entry : entry + 10])
        if tag == _ORIENTATION:
            return int(value) if kind == 3 and 1 <= value <= 8 else 1
    return 1


def _check_size(where: object, rows: int, columns: int) -> None:
    if not (0 < rows <= MOST_SIDE and 0 < columns <= MOST_SIDE and rows * columns <= MOST_PIXELS):
        rule = f"a picture has at most {MOST_PIXELS} pixels and {MOST_SIDE} a side"
        raise _refused(where, rule, f"{columns} x {rows}", "cut or shrink it")


def _check_extra(where: object, extra: int, count: int) -> None:
    if extra > _MOST_EXTRA_BYTES or count > _MOST_CHUNKS:
        came = f"{extra} bytes in {count} parts"
        raise _refused(where, f"words and profiles take at most {_MOST_EXTRA_BYTES} bytes", came, "save it without")


def _cut(where: object) -> RefusedError:
    return _refused(where, "a picture is whole", "a file that ends too early")


def _refused(where: object, rule: str, came: object, do: str = "save the picture again") -> RefusedError:
    return RefusedError(where, rule=rule, came=came, do=do)
