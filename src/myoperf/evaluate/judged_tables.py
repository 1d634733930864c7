"""Tables beside the figures: the variance of an AUC, and the words for a kappa."""

import numpy as np

from myoperf.core.scorecard import Table

from .delong import delong
from .sample import Sample

_BANDS = {
    "0.4 / 0.6 / 0.8": ((0.4, "poor"), (0.6, "moderate"), (0.8, "high"), (1.0, "very high")),
    "Landis and Koch 1977": (
        (0.0, "poor"),
        (0.2, "slight"),
        (0.4, "fair"),
        (0.6, "moderate"),
        (0.8, "substantial"),
        (1.0, "almost perfect"),
    ),
}
"""Scale to the upper end of each of its bands (itself in the band) and its word; the first is that of Wang 2022."""


def auc_table(sample: Sample) -> dict[str, Table]:
    """ "auc": the AUC with its variance to full digits; empty where there is no AUC."""
    if not len(sample) or not sample.both_classes or np.ptp(sample.score) == 0:
        return {}
    found = delong(sample.truth, sample.score, sample.patient)
    variance = float(found.covariance[0, 0])
    known = bool(np.isfinite(variance))
    method = found.method if known else f"{found.method}: it needs two patients of each class"
    row = (float(found.auc[0]), variance if known else None, float(np.sqrt(variance)) if known else None, method)
    note = "Variance of the AUC, free of any model of the scores; 0 where every positive scores above every negative."
    return {"auc": Table(columns=("auc", "variance", "standard error", "method"), rows=(row,), note=note)}


def kappa_table(kappa: float | None) -> dict[str, Table]:
    """ "kappa": the word that each usual scale has for it; empty where there is no kappa."""
    if kappa is None:
        return {}
    rows = tuple((kappa, kappa_word(kappa, scale), scale) for scale in _BANDS)
    note = "A band's upper end belongs to it. The words are habit, not a finding; the interval says what is known."
    return {"kappa": Table(columns=("kappa", "agreement", "scale"), rows=rows, note=note)}


def kappa_word(kappa: float, scale: str = "0.4 / 0.6 / 0.8") -> str:
    """The word for a kappa of -1..1 on a scale; ValueError for a kappa out of range or a scale that is not known."""
    if not -1 <= kappa <= 1 or scale not in _BANDS:
        raise ValueError(f"a kappa of -1..1 on one of the scales {', '.join(_BANDS)}, got {kappa} on {scale!r}")
    return next(word for end, word in _BANDS[scale] if kappa <= end)
