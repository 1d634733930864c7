"""Masks of several randomisations side by side: five numbers and histograms of each, in pixels and in mm."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Table

from .observed import Observed
from .pair import MISSED

Floats = NDArray[np.float64]

SHOWN = ("iou", "dice", "hausdorff")
"""What Wang 2022 prints of each run, in its order."""
_BINS = 20
_DISTANCE = "hausdorff"


def run_tables(
    runs: Mapping[str, Observed],
    pixel_mm: Mapping[str, float] | None = None,
    drawn: Mapping[str, float] | None = None,
) -> dict[str, Table]:
    """Tables of several runs. runs : name to its images, distances in pixels of the masks.

    pixel_mm : size of such a pixel by image name. drawn : pixels of the picture as it came that one of the mask covers,
    by image name; None: they are the same.

    ``run_five_numbers``: minimum, 25th percentile, median, 75th percentile and maximum over the images of each run, of
    IoU, Dice and the Hausdorff distance in pixels of the pictures as they came, and in mm where every image's pixel
    size is known; percentiles are interpolated. ``run_histograms``: counts of the same in 20 even bins, those of a
    figure alike in all runs. A missed mask counts as the worst value. Empty without runs.
    """
    if not runs:
        return {}
    columns = {name: run_columns(found, pixel_mm, drawn) for name, found in runs.items()}
    return {"run_five_numbers": _five(runs, columns), "run_histograms": _histograms(columns)}


def run_columns(
    found: Observed, pixel_mm: Mapping[str, float] | None = None, drawn: Mapping[str, float] | None = None
) -> dict[tuple[str, str], Floats]:
    """Figure and unit to the finite values of one run; arguments as in ``run_tables``."""
    values = {(name, "fraction"): found.columns[name] for name in SHOWN if name != _DISTANCE}
    distance = found.columns[_DISTANCE]
    values[_DISTANCE, "pixels"] = distance * _sizes(found, drawn) if drawn is not None else distance
    if pixel_mm is not None and np.isfinite(_sizes(found, pixel_mm)).all():
        values[_DISTANCE, "mm"] = distance * _sizes(found, pixel_mm)
    return {key: column[np.isfinite(column)] for key, column in values.items()}


def _sizes(found: Observed, of: Mapping[str, float]) -> Floats:
    return np.array([of.get(name, np.nan) for name in found.images], dtype=np.float64)


def _five(runs: Mapping[str, Observed], columns: Mapping[str, Mapping[tuple[str, str], Floats]]) -> Table:
    rows: list[tuple[str | float | None, ...]] = []
    for name, found in runs.items():
        missed = float(found.outcomes[""].count(MISSED))
        for (figure, unit), known in columns[name].items():
            five: list[float | None] = [None] * 5
            if known.size:
                five = [float(value) for value in np.percentile(known, [0, 25, 50, 75, 100])]
            rows.append((name, figure, unit, len(found.patients), float(known.size), missed, *five))
    note = (
        "Over the images of each run; pixels are those of the pictures as they came. A missed area counts as the worst:"
    )
    note += " 0, and the diagonal of the picture."
    return Table(
        columns=("run", "figure", "unit", "patients", "images", "missed", "min", "P25", "median", "P75", "max"),
        rows=tuple(rows),
        note=note,
    )


def _histograms(columns: Mapping[str, Mapping[tuple[str, str], Floats]]) -> Table:
    rows: list[tuple[str | float | None, ...]] = []
    for figure in SHOWN:
        unit = "pixels" if figure == _DISTANCE else "fraction"
        every = np.concatenate([found[figure, unit] for found in columns.values()])
        if not every.size:
            continue
        top = max(float(every.max()), 1e-9) if figure == _DISTANCE else 1.0
        for name, found in columns.items():
            counted, edges = np.histogram(found[figure, unit], bins=_BINS, range=(0.0, top))
            ends = zip(edges[:-1], edges[1:], counted, strict=True)
            rows += [(name, figure, unit, float(low), float(high), float(count)) for low, high, count in ends]
    note = "Each bin holds its lower end, the last one both."
    return Table(columns=("run", "figure", "unit", "from", "to", "images"), rows=tuple(rows), note=note)
