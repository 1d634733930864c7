"""What is derived once is kept once: arrays under a key made from the contents that they were derived from."""

import hashlib
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .files import write_bytes

FOLDER = ".myoperf-cache"

Arrays = dict[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Cache:
    """A folder of ``.npz`` files named by key. Safe for several writers: each file appears whole or not at all."""

    folder: Path

    def get(self, key: str) -> Arrays | None:
        """Arrays kept under a key; None if there are none or the file cannot be read."""
        try:
            with np.load(BytesIO(self._path(key).read_bytes()), allow_pickle=False) as kept:
                return {name: kept[name] for name in kept.files}
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
            return None

    def put(self, key: str, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Keep arrays under a key. A cache that cannot be written is no fault: the work is then done again.

        Nothing is written beside a cohort whose folder is marked read-only, not even by one who may.
        """
        if self.folder.parent.is_dir() and not self.folder.parent.stat().st_mode & 0o222:
            return
        buffer = BytesIO()
        np.savez(buffer, **dict(arrays))  # type: ignore[arg-type]  # the stubs take names for options
        try:
            write_bytes(self._path(key), buffer.getvalue())
        except OSError:
            return

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key[2:]}.npz"


def cache_beside(path: Path | str) -> Cache:
    """The cache beside a cohort table (or inside a folder)."""
    place = Path(path)
    return Cache((place if place.is_dir() else place.parent) / FOLDER)


def cache_key(*parts: object) -> str:
    """SHA-256 of the parts as 64 hexadecimal digits; equal for equal parts in every process.

    Parts are bytes, text, numbers, None, paths (standing for the bytes of the file), arrays, enum members, dataclasses,
    and tuples, lists, sets and mappings of these. TypeError for anything else, OSError for a path without a file.
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(_encoded(part))
    return digest.hexdigest()


def _encoded(part: object) -> bytes:
    """Kind, length, content: no two different parts are encoded alike."""
    kind, content = _content(part)
    return kind + struct.pack("<Q", len(content)) + content


def _content(part: object) -> tuple[bytes, bytes]:  # noqa: PLR0911  # one return a kind
    if isinstance(part, Enum):
        return b"e", _encoded(type(part).__name__) + _encoded(part.name)
    if isinstance(part, bytes | bytearray | memoryview):
        return b"b", bytes(part)
    if isinstance(part, str):
        return b"s", part.encode("utf-8", "surrogatepass")
    if part is None or isinstance(part, bool | int | float | complex):
        return b"n", f"{type(part).__name__}:{part!r}".encode()
    if isinstance(part, Path):
        return b"b", part.read_bytes()
    if isinstance(part, np.ndarray | np.generic):
        array = np.ascontiguousarray(part)
        if array.dtype.hasobject:
            raise TypeError("an array of objects cannot be part of a cache key")
        return b"a", _encoded(array.dtype.str) + _encoded(repr(array.shape)) + array.tobytes()
    if is_dataclass(part) and not isinstance(part, type):
        named = ((field.name, getattr(part, field.name)) for field in fields(part))
        return b"d", _encoded(type(part).__name__) + b"".join(_encoded(n) + _encoded(v) for n, v in named)
    if isinstance(part, Mapping):
        return b"m", b"".join(sorted(_encoded(k) + _encoded(v) for k, v in part.items()))
    if isinstance(part, set | frozenset):
        return b"u", b"".join(sorted(map(_encoded, part)))
    if isinstance(part, tuple | list):
        return b"t", b"".join(map(_encoded, part))
    raise TypeError(f"{type(part).__name__} cannot be part of a cache key")
