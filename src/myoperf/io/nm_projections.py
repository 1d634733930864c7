"""Projections (TOMO, GATED TOMO) as arrays with their angles, for reconstruction."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..core.errors import RefusedError
from ..core.study import Evidence
from ..core.terms import Position, Sex, State, Tracer
from .nm_frames import frame_shape, frame_vectors, image_kind, is_transmission
from .nm_gate import Parsed, parse
from .nm_geometry import MAX_MM, MIN_MM, direction_cosines
from .nm_header import Header, items, numbers, patient_identifier, refuse, text
from .nm_pixels import Pixels, Turn, check_counts, find_pixels, load_counts
from .nm_recognise import recognise_facts, require_heart
from .nm_windows import EnergyWindow, energy_windows

PROJECTIONS = ("TOMO", "GATED TOMO")
_WINDOW, _DETECTOR, _ROTATION, _GATE, _VIEW = 0x00540010, 0x00540020, 0x00540050, 0x00540070, 0x00540090
_ALONG = 0.9
_SAME_DEG = 1e-3

Counts = NDArray[np.float32]
"""Projections, shape (window, gate, view, z, bin): z rises to the head, bins with x cos(angle) + y sin(angle)."""


@dataclass(frozen=True, kw_only=True)
class Projections:
    """Projections of one acquisition. ``load()`` gives their counts.

    shape : (window, gate, view, z, bin). pixel_mm : along (z, bin).
    angles_deg : of every view in its order; 0 with the detector before the chest, 90 at the patient's left side.
    radius_mm : distance of the detector from the axis of rotation, one a view, one for all, or none if not told.
    windows : energy windows in the order of the first axis. frame_ms : time of a view, None if not told.
    """

    source: str
    shape: tuple[int, int, int, int, int]
    pixel_mm: tuple[float, float]
    angles_deg: tuple[float, ...]
    radius_mm: tuple[float, ...]
    windows: tuple[EnergyWindow, ...]
    frame_ms: float | None
    load: Callable[[], Counts] = field(repr=False, compare=False)
    state: State | None = None
    tracer: Tracer | None = None
    position: Position | None = None
    sex: Sex | None = None
    patient_id: str = ""
    study_uid: str = ""
    instance_uid: str = ""
    manufacturer: str = ""
    model: str = ""
    evidence: tuple[Evidence, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def gates(self) -> int:
        """Number of time slots of the heart cycle; 1 if ungated."""
        return self.shape[1]


def read_projections(path: Path | str) -> Projections:
    """Read projections of one file; the pixels are checked now and loaded again when asked for.

    Views of several detectors or rotations come in one order of angles. Where the file tells no directions, rows are
    taken to run from head to feet and columns as seen from the detector, with a warning.
    Raises RefusedError for everything that is not a readable emission TOMO or GATED TOMO of the heart: see
    ``nm.read_series``; also for frames that are not one a window, gate and view, for a missing start angle or step, for
    directions that contradict the angle, and for two views of one angle.

    Source: DICOM PS3.3 C.8.4.8 (frame vectors) and C.8.4.12 (Start Angle from the patient's back to the left side).
    """
    return projections_of(parse(path))


def projections_of(parsed: Parsed) -> Projections:
    """The projections of a parsed file; see ``read_projections``."""
    header = Header(source=parsed.source, dataset=parsed.dataset)
    _require_projections(header)
    require_heart(header)
    frames = frame_shape(header)
    views = _views(header, frames[0])
    shape = (*views.index.shape, frames[1], frames[2])
    flips, untold = _flips(header, views)
    turn: Turn = ((0, 1, 2), (False, *flips))
    pixels, told = find_pixels(parsed, header, frames, views.index.reshape(-1, shape[2]), turn)
    numbers_used = tuple(dict.fromkeys(views.windows))
    facts = recognise_facts(header, numbers_used[0])
    known = {window.number: window for window in energy_windows(header)}
    warnings = (*parsed.warnings, *views.warnings, *untold, *check_counts(pixels, parsed.data), *facts.warnings)
    duration = numbers(views.rotations[0], "ActualFrameDuration", 1)
    return Projections(
        source=header.source,
        shape=(shape[0], shape[1], shape[2], shape[3], shape[4]),
        pixel_mm=_pixel_mm(header),
        angles_deg=views.angles,
        radius_mm=views.radius,
        windows=tuple(known.get(n, EnergyWindow(number=n, ranges=(), name="")) for n in numbers_used),
        frame_ms=duration[0] if duration else None,
        load=partial(_load, pixels, shape),
        state=facts.state,
        tracer=facts.tracer,
        position=facts.position,
        sex=facts.sex,
        patient_id=patient_identifier(header),
        study_uid=text(header, "StudyInstanceUID"),
        instance_uid=text(header, "SOPInstanceUID"),
        manufacturer=text(header, "Manufacturer"),
        model=text(header, "ManufacturerModelName"),
        evidence=(*told, *facts.evidence),
        warnings=warnings,
    )


@dataclass(frozen=True, kw_only=True)
class _Views:
    """Frames put in order. index : frame of every (window, gate, view); start, detector : our angle of the view
    that directions are told of, and number of its detector."""

    index: NDArray[np.intp]
    windows: tuple[int, ...]
    angles: tuple[float, ...]
    radius: tuple[float, ...]
    start: float
    detector: int
    rotations: tuple[Header, ...]
    warnings: tuple[str, ...]


def _require_projections(header: Header) -> None:
    kind = image_kind(header)
    if kind not in PROJECTIONS or is_transmission(header):
        came = "TRANSMISSION" if kind in PROJECTIONS else kind or "nothing"
        raise refuse(header, "ImageType", f"is {' or '.join(PROJECTIONS)}, EMISSION", came)


def _pixel_mm(header: Header) -> tuple[float, float]:
    mm = numbers(header, "PixelSpacing", 2)
    if len(mm) != 2 or not all(MIN_MM <= one <= MAX_MM for one in mm):
        raise refuse(header, "PixelSpacing", f"is two distances of {MIN_MM:g} to {MAX_MM:g} mm", mm or "nothing")
    return mm[0], mm[1]


def _views(header: Header, count: int) -> _Views:
    """Angles and frames of every view, all detectors and rotations in one order of angles."""
    vectors, warnings = frame_vectors(header, count)
    ones = np.ones(count, dtype=np.intp)
    window, gate = vectors.get(_WINDOW, ones), vectors.get(_GATE, ones)
    detector, rotation = vectors.get(_DETECTOR, ones), vectors.get(_ROTATION, ones)
    view = vectors.get(_VIEW)
    if view is None:
        view = _in_order_of_file(np.stack([window, gate, detector, rotation]))
        warnings.append("no Angular View Vector: views are taken in the order of the file")
    rotations = items(header, "RotationInformationSequence")
    if not rotations:
        raise refuse(header, "RotationInformationSequence", "tells the angles of the views", "nothing")
    heads = sorted({(int(r), int(d), int(v)) for r, d, v in zip(rotation, detector, view, strict=True)})
    told = _angles(header, rotations, heads)
    order = np.argsort(told if _rises(rotations[0]) else -told, kind="stable")
    apart = np.diff(np.sort(told % 360.0))
    if len(apart) and apart.min() < _SAME_DEG:
        raise refuse(header, "RotationInformationSequence", "gives every view an angle of its own", "two at one angle")
    place = {heads[k]: at for at, k in enumerate(order.tolist())}
    at_view = np.array([place[int(r), int(d), int(v)] for r, d, v in zip(rotation, detector, view, strict=True)])
    return _Views(
        index=_index(header, window, gate, at_view),
        windows=tuple(sorted({int(w) for w in window})),
        angles=tuple(np.round(told[order], 6).tolist()),
        radius=_radius(rotations, heads, order),
        start=float(told[0]),
        detector=heads[0][1],
        rotations=rotations,
        warnings=tuple(warnings),
    )


def _in_order_of_file(groups: NDArray[np.intp]) -> NDArray[np.intp]:
    """Number of each frame within its window, gate, detector and rotation, from 1."""
    seen: dict[tuple[int, ...], int] = {}
    found = []
    for group in zip(*groups.tolist(), strict=True):
        seen[group] = seen.get(group, 0) + 1
        found.append(seen[group])
    return np.array(found, dtype=np.intp)


def _rises(rotation: Header) -> bool:
    """Whether our angle grows with the views: a rotation clockwise as seen from the feet."""
    way = text(rotation, "RotationDirection")
    if way not in ("CW", "CC"):
        raise refuse(rotation, "RotationDirection", "is CW or CC", way or "nothing")
    return way == "CW"


def _angles(header: Header, rotations: tuple[Header, ...], heads: list[tuple[int, int, int]]) -> NDArray[np.float64]:
    """Our angle of every (rotation, detector, view), within a turn of the first."""
    detectors = items(header, "DetectorInformationSequence")
    several = len({d for _, d, _ in heads}) > 1
    found = []
    for r, d, v in heads:
        if not 1 <= r <= len(rotations) or (several and not 1 <= d <= len(detectors)) or v < 1:
            came = f"rotation {r}, detector {d}, view {v}"
            raise refuse(header, "RotationVector", "and the others count what is there, from 1", came)
        turn = rotations[r - 1]
        start = numbers(detectors[d - 1] if several else turn, "StartAngle", 1)
        step = numbers(turn, "AngularStep", 1)
        if not start or not step or not 0 < abs(step[0]) <= 360:
            raise refuse(turn, "AngularStep", "and Start Angle tell the views", (start, step))
        way = 1.0 if _rises(turn) else -1.0
        first = 180.0 - start[0] % 360.0
        found.append(first + way * abs(step[0]) * (v - 1))
    told = np.array(found)
    way = 1.0 if _rises(rotations[0]) else -1.0
    turned: NDArray[np.float64] = told[0] + way * (np.round((way * (told - told[0])) % 360.0, 6) % 360.0)
    return turned


def _radius(
    rotations: tuple[Header, ...], heads: list[tuple[int, int, int]], order: NDArray[np.intp]
) -> tuple[float, ...]:
    """Distances in the order of the views; one if all are alike, none if any is not told or is not above 0."""
    found = []
    for r, _, v in heads:
        told = numbers(rotations[r - 1], "RadialPosition")
        if not told or min(told) <= 0:
            return ()
        found.append(told[v - 1] if len(told) >= v and len(told) > 1 else told[0])
    ordered = tuple(found[k] for k in order.tolist())
    return ordered[:1] if len(set(ordered)) == 1 else ordered


def _index(
    header: Header, window: NDArray[np.intp], gate: NDArray[np.intp], view: NDArray[np.intp]
) -> NDArray[np.intp]:
    places = [np.unique(axis, return_inverse=True)[1] for axis in (window, gate, view)]
    sizes = [int(place.max()) + 1 for place in places]
    fits = math.prod(sizes) == len(window)  # before room is made for them
    index = np.full(sizes if fits else 1, -1, dtype=np.intp)
    if fits:
        index[tuple(places)] = np.arange(len(window))
    if (index < 0).any():
        came = f"{len(window)} frames for {' x '.join(map(str, sizes))}"
        raise refuse(header, "AngularViewVector", "counts every view of every window and gate once", came)
    return index


def _flips(header: Header, views: _Views) -> tuple[tuple[bool, bool], tuple[str, ...]]:
    """Whether rows and columns must be reversed to run to the head, and with x cos(angle) + y sin(angle)."""
    detectors = items(header, "DetectorInformationSequence")[views.detector - 1 : views.detector]
    places = [*((f"detector {views.detector}", item) for item in detectors), ("top level", header)]
    told = next((found for name, place in places if (found := direction_cosines(name, place)) is not None), None)
    if told is None:
        return (True, False), ("no directions are told: rows are taken to run from head to feet",)
    angle = np.radians(views.start)
    up, across = float(told.column[2]), float(told.row @ np.array([np.cos(angle), np.sin(angle), 0.0]))
    if abs(up) < _ALONG or abs(across) < _ALONG:
        raise RefusedError(
            header.source,
            rule="directions of projections agree with the Start Angle",
            came=f"{told.source} at {views.start:g} degrees from the front",
            do="export the projections again",
        )
    return (up < 0, across < 0), ()


def _load(pixels: Pixels, shape: tuple[int, ...]) -> Counts:
    return load_counts(pixels).reshape(shape)
