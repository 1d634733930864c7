"""Which series belong to one study: by patient, study, correction and position; stress and rest side by side."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from ..core.errors import RefusedError
from ..core.study import Series
from ..core.terms import Sex, State, Tracer
from .cohort_table import SERIES_COLUMNS
from .nm_codes import STATE_WORDS
from .nm_recognise import by_words

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Group:
    """One row to be: the series by column, and what they agree on (``values``: text by column)."""

    patient_id: str
    study_id: str
    series: Mapping[str, Series]
    tracer: Tracer | None
    sex: Sex | None
    values: Mapping[str, str]

    @property
    def files(self) -> dict[str, Path]:
        """Path of each series by column."""
        return {column: Path(series.source).absolute() for column, series in self.series.items()}


def group_series(found: Sequence[Series]) -> tuple[list[Group], list[str]]:
    """Put series together, ordered by patient; a line for each that has no place.

    A series whose state is not told takes it from its file name. Left out: no state, no patient, a copy of another
    image, and two that claim one place.
    """
    refused: list[str] = []
    patients: dict[str, list[Series]] = defaultdict(list)
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


def _left_out(series: Series, rule: str, came: str) -> str:
    return str(RefusedError(series.source, rule=rule, came=came, do="write its row into the table by hand"))


def _without_copies(found: Sequence[Series], refused: list[str]) -> list[Series]:
    seen: dict[str, str] = {}
    kept = []
    for series in found:
        first = seen.setdefault(series.instance_uid or series.source, series.source)
        if first == series.source:
            kept.append(series)
        else:
            refused.append(_left_out(series, "an image is given once", f"a copy of {first}"))
    return kept


def _state_by_name(series: Series) -> Series:
    """Take the state from the file's name where the header does not tell it, unless it contradicts itself."""
    if series.state is not None or any(w.startswith("state:") for w in series.warnings):
        return series
    path = Path(series.source)
    fact = by_words("state", [("file name", path.stem), ("folder name", path.parent.name)], STATE_WORDS)
    return replace(series, state=fact.value, evidence=series.evidence + fact.evidence)


def _patient_groups(patient_id: str, series: Sequence[Series], refused: list[str]) -> list[Group]:
    """One group a study and variant; stress and rest of two studies are joined where there is nothing else."""
    studies: dict[str, list[Series]] = defaultdict(list)
    for one in series:
        studies[one.study_uid].append(one)
    parts = [studies[uid] for uid in sorted(studies)]
    if sorted(sorted({str(s.state) for s in part}) for part in parts) == [[State.REST], [State.STRESS]]:
        parts = [parts[0] + parts[1]]
    groups = []
    for number, part in enumerate(parts, start=1):
        variants = _variants(part)
        for variant in sorted(variants):
            tail = "".join(f"-{word}" for word in variant) if len(variants) > 1 else ""
            slots = _slots(variants[variant], refused)
            if slots:
                groups.append(_group(patient_id, f"{patient_id}-{number}{tail}", slots))
    return groups


def _variants(part: Sequence[Series]) -> dict[tuple[str, ...], list[Series]]:
    """Series by correction and position, as far as these differ within a study."""
    several = [len({s.correction for s in part if s.correction}) > 1, len({s.position for s in part if s.position}) > 1]
    variants: dict[tuple[str, ...], list[Series]] = defaultdict(list)
    for one in part:
        told = zip((one.correction, one.position), several, strict=True)
        variants[tuple(str(value) for value, differs in told if differs and value)].append(one)
    return variants


def _slots(series: Sequence[Series], refused: list[str]) -> dict[str, Series]:
    claims: dict[str, list[Series]] = defaultdict(list)
    for one in series:
        claims[f"{one.state}_gated" if one.gates > 1 else str(one.state)].append(one)
    for column, several in claims.items():
        if len(several) > 1:
            names = ", ".join(sorted(Path(s.source).name for s in several))
            refused.extend(_left_out(s, f"one series is {column}", f"several: {names}") for s in several)
    return {column: claims[column][0] for column in SERIES_COLUMNS if len(claims.get(column, ())) == 1}


def _group(patient_id: str, study_id: str, slots: Mapping[str, Series]) -> Group:
    values: dict[str, str] = {}
    by_state = {state: _agreed([s.tracer for s in slots.values() if s.state is state]) for state in State}
    known = {tracer for tracer in by_state.values() if tracer is not None}
    if len(known) > 1:
        values |= {f"{state}_tracer": str(tracer) for state, tracer in by_state.items() if tracer}
    scanner = _agreed([f"{s.manufacturer} {s.model}".strip() for s in slots.values()])
    told = {
        "scanner": scanner,
        "position": _agreed([s.position for s in slots.values()]),
        "attenuation_correction": _agreed([s.correction for s in slots.values()]),
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
