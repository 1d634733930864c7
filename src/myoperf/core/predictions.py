"""Predictions of any system for any patients: a table by columns, as in ``predictions.csv``."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from .errors import RefusedError

REQUIRED = ("patient_id", "truth", "score")
COLUMNS = ("recipe", "variant", "repeat", "fold", "split", "patient_id", "study_id", "target", "truth", "score")
OPTIONAL = ("event", "time_days", "horizon_days", "reader", "condition")
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
        missing = [name for name in REQUIRED if name not in self.columns]
        if missing:
            raise RefusedError(
                "predictions",
                rule=f"the columns {', '.join(REQUIRED)} must be there",
                came=f"no {', '.join(missing)}",
                do="name the columns so",
            )
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
        if name == "study_id":
            return self.columns["patient_id"]
        return np.full(len(self), DEFAULTS[name])


def is_number(column: str) -> bool:
    """Whether a column of predictions holds numbers."""
    return column in NUMBERS or column.startswith("class_")
