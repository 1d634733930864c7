"""What a split by image would claim against one by patient."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError
from myoperf.io.cohort_table import is_number

from ..resampling import bootstrap, interval
from .canonical import gathered
from .pictures import Picture
from .roster import Roster

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
_FOLDS, _REPLICATES, _FEWEST = 5, 1000, 10
METHOD = "accuracy of the nearest image of the other folds, by turn-free signature; interval resamples patients (BCa)"


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Accuracy of one plain classifier when images are split, when patients are split, and the difference.

    low, high : 95 % interval of the difference, None where it cannot be made. n : patients; images : images.
    """

    target: str
    by_image: float
    by_patient: float
    difference: float
    low: float | None
    high: float | None
    n: int
    images: int
    method: str = METHOD


def split_gap(roster: Roster, pictures: Sequence[Picture], *, seed: int = 0) -> tuple[tuple[Gap, ...], tuple[str, ...]]:
    """Estimate the gap for every two-valued ``label_*`` column; returns the gaps and why others have none.

    It needs several images a patient, and ``_FEWEST`` patients of each class. It is no claim about any trained system:
    a nearest neighbour shows how much the images of one patient tell of each other.
    """
    row_of = {path: entry for entry in roster.entries for path in entry.files.values()}
    used = [one for one in pictures if len(one.planes) and one.path in row_of]
    gaps, remarks = [], []
    for name in (column for column in roster.columns if column.startswith("label_")):
        told = [one for one in used if row_of[one.path].cells[name]]
        values = [_value(row_of[one.path].cells[name]) for one in told]
        patients = [row_of[one.path].patient for one in told]
        fault = _fault(values, patients)
        if fault:
            remarks.append(f"gap of {name}: {fault}")
            continue
        points = gathered([(one.planes[0], one.shown[0]) for one in told]).signature
        truth = np.array([value == max(values) for value in values])
        gaps.append(_gap(name, points, truth, np.unique(patients, return_inverse=True)[1].reshape(-1), seed))
    return tuple(gaps), tuple(remarks)


def gap(by_image: Mapping[str, float], by_patient: Mapping[str, float]) -> dict[str, float]:
    """Differences (by image minus by patient) of the figures that two scorecards share, by name.

    RefusedError where they share none.
    """
    shared = [name for name in by_image if name in by_patient]
    if not shared:
        came = ", ".join(by_patient) or "none"
        raise RefusedError("gap", rule="two scorecards share figures", came=came, do="judge both alike")
    return {name: by_image[name] - by_patient[name] for name in shared}


def files_of(roster: Roster) -> list[Path]:
    """Every file of a roster once, in its order."""
    return list(dict.fromkeys(path for entry in roster.entries for path in entry.files.values()))


def _value(cell: str) -> str:
    return f"{float(cell):g}" if is_number(cell) else cell


def _fault(values: Sequence[str], patients: Sequence[str]) -> str:
    if len(set(values)) != 2:
        return f"needs two classes, there are {len(set(values))}"
    if len(set(patients)) == len(patients):
        return "one image a patient: both splits are one"
    least = min(len({p for p, v in zip(patients, values, strict=True) if v == one}) for one in set(values))
    return "" if least >= _FEWEST else f"needs {_FEWEST} patients of each class, there are {least}"


def _gap(name: str, points: NDArray[np.float32], truth: NDArray[np.bool_], patient: Codes, seed: int) -> Gap:
    rng = np.random.default_rng(seed)
    n = int(patient.max()) + 1
    by_image = _right(points, truth, rng.permutation(truth.size) % _FOLDS)
    by_patient = _right(points, truth, (rng.permutation(n) % _FOLDS)[patient])
    size = np.bincount(patient, minlength=n).astype(np.float64)
    hits = np.stack([np.bincount(patient, weights=right, minlength=n) for right in (by_image, by_patient)])
    both = np.ones((n, 2), dtype=bool)

    def difference(weight: Floats) -> dict[str, Floats]:
        total = weight @ size
        return {"gap": (weight @ hits[0] - weight @ hits[1]) / total}

    value = float(by_image.mean() - by_patient.mean())
    found = bootstrap(difference, both, rows=n, replicates=_REPLICATES, rng=rng)
    pair = interval(value, found.values["gap"], found.left_out["gap"], found.patients)
    return Gap(
        target=name,
        by_image=float(by_image.mean()),
        by_patient=float(by_patient.mean()),
        difference=value,
        low=pair and pair[0],
        high=pair and pair[1],
        n=n,
        images=truth.size,
    )


def _right(points: NDArray[np.float32], truth: NDArray[np.bool_], fold: NDArray[np.intp]) -> Floats:
    """Whether the nearest image of the other folds has the truth of each image, as 0 and 1."""
    from scipy.spatial import cKDTree

    right = np.empty(truth.size)
    for number in np.unique(fold):
        mine = fold == number
        _, at = cKDTree(points[~mine]).query(points[mine])
        right[mine] = truth[~mine][at] == truth[mine]
    return right
