"""Two files, or two folders of files, matched by name: the truth of every image and what a system made of it."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from myoperf.core.errors import RefusedError

from .arrays import split_name
from .cells import unguard

SUB_FOLDERS = "the sub-folders"
_SHOWN = 6
_FILE_COLUMNS = ("file", "image", "name", "study_id")


@dataclass(frozen=True, kw_only=True)
class FilePair:
    """One image by its key (path in the folder, no suffix), its two files, and the names of the arrays in them."""

    key: str
    truth: Path
    predicted: Path
    truth_array: str = ""
    predicted_array: str = ""


@dataclass(frozen=True, kw_only=True)
class FilePairs:
    """The pairs, sorted by key; one line for each file that has none; what was passed over."""

    pairs: tuple[FilePair, ...]
    refused: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Patients:
    """The patient of every key, or none where the table does not tell; how patients were told apart, in words."""

    of: Mapping[str, str]
    known_by: str
    warnings: tuple[str, ...] = ()


def match_files(truth: Path, predicted: Path, *, suffixes: tuple[str, ...]) -> FilePairs:
    """Match two files whatever their names, or two folders by the names in them (sub-folders kept, suffix dropped).

    ``PATH#ARRAY`` chooses an array of ``.npz`` files. Hidden files are passed over; files of other kinds too, and that
    is noted. A file without a partner is a refused line, not an error; RefusedError where nothing matches at all.
    """
    (left, left_array), (right, right_array) = split_name(truth), split_name(predicted)
    if left.is_file() and right.is_file():
        _check_suffix(left, suffixes)
        _check_suffix(right, suffixes)
        pair = FilePair(key=left.stem, truth=left, predicted=right, truth_array=left_array, predicted_array=right_array)
        return FilePairs(pairs=(pair,), refused=(), notes=())
    for path in (left, right):
        if not path.is_dir():
            came = "a file beside a folder" if path.is_file() else "nothing there"
            raise RefusedError(path, rule="two files or two folders are compared", came=came, do="check the paths")
    (ours, odd_ours, note_ours), (theirs, odd_theirs, note_theirs) = _files(left, suffixes), _files(right, suffixes)
    both = sorted(set(ours) & set(theirs))
    if not both:
        came = f"{_some(ours) or 'no file'} and {_some(theirs) or 'no file'}"
        kinds = ", ".join(suffixes)
        rule = f"files ({kinds}) have the same names in both folders {left} and {right}"
        raise RefusedError("folders", rule=rule, came=came, do="name each pair alike")
    pairs = tuple(
        FilePair(key=key, truth=ours[key], predicted=theirs[key], truth_array=left_array, predicted_array=right_array)
        for key in both
    )
    refused = [
        f"{ours[key]}: no partner in {right}; not judged" for key in sorted(set(ours) - set(theirs) - odd_theirs)
    ]
    refused += [
        f"{theirs[key]}: no partner in {left}; not judged" for key in sorted(set(theirs) - set(ours) - odd_ours)
    ]
    refused += [f"{left / key}: two files of one name; not judged" for key in sorted(odd_ours)]
    refused += [f"{right / key}: two files of one name; not judged" for key in sorted(odd_theirs)]
    return FilePairs(pairs=pairs, refused=tuple(refused), notes=(*note_ours, *note_theirs))


def patients_of(keys: tuple[str, ...], given: Mapping[str, str] | Path | None) -> Patients:
    """The patient of every image: by a table or mapping where one is given, else by sub-folder, else each its own.

    given : image (path in the folder, with or without suffix, "/" between folders) to patient id, or a CSV with the
    columns ``file`` and ``patient_id``. An image that it does not hold is left out of ``of``.
    """
    if given is not None:
        table = _read_table(given) if isinstance(given, Path) else given
        named = {_key(str(name)): str(patient).strip() for name, patient in table.items()}
        exact = {str(name).strip(): str(patient).strip() for name, patient in table.items()}
        found = {key: exact.get(key) or named.get(key, "") for key in keys}
        return Patients(
            of={key: patient for key, patient in found.items() if patient}, known_by="the table of patients"
        )
    foldered = [key for key in keys if "/" in key]
    loud = f"{len(keys) - len(foldered)} images have no known patient and are each taken as a patient of their own;"
    warning = (
        f"{loud} with several images a patient the intervals are too narrow: use sub-folders or a table of patients"
    )
    if not foldered:
        return Patients(of={key: key for key in keys}, known_by="one image each (not known)", warnings=(warning,))
    found = {key: key.split("/", 1)[0] if "/" in key else f"/{key}" for key in keys}
    return Patients(of=found, known_by=SUB_FOLDERS, warnings=(warning,) if len(foldered) < len(keys) else ())


def _files(folder: Path, suffixes: tuple[str, ...]) -> tuple[dict[str, Path], set[str], list[str]]:
    """Files by key, keys that two files share, and a note on what was passed over."""
    found: dict[str, Path] = {}
    odd: set[str] = set()
    others: dict[str, int] = {}
    root = folder.resolve()
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if not path.is_file() or any(part.startswith(".") for part in relative.parts):
            continue
        if path.suffix.lower() not in suffixes or not path.resolve().is_relative_to(root):
            kind = path.suffix.lower() if path.suffix.lower() not in suffixes else "links out of the folder"
            others[kind] = others.get(kind, 0) + 1
            continue
        key = relative.with_suffix("").as_posix()
        if key in found:
            odd.add(key)
        found[key] = path
    for key in odd:
        del found[key]
    told = ", ".join(f"{count} {kind or 'without a suffix'}" for kind, count in sorted(others.items()))
    return found, odd, [f"{folder}: files of other kinds are passed over: {told}"] if told else []


def _check_suffix(path: Path, suffixes: tuple[str, ...]) -> None:
    if path.suffix.lower() not in suffixes:
        raise RefusedError(path, rule=f"a file is one of {', '.join(suffixes)}", came=path.suffix, do="convert it")


def _key(name: str) -> str:
    text = name.strip().replace("\\", "/").removeprefix("./")
    stem, dot, suffix = text.rpartition(".")
    return stem if dot and stem and "/" not in suffix else text


def _read_table(path: Path) -> dict[str, str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = [row for row in csv.reader(stream, strict=True) if row]
    except (csv.Error, UnicodeDecodeError) as error:
        raise RefusedError(path, rule="a table of patients is UTF-8 CSV", came=error, do="write it so") from None
    except OSError as error:
        raise RefusedError(path, rule="a file that can be read", came=error.strerror, do="check the path") from None
    header = [unguard(cell.strip()).lower() for cell in rows[0]] if rows else []
    files = [name for name in _FILE_COLUMNS if name in header]
    if not files or "patient_id" not in header:
        came = ", ".join(header[:12]) or "an empty file"
        raise RefusedError(
            path, rule="a table of patients has the columns file and patient_id", came=came, do="add them"
        )
    first, second = header.index(files[0]), header.index("patient_id")
    table: dict[str, str] = {}
    for number, row in enumerate(rows[1:], start=2):
        cells = [unguard(cell.strip()) for cell in row] + [""] * len(header)
        if cells[first] and table.setdefault(cells[first], cells[second]) != cells[second]:
            came = f"{table[cells[first]]} and {cells[second]} of {cells[first]}"
            raise RefusedError(f"{path} row {number}", rule="an image has one patient", came=came, do="correct it")
    return table


def _some(names: Mapping[str, Path]) -> str:
    shown = sorted(path.name for path in names.values())
    return ", ".join(shown[:_SHOWN]) + (f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else "")
