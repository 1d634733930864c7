"""From folders of DICOM to studies: files found, read, and put together as stress and rest of one patient."""

import csv
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import joblib

from ..core.errors import MyoperfError, RefusedError
from ..core.progress import Progress, silent
from .cells import guard
from .cohort_found import Found, read_found
from .cohort_groups import Group, group_series
from .cohort_pictures import has_pictures, picture_rows
from .cohort_read import check_cohort, read_cohort
from .cohort_table import FURTHER_COLUMNS, SERIES_COLUMNS, CohortRow
from .files import write_text

_NAMED_IMAGES = {".dcm", ".ima", ".dicom"}
_IN_ONE_PROCESS = 2_000


@dataclass(frozen=True, kw_only=True)
class Built:
    """What became of a folder: the table, its number of studies, and one line for every file or row of no use.

    evidence : the file beside the table that says why each series is taken for what it is.
    """

    path: Path
    evidence: Path
    studies: int
    unusable: tuple[str, ...]


def build_cohort(folder: Path | str, out: Path | str, *, jobs: int | None = None, progress: Progress = silent) -> Built:
    """Write the cohort table of a folder of DICOM files, and beside it ``<name>.evidence.csv``.

    Short-axis series of one patient and study are one row, with attenuation-corrected ones, projections and attenuation
    maps in columns of their own. Series in a second position have their own row, or, if there is just one of stress,
    the column ``stress_second_position``. Stress and rest under two study identifiers are one row where the patient has
    just these.
    Where there is no DICOM at all but pictures, the table is of these: see ``cohort_pictures.picture_rows``.
    Raises RefusedError if no series is usable, or if ``out`` does not lie in a folder above the files.
    """
    root, table = Path(folder), Path(out)
    found, unusable = _read_all(*_files_in([root]), jobs=jobs, progress=progress)
    groups, left_out = group_series(found)
    unusable += left_out
    if not groups and not found and has_pictures(root):
        return _of_pictures(root, table, unusable)
    if not groups:
        came = unusable[0] if unusable else "no DICOM files"
        raise RefusedError(root, rule="a cohort has short-axis series", came=came, do="give a folder of NM series")
    base = table.absolute().parent.resolve()
    for group in groups:
        for path in group.files.values():
            if not path.resolve().is_relative_to(base):
                raise RefusedError(
                    table,
                    rule="files lie inside the folder of the table",
                    came=path,
                    do=f"write the table into {root}",
                )
    write_text(table, _table_text(groups, base))
    evidence = write_text(table.with_name(f"{table.stem}.evidence.csv"), _evidence_text(groups, base))
    return Built(path=table, evidence=evidence, studies=len(groups), unusable=(*unusable, *check_cohort(table)))


def _of_pictures(root: Path, table: Path, unusable: Sequence[str]) -> Built:
    """The table of a folder that holds pictures and no DICOM; its evidence says so of each cell that names some."""
    made = picture_rows(root, table.absolute().parent.resolve())
    used = list(dict.fromkeys(name for row in made.rows for name in row))
    write_text(table, _csv(used, ([row.get(name, "") for name in used] for row in made.rows)))
    cells = [row[name] for row in made.rows for name in ("slices", "stress_polar", "rest_polar") if row.get(name)]
    told = _csv(["file", "fact", "value", "source"], ([cell, "kind", "pictures", "its suffix"] for cell in cells))
    evidence = write_text(table.with_name(f"{table.stem}.evidence.csv"), told)
    lines = (*unusable, *made.unusable, *check_cohort(table))
    return Built(path=table, evidence=evidence, studies=len(made.rows), unusable=lines)


def rows_from_paths(
    paths: Sequence[Path | str], *, jobs: int | None = None, progress: Progress = silent
) -> tuple[tuple[CohortRow, ...], tuple[str, ...]]:
    """Studies of DICOM files, folders of them, and cohort tables (``.csv``), with one line for everything refused.

    Folders are walked; links out of them and DICOMDIR are not followed, other files are passed over. Two studies of one
    id are both refused.
    """
    rows: list[CohortRow] = []
    refused: list[str] = []
    images: list[Path] = []
    for path in map(Path, paths):
        if path.suffix.lower() != ".csv":
            images.append(path)
            continue
        try:
            cohort = read_cohort(path, strict=False)
        except RefusedError as error:
            refused.append(str(error))
        else:
            rows += cohort.rows
            refused += cohort.refused
    if images:
        found, unusable = _read_all(*_files_in(images), jobs=jobs, progress=progress)
        groups, left_out = group_series(found)
        rows += [_row(number, group) for number, group in enumerate(groups, start=1)]
        refused += [*unusable, *left_out]
    times = Counter(row.study_id for row in rows)
    for row in rows:
        if times[row.study_id] > 1:
            came = f"{row.study_id!r} in several places"
            refused.append(
                str(RefusedError(row.source, rule="a study is given once", came=came, do="give one of them"))
            )
    return tuple(row for row in rows if times[row.study_id] == 1), tuple(refused)


