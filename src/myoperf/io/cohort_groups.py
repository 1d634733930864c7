"""Which files belong to one study: by patient, study and position; stress and rest side by side."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from ..core.errors import RefusedError
from ..core.terms import Correction, Position, Sex, State, Tracer
from .cohort_found import Found, Kind
from .cohort_table import FURTHER_COLUMNS, SERIES_COLUMNS
from .nm_codes import STATE_WORDS
from .nm_recognise import by_words

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Group:
    """One row to be: the series by column, and what they agree on (``values``: text by column)."""

    patient_id: str
    study_id: str
    series: Mapping[str, Found]
    tracer: Tracer | None
    sex: Sex | None
    values: Mapping[str, str]

    @property
    def files(self) -> dict[str, Path]:
        """Path of each series by column."""
        return {column: Path(series.source).absolute() for column, series in self.series.items()}


def group_series(found: Sequence[Found]) -> tuple[list[Group], list[str]]:
    """Put series together, ordered by patient; a line for each that has no place.

    A series whose state is not told takes it from its file name. Left out: no state, no patient, a copy of another
    image, two that claim one place, and projections and attenuation maps of a study without a short-axis series.
    """
    refused: list[str] = []
    patients: dict[str, list[Found]] = defaultdict(list)
    for series in _without_copies(found, refused):
        named = _state_by_name(series)
        if named.state is None or not series.patient_id:
            what = "its state" if series.patient_id else "its patient"
            refused.append(_left_out(series, f"a series tells {what}", "nothing told"))
        else:
            patients[series.patient_id].append(named)
    groups: list[Group] = []
    for patient_id in sorted(patients):
        groups += _patient_groups(patient_id, patients[patient_id], refused)
    return groups, refused


def _left_out(series: Found, rule: str, came: str) -> str:
    return str(RefusedError(series.source, rule=rule, came=came, do="write its row into the table by hand"))


def _without_copies(found: Sequence[Found], refused: list[str]) -> list[Found]:
    seen: dict[str, str] = {}
    kept = []
    for series in found:
        first = seen.setdefault(series.instance_uid or series.source, series.source)
        if first == series.source:
            kept.append(series)
        else:
            refused.append(_left_out(series, "an image is given once", f"a copy of {first}"))
    return kept


def _state_by_name(series: Found) -> Found:
    """Take the state from the file's name where the header does not tell it, unless it contradicts itself."""
    if series.state is not None or any(w.startswith("state:") for w in series.warnings):
        return series
    path = Path(series.source)
    fact = by_words("state", [("file name", path.stem), ("folder name", path.parent.name)], STATE_WORDS)
    return replace(series, state=fact.value, evidence=series.evidence + fact.evidence)


def _patient_groups(patient_id: str, found: Sequence[Found], refused: list[str]) -> list[Group]:
    """One group a study and position; stress and rest of two studies are joined where there is nothing else."""
    studies: dict[str, list[Found]] = defaultdict(list)
    for one in found:
        studies[one.study_uid].append(one)
    parts = [studies[uid] for uid in sorted(studies)]
    if sorted(sorted({str(s.state) for s in part}) for part in parts) == [[State.REST], [State.STRESS]]:
        parts = [parts[0] + parts[1]]
    groups = []
    for number, part in enumerate(parts, start=1):
        rows = _rows(part, refused)
        for position, claims in rows:
            tail = f"-{position}" if len(rows) > 1 and position else ""
            slots = _slots(claims, refused)
            if any(column in SERIES_COLUMNS for column in slots):
                groups.append(_group(patient_id, f"{patient_id}-{number}{tail}", slots))
            else:
                refused += [_homeless(one) for one in slots.values()]
    return groups


def _homeless(one: Found) -> str:
    came = f"{one.kind} without one"
    do = "give the short-axis series with them"
    return str(RefusedError(one.source, rule="a study has a short-axis series", came=came, do=do))


Claims = list[tuple[str, Found]]


