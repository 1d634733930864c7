"""Splits of patients. They depend on patient ids, strata and the seed alone, not on the order of the rows."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from myoperf.core.errors import RefusedError
from myoperf.io.cohort_rules import plain_id

from .protocol import Holdout, Protocol

FEWEST = 2
"""Patients of every stratum that the training part and the tested part of a fold need."""
FEWEST_VALIDATION = 5
"""Patients of a stratum below which it gives none to the validation part: so few cannot choose an epoch."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A patient and what the split is stratified by, e.g. ("Tc-99m abnormal=1",)."""

    patient_id: str
    strata: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Fold:
    """Patients of one fit: those that train, those that choose when to stop, those that are told nothing."""

    repeat: int
    fold: int
    train: tuple[str, ...]
    validation: tuple[str, ...]
    held_out: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Splits:
    """All folds, and the test part that none of them sees."""

    seed: int
    test: tuple[str, ...]
    folds: tuple[Fold, ...]


def make_splits(protocol: Protocol, subjects: Iterable[Subject], seed: int) -> Splits:
    """Split patients as the protocol says. Ids that are ``plain_id`` alike always stay together."""
    groups = _groups(subjects)
    test = _pick(groups, protocol.test_fraction, (seed, "test"))
    rest = {key: group for key, group in groups.items() if key not in test}
    if isinstance(protocol, Holdout):
        folds = [_fold(rest, frozenset(), protocol.validation_fraction, (seed, 0, 0))]
    else:
        folds = [
            _fold(rest, held_out, protocol.validation_fraction, (seed, repeat, number))
            for repeat in range(protocol.repeats)
            for number, held_out in enumerate(_deal(rest, protocol.folds, (seed, repeat)))
        ]
    return Splits(seed=seed, test=_ids(groups, test), folds=tuple(folds))


