"""Frames of gated projections with the heart marked on each, as one array a patient."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..core.errors import RefusedError
from ..io.files import write_bytes
from .masks import npz_bytes

Counts = NDArray[np.uint16]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Gated:
    """Gated projections of one state, (gate, view, z, bin), z rising to the head, and where each view sees the heart,
    (view, z, bin)."""

    counts: Counts = field(repr=False)
    heart: Mask = field(repr=False)


def frames_of(number: int, images: int, patients: int) -> int:
    """How many of a cohort's frames are of patient ``number`` (from 0): as even as can be, ``images`` in all."""
    return (number + 1) * images // patients - number * images // patients


def write_frames(path: Path, states: Sequence[Gated], count: int) -> Path:
    """Write ``count`` frames, as evenly as can be over states, gates and views; where there are fewer, all.

    ``frames`` (count, row, bin), counts; ``heart`` of the same shape, bool; rows from head to feet, as they are looked
    at. RefusedError for no frame.
    """
    counts = np.concatenate([one.counts.reshape(-1, *one.counts.shape[2:]) for one in states])
    hearts = np.concatenate(
        [np.broadcast_to(one.heart, one.counts.shape).reshape(-1, *one.heart.shape[1:]) for one in states]
    )
    total = len(counts)
    kept = np.unique(np.linspace(0, total - 1, min(count, total)).round().astype(np.intp))
    if not kept.size:
        raise RefusedError(path, rule="a study has frames", came=count, do="ask for at least one a patient")
    return write_bytes(path, npz_bytes({"frames": counts[kept, ::-1], "heart": hearts[kept, ::-1]}))
