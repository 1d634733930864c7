"""Who trains and who is tested, as anybody writes it down: which part each row of a table belongs to."""

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from myoperf.core.errors import RefusedError
from myoperf.io.cohort_rules import plain_id

from .roster import Entry, Roster

MOST_BYTES = 256 * 2**20
_ID_COLUMNS = ("patient_id", "study_id", "file", "path", "image", "filename", "case", "name", "id")
_PART_COLUMNS = ("split", "part", "set", "subset", "fold")
_META = frozenset({"format", "seed", "sha256", "protocol", "created", "version"})


@dataclass(frozen=True, kw_only=True)
class Named:
    """One way to part the data (a fold, say): its name, and what stands in each part, as written."""

    name: str
    parts: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """The parts of one ``Named`` as numbers of the roster's entries, and how they were named.

    sides : number of an entry to the parts that it stands in (one, if all is well). unknown : names with their part
    that fit no entry. unit : "patient", "study" or "file": what most names are. twice : names written in two parts.
    """

    name: str
    sides: Mapping[int, frozenset[str]]
    unknown: tuple[tuple[str, str], ...] = ()
    unit: str = "patient"
    twice: tuple[tuple[str, tuple[str, ...]], ...] = field(default=())


def read_assignments(path: Path | str, roster: Roster) -> tuple[Assignment, ...]:
    """Read a file of splits: our ``splits.json``, {"train": [...], "test": [...]}, a list of such (as nnU-Net writes),
    or a CSV with an id (patient_id, study_id, file ...) and a part (split, set, fold ...).

    A name may be a patient, a study or a file of the roster; spelling is forgiven. RefusedError for anything else.
    """
    file = Path(path)
    text = _text_of(file)
    finder = _Finder(roster)
    named = _from_csv(file, text, finder) if file.suffix.casefold() in (".csv", ".tsv") else _from_json(file, text)
    return tuple(finder.assigned(one) for one in named)


def own_assignment(roster: Roster) -> tuple[Assignment, ...]:
    """The column ``split`` of the table itself; none without it."""
    if "split" not in roster.columns:
        return ()
    sides = {k: frozenset({e.cells["split"].casefold()}) for k, e in enumerate(roster.entries) if e.cells["split"]}
    return (Assignment(name="column split", sides=sides, unit="study"),) if sides else ()


def _text_of(file: Path) -> str:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise _refused(file, "a file of splits has at most 256 MB", "a larger one")
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(file, "a file of splits is UTF-8 text", "other bytes") from None
    except (OSError, ValueError) as error:
        raise _refused(file, "a file of splits can be read", error) from None


def _refused(file: Path, rule: str, came: object) -> RefusedError:
    return RefusedError(file, rule=rule, came=came, do='write {"train": [...], "test": [...]} or a CSV of id and split')


def _from_csv(file: Path, text: str, finder: "_Finder") -> list[Named]:
    delimiter = "\t" if file.suffix.casefold() == ".tsv" else ","
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise _refused(file, "a table of splits is CSV", error) from None
    columns = {str(name).strip().casefold(): str(name) for name in (rows[0] if rows else {}) if name is not None}
    ids = [columns[name] for name in _ID_COLUMNS if name in columns]
    parts = [columns[name] for name in _PART_COLUMNS if name in columns]
    if not ids or not parts:
        raise _refused(file, "a table of splits has an id and a split or fold", ", ".join(columns) or "no columns")
    folds = [columns[name] for name in ("repeat", "fold") if name in columns and columns[name] != parts[0]]
    ids.sort(key=lambda name: name.strip().casefold() == "patient_id")
    grouped: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        part = (row.get(parts[0]) or "").strip().casefold()
        names = [str(row[key]) for key in ids if row.get(key)]
        if part and names:
            name = next((one for one in names if finder.find(one)[0]), names[-1])
            within = " ".join(f"{key} {row.get(key)}" for key in folds) or f"column {parts[0]}"
            grouped[within][f"fold {part}" if parts[0].casefold() == "fold" else part].append(name)
    return [Named(name=k, parts={part: tuple(ids) for part, ids in v.items()}) for k, v in grouped.items()]


