"""DICOM NM to ``Series``: one reconstructed heart a file, or one refusal.

Never resampled: a short-axis stack is only transposed and flipped into the project's orientation.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path

from ..core.errors import RefusedError
from ..core.study import Series
from ..core.terms import View
from .nm_frames import frame_order, frame_shape, require_reconstruction
from .nm_gate import Parsed, parse
from .nm_geometry import Placed, place_stack
from .nm_header import Header, patient_identifier, text
from .nm_object import NMObject, StoredOrder
from .nm_pixels import Pixels, check_counts, find_pixels, load_counts
from .nm_recognise import Facts, recognise_facts, recognise_view, require_heart
from .nm_write import write_series

__all__ = ["NMObject", "StoredOrder", "read_series", "require_short_axis", "write_series"]


def read_series(path: Path | str) -> Series:
    """Read one reconstructed NM series; its pixels are checked now and loaded again when asked for.

    The volume of a short-axis series whose directions are told comes in the project's orientation
    (``geometry.oriented``); if no direction is told it comes as stored. Long-axis and transverse reconstructions are
    read with their ``view`` and not turned; a view that is told nowhere is ``View.UNTOLD``.

    Raises RefusedError, with the element and the reason, for everything that is not a readable heart reconstruction:
    not DICOM, other SOP classes, compressed or deflated syntaxes, projections and planar images, wrong pixel length,
    frames without a complete index, empty or constant images, contradictory or implausible geometry, other
    radionuclides, a tracer that its energy window contradicts.

    Source: DICOM PS3.3 C.8.4 (Nuclear Medicine modules).
    """
    return series_of(parse(path))


def series_of(parsed: Parsed) -> Series:
    """The series of a parsed file; see ``read_series``."""
    header = Header(source=parsed.source, dataset=parsed.dataset)
    kind = require_reconstruction(header)
    require_heart(header)
    shape = frame_shape(header)
    frames = frame_order(header, kind, shape[0])
    view = recognise_view(header)
    placed = place_stack(header, view.value or View.UNTOLD, frames.encoded)
    pixels, told = find_pixels(parsed, header, shape, frames.index, placed.turn)
    warnings = (*parsed.warnings, *frames.warnings, *view.warnings, *placed.warnings)
    warnings += check_counts(pixels, parsed.data)
    facts = recognise_facts(header, frames.window)
    evidence = (*frames.evidence, *view.evidence, *placed.evidence, *told, *facts.evidence)
    return _series(header, pixels, placed, replace(facts, evidence=evidence, warnings=warnings + facts.warnings))


def require_short_axis(series: Series) -> Series:
    """The series itself if it is a short-axis stack; RefusedError for every other view and for one told nowhere."""
    if series.view is not View.SHORT_AXIS:
        came = "a view that the header tells nowhere" if series.view is View.UNTOLD else f"{series.view} slices"
        raise RefusedError(
            series.source, rule="the heart is measured on short-axis slices", came=came, do="give the short-axis series"
        )
    return series


def _series(header: Header, pixels: Pixels, placed: Placed, facts: Facts) -> Series:
    gates, slices = pixels.index.shape
    stored, order = (slices, *pixels.shape[1:]), placed.turn[0]
    return Series(
        source=header.source,
        view=placed.view,
        geometry=placed.geometry,
        shape=(gates, stored[order[0]], stored[order[1]], stored[order[2]]),
        load=partial(load_counts, pixels),
        state=facts.state,
        tracer=facts.tracer,
        position=facts.position,
        correction=facts.correction,
        patient_id=patient_identifier(header),
        study_uid=text(header, "StudyInstanceUID"),
        series_uid=text(header, "SeriesInstanceUID"),
        instance_uid=text(header, "SOPInstanceUID"),
        sex=facts.sex,
        manufacturer=text(header, "Manufacturer"),
        model=text(header, "ManufacturerModelName"),
        evidence=facts.evidence,
        warnings=facts.warnings,
    )
