"""Figures of a two-by-two table of truth and call, for one table or for thousands at once."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

UNDEFINED: Mapping[str, str] = MappingProxyType(
    {
        "accuracy": "nobody to judge",
        "balanced_accuracy": "one class only",
        "sensitivity": "no positive patient",
        "specificity": "no negative patient",
        "ppv": "nobody was called positive",
        "npv": "nobody was called negative",
        "lr_positive": "no false alarm: the ratio is infinite or undefined",
        "lr_negative": "specificity is 0 or a class is missing: the ratio is undefined",
        "youden": "one class only",
        "f1": "no positive patient and no positive call",
        "mcc": "a row or column of the table is empty",
        "kappa": "truth and calls all agree on one class: chance agreement is complete",
    }
)
"""Every figure made here, and why it is missing where it is."""


def rates(tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> dict[str, Floats]:
    """Figures of a table of true / false positives and negatives (counts or weights, any one shape).

    Returns the names of ``UNDEFINED``, each of the same shape, as fractions; NaN where a figure is not defined. All run
    higher = better but ``lr_negative``. ``youden``, ``mcc`` and ``kappa`` run from -1 to 1 with 0 at chance (kappa:
    Cohen 1960; mcc: Matthews 1975); the likelihood ratios have no upper end.
    """
    positive, negative, called, passed = tp + fn, fp + tn, tp + fp, fn + tn
    total = positive + negative
    sensitivity, specificity = _over(tp, positive), _over(tn, negative)
    agreement, chance = _over(tp + tn, total), _over(positive * called + negative * passed, total * total)
    return {
        "accuracy": agreement,
        "balanced_accuracy": (sensitivity + specificity) / 2,
        "sensitivity": sensitivity,
        "specificity": specificity,
        "ppv": _over(tp, called),
        "npv": _over(tn, passed),
        "lr_positive": _over(sensitivity, 1 - specificity),
        "lr_negative": _over(1 - sensitivity, specificity),
        "youden": sensitivity + specificity - 1,
        "f1": _over(2 * tp, 2 * tp + fp + fn),
        "mcc": _over(tp * tn - fp * fn, np.sqrt(positive * negative * called * passed)),
        "kappa": _over(agreement - chance, 1 - chance),
    }


def _over(above: Floats, below: Floats) -> Floats:
    above, below = np.broadcast_arrays(np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64))
    defined = np.isfinite(above) & np.isfinite(below) & (below > 1e-12)
    quotient: Floats = np.divide(above, below, out=np.full(above.shape, np.nan), where=defined)
    return quotient
