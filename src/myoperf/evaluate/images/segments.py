"""Error of the 17 segments of a polar map: each in percent of maximum, and all together."""

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError
from myoperf.core.scorecard import Table
from myoperf.core.segments import AHA17

from ..cluster_means import Rows, cluster_means
from ..judgement import Part
from ..metrics import Resampling

Floats = NDArray[np.float64]

SEGMENTS = len(AHA17)


def judge_segments(reference: Floats, predicted: Floats, patient: NDArray[np.intp], resampling: Resampling) -> Part:
    """Judge values of 17 segments, percent of maximum, both of shape (rows, 17); patient : code of every row.

    Metrics: ``segment_mae``, the mean over rows and segments of the absolute difference (0 is perfect, higher is
    worse), and ``segment_bias``, that of the difference predicted minus reference, in percent of maximum. Table
    ``segments``: both for each segment. Intervals draw patients. RefusedError for other shapes and for values that are
    not finite.
    """
    if (
        reference.shape != predicted.shape
        or reference.ndim != 2
        or reference.shape[1] != SEGMENTS
        or not reference.size
    ):
        came = f"{reference.shape} and {predicted.shape}"
        raise RefusedError("segments", rule="rows of 17 values on both sides", came=came, do="write 17 a row")
    if not (np.isfinite(reference).all() and np.isfinite(predicted).all()):
        raise RefusedError("segments", rule="every value is a finite number", came="NaN", do="leave the row out")
    gap = predicted - reference
    columns = {"segment_mae": np.abs(gap).mean(axis=1), "segment_bias": gap.mean(axis=1)}
    for segment in AHA17:
        one = gap[:, segment.number - 1]
        columns |= {f"mae {segment.number}": np.abs(one), f"bias {segment.number}": one}
    said = {
        "segment_mae": "mean absolute difference of 17 segments, percent of maximum",
        "segment_bias": "mean difference of 17 segments (predicted minus reference), percent of maximum",
    }
    found = cluster_means(Rows(patient=patient, columns=columns, what="rows"), resampling, said)
    rows: list[tuple[str | float | None, ...]] = []
    for segment in AHA17:
        mae, bias = found[f"mae {segment.number}"], found[f"bias {segment.number}"]
        rows.append(
            (segment.number, segment.name, mae.value, mae.low, mae.high, bias.value, bias.low, bias.high, mae.n)
        )
    header = ("segment", "name", "mae", "mae low", "mae high", "bias", "bias low", "bias high", "patients")
    note = "Percent of maximum; 95 % intervals draw whole patients."
    return Part(
        metrics={name: found[name] for name in said},
        tables={"segments": Table(columns=header, rows=tuple(rows), note=note)},
    )
