"""Transverse reconstructions and attenuation maps in patient coordinates."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from ..core.errors import RefusedError
from ..core.study import Evidence, Volume
from ..core.terms import Correction, Position, State
from .nm_directions import Frame, is_cardinal, stack_frame
from .nm_frames import RECONSTRUCTIONS, frame_order, frame_shape, image_kind, is_transmission
from .nm_gate import Parsed, parse
from .nm_geometry import read_spacing, told_directions
from .nm_header import Header, codes, items, numbers, patient_identifier, refuse, text
from .nm_pixels import Pixels, Turn, check_counts, counts_from, find_pixels, load_counts
from .nm_recognise import recognise_correction, recognise_position, recognise_state, require_heart

_PER_CM = ("/cm", "cm-1", "1/cm")
_PLAUSIBLE = (0.05, 1.0)
"""Largest coefficient of a body in 1/cm: above fat at 140 keV, below bone at the x rays of thallium."""


@dataclass(frozen=True, kw_only=True)
class Transaxial:
    """A transverse volume. ``load()`` gives (gate, z, y, x): z rises to the head, y to the back, x to the left.

    attenuation : whether the values are attenuation coefficients in 1/cm, else counts. spacing_mm : along (z, y, x).
    centre_mm : (x, y, z) of the middle of the volume in patient coordinates, None if not told.
    """

    source: str
    attenuation: bool
    shape: tuple[int, int, int, int]
    spacing_mm: tuple[float, float, float]
    centre_mm: tuple[float, float, float] | None
    load: Callable[[], Volume] = field(repr=False, compare=False)
    state: State | None = None
    position: Position | None = None
    correction: Correction | None = None
    patient_id: str = ""
    study_uid: str = ""
    instance_uid: str = ""
    manufacturer: str = ""
    model: str = ""
    evidence: tuple[Evidence, ...] = ()
    warnings: tuple[str, ...] = ()


def read_transaxial(path: Path | str) -> Transaxial:
    """Read a transverse RECON TOMO or RECON GATED TOMO of the chest, of emission or (TRANSMISSION) attenuation.

    Raises RefusedError for what ``nm.read_series`` refuses as unreadable, for directions that are not told or not
    those of the body, and for an attenuation map whose unit is neither told nor plausibly 1/cm.
    """
    return transaxial_of(parse(path))


def transaxial_of(parsed: Parsed) -> Transaxial:
    """The transverse volume of a parsed file; see ``read_transaxial``."""
    header = Header(source=parsed.source, dataset=parsed.dataset)
    kind = image_kind(header)
    if kind not in RECONSTRUCTIONS:
        raise refuse(header, "ImageType", f"is {' or '.join(RECONSTRUCTIONS)}", kind or "nothing")
    require_heart(header)
    shape = frame_shape(header)
    frames = frame_order(header, kind, shape[0])
    spacing = read_spacing(header)
    frame = _body_frame(header, spacing.sign or 1)
    turn = _to_body(frame)
    pixels, told = find_pixels(parsed, header, shape, frames.index, turn)
    attenuation = is_transmission(header)
    unit = _unit(header, pixels, parsed.data) if attenuation else ()
    stored = (frames.index.shape[1], shape[1], shape[2])
    state, position, correction = recognise_state(header), recognise_position(header), recognise_correction(header)
    facts = (state, position, correction)
    warnings = (*parsed.warnings, *frames.warnings, *spacing.warnings, *check_counts(pixels, parsed.data), *unit)
    return Transaxial(
        source=header.source,
        attenuation=attenuation,
        shape=(len(frames.index), stored[turn[0][0]], stored[turn[0][1]], stored[turn[0][2]]),
        spacing_mm=(spacing.mm[turn[0][0]], spacing.mm[turn[0][1]], spacing.mm[turn[0][2]]),
        centre_mm=_centre(header, frame, spacing.mm, stored, int(np.argwhere(frames.index == 0)[0][1])),
        load=partial(load_counts, pixels),
        state=state.value,
        position=position.value,
        correction=None if attenuation else correction.value,
        patient_id=patient_identifier(header),
        study_uid=text(header, "StudyInstanceUID"),
        instance_uid=text(header, "SOPInstanceUID"),
        manufacturer=text(header, "Manufacturer"),
        model=text(header, "ManufacturerModelName"),
        evidence=(*told, *(e for fact in facts for e in fact.evidence)),
        warnings=(*warnings, *(w for fact in facts for w in fact.warnings)),
    )


def _body_frame(header: Header, sign: int) -> Frame:
    told = told_directions(header)
    if told is None or not told.exact:
        raise refuse(header, "ImageOrientationPatient", "tells how a transverse volume lies", "nothing")
    frame = stack_frame(told.row, told.column, sign)
    if not is_cardinal(frame) or abs(frame[0, 2]) < 0.9:
        raise RefusedError(
            header.source,
            rule="slices of a transverse volume run along the body",
            came=f"{told.source} {np.round(frame[0], 3).tolist()}",
            do="give the transverse slices",
        )
    return frame


def _to_body(frame: Frame) -> Turn:
    """The turn of stored (slice, row, column) into (z, y, x)."""
    along = np.abs(frame).argmax(axis=1).tolist()
    order = [along.index(axis) for axis in (2, 1, 0)]
    flips = [bool(frame[stored, axis] < 0) for stored, axis in zip(order, (2, 1, 0), strict=True)]
    return (order[0], order[1], order[2]), (flips[0], flips[1], flips[2])


def _centre(
    header: Header, frame: Frame, mm: tuple[float, float, float], stored: tuple[int, int, int], first: int
) -> tuple[float, float, float] | None:
    """Middle of the volume from the place of the first pixel in the file; ``first`` is the slice that it is in."""
    for place in (*items(header, "DetectorInformationSequence"), header):
        corner = numbers(place, "ImagePositionPatient")
        if len(corner) == 3:
            steps = ((stored[0] - 1) / 2 - first, (stored[1] - 1) / 2, (stored[2] - 1) / 2)
            middle = np.array(corner) + sum(frame[axis] * mm[axis] * steps[axis] for axis in range(3))
            x, y, z = np.round(middle, 6).tolist()
            return x, y, z
    return None


def _unit(header: Header, pixels: Pixels, data: bytes) -> tuple[str, ...]:
    """A warning if the unit of an attenuation map is not told but its values are plausible in 1/cm."""
    told = [
        code.value
        for item in items(header, "RealWorldValueMappingSequence")
        for code in codes(item, "MeasurementUnitsCodeSequence")
    ]
    largest = float(counts_from(pixels, data).max())
    if told and all(unit in _PER_CM for unit in told):
        return ()
    if told or not _PLAUSIBLE[0] <= largest <= _PLAUSIBLE[1]:
        came = f"unit {', '.join(told) or 'not told'}, largest {largest:g}"
        raise RefusedError(
            header.source, rule="an attenuation map is in 1/cm", came=came, do="export it with its rescale slope"
        )
    return ("attenuation map: the unit is not told; taken as 1/cm",)
