"""What an audit looks at: the rows of a cohort table, broken ones too, or the files of a folder."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from myoperf.core.errors import RefusedError
from myoperf.io.cohort_rules import plain_id
from myoperf.io.cohort_table import FILE_COLUMNS, IDS, is_number, read_text_table

IMAGES = frozenset({".dcm", ".ima", ".npz", ".png", ".jpg", ".jpeg"})
MOST_FILES = 1_000_000
_NAMES_OF_FILES = ("file", "path", "image", "filename", "image_path", "file_path", "screenshot")
_CACHE = ".myoperf-cache"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row (or, of a folder, one file). row : as a spreadsheet counts, the header is row 1; 0 in a folder.

    cells : every cell as text. files : column to the file that it names, inside the table's folder and there.
    """

    row: int
    patient_id: str
    study_id: str
    cells: Mapping[str, str]
    files: Mapping[str, Path]

    @cached_property
    def patient(self) -> str:
        """The patient's id without case, spaces and leading zeros."""
        return plain_id(self.patient_id)


@dataclass(frozen=True, kw_only=True)
class Roster:
    """All entries, the columns of the table (none for a folder), and what could not be read."""

    path: Path
    entries: tuple[Entry, ...]
    columns: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())


def read_roster(path: Path | str) -> Roster:
    """Read a cohort table as text, keeping rows that break its rules, or list the images of a folder.

    Files that are named but lie outside the table's folder, or are not there, are told in ``warnings`` and not opened.
    RefusedError for a table without ids, or a folder without an image.
    """
    where = Path(path)
    return _of_folder(where) if where.is_dir() else _of_table(where)


def file_columns(columns: tuple[str, ...], first: Mapping[str, str]) -> tuple[str, ...]:
    """Columns that name images: those of a cohort, and any whose first filled cell ends like an image's name."""
    known = [name for name in columns if name in (*FILE_COLUMNS, *_NAMES_OF_FILES)]
    others = [name for name in columns if name not in (*known, *IDS)]
    return (*known, *(name for name in others if _suffix(first.get(name, "")) in IMAGES))


def _suffix(text: str) -> str:
    return "." + text.partition("#")[0].rpartition(".")[2].casefold()


def _of_table(path: Path) -> Roster:
    table = read_text_table(path)
    cells = table.cells
    columns = tuple(str(name) for name in cells.columns)
    first = {name: next((text for text in cells[name] if text), "") for name in columns}
    named = file_columns(columns, first)
    warnings = [
        f"{path} row {row}: has {count} cells, the header {len(columns)}; left out" for row, count in table.broken
    ]
    root = path.parent.resolve()
    entries = []
    for row, values in zip(cells.index, cells.to_dict("records"), strict=True):
        own = {str(name): str(value) for name, value in values.items()}
        files = {}
        for name in named:
            if own[name]:
                found, fault = _inside(path.parent, own[name], root)
                if fault:
                    warnings.append(f"{path} row {row}, column {name}: {own[name]!r} {fault}; not opened")
                else:
                    files[name] = found
        ids = own["patient_id"], own["study_id"]
        entries.append(Entry(row=int(row), patient_id=ids[0], study_id=ids[1], cells=own, files=files))
    blank = [entry.row for entry in entries if not entry.patient_id.strip()]
    warnings += [f"{path} row {row}: no patient_id; taken for nobody's" for row in blank]
    return Roster(path=path, entries=tuple(entries), columns=columns, warnings=tuple(warnings))


def _inside(folder: Path, text: str, root: Path) -> tuple[Path, str]:
    """The file that a cell names, and why it is not opened ("" if it may be)."""
    plain = folder / text.partition("#")[0]
    if not text.isprintable() or len(text) > 1024 or Path(text).is_absolute() or "\\" in text:
        return plain, "is no path relative to the table"
    try:
        real = plain.resolve()
        if not real.is_relative_to(root):
            return plain, "lies outside the folder of the table"
        return plain, "" if real.is_file() else "is not there"
    except (OSError, ValueError, RuntimeError):
        return plain, "cannot be opened"


def _of_folder(folder: Path) -> Roster:
    root = folder.resolve()
    paths = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.casefold() in IMAGES and _CACHE not in path.parts and not path.name.startswith(".")
    )[:MOST_FILES]
    inside = [path for path in paths if path.is_file() and path.resolve().is_relative_to(root)]
    if not inside:
        kinds = ", ".join(sorted(IMAGES))
        raise RefusedError(
            folder, rule=f"a folder to audit has images ({kinds})", came="none", do="name another folder"
        )
    entries = tuple(Entry(row=0, patient_id="", study_id="", cells={}, files={"file": path}) for path in inside)
    left = len(paths) - len(inside)
    warnings = (f"{folder}: {left} links that lead elsewhere were not opened",) if left else ()
    return Roster(path=folder, entries=entries, warnings=warnings)


def all_numbers(texts: list[str]) -> bool:
    """Whether every filled cell is a plain number."""
    filled = [text for text in texts if text]
    return bool(filled) and all(is_number(text) for text in filled)
