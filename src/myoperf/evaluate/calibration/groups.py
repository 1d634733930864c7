"""Calibration within groups of patients."""

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Table

from ..intervals import wilson
from ..metrics import Resampling
from ..sample import Sample
from .draws import draws, ends
from .grading import grade

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Cells = tuple[str | float | None, ...]

COLUMNS = ("sex", "bmi", "tracer", "scanner", "center", "centre")
FEW = 10
_MOST = 20
_FIGURES = ("observed_expected", "calibration_slope", "calibration_intercept", "brier")
_HEAD = (
    *("group", "n", "events", "mean_predicted", "observed", "observed_low", "observed_high"),
    *(f"{name}{end}" for name in _FIGURES for end in ("", "_low", "_high")),
    "said",
)


def group_table(name: str, sample: Sample, resampling: Resampling) -> tuple[Table | None, tuple[str, ...]]:
    """Calibration by sex, body mass index (kg/m2), tracer, scanner and centre, and what was left out of it.

    sample : probabilities. A column makes groups where it has two values or more, and at most 20; rows without a value
    are in no group of it. None where no column makes groups.
    """
    rows: list[Cells] = []
    warnings: list[str] = []
    for column in COLUMNS:
        labels = sample.texts.get(column)
        if labels is None:
            continue
        labels = bmi_groups(labels) if column == "bmi" else labels
        names = list(dict.fromkeys(_BMI)) if column == "bmi" else sorted({str(label) for label in labels})
        names = [one for one in names if one and (labels == one).any()]
        if len(names) > _MOST:
            warnings.append(f"{name}: {column} has {len(names)} values, more than {_MOST}; no calibration by {column}")
        elif len(names) > 1:
            rows += [_row(f"{column}={one}", sample.take(labels == one), resampling) for one in names]
            gone = sample.count(labels == "")
            if gone:
                warnings.append(f"{name}: {gone} patients have no {column} and are in no group of it")
    if not rows:
        return None, tuple(warnings)
    note = (
        f"Groups with fewer than {FEW} events or patients without one are marked few: their figures are rough."
        " Observed: Wilson's interval with one row a patient. observed_expected and calibration_slope are 1,"
        " calibration_intercept 0 where scores are right; a dash is explained in the last column."
        " No correction for looking at several groups."
    )
    return Table(columns=_HEAD, rows=tuple(rows), note=note), tuple(warnings)


_BMI = ("below 25", "25 to 30", "30 and over")


def bmi_groups(text: NDArray[np.str_]) -> NDArray[np.str_]:
    """ "below 25", "25 to 30" (30 not in it) or "30 and over" for each body mass index in kg/m2; empty for no number.

    A number that nobody has (not within 5..150) counts as none.
    """
    number = np.array([_number(one) for one in text], dtype=np.float64)
    known = (number >= 5) & (number <= 150)
    named = np.asarray(_BMI, dtype=np.str_)[np.searchsorted([25.0, 30.0], np.where(known, number, 0.0), side="right")]
    return np.where(known, named, "")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _row(label: str, sample: Sample, resampling: Resampling) -> Cells:
    found = grade(sample, resampling)
    events = sample.count(sample.truth)
    low, high = _observed(sample, resampling)
    said = [] if min(events, sample.patients - events) >= FEW else ["few"]
    said += [f"{one}: {found[one].method}" for one in _FIGURES if found[one].value is None]
    figures = [cell for one in _FIGURES for cell in (found[one].value, found[one].low, found[one].high)]
    share, mean = float(sample.truth.mean()), float(sample.score.mean())
    return (label, float(sample.patients), float(events), mean, share, low, high, *figures, "; ".join(said))


def _observed(sample: Sample, resampling: Resampling) -> tuple[float | None, float | None]:
    if sample.alone:
        return wilson(float(sample.truth.sum()), len(sample))

    def share(weight: Floats) -> dict[str, Floats]:
        row = weight[:, sample.patient]
        return {"share": row @ sample.truth / row.sum(axis=1)}

    return ends(draws(sample, share, resampling), "share", float(sample.truth.mean()))
