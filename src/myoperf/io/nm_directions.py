"""Directions of a stored stack, and how they match the heart's own axes.

The usual heart: its axes in patient coordinates (DICOM LPS: +x left, +y posterior, +z head) in ordinary anatomy. A
stack is matched to them by the signed permutation of axes, of the right handedness, that fits best.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .nm_pixels import Turn

Frame = NDArray[np.float64]
"""Three unit vectors as rows: the directions of the slice, row and column index, shape (3, 3)."""

USUAL_HEART: Frame = np.array([(-0.57, 0.76, 0.30), (-0.16, 0.24, -0.95), (0.81, 0.58, 0.0)])
"""Apex to base, anterior to inferior, septal to lateral."""
USUAL_HEART = USUAL_HEART / np.linalg.norm(USUAL_HEART, axis=1, keepdims=True)
USUAL_HEART.setflags(write=False)

BASE, INFERIOR, LATERAL = 0, 1, 2
CLOSE = 0.35
"""A match is clear if its sum of three cosines is this much above every other's."""
ALONG = 0.6
"""A stack's axis runs along a heart axis if the cosine of their angle is at least this (53 degrees)."""

_PERMUTATIONS = (((0, 1, 2), 1), ((1, 2, 0), 1), ((2, 0, 1), 1), ((0, 2, 1), -1), ((2, 1, 0), -1), ((1, 0, 2), -1))
"""Permutations of three axes with their parity. The usual heart is left-handed in (slice, row, column)."""


@dataclass(frozen=True, kw_only=True)
class Match:
    """A signed permutation: stored axis i (slice, row, column) runs along heart axis ``axes[i]``, or against it.

    cosines : of each stored axis with its heart axis, sign applied. lead : how much better than the next best.
    """

    axes: tuple[int, int, int]
    signs: tuple[int, int, int]
    cosines: tuple[float, float, float]
    lead: float

    @property
    def clear(self) -> bool:
        """Whether no other match comes close and each axis runs along its heart axis."""
        return self.lead >= CLOSE and min(self.cosines) >= ALONG


def stack_frame(row: NDArray[np.float64], column: NDArray[np.float64], spacing_sign: int) -> Frame:
    """Directions of the slice, row and column index, from the direction cosines of the first row and first column.

    Slices are stacked along row x column, or against it where Spacing Between Slices is negative (PS3.3 C.8.4.15).
    The column index runs along the row's direction, the row index along the column's.
    """
    return np.stack([spacing_sign * np.cross(row, column), column, row])


def match_heart(frame: Frame, slices_along_base: bool) -> Match:
    """The best match of a stack with the usual heart.

    slices_along_base : only matches whose slice axis is the heart's long axis, as for a stack that is told to be
        short axis.
    """
    cosines = (frame @ USUAL_HEART.T).tolist()
    same = 1 if np.linalg.det(frame) < 0 else -1
    ranked = []
    for axes, parity in _PERMUTATIONS:
        if slices_along_base and axes[0] != BASE:
            continue
        for signs in itertools.product((1, -1), repeat=3):
            if parity * signs[0] * signs[1] * signs[2] == same:
                fit = tuple(sign * cosines[i][axis] for i, (axis, sign) in enumerate(zip(axes, signs, strict=True)))
                ranked.append((sum(fit), axes, signs, fit))
    ranked.sort(key=lambda entry: entry[0], reverse=True)
    best, second = ranked[0], ranked[1]
    return Match(
        axes=(best[1][0], best[1][1], best[1][2]),
        signs=(best[2][0], best[2][1], best[2][2]),
        cosines=(best[3][0], best[3][1], best[3][2]),
        lead=best[0] - second[0],
    )


def turn_of(match: Match) -> Turn:
    """How to transpose and flip a stack so that its axes run apex-base, anterior-inferior, septal-lateral."""
    order = tuple(match.axes.index(axis) for axis in range(3))
    flips = tuple(match.signs[stored] < 0 for stored in order)
    return (order[0], order[1], order[2]), (flips[0], flips[1], flips[2])


def turned_frame(frame: Frame, turn: Turn) -> Frame:
    """Directions of a stack's axes after a turn."""
    order, flips = turn
    signs = np.where(np.asarray(flips), -1.0, 1.0)
    return frame[list(order)] * signs[:, None]


def is_cardinal(frame: Frame, tolerance: float = 0.02) -> bool:
    """Whether every axis runs along an axis of the body, within about one degree."""
    largest = np.abs(frame).max(axis=1)
    return bool((largest > 1.0 - tolerance**2).all())


_LETTERS = {"L": (0, 1.0), "R": (0, -1.0), "P": (1, 1.0), "A": (1, -1.0), "H": (2, 1.0), "F": (2, -1.0)}


def letters_direction(letters: str) -> NDArray[np.float64] | None:
    """Unit vector of Patient Orientation letters, strongest first ("LP" is mostly left, somewhat posterior).

    None for letters that are unknown, doubled or opposed.
    """
    found = np.zeros(3)
    for weight, letter in zip((1.0, 0.6, 0.36), letters.upper(), strict=False):
        if letter not in _LETTERS or found[_LETTERS[letter][0]] != 0:
            return None
        axis, sign = _LETTERS[letter]
        found[axis] = weight * sign
    size = float(np.linalg.norm(found))
    return found / size if size > 0 and len(letters) <= 3 else None
