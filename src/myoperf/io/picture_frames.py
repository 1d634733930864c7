"""Pictures of DICOM objects: frames of projections as they are stored, slices of a short-axis volume."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..core.errors import RefusedError
from .nm import require_short_axis, series_of
from .nm_frames import frame_shape, image_kind
from .nm_gate import parse
from .nm_header import Header
from .nm_pixels import AS_STORED, counts_from, find_pixels
from .nm_projections import PROJECTIONS, projections_of

Frames = NDArray[np.float32]


def is_dicom(path: Path) -> bool:
    """Whether a file says that it is DICOM, in its place."""
    try:
        with path.open("rb") as stream:
            return stream.read(132)[128:] == b"DICM"
    except OSError:
        return False


def read_frames(path: Path) -> tuple[Frames, tuple[float, float]]:
    """Counts of an NM object, (frames, rows, columns), and the millimetres between rows and columns.

    Projections: every frame in the order of the file, rows and columns as stored, as outlines are drawn on them.
    Short-axis volume: its slices in the project's orientation, gates summed. RefusedError as ``nm.read_series`` and
    ``nm_projections.read_projections``, and for other views.
    """
    parsed = parse(path)
    header = Header(source=parsed.source, dataset=parsed.dataset)
    if image_kind(header) in PROJECTIONS:
        scan = projections_of(parsed)
        shape = frame_shape(header)
        pixels, _ = find_pixels(parsed, header, shape, np.arange(shape[0], dtype=np.intp)[None], AS_STORED)
        return counts_from(pixels, parsed.data)[0], scan.pixel_mm
    series = require_short_axis(series_of(parsed))
    if not series.geometry.oriented:
        rule = "slices are shown the right way up"
        raise RefusedError(path, rule=rule, came="no directions in the header", do="export with Image Orientation")
    volume = series.load()
    return volume.sum(axis=0), series.geometry.spacing_mm[1:]
