"""``splits.json``: splits frozen with a checksum."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from myoperf.core.errors import RefusedError

from .splits import Fold, Splits

FORMAT = 2
"""Format 1 had neither ``unit`` nor names and inner folds; it is still read."""


def splits_json(splits: Splits) -> str:
    """The splits as JSON text with a checksum: ``format, seed, test, folds, unit, sha256``; a fold has ``repeat, fold,
    train, validation, held_out, name, inner``, ids as the cohort writes them."""
    body = {"format": FORMAT, **asdict(splits)}
    return json.dumps({**body, "sha256": _digest(body)}, indent=1, ensure_ascii=False) + "\n"


def read_splits(path: Path | str) -> Splits:
    """Splits from ``splits.json``; RefusedError where they are not there or were changed since they were written."""
    try:
        body = json.loads(Path(path).read_text(encoding="utf-8"))
        told = body.pop("sha256")
        whole = told == _digest(body)
        if body["format"] not in (1, FORMAT) or body.get("unit", "patient") not in ("patient", "image"):
            raise ValueError(f"format {body['format']}, unit {body.get('unit')}")
        splits = Splits(
            seed=body["seed"],
            test=_ids(body["test"]),
            folds=tuple(map(_fold, body["folds"])),
            unit=body.get("unit", "patient"),
        )
    except OSError as error:
        raise _refused(path, "a run holds its splits", error.strerror, "name a run folder") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _refused(path, "splits as this package writes them", error, "start a new run folder") from None
    if not whole:
        raise _refused(path, "splits stay as they were made", "another checksum", "start a new run folder")
    return splits


def _fold(told: Mapping[str, object]) -> Fold:
    parts = {name: _ids(told[name]) for name in ("train", "validation", "held_out")}
    repeat, fold = told["repeat"], told["fold"]
    inner = told.get("inner", [])
    if not (isinstance(repeat, int) and isinstance(fold, int) and isinstance(inner, list)):
        raise TypeError("repeat and fold are whole numbers, inner folds a list")
    return Fold(repeat=repeat, fold=fold, name=str(told.get("name", "")), inner=tuple(map(_fold, inner)), **parts)


def _ids(told: object) -> tuple[str, ...]:
    if not isinstance(told, list):
        raise TypeError("a part is a list of ids")
    return tuple(map(str, told))


def _digest(body: object) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _refused(path: Path | str, rule: str, came: object, do: str) -> RefusedError:
    return RefusedError(path, rule=rule, came=came, do=do)
