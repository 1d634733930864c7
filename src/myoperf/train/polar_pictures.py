"""Polar maps of studies that are told by pictures alone: screenshots and exported discs in place of DICOM files."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from myoperf.core.errors import MyoperfError
from myoperf.core.polar import REFERENCE_PERCENTILE, PolarMap, weighted_percentile
from myoperf.core.progress import Progress
from myoperf.core.terms import State
from myoperf.io.cache import Arrays, Cache, cache_key
from myoperf.io.cohort_table import SERIES_COLUMNS, CohortRow
from myoperf.quant.batch import each

from .studies import Maps

_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Pictured:
    """Maps of the studies whose pictures could be read, and one line for every picture that could not."""

    maps: Maps
    refused: tuple[str, ...]


def has_series(row: CohortRow) -> bool:
    """Whether a row names a series of slices, which is measured."""
    return row.stress is not None or row.rest is not None or any(name in row.files for name in SERIES_COLUMNS)


def has_pictures(row: CohortRow) -> bool:
    """Whether a row names pictures of polar maps."""
    return any(_column(state) in row.files for state in State)


def on_both(rows: Sequence[CohortRow]) -> tuple[str, ...]:
    """A sentence where rows name both: their pictures are not looked at."""
    count = sum(has_series(row) and has_pictures(row) for row in rows)
    return (f"{count} studies name DICOM files and pictures of polar maps; the files are measured",) if count else ()


def picture_maps(rows: Sequence[CohortRow], *, cache: Cache, jobs: int | None, progress: Progress) -> Pictured:
    """Polar maps read from the pictures that rows name, kept by the content of the pictures.

    A picture that is refused costs its state; a study without any map is left out.
    """
    maps: dict[str, dict[State, PolarMap]] = {}
    refused: list[str] = []
    read = partial(_study, cache=cache)
    for row, (found, lines) in zip(
        rows, each(read, rows, jobs=jobs, progress=progress, what="polar pictures"), strict=True
    ):
        refused.extend(lines)
        if found:
            maps[row.study_id] = found
    return Pictured(maps=maps, refused=tuple(refused))


def _column(state: State) -> str:
    return f"{state.value}_polar"


def _study(row: CohortRow, cache: Cache) -> tuple[dict[State, PolarMap], tuple[str, ...]]:
    maps: dict[State, PolarMap] = {}
    lines: list[str] = []
    for state in State:
        if _column(state) not in row.files:
            continue
        try:
            maps[state] = _read(row, state, cache)
        except (MyoperfError, OSError) as error:
            lines.append(f"{row.source or row.study_id}, {_column(state)}: {error}")
    return maps, tuple(lines)


def _read(row: CohortRow, state: State, cache: Cache) -> PolarMap:
    from myoperf.io.polar_image import read_polar_map

    path, inside = row.files[_column(state)], row.inside.get(_column(state), "")
    key = cache_key("polar picture", _VERSION, path, state, inside)
    kept = cache.get(key)
    if kept is not None:
        return _from_arrays(kept, state)
    found = _referred(read_polar_map(path, state, inside))
    cache.put(
        key, {"values": found.values, "weight": found.weight, "mm": found.ring_mm, "source": np.array(found.source)}
    )
    return found


def _from_arrays(kept: Arrays, state: State) -> PolarMap:
    return PolarMap(
        values=np.asarray(kept["values"], dtype=np.float64),
        weight=np.asarray(kept["weight"], dtype=np.float64),
        ring_mm=np.asarray(kept["mm"], dtype=np.float64),
        reference_counts=float("nan"),
        state=state,
        source=str(kept["source"]),
    )


def _referred(polar: PolarMap) -> PolarMap:
    """The map in percent of its own 98th percentile, as measured maps are; a picture's 100 is the top of its scale."""
    top = weighted_percentile(polar.values, polar.weight, REFERENCE_PERCENTILE)
    return PolarMap(
        values=polar.values * (100 / top) if top > 0 else polar.values,
        weight=polar.weight,
        ring_mm=polar.ring_mm,
        reference_counts=polar.reference_counts,
        state=polar.state,
        source=polar.source,
    )
