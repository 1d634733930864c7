"""Targets asked once a vessel (or once a segment): judged together, and patient by patient."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from myoperf.core.predictions import Predictions

from .question import Question, class_columns, kind_of

Bools = NDArray[np.bool_]
Codes = NDArray[np.intp]
Columns = Mapping[str, NDArray[np.generic]]

REGIONS = MappingProxyType({"vessel": r"LMCA|LM|LAD|LCX|CX|RCA", "segment": r"S(?:0?[1-9]|1[0-7])"})
"""What stands behind the name of a target that asks one vessel or one segment, in capitals or not."""

_SAME = MappingProxyType({"CX": "LCX", "LMCA": "LM"})
_UNIT = ("split", "repeat", "fold", "patient_id", "study_id", "reader", "condition")


@dataclass(frozen=True, kw_only=True)
class RegionQuestions:
    """Further questions that follow from those asked region by region, and what the reader must know of them."""

    questions: tuple[Question, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Family:
    """Questions of one system that differ in their vessel only. regions : the vessel of each question."""

    stem: str
    region: str
    regions: tuple[str, ...]
    questions: tuple[Question, ...]


def region_of(target: str) -> tuple[str, str, str] | None:
    """Stem, kind of region and region of a target's name: "obstructive_lcx" is ("obstructive", "vessel", "LCX").

    Vessels: LM (LMCA), LAD, LCX (CX), RCA; segments: S1 (S01) to S17. The region is the last word of the name, after
    "_", "-" or a space, or the whole name. None for other names.
    """
    for kind, pattern in REGIONS.items():
        if found := re.fullmatch(rf"(?:(?P<stem>.+?)[_\- ]+)?(?P<region>{pattern})", target, re.IGNORECASE):
            region = found["region"].upper()
            if kind == "segment":
                region = f"S{int(region[1:]):02d}"
            return found["stem"] or "", kind, _SAME.get(region, region)
    return None


def vessel_questions(questions: Sequence[Question]) -> RegionQuestions:
    """From questions asked vessel by vessel (or segment by segment): all regions as one, and the patient as a whole.

    For every system and every stem with at least two regions, if all their truths are 0 or 1:

    * "STEM per vessel" (or "STEM per segment"): the rows of all regions under one question. Rows of one patient belong
      together when intervals are made.
    * "STEM per patient", of vessels only: one row a study. The score is the highest of the vessels'; the truth is 1 if
      any known one is 1, else unknown if any is missing, else 0. It is left out where the table asks the patient
      itself: under the stem, or with ``patient``, ``_patient`` or ``_per_patient`` behind it.

    The maximum is taken within each model, before models are averaged. Source: the rule of Betancur 2018.
    """
    made: list[Question] = []
    warnings: list[str] = []
    taken = {(*question.key[:2], _plain(question.key[2])) for question in questions}
    for family in _families(questions):
        system, first = family.questions[0].key[:2], family.questions[0].name
        if why := _apart(family):
            warnings.append(f"{first}: not judged together with the other {family.region}s: {why}")
            continue
        pooled = f"{family.stem} per {family.region}".strip()
        if (*system, _plain(pooled)) not in taken:
            made.append(_asked(family, pooled, _pooled(family)))
        whole = f"{family.stem} per patient".strip()
        asked = {(*system, _plain(f"{family.stem}{end}")) for end in ("", " patient", " per patient")}
        if family.region == "vessel" and not asked & taken:
            question, said = _per_patient(family, whole)
            made.append(question)
            warnings += said
    return RegionQuestions(questions=tuple(made), warnings=tuple(warnings))


def _apart(family: _Family) -> str:
    """Why the regions cannot be put together; "" where they can."""
    odd = [question.key[2] for question in family.questions if kind_of(question) != "binary"]
    if odd:
        return f"the truth of {', '.join(odd)} is not 0 or 1"
    twice = sorted({region for region in family.regions if family.regions.count(region) > 1})
    return f"several targets ask of {', '.join(twice)}" if twice else ""


def _plain(target: str) -> str:
    """A target's name without regard to capitals and to how its words are joined."""
    return " ".join(re.split(r"[_\- ]+", target.strip().casefold()))


def _families(questions: Sequence[Question]) -> list[_Family]:
    """Questions by system and stem, where there are two regions or more."""
    groups: dict[tuple[str, str, str, str], list[tuple[str, str, Question]]] = {}
    for question in questions:
        if found := region_of(question.key[2]):
            stem, kind, region = found
            groups.setdefault((*question.key[:2], kind, _plain(stem)), []).append((stem, region, question))
    return [
        _Family(
            stem=members[0][0],
            region=kind,
            regions=tuple(region for _, region, _ in members),
            questions=tuple(question for _, _, question in members),
        )
        for (_, _, kind, _), members in groups.items()
        if len({region for _, region, _ in members}) > 1
    ]


