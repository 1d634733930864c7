"""The same system where the disease is rarer or more common."""

from collections.abc import Mapping
from math import exp, log, sqrt

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError
from myoperf.core.scorecard import Table

from ..intervals import Pair, Z
from ..metrics import Resampling
from ..quotient import quotient
from ..resampling import Replicates
from ..sample import Sample
from .draws import draws, ends

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Cells = tuple[str | float | None, ...]
Counts = tuple[int, int, int, int]
"""True positives, positives, false positives, negatives."""

USUAL = (0.05, 0.1, 0.2, 0.3, 0.5)
_COLUMNS = (
    "prevalence",
    *(f"{n}{e}" for n in ("ppv", "npv", "brier", "brier_shifted") for e in ("", "_low", "_high")),
    "n",
)


def shift(score: Floats, *, was: float, now: float) -> Floats:
    """Probabilities for a population of prevalence ``now``, made for one of prevalence ``was``; same shape, 0..1.

    The odds are multiplied by the ratio of the odds of the two prevalences, which holds where only the shares of the
    classes differ and each class looks as before. RefusedError for a prevalence that is not between 0 and 1. Source:
    Elkan 2001; Saerens, Latinne and Decaestecker 2002.
    """
    for one in (was, now):
        if not 0 < one < 1:
            raise RefusedError("prevalence", rule="a prevalence lies between 0 and 1", came=one, do="give a fraction")
    above, below = score * (now / was), (1 - score) * ((1 - now) / (1 - was))
    moved: Floats = above / (above + below)
    return moved


def predictive_interval(right: int, of: int, wrong: int, beside: int, prevalence: float) -> Pair:
    """95 % interval of a predictive value at a given prevalence, by the adjusted logit method of Mercaldo 2007.

    For the PPV: right of positives are called, wrong of the negatives beside them are too, prevalence of the positives.
    For the NPV the classes change places. Stays within 0..1 and has a width where a count is 0.
    """
    z2 = Z * Z
    hit, alarm = (right + z2 / 2) / (of + z2), (wrong + z2 / 2) / (beside + z2)
    middle = log(hit * prevalence / (alarm * (1 - prevalence)))
    half = Z * sqrt((1 - hit) / hit / (of + z2) + (1 - alarm) / alarm / (beside + z2))
    return 1 / (1 + exp(half - middle)), 1 / (1 + exp(-half - middle))


def prevalence_table(
    judged: Sample, called: Bools | None, chosen_on: str, stated: float | None, resampling: Resampling
) -> Table | None:
    """PPV, NPV and Brier score (as given and after ``shift``) at several prevalences, the judged part's and ``stated``.

    judged : a sample of probabilities. called : rows called positive, or None for no threshold (no PPV, NPV).
    chosen_on : where the threshold comes from. None where a class is missing.
    """
    if stated is not None and not 0 < stated < 1:
        raise RefusedError("prevalence", rule="a prevalence lies between 0 and 1", came=stated, do="give a fraction")
    if not judged.both_classes:
        return None
    was = float(judged.truth.mean())
    levels = sorted({*USUAL, was} | ({stated} if stated is not None else set()))
    value = {
        name: float(v[0]) for name, v in _figures(judged, called, np.ones((1, judged.patients)), was, levels).items()
    }
    found = draws(judged, lambda weight: _figures(judged, called, weight, was, levels), resampling, width=len(levels))
    counts = None if called is None or not judged.alone else _counts(judged.truth, called)
    rows = tuple(_row(level, k, value, found=found, counts=counts, n=judged.patients) for k, level in enumerate(levels))
    threshold = (
        f"PPV and NPV at the threshold chosen on: {chosen_on}." if called is not None else "No threshold: no PPV, NPV."
    )
    note = (
        f"Sensitivity and specificity are held as they are; {was:.3f} is the prevalence of the judged part. {threshold}"
        " brier_shifted is the Brier score after the scores were moved to the prevalence (Elkan 2001). Intervals of PPV"
        " and NPV: Mercaldo 2007 with one row a patient; all others: bootstrap over patients."
    )
    return Table(columns=_COLUMNS, rows=rows, note=note)


def _counts(truth: Bools, called: Bools) -> Counts:
    return int((truth & called).sum()), int(truth.sum()), int((~truth & called).sum()), int((~truth).sum())


def _figures(
    judged: Sample, called: Bools | None, weight: Floats, was: float, levels: list[float]
) -> dict[str, Floats]:
    row, truth = weight[:, judged.patient], judged.truth
    positive, negative = row @ truth, row @ ~truth
    found: dict[str, Floats] = {}
    for k, now in enumerate(levels):
        for name, score in (("brier", judged.score), ("brier_shifted", shift(judged.score, was=was, now=now))):
            loss = (score - truth) ** 2
            found[f"{name} {k}"] = (
                now * (row @ (loss * truth)) / positive + (1 - now) * (row @ (loss * ~truth)) / negative
            )
        if called is not None:
            hit, alarm = row @ (truth & called) / positive, row @ (~truth & called) / negative
            found[f"ppv {k}"] = quotient(hit * now, hit * now + alarm * (1 - now))
            found[f"npv {k}"] = quotient((1 - alarm) * (1 - now), (1 - alarm) * (1 - now) + (1 - hit) * now)
    return found


def _row(
    level: float, k: int, value: Mapping[str, float], *, found: Replicates | None, counts: Counts | None, n: int
) -> Cells:
    cells: list[float | None] = [level]
    for name in ("ppv", "npv", "brier", "brier_shifted"):
        key = f"{name} {k}"
        one = value.get(key, float("nan"))
        if not np.isfinite(one):
            cells += [None, None, None]
        elif counts is not None and name in ("ppv", "npv"):
            cells += [one, *_predictive(name, counts, level, one)]
        else:
            cells += [one, *ends(found, key, one)]
    return (*cells, float(n))


def _predictive(name: str, counts: Counts, prevalence: float, value: float) -> Pair:
    """Interval of PPV or NPV from TP, positives, FP, negatives; widened to hold the value where a count is 0."""
    tp, positive, fp, negative = counts
    if name == "ppv":
        low, high = predictive_interval(tp, positive, fp, negative, prevalence)
    else:
        low, high = predictive_interval(negative - fp, negative, positive - tp, positive, 1 - prevalence)
    return min(low, value), max(high, value)
