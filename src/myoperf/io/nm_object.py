"""What is to be written as DICOM NM: a heart in the project's orientation, and the order it is stored in."""

import itertools
from dataclasses import dataclass, field
from typing import Literal

from ..core.study import Volume
from ..core.terms import Correction, Position, Sex, State, Tracer

Place = Literal["detector", "top", "letters", "nowhere"]
FrameOrder = Literal["rising", "falling", "shuffled"]


@dataclass(frozen=True, kw_only=True)
class StoredOrder:
    """How a volume of the project's orientation is laid down in the file.

    place : where the directions are told: the Detector Information Sequence, the top level, as letters of Patient
        Orientation with Slice Progression Direction, or nowhere.
    base_first : Slice Vector counts from base to apex. transposed : rows and columns are exchanged, then reversed as
        told. frames : order of the frames in the file against Slice Vector.
    The sign of Spacing Between Slices follows from these.
    """

    place: Place = "detector"
    base_first: bool = False
    transposed: bool = False
    rows_reversed: bool = False
    columns_reversed: bool = False
    frames: FrameOrder = "rising"


def stored_orders(place: Place) -> tuple[StoredOrder, ...]:
    """All 16 orders that a true, unmirrored heart can be stored in (two slice orders x eight in-plane), rising frames.

    Half of them have a negative Spacing Between Slices; for either sign and either slice order there are four.
    """
    return tuple(
        StoredOrder(place=place, base_first=base, transposed=swap, rows_reversed=rows, columns_reversed=columns)
        for base, swap, rows, columns in itertools.product((False, True), repeat=4)
    )


@dataclass(frozen=True, kw_only=True)
class NMObject:
    """A short-axis heart to be written: (gate, slice, row, column) counts in the project's orientation, and who.

    counts : whole numbers of up to 16 bits are stored as they are; others by a Rescale Slope.
    spacing_mm : along (slice, row, column). directions : of the same axes in patient coordinates, None for the usual
        heart. seed : text from which the UIDs are made, with patient, study, state and gates.
    """

    counts: Volume = field(repr=False)
    spacing_mm: tuple[float, float, float]
    patient_id: str
    state: State | None
    tracer: Tracer | None
    study_id: str = ""
    sex: Sex | None = None
    age_years: int | None = None
    weight_kg: float | None = None
    height_m: float | None = None
    position: Position | None = Position.SUPINE
    correction: Correction | None = Correction.NC
    manufacturer: str = "myoperf"
    model: str = "phantom"
    description: str = ""
    directions: tuple[tuple[float, float, float], ...] | None = None
    stored: StoredOrder = StoredOrder()
    seed: str = "myoperf"
    beat_ms: float = 857.0
