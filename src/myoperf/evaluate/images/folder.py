"""Images of a system (attenuation-corrected, denoised) against their references, from files to a scorecard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError
from myoperf.core.scorecard import Scorecard, Table, TargetScore, Threshold
from myoperf.io.arrays import read_array
from myoperf.io.file_pairs import SUB_FOLDERS, FilePair, Patients, match_files, patients_of

from ..cluster_means import Rows, cluster_means
from ..judgement import Part
from ..metrics import Resampling
from . import error, similarity
from .segments import SEGMENTS, judge_segments

Floats = NDArray[np.float64]

SUFFIXES = (".npy", ".npz")
TARGET = "images"
NAMES = (*error.NAMES, "ssim")
_SAID = {**error.SAID, "ssim": similarity.SAID}
_MOST = 8_000_000


@dataclass(frozen=True, kw_only=True)
class ImagesJudged:
    """A scorecard, and one line for each file that was refused while the others were judged."""

    card: Scorecard
    refused: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Images:
    """What was read: figures of every image, or rows of 17 segments of every file."""

    names: list[str]
    patients: list[str]
    figures: list[Mapping[str, float | None]]
    segments: list[tuple[str, Floats, Floats]]
    refused: list[str]


def judge_images(
    truth: Path,
    predicted: Path,
    *,
    patients: Mapping[str, str] | Path | None = None,
    data_range: float | None = None,
    title: str = "",
    seed: int = 0,
    bootstrap: int = 2000,
) -> ImagesJudged:
    """Judge arrays (``.npy``, ``.npz``; ``PATH#ARRAY`` chooses one) against the references of their names.

    Arrays of two or three axes are images: NMSE, NMAE, RMSE, PSNR and SSIM, each the mean over images. Arrays of 17
    values, or rows of them, are segments of polar maps in percent of maximum. data_range : range of the values, for all
    images; None takes each reference's own. patients : as in ``judge_masks``. Raises RefusedError where nothing can be
    judged.
    """
    if data_range is not None and not 0 < data_range < float("inf"):
        raise RefusedError("data range", rule="a number above 0", came=data_range, do="give maximum minus minimum")
    files = match_files(truth, predicted, suffixes=SUFFIXES)
    people = patients_of(tuple(pair.key for pair in files.pairs), patients)
    found = _read(files.pairs, people, data_range)
    refused = (*files.refused, *found.refused)
    if not found.names and not found.segments:
        raise RefusedError("images", rule="at least one pair can be judged", came=refused[0], do="correct the files")
    resampling = Resampling(replicates=bootstrap, seed=seed)
    parts = {TARGET: _images(found, resampling, data_range)} if found.names else {}
    parts |= {"segments": _segments(found, resampling)} if found.segments else {}
    told = (f"patients are told apart by {people.known_by}",) if people.known_by == SUB_FOLDERS else ()
    lost = (f"{len(refused)} files are not judged",) if refused else ()
    said = [line for part in parts.values() for line in part.warnings]
    owners = {*found.patients, *(patient for patient, _, _ in found.segments)}
    card = Scorecard(
        title=title or "Images",
        n_patients=len(owners),
        n_rows=len(found.names) + sum(len(rows) for _, rows, _ in found.segments),
        split="images",
        threshold=Threshold(value=None, chosen_on="none: images have no threshold"),
        targets={name: TargetScore(metrics=p.metrics, kind="images", tables=p.tables) for name, p in parts.items()},
        warnings=(*told, *lost, *(f"refused: {line}" for line in refused), *files.notes, *people.warnings, *said),
    )
    return ImagesJudged(card=card, refused=refused)


def _read(pairs: Sequence[FilePair], people: Patients, data_range: float | None) -> _Images:
    found = _Images(names=[], patients=[], figures=[], segments=[], refused=[])
    for pair in pairs:
        patient = people.of.get(pair.key)
        if patient is None:
            found.refused.append(f"{pair.truth}: the table of patients does not tell whose it is; not judged")
            continue
        try:
            reference = read_array(pair.truth, pair.truth_array, into=np.float64, most=_MOST)
            image = read_array(pair.predicted, pair.predicted_array, into=np.float64, most=_MOST)
            _take(
                found,
                pair.key,
                patient,
                (np.asarray(reference, dtype=np.float64), np.asarray(image, np.float64)),
                data_range,
            )
        except RefusedError as wrong:
            found.refused.append(str(wrong) if pair.truth.name in str(wrong) else f"{pair.truth}: {wrong}")
    return found


def _take(found: _Images, name: str, patient: str, arrays: tuple[Floats, Floats], data_range: float | None) -> None:
    """Judge one file and put it where it belongs."""
    reference, image = arrays
    error.check_images(reference, image)
    if reference.shape[-1:] == (SEGMENTS,) and reference.ndim <= 2:
        found.segments.append((patient, reference.reshape(-1, SEGMENTS), image.reshape(-1, SEGMENTS)))
        return
    if reference.ndim not in (2, 3):
        rule = "an image has two or three axes, segments are rows of 17"
        raise RefusedError("images", rule=rule, came=reference.shape, do="write one image a file")
    figures = error.image_errors(reference, image, data_range=data_range)
    found.figures.append({**figures, "ssim": similarity.ssim(reference, image, data_range=data_range)})
    found.names.append(name)
    found.patients.append(patient)


def _images(found: _Images, resampling: Resampling, data_range: float | None) -> Part:
    code = np.unique(np.array(found.patients, dtype=np.str_), return_inverse=True)[1].reshape(-1)
    columns = {name: np.array([_number(one[name]) for one in found.figures]) for name in NAMES}
    own = "" if data_range is None else f"; range given: {data_range:g}"
    metrics = cluster_means(
        Rows(patient=code, columns=columns), resampling, {name: f"{_SAID[name]}{own}" for name in NAMES}
    )
    undefined = {name: int((~np.isfinite(column)).sum()) for name, column in columns.items()}
    warnings = tuple(
        f"{name}: not defined for {count} of {len(found.names)} images ({_why(name)})"
        for name, count in undefined.items()
        if count
    )
    return Part(metrics=metrics, tables={"five_numbers": _five_numbers(columns)}, warnings=warnings)


def _why(name: str) -> str:
    if name == "ssim":
        return f"an axis shorter than {similarity.WINDOW} pixels, or a constant reference"
    return "the image equals its reference, or that is constant" if name == "psnr" else "a reference without values"


def _five_numbers(columns: Mapping[str, Floats]) -> Table:
    rows: list[tuple[str | float | None, ...]] = []
    for name, column in columns.items():
        known = column[np.isfinite(column)]
        five = [float(v) for v in np.percentile(known, [0, 25, 50, 75, 100])] if known.size else [None] * 5
        rows.append((name, known.size, *five))
    return Table(
        columns=("figure", "images", "min", "P25", "median", "P75", "max"),
        rows=tuple(rows),
        note="Over images, every image counting the same; percentiles are interpolated.",
    )


def _segments(found: _Images, resampling: Resampling) -> Part:
    owner = [patient for patient, rows, _ in found.segments for _ in range(len(rows))]
    code = np.unique(np.array(owner, dtype=np.str_), return_inverse=True)[1].reshape(-1)
    reference = np.concatenate([rows for _, rows, _ in found.segments])
    predicted = np.concatenate([rows for _, _, rows in found.segments])
    return judge_segments(reference, predicted, code, resampling)


def _number(value: float | None) -> float:
    return np.nan if value is None else value
