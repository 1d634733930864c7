"""Masks of a system against the true ones, from two files or two folders, to a scorecard."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from myoperf.core.errors import RefusedError
from myoperf.core.scorecard import Scorecard, TargetScore, Threshold
from myoperf.io.file_pairs import SUB_FOLDERS, FilePair, match_files, patients_of
from myoperf.io.masks import SUFFIXES, Labels, read_mask

from ..judgement import Comparison
from ..metrics import Resampling
from .classes import ClassFigures, judge_classes
from .observed import ImageFigures, Observed, observed
from .summary import summary

TARGET = "masks"
_KEPT_NAMES = frozenset({"", "macro", "weighted", "background", "mean_with_background"})
_NO_LABELS: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class MaskSet:
    """What was found in all masks that could be judged, one line for each that could not, and what to know of them."""

    found: Observed
    refused: tuple[str, ...]
    warnings: tuple[str, ...]
    known_by: str


@dataclass(frozen=True, kw_only=True)
class MasksJudged:
    """A scorecard, and one line for each file that was refused while the others were judged."""

    card: Scorecard
    refused: tuple[str, ...]


def judge_masks(
    truth: Path,
    predicted: Path,
    *,
    spacing: tuple[float, ...] | None = None,
    patients: Mapping[str, str] | Path | None = None,
    labels: Mapping[int, str] | None = None,
    title: str = "",
    seed: int = 0,
    bootstrap: int = 2000,
) -> MasksJudged:
    """Judge masks (``.png``, ``.npy``, ``.npz``; ``PATH#ARRAY`` chooses an array) against the true ones of their names.

    spacing : mm between neighbours along each axis, (row, column) or (slice, row, column); None counts pixels. An array
    of three axes is a volume, but with a spacing of two numbers each of its planes is an image. patients : image to
    patient id, or a CSV with the columns file and patient_id; without it the sub-folder is the patient, and without
    sub-folders each image is one (and a warning says so). labels : class number to name. bootstrap : replicates.
    Every figure is a mean over images; its interval draws patients. Raises RefusedError where nothing can be judged.
    """
    judged = mask_set(truth, predicted, spacing=spacing, patients=patients, labels=labels)
    part = summary(judged.found, "pixels" if spacing is None else "mm", Resampling(replicates=bootstrap, seed=seed))
    score = TargetScore(metrics=part.metrics, kind="masks", tables=part.tables)
    card = scorecard_of({TARGET: score}, judged.found, title or "Masks", (*judged.warnings, *part.warnings))
    return MasksJudged(card=card, refused=judged.refused)


def scorecard_of(
    targets: Mapping[str, TargetScore],
    found: Observed,
    title: str,
    warnings: tuple[str, ...],
    rows: Sequence[Comparison] = (),
) -> Scorecard:
    """A scorecard of masks; it has no threshold."""
    return Scorecard(
        title=title,
        n_patients=len(found.patients),
        n_rows=len(found.images),
        split="masks",
        threshold=Threshold(value=None, chosen_on="none: masks have no threshold here"),
        targets=targets,
        comparisons=tuple(rows),
        warnings=warnings,
    )


def mask_set(
    truth: Path,
    predicted: Path,
    *,
    spacing: tuple[float, ...] | None = None,
    patients: Mapping[str, str] | Path | None = None,
    labels: Mapping[int, str] | None = None,
) -> MaskSet:
    """Read and judge every pair; arguments as in ``judge_masks``. RefusedError where no pair is left."""
    names = _named(labels)
    _check_spacing(spacing)
    files = match_files(truth, predicted, suffixes=SUFFIXES)
    people = patients_of(tuple(pair.key for pair in files.pairs), patients)
    images: list[ImageFigures] = []
    refused = list(files.refused)
    for pair in files.pairs:
        if pair.key not in people.of:
            refused.append(f"{pair.truth}: the table of patients does not tell whose it is; not judged")
            continue
        try:
            images += _judged(pair, people.of[pair.key], spacing, frozenset(names))
        except RefusedError as error:
            refused.append(str(error) if str(pair.truth.name) in str(error) else f"{pair.truth}: {error}")
    images, ambiguous = _without_doubt(images)
    refused += ambiguous
    if not images:
        first = refused[0] if refused else "no file"
        raise RefusedError("masks", rule="at least one pair can be judged", came=first, do="correct the files")
    lost = (f"{len(refused)} files are not judged; a system that gave no mask must give an empty one, which counts",)
    told = (f"patients are told apart by {people.known_by}",) if people.known_by == SUB_FOLDERS else ()
    warnings = (
        *told,
        *(lost if refused else ()),
        *(f"refused: {line}" for line in refused),
        *files.notes,
        *people.warnings,
    )
    return MaskSet(found=observed(images, names), refused=tuple(refused), warnings=warnings, known_by=people.known_by)


def _judged(
    pair: FilePair, patient: str, spacing: tuple[float, ...] | None, known: frozenset[int]
) -> list[ImageFigures]:
    truth, predicted = read_mask(pair.truth, pair.truth_array), read_mask(pair.predicted, pair.predicted_array)
    if truth.shape != predicted.shape:
        came = f"{'x'.join(map(str, truth.shape))} and {'x'.join(map(str, predicted.shape))} ({pair.predicted})"
        raise RefusedError(pair.truth, rule="truth and prediction have one size", came=came, do="resample to the truth")
    if truth.ndim == 3 and spacing is not None and len(spacing) == 2:
        return [
            ImageFigures(name=f"{pair.key}#{number}", patient=patient, found=found)
            for number, found in enumerate(_planes(truth, predicted, spacing, known))
        ]
    found = judge_classes(truth, predicted, spacing, known=known)
    return [ImageFigures(name=pair.key, patient=patient, found=found)]


def _planes(
    truth: Labels, predicted: Labels, spacing: tuple[float, ...], known: frozenset[int]
) -> Iterator[ClassFigures]:
    for plane, guess in zip(truth, predicted, strict=True):
        yield judge_classes(plane, guess, spacing, known=known)


def _without_doubt(images: list[ImageFigures]) -> tuple[list[ImageFigures], list[str]]:
    """Take out two-tone pictures (0 and 255) from among pictures of several classes: which class is their white?"""
    classes = {number for image in images if not image.found.two_tone for number in image.found.by_class}
    if classes <= {1}:
        return images, []
    shown = ", ".join(str(number) for number in sorted(classes)[:6])
    why = f"holds only 0 and 255 while others hold the classes {shown}; name class 255 among the labels; not judged"
    kept = [image for image in images if not image.found.two_tone]
    return kept, [f"{image.name}: {why}" for image in images if image.found.two_tone]


def _named(labels: Mapping[int, str] | None) -> Mapping[int, str]:
    names = {int(number): str(name).strip() for number, name in (labels or _NO_LABELS).items() if int(number)}
    wrong = sorted(name for name in names.values() if name in _KEPT_NAMES or list(names.values()).count(name) > 1)
    if wrong or any(not 0 < number < 1 << 16 for number in names):
        came = ", ".join(f"{number}={name}" for number, name in names.items())
        rule = "labels are class numbers 1..65535 with names of their own, not macro, weighted or background"
        raise RefusedError("labels", rule=rule, came=came, do="rename them")
    return names


def _check_spacing(spacing: tuple[float, ...] | None) -> None:
    if spacing is None:
        return
    if len(spacing) not in (2, 3) or not all(0 < step < float("inf") for step in spacing):
        came = " ".join(map(str, spacing)) or "nothing"
        raise RefusedError("spacing", rule="spacing is two or three positive numbers of mm", came=came, do="correct it")
