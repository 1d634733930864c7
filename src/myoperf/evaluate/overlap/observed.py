"""Everything that was found in a set of masks, image by image, before it is summed up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .classes import ClassFigures
from .pair import BOTH_EMPTY, FIGURES

Floats = NDArray[np.float64]

BACKGROUND = ("dice", "iou")
"""Figures that papers also take over the background."""


@dataclass(frozen=True, kw_only=True)
class ImageFigures:
    """One image (or one plane of a file): its name, its patient, what was found, and its shape."""

    name: str
    patient: str
    found: ClassFigures


@dataclass(frozen=True, kw_only=True)
class Observed:
    """All images of a set in columns.

    patient : code of each image's patient. columns : figure to shape (images,), NaN where both masks are empty;
    ``dice`` is that of all classes above 0 as one, ``dice_CLASS`` that of a class, ``dice_background`` that of class 0.
    outcomes : class (and "" for all as one) to what was found in every image.
    """

    images: tuple[str, ...]
    patient: NDArray[np.intp]
    patients: tuple[str, ...]
    classes: tuple[str, ...]
    columns: Mapping[str, Floats]
    outcomes: Mapping[str, tuple[str, ...]]


def observed(images: Sequence[ImageFigures], names: Mapping[int, str]) -> Observed:
    """Put images in columns. names : class number to name; a class without one is called by its number, or
    "foreground" where 1 is the only class."""
    patients, code = np.unique(np.array([image.patient for image in images], dtype=np.str_), return_inverse=True)
    numbers = sorted({number for image in images for number in image.found.by_class} | set(names))
    called = {number: names.get(number, "foreground" if numbers == [1] else str(number)) for number in numbers}
    columns = {figure: _column([image.found.whole.figures for image in images], figure) for figure in FIGURES}
    outcomes = {"": tuple(image.found.whole.outcome for image in images)}
    for number, name in called.items():
        parts = [image.found.by_class.get(number) for image in images]
        outcomes[name] = tuple(part.outcome if part else BOTH_EMPTY for part in parts)
        for figure in FIGURES if len(numbers) > 1 else BACKGROUND:
            columns[f"{figure}_{name}"] = _column([part.figures if part else {} for part in parts], figure)
    for figure in BACKGROUND:
        columns[f"{figure}_background"] = _column([image.found.background or {} for image in images], figure)
    return Observed(
        images=tuple(image.name for image in images),
        patient=code.reshape(-1),
        patients=tuple(map(str, patients)),
        classes=tuple(called.values()),
        columns=columns,
        outcomes=outcomes,
    )


def taken(found: Observed, images: frozenset[str]) -> Observed:
    """The part of a set that holds these images, in its order."""
    keep = np.array([name in images for name in found.images], dtype=bool)
    codes, patient = np.unique(found.patient[keep], return_inverse=True)
    return Observed(
        images=tuple(name for name, stays in zip(found.images, keep, strict=True) if stays),
        patient=patient.reshape(-1),
        patients=tuple(found.patients[code] for code in codes),
        classes=found.classes,
        columns={name: column[keep] for name, column in found.columns.items()},
        outcomes={
            name: tuple(word for word, stays in zip(words, keep, strict=True) if stays)
            for name, words in found.outcomes.items()
        },
    )


def _column(figures: Sequence[Mapping[str, float]], name: str) -> Floats:
    return np.array([found.get(name, np.nan) for found in figures], dtype=np.float64)
