"""A cohort table from a folder of pictures: a folder a patient, a table of rest and stress, or an index of images."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.errors import MyoperfError, RefusedError
from .labelme.annotated import beside
from .picture_file import SUFFIXES
from .picture_list import files_of, list_folder
from .picture_marks import Reading
from .tomogram.labels import BARE, read_labels, table_rows

QUESTION = Reading().question
CLASSES = "triad"
"""What a column of classes without a name of its own answers."""
_PATIENT, _STUDY = ("patientid", "patient", "id", "subject", "subjectid", "case"), ("studyid", "study")


@dataclass(frozen=True, kw_only=True)
class PictureCohort:
    """Rows for a cohort table, and a line for everything that is of no use."""

    rows: tuple[Mapping[str, str], ...]
    unusable: tuple[str, ...]


def has_pictures(folder: Path) -> bool:
    """Whether a folder holds PNG or JPEG."""
    return folder.is_dir() and any(path.suffix.lower() in SUFFIXES for path in folder.rglob("*"))


def picture_rows(folder: Path, base: Path) -> PictureCohort:
    """Rows of a folder of pictures, paths relative to ``base``.

    A table in the folder that names patients and paths of rest or stress gives ``rest_polar``, ``stress_polar`` and
    its labels. One that names images and patients gives ``slices`` with the rows of each patient behind ``#``. Without
    a table every folder in it is a patient, called by its name; where all answers of its label table are known,
    ``label_ischaemia`` is 1 if any picture shows it. RefusedError where nothing of this is there.
    """
    lines: list[str] = []
    for table in sorted(folder.glob("*.csv")):
        try:
            rows = _of_table(table, base, lines)
        except MyoperfError as error:
            lines.append(str(error))
            continue
        if rows:
            return PictureCohort(rows=tuple(rows), unusable=tuple(lines))
    rows = _of_folders(folder, base, lines)
    if not rows:
        came = lines[0] if lines else "pictures without a folder a patient or a table"
        do = "lay each patient's pictures into a folder, or write a table with patient_id, rest, stress and label"
        raise RefusedError(folder, rule="pictures are told apart by patient", came=came, do=do)
    return PictureCohort(rows=tuple(rows), unusable=tuple(lines))


def _of_folders(folder: Path, base: Path, lines: list[str]) -> list[dict[str, str]]:
    rows = []
    for place in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        try:
            if not files_of(place, SUFFIXES):
                continue
            listing = list_folder(place, QUESTION)
        except MyoperfError as error:
            lines.append(str(error))
            continue
        row = {"patient_id": place.name, "study_id": place.name, "slices": _relative(place, base)}
        for question, answers in listing.answers.items():
            if (answers == 1).any() or not np.isnan(answers).any():
                row[f"label_{question}"] = str(int((answers == 1).any()))
        rows.append(row)
    return rows


def _of_table(table: Path, base: Path, lines: list[str]) -> list[dict[str, str]]:
    """Rows of a table that names patients; none where it does not look like one."""
    header, cells = _cells(table)
    patient = _column(header, _PATIENT)
    if patient is None:
        return []
    paths = {f"{state}_polar": _path_column(header, state) for state in ("stress", "rest")}
    if not any(paths.values()):
        return _of_index(table, base, cells[patient]) if "image" in cells else []
    study = _column(header, _STUDY)
    labels = [name for name in header if name not in (patient, study, *paths.values())]
    rows = []
    for k, who in enumerate(cells[patient]):
        row = {"patient_id": who, "study_id": cells[study][k] if study else who}
        try:
            for slot, column in paths.items():
                if column and cells[column][k]:
                    row[slot] = _relative(beside(table, cells[column][k]), base)
        except MyoperfError as error:
            lines.append(str(error))
            continue
        row |= {_label(name, cells[name]): cells[name][k] for name in labels}
        rows.append(row)
    return rows


def _of_index(table: Path, base: Path, patients: Sequence[str]) -> list[dict[str, str]]:
    labelled = read_labels(table, QUESTION)
    rows = []
    for who in dict.fromkeys(patients):
        here = np.array([name == who for name in patients])
        row = {"patient_id": who, "study_id": who, "slices": f"{_relative(table, base)}#{who}"}
        for question, answers in labelled.answers.items():
            if (answers[here] == 1).any() or not np.isnan(answers[here]).any():
                row[f"label_{question}"] = str(int((answers[here] == 1).any()))
        rows.append(row)
    return rows


def _cells(table: Path) -> tuple[tuple[str, ...], Mapping[str, Sequence[str]]]:
    rows = table_rows(table)
    header = tuple(cell.strip().lower() for cell in rows[0])
    if len(set(header)) < len(header) or any(len(row) != len(header) for row in rows):
        raise RefusedError(
            table, rule="every column has its own name, every row all cells", came="other", do="correct it"
        )
    return header, {name: [row[k].strip() for row in rows[1:]] for k, name in enumerate(header)}


def _column(header: Sequence[str], names: Sequence[str]) -> str | None:
    plain = {re.sub(r"[^a-z0-9]", "", name): name for name in header}
    return next((plain[name] for name in names if name in plain), None)


def _path_column(header: Sequence[str], state: str) -> str | None:
    """The column that names pictures of a state: ``rest``, ``rest_path``, ``path of rest image`` ..."""
    words = {state, "path", "image", "file", "polar", "map", "picture", "of", "the", "filename", "img"}
    named = [name for name in header if state in re.split(r"[^a-z]+", name)]
    return next((name for name in named if set(filter(None, re.split(r"[^a-z]+", name))) <= words), None)


def _label(name: str, cells: Sequence[str]) -> str:
    """The name of a column in the cohort: that of a label where it is one, else its own."""
    plain = re.sub(r"[^a-z0-9]+", "_", name).strip("_")
    if name in (*BARE, "diagnosis"):
        return f"label_{QUESTION}" if set(cells) <= {"0", "1", ""} else f"label_{CLASSES}"
    return plain


def _relative(path: Path, base: Path) -> str:
    try:
        return path.resolve().relative_to(base).as_posix()
    except ValueError:
        rule, do = "pictures lie inside the folder of the table", "write the table above them"
        raise RefusedError(path, rule=rule, came=base, do=do) from None
