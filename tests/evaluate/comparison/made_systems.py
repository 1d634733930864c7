"""Tables of two systems, made for tests."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from myoperf.core.predictions import NUMBERS, Predictions
from myoperf.evaluate.judgement import Part
from myoperf.evaluate.metrics import Resampling
from myoperf.evaluate.question import Question

Row = Mapping[str, Any]


def systems(columns: Mapping[str, Any], *, replicates: int = 200, part: str = "test") -> list[Question]:
    """The systems named in the column ``variant``, all asked about "target"."""
    n = len(columns["variant"])
    given = {"truth": [np.nan] * n, "score": [np.nan] * n, "split": [part] * n, **columns}
    made = Predictions(
        columns={
            name: np.array(column, dtype=float if name in NUMBERS or name.startswith("class_") else str)
            for name, column in given.items()
        }
    )
    return [
        Question(
            name=f"{name}/target",
            key=("", name, "target"),
            predictions=made,
            rows=np.asarray(made["variant"] == name),
            split=part,
            threshold=None,
            resampling=Resampling(replicates=replicates, seed=0),
        )
        for name in dict.fromkeys(map(str, made["variant"]))
    ]


def twice(n: int) -> dict[str, Any]:
    """Variant and patient of two systems on the same patients."""
    return {"variant": ["a"] * n + ["b"] * n, "patient_id": [f"P{k:03d}" for k in range(n)] * 2}


def rows(part: Part, comparison: str = "") -> dict[str, Row]:
    return {str(row["metric"]): row for row in part.comparisons if comparison in ("", row["comparison"])}
