"""Two pictures of class numbers: every class judged as a mask of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError

from .pair import PairFigures, area_figures, judge_pair

Labels = NDArray[np.uint16]

MOST_CLASSES = 32
_WHITE = 255
_BLOCK = 1_000_000


@dataclass(frozen=True, kw_only=True)
class ClassFigures:
    """One image judged.

    by_class : the classes above 0 that the truth or the prediction holds. whole : all of them as one mask.
    background : Dice and IoU of class 0, or None where neither picture has it. two_tone : 255 was read as class 1.
    """

    by_class: Mapping[int, PairFigures]
    whole: PairFigures
    background: Mapping[str, float] | None
    two_tone: bool


def judge_classes(
    truth: Labels, predicted: Labels, spacing: tuple[float, ...] | None = None, *, known: frozenset[int] = frozenset()
) -> ClassFigures:
    """Judge class numbers (0 = background) against the true ones; arguments as in ``judge_pair``.

    A picture that holds nothing but 0 and 255 is one of class 1, unless ``known`` (the classes that were named) has
    255. RefusedError for different shapes and for more than 32 classes, which a mask does not have but a photo does.
    """
    if truth.shape != predicted.shape:
        came = f"{truth.shape} and {predicted.shape}"
        raise RefusedError("masks", rule="truth and prediction have one size", came=came, do="resample the prediction")
    held = [_classes(labels) for labels in (truth, predicted)]
    white = [_WHITE not in known and set(classes) == {_WHITE} for classes in held]
    truth, predicted = (
        np.minimum(labels, 1) if tone else labels for labels, tone in zip((truth, predicted), white, strict=True)
    )
    classes = sorted({1 if tone else c for found, tone in zip(held, white, strict=True) for c in found})
    whole = judge_pair(truth > 0, predicted > 0, spacing)
    by_class = (
        {classes[0]: whole}
        if len(classes) == 1
        else {number: judge_pair(truth == number, predicted == number, spacing) for number in classes}
    )
    return ClassFigures(by_class=by_class, whole=whole, background=_background(truth, predicted), two_tone=any(white))


def _classes(labels: Labels) -> list[int]:
    """Class numbers above 0."""
    present, flat = np.zeros(1 << 16, dtype=bool), labels.reshape(-1)
    for start in range(0, flat.size, _BLOCK):
        present[flat[start : start + _BLOCK]] = True
    found = [int(number) for number in np.flatnonzero(present) if number]
    if len(found) > MOST_CLASSES:
        rule = f"a mask holds at most {MOST_CLASSES} classes"
        raise RefusedError("masks", rule=rule, came=f"{len(found)} grey values", do="give class numbers, not a picture")
    return found


def _background(truth: Labels, predicted: Labels) -> Mapping[str, float] | None:
    here, called = int(np.count_nonzero(truth == 0)), int(np.count_nonzero(predicted == 0))
    if not here and not called:
        return None
    if not here or not called:
        return {"dice": 0.0, "iou": 0.0}
    figures = area_figures(int(np.count_nonzero((truth == 0) & (predicted == 0))), here, called)
    return {name: figures[name] for name in ("dice", "iou")}
