"""One examination: who, and the series of images that belong to it. Pixels are loaded only when asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .terms import Correction, Position, Sex, State, Tracer, View

Volume = NDArray[np.float32]
"""Counts, shape (gate, slice, row, column). In the project's orientation: slice 0 is the apical side, row 0 is
anterior, column 0 is septal (the viewer looks from the apex towards the base)."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Why a fact about a series is believed: the fact, its value, and the tag or text that said so."""

    fact: str
    value: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """Where the voxels lie.

    spacing_mm : distance of neighbouring voxels along (slice, row, column), all positive.
    oriented : True if the header told the directions and the array stands in the project's orientation; False if
        the header is silent and the array is as stored.
    right_handed : for an array that is not oriented, whether (column axis, row axis, slice axis) as stored form a
        right-handed system, told by the sign of Spacing Between Slices; None if not told.
    apex_first : whether slice 0 is known to be the apical side; None if not told.
    directions : unit vectors of the slice, row and column axes in patient coordinates (DICOM LPS: +x left,
        +y posterior, +z head), or None if not told.
    """

    spacing_mm: tuple[float, float, float]
    oriented: bool
    right_handed: bool | None = None
    apex_first: bool | None = None
    directions: tuple[tuple[float, float, float], ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Series:
    """One reconstructed image series. ``load()`` gives its counts as a ``Volume``."""

    source: str
    view: View
    geometry: Geometry
    shape: tuple[int, int, int, int]
    load: Callable[[], Volume] = field(repr=False, compare=False)
    state: State | None = None
    tracer: Tracer | None = None
    position: Position | None = None
    correction: Correction | None = None
    patient_id: str = ""
    study_uid: str = ""
    series_uid: str = ""
    instance_uid: str = ""
    sex: Sex | None = None
    manufacturer: str = ""
    model: str = ""
    evidence: tuple[Evidence, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def gates(self) -> int:
        """Number of time slots of the heart cycle; 1 if ungated."""
        return self.shape[0]


@dataclass(frozen=True, kw_only=True)
class Study:
    """One examination of one patient: stress and rest belong together. ``clinical`` holds the other columns."""

    patient_id: str
    study_id: str
    series: tuple[Series, ...]
    sex: Sex | None = None
    clinical: Mapping[str, object] = field(default_factory=dict)
