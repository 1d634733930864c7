"""Images that are one image: the same pixels, or the same after a turn, a resize, other brightness, compression."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from myoperf.core.progress import Progress, silent

from .canonical import gathered
from .pictures import Picture
from .registration import Floats, Numbers, Starts, likeness, starts_of

ALIKE, ALIKE_IN_ONE_PATIENT = 2.25, 2.7
"""Likeness from which two images are taken for one. Set on virtual and real hearts, where unlike pairs reach 2.1,
stress and rest of one patient 2.1 and neighbouring slices 2.3; validation/duplicates.py judges it on others."""
_NEARER = 0.6
"""So much more alike is a copy than another scan of the patient."""
NEIGHBOURS = 24
_LIKELY = 0.68
_BLOCK = 512
_FEW = 150
"""Up to so many planes every pair is looked at; beyond, only neighbours by signature."""


@dataclass(frozen=True, kw_only=True)
class Duplicate:
    """Two images that are one. kind : "exact" (same decoded pixels) or "near". arrays : their names inside the files.

    likeness : minus the decimal logarithm of the part of one that the other does not explain; None where exact.
    """

    first: Path
    second: Path
    kind: str
    likeness: float | None = None
    arrays: tuple[str, str] = ("", "")


def find_duplicates(
    pictures: Sequence[Picture], patient_of: Mapping[Path, str] | None = None, progress: Progress = silent
) -> tuple[Duplicate, ...]:
    """Every pair of images that are one, exact ones first. patient_of : whose each file is, where that is known.

    Two near images of one patient must be more alike than those of two, as neighbouring slices and repeated scans are
    no copies; nor is what is barely alike to one of them where it is a copy of the other. Images that are exact copies
    of each other are told as a chain: each with the first of them.
    """
    exact, kept = _exact(pictures)
    owner = dict(patient_of or {})
    for pair in exact:
        owner.setdefault(pair.first, owner.get(pair.second, ""))
    near = []
    for volume in (False, True):
        chosen = [one for one in kept if one.volume == volume and len(one.planes)]
        near += _near(chosen, owner, progress)
    return (*exact, *sorted(near, key=lambda pair: -(pair.likeness or 0.0)))


def _exact(pictures: Sequence[Picture]) -> tuple[list[Duplicate], list[Picture]]:
    """Pairs of the same pixels, and one image of each kind; empty images are copies of nothing."""
    groups: dict[str, list[Picture]] = defaultdict(list)
    for one in pictures:
        if len(one.planes):
            groups[one.digest].append(one)
    pairs = [
        Duplicate(first=group[0].path, second=other.path, kind="exact", arrays=(group[0].name, other.name))
        for group in groups.values()
        for other in group[1:]
    ]
    return pairs, [group[0] for group in groups.values()]


def _near(pictures: Sequence[Picture], owner: Mapping[Path, str], progress: Progress) -> list[Duplicate]:
    found = {
        (a, b): value
        for (a, b), value in _compared(pictures, progress).items()
        if value >= _wanted(pictures[a].path, pictures[b].path, owner)
    }
    return [
        Duplicate(
            first=pictures[a].path,
            second=pictures[b].path,
            kind="near",
            likeness=value,
            arrays=(pictures[a].name, pictures[b].name),
        )
        for (a, b), value in _told(found).items()
    ]


def _compared(pictures: Sequence[Picture], progress: Progress) -> dict[tuple[int, int], float]:
    """Likeness of every pair of pictures that may be one, by their numbers, the lower first."""
    found: dict[tuple[int, int], float] = {}
    if len(pictures) < 2:
        return found
    holder = np.concatenate([np.full(len(one.layers), k) for k, one in enumerate(pictures)])
    canon = gathered([(v, s) for one in pictures for v, s in zip(one.planes, one.shown, strict=True)])
    pairs = _candidates(canon.signature, holder)
    if not len(pairs):
        return found
    starts = starts_of(canon, pairs)
    likely = np.flatnonzero(starts.best[:, 0] >= _LIKELY)
    layers = [(one, plane) for one in pictures for plane in range(len(one.layers))]
    for start in range(0, likely.size, _BLOCK):
        part = likely[start : start + _BLOCK]
        values = _likeness(layers, canon.valid, pairs[part], starts.of(part))
        for (a, b), value in zip(holder[pairs[part]], values, strict=True):
            key = (int(min(a, b)), int(max(a, b)))
            found[key] = max(found.get(key, 0.0), float(value))
        progress("likely pairs compared", min(start + _BLOCK, likely.size), likely.size)
    return found


def _likeness(
    planes: Sequence[tuple[Picture, int]], valid: NDArray[np.bool_], pairs: Numbers, starts: Starts
) -> Floats:
    """As ``likeness``, of the planes that these pairs need only."""
    used, place = np.unique(pairs, return_inverse=True)
    layers = np.stack([planes[k][0].layers[planes[k][1]] for k in used])
    return likeness(layers, valid[used], place.reshape(pairs.shape), starts)


def _told(found: Mapping[tuple[int, int], float]) -> dict[tuple[int, int], float]:
    """The pairs without those of a copy and another scan of the patient that it was made from.

    Such a pair is weak, and one of the two has a nearer copy that the other is not alike to.
    """
    nearer: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for (a, b), value in found.items():
        nearer[a].append((b, value))
        nearer[b].append((a, value))

    def mistaken(one: int, other: int, value: float) -> bool:
        better = [third for third, like in nearer[one] if like > value + _NEARER and third != other]
        return any((min(third, other), max(third, other)) not in found for third in better)

    return {
        (a, b): value
        for (a, b), value in found.items()
        if value >= ALIKE_IN_ONE_PATIENT or not (mistaken(a, b, value) or mistaken(b, a, value))
    }


def _wanted(one: Path, other: Path, owner: Mapping[Path, str]) -> float:
    whose = owner.get(one, "")
    return ALIKE_IN_ONE_PATIENT if one == other or (whose and whose == owner.get(other, "")) else ALIKE


def _candidates(signature: Floats, holder: NDArray[np.intp]) -> NDArray[np.intp]:
    """Pairs of planes of different images that a signature brings together, (pairs, 2), lower number first."""
    n = len(signature)
    if n <= _FEW:
        first, second = np.triu_indices(n, 1)
    else:
        scaled = (signature - signature.mean(axis=0)) / (signature.std(axis=0) + 1e-3)
        first, second = _neighbours(scaled.astype(np.float32))
    pairs = np.stack([np.minimum(first, second), np.maximum(first, second)], axis=1)
    pairs = pairs[holder[pairs[:, 0]] != holder[pairs[:, 1]]]
    return np.unique(pairs, axis=0)


def _neighbours(points: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Every point with its nearest others."""
    n, square = len(points), (points * points).sum(axis=1)
    near = np.empty((n, NEIGHBOURS), dtype=np.intp)
    for start in range(0, n, 1024):
        part = points[start : start + 1024]
        away = square[None] - 2 * part @ points.T
        away[np.arange(len(part)), start + np.arange(len(part))] = np.inf
        near[start : start + 1024] = np.argpartition(away, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    return np.repeat(np.arange(n), NEIGHBOURS), near.reshape(-1)
