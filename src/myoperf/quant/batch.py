"""Many studies at once: ``quantify`` for measures, ``cohort_maps`` for polar maps, ``build_normals`` for limits.

Studies go to processes through joblib; one that is refused costs only itself.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TypeVar

import joblib
import numpy as np

from ..core.errors import MyoperfError, RefusedError
from ..core.measures import Measures
from ..core.polar import PolarMap
from ..core.progress import Progress, silent
from ..core.terms import State
from ..io.cache import Cache, cache_key
from ..io.cohort import Cohort, CohortRow, read_study, rows_from_paths
from ..io.files import write_bytes, write_text
from .maps import chosen_series, map_arrays, map_from_arrays, method_version, series_map
from .measure import MeasuredStudy, limits_key, measure_study
from .normals import LimitsKey, NormalLimits, build_limits, read_limits
from .table import as_csv, as_json

FEW = 4
R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class Quantified:
    """Measures of every study that could be measured, and one line for everything refused."""

    measures: tuple[Measures, ...]
    refused: tuple[str, ...]
    table: Path | None = None


def quantify(
    paths: Sequence[Path | str],
    *,
    normals: Path | str | Sequence[NormalLimits] | None = None,
    maps: Path | str | None = None,
    out: Path | str | None = None,
    camera: str | None = None,
    jobs: int | None = None,
    progress: Progress = silent,
) -> Quantified:
    """Measure DICOM files, folders of them, or the studies of a cohort table.

    normals : a file of normal limits (or its entries). Without fitting limits TPD and extent stay empty and scores
        come from percent of maximum. maps : folder for the polar maps, one ``.npz`` a study.
    out : the table (``.csv``, or JSON if the name ends so), or a folder for ``measures.csv``; written when all studies
        are done. camera : name of the camera to look up in the limits instead of the header's.
    Raises RefusedError if no study at all could be measured.
    """
    rows, refused = rows_from_paths(paths)
    limits = read_limits(normals) if isinstance(normals, str | Path) else tuple(normals or ())
    done: list[Measures] = []
    lines = list(refused)
    results = each(_Measure(limits=limits, camera=camera), rows, jobs=jobs, progress=progress, what="studies measured")
    for result in results:
        if isinstance(result, str):
            lines.append(result)
            continue
        done.append(result.measures)
        lines.extend(result.refused)
        if maps is not None:
            write_maps(Path(maps) / f"{safe_name(result.measures.study_id)}.npz", result.maps)
    if not done:
        raise nothing_measured(lines)
    table = None
    if out is not None:
        table = Path(out) if Path(out).suffix in (".csv", ".json") else Path(out) / "measures.csv"
        write_text(table, json.dumps(as_json(done), indent=1) if table.suffix == ".json" else as_csv(done))
    return Quantified(measures=tuple(done), refused=tuple(lines), table=table)


def nothing_measured(lines: Sequence[str]) -> MyoperfError:
    """The error when every study was refused: the reasons, one a line where there are few."""
    if len(lines) == 1:
        return MyoperfError(lines[0])
    shown = "; ".join(lines[:3]) or "no DICOM NM series were found"
    return RefusedError("studies", rule="at least one must be measurable", came=shown, do="see the reasons")


@dataclass(frozen=True, kw_only=True)
class _Measure:
    limits: tuple[NormalLimits, ...]
    camera: str | None

    def __call__(self, row: CohortRow) -> MeasuredStudy | str:
        lines: list[str] = []
        try:
            study = read_study(row, lines)
            return measure_study(study, normals=self.limits, camera=self.camera, refused=tuple(lines))
        except MyoperfError as error:
            return str(error)


@dataclass(frozen=True, kw_only=True)
class StudyMaps:
    """Polar maps of one study, and for each what normal limits would have to be made for."""

    study_id: str
    maps: Mapping[State, PolarMap]
    keys: Mapping[State, LimitsKey]
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Map:
    cache: Cache | None

    def __call__(self, row: CohortRow) -> StudyMaps | str:
        refused: list[str] = []
        try:
            study = read_study(row, refused)
        except MyoperfError as error:
            return str(error)
        maps, keys = {}, {}
        for state, series in chosen_series(study).items():
            try:
                maps[state] = self._kept(Path(series.source), state, partial(series_map, series))
                keys[state] = limits_key(study, series)
            except MyoperfError as error:
                refused.append(str(error))
        if not maps:
            return "; ".join(refused)
        return StudyMaps(study_id=row.study_id, maps=maps, keys=keys, refused=tuple(refused))

    def _kept(self, path: Path, state: State, make: Callable[[], PolarMap]) -> PolarMap:
        if self.cache is None:
            return make()
        key = cache_key("polar map", method_version(), path.read_bytes())
        arrays = self.cache.get(key)
        if arrays is None:
            polar = make()
            self.cache.put(key, map_arrays(polar))
            return polar
        return map_from_arrays(arrays, state)


@dataclass(frozen=True, kw_only=True)
class CohortMaps:
    """Polar maps by study and state, in the order of the cohort; refused studies are left out, with their reasons."""

    studies: Mapping[str, StudyMaps]
    refused: tuple[str, ...]

    def maps(self) -> dict[str, Mapping[State, PolarMap]]:
        """``{study_id: {state: PolarMap}}``."""
        return {study_id: study.maps for study_id, study in self.studies.items()}


def cohort_maps(
    rows: Iterable[CohortRow], *, cache: Cache | None = None, jobs: int | None = None, progress: Progress = silent
) -> CohortMaps:
    """Polar maps of every study of a cohort, from the cache where they are kept."""
    studies: dict[str, StudyMaps] = {}
    refused: list[str] = []
    for result in each(_Map(cache=cache), list(rows), jobs=jobs, progress=progress, what="polar maps"):
        if isinstance(result, str):
            refused.append(result)
        else:
            studies[result.study_id] = result
            refused.extend(result.refused)
    return CohortMaps(studies=studies, refused=tuple(refused))


def build_normals(
    cohort: Cohort,
    rows: Sequence[CohortRow],
    *,
    where: str,
    cache: Cache | None = None,
    jobs: int | None = None,
    progress: Progress = silent,
) -> tuple[tuple[NormalLimits, ...], tuple[str, ...]]:
    """Normal limits from the given rows (all of them normal), by sex and pooled, for every kind of study among them.

    A group of fewer than five patients gives no limits and a line that says so. RefusedError if no group is left.
    """
    found = cohort_maps(rows, cache=cache, jobs=jobs, progress=progress)
    digest = hashlib.sha256(cohort.path.read_bytes()).hexdigest()
    source = {"cohort": cohort.path.name, "cohort_sha256": digest, "where": where, "method": method_version()}
    groups: dict[LimitsKey, list[PolarMap]] = {}
    for study in found.studies.values():
        for state, polar in study.maps.items():
            key = study.keys[state]
            for member in {key, _pooled(key)}:
                groups.setdefault(member, []).append(polar)
    entries, lines = [], list(found.refused)
    for key in sorted(groups, key=repr):
        try:
            entries.append(build_limits(key, groups[key], source=source))
        except RefusedError as error:
            lines.append(str(error))
    if not entries:
        raise RefusedError(
            cohort.path,
            rule="at least five patients of one kind must be normal",
            came="; ".join(lines),
            do="check --where, or give more normal patients",
        )
    return tuple(entries), tuple(lines)


def _pooled(key: LimitsKey) -> LimitsKey:
    return LimitsKey(**{**vars(key), "sex": None})


def each(
    work: Callable[[CohortRow], R], rows: Sequence[CohortRow], *, jobs: int | None, progress: Progress, what: str
) -> Iterator[R]:
    """Results in the order of the rows; in this process for a few rows, in several for many."""
    count = min(joblib.cpu_count() if jobs is None else jobs, max(1, len(rows) // FEW))
    if count == 1:
        results: Iterable[R] = map(work, rows)
    else:
        size = max(1, min(16, len(rows) // (4 * count)))
        results = joblib.Parallel(n_jobs=count, return_as="generator", batch_size=size)(
            joblib.delayed(work)(row) for row in rows
        )
    for done, result in enumerate(results, start=1):
        progress(what, done, len(rows))
        yield result


def write_maps(path: Path, maps: Mapping[State, PolarMap]) -> Path:
    """Polar maps of a study as ``.npz``: ``stress, rest`` in percent of maximum (rings x sectors), ``weight`` (sums
    to 1) and ``mm`` (ring positions) of the stress map, the rest map's own as ``weight_rest, mm_rest``."""
    arrays: dict[str, np.ndarray] = {}
    for state, polar in maps.items():
        tail = "" if state is State.STRESS or State.STRESS not in maps else "_rest"
        arrays |= {str(state): polar.values, f"weight{tail}": polar.weight, f"mm{tail}": polar.ring_mm}
    stream = BytesIO()
    np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]  # the stubs take names for options
    return write_bytes(path, stream.getvalue())


def safe_name(study_id: str) -> str:
    """A file name for an id: the id itself if it is plain, else its plain part and a digest; no two ids share one."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", study_id) and not study_id.endswith("."):
        return study_id
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", study_id)[:40].strip("_")
    return f"study-{plain}-{hashlib.sha256(study_id.encode()).hexdigest()[:12]}"
