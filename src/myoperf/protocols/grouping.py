"""Parts of a split that a column of the cohort names."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from myoperf.core.errors import RefusedError

from .dealing import Deck

PARTS: Mapping[str, str] = MappingProxyType(
    {
        "train": "train",
        "training": "train",
        "validation": "validation",
        "val": "validation",
        "valid": "validation",
        "test": "test",
        "testing": "test",
    }
)
"""Words of a column of parts, in small letters, and the part that each means."""

_DO = "fill the cells with one group a patient, or leave the rows out with --where"


def group_of_each(deck: Deck, column: str) -> dict[str, frozenset[str]]:
    """Keys by group; RefusedError unless every patient has one group and there are two or more."""
    found = _by_group(deck, column)
    if len(found) < 2:
        came = f"only {', '.join(found)}" if found else "no patients"
        raise _refused(column, "at least two groups, so that one can be left out", came, "name another column")
    return found


def named_groups(deck: Deck, column: str, names: Sequence[str]) -> frozenset[str]:
    """Keys of the named groups; RefusedError for a group that is not there, or where no other group is left."""
    found = _by_group(deck, column)
    missing = [name for name in names if name not in found]
    if missing:
        raise _refused(column, f"one of {_short(sorted(found))}", repr(missing[0]), "name groups of this cohort")
    if not set(found) - set(names):
        raise _refused(column, "a group that trains is left beside the test part", "none", "name fewer groups")
    return frozenset(key for name in names for key in found[name])


def given_parts(deck: Deck, column: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Keys of the training, validation and test part; RefusedError for another word, or without a training part or
    without a part to be judged."""
    parts: dict[str, set[str]] = {"train": set(), "validation": set(), "test": set()}
    for word, keys in _by_group(deck, column).items():
        if word.casefold() not in PARTS:
            raise _refused(column, "train, validation or test", repr(word), "correct the cells")
        parts[PARTS[word.casefold()]] |= keys
    if not parts["train"] or not (parts["test"] or parts["validation"]):
        came = ", ".join(f"{len(keys)} {part}" for part, keys in parts.items())
        raise _refused(column, "patients that train and patients that are judged", came, "name both parts")
    train, validation, test = (frozenset(keys) for keys in parts.values())
    return train, validation, test


def _by_group(deck: Deck, column: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for key, together in deck.items():
        who = together.units[0]
        if len(together.groups) > 1 and all(together.groups):
            raise _refused(column, "one group a patient", f"{who} in {_short(together.groups)}", _DO)
        if not together.groups or not all(together.groups):
            raise _refused(column, "a group for every patient", f"none for {who}", _DO)
        found.setdefault(together.groups[0], set()).add(key)
    return {name: frozenset(keys) for name, keys in found.items()}


def _short(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (", …" if len(names) > 10 else "")


def _refused(column: str, rule: str, came: str, do: str) -> RefusedError:
    return RefusedError(f"column {column}", rule=rule, came=came, do=do)