def aliases(patient_ids: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Ids that are written differently and taken for one patient."""
    found: dict[str, set[str]] = {}
    for patient_id in patient_ids:
        found.setdefault(plain_id(patient_id), set()).add(patient_id)
    return tuple(tuple(sorted(ids)) for _, ids in sorted(found.items()) if len(ids) > 1)


def check_splits(splits: Splits, subjects: Sequence[Subject]) -> tuple[str, ...]:
    """Warnings about small parts. RefusedError where a patient stands on two sides, is not in the cohort, or where a
    fold trains on, or is tested on, fewer than ``FEWEST`` patients of a stratum."""
    strata = {subject.patient_id: subject.strata for subject in subjects}
    everyone = sorted({s for subject in subjects for s in subject.strata})
    warnings: list[str] = []
    for fold in splits.folds:
        where = f"repeat {fold.repeat} fold {fold.fold}"
        parts = {"training": fold.train, "validation": fold.validation, "held-out": fold.held_out, "test": splits.test}
        _check_apart(where, parts)
        for part, ids in parts.items():
            unknown = [patient for patient in ids if patient not in strata]
            if unknown:
                raise _refused(where, "every patient of a split is in the cohort", unknown[0], "split this cohort anew")
            few = [s for s in everyone if ids and sum(s in strata[patient] for patient in ids) < FEWEST]
            if few and part in ("training", "held-out"):
                rule = f"the {part} part has at least {FEWEST} patients of each class"
                raise _refused(where, rule, f"fewer with {few[0]}", "use fewer folds or more patients")
            if few:
                warnings.append(f"{part} part: fewer than {FEWEST} patients with {', '.join(few)}")
    if not all(fold.validation for fold in splits.folds):
        warnings.append("no validation part: too few patients; nothing is stopped early or chosen on it")
    return tuple(dict.fromkeys(warnings))


def splits_json(splits: Splits) -> str:
    """The splits as JSON text with a checksum."""
    body = {"format": 1, **asdict(splits)}
    return json.dumps({**body, "sha256": _digest(body)}, indent=1, ensure_ascii=False) + "\n"


def read_splits(path: Path | str) -> Splits:
    """Splits from ``splits.json``; RefusedError where they are not there or were changed since they were written."""
    try:
        body = json.loads(Path(path).read_text(encoding="utf-8"))
        told = body.pop("sha256")
        whole = told == _digest(body)
        folds = tuple(
            Fold(
                repeat=f["repeat"],
                fold=f["fold"],
                train=tuple(f["train"]),
                validation=tuple(f["validation"]),
                held_out=tuple(f["held_out"]),
            )
            for f in body["folds"]
        )
        splits = Splits(seed=body["seed"], test=tuple(body["test"]), folds=folds)
    except OSError as error:
        raise _refused(path, "a run holds its splits", error.strerror, "name a run folder") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _refused(path, "splits as this package writes them", error, "start a new run folder") from None
    if not whole:
        raise _refused(path, "splits stay as they were made", "another checksum", "start a new run folder")
    return splits


def _refused(where: object, rule: str, came: object, do: str) -> RefusedError:
    return RefusedError(where, rule=rule, came=came, do=do)


def _digest(body: object) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _check_apart(where: str, parts: dict[str, tuple[str, ...]]) -> None:
    side: dict[str, tuple[str, str]] = {}
    for part, ids in parts.items():
        for patient in ids:
            other, name = side.setdefault(plain_id(patient), (part, patient))
            if other != part:
                came = f"{patient} in {part} and {name} in {other}"
                raise _refused(where, "no patient stands on two sides of a split", came, "group these ids")


Groups = dict[str, tuple[str, tuple[str, ...]]]
"""Canonical id to its stratum and its ids as written."""


def _groups(subjects: Iterable[Subject]) -> Groups:
    ids: dict[str, set[str]] = {}
    strata: dict[str, set[str]] = {}
    for subject in subjects:
        key = plain_id(subject.patient_id)
        ids.setdefault(key, set()).add(subject.patient_id)
        strata.setdefault(key, set()).update(subject.strata)
    return {key: (" & ".join(sorted(strata[key])), tuple(sorted(ids[key]))) for key in sorted(ids)}


def _ordered(groups: Groups, salt: tuple[object, ...]) -> list[list[str]]:
    """Patients of each stratum in an order drawn from the salt and their ids alone."""
    strata: dict[str, list[str]] = {}
    for key, (stratum, _) in groups.items():
        strata.setdefault(stratum, []).append(key)
    name = ":".join(map(str, salt))
    return [
        sorted(strata[stratum], key=lambda key: hashlib.sha256(f"{name}:{key}".encode()).digest())
        for stratum in sorted(strata)
    ]


def _pick(groups: Groups, fraction: float, salt: tuple[object, ...], *, fewest: int = 1) -> frozenset[str]:
    """A share of every stratum; none of a stratum that would give fewer than ``fewest``."""
    picked: list[str] = []
    for keys in _ordered(groups, salt):
        share = int(len(keys) * fraction + 0.5)
        picked += keys[:share] if share >= fewest else []
    return frozenset(picked)


def _deal(groups: Groups, folds: int, salt: tuple[object, ...]) -> list[frozenset[str]]:
    """Deal patients to folds, stratum after stratum, so that sizes differ by one at most."""
    keys = [key for stratum in _ordered(groups, salt) for key in stratum]
    return [frozenset(keys[number::folds]) for number in range(folds)]


def _fold(groups: Groups, held_out: frozenset[str], fraction: float, salt: tuple[int, int, int]) -> Fold:
    rest = {key: group for key, group in groups.items() if key not in held_out}
    validation = _pick(rest, fraction, (*salt, "validation"), fewest=FEWEST_VALIDATION)
    return Fold(
        repeat=salt[1],
        fold=salt[2],
        train=_ids(groups, frozenset(rest) - validation),
        validation=_ids(groups, validation),
        held_out=_ids(groups, held_out),
    )


def _ids(groups: Groups, keys: frozenset[str]) -> tuple[str, ...]:
    return tuple(patient for key in sorted(keys) for patient in groups[key][1])
