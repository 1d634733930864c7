"""What is known of a patient once images, truth, readers, record and outcome are brought together."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ..core.terms import State
from .acquisition import Image
from .bed import Vessel
from .consensus import consensus, summed_scores
from .coronary import Coronary, obstructed, stenosis_of
from .disease import lost_share
from .outcome import Facts, Outcome, draw_outcome
from .patients import STATES, Patient, stream
from .person import Referral
from .protocol import Stressor
from .reader import CLINIC, Panel, Reading, is_abnormal, labels, read_patient
from .record import CoronaryFacts, HeartFacts, Record, draw_record
from .truth import LimitsKey, StateTruth, TrueLimits, truths

ISCHAEMIC, SCARRED = 0.02, 0.01
"""Part of the ventricle's uptake that must be lost, at stress only or for good, for a patient to be of that class."""
TRIAD: Mapping[str, int] = MappingProxyType({"infarction": 0, "ischaemia": 1, "normal": 2})
"""Numbers of three classes of disease, as Abulaila numbers them."""


@dataclass(frozen=True, kw_only=True)
class Examination:
    """Truth of both states, readings with their consensus, the clinical record, and what came after."""

    truth: Mapping[State, StateTruth]
    readings: tuple[Reading, ...]
    report: Reading
    record: Record
    outcome: Outcome


def examine(
    patient: Patient,
    images: Mapping[State, Image],
    limits: Mapping[LimitsKey, TrueLimits],
    *,
    referral: Referral,
    panel: Panel = CLINIC,
) -> Examination:
    """Everything about a patient from the images without noise. referral : who goes on to angiography."""
    truth = truths(patient, images, limits)
    ischaemia = ischaemic_percent(patient)
    record = draw_record(
        stream(patient, "record"),
        patient.person,
        coronary=CoronaryFacts(
            stenosis=stenoses(patient.coronary),
            flow_reserve={artery.territory.value: artery.flow_reserve for artery in patient.arteries},
            ischaemia=ischaemia,
        ),
        heart=HeartFacts(
            ed_volume_ml=patient.ed_volume_ml,
            es_volume_ml=patient.es_volume_ml,
            length_mm=float(patient.rest.anatomy.outer[1] + patient.rest.anatomy.mid_wall.valve_mm),
        ),
        stressor=patient.plan.stressor.value,
    )
    readings = read_patient(patient, truth, panel=panel)
    report = consensus(readings)
    outcome = draw_outcome(stream(patient, "outcome"), _facts(patient, record, report, ischaemia), referral=referral)
    return Examination(truth=truth, readings=readings, report=report, record=record, outcome=outcome)


def _facts(patient: Patient, record: Record, report: Reading, ischaemia: float) -> Facts:
    stress_score, _, difference = summed_scores(report)
    return Facts(
        person=patient.person,
        ischaemia=ischaemia,
        scar=100.0 * lost_share(patient.defects, State.REST, patient.rest.anatomy.mid_wall, scar_only=True),
        ejection_fraction=float(record.function.ejection_fraction),
        obstructed=len(obstructed(patient.coronary)),
        exercised=patient.plan.stressor is Stressor.EXERCISE,
        abnormal=is_abnormal(report),
        summed_stress_score=stress_score,
        summed_difference_score=difference,
    )


def ischaemic_percent(patient: Patient) -> float:
    """Percent of the ventricle's uptake that is lost under stress and not at rest."""
    stress, rest = (lost_share(patient.defects, s, patient.scan(s).anatomy.mid_wall) for s in STATES)
    return 100.0 * max(stress - rest, 0.0)


def stenoses(coronary: Coronary) -> dict[str, float]:
    """Percent diameter stenosis of left main and the three arteries."""
    return {vessel.value: round(stenosis_of(coronary, vessel), 1) for vessel in Vessel}


def class_of_disease(patient: Patient) -> str:
    """ "normal", "ischaemia", "infarction" or "mixed": what disease does to the uptake, whatever anyone reads."""
    scar = lost_share(patient.defects, State.REST, patient.rest.anatomy.mid_wall, scar_only=True) >= SCARRED
    ischaemic = ischaemic_percent(patient) >= 100 * ISCHAEMIC
    if scar:
        return "mixed" if ischaemic else "infarction"
    return "ischaemia" if ischaemic else "normal"


def label_columns(patient: Patient, found: Examination) -> dict[str, object]:
    """The ``label_*`` columns: report, class of disease, and what angiography showed where it was done.

    ``label_triad`` numbers three classes: 0 infarction, 1 ischaemia, 2 normal; it is empty where a patient has both
    kinds of disease. Obstruction is empty where there was no angiography; the truth of every patient is in its own
    file.
    """
    seen = obstructed(patient.coronary)
    shown: dict[str, object] = {
        "label_obstructive": int(bool(seen)),
        **{f"label_{v.value.lower()}": int(v in seen or _behind(v, seen)) for v in Vessel if v is not Vessel.LM},
    }
    if not found.outcome.angiography:
        shown = dict.fromkeys(shown, "")
    report = dict.fromkeys(("label_abnormal", "label_intermediate_or_high_risk"), "") | labels(patient, found.report)
    disease = class_of_disease(patient)
    return {**report, "label_disease": disease, "label_triad": TRIAD.get(disease, ""), **shown}


def _behind(vessel: Vessel, seen: tuple[Vessel, ...]) -> bool:
    """Whether an artery lies behind an obstructed left main."""
    return Vessel.LM in seen and vessel in (Vessel.LAD, Vessel.LCX)