def _rows(part: Sequence[Found], refused: list[str]) -> list[tuple[Position | None, Claims]]:
    """The rows of one study, by position, and which column each file claims."""
    hearts = [one for one in part if one.kind is Kind.HEART]
    positions = _positions(hearts)
    first = positions[0] if positions else None
    at: dict[Position | None, list[Found]] = {first: []}
    for one in part:
        at.setdefault(one.position or first, []).append(one)
    order = sorted(at, key=lambda position: (position != first, str(position)))
    rows = [(position, _claims(at[position], refused)) for position in order]
    rows = [(position, claims) for position, claims in rows if claims]
    columns = [[column for column, _ in claims] for _, claims in rows]
    if len(rows) == 2 and "stress" in columns[0] and columns[1] == ["stress"]:
        return [(first, [*rows[0][1], ("stress_second_position", rows[1][1][0][1])])]
    return rows


def _positions(hearts: Sequence[Found]) -> list[Position]:
    """Positions of the hearts, the main one first: of the most states, then supine."""
    states: dict[Position, set[State | None]] = defaultdict(set)
    for one in hearts:
        if one.position is not None:
            states[one.position].add(one.state)
    return sorted(states, key=lambda p: (-len(states[p]), p is not Position.SUPINE, p))


def _claims(found: Sequence[Found], refused: list[str]) -> Claims:
    """The column of each file of one position; attenuation-corrected hearts stand back where there are others."""
    hearts = [one for one in found if one.kind is Kind.HEART]
    plain = any(one.correction is not Correction.AC for one in hearts)
    claims: Claims = []
    for one in found:
        gated = "_gated" if one.gates > 1 else ""
        if one.kind is Kind.ATTENUATION:
            claims.append((f"{one.state}_mu", one))
        elif one.kind is Kind.PROJECTIONS:
            claims.append((f"{one.state}{gated}_projections", one))
        elif not plain or one.correction is not Correction.AC:
            claims.append((f"{one.state}{gated}", one))
        elif gated:
            came = "a gated series with attenuation correction"
            refused.append(_left_out(one, "gated series of a study are not attenuation-corrected", came))
        else:
            claims.append((f"{one.state}_ac", one))
    return claims


def _slots(claims: Claims, refused: list[str]) -> dict[str, Found]:
    by_column: dict[str, list[Found]] = defaultdict(list)
    for column, one in claims:
        by_column[column].append(one)
    for column, several in by_column.items():
        if len(several) > 1:
            names = ", ".join(sorted(Path(s.source).name for s in several))
            refused.extend(_left_out(s, f"one series is {column}", f"several: {names}") for s in several)
    order = (*SERIES_COLUMNS, *FURTHER_COLUMNS)
    return {column: by_column[column][0] for column in order if len(by_column.get(column, ())) == 1}


def _group(patient_id: str, study_id: str, slots: Mapping[str, Found]) -> Group:
    values: dict[str, str] = {}
    measured = [one for column, one in slots.items() if column in SERIES_COLUMNS]
    by_state = {state: _agreed([s.tracer for s in measured if s.state is state]) for state in State}
    known = {tracer for tracer in by_state.values() if tracer is not None}
    if len(known) > 1:
        values |= {f"{state}_tracer": str(tracer) for state, tracer in by_state.items() if tracer}
    told = {
        "scanner": _agreed([s.scanner for s in measured]),
        "position": _agreed([s.position for s in measured]),
        "attenuation_correction": _agreed([s.correction for s in measured]),
    }
    values |= {name: str(value) for name, value in told.items() if value}
    return Group(
        patient_id=patient_id,
        study_id=study_id,
        series=dict(slots),
        tracer=next(iter(known)) if len(known) == 1 else None,
        sex=_agreed([s.sex for s in slots.values()]),
        values=values,
    )


def _agreed(values: Sequence[T | None]) -> T | None:
    """The one value that is told; None if none is, or several are."""
    told = {value for value in values if value}
    return told.pop() if len(told) == 1 else None
