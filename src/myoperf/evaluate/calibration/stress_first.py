"""Rest scans and radiation saved by not doing a rest scan when the stress-only score is low."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError
from myoperf.core.scorecard import Table

from ..intervals import Pair, wilson
from ..metrics import Resampling
from ..quotient import quotient
from ..sample import Sample
from .draws import draws, ends
from .rest_dose import RestDose, rest_dose_of

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Cells = tuple[str | float | None, ...]

USUAL_NPVS = (0.9, 0.95, 0.98)
_COLUMNS = (
    *("npv_wanted", "chosen_by", "threshold", "validation_npv", "validation_spared", "n"),
    *("scans", "rest_scans_saved", "share_saved", "share_low", "share_high", "npv", "npv_low", "npv_high"),
    *("missed_positives", "positives", "msv_saved_per_100", "msv_low", "msv_high", "said"),
)


@dataclass(frozen=True, kw_only=True)
class Cut:
    """The score below which no rest scan is done, and what it did on the part that it was chosen on.

    npv : share of negatives among the ``spared`` rows below it, with Wilson's lower end ``npv_low``.
    """

    threshold: float
    npv: float
    npv_low: float
    spared: int


def choose_cut(score: Floats, truth: Bools, npv: float, *, cautious: bool = False) -> Cut | None:
    """The highest threshold below which at least a share ``npv`` is negative; None where no threshold does that.

    score, truth : shape (rows,), of the validation part. cautious : not the share itself but the lower end of its 95 %
    Wilson interval must reach ``npv``. Equal scores stay together; the threshold lies half-way between two scores, or
    just above the highest. RefusedError for an ``npv`` that is not between 0 and 1.
    """
    if not 0 < npv < 1:
        raise RefusedError(
            "npv", rule="a negative predictive value to reach lies between 0 and 1", came=npv, do="0.95, say"
        )
    if not score.size:
        return None
    level, group, size = np.unique(score, return_inverse=True, return_counts=True)
    below = np.cumsum(size)
    negative = np.cumsum(np.bincount(group.reshape(-1), weights=~truth))
    low = np.array([wilson(float(hits), float(n))[0] for hits, n in zip(negative, below, strict=True)])
    reached = np.flatnonzero((low if cautious else negative / below) >= npv - 1e-12)
    if not reached.size:
        return None
    k = int(reached[-1])
    last = k == level.size - 1
    threshold = np.nextafter(level[k], np.inf) if last else level[k] + (level[k + 1] - level[k]) / 2
    threshold = threshold if threshold > level[k] else level[k + 1]
    return Cut(
        threshold=float(threshold), npv=float(negative[k] / below[k]), npv_low=float(low[k]), spared=int(below[k])
    )


def stress_first_table(
    judged: Sample, validation: Sample | None, npv: float | None, rest_dose: float | None, resampling: Resampling
) -> Table:
    """What the rule saves and misses on the judged part, its threshold chosen on the validation part.

    Any score will do, higher = more likely abnormal. npv : to be reached on the validation part; None: 0.90, 0.95 and
    0.98. Each is tried twice, for the share itself and for the lower end of its interval. rest_dose : mSv of a rest
    scan; None: as ``rest_dose_of``. Without a validation part nothing is done, and the note says so. RefusedError for
    an ``npv`` that is not between 0 and 1, or a dose below 0.
    """
    if rest_dose is not None and not (np.isfinite(rest_dose) and rest_dose >= 0):
        raise RefusedError("rest dose", rule="a dose is 0 mSv or more", came=rest_dose, do="give it in millisievert")
    if npv is not None and not 0 < npv < 1:
        raise RefusedError(
            "npv", rule="a negative predictive value to reach lies between 0 and 1", came=npv, do="0.95, say"
        )
    if validation is None or not len(validation) or not validation.both_classes:
        why = "there is none" if validation is None or not len(validation) else "that has one class only"
        return Table(
            columns=_COLUMNS, rows=(), note=f"Not done: the threshold is chosen on a validation part, and {why}."
        )
    dose = rest_dose_of(judged.texts.get("tracer"), len(judged), rest_dose)
    wanted = USUAL_NPVS if npv is None else (npv,)
    rows = tuple(
        _row(judged, validation, one, cautious=cautious, dose=dose, resampling=resampling)
        for one in wanted
        for cautious in (False, True)
    )
    note = (
        "No rest scan where the score is below the threshold: the highest that reached the NPV on the validation part"
        f" ({validation.patients} patients, {validation.count(validation.truth)} positive). It holds only if the score"
        " uses stress images alone, and at the prevalence of these patients. A positive below the threshold counts as"
        f" missed. Dose: {dose.said}. Intervals: Wilson with one row a patient, else bootstrap over patients (an NPV of"
        " 0 or 1: Wilson of the patients below the threshold); that of mSv is the share's where all have one dose, else"
        " the bootstrap's."
    )
    return Table(columns=_COLUMNS, rows=rows, note=note)


def _row(
    judged: Sample, validation: Sample, npv: float, *, cautious: bool, dose: RestDose, resampling: Resampling
) -> Cells:
    cut = choose_cut(validation.score, validation.truth, npv, cautious=cautious)
    by = "lower end of the 95 % interval" if cautious else "value"
    if cut is None:
        empty: list[float | None] = [None] * (len(_COLUMNS) - 4)
        return (npv, by, None, *empty, f"no threshold reaches {npv:g} on the validation part ({by})")
    spared = judged.score < cut.threshold
    value = {name: float(v[0]) for name, v in _figures(judged, spared, dose, np.ones((1, judged.patients))).items()}
    pairs = _intervals(judged, spared, dose, value, resampling)
    told = [cell for name in ("share", "npv") for cell in (value[name], *pairs[name])]
    return (
        *(
            npv,
            by,
            cut.threshold,
            cut.npv,
            float(cut.spared),
            float(judged.patients),
            float(len(judged)),
            float(spared.sum()),
        ),
        *[None if cell is None or not np.isfinite(cell) else cell for cell in told],
        *(float((spared & judged.truth).sum()), float(judged.truth.sum())),
        *(value["msv"], *pairs["msv"]),
        "" if spared.any() else "nobody is below the threshold: no NPV",
    )


def _figures(judged: Sample, spared: Bools, dose: RestDose, weight: Floats) -> dict[str, Floats]:
    row = weight[:, judged.patient]
    total, below = row.sum(axis=1), row @ spared
    return {
        "share": below / total,
        "npv": quotient(row @ (spared & ~judged.truth), below),
        "msv": 100 * (row @ (spared * dose.msv)) / total,
    }


def _intervals(
    judged: Sample, spared: Bools, dose: RestDose, value: dict[str, float], resampling: Resampling
) -> dict[str, Pair | tuple[None, None]]:
    """Ends of share, NPV and dose; None where there are none."""
    found: dict[str, Pair | tuple[None, None]] = {}
    one_dose = bool(np.ptp(dose.msv) == 0)
    if judged.alone:
        found["share"] = wilson(float(spared.sum()), len(judged))
        negative = float((spared & ~judged.truth).sum())
        found["npv"] = wilson(negative, float(spared.sum())) if spared.any() else (None, None)
        if one_dose:
            low, high = wilson(float(spared.sum()), len(judged))
            found["msv"] = 100 * low * float(dose.msv[0]), 100 * high * float(dose.msv[0])
            return found
    drawn = draws(judged, lambda weight: _figures(judged, spared, dose, weight), resampling)
    for name in ("share", "npv", "msv"):
        if name not in found:
            found[name] = ends(drawn, name, value[name])
    if found["npv"] == (None, None) and value["npv"] in (0.0, 1.0):
        kept = judged.count(spared)
        found["npv"] = wilson(value["npv"] * kept, kept)
    return found
