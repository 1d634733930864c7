"""Are the parts of a split apart, known and large enough? And where images were dealt: who stands on both sides?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from myoperf.core.errors import RefusedError
from myoperf.io.cohort_rules import plain_id

from .dealing import Subject
from .splits import Fold, Splits

FEWEST = 2
"""Units of every stratum that the training part and the tested part of a fold need."""

Parts = Mapping[str, tuple[str, ...]]


def aliases(patient_ids: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Ids that are written differently and taken for one patient."""
    found: dict[str, set[str]] = {}
    for patient_id in patient_ids:
        found.setdefault(plain_id(patient_id), set()).add(patient_id)
    return tuple(tuple(sorted(ids)) for _, ids in sorted(found.items()) if len(ids) > 1)


def check_splits(splits: Splits, subjects: Sequence[Subject]) -> tuple[str, ...]:
    """Warnings; the loudest first. RefusedError where a unit stands on two sides, is not in the cohort, or where a fold
    trains on, or is tested on, fewer than ``FEWEST`` units of a stratum.

    Where images were dealt, patients on both sides are not refused but counted. A held-out group with too few of a
    class is not refused either: its figures cannot be made, and the evaluation says so.
    """
    warnings = [*_on_both_sides(splits, subjects)]
    known = _Known(splits=splits, subjects=subjects)
    for where, parts in _all_parts(splits):
        _check_apart(where, parts, by_image=splits.unit == "image")
        warnings += known.checked(where, parts)
    if not all(fold.validation for fold in splits.folds):
        warnings.append("no validation part: too few patients; nothing is stopped early or chosen on it")
    return tuple(dict.fromkeys(warnings))


def patients_on_both_sides(splits: Splits, subjects: Iterable[Subject]) -> tuple[int, int]:
    """How many patients have units both in a part that trains or chooses and in one that it is judged on, in at least
    one fold; and how many patients there are."""
    patient = {subject.unit: plain_id(subject.patient_id) for subject in subjects}
    both: set[str] = set()
    for fold in splits.folds:
        taught = {patient[unit] for unit in (*fold.train, *fold.validation)}
        both |= taught & {patient[unit] for unit in (*fold.held_out, *splits.test)}
    return len(both), len(set(patient.values()))


def _on_both_sides(splits: Splits, subjects: Sequence[Subject]) -> list[str]:
    if splits.unit != "image":
        return []
    _check_known(splits, {subject.unit for subject in subjects})
    both, everyone = patients_on_both_sides(splits, subjects)
    told = (
        f"SPLIT BY IMAGE, as published: {both} of {everyone} patients stand both in a part that trains and in the part"
    )
    so = "the figures are not those of new patients; run the same protocol by patient beside it"
    return [f"{told} that it is judged on; {so if both else 'a patient with several images would'}"]


def _all_parts(splits: Splits) -> Iterator[tuple[str, Parts]]:
    """The parts of every fold and of every inner fold, with a name."""
    for fold in splits.folds:
        where = f"repeat {fold.repeat} fold {fold.name or fold.fold}"
        yield where, {**_parts(fold), "test": splits.test}
        for inner in fold.inner:
            yield f"{where} inner fold {inner.fold}", {**_parts(inner), "outer": (*fold.held_out, *splits.test)}


def _parts(fold: Fold) -> dict[str, tuple[str, ...]]:
    held_out = f"held-out {fold.name}" if fold.name else "held-out"
    return {"training": fold.train, "validation": fold.validation, held_out: fold.held_out}


@dataclass(frozen=True)
class _Known:
    """What the parts are checked against."""

    splits: Splits
    subjects: Sequence[Subject]

    def __post_init__(self) -> None:
        _check_known(self.splits, {subject.unit for subject in self.subjects})

    def checked(self, where: str, parts: Parts) -> Iterator[str]:
        """Warnings about small parts; RefusedError for a part of a dealt fold that is too small to be of use."""
        strata = {subject.unit: subject.strata for subject in self.subjects}
        everyone = sorted({stratum for subject in self.subjects for stratum in subject.strata})
        who = f"{self.splits.unit}s"
        for part, ids in parts.items():
            counts = dict.fromkeys(everyone, 0)
            for unit in ids:
                for stratum in strata[unit]:
                    counts[stratum] += 1
            few = [stratum for stratum, count in counts.items() if ids and count < FEWEST]
            if ((few or not ids) and part == "training") or (few and part == "held-out"):
                rule = f"the {part} part has at least {FEWEST} {who} of each class"
                came = f"fewer with {few[0]}" if few else "none"
                raise _refused(where, rule, came, f"use fewer folds or more {who}")
            if few and part != "outer":
                yield f"{part} part: fewer than {FEWEST} {who} with {', '.join(few)}"


def _check_known(splits: Splits, units: set[str]) -> None:
    for where, parts in _all_parts(splits):
        for ids in parts.values():
            unknown = [unit for unit in ids if unit not in units]
            if unknown:
                raise _refused(
                    where, f"every {splits.unit} of a split is in the cohort", unknown[0], "split this cohort anew"
                )


def _check_apart(where: str, parts: Parts, *, by_image: bool) -> None:
    side: dict[str, tuple[str, str]] = {}
    for part, ids in parts.items():
        for unit in ids:
            other, name = side.setdefault(unit if by_image else plain_id(unit), (part, unit))
            if other != part:
                came = f"{unit} in {part} and {name} in {other}"
                who = "image" if by_image else "patient"
                raise _refused(where, f"no {who} stands on two sides of a split", came, "group these ids")


def _refused(where: object, rule: str, came: object, do: str) -> RefusedError:
    return RefusedError(where, rule=rule, came=came, do=do)
