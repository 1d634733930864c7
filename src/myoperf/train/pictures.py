"""Pictures of many studies, mapped from their files: what is not looked at is not in memory."""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.intp]
Array = NDArray[np.generic]

_HIDDEN = -1
_OPEN = 512


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """One picture a row, all of one shape, from the arrays of their studies.

    parts : of every study the file of an array (pictures, channels, rows, columns), or the array where no file could be
    kept. part, place : of every row its study and its place there. shape : of a picture as it is given out; one channel
    stands for several. key : stands for the contents.
    """

    parts: tuple[Path | Array, ...] = field(repr=False)
    part: Numbers = field(repr=False)
    place: Numbers = field(repr=False)
    shape: tuple[int, int, int]
    key: str

    def __len__(self) -> int:
        return len(self.part)

    def __getitem__(self, rows: Numbers) -> Array:
        """Some pictures, (rows, channels, rows of pixels, columns), of the type that they are kept in."""
        if not len(rows):
            return np.empty((0, *self.shape), dtype=np.uint8)
        if (self.part[rows] == _HIDDEN).any():
            raise PermissionError("a picture of the sealed test part was asked for")
        pieces = {int(number): self._array(int(number)) for number in np.unique(self.part[rows])}
        kind = np.result_type(*(piece.dtype for piece in pieces.values()))
        found = np.empty((len(rows), *self.shape), dtype=kind)
        for at, row in enumerate(rows):
            found[at] = pieces[int(self.part[row])][self.place[row]]
        return found

    def taken(self, rows: Numbers) -> "Pictures":
        """Some rows, in this order."""
        return replace(self, part=self.part[rows], place=self.place[rows])

    def hidden(self, rows: Numbers) -> "Pictures":
        """The same with some rows that cannot be looked at: asking for one is an error."""
        part = self.part.copy()
        part[rows] = _HIDDEN
        return replace(self, part=part)

    def _array(self, number: int) -> Array:
        part = self.parts[number]
        return _mapped(str(part)) if isinstance(part, Path) else part


@lru_cache(maxsize=_OPEN)
def _mapped(path: str) -> Array:
    found: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    return found
