"""Splits of patients. They depend on ids, strata, groups and the seed alone, not on the order of the rows."""

from collections.abc import Iterable
from dataclasses import dataclass

from .dealing import FEWEST_VALIDATION, Deck, Subject, deal, deck_of, pick, units_of, without
from .grouping import given_parts, group_of_each, named_groups
from .protocol import (
    External,
    Given,
    Holdout,
    LeaveOneGroupOut,
    Nested,
    Protocol,
    RandomSplits,
    RepeatedPatientCV,
    Unit,
    unit_of,
)


@dataclass(frozen=True, kw_only=True)
class Fold:
    """Units of one fit: those that train, those that choose when to stop, those that are told nothing.

    name : of the group that is held out, e.g. "center=B"; "" where folds are dealt. inner : folds of this fold's
    training and validation part, which choose among variants.
    """

    repeat: int
    fold: int
    train: tuple[str, ...]
    validation: tuple[str, ...]
    held_out: tuple[str, ...]
    name: str = ""
    inner: tuple["Fold", ...] = ()


@dataclass(frozen=True, kw_only=True)
class Splits:
    """All folds, and the test part that none of them sees. unit : what the ids are of."""

    seed: int
    test: tuple[str, ...]
    folds: tuple[Fold, ...]
    unit: Unit = "patient"


def make_splits(protocol: Protocol, subjects: Iterable[Subject], seed: int) -> Splits:
    """Split as the protocol says. Ids of patients that are ``plain_id`` alike always stay together.

    RefusedError where a protocol goes by a column that does not name exactly one group for every patient.
    """
    deck = deck_of(subjects)
    test: frozenset[str] = frozenset()
    match protocol:
        case RepeatedPatientCV() | Nested():
            test = pick(deck, protocol.test_fraction, (seed, "test"))
            folds = _crossed(without(deck, test), protocol, seed)
        case Holdout(test_fraction=fraction, validation_fraction=share, every_class=every):
            test = pick(deck, fraction, (seed, "test"))
            fewest = 1 if every else FEWEST_VALIDATION
            folds = [_fold(without(deck, test), frozenset(), share, (seed, 0, 0), fewest=fewest)]
        case RandomSplits(repeats=repeats, test_fraction=fraction, validation_fraction=share):
            drawn = [pick(deck, fraction, (seed, repeat, "random")) for repeat in range(repeats)]
            folds = [_fold(deck, held_out, share, (seed, repeat, 0)) for repeat, held_out in enumerate(drawn)]
        case LeaveOneGroupOut(column=column, validation_fraction=share):
            named = group_of_each(deck, column)
            folds = [
                _fold(deck, keys, share, (seed, 0, number), name=f"{column}={name}")
                for number, (name, keys) in enumerate(sorted(named.items()))
            ]
        case External(column=column, groups=groups):
            test = named_groups(deck, column, groups)
            folds = _crossed(without(deck, test), protocol, seed)
        case Given(column=column):
            train, validation, test = given_parts(deck, column)
            told, choosing = units_of(deck, train), units_of(deck, validation)
            folds = [Fold(repeat=0, fold=0, train=told, validation=choosing, held_out=())]
    return Splits(seed=seed, test=units_of(deck, test), folds=tuple(folds), unit=unit_of(protocol))


def _crossed(deck: Deck, protocol: RepeatedPatientCV | Nested | External, seed: int) -> list[Fold]:
    """Folds of a cross-validation, dealt anew for every repeat."""
    count = protocol.outer if isinstance(protocol, Nested) else protocol.folds
    inner = protocol.inner if isinstance(protocol, Nested) else 0
    return [
        _fold(deck, held_out, protocol.validation_fraction, (seed, repeat, number), inner=inner)
        for repeat in range(protocol.repeats)
        for number, held_out in enumerate(deal(deck, count, (seed, repeat)))
    ]


def _fold(
    deck: Deck,
    held_out: frozenset[str],
    fraction: float,
    place: tuple[int, int, int],
    *,
    name: str = "",
    inner: int = 0,
    fewest: int = FEWEST_VALIDATION,
) -> Fold:
    """A fold at its place: seed, repeat, number."""
    rest = without(deck, held_out)
    validation = pick(rest, fraction, (*place, "validation"), fewest=fewest)
    dealt = deal(rest, inner, (*place, "inner")) if inner else []
    return Fold(
        repeat=place[1],
        fold=place[2],
        train=units_of(deck, frozenset(rest) - validation),
        validation=units_of(deck, validation),
        held_out=units_of(deck, held_out),
        name=name,
        inner=tuple(_inner(rest, keys, fraction, place, number) for number, keys in enumerate(dealt)),
    )


def _inner(deck: Deck, held_out: frozenset[str], fraction: float, place: tuple[int, int, int], number: int) -> Fold:
    rest = without(deck, held_out)
    validation = pick(rest, fraction, (*place, "inner", number, "validation"), fewest=FEWEST_VALIDATION)
    return Fold(
        repeat=place[1],
        fold=number,
        train=units_of(deck, frozenset(rest) - validation),
        validation=units_of(deck, validation),
        held_out=units_of(deck, held_out),
    )
