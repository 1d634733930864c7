"""What stands on two sides of a split: patients, studies, files, pictures."""

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from myoperf.io.cohort_rules import plain_id

from .assignment import Assignment
from .duplicates import Duplicate
from .roster import Entry, Roster

MOST_LISTED = 10_000


@dataclass(frozen=True, kw_only=True)
class Leak:
    """One thing on two sides, or a split and a table that do not fit each other.

    kind : see ``KINDS``. what : in words. rows, patients, files : the two places (of a file or an id that has none,
    fewer). sides : the parts. within : the splits or folds in which it is so. do : what to do.
    """

    kind: str
    what: str
    rows: tuple[int, ...] = ()
    patients: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    do: str = ""


KINDS: Mapping[str, str] = {
    "same patient": "keep all rows of a patient in one part",
    "alias": "spell the patient one way and keep all rows in one part",
    "variant": "keep every version of a patient's scan (correction, position, dose, state) in one part",
    "same study": "keep a study in one part; give each study its own id",
    "same examination": "the files tell one patient or examination: give both rows one patient_id",
    "same file": "name each file once",
    "same pixels": "find out whose image it is and keep it once",
    "near duplicate": "look at both; if they are one image keep it in one part",
    "named twice": "name every id in one part",
    "unknown id": "use the ids of the table, or split this table anew",
    "not in the split": "say in which part it is, or leave the row out of the table",
}
"""Kinds of leaks, and what to do about each. "unknown id" and "not in the split" are no leaks by themselves."""

VARIANTS = ("attenuation_correction", "position", "dose_fraction", "dose", "state")
"""Columns in which two rows of one patient may differ while the heart is the same."""

_MARK = re.compile(
    r"[\s_.-]+(?:nac|ac|nc|supine|prone|upright|stress|rest|gated|[a-z]*[\s_.-]*dose[\s_.-]*[\d.]*%?|v\d{1,2}"
    r"|(?:copy|dup|duplicate|aug|augmented|rot|rotated|flip|flipped)[\s_.-]*\d{0,3})$"
)


def find_leaks(
    roster: Roster,
    assignments: Sequence[Assignment],
    duplicates: Sequence[Duplicate] = (),
    examinations: Mapping[Path, str] | None = None,
) -> tuple[Leak, ...]:
    """Every leak of every assignment; one that is in several folds is told once, with all of them in ``within``.

    duplicates : pictures that are copies of each other. examinations : what a file's header tells of the examination.
    """
    found: dict[tuple[object, ...], Leak] = {}
    for assignment in assignments:
        for leak in _of_one(roster, assignment, duplicates, examinations or {}):
            key = (leak.kind, leak.rows, leak.patients, leak.files, leak.what if not leak.rows else "")
            known = found.get(key)
            if known is None:
                found[key] = replace(leak, within=(assignment.name,), do=leak.do or KINDS[leak.kind])
            elif assignment.name not in known.within:
                found[key] = replace(known, within=(*known.within, assignment.name))
        if len(found) > MOST_LISTED:
            break
    order = list(KINDS)
    return tuple(sorted(found.values(), key=lambda leak: (order.index(leak.kind), leak.rows, leak.patients)))


def _of_one(
    roster: Roster, assignment: Assignment, duplicates: Sequence[Duplicate], examinations: Mapping[Path, str]
) -> Iterator[Leak]:
    entries, sides = roster.entries, assignment.sides
    told: set[tuple[int, int]] = set()
    keys: Sequence[tuple[str, Callable[[Entry], list[str]]]] = (
        ("same patient", lambda e: [e.patient] if e.patient else []),
        ("variant", lambda e: [without_marks(e.patient_id)] if e.patient else []),
        ("same study", lambda e: [plain_id(e.study_id)] if e.study_id.strip() else []),
        ("same file", lambda e: sorted({str(path.resolve()) for path in e.files.values()})),
        ("same examination", lambda e: sorted({examinations[p] for p in e.files.values() if p in examinations})),
    )
    for kind, key in keys:
        for pair in _apart(entries, sides, key):
            one, other = (entries[number] for number in pair)
            known = kind != "same patient" and one.patient and one.patient == other.patient
            if pair not in told and not known:
                told.add(pair)
                yield _leak(kind, entries, sides, pair)
    yield from _pictures(entries, sides, duplicates)
    yield from _misfits(roster, assignment)


def _apart(
    entries: Sequence[Entry], sides: Mapping[int, frozenset[str]], key: Callable[[Entry], list[str]]
) -> Iterator[tuple[int, int]]:
    """Of all entries that share a key, two on different sides (or one that stands on two)."""
    groups: dict[str, list[int]] = defaultdict(list)
    for number, entry in enumerate(entries):
        if sides.get(number):
            for name in key(entry):
                groups[name].append(number)
    for numbers in groups.values():
        if len(frozenset().union(*(sides[number] for number in numbers))) < 2:
            continue
        first = numbers[0]
        other = next((k for k in numbers if sides[k] != sides[first]), first)
        yield first, other


