"""Which frame of an NM object is which gate and slice: an index built from the vectors, never from assumed order."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.errors import RefusedError
from ..core.study import Evidence
from .nm_header import Header, element_name, numbers, refuse, require_whole, texts, values, whole
from .nm_windows import choose_photopeak, energy_windows

MAX_FRAMES = 8_192
MAX_SIDE = 1_024
MIN_SIDE = 8

RECONSTRUCTIONS = ("RECON TOMO", "RECON GATED TOMO")
_NOT_HEARTS = {
    "TOMO": "projections",
    "GATED TOMO": "gated projections",
    "WHOLE BODY": "a whole-body image",
    "STATIC": "static planar images",
    "DYNAMIC": "dynamic planar images",
    "GATED": "gated planar images",
}
_AXES = {
    0x00540010: ("EnergyWindowVector", ""),
    0x00540020: ("DetectorVector", ""),
    0x00540030: ("PhaseVector", ""),
    0x00540050: ("RotationVector", ""),
    0x00540060: ("RRIntervalVector", "NumberOfRRIntervals"),
    0x00540070: ("TimeSlotVector", "NumberOfTimeSlots"),
    0x00540080: ("SliceVector", "NumberOfSlices"),
    0x00540090: ("AngularViewVector", ""),
    0x00540100: ("TimeSliceVector", ""),
}
_WINDOW, _GATE, _SLICE = 0x00540010, 0x00540070, 0x00540080


@dataclass(frozen=True, kw_only=True)
class Frames:
    """The order of an object's frames.

    index : frame number (from 0) of every gate and slice, shape (gates, slices); slices by rising Slice Vector.
    window : number of the energy window (from 1) that the frames come from.
    encoded : how slices run in the file: +1 rising, -1 falling, 0 neither.
    """

    index: NDArray[np.intp]
    window: int
    encoded: int
    evidence: tuple[Evidence, ...] = ()
    warnings: tuple[str, ...] = ()


def image_kind(header: Header) -> str:
    """Value 3 of Image Type in capitals; empty if there is none."""
    kind = texts(header, "ImageType")
    return " ".join(kind[2].upper().split()) if len(kind) > 2 else ""


def is_transmission(header: Header) -> bool:
    """Whether value 4 of Image Type says that the image shows attenuation, not activity."""
    kind = texts(header, "ImageType")
    return len(kind) > 3 and kind[3].upper() == "TRANSMISSION"


def require_reconstruction(header: Header) -> str:
    """Value 3 of Image Type, one of ``RECONSTRUCTIONS``; everything else is refused with its name."""
    third = image_kind(header)
    if third not in RECONSTRUCTIONS:
        what = _NOT_HEARTS.get(third, "an unknown kind of image")
        came = f"{third or 'nothing'}: {what}"
        raise RefusedError(
            header.source,
            rule="a heart is read from a reconstruction (Image Type value 3 RECON TOMO or RECON GATED TOMO)",
            came=came,
            do="give the reconstructed short-axis series",
        )
    if is_transmission(header):
        raise RefusedError(
            header.source,
            rule="a heart is read from an emission image (Image Type value 4)",
            came="TRANSMISSION: an attenuation map",
            do="give the reconstructed short-axis series",
        )
    return third


def frame_shape(header: Header) -> tuple[int, int, int]:
    """Frames, rows, columns as declared, within the limits."""
    frames = require_whole(header, "NumberOfFrames", 1, MAX_FRAMES)
    rows = require_whole(header, "Rows", MIN_SIDE, MAX_SIDE)
    columns = require_whole(header, "Columns", MIN_SIDE, MAX_SIDE)
    return frames, rows, columns


def frame_order(header: Header, kind: str, count: int) -> Frames:
    """Order ``count`` frames by the vectors that Frame Increment Pointer names, and by any other vector there.

    Refused: a vector longer or shorter than the frames, an index with holes or doubles, several detectors, rotations,
    R-R intervals or views, several energy windows of which not exactly one is a tracer's photopeak, time slots in an
    object that is not gated.
    """
    axes, warnings = frame_vectors(header, count)
    if _SLICE not in axes:
        raise refuse(header, "SliceVector", "tells the order of the frames", "nothing")
    others = [_AXES[t][0] for t, v in axes.items() if t not in (_WINDOW, _GATE, _SLICE) and np.ptp(v) > 0]
    if others:
        raise RefusedError(
            header.source,
            rule="a reconstruction has frames by slice and time slot only",
            came=f"several values in {' and '.join(others)}",
            do="export one reconstruction a file",
        )
    used = axes.get(_WINDOW, np.ones(count, dtype=np.intp))
    window, evidence = _window_used(header, used)
    keep = np.flatnonzero(used == window)
    index = _complete(header, keep, axes.get(_GATE, np.ones(count, dtype=np.intp))[keep], axes[_SLICE][keep])
    if len(index) > 1 and kind != "RECON GATED TOMO":
        raise refuse(header, "TimeSlotVector", "has one time slot in an ungated image", len(index))
    if len(index) == 1 and kind == "RECON GATED TOMO":
        warnings.append("gated by its Image Type, but with one time slot")
    steps = np.sign(np.diff(index[0]))
    encoded = int(steps[0]) if len(steps) and (steps == steps[0]).all() else 0
    return Frames(index=index, window=window, encoded=encoded, evidence=evidence, warnings=tuple(warnings))


def frame_vectors(header: Header, count: int) -> tuple[dict[int, NDArray[np.intp]], list[str]]:
    """Frame vectors by tag, each as long as there are frames; vectors that are named but absent are warned of."""
    pointed = [int(tag) if isinstance(tag, int) else -1 for tag in values(header, "FrameIncrementPointer")]
    if any(tag not in _AXES for tag in pointed):
        came = ", ".join(f"{tag & 0xFFFFFFFF:08X}" for tag in pointed)
        raise refuse(header, "FrameIncrementPointer", "names vectors of an NM image", came)
    axes: dict[int, NDArray[np.intp]] = {}
    warnings = []
    for tag, (keyword, number) in _AXES.items():
        vector = numbers(header, keyword)
        if not vector and tag in pointed:
            warnings.append(f"{element_name(keyword)} is named by Frame Increment Pointer but absent")
        if not vector:
            continue
        if len(vector) != count:
            raise refuse(header, keyword, f"has one value for each of {count} frames", len(vector))
        axes[tag] = np.asarray(vector, dtype=np.intp)
        declared = whole(header, number) if number else None
        if declared is not None and declared != len(np.unique(axes[tag])):
            raise refuse(header, number, f"agrees with {keyword}", f"{declared} and {len(np.unique(axes[tag]))}")
    return axes, warnings


def _window_used(header: Header, used: NDArray[np.intp]) -> tuple[int, tuple[Evidence, ...]]:
    numbers_used = tuple(int(n) for n in np.unique(used))
    chosen = choose_photopeak(energy_windows(header), numbers_used)
    if chosen is None:
        raise refuse(header, "EnergyWindowVector", "has one window at a tracer's photopeak", f"windows {numbers_used}")
    return chosen


def _complete(
    header: Header, keep: NDArray[np.intp], gates: NDArray[np.intp], slices: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Frame numbers by gate and slice; refused unless every pair of 1..gates and 1..slices comes once."""
    n_gates, n_slices = len(np.unique(gates)), len(np.unique(slices))
    fits = n_gates * n_slices == len(keep)  # before room is made for them
    index = np.full((n_gates, n_slices) if fits else (1, 1), -1, dtype=np.intp)
    inside = (gates >= 1) & (gates <= n_gates) & (slices >= 1) & (slices <= n_slices)
    if fits and inside.all():
        index[gates - 1, slices - 1] = keep
    if (index < 0).any():
        raise refuse(header, "SliceVector", "counts every slice of every time slot once, from 1", "holes or doubles")
    return index
