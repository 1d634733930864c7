"""Where the voxels of an NM reconstruction lie: spacing, directions from whichever place tells them, orientation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.errors import RefusedError
from ..core.study import Evidence, Geometry
from ..core.terms import View
from .nm_directions import (
    BASE,
    INFERIOR,
    LATERAL,
    Frame,
    is_cardinal,
    letters_direction,
    match_heart,
    stack_frame,
    turn_of,
    turned_frame,
)
from .nm_header import Header, items, numbers, refuse, text, texts
from .nm_pixels import AS_STORED, Turn

MIN_MM, MAX_MM = 0.5, 25.0
_SAME = 0.999
"""Two places tell the same direction if the cosine between them is at least this (2.6 degrees)."""
_ROUGHLY = 0.3


@dataclass(frozen=True, kw_only=True)
class Told:
    """Directions as a header tells them: of the first row and first column, unit vectors.

    exact : from direction cosines; False if from letters.
    """

    row: NDArray[np.float64]
    column: NDArray[np.float64]
    exact: bool
    source: str


@dataclass(frozen=True, kw_only=True)
class Placed:
    """How a stored stack lies, and how it must be turned to stand in the project's orientation."""

    view: View
    geometry: Geometry
    turn: Turn
    evidence: tuple[Evidence, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Spacing:
    """Voxel distances in mm along stored (slice, row, column), all positive, and the sign of the stacking.

    sign : +1, -1, or None where Spacing Between Slices is absent.
    """

    mm: tuple[float, float, float]
    sign: int | None
    evidence: tuple[Evidence, ...]
    warnings: tuple[str, ...]


def read_spacing(header: Header) -> Spacing:
    """Pixel Spacing and Spacing Between Slices; Slice Thickness only where the latter is absent, with a warning.

    Refused: missing, zero or implausible distances (not within 0.5 .. 25 mm), a negative Pixel Spacing.
    """
    plane = numbers(header, "PixelSpacing", 2)
    if len(plane) != 2 or not all(MIN_MM <= mm <= MAX_MM for mm in plane):
        raise refuse(header, "PixelSpacing", f"is two distances of {MIN_MM:g} to {MAX_MM:g} mm", plane or "nothing")
    between = numbers(header, "SpacingBetweenSlices", 1)
    keyword = "SpacingBetweenSlices" if between else "SliceThickness"
    stack = between or numbers(header, "SliceThickness", 1)
    if not stack or not MIN_MM <= abs(stack[0]) <= MAX_MM:
        raise refuse(header, keyword, f"is {MIN_MM:g} to {MAX_MM:g} mm", stack[0] if stack else "nothing")
    warnings = () if between else ("slice spacing is taken from Slice Thickness; Spacing Between Slices is absent",)
    return Spacing(
        mm=(abs(stack[0]), plane[0], plane[1]),
        sign=None if not between else 1 if stack[0] > 0 else -1,
        evidence=(Evidence(fact="slice spacing", value=f"{stack[0]:g} mm", source=keyword),),
        warnings=warnings,
    )


def told_directions(header: Header) -> Told | None:
    """Directions from the Detector Information Sequence, the top level, or else from Patient Orientation letters.

    Refused: two places that disagree; cosines that are not unit vectors at right angles.
    """
    places = [(f"Detector Information Sequence item {n}", item) for n, item in _detectors(header)]
    places.append(("top level", header))
    exact = [told for name, place in places if (told := direction_cosines(name, place)) is not None]
    letters = [told for name, place in places if (told := _letters(name, place)) is not None]
    for other in [*exact[1:], *(letters if exact else letters[1:])]:
        first = exact[0] if exact else letters[0]
        limit = _SAME if other.exact else _ROUGHLY
        if first.row @ other.row < limit or first.column @ other.column < limit:
            raise RefusedError(
                header.source,
                rule="a header tells one orientation",
                came=f"{first.source} and {other.source} disagree",
                do="export the series again",
            )
    found = exact or letters
    return found[0] if found else None


def _detectors(header: Header) -> list[tuple[int, Header]]:
    return list(enumerate(items(header, "DetectorInformationSequence"), start=1))


def direction_cosines(name: str, place: Header) -> Told | None:
    """Directions from Image Orientation of one data set, named so; None if not told, refused if no unit vectors."""
    six = np.asarray(numbers(place, "ImageOrientationPatient", 6))
    if not len(six) or not six.any():
        return None
    row, column = six[:3], six[3:]
    sizes = np.linalg.norm(row), np.linalg.norm(column)
    if not np.allclose(sizes, 1.0, atol=0.02) or abs(row @ column) > 0.02:
        raise refuse(place, "ImageOrientationPatient", "is two unit vectors at right angles", six.round(3).tolist())
    row = row / sizes[0]
    column = column - (column @ row) * row
    return Told(row=row, column=column / np.linalg.norm(column), exact=True, source=f"Image Orientation, {name}")


def _letters(name: str, place: Header) -> Told | None:
    pair = texts(place, "PatientOrientation")
    if len(pair) != 2:
        return None
    row, column = letters_direction(pair[0]), letters_direction(pair[1])
    if row is None or column is None or abs(row @ column) > 0.8:
        raise refuse(place, "PatientOrientation", "names two directions by the letters LRAPHF", "\\".join(pair))
    column = column - (column @ row) * row
    source = f"Patient Orientation {pair[0]}\\{pair[1]}, {name}"
    return Told(row=row, column=column / np.linalg.norm(column), exact=False, source=source)


def slice_progress(header: Header) -> str:
    """Slice Progression Direction from the top level or a detector item; empty if not told, refused if two differ."""
    places = [header, *(item for _, item in _detectors(header))]
    found = {value for place in places if (value := text(place, "SliceProgressionDirection"))}
    if len(found) > 1:
        raise refuse(header, "SliceProgressionDirection", "is told once", " and ".join(sorted(found)))
    return found.pop() if found else ""


def place_stack(header: Header, view: View, encoded: int) -> Placed:
    """Decide how a stack lies.

    view : as codes or text tell it, ``View.UNTOLD`` if they are silent. encoded : +1 if slices rise in the order of
    the frames in the file, -1 if they fall, 0 if neither.
    A short-axis stack whose directions are told comes with the turn into the project's orientation. One whose
    directions are not told stays as stored, apex first if Slice Progression Direction tells that end.
    Refused: directions that contradict the view or each other, or that do not clearly fit the heart.
    """
    spacing = read_spacing(header)
    told = told_directions(header)
    if told is None or (view is View.UNTOLD and not told.exact):
        return _unoriented(header, view, spacing, encoded)
    frame = stack_frame(told.row, told.column, spacing.sign or 1)
    seen = _view_of(frame) if told.exact else view
    decided = _one_view(header, view, seen, told)
    turn, oriented = AS_STORED, False
    if decided is View.SHORT_AXIS:
        if spacing.sign is None:
            return _unoriented(header, decided, spacing, encoded)
        turn, oriented = _heart_turn(header, frame, told, encoded), True
    turned = turned_frame(frame, turn)
    vector = " ".join(f"{c:.3f}" for c in (*told.row, *told.column))
    evidence = [Evidence(fact="directions", value=vector, source=told.source)]
    if view is View.UNTOLD:
        evidence.append(Evidence(fact="view", value=str(decided), source=told.source))
    geometry = Geometry(
        spacing_mm=_permuted(spacing.mm, turn),
        oriented=oriented,
        right_handed=None if spacing.sign is None else bool(np.linalg.det(turned[::-1]) > 0),
        apex_first=True if oriented else None,
        directions=_vectors(turned),
    )
    return Placed(
        view=decided,
        geometry=geometry,
        turn=turn,
        evidence=(*spacing.evidence, *evidence),
        warnings=spacing.warnings,
    )


def _unoriented(header: Header, view: View, spacing: Spacing, encoded: int) -> Placed:
    progress = slice_progress(header) if view in (View.SHORT_AXIS, View.UNTOLD) else ""
    known = {"APEX_TO_BASE": 1, "BASE_TO_APEX": -1}.get(progress, 0) * encoded
    flip = known < 0
    handed = None if spacing.sign is None else (spacing.sign > 0) != flip
    evidence = list(spacing.evidence)
    warnings = list(spacing.warnings)
    if known:
        evidence.append(Evidence(fact="slice order", value=progress, source="SliceProgressionDirection (0054,0500)"))
        view = View.SHORT_AXIS
    elif view is View.SHORT_AXIS:
        warnings.append("no direction is told: the volume stands as stored")
    geometry = Geometry(
        spacing_mm=spacing.mm, oriented=False, right_handed=handed, apex_first=True if known else None, directions=None
    )
    turn: Turn = ((0, 1, 2), (flip, False, False))
    return Placed(view=view, geometry=geometry, turn=turn, evidence=tuple(evidence), warnings=tuple(warnings))


def _view_of(frame: Frame) -> View:
    """View that directions alone tell: body sections, or the heart axis that the slices run along."""
    if is_cardinal(frame):
        return View.TRANSVERSE if abs(frame[0, 2]) > 0.9 else View.UNTOLD
    match = match_heart(frame, slices_along_base=False)
    if not match.clear:
        return View.UNTOLD
    along = {BASE: View.SHORT_AXIS, LATERAL: View.VERTICAL_LONG_AXIS, INFERIOR: View.HORIZONTAL_LONG_AXIS}
    return along[match.axes[0]]


def _one_view(header: Header, view: View, seen: View, told: Told) -> View:
    """The view that code or text and directions agree on; refused if they contradict, or if neither tells one."""
    if view is View.UNTOLD:
        if seen is View.UNTOLD:
            raise RefusedError(
                header.source,
                rule="directions fit a view of the heart",
                came=f"{told.source} fits none, and no view is named",
                do="name the view in the header, or export short-axis slices",
            )
        return seen
    against = seen not in (View.UNTOLD, view) and View.SHORT_AXIS in (seen, view)
    if against:
        raise RefusedError(
            header.source,
            rule="view and directions agree",
            came=f"the view is {view}, but {told.source} is that of {seen} slices",
            do="export the series again with its true orientation",
        )
    return view


def _heart_turn(header: Header, frame: Frame, told: Told, encoded: int) -> Turn:
    match = match_heart(frame, slices_along_base=True)
    if not match.clear:
        raise RefusedError(
            header.source,
            rule="short-axis directions run along the heart's axes",
            came=f"cosines {', '.join(f'{c:.2f}' for c in match.cosines)}, lead {match.lead:.2f}, {told.source}",
            do="export the series again with its true orientation",
        )
    progress = slice_progress(header)
    expected = "APEX_TO_BASE" if match.signs[0] * encoded > 0 else "BASE_TO_APEX"
    if progress and encoded and progress != expected:
        raise refuse(header, "SliceProgressionDirection", f"agrees with {told.source} ({expected})", progress)
    return turn_of(match)


def _permuted(mm: tuple[float, float, float], turn: Turn) -> tuple[float, float, float]:
    order = turn[0]
    return mm[order[0]], mm[order[1]], mm[order[2]]


def _vectors(frame: Frame) -> tuple[tuple[float, float, float], ...]:
    return tuple((float(v[0]), float(v[1]), float(v[2])) for v in frame)
