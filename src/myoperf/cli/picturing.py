"""Verbs that make and read pictures: pictures slices, polar, masks."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from myoperf.core.errors import RefusedError, UsageError

from .console import answer, progress, refusals
from .verb import Call, Verbs, verb

if TYPE_CHECKING:
    from myoperf.io.cohort import CohortRow
    from myoperf.report.slice_export import Exported

Paths = Annotated[list[Path], typer.Argument(metavar="PATH...", help="DICOM files, folders, or cohort.csv.")]
Scale = Annotated[str, typer.Option("--scale", metavar="NAME", help="Colour scale; grey for one channel.")]


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    pictures = typer.Typer(cls=Verbs, rich_markup_mode=None)
    app.add_typer(pictures, name="pictures", help="Slices, polar maps and outlines as pictures.")
    verb(pictures, "slices", short_help="Slices of hearts as PNG, with a table to label.")(slices)
    verb(pictures, "polar", short_help="Clean polar maps from DICOM or screenshots.")(polar)
    verb(pictures, "masks", short_help="Labelme outlines to mask pictures, or back.")(masks)


def slices(
    call: Call,
    *,
    paths: Paths,
    size: Annotated[int, typer.Option("--size", metavar="N", min=16, max=4096, help="Pixels along a side.")] = 512,
    field: Annotated[float, typer.Option("--field", metavar="MM", help="Millimetres that a picture shows.")] = 160.0,
    scale: Scale = "thermal",
) -> int:
    """Cut hearts into short-axis and long-axis slices, centred on the left ventricle, below -o DIR, a folder a study.

    Each folder has labels.csv, whose empty column a reader fills with 0 and 1. Nothing but the slice is on a picture.
    Studies of a cohort table keep their ids; those of bare DICOM are called S0001 and so on (--json tells which).
    """
    from myoperf.report.slice_export import SliceLook, export_slices

    out = _out(call, "slices")
    look = SliceLook(size=size, field_mm=field, scale=None if scale == "grey" else _known(scale))
    rows, refused, sources = _rows(paths)
    with progress(call) as tell:
        found = export_slices(rows, out, look, tell)
    return _told(call, out, found, refused, sources)


def polar(call: Call, *, paths: Paths, scale: Scale = "thermal") -> int:
    """Draw polar maps as clean discs into -o DIR: from DICOM, and from screenshots (PNG, JPEG) of other software.

    polar.csv tells what was read from each screenshot and how well; a map lies beside in .npz. Words and overlays of a
    screenshot do not go on.
    """
    from myoperf.io.picture_file import SUFFIXES
    from myoperf.io.picture_list import files_of
    from myoperf.report.polar_export import export_polar

    out = _out(call, "polar")
    screenshots = [path for path in paths if path.suffix.lower() in SUFFIXES]
    for path in paths:
        screenshots += files_of(path, SUFFIXES).values() if path.is_dir() else ()
    rows, refused, sources = _rows([path for path in paths if path not in screenshots])
    if not rows and not screenshots and not refused:
        raise RefusedError(paths[0], rule="there are hearts or screenshots", came="none", do="check the path")
    with progress(call) as tell:
        found = export_polar(rows, screenshots, out, _known(scale), tell)
    return _told(call, out, found, refused, sources)


def masks(
    call: Call,
    *,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of Labelme files, or of masks.")],
    outlines: Annotated[bool, typer.Option("--outlines", help="The way back: mask PNG to Labelme files.")] = False,
    label: Annotated[
        list[str] | None, typer.Option("--label", metavar="NAME", help="Label of class 1, 2, ...; once for each.")
    ] = None,
) -> int:
    """Turn the Labelme files of a folder into mask pictures in -o DIR, their grey value the class; or back.

    Masks are those that Labelme itself draws, to the last pixel. Polygons of the way back are drawn as that mask.
    """
    from myoperf.io.labelme.folder import folder_to_masks, folder_to_outlines

    out = _out(call, "masks")
    work = folder_to_outlines if outlines else folder_to_masks
    with progress(call) as tell:
        done, refused = work(folder, out, tuple(label or ()), tell)
    code = refusals(call, refused)
    answer(call, {"out": str(out), "files": done, "refused": list(refused)}, str(out), written=True)
    return code


def _out(call: Call, name: str) -> Path:
    if call.out is None:
        raise UsageError(f"pictures {name}: give -o DIR for the pictures")
    return call.out


def _known(scale: str) -> str:
    from myoperf.core.colour import SCALES

    if scale not in SCALES:
        raise UsageError(f"--scale: one of {', '.join(SCALES)}, got {scale}")
    return scale


def _rows(paths: Sequence[Path]) -> "tuple[tuple[CohortRow, ...], tuple[str, ...], dict[str, str]]":
    """Studies by the ids of their table, else numbered: a header's own ids name no file. Also where each came from."""
    from dataclasses import replace

    from myoperf.io.cohort import rows_from_paths

    if not paths:
        return (), (), {}
    tables = [path for path in paths if path.suffix.lower() == ".csv"]
    named, refused = rows_from_paths(tables) if tables else ((), ())
    bare = [path for path in paths if path not in tables]
    found, more = rows_from_paths(bare) if bare else ((), ())
    numbered = [replace(row, study_id=f"S{number:04d}") for number, row in enumerate(found, start=1)]
    sources = {row.study_id: row.source for row in (*named, *numbered)}
    return (*named, *numbered), (*refused, *more), sources


def _told(call: Call, out: Path, found: "Exported", refused: tuple[str, ...], sources: dict[str, str]) -> int:
    lines = (*refused, *found.refused)
    if not found.pictures:
        came = lines[0] if lines else "nothing"
        raise RefusedError("pictures", rule="at least one can be drawn", came=came, do="see the reasons")
    code = refusals(call, lines)
    made = [{"study": key, "name": name, "source": sources.get(key, key)} for key, name in found.places.items()]
    answer(call, {"out": str(out), "pictures": found.pictures, "made": made, "refused": lines}, str(out), written=True)
    return code
