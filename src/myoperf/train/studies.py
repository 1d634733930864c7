"""Studies of a cohort that a recipe can be asked about, their answers, and their inputs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from myoperf.core.errors import MyoperfError, RefusedError
from myoperf.core.polar import PolarMap
from myoperf.core.terms import State
from myoperf.io.cohort_table import CohortRow
from myoperf.protocols import Protocol, Subject, column_of, unit_of
from myoperf.recipe import Recipe, Target
from myoperf.views import Images, Regions, View, polar_grids, region_shares, region_values

from .task import Rows, tracers_of
from .told_tracer import require_tracer

Maps = Mapping[str, Mapping[State, PolarMap]]
"""Polar maps by study and state."""


@dataclass(frozen=True, kw_only=True)
class Study:
    """A study with the answer to each target, in the recipe's order: 0, 1 (of several classes the number of one), or
    None where there is none."""

    row: CohortRow
    answers: tuple[int | None, ...]
    group: int


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Studies that can be used, and one line for each that cannot."""

    studies: tuple[Study, ...]
    refused: tuple[str, ...]


def choose(recipe: Recipe, rows: Iterable[CohortRow], *, labelled: bool) -> Chosen:
    """Studies whose tracer the recipe knows; ``labelled``: only those with an answer to at least one target."""
    studies: list[Study] = []
    refused: list[str] = []
    for row in rows:
        try:
            study = _study(recipe, row)
        except RefusedError as error:
            refused.append(str(error))
            continue
        if labelled and all(answer is None for answer in study.answers):
            columns = " or ".join(target.column for target in _asked(recipe, row))
            refused.append(f"{row.source or row.study_id}: an answer in {columns}; got none; fill the cell")
            continue
        studies.append(study)
    return Chosen(studies=tuple(studies), refused=tuple(refused))


def subjects(recipe: Recipe, studies: Sequence[Study], protocol: Protocol) -> tuple[Subject, ...]:
    """Patients, or images where the protocol deals images, with what a split is stratified by (tracer, target and
    class) and what the protocol's column says of them."""
    by_image, column = unit_of(protocol) == "image", column_of(protocol)
    strata: dict[tuple[str, str], set[str]] = {}
    groups: dict[tuple[str, str], set[str]] = {}
    for study in studies:
        unit = (study.row.patient_id, study.row.study_id if by_image else "")
        told = strata.setdefault(unit, set())
        for target, answer in zip(recipe.targets, study.answers, strict=True):
            if answer is not None:
                told.add(f"{study.row.tracer or 'any tracer'} {target.name}={answer}")
        groups.setdefault(unit, set()).update(() if column is None else (_cell(study.row, column),))
    return tuple(
        Subject(
            patient_id=unit[0], image=unit[1], strata=tuple(sorted(strata[unit])), groups=tuple(sorted(groups[unit]))
        )
        for unit in sorted(strata)
    )


def check_classes(recipe: Recipe, studies: Sequence[Study]) -> tuple[str, ...]:
    """Sentences about targets without a study. RefusedError where a target has one class only, or none has a study."""
    silent: list[str] = []
    for index, target in enumerate(recipe.targets):
        seen = {study.answers[index] for study in studies} - {None}
        if len(seen) == 1 and target.kind != "mask":
            raise RefusedError(
                target.column,
                rule="a system learns from studies with and without the finding",
                came=f"{target.column} is {seen.pop()} in every study",
                do="add studies of the other class",
            )
        if not seen:
            silent.append(f"no study answers {target.column}: {target.name} is neither trained nor judged")
    if len(silent) == len(recipe.targets):
        columns = ", ".join(target.column for target in recipe.targets)
        raise RefusedError("cohort", rule=f"answers lie in {columns}", came="none", do="add the column")
    return tuple(silent)


def rows_of(recipe: Recipe, studies: Sequence[Study], maps: Maps) -> tuple[Rows, tuple[str, ...]]:
    """One variant's inputs of all studies that have them, and one line for each that has not."""
    view = recipe.views[0]
    used: list[Study] = []
    inputs: list[np.ndarray] = []
    refused: list[str] = []
    for study in studies:
        try:
            inputs.append(_input(view, maps[study.row.study_id]))
            used.append(study)
        except MyoperfError as error:
            refused.append(f"{study.row.source or study.row.study_id}, {recipe.main}: {error}")
    if not used:
        came = refused[0] if refused else "no study"
        raise RefusedError(f"variant {recipe.main}", rule="at least one study has its inputs", came=came, do="see why")
    truth = [[np.nan if answer is None else float(answer) for answer in study.answers] for study in used]
    return Rows(
        patient_id=tuple(study.row.patient_id for study in used),
        study_id=tuple(study.row.study_id for study in used),
        inputs=np.stack(inputs).astype(np.float32),
        groups=np.array([study.group for study in used], dtype=np.intp),
        truth=np.array(truth),
        sex=tuple(str(study.row.sex or "") for study in used),
        area=_area(view, [maps[study.row.study_id] for study in used]),
    ), tuple(refused)


def _study(recipe: Recipe, row: CohortRow) -> Study:
    known = tracers_of(recipe)
    tracer = str(row.tracer or "")
    require_tracer(recipe, row)
    asked = {target.name for target in _asked(recipe, row)}
    answers = tuple(_answer(row, target) if target.name in asked else None for target in recipe.targets)
    return Study(row=row, answers=answers, group=known.index(tracer) if known else 0)


def _asked(recipe: Recipe, row: CohortRow) -> list[Target]:
    return [target for target in recipe.targets if target.tracer in (None, row.tracer)]


def _answer(row: CohortRow, target: Target) -> int | None:
    value = row.values.get(target.column)
    if value is None or str(value) in ("", "nan"):
        return None
    count = len(target.classes) if target.kind == "classes" else 2
    if target.kind == "classes" and str(value).strip().casefold() in [name.casefold() for name in target.classes]:
        return [name.casefold() for name in target.classes].index(str(value).strip().casefold())
    if str(value).removesuffix(".0") in [str(number) for number in range(count)]:
        return int(float(str(value)))
    rule = "0 or 1, or empty" if count == 2 else f"0 to {count - 1} or {', '.join(target.classes)}, or empty"
    raise RefusedError(f"{row.source or row.study_id}, {target.column}", rule=rule, came=value, do="correct the cell")


def _cell(row: CohortRow, column: str) -> str:
    """A cell as text; "" where it is empty. A whole number has no decimals."""
    value = getattr(row, column) if column in ("tracer", "sex") else row.values.get(column)
    if isinstance(value, float):
        return "" if np.isnan(value) else str(int(value)) if value.is_integer() else str(value)
    return "" if value is None else str(value).strip()


def _input(view: View, maps: Mapping[State, PolarMap]) -> np.ndarray:
    if isinstance(view, Images):
        raise TypeError(f"not made from maps: {view.kind}")
    return region_values(view, maps) if isinstance(view, Regions) else polar_grids(view.states, maps)


def _area(view: View, maps: Sequence[Mapping[State, PolarMap]]) -> np.ndarray:
    """Share of each study's own ventricle behind each value of ``Regions``; no columns for other views."""
    if not isinstance(view, Regions):
        return np.empty((len(maps), 0))
    shares = np.stack([region_shares(study[view.states[0]].weight) for study in maps])
    parts = len(view.states) + view.difference
    return np.tile(shares / parts, (1, parts))
