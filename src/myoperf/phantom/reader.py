"""Simulated readers: they see the patient's image, disagree with the truth and with each other, and give the labels.

A reader scores 17 segments: the true mean deficit of the segment in the noise-free image (0 .. 4), times a personal
gain (strictness), plus an error for each segment, rounded to whole numbers; below half a point a segment is normal.
The impression does not follow from the scores alone: a reader weighs the sum of deficits against a criterion, with an
error of its own that stands for history, ECG, raw data and mood.

With ``CLINIC`` and patients as ``population`` draws them (counted on 2,000 by ``validation/phantom_readers.py``): 44
percent get the positive label, as many women as men; two readers agree on it in 80 to 82 percent (kappa 0.60 to 0.63);
the true ``tpd_image`` at stress, which a perfect measurement would give, reaches an AUC of 0.94 (Tc-99m) and 0.92
(Tl-201) against the label, the one at rest 0.73 and 0.80. A system that sees only the images should not do better.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..core.terms import State, Tracer
from .patients import Patient, stream
from .truth import StateTruth

NORMAL, ABNORMAL = "normal", "abnormal"
LOW, INTERMEDIATE, HIGH = "low risk", "intermediate risk", "high risk"
HIGH_RISK_SCORE = 13.0
"""Sum of stress scores above which risk is called high."""


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How a group of readers reads.

    criterion : weighed sum of stress deficits at which a study is called abnormal (Tc-99m) or above low risk (Tl-201).
    gain_sd : spread of strictness between readers, as a part of 1. segment_sd : error of one segment, in points.
    impression_sd : error of the weighed sum where the sum is small, in points; it grows by ``impression_growth`` of it.
    """

    criterion: Mapping[Tracer, float]
    gain_sd: float
    segment_sd: float
    impression_sd: float
    impression_growth: float


CLINIC = Habits(
    criterion={Tracer.TC99M: 3.0, Tracer.TL201: 3.0},
    gain_sd=0.15,
    segment_sd=0.28,
    impression_sd=1.75,
    impression_growth=0.25,
)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What one reader wrote down."""

    score_17_stress: tuple[int, ...]
    score_17_rest: tuple[int, ...]
    impression: str


def read_patient(
    patient: Patient, truth: Mapping[State, StateTruth], *, readers: int = 2, habits: Habits = CLINIC
) -> tuple[Reading, ...]:
    """Independent readings of one patient; the first is the report of the clinic, which the labels follow."""
    random = stream(patient, "readers")
    return tuple(_reading(random, patient.tracer, truth, habits) for _ in range(readers))


def _reading(random: np.random.Generator, tracer: Tracer, truth: Mapping[State, StateTruth], habits: Habits) -> Reading:
    gain = float(np.exp(random.normal(0.0, habits.gain_sd)))
    stress, rest = (
        _scores(gain * np.asarray(truth[state].deficit_17) + random.normal(0.0, habits.segment_sd, 17))
        for state in (State.STRESS, State.REST)
    )
    seen = gain * sum(truth[State.STRESS].deficit_17)
    weighed = seen + random.normal(0.0, habits.impression_sd + habits.impression_growth * seen)
    return Reading(
        score_17_stress=stress,
        score_17_rest=rest,
        impression=_impression(tracer, weighed, habits.criterion[tracer], sum(stress)),
    )


def _scores(perceived: np.ndarray) -> tuple[int, ...]:
    return tuple(int(score) for score in np.clip(np.floor(perceived + 0.5), 0, 4))


def _impression(tracer: Tracer, weighed: float, criterion: float, total: int) -> str:
    if tracer is Tracer.TC99M:
        return ABNORMAL if weighed >= criterion else NORMAL
    if weighed < criterion:
        return LOW
    return HIGH if total > HIGH_RISK_SCORE else INTERMEDIATE


def labels(patient: Patient, report: Reading) -> dict[str, int]:
    """The cohort's labels that apply to the patient's tracer: 1 abnormal, or intermediate / high risk."""
    if patient.tracer is Tracer.TC99M:
        return {"label_abnormal": int(report.impression == ABNORMAL)}
    return {"label_intermediate_or_high_risk": int(report.impression != LOW)}
