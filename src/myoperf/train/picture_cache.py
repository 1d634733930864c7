"""The pictures of a study as a view shows them, made once and kept beside the cohort as arrays that can be mapped."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import joblib
import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import MyoperfError
from myoperf.core.progress import Progress
from myoperf.io.cache import Cache, cache_key
from myoperf.io.cohort_table import CohortRow
from myoperf.io.files import write_bytes, write_text
from myoperf.io.picture_stack import Cell, PictureStack, read_stack
from myoperf.views import Images

from .picture_size import as_seen, masks_as_seen

VERSION = 1
MASK = "mask"
Array = NDArray[np.generic]
Kept = Path | Array


@dataclass(frozen=True, kw_only=True)
class PictureStudy:
    """All pictures of one study. names : of its pictures. labels : question to the answer of each (NaN: none).

    images : (pictures, 1 or 3, size, size). masks : (pictures, 1, size, size) or None. marked : pictures that somebody
    has looked at, by name of the mask. areas : pixels of each mask above 0. shape : of a picture as it came.
    spacing_mm : of such a picture, if known. key : stands for the contents.
    """

    names: tuple[str, ...]
    labels: Mapping[str, tuple[float, ...]]
    images: Kept = field(repr=False)
    masks: Kept | None = field(repr=False)
    marked: tuple[bool, ...]
    areas: tuple[float, ...]
    shape: tuple[int, int]
    spacing_mm: tuple[float, float] | None
    key: str


def picture_studies(
    view: Images, rows: Sequence[CohortRow], cache: Cache, *, jobs: int | None, progress: Progress
) -> tuple[dict[str, PictureStudy], tuple[str, ...]]:
    """Pictures of every study by its id, and one line for each that has none or cannot be read."""
    found: dict[str, PictureStudy] = {}
    refused: list[str] = []
    count = min(joblib.cpu_count() if jobs is None else jobs, max(len(rows), 1))
    made = joblib.Parallel(n_jobs=count, return_as="generator")(joblib.delayed(_one)(view, row, cache) for row in rows)
    for number, (row, told) in enumerate(zip(rows, made, strict=True), start=1):
        if isinstance(told, str):
            refused.append(told)
        else:
            found[row.study_id] = told
        progress("studies with pictures", number, len(rows))
    return found, tuple(refused)


def _one(view: Images, row: CohortRow, cache: Cache) -> PictureStudy | str:
    where = row.source or row.study_id
    if row.files.get(view.column) is None:
        return f"{where}: pictures in the column {view.column}; got none; fill the cell"
    try:
        return study_of(view, row, cache)
    except (MyoperfError, OSError) as error:
        return f"{where}: {error}"


def study_of(view: Images, row: CohortRow, cache: Cache) -> PictureStudy:
    """Pictures of one study, from the cache where they are kept. RefusedError where they cannot be read."""
    cells = {column: _cell(row, column) for column in (view.column, MASK) if row.files.get(column) is not None}
    seen = (view.size, view.fit, view.window, view.channels if view.channels == 1 else "colours")
    key = cache_key("pictures", VERSION, *seen, [(name, cell.inside, _contents(cell)) for name, cell in cells.items()])
    place = cache.folder / key[:2]
    held = _read(place, key)
    return held or _made(view, read_stack(cells[view.column], cells.get(MASK)), place, key)


def _cell(row: CohortRow, column: str) -> Cell:
    return Cell(path=row.files[column], inside=row.inside.get(column, ""))


def _contents(cell: Cell) -> list[object]:
    """What a cell's pictures follow from: the bytes of its file, a folder's files, the files that a table names."""
    if cell.path.is_dir():
        return [(str(path.relative_to(cell.path)), path) for path in sorted(cell.path.rglob("*")) if path.is_file()]
    return [cell.path, *((str(path.name), path) for path in _named(cell.path))]


def _named(table: Path) -> Iterator[Path]:
    if table.suffix.lower() not in (".csv", ".json"):
        return
    text = table.read_text(encoding="utf-8-sig", errors="replace")
    cells = [cell for line in csv.reader(io.StringIO(text)) for cell in line] if table.suffix.lower() == ".csv" else []
    for name in dict.fromkeys(cell.strip() for cell in cells):
        path = table.parent / name
        if name and len(name) < 256 and path.is_file():
            yield path
            if path.with_suffix(".json").is_file():
                yield path.with_suffix(".json")


def _read(place: Path, key: str) -> PictureStudy | None:
    """What was kept; None where it was not, or is not whole."""
    try:
        told = json.loads((place / f"{key[2:]}.json").read_text(encoding="utf-8"))
        files = {name: place / f"{key[2:]}.{name}.npy" for name in ("images", "masks")}
        if not files["images"].is_file() or (told["has_masks"] and not files["masks"].is_file()):
            return None
        spacing = told["spacing_mm"]
        return PictureStudy(
            names=tuple(told["names"]),
            labels={name: tuple(_number(one) for one in each) for name, each in told["labels"].items()},
            images=files["images"],
            masks=files["masks"] if told["has_masks"] else None,
            marked=tuple(map(bool, told["marked"])),
            areas=tuple(map(float, told["areas"])),
            shape=(int(told["shape"][0]), int(told["shape"][1])),
            spacing_mm=None if spacing is None else (float(spacing[0]), float(spacing[1])),
            key=key,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None


def _made(view: Images, stack: PictureStack, place: Path, key: str) -> PictureStudy:
    images = as_seen(view, stack.images)
    masks = None if stack.masks is None else masks_as_seen(view, stack.masks)
    count = len(stack.names)
    shape = (int(stack.images.shape[1]), int(stack.images.shape[2]))
    marked = np.full(count, masks is not None) if stack.marked is None else stack.marked
    study = PictureStudy(
        names=stack.names,
        labels={name: tuple(map(float, each)) for name, each in stack.labels.items()},
        images=images,
        masks=masks,
        marked=tuple(bool(one) and masks is not None for one in marked),
        areas=(0.0,) * count if masks is None else tuple(map(float, (masks > 0).sum(axis=(1, 2, 3)))),
        shape=shape,
        spacing_mm=stack.spacing_mm,
        key=key,
    )
    if not place.parent.parent.is_dir() or not place.parent.parent.stat().st_mode & 0o222:
        return study  # nothing is written beside a cohort that is marked read-only
    try:
        _keep(study, images, masks, place)
    except OSError:
        return study
    return _read(place, key) or study


def _keep(study: PictureStudy, images: Array, masks: Array | None, place: Path) -> None:
    """The arrays, then the words: what has words is whole."""
    for name, array in (("images", images), ("masks", masks)):
        if array is not None:
            stream = io.BytesIO()
            np.save(stream, array, allow_pickle=False)
            write_bytes(place / f"{study.key[2:]}.{name}.npy", stream.getvalue())
    told = {
        "names": study.names,
        "labels": {name: [None if np.isnan(one) else one for one in each] for name, each in study.labels.items()},
        "has_masks": masks is not None,
        "marked": study.marked,
        "areas": study.areas,
        "shape": study.shape,
        "spacing_mm": study.spacing_mm,
    }
    write_text(place / f"{study.key[2:]}.json", json.dumps(told) + "\n")


def _number(told: float | None) -> float:
    return float("nan") if told is None else float(told)
