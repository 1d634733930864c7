"""Counts of an NM object: exact length, sign, stored bits, scale; read again from the file when asked for."""

import math
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..core.errors import RefusedError
from ..core.study import Evidence, Volume
from .nm_gate import Parsed, read_whole
from .nm_header import Header, items, numbers, refuse, require_whole, text, whole

Turn = tuple[tuple[int, int, int], tuple[bool, bool, bool]]
"""How stored (slice, row, column) axes become those of the volume: which stored axis each is, and whether it is
reversed afterwards."""

AS_STORED: Turn = ((0, 1, 2), (False, False, False))


@dataclass(frozen=True, kw_only=True)
class Pixels:
    """Everything needed to read the counts of one file again.

    offset, length, shape : where Pixel Data lies in the file, and its frames, rows, columns. bits : bits stored.
    slope, intercept : counts = stored * slope + intercept. padding : stored value that means "nothing here".
    index : frame of every (gate, slice). checksum : CRC-32 of the pixel bytes when the header was read.
    """

    path: Path
    offset: int
    length: int
    shape: tuple[int, int, int]
    dtype: str
    bits: int
    slope: float
    intercept: float
    padding: int | None
    index: NDArray[np.intp] = field(compare=False)
    turn: Turn
    checksum: int


@dataclass(frozen=True, kw_only=True)
class Stored:
    """How numbers are stored, before the frames are put in order."""

    dtype: str
    bits: int
    slope: float
    intercept: float
    padding: int | None
    evidence: tuple[Evidence, ...]


def stored_numbers(parsed: Parsed, header: Header, shape: tuple[int, int, int]) -> Stored:
    """Read how counts are stored, and check that Pixel Data has exactly the bytes of ``shape``.

    Refused: colour, floats, bits other than 8, 16 or 32, bits stored or high bit that do not fit, one frame too many
    or too few, a scale that is not positive and finite.
    """
    if require_whole(header, "SamplesPerPixel", 1, 1) and text(header, "PhotometricInterpretation") != "MONOCHROME2":
        raise refuse(header, "PhotometricInterpretation", "is MONOCHROME2", text(header, "PhotometricInterpretation"))
    allocated = require_whole(header, "BitsAllocated", 8, 32)
    if allocated not in (8, 16, 32):
        raise refuse(header, "BitsAllocated", "is 8, 16 or 32", allocated)
    bits = require_whole(header, "BitsStored", 1, allocated)
    high = whole(header, "HighBit")
    if high not in (None, bits - 1):
        raise refuse(header, "HighBit", f"is {bits - 1}, one less than Bits Stored", high)
    signed = require_whole(header, "PixelRepresentation", 0, 1)
    expected = math.prod(shape) * allocated // 8
    if parsed.length not in (expected, expected + expected % 2):
        raise RefusedError(
            parsed.source,
            rule=f"Pixel Data (7FE0,0010) holds {shape[0]} frames of {shape[1]} x {shape[2]}, {expected} bytes",
            came=f"{parsed.length} bytes, {parsed.length / max(expected, 1) * shape[0]:.4g} frames",
            do="export the series again",
        )
    slope, intercept, evidence = _scale(header)
    padding = whole(header, "PixelPaddingValue")
    order = ">" if parsed.big_endian else "<"
    return Stored(
        dtype=f"{order}{'i' if signed else 'u'}{allocated // 8}",
        bits=bits,
        slope=slope,
        intercept=intercept,
        padding=padding if padding is not None and padding < 0 else None,
        evidence=evidence,
    )


def _scale(header: Header) -> tuple[float, float, tuple[Evidence, ...]]:
    """Slope and intercept from Rescale, else from one Real World Value Mapping item without a table, else 1 and 0."""
    slope, intercept = numbers(header, "RescaleSlope", 1), numbers(header, "RescaleIntercept", 1)
    source = "RescaleSlope (0028,1053)"
    mappings = items(header, "RealWorldValueMappingSequence")
    if not slope and len(mappings) == 1:
        slope = numbers(mappings[0], "RealWorldValueSlope", 1)
        intercept = numbers(mappings[0], "RealWorldValueIntercept", 1)
        source = "RealWorldValueMappingSequence (0040,9096)"
    if not slope:
        return 1.0, 0.0, ()
    if not 1e-12 < slope[0] < 1e12:
        raise refuse(header, "RescaleSlope", "is positive", slope[0])
    shift = intercept[0] if intercept else 0.0
    found = Evidence(fact="counts", value=f"stored x {slope[0]:g} + {shift:g}", source=source)
    return slope[0], shift, (found,)


