"""Hearts of DICOM as slice pictures: cut where the wall was traced, named by study, with a table to be labelled."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..core.errors import MyoperfError, RefusedError
from ..core.progress import Progress, silent
from ..core.study import Series
from ..io.cohort import CohortRow, read_study
from ..io.files import write_bytes
from ..io.picture_file import png_bytes
from ..io.tomogram import Cut, slice_pictures, write_labels
from ..io.tomogram.slices import FIELD_MM, VIEWS
from ..quant.batch import safe_name
from ..quant.maps import chosen_series, trace_series
from ..quant.surface import HALF_WALL_MM

TABLE = "labels.csv"


@dataclass(frozen=True, kw_only=True)
class SliceLook:
    """How slices are drawn: pixels a side, the millimetres they show, a colour table (None: grey)."""

    size: int = 512
    field_mm: float = FIELD_MM
    scale: str | None = "thermal"


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What was written: folders or files by study, how many pictures, and a line for everything refused."""

    places: dict[str, str] = field(default_factory=dict)
    pictures: int = 0
    refused: tuple[str, ...] = ()


def export_slices(
    rows: Sequence[CohortRow], out: Path, look: SliceLook | None = None, progress: Progress = silent
) -> Exported:
    """Write ``OUT/<study>/<study>_<state>_<view>_<number>.png`` for every slice through the wall of every study.

    Beside them ``labels.csv``: image, state, view, slice, pixel_mm and an empty column ``label``, for a reader to fill.
    Pictures hold the slice alone, as percent of the maximum of the traced wall; files are named by the study's id. A
    series without told directions is refused: nothing is drawn that may lie the wrong way round.
    """
    look, places, refused, count = look or SliceLook(), dict[str, str](), list[str](), 0
    for number, row in enumerate(rows, start=1):
        try:
            name, written = _study(row, out, look, refused)
            places[row.study_id] = name
            count += written
        except MyoperfError as error:
            refused.append(str(error))
        progress("studies cut into slices", number, len(rows))
    return Exported(places=places, pictures=count, refused=tuple(refused))


def cut_of(series: Series, look: SliceLook) -> Cut:
    """Where the wall of a series lies, and its maximum. RefusedError where it cannot be traced."""
    if not series.geometry.oriented:
        rule, do = "slices are shown the right way round", "export with Image Orientation (Patient)"
        raise RefusedError(series.source, rule=rule, came="no directions in the header", do=do)
    traced = trace_series(series)
    shape = traced.surface
    places = shape.rays.points(shape.radius_mm)[: max(2, int(np.ceil(shape.end_row)) + 1)].reshape(-1, 3)
    reach = [(n - 1) * mm for n, mm in zip(series.shape[1:], series.geometry.spacing_mm, strict=True)]
    low = np.clip(places.min(axis=0) - HALF_WALL_MM, 0, reach)
    high = np.clip(places.max(axis=0) + HALF_WALL_MM, 0, reach)
    largest = float(np.nanmax(traced.polar.values)) / 100 * traced.polar.reference_counts
    return Cut(
        low_mm=(float(low[0]), float(low[1]), float(low[2])),
        high_mm=(float(high[0]), float(high[1]), float(high[2])),
        largest=largest,
        size=look.size,
        field_mm=look.field_mm,
        scale=look.scale,
    )


def _study(row: CohortRow, out: Path, look: SliceLook, refused: list[str]) -> tuple[str, int]:
    """Folder and number of the pictures of one study. RefusedError where no state can be drawn."""
    study, name = read_study(row, refused), safe_name(row.study_id)
    images: list[str] = []
    columns: dict[str, list[object]] = {key: [] for key in ("state", "view", "slice", "pixel_mm", "label")}
    lines = []
    for state, series in chosen_series(study).items():
        try:
            cut = cut_of(series, look)
        except RefusedError as error:
            lines.append(str(error))
            continue
        for picture in slice_pictures(series.load().sum(axis=0), series.geometry.spacing_mm, cut):
            file = f"{name}_{state}_{picture.name}.png"
            write_bytes(out / name / file, png_bytes(picture.pixels))
            images.append(file)
            told = (str(state), VIEWS[picture.view], picture.number, f"{picture.mm:.6g}", None)
            for key, cell in zip(columns, told, strict=True):
                columns[key].append(cell)
    if not images:
        raise RefusedError(
            f"study {row.study_id}", rule="a heart is found", came="; ".join(lines), do="see the reasons"
        )
    refused += lines
    write_labels(out / name / TABLE, images, columns)
    return name, len(images)
