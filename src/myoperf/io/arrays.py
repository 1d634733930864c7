"""Arrays of ``.npy`` and ``.npz`` files that anybody may have made: no pickles, no more memory than is allowed."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from math import prod
from pathlib import Path
from tokenize import TokenError
from typing import IO

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError

MOST_ELEMENTS = 32_000_000
_BLOCK = 1_000_000
_MOST_FILE_BYTES = 512_000_000
_VERSIONS = {(1, 0): 2, (2, 0): 4}
"""Format of .npy to the number of bytes that tell the length of its head."""
_MOST_HEAD_BYTES = 10_000
_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGED = (
    EOFError, ValueError, KeyError, OverflowError, MemoryError, RuntimeError, SyntaxError, TokenError, struct.error,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip
_RULE = "an array is stored as .npy or .npz, numbers only, whole"


@dataclass(frozen=True, kw_only=True)
class ArrayHeader:
    """What the head of a stored array claims."""

    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[np.generic]


def split_name(path: Path) -> tuple[Path, str]:
    """The file (or folder) and the name of the array behind the last ``#``; "" where there is none."""
    text, mark, name = str(path).rpartition("#")
    if mark and text and not path.exists():
        return Path(text), name
    return path, ""


def array_names(path: Path) -> tuple[str, ...]:
    """Names of the arrays in an ``.npz`` file. RefusedError for a file that is none."""
    with _refusing(path), zipfile.ZipFile(path) as archive:
        return tuple(name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy"))


def read_array(path: Path, name: str = "", *, into: type[np.generic], most: int = MOST_ELEMENTS) -> NDArray[np.generic]:
    """Read one array of numbers and convert it, block by block, into the type ``into``.

    name : which array of an ``.npz``; "" where it holds one only. most : elements that are accepted at most. Values
    must fit ``into`` without change (a float of another precision may be rounded); NaN and infinity are refused.
    Raises RefusedError for anything else than such an array: pickles, damaged or cut files, claims beyond ``most``.
    """
    if _size(path) > _MOST_FILE_BYTES:
        raise _refused(path, f"a file has at most {_MOST_FILE_BYTES} bytes", f"{_size(path)}")
    if path.suffix.lower() != ".npz":
        with _refusing(path), path.open("rb") as stream:
            return _read(path, stream, into, most)
    names = array_names(path)
    if not name and len(names) != 1:
        raise _refused(path, "one of several arrays is chosen by FILE#NAME", f"the arrays {', '.join(names[:12])}")
    if name and name not in names:
        raise _refused(path, f"the array {name!r} is there", f"the arrays {', '.join(names[:12]) or 'none'}")
    with _refusing(path), zipfile.ZipFile(path) as archive:
        entry = archive.getinfo(f"{name or names[0]}.npy")
        if entry.compress_type not in _PLAIN:
            raise _refused(path, "arrays are stored or deflated", f"compression {entry.compress_type}")
        with archive.open(entry) as part:
            return _read(path, part, into, most)


def _read(path: Path, stream: IO[bytes], into: type[np.generic], most: int) -> NDArray[np.generic]:
    head = _header(path, stream)
    count = prod(head.shape)
    if head.dtype.kind not in "biuf":
        raise _refused(path, _RULE, f"elements of the type {head.dtype}")
    if not 0 < count <= most:
        raise _refused(path, f"an array has 1 to {most} elements", f"{count} of the shape {head.shape}")
    found = np.empty(count, dtype=into)
    for start in range(0, count, _BLOCK):
        length = min(_BLOCK, count - start)
        block = np.frombuffer(_exactly(stream, length * head.dtype.itemsize), dtype=head.dtype)
        found[start : start + length] = _converted(path, block, np.dtype(into))
    if head.fortran:
        return found.reshape(head.shape[::-1]).T
    return found.reshape(head.shape)


def _header(path: Path, stream: IO[bytes]) -> ArrayHeader:
    version = np.lib.format.read_magic(stream)
    if version not in _VERSIONS:
        raise _refused(path, "the format of an .npy file is 1.0 or 2.0", f"{version[0]}.{version[1]}")
    claimed = _exactly(stream, _VERSIONS[version])
    length = int.from_bytes(claimed, "little")
    if length > _MOST_HEAD_BYTES:
        raise _refused(path, f"the head of an array has at most {_MOST_HEAD_BYTES} bytes", length)
    head = BytesIO(claimed + _exactly(stream, length))
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran, dtype = read(head)
    if min(shape, default=1) < 0:
        raise _refused(path, _RULE, f"the shape {shape}")
    return ArrayHeader(shape=shape, fortran=fortran, dtype=dtype)


def _exactly(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) != length:
        raise EOFError("the file ends before its array does")
    return data


def _converted(path: Path, block: NDArray[np.generic], into: np.dtype[np.generic]) -> NDArray[np.generic]:
    if block.dtype.kind == "f" and not np.isfinite(block).all():
        raise _refused(path, "every element is a finite number", "NaN or infinity")
    if into.kind == "f":
        with np.errstate(over="ignore"):
            values = block.astype(into)
        if not np.isfinite(values).all():
            raise _refused(path, f"values fit {into}", "one beyond its range")
        return values
    if block.dtype.kind == "f" and (block != np.floor(block)).any():
        odd = block[block != np.floor(block)][0]
        raise _refused(path, "labels are whole numbers", f"{odd:g}", "cut probabilities at a threshold first")
    limits = np.iinfo(into.name)
    if block.min() < limits.min or block.max() > limits.max:
        raise _refused(path, f"labels lie in {limits.min}..{limits.max}", f"{block.min()} to {block.max()}")
    return block.astype(into)


def _size(path: Path) -> int:
    with _refusing(path):
        return path.stat().st_size


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Whatever a damaged or hostile file makes the readers raise becomes one line."""
    try:
        yield
    except OSError as error:
        raise _refused(path, "a file that can be read", error.strerror or str(error)) from None
    except _DAMAGED as error:
        raise _refused(path, _RULE, error) from None


def _refused(path: Path, rule: str, came: object, do: str = "write the array again") -> RefusedError:
    return RefusedError(path, rule=rule, came=came, do=do)