def find_pixels(
    parsed: Parsed, header: Header, shape: tuple[int, int, int], index: NDArray[np.intp], turn: Turn
) -> tuple[Pixels, tuple[Evidence, ...]]:
    """Where and how the counts of a file are stored; ``shape`` is frames, rows, columns. See ``stored_numbers``."""
    stored = stored_numbers(parsed, header, shape)
    pixels = Pixels(
        path=Path(parsed.source),
        offset=parsed.offset,
        length=parsed.length,
        shape=shape,
        dtype=stored.dtype,
        bits=stored.bits,
        slope=stored.slope,
        intercept=stored.intercept,
        padding=stored.padding,
        index=index,
        turn=turn,
        checksum=checksum(parsed),
    )
    return pixels, stored.evidence


def checksum(parsed: Parsed) -> int:
    """CRC-32 of the pixel bytes."""
    return zlib.crc32(memoryview(parsed.data)[parsed.offset : parsed.offset + parsed.length])


def check_counts(pixels: Pixels, data: bytes) -> tuple[str, ...]:
    """Refuse images without a heart's contrast; warn of counts that are cut off at the largest number.

    Refused: all zero, constant, nothing above zero.
    """
    stored = (
        _stored(pixels, data)[pixels.index.ravel()] if pixels.index.size < pixels.shape[0] else _stored(pixels, data)
    )
    low, high = int(stored.min()), int(stored.max())
    if low == high or high * pixels.slope + pixels.intercept <= 0:
        came = "every count is 0" if low == high == 0 else f"counts from {low} to {high}"
        raise RefusedError(
            pixels.path, rule="an image has counts that differ", came=came, do="export the reconstruction again"
        )
    top = np.iinfo(np.dtype(pixels.dtype)).max >> (stored.dtype.itemsize * 8 - pixels.bits)
    at_top = int(np.count_nonzero(stored == top)) if high == top else 0
    return (f"{at_top} voxels hold the largest number that can be stored ({top})",) if at_top > 1 else ()


def load_counts(pixels: Pixels) -> Volume:
    """Counts of a file as (gate, slice, row, column) float32, turned as ``pixels.turn`` says.

    Raises RefusedError if the file is gone or has changed since its header was read.
    """
    data = read_whole(pixels.path)
    part = memoryview(data)[pixels.offset : pixels.offset + pixels.length]
    if zlib.crc32(part) != pixels.checksum:
        raise RefusedError(
            pixels.path, rule="a file stays as it is while it is read", came="other pixels than before", do="run again"
        )
    return counts_from(pixels, data)


def counts_from(pixels: Pixels, data: bytes) -> Volume:
    """Counts from the bytes of the whole file; see ``load_counts``."""
    stored = _stored(pixels, data)[pixels.index]
    counts = stored.astype(np.float32)
    if pixels.slope != 1.0 or pixels.intercept != 0.0:
        counts = (stored * pixels.slope + pixels.intercept).astype(np.float32)
    if pixels.padding is not None:
        counts[stored == pixels.padding] = 0.0
    (a, b, c), flips = pixels.turn
    turned = counts.transpose(0, a + 1, b + 1, c + 1)
    turned = turned[:, *(slice(None, None, -1 if flip else 1) for flip in flips)]
    return np.ascontiguousarray(turned)


def _stored(pixels: Pixels, data: bytes) -> NDArray[np.signedinteger]:
    """Frames as stored, (frames, rows, columns), unused high bits removed and the sign extended."""
    frames = np.frombuffer(data, pixels.dtype, math.prod(pixels.shape), pixels.offset).reshape(pixels.shape)
    spare = frames.dtype.itemsize * 8 - pixels.bits
    if spare:
        native = frames.astype(frames.dtype.newbyteorder("="))
        return (native << spare) >> spare
    return frames