def _rows(family: _Family) -> tuple[dict[str, NDArray[np.generic]], Codes]:
    """The rows of all regions below each other, and the place of each row's region."""
    table = family.questions[0].predictions
    left = {"event", "time_days", "horizon_days", *class_columns(table)}
    names = dict.fromkeys((*(name for name in table.columns if name not in left), *_UNIT[:5], "truth", "score"))
    rows = [np.flatnonzero(question.rows) for question in family.questions]
    place = np.repeat(np.arange(len(rows)), [len(part) for part in rows])
    return {name: np.asarray(table[name])[np.concatenate(rows)] for name in names}, place


def _asked(family: _Family, target: str, columns: Columns) -> Question:
    """The first question of a family, asked of other rows under another name."""
    first = family.questions[0]
    columns = {**columns, "target": np.full(len(columns["truth"]), target)}
    recipe, variant, old = first.key
    return replace(
        first,
        name=f"{first.name.removesuffix(old)}{target}",
        key=(recipe, variant, target),
        predictions=Predictions(columns=columns),
        rows=np.ones(len(columns["truth"]), dtype=bool),
    )


def _pooled(family: _Family) -> Columns:
    """Every region of a study is a study of its own, of the same patient."""
    columns, place = _rows(family)
    region = np.array(family.regions)[place]
    study = np.asarray(columns["study_id"], dtype=np.str_)
    return {**columns, "study_id": np.char.add(np.char.add(study, " "), region)}


def _per_patient(family: _Family, target: str) -> tuple[Question, list[str]]:
    columns, place = _rows(family)
    truth = np.asarray(columns["truth"], dtype=np.float64)
    score = np.asarray(columns["score"], dtype=np.float64)
    known, scored = np.isfinite(truth), np.isfinite(score)
    unit, first = _units(columns)
    positive = np.bincount(unit[known & (truth == 1)], minlength=len(first)) > 0
    told, scores = (_regions_with(unit, place, rows, len(first)) for rows in (known, scored))
    highest = np.full(len(first), -np.inf)
    np.maximum.at(highest, unit[scored], score[scored])
    found = {name: column[first] for name, column in columns.items()}
    found["truth"] = np.where(positive, 1.0, np.where(told == len(family.regions), 0.0, np.nan))
    found["score"] = np.where(scores > 0, highest, np.nan)
    question = _asked(family, target, found)
    judged = question.part(question.split)
    untold = judged & (told < len(family.regions))
    unscored = judged & (scores < len(family.regions)) & (scores > 0)
    said = _said(family, judged=int(judged.sum()), untold=int(untold.sum()), kept=int((untold & positive).sum()))
    if unscored.any():
        said.append(f"{int(unscored.sum())} rows lack the score of a vessel; theirs is the highest of the others")
    once = _regions_with(unit, place, np.ones(len(unit), dtype=bool), len(first))
    if int(once.sum()) < len(unit):
        said.append("several rows of one study and vessel (slices, say) go into one row: any truth, highest score")
    return question, [f"{question.name}: {text}" for text in said]


def _said(family: _Family, *, judged: int, untold: int, kept: int) -> list[str]:
    """What was made of studies that lack the truth of a vessel."""
    if not untold:
        return []
    return [
        f"{untold} of {judged} rows lack the truth of a vessel ({', '.join(family.regions)}): positive by another"
        f" vessel and kept: {kept}; unknown and left out: {untold - kept}; so positives are too frequent"
    ]


def _units(columns: Columns) -> tuple[Codes, Codes]:
    """Code of each row's study in its split, model and reading; and the first row of each code."""
    unit = np.zeros(len(columns["truth"]), dtype=np.intp)
    for name in _UNIT:
        if name in columns:
            own = np.unique(columns[name], return_inverse=True)[1].reshape(-1)
            unit = np.unique(unit * (int(own.max(initial=0)) + 1) + own, return_inverse=True)[1].reshape(-1)
    return unit, np.unique(unit, return_index=True)[1]


def _regions_with(unit: Codes, place: Codes, rows: Bools, units: int) -> Codes:
    """How many distinct regions have such a row in each unit."""
    regions = int(place.max(initial=0)) + 1
    pairs = np.unique(unit[rows] * regions + place[rows])
    return np.bincount(pairs // regions, minlength=units)
