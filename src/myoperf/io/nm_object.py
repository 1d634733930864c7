"""What is to be written as DICOM NM: short-axis hearts, projections, transverse volumes; who, and how it was stored."""

import itertools
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

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
class Window:
    """One energy window: its name and limits in keV."""

    name: str
    low_kev: float
    high_kev: float


PHOTOPEAKS = MappingProxyType(
    {
        Tracer.TC99M: Window(name="Tc-99m", low_kev=126.5, high_kev=153.5),
        Tracer.TL201: Window(name="Tl-201", low_kev=63.0, high_kev=81.0),
    }
)
"""20 percent around 140 keV, 25 around the X rays of Tl-201 at 72 keV: the limits that ``physics`` counts in."""
SCATTER = MappingProxyType(
    {
        Tracer.TC99M: Window(name="Tc-99m scatter", low_kev=114.0, high_kev=126.0),
        Tracer.TL201: Window(name="Tl-201 scatter", low_kev=50.0, high_kev=62.0),
    }
)
"""The window just below each photopeak; our own choice of limits."""


@dataclass(frozen=True, kw_only=True)
class Examined:
    """Who was examined and how: what every kind of NM object tells.

    correction, scatter_corrected : what reconstructed counts are corrected for. seed : text from which the UIDs are
        made, with patient, study, state and kind of object. description : of the series, made from the facts if empty.
    """

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
    scatter_corrected: bool = False
    manufacturer: str = "myoperf"
    model: str = "phantom"
    description: str = ""
    seed: str = "myoperf"
    beat_ms: float = 857.0


@dataclass(frozen=True, kw_only=True)
class NMObject(Examined):
    """A short-axis heart to be written: (gate, slice, row, column) counts in the project's orientation, and who.

    counts : whole numbers of up to 16 bits are stored as they are; others by a Rescale Slope.
    spacing_mm : along (slice, row, column). directions : of the same axes in patient coordinates, None for the usual
        heart.
    """

    counts: Volume = field(repr=False)
    spacing_mm: tuple[float, float, float]
    directions: tuple[tuple[float, float, float], ...] | None = None
    stored: StoredOrder = StoredOrder()


@dataclass(frozen=True, kw_only=True)
class ProjectionObject(Examined):
    """Projections to be written, of one detector on one rotation.

    counts : (window, gate, view, z, bin), z rising to the head, bins rising with x cos(angle) + y sin(angle) in
        patient coordinates (DICOM LPS). pixel_mm : along (z, bin).
    windows : one for each of the first axis, None for the tracer's photopeak alone.
    start_deg : of the first view; 0 before the chest, 90 at the patient's left side. arc_deg : over which the views
        are spread evenly, negative for a rotation the other way round. radius_mm : distance of the detector from the
        axis of rotation, one for all views or one a view. frame_ms : time of each view.
    """

    counts: NDArray[np.floating | np.integer] = field(repr=False)
    pixel_mm: tuple[float, float]
    windows: tuple[Window, ...] | None = None
    start_deg: float = -45.0
    arc_deg: float = 180.0
    radius_mm: tuple[float, ...] = (250.0,)
    frame_ms: float = 25_000.0

    @property
    def used_windows(self) -> tuple[Window, ...]:
        """The windows given, or the photopeak of the tracer; none for an unknown tracer."""
        if self.windows is not None:
            return self.windows
        return () if self.tracer is None else (PHOTOPEAKS[self.tracer],)


@dataclass(frozen=True, kw_only=True)
class TransaxialObject(Examined):
    """A transverse reconstruction or attenuation map to be written.

    values : (gate, z, y, x), z rising to the head, y to the back, x to the patient's left: counts, or, for an
        ``attenuation`` map, linear attenuation coefficients in 1/cm at the tracer's energy (one gate).
    spacing_mm : along (z, y, x). centre_mm : (x, y, z) of the middle of the volume in patient coordinates.
    """

    values: NDArray[np.floating | np.integer] = field(repr=False)
    spacing_mm: tuple[float, float, float]
    attenuation: bool = False
    centre_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
