"""A row of a cohort table to a ``Study``: its series, what the table says of them, and where the two disagree."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ..core.errors import RefusedError
from ..core.study import Evidence, Series, Study
from ..core.terms import Correction, Position, Sex, State, Tracer
from .cohort_table import SERIES_COLUMNS, CohortRow
from .nm import read_series
from .nm_recognise import UNTOLD_TRACER


def read_study(row: CohortRow, refused: list[str] | None = None) -> Study:
    """Read the series of one row (stress, rest, gated or not); pixels are loaded when asked for.

    refused : where given, a file that is refused adds its line here and the others are read all the same.

    What the table says of sex, position and correction stands against the header, with a warning on the series.
    Refused: a row without a series; a file that is; a series of the other state or of another tracer than the table
    says; stress and rest of different patients, or one and the same image.
    """
    files = row.files or {s: p for s, p in (("stress", row.stress), ("rest", row.rest)) if p is not None}
    where = row.source or row.study_id
    series = _readable(row, files, refused)
    if not series and refused:
        raise RefusedError(where, rule="at least one series must be readable", came=refused[0], do="see the reasons")
    if not series:
        raise RefusedError(
            where, rule="a study has a stress or rest series", came="none", do="name files in the columns stress, rest"
        )
    patients = sorted({s.patient_id for s in series if s.patient_id})
    if len(patients) > 1:
        raise RefusedError(
            where, rule="the series of a study are of one patient", came=" and ".join(patients), do="correct the files"
        )
    images = [s.instance_uid for s in series if s.instance_uid]
    if len(set(images)) < len(images):
        came = "one image under two names"
        raise RefusedError(where, rule="stress and rest are two images", came=came, do="name the right file")
    sex, series = _sex(row, series)
    return Study(patient_id=row.patient_id, study_id=row.study_id, series=series, sex=sex, clinical=dict(row.values))


def _readable(row: CohortRow, files: Mapping[str, Path], refused: list[str] | None) -> tuple[Series, ...]:
    series = []
    for column in SERIES_COLUMNS:
        if column not in files:
            continue
        try:
            series.append(_stated(row, column, files[column]))
        except RefusedError as error:
            if refused is None:
                raise
            refused.append(str(error))
    return tuple(series)


def _stated(row: CohortRow, column: str, path: Path) -> Series:
    """A series with what the table says of it."""
    series = read_series(path)
    state = State(column.partition("_")[0])
    told = next((e.source for e in series.evidence if e.fact == "state"), "the header")
    if series.state not in (None, state):
        raise RefusedError(
            path, rule=f"the column {column} holds {state} series", came=f"{series.state} ({told})", do="swap the files"
        )
    tracer = _tracer(row, state)
    if tracer and series.tracer not in (None, tracer):
        raise RefusedError(
            path, rule=f"the table says {tracer}", came=f"{series.tracer} in the header", do="correct the table"
        )
    evidence, warnings = list(series.evidence), list(series.warnings)
    if series.state is None:
        evidence.append(Evidence(fact="state", value=str(state), source=f"column {column}"))
    if tracer and series.tracer is None:
        evidence.append(Evidence(fact="tracer", value=str(tracer), source="column tracer"))
        warnings = [w for w in warnings if w != UNTOLD_TRACER]
    position, correction = row.values.get("position"), row.values.get("attenuation_correction")
    for name, ours, theirs in (("position", position, series.position), ("correction", correction, series.correction)):
        if ours and theirs not in (None, ours):
            warnings.append(f"{name}: the table says {ours}, the header {theirs}; the table stands")
    return replace(
        series,
        state=state,
        tracer=tracer or series.tracer,
        position=Position(str(position)) if position else series.position,
        correction=Correction(str(correction)) if correction else series.correction,
        evidence=tuple(evidence),
        warnings=tuple(warnings),
    )


def _tracer(row: CohortRow, state: State) -> Tracer | None:
    """The tracer that a row tells for a state; one of a dual-isotope row says nothing of the other."""
    each = {s: row.values.get(f"{s}_tracer") for s in State}
    told = each[state] if any(each.values()) else row.tracer
    return Tracer(str(told)) if told else None


def _sex(row: CohortRow, series: tuple[Series, ...]) -> tuple[Sex | None, tuple[Series, ...]]:
    """The table's sex, else the one that the headers agree on; a disagreement is told on each series."""
    told = {s.sex for s in series if s.sex is not None}
    sex = row.sex or (next(iter(told)) if len(told) == 1 else None)
    if told <= {sex}:
        return sex, series
    says = f"the table {row.sex}" if row.sex else "nothing is taken"
    warning = f"sex: the headers say {' and '.join(sorted(told))}, {says}"
    return sex, tuple(replace(s, warnings=(*s.warnings, warning)) for s in series)
