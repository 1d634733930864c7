"""A panel of simulated readers: they see the patient's image, disagree with the truth and with each other.

A reader scores 17 segments: the mean deficit of the segment in the noise-free image (0 .. 4), times the reader's gain
(strictness), plus an error, rounded to whole numbers. Part of that error is one for all readers, because all see the
same noise of the same image; artefacts are shared too, because the noise-free image has attenuation in it. The
impression weighs the sum of deficits against the reader's criterion, with an error of its own that stands for history,
ECG, raw data and mood. Who calls a study normal writes no scores, as readers do; who calls it abnormal marks at least
the worst segment.

The report of the clinic is the consensus of the panel (``consensus.py``), and the cohort's labels follow it: a
reference made by several readers is what most studies use, and the single readings stay beside it for reader studies.

With ``CLINIC`` and 700 patients of whom 38 percent have an obstructed artery the consensus finds 75 percent of those
and calls 79 percent of the others normal; two readers agree on the impression with a kappa of 0.66 and on the five
scores of a segment with one of 0.58. ``validation/credibility.py`` counts anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.errors import RefusedError
from ..core.terms import State, Tracer
from .patients import STATES, Patient, stream
from .truth import StateTruth

Floats = NDArray[np.float64]

NORMAL, ABNORMAL = "normal", "abnormal"
LOW, INTERMEDIATE, HIGH = "low risk", "intermediate risk", "high risk"
HIGH_RISK_SCORE = 13.0
"""Sum of stress scores above which risk is called high."""

_SEGMENTS = 17


@dataclass(frozen=True, kw_only=True)
class Reader:
    """How one reader reads.

    criterion : weighed sum of stress deficits at which a study is called abnormal (Tc-99m) or above low risk (Tl-201).
    gain : strictness, by which every deficit is multiplied. segment_sd : error of one segment, in points.
    impression_sd : error of the weighed sum where the sum is small, in points; it grows by ``impression_growth`` of it.
    """

    name: str
    criterion: Mapping[Tracer, float]
    gain: float
    segment_sd: float
    impression_sd: float
    impression_growth: float


@dataclass(frozen=True, kw_only=True)
class Panel:
    """Readers who read the same studies.

    shared_segment, shared_impression : part (0 .. 1) of the variance of either error that all readers have in common.
    """

    readers: tuple[Reader, ...]
    shared_segment: float = 0.4
    shared_impression: float = 0.5

    def __post_init__(self) -> None:
        if not self.readers:
            raise RefusedError("phantom", rule="a panel has readers", came="none", do="give at least one")
        for share in (self.shared_segment, self.shared_impression):
            if not 0.0 <= share <= 1.0:
                raise RefusedError("phantom", rule="shared error is a part of 1", came=share, do="give 0 to 1")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What one reader wrote down."""

    score_17_stress: tuple[int, ...]
    score_17_rest: tuple[int, ...]
    impression: str


def panel_of(
    count: int = 3,
    *,
    criterion: float | Mapping[Tracer, float] = 0.6,
    spread: float = 0.08,
    segment_sd: float = 0.38,
    impression_sd: float = 0.6,
    impression_growth: float = 0.2,
    shared_segment: float = 0.4,
    shared_impression: float = 0.5,
) -> Panel:
    """A panel of equally careful readers whose strictness is spread evenly around 1.

    spread : how much the strictest reader's gain is above 1, and the criterion below the middle one (as a part); the
    mildest reader the other way. The first reader is the middle one where the number is odd.
    """
    criteria = criterion if isinstance(criterion, Mapping) else dict.fromkeys(Tracer, criterion)
    places = sorted(
        np.linspace(-1.0, 1.0, count).tolist() if count > 1 else [0.0], key=lambda place: (abs(place), place)
    )
    readers = tuple(
        Reader(
            name=f"reader {number}",
            criterion={tracer: value * (1.0 - spread * place) for tracer, value in criteria.items()},
            gain=1.0 + spread * place,
            segment_sd=segment_sd,
            impression_sd=impression_sd,
            impression_growth=impression_growth,
        )
        for number, place in enumerate(places, start=1)
    )
    return Panel(readers=readers, shared_segment=shared_segment, shared_impression=shared_impression)


CLINIC = panel_of()
"""Three readers; their criterion and errors are our assumption, set for the agreement told above."""


def read_patient(
    patient: Patient, truth: Mapping[State, StateTruth], *, panel: Panel = CLINIC, history: float = 0.0
) -> tuple[Reading, ...]:
    """Readings of one patient, one a reader of the panel, in its order; ``consensus`` makes the report of them.

    history : what the readers know of the patient beside the images, in points that are added to the weighed sum.
    """
    deficits = np.array([truth[state].deficit_17 for state in STATES])
    return read_deficits(stream(patient, "readers"), patient.tracer, deficits, panel=panel, history=history)


def read_deficits(
    random: np.random.Generator, tracer: Tracer, deficits: Floats, *, panel: Panel = CLINIC, history: float = 0.0
) -> tuple[Reading, ...]:
    """Readings of one study from its true deficits at stress and rest, shape (2, 17), 0 .. 4.

    A reader's random numbers do not depend on how many readers come after.
    """
    common, mood = random.normal(size=(2, _SEGMENTS)), random.normal()
    found = []
    for reader in panel.readers:
        own, own_mood = random.normal(size=(2, _SEGMENTS)), random.normal()
        error = _mixed(panel.shared_segment, common, own)
        seen = reader.gain * deficits + reader.segment_sd * error
        mixed = float(_mixed(panel.shared_impression, mood, own_mood))
        total = reader.gain * float(deficits[0].sum())
        found.append(_reading(reader, tracer, seen, (total, mixed, history)))
    return tuple(found)


def _mixed(share: float, common: Floats | float, own: Floats | float) -> Floats:
    """An error of variance 1 of which this share is common to all readers."""
    return np.asarray(np.sqrt(share) * np.asarray(common) + np.sqrt(1.0 - share) * np.asarray(own))


def _reading(reader: Reader, tracer: Tracer, seen: Floats, weighed_by: tuple[float, float, float]) -> Reading:
    total, mood, history = weighed_by
    scores = np.clip(np.floor(seen + 0.5), 0, 4).astype(int)
    weighed = total + history + mood * (reader.impression_sd + reader.impression_growth * max(total, 0.0))
    below = weighed < reader.criterion[tracer]
    if below:
        scores[:] = 0
    elif not scores[0].any():
        scores[0, int(np.argmax(seen[0]))] = 1
    stress, rest = (tuple(int(score) for score in row) for row in scores)
    return Reading(
        score_17_stress=stress,
        score_17_rest=rest,
        impression=_impression(tracer, below, sum(stress)),
    )


def _impression(tracer: Tracer, below: bool, total: int) -> str:
    if tracer is Tracer.TC99M:
        return NORMAL if below else ABNORMAL
    if below:
        return LOW
    return HIGH if total > HIGH_RISK_SCORE else INTERMEDIATE


def is_abnormal(reading: Reading) -> bool:
    """Whether the impression is more than normal or low risk."""
    return reading.impression not in (NORMAL, LOW)


def labels(patient: Patient, report: Reading) -> dict[str, int]:
    """The cohort's labels that apply to the patient's tracer: 1 abnormal, or intermediate / high risk."""
    name = "label_abnormal" if patient.tracer is Tracer.TC99M else "label_intermediate_or_high_risk"
    return {name: int(is_abnormal(report))}