def _from_json(file: Path, text: str) -> list[Named]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refused(file, "splits are JSON or CSV", error) from None
    if isinstance(body, Mapping) and isinstance(body.get("folds"), list):
        found = [_one(file, fold, number, body.get("test")) for number, fold in enumerate(body["folds"])]
        found += [
            _one(file, inner, f"fold {number} inner {k}")
            for number, fold in enumerate(body["folds"])
            for k, inner in enumerate(fold.get("inner") or ())
            if isinstance(inner, Mapping)
        ]
    elif isinstance(body, Mapping) and body and all(isinstance(v, Mapping) for k, v in body.items() if k not in _META):
        found = [_one(file, fold, name) for name, fold in body.items() if name not in _META]
    elif isinstance(body, Mapping):
        found = [_one(file, body, "the split")]
    elif isinstance(body, list):
        found = [_one(file, fold, number) for number, fold in enumerate(body)]
    else:
        found = []
    if not found:
        raise _refused(file, "a file of splits names its parts", type(body).__name__)
    return found


def _one(file: Path, fold: Any, name: object, test: Any = None) -> Named:
    if not isinstance(fold, Mapping):
        raise _refused(file, "every fold names its parts", f"{type(fold).__name__} in fold {name}")
    label = f"fold {name}" if isinstance(name, int) else str(name)
    if isinstance(name, int) and {"repeat", "fold"} <= set(fold):
        label = f"repeat {fold['repeat']} fold {fold['fold']}"
    lists = {str(key): value for key, value in fold.items() if isinstance(value, list) and key != "inner"}
    if isinstance(test, list) and "test" not in lists:
        lists["test"] = test
    if not lists:
        raise _refused(file, "every fold lists the ids of its parts", f"no list in {label}")
    parts = {part.replace("_", "-"): tuple(str(_plain(one)) for one in ids) for part, ids in lists.items()}
    return Named(name=label, parts=parts)


def _plain(one: Any) -> object:
    """The name inside an item that is a record with a file, as MSD writes them."""
    if isinstance(one, Mapping):
        return next((one[key] for key in (*_ID_COLUMNS, "label") if key in one), "")
    return one


class _Finder:
    """From a name, however it is spelled, to the entries that it stands for."""

    def __init__(self, roster: Roster) -> None:
        self.entries = roster.entries
        self.exact: dict[str, dict[str, list[int]]] = {unit: defaultdict(list) for unit in ("patient", "study", "file")}
        self.loose: dict[str, dict[str, list[int]]] = {unit: defaultdict(list) for unit in ("patient", "study", "file")}
        for number, entry in enumerate(roster.entries):
            for unit, names in _names(entry, roster.path).items():
                for name in names:
                    self.exact[unit][name].append(number)
                    self.loose[unit][plain_id(name)].append(number)

    def assigned(self, named: Named) -> Assignment:
        sides: dict[int, set[str]] = defaultdict(set)
        unknown: list[tuple[str, str]] = []
        units: dict[str, int] = defaultdict(int)
        written: dict[str, set[str]] = defaultdict(set)
        for part, names in named.parts.items():
            for name in names:
                written[name].add(part)
                unit, numbers = self.find(name)
                units[unit] += 1
                for number in numbers:
                    sides[number].add(part)
                if not numbers:
                    unknown.append((name, part))
        units.pop("", None)
        return Assignment(
            name=named.name,
            sides={number: frozenset(parts) for number, parts in sides.items()},
            unknown=tuple(dict.fromkeys(unknown)),
            unit=max(units, key=lambda unit: units[unit]) if units else "patient",
            twice=tuple((name, tuple(sorted(parts))) for name, parts in written.items() if len(parts) > 1),
        )

    def find(self, name: str) -> tuple[str, list[int]]:
        """What kind of name it is, and the numbers of its entries; "" and none where it fits nothing."""
        for table, key in ((self.exact, name), (self.loose, plain_id(name))):
            for unit in ("patient", "study", "file"):
                if table[unit].get(key):
                    return unit, table[unit][key]
        for shorter in _shorter(name):
            for unit in ("study", "patient"):
                numbers = self.loose[unit].get(plain_id(shorter))
                if numbers:
                    return "file", numbers
        return "", []


def _names(entry: Entry, table: Path) -> dict[str, Iterable[str]]:
    folder = table if table.is_dir() else table.parent
    files = {
        name for path in entry.files.values() for name in (path.relative_to(folder).as_posix(), path.name, path.stem)
    }
    return {"patient": [entry.patient_id] if entry.patient_id else [], "study": {entry.study_id} - {""}, "file": files}


def _shorter(name: str) -> list[str]:
    """A name without its ending, then without its last words: P001_stress_0003.png, P001_stress, P001."""
    base = re.sub(r"\.\w{1,5}$", "", name.replace("\\", "/").rsplit("/", 1)[-1])
    words = re.split(r"([_\-. ])", base)
    return ["".join(words[:end]) for end in range(len(words), 0, -2)]
