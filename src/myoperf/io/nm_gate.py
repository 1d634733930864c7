"""The gate: a DICOM file is parsed only under limits, and every fault in it becomes one refusal.

Sizes, syntaxes and the amount of parsing are capped before anything is believed. Pixels are not decoded here: the
gate says where they lie.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from pydicom import Dataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from ..core.errors import RefusedError

MAX_FILE_BYTES = 64 * 2**20
MAX_READS = 20_000
"""Elements and items that one header may hold, however they are nested."""

NM_IMAGE = "1.2.840.10008.5.1.4.1.1.20"
SYNTAXES = (str(ImplicitVRLittleEndian), str(ExplicitVRLittleEndian), str(ExplicitVRBigEndian))
DEFLATED = "1.2.840.10008.1.2.1.99"
PIXELS = 0x7FE00010
_TRAILERS = range(0x7FE1, 0x10000)
_MAGIC = {b"MZ": "a Windows program", b"\x7fELF": "an ELF program", b"#!": "a script", b"%PDF": "a PDF"}
_MAGIC |= {b"PK": "a ZIP archive", b"\xcf\xfa\xed\xfe": "a Mach-O program", b"\xfe\xed\xfa": "a Mach-O program"}
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_AGAIN = "export the series again"


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """A header within the limits, and where its pixels lie.

    data : the whole file. offset, length : bytes of the Pixel Data value. big_endian : byte order of the pixels.
    """

    source: str
    dataset: Dataset
    data: bytes
    offset: int
    length: int
    big_endian: bool
    warnings: tuple[str, ...] = ()


class _Counted(BytesIO):
    """A stream that gives up after ``MAX_READS`` reads, so that no header can keep the parser busy."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.reads > MAX_READS:
            raise RefusedError(
                "header", rule=f"a header holds at most {MAX_READS} elements", came="more", do="export the image alone"
            )
        return super().read(size)


def parse(path: Path | str) -> Parsed:
    """Read one file's header under the limits.

    Raises RefusedError for what is not a file, too large, not DICOM, not an NM image, compressed or deflated, nested
    or long beyond the limits, truncated, or not readable for any other reason.
    """
    data = read_whole(Path(path))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _parse(str(path), data)
    except RefusedError as refusal:
        raise RefusedError(path, rule=refusal.rule, came=refusal.came, do=refusal.do) from None
    except RecursionError:
        raise RefusedError(path, rule="sequences nest a few deep", came="many levels", do=_AGAIN) from None
    except Exception as error:  # the parser's own faults are the file's faults
        raise RefusedError(
            path, rule="the DICOM header can be parsed", came=f"{type(error).__name__} ({error})", do=_AGAIN
        ) from None


def read_whole(path: Path) -> bytes:
    """All bytes of an ordinary file of at most ``MAX_FILE_BYTES``; RefusedError otherwise."""
    try:
        if not path.is_file():
            came = "a folder or device" if path.exists() else "nothing there"
            raise RefusedError(path, rule="a file is expected", came=came, do="give the path of a DICOM file")
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise RefusedError(
                path,
                rule=f"an image file has at most {MAX_FILE_BYTES // 2**20} MB",
                came=f"{size / 2**20:.0f} MB",
                do="give one reconstructed series a file",
            )
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise RefusedError(path, rule="the file can be read", came=error, do="check the path and its rights") from None


def _parse(source: str, data: bytes) -> Parsed:
    if not data:
        raise RefusedError(source, rule="a DICOM file holds an image", came="an empty file", do=_AGAIN)
    if data[128:132] != b"DICM":
        raise RefusedError(
            source,
            rule="a DICOM file has DICM after 128 bytes",
            came="something else: not DICOM, or cut short",
            do="give DICOM files",
        )
    stream = _Counted(data)
    stream.seek(132)
    meta = read_dataset(stream, False, True, stop_when=lambda tag, vr, length: tag.group != 2)
    _require_nm(source, str(meta.get("MediaStorageSOPClassUID") or NM_IMAGE))
    syntax = str(meta.get("TransferSyntaxUID") or "")
    _require_plain(source, syntax)
    found: list[tuple[int, int, str | None]] = []
    dataset = read_dataset(
        stream,
        syntax == str(ImplicitVRLittleEndian),
        syntax != str(ExplicitVRBigEndian),
        stop_when=_stop_at_pixels(stream, found),
    )
    _require_nm(source, str(dataset.get("SOPClassUID") or "nothing"))
    offset, length = _pixel_bytes(source, data, found)
    big = syntax == str(ExplicitVRBigEndian)
    _require_end(source, data[offset + length : offset + length + 8], big)
    return Parsed(
        source=source,
        dataset=dataset,
        data=data,
        offset=offset,
        length=length,
        big_endian=big,
        warnings=_preamble_warnings(data[:128]),
    )


def _stop_at_pixels(
    stream: BytesIO, found: list[tuple[int, int, str | None]]
) -> Callable[[BaseTag, str | None, int], bool]:
    def stop(tag: BaseTag, vr: str | None, length: int) -> bool:
        if tag >= PIXELS:
            found[:] = [(stream.tell(), length, vr)] if tag == PIXELS else []
            return True
        return False

    return stop


def _require_nm(source: str, sop_class: str) -> None:
    if sop_class != NM_IMAGE:
        raise RefusedError(
            source,
            rule="only Nuclear Medicine images are read (SOP class)",
            came=UID(sop_class).name if sop_class != "nothing" else "no SOP class",
            do="export the reconstructed NM series itself",
        )


def _require_plain(source: str, syntax: str) -> None:
    if syntax not in SYNTAXES:
        came = "deflated" if syntax == DEFLATED else UID(syntax).name if syntax else "no transfer syntax"
        raise RefusedError(
            source,
            rule="only uncompressed transfer syntaxes are read",
            came=came,
            do="export as Explicit VR Little Endian",
        )


def _pixel_bytes(source: str, data: bytes, found: list[tuple[int, int, str | None]]) -> tuple[int, int]:
    if not found:
        raise RefusedError(source, rule="an image has Pixel Data (7FE0,0010)", came="none", do=_AGAIN)
    offset, length, vr = found[0]
    if length == 0xFFFFFFFF or vr not in (None, "OB", "OW"):
        came = "encapsulated pixels" if length == 0xFFFFFFFF else f"value representation {vr}"
        raise RefusedError(source, rule="Pixel Data is native OB or OW", came=came, do="export uncompressed")
    if offset + length > len(data):
        raise RefusedError(
            source,
            rule="the file holds all of its Pixel Data",
            came=f"{len(data) - offset} of {length} bytes: cut short",
            do="copy the file again",
        )
    return offset, length


def _require_end(source: str, rest: bytes, big_endian: bool) -> None:
    group = int.from_bytes(rest[:2], "big" if big_endian else "little")
    if rest and (len(rest) < 8 or group not in _TRAILERS):
        raise RefusedError(
            source, rule="nothing but DICOM elements follows Pixel Data", came="more bytes than declared", do=_AGAIN
        )


def _preamble_warnings(preamble: bytes) -> tuple[str, ...]:
    if not any(preamble) or preamble.startswith(_TIFF):
        return ()
    kind = next((name for magic, name in _MAGIC.items() if preamble.startswith(magic)), "something")
    return (f"the 128 bytes before DICM hold {kind}; they are ignored",)
