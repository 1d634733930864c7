"""Settings of a recipe by dotted name: ``system.training.lr``, ``views.0.size``."""

import difflib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

Changes = Mapping[str, object]
"""Dotted names of settings, and their new values."""

T = TypeVar("T")


def setting(value: object, name: str) -> object:
    """The setting called ``name`` within ``value``; ValueError, with near names, if there is none."""
    found = value
    for part in name.split("."):
        parts = _parts(found)
        if part not in parts:
            near = difflib.get_close_matches(name, setting_names(value), n=3, cutoff=0.5)
            raise ValueError(f"no setting {name!r}" + (f"; near: {', '.join(near)}" if near else ""))
        found = parts[part]
    return found


def setting_names(value: object, prefix: str = "") -> tuple[str, ...]:
    """Dotted names of all settings within ``value``, inner ones after the value that holds them."""
    names: list[str] = []
    for part, inner in _parts(value).items():
        names += [prefix + part, *setting_names(inner, f"{prefix}{part}.")]
    return tuple(names)


def changed(value: T, changes: Changes) -> T:
    """A copy of a frozen value with some settings changed; ValueError for a name or a kind of value that is wrong."""
    for name, new in changes.items():
        _check_kind(name, setting(value, name), new)
        value = _with(value, name.split("."), new)
    return value


def _parts(value: object) -> dict[str, object]:
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in fields(value)}
    if isinstance(value, tuple):
        return {str(k): item for k, item in enumerate(value)}
    return {}


def _with(value: T, path: list[str], new: object) -> T:
    if not path:
        return new  # type: ignore[return-value]  # its kind was checked against the old value
    head, rest = path[0], path[1:]
    if isinstance(value, tuple):
        items = list(value)
        items[int(head)] = _with(items[int(head)], rest, new)
        return type(value)(items)
    return replace(value, **{head: _with(getattr(value, head), rest, new)})  # type: ignore[type-var]  # a dataclass


def _check_kind(name: str, old: object, new: object) -> None:
    """Plain values keep their kind (a whole number may stand for a fraction); described parts may be exchanged."""
    kinds = (bool, str, tuple)
    if is_dataclass(old) != is_dataclass(new) and not (old is None or new is None):
        raise ValueError(f"setting {name}: {old!r} cannot become {new!r}")
    for kind in kinds:
        if isinstance(old, kind) and not isinstance(new, kind) and new is not None:
            raise ValueError(f"setting {name} is of kind {kind.__name__}, got {new!r}")
    if isinstance(old, int | float) and not isinstance(old, bool):
        number = isinstance(new, int) or (isinstance(new, float) and isinstance(old, float))
        if isinstance(new, bool) or not (number or new is None):
            raise ValueError(f"setting {name} is of kind {type(old).__name__}, got {new!r}")
