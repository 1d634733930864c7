"""Polar maps as clean discs, one PNG a state, from DICOM or from screenshots of other software."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path

import numpy as np

from ..core.colour import DEFAULT_SCALE, paint
from ..core.errors import MyoperfError
from ..core.polar import Map, disc_picture
from ..core.progress import Progress, silent
from ..io.cells import guard
from ..io.cohort import CohortRow, read_study
from ..io.files import write_bytes, write_text
from ..io.picture_file import png_bytes
from ..io.polar_image import read_polar_page
from ..quant.batch import safe_name
from ..quant.maps import chosen_series, series_map
from .slice_export import Exported

TABLE = "polar.csv"
COLUMNS = ("name", "state", "picture", "map", "source", "scale", "residual_percent", "seen", "upright", "warnings")
_PIXELS = 224


@dataclass(frozen=True, kw_only=True)
class _Disc:
    """One disc to be written: of whom, which state, its values (percent), and cells of the table."""

    name: str
    state: str
    values: Map
    cells: dict[str, object]


def export_polar(
    rows: Sequence[CohortRow], screenshots: Sequence[Path], out: Path, scale: str = DEFAULT_SCALE,
    progress: Progress = silent,
) -> Exported:  # fmt: skip
    """Write ``<name>_<state>.png`` (224 x 224, the disc alone) and ``<name>.npz`` (its map, an array a state).

    Names are ids of studies, or of screenshots their file names without suffix. Discs are painted anew in one scale
    from the uptake (percent of maximum, rings x sectors): nothing else of a screenshot goes on. ``polar.csv`` has
    a row for each disc: its source, and of screenshots the scale that was read, the mean distance of its colours from
    it (residual, percent points), the part that nothing covers, how likely it is upright (0..1), and warnings.
    """
    total, told, refused, places = (
        len(rows) + len(screenshots),
        list[dict[str, object]](),
        list[str](),
        dict[str, str](),
    )
    taken: set[str] = set()
    given: list[CohortRow | Path] = [*rows, *screenshots]
    for number, one in enumerate(given, start=1):
        try:
            discs = _of_page(one) if isinstance(one, Path) else _of_study(one, refused)
            name = _own(safe_name(one.stem if isinstance(one, Path) else one.study_id), taken)
            told += _write(out, name, discs, scale)
            places[str(one) if isinstance(one, Path) else one.study_id] = name
        except MyoperfError as error:
            refused.append(str(error))
        progress("polar maps drawn", number, total)
    if told:
        write_text(out / TABLE, _table(told))
    return Exported(places=places, pictures=len(told), refused=tuple(refused))


def _of_study(row: CohortRow, refused: list[str]) -> list[_Disc]:
    study, discs = read_study(row, refused), []
    for state, series in chosen_series(study).items():
        try:
            values = series_map(series).values
        except MyoperfError as error:
            refused.append(str(error))
            continue
        discs.append(_Disc(name=row.study_id, state=str(state), values=values, cells={"source": "DICOM"}))
    return discs


def _of_page(path: Path) -> list[_Disc]:
    discs = []
    for number, disc in enumerate(read_polar_page(path).discs, start=1):
        cells: dict[str, object] = {
            "source": path.name,
            "scale": disc.scale,
            "residual_percent": f"{disc.residual:.2f}",
            "seen": f"{disc.seen:.3f}",
            "upright": f"{disc.upright:.3f}",
            "warnings": "; ".join(disc.warnings),
        }
        discs.append(_Disc(name=path.stem, state=disc.content or f"disc{number}", values=disc.values, cells=cells))
    return discs


def _write(out: Path, name: str, discs: list[_Disc], scale: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    maps: dict[str, Map] = {}
    for disc in discs:
        state = disc.state if disc.state not in maps else f"{disc.state}{len(maps) + 1}"
        maps[state] = disc.values
        picture = f"{name}_{state}.png"
        write_bytes(out / picture, png_bytes(paint(disc_picture(disc.values, _PIXELS), scale)))
        rows.append({"name": name, "state": state, "picture": picture, "map": f"{name}.npz", **disc.cells})
    if maps:
        stream = BytesIO()
        np.savez_compressed(stream, **maps)  # type: ignore[arg-type]  # numpy's stub takes arrays for its own option
        write_bytes(out / f"{name}.npz", stream.getvalue())
    return rows


def _own(name: str, taken: set[str]) -> str:
    """The name, with a number behind it where it is taken."""
    free = next(each for k in range(1, len(taken) + 2) if (each := name if k == 1 else f"{name}-{k}") not in taken)
    taken.add(free)
    return free


def _table(rows: list[dict[str, object]]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([guard(str(row.get(name, ""))) for name in COLUMNS] for row in rows)
    return text.getvalue()
