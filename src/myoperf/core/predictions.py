"""Predictions of any system for any patients: a table by columns, as in ``predictions.csv``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from .errors import RefusedError

REQUIRED = ("patient_id", "truth", "score")
COLUMNS = ("recipe", "variant", "repeat", "fold", "split", "patient_id", "study_id", "target", "truth", "score")
OPTIONAL = ("event", "time_days", "horizon_days", "reader", "condition")
RULE = (
    "the columns patient_id, truth and score must be there (for survival event and time_days instead of truth, for"
    " several classes class_* instead of score)"
)
DEFAULTS = MappingProxyType({"recipe": "", "variant": "", "repeat": 0, "fold": 0, "split": "test", "target": "target"})
NUMBERS = frozenset({"repeat", "fold", "truth", "score", "event", "time_days", "horizon_days"})


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """Columns of equal length; one row is one prediction of one target for one study in one fold.

    columns : name to array. Text columns hold str, those in ``NUMBERS`` and ``class_*`` hold float (NaN = missing).
    ``score`` runs higher = more likely the positive class; ``truth`` is 0 / 1, a class number, or a value.
    """

    columns: Mapping[str, NDArray[np.generic]]

    def __post_init__(self) -> None:
        missing = lacking(self.columns)
        if missing:
            raise RefusedError("predictions", rule=RULE, came=f"no {', '.join(missing)}", do="name the columns so")
        lengths = {len(column) for column in self.columns.values()}
        if len(lengths) > 1:
            raise RefusedError(
                "predictions",
                rule="all columns have one length",
                came=sorted(lengths),
                do="write one value a row in every column",
            )

    def __len__(self) -> int:
        return len(self.columns["patient_id"])

    def __getitem__(self, name: str) -> NDArray[np.generic]:
        if name in self.columns:
            return self.columns[name]
        if name in REQUIRED:
            return np.full(len(self), np.nan)
        if name == "study_id":
            return self.columns["patient_id"]
        return np.full(len(self), DEFAULTS[name])


def lacking(names: Iterable[str]) -> tuple[str, ...]:
    """Needed columns that are not among these. Follow-up (event, time_days) stands for a truth, class_* for a score."""
    there = set(names)
    spared = {"truth"} if {"event", "time_days"} <= there else set()
    spared |= {"score"} if any(name.startswith("class_") for name in there) else set()
    return tuple(name for name in REQUIRED if name not in there | spared)


def is_number(column: str) -> bool:
    """Whether a column of predictions holds numbers."""
    return column in NUMBERS or column.startswith("class_")
