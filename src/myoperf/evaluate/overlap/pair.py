"""One mask against its truth: every figure, with a rule for masks that are empty."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError

from .boundaries import boundary_distances, diagonal

Bools = NDArray[np.bool_]

AREAS = ("dice", "iou", "precision", "recall")
DISTANCES = ("hausdorff", "hd95", "assd")
FIGURES = (*AREAS, *DISTANCES)

FOUND, MISSED, FALSE_ALARM, BOTH_EMPTY = "found", "missed", "false alarm", "both empty"
NONE: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class PairFigures:
    """What a mask is worth. outcome : one of the four words above. figures : by name of ``FIGURES``; empty where both
    masks are."""

    outcome: str
    figures: Mapping[str, float]


def judge_pair(truth: Bools, predicted: Bools, spacing: tuple[float, ...] | None = None) -> PairFigures:
    """Judge a boolean mask against the true one, both of one shape in two or three axes.

    spacing : distance of neighbours along each axis, in mm; None counts pixels. Dice (Dice 1945), IoU (Jaccard 1901),
    precision and recall of pixels are fractions, higher is better; the distances (``boundary_distances``) run the other
    way. A truth without a prediction ("missed") or a prediction without a truth ("false alarm") gets the worst of each:
    0, and the image's diagonal. Two empty masks have no figures. RefusedError for other arrays or spacings.
    """
    steps = _checked(truth, predicted, spacing)
    here, called = int(np.count_nonzero(truth)), int(np.count_nonzero(predicted))
    if not here and not called:
        return PairFigures(outcome=BOTH_EMPTY, figures=NONE)
    if not here or not called:
        worst = dict.fromkeys(AREAS, 0.0) | dict.fromkeys(DISTANCES, diagonal(truth.shape, steps))
        return PairFigures(outcome=MISSED if here else FALSE_ALARM, figures=worst)
    distances = boundary_distances(truth, predicted, steps)
    figures = area_figures(int(np.count_nonzero(truth & predicted)), here, called)
    return PairFigures(
        outcome=FOUND,
        figures={**figures, "hausdorff": distances.hausdorff, "hd95": distances.hd95, "assd": distances.assd},
    )


def area_figures(shared: int, here: int, called: int) -> dict[str, float]:
    """Dice, IoU, precision and recall from pixels in both masks, in the true and in the predicted one (both > 0)."""
    return {
        "dice": 2 * shared / (here + called),
        "iou": shared / (here + called - shared),
        "precision": shared / called,
        "recall": shared / here,
    }


def _checked(truth: Bools, predicted: Bools, spacing: tuple[float, ...] | None) -> tuple[float, ...]:
    for mask in (truth, predicted):
        if mask.dtype != np.bool_ or mask.ndim not in (2, 3) or not mask.size or mask.shape != truth.shape:
            came = f"{truth.dtype} {truth.shape} and {predicted.dtype} {predicted.shape}"
            raise RefusedError("masks", rule="two masks of true and false have one shape", came=came, do="check them")
    steps = (1.0,) * truth.ndim if spacing is None else spacing
    if len(steps) != truth.ndim or not all(np.isfinite(step) and step > 0 for step in steps):
        rule = f"spacing is one positive number of mm for each of {truth.ndim} axes"
        raise RefusedError("spacing", rule=rule, came=" ".join(map(str, steps)), do="give one for each axis")
    return tuple(float(step) for step in steps)