def _leak(kind: str, entries: Sequence[Entry], sides: Mapping[int, frozenset[str]], pair: tuple[int, int]) -> Leak:
    one, other = entries[pair[0]], entries[pair[1]]
    unlike = [
        f"{name} {one.cells[name] or 'empty'} / {other.cells[name] or 'empty'}"
        for name in VARIANTS
        if one.cells.get(name, "") != other.cells.get(name, "")
    ]
    shown, why = kind, ""
    if kind == "same patient":
        shown = "alias" if one.patient_id != other.patient_id else "variant" if unlike and one is not other else kind
        why = (
            f"patient {one.patient_id!r} and {other.patient_id!r} are one"
            if shown == "alias"
            else f"patient {one.patient_id!r}"
        )
    elif kind == "variant":
        why = f"{one.patient_id!r} and {other.patient_id!r} look like versions of one patient"
    elif kind == "same study":
        why = f"study {one.study_id!r} of {one.patient_id!r} and {other.patient_id!r}"
    elif kind == "same file":
        shared = sorted(
            {str(p.resolve()) for p in one.files.values()} & {str(p.resolve()) for p in other.files.values()}
        )
        why = f"{Path(shared[0]).name} is named by both rows" if shared else "one file"
    else:
        why = f"the headers of {one.patient_id!r} and {other.patient_id!r} tell one examination"
    apart = f" ({', '.join(unlike)})" if unlike and one is not other else ""
    parts = tuple(sorted(sides[pair[0]] | sides[pair[1]]))
    return Leak(
        kind=shown,
        what=f"{why}{apart} in {' and '.join(parts)}",
        rows=_rows(one, other),
        patients=tuple(dict.fromkeys((one.patient_id, other.patient_id))),
        files=tuple(dict.fromkeys(_file(e) for e in (one, other) if e.files)),
        sides=parts,
    )


def _rows(*entries: Entry) -> tuple[int, ...]:
    return tuple(dict.fromkeys(entry.row for entry in entries if entry.row))


def _file(entry: Entry) -> str:
    return str(next(iter(entry.files.values())))


def _pictures(
    entries: Sequence[Entry], sides: Mapping[int, frozenset[str]], duplicates: Sequence[Duplicate]
) -> Iterator[Leak]:
    holder: dict[Path, list[int]] = defaultdict(list)
    for number, entry in enumerate(entries):
        for path in entry.files.values():
            holder[path].append(number)
    for pair in duplicates:
        for a, b in ((a, b) for a in holder[pair.first] for b in holder[pair.second]):
            parts = sides.get(a, frozenset()) | sides.get(b, frozenset())
            if a == b or not sides.get(a) or not sides.get(b) or len(parts) < 2:
                continue
            one, other = entries[a], entries[b]
            yield Leak(
                kind="same pixels" if pair.kind == "exact" else "near duplicate",
                what=f"{' and '.join(apart(pair.first, pair.second))} in {' and '.join(sorted(parts))}",
                rows=_rows(one, other),
                patients=tuple(dict.fromkeys(e.patient_id for e in (one, other) if e.patient_id)),
                files=(str(pair.first), str(pair.second)),
                sides=tuple(sorted(parts)),
            )


def apart(first: Path, second: Path) -> tuple[str, str]:
    """Two paths without the folders that both lie in."""
    if first == second:
        return first.name, second.name
    common = Path(os.path.commonpath([first.parent, second.parent]))
    return str(first.relative_to(common)), str(second.relative_to(common))


def _misfits(roster: Roster, assignment: Assignment) -> Iterator[Leak]:
    """Names in two parts that the table does not know, names that it does not know, patients that no part holds."""
    unknown = {name for name, _ in assignment.unknown}
    for name, parts in assignment.twice:
        if name in unknown:
            yield Leak(kind="named twice", what=f"{name!r} in {' and '.join(parts)}", patients=(name,), sides=parts)
    for name, part in assignment.unknown:
        yield Leak(kind="unknown id", what=f"{name!r} of {part} is not in the table", patients=(name,), sides=(part,))
    missing: dict[str, int] = {}
    for number, entry in enumerate(roster.entries):
        if number not in assignment.sides:
            name = entry.patient_id or (_file(entry) if entry.files else f"row {entry.row}")
            missing.setdefault(name, entry.row)
    for name, row in missing.items():
        yield Leak(
            kind="not in the split", what=f"{name!r} is in no part", rows=(row,) if row else (), patients=(name,)
        )


def without_marks(patient_id: str) -> str:
    """An id as ``plain_id`` has it, without words at its end that mark a version of a scan ("P1_AC", "P1-prone")."""
    text, before = patient_id.casefold().strip(), None
    while text != before:
        before, text = text, _MARK.sub("", text) or text
    return plain_id(text)
