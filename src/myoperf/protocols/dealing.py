"""Units in groups that stay together, in an order drawn from their ids: how they are picked and dealt."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from myoperf.io.cohort_rules import plain_id

FEWEST_VALIDATION = 5
"""Units of a stratum below which it gives none to the validation part: so few cannot choose an epoch."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A patient (or one image of a patient) and what the split is stratified by, e.g. ("Tc-99m abnormal=1",).

    image : id of the image where images are dealt, "" where patients are. groups : what the protocol's column says of
    the patient's studies, each value once, "" for an empty cell.
    """

    patient_id: str
    strata: tuple[str, ...]
    image: str = ""
    groups: tuple[str, ...] = ()

    @property
    def unit(self) -> str:
        """The id that stands in the parts of a split."""
        return self.image or self.patient_id


@dataclass(frozen=True, kw_only=True)
class Together:
    """Units that stay on one side: an image, or all spellings of a patient's id."""

    stratum: str
    units: tuple[str, ...]
    groups: tuple[str, ...]


Deck = Mapping[str, Together]
"""Key to the units that it stands for, in the order of the keys."""


def deck_of(subjects: Iterable[Subject]) -> Deck:
    """Patients under their ``plain_id``, images under their id as it is."""
    met: dict[str, list[Subject]] = {}
    for subject in subjects:
        met.setdefault(subject.image or plain_id(subject.patient_id), []).append(subject)
    return {key: _together(met[key]) for key in sorted(met)}


def pick(deck: Deck, fraction: float, salt: tuple[object, ...], *, fewest: int = 1) -> frozenset[str]:
    """A share of every stratum; none of a stratum that would give fewer than ``fewest``."""
    picked: list[str] = []
    for keys in _ordered(deck, salt):
        share = int(len(keys) * fraction + 0.5)
        picked += keys[:share] if share >= fewest else []
    return frozenset(picked)


def deal(deck: Deck, folds: int, salt: tuple[object, ...]) -> list[frozenset[str]]:
    """Deal to folds, stratum after stratum, so that sizes differ by one at most."""
    keys = [key for stratum in _ordered(deck, salt) for key in stratum]
    return [frozenset(keys[number::folds]) for number in range(folds)]


def without(deck: Deck, keys: frozenset[str]) -> Deck:
    """The others."""
    return {key: together for key, together in deck.items() if key not in keys}


def units_of(deck: Deck, keys: frozenset[str]) -> tuple[str, ...]:
    """Ids of all units under some keys, in the order of the keys."""
    return tuple(unit for key in sorted(keys) for unit in deck[key].units)


def _together(subjects: Iterable[Subject]) -> Together:
    met = tuple(subjects)
    return Together(
        stratum=" & ".join(sorted({stratum for subject in met for stratum in subject.strata})),
        units=tuple(sorted({subject.unit for subject in met})),
        groups=tuple(sorted({group for subject in met for group in subject.groups})),
    )


def _ordered(deck: Deck, salt: tuple[object, ...]) -> list[list[str]]:
    """Keys of each stratum in an order drawn from the salt and the keys alone."""
    strata: dict[str, list[str]] = {}
    for key, together in deck.items():
        strata.setdefault(together.stratum, []).append(key)
    name = ":".join(map(str, salt))
    return [
        sorted(strata[stratum], key=lambda key: hashlib.sha256(f"{name}:{key}".encode()).digest())
        for stratum in sorted(strata)
    ]