def _files_in(paths: Iterable[Path]) -> tuple[list[Path], list[str]]:
    """Files that may be images, in order of name, and a line for each path that is none."""
    files: list[Path] = []
    refused: list[str] = []
    for path in paths:
        if path.is_dir():
            for file in _walk(path):
                if not file.resolve().is_relative_to(path.resolve()):
                    refused.append(
                        str(
                            RefusedError(
                                file, rule="links stay in the folder", came="a link out of it", do="copy the file"
                            )
                        )
                    )
                elif _may_be_image(file):
                    files.append(file)
        else:
            files.append(path)
    return list(dict.fromkeys(files)), refused


def _walk(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place) / name for name in sorted(names) if not name.startswith("."))


def _may_be_image(file: Path) -> bool:
    """Whether a file of a folder is looked at: named so, or DICM in its place; never a DICOMDIR."""
    if file.name.upper() == "DICOMDIR":
        return False
    if file.suffix.lower() in _NAMED_IMAGES:
        return True
    try:
        with file.open("rb") as stream:
            return stream.read(132)[128:] == b"DICM"
    except OSError:
        return False


def _read_all(
    files: list[Path], refused: list[str], *, jobs: int | None, progress: Progress
) -> tuple[list[Found], list[str]]:
    """What the files hold that has a place in a study, and a line for each of the others."""
    if len(files) <= _IN_ONE_PROCESS or jobs == 1:
        results: Iterable[Found | str] = map(_read_one, files)
    else:
        results = joblib.Parallel(n_jobs=jobs or joblib.cpu_count(), return_as="generator", batch_size=32)(
            joblib.delayed(_read_one)(file) for file in files
        )
    found: list[Found] = []
    lines = list(refused)
    for done, result in enumerate(results, start=1):
        progress("files read", done, len(files))
        if isinstance(result, Found):
            found.append(result)
        else:
            lines.append(result)
    return found, lines


def _read_one(file: Path) -> Found | str:
    try:
        return read_found(file)
    except MyoperfError as error:
        return str(error)


def _row(number: int, group: Group) -> CohortRow:
    return CohortRow(
        row=number,
        patient_id=group.patient_id,
        study_id=group.study_id,
        tracer=group.tracer,
        sex=group.sex,
        stress=group.files.get("stress"),
        rest=group.files.get("rest"),
        values=dict(group.values),
        files=dict(group.files),
        source=str(next(iter(group.files.values())).parent),
    )


def _table_text(groups: Sequence[Group], base: Path) -> str:
    rows = []
    for group in groups:
        row = {"patient_id": group.patient_id, "study_id": group.study_id, "tracer": group.tracer or ""}
        row |= {name: str(value) for name, value in group.values.items()}
        row["sex"] = group.sex or ""
        row |= {slot: path.resolve().relative_to(base).as_posix() for slot, path in group.files.items()}
        rows.append(row)
    order = ["patient_id", "study_id", "tracer", "stress_tracer", "rest_tracer", "scanner", "position"]
    order += ["attenuation_correction", "sex", *SERIES_COLUMNS, *FURTHER_COLUMNS]
    used = [name for name in order if any(name in row for row in rows)]
    return _csv(used, ([row.get(name, "") for name in used] for row in rows))


def _evidence_text(groups: Sequence[Group], base: Path) -> str:
    rows = []
    for group in groups:
        for series in group.series.values():
            file = Path(series.source).resolve().relative_to(base).as_posix()
            rows += [[file, e.fact, e.value, e.source] for e in series.evidence]
            rows += [[file, "warning", warning, ""] for warning in series.warnings]
    return _csv(["file", "fact", "value", "source"], rows)


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([guard(str(cell)) for cell in row] for row in rows)
    return buffer.getvalue()
