"""The answers to one virtual patient as the mapping that is written to ``truth/<patient>.json``."""

from dataclasses import asdict

import numpy as np

from ..core.terms import State
from .beat import beat_truth
from .body import HOT_GUT, LEFT_BREAST, LEFT_DOME
from .coronary import arteries_of, gensini, obstructed
from .disease import Patch
from .examination import Examination, class_of_disease, ischaemic_percent, label_columns, stenoses
from .patients import STATES, Patient, Scan
from .protocol import mixture
from .truth import StateTruth

_NOTABLE_BREAST_ML, _NOTABLE_DOME_MM, _NOTABLE_UPTAKE = 700.0, 0.0, 0.7


def truth_record(
    patient: Patient, found: Examination, *, physics: str, dose: float = 1.0, gates: int = 0
) -> dict[str, object]:
    """All that is true of a patient, with the keys that the architecture names; volumes in mL, ef in percent.

    gates : with the truth of so many gates and the phases, which take a while to find; 0 without.
    """
    labels = label_columns(patient, found)
    return {
        "patient_id": patient.patient_id,
        "seed": patient.seed,
        "number": patient.number,
        "physics": physics,
        "dose_fraction": dose,
        "sex": patient.sex.value,
        "age": patient.age,
        "bmi": patient.bmi,
        "tracer": patient.tracer.value,
        "protocol": patient.protocol,
        "camera": patient.camera.model,
        "plan": _plan(patient),
        "heart": _heart(patient),
        "arteries": {
            artery.territory.value: {"stenosis": artery.stenosis, "flow_reserve": artery.flow_reserve}
            for artery in arteries_of(patient.coronary)
        },
        "coronary": _coronary(patient),
        "defects": [_defect(defect) for defect in patient.defects],
        **{state.value: _state(patient, state, found.truth[state], gates) for state in STATES},
        "readers": [asdict(reading) for reading in found.readings],
        "consensus": asdict(found.report),
        "artefacts": _artefacts(patient, physics),
        "labels": {name: value for name, value in labels.items() if value != ""},
        "disease": class_of_disease(patient),
        "ischaemia_percent": round(ischaemic_percent(patient), 3),
        "record": asdict(found.record),
        "outcome": asdict(found.outcome),
    }


def _plan(patient: Patient) -> dict[str, object]:
    plan = patient.plan
    return {
        **asdict(plan),
        "effective_dose_msv": round(plan.effective_dose_msv, 2),
        "patterns": {state.value: {k.value: round(v, 4) for k, v in mixture(plan, state).items()} for state in STATES},
    }


def _heart(patient: Patient) -> dict[str, object]:
    rest = patient.rest.anatomy
    return {
        "ed_volume_ml": round(patient.ed_volume_ml, 2),
        "es_volume_ml": round(patient.es_volume_ml, 2),
        "ef": round(patient.rest.beat.ef, 2),
        "mass_g": round(rest.mass_g, 2),
        "axis_deg": _axis_deg(patient.stress),
        "wall_mm": round(rest.wall_mm, 2),
        "form": patient.form.value,
        "pose": asdict(patient.rest.pose),
    }


def _axis_deg(scan: Scan) -> float:
    """Angle between the long axis and the direction of the slices."""
    return round(float(np.degrees(np.arccos(np.clip(scan.anatomy.turn[2, 2], -1.0, 1.0)))), 2)


def _coronary(patient: Patient) -> dict[str, object]:
    coronary = patient.coronary
    return {
        "dominance": coronary.dominance.value,
        "stenosis": stenoses(coronary),
        "obstructed": [vessel.value for vessel in obstructed(coronary)],
        "gensini": gensini(coronary),
        "diffuse": coronary.diffuse,
        "microvascular": coronary.microvascular,
        "collaterals": coronary.collaterals,
        "normal_reserve": coronary.normal_reserve,
        "lesions": [asdict(lesion) for lesion in coronary.lesions],
    }


def _defect(defect: Patch) -> dict[str, object]:
    """A defect without the geometry of its bed, which follows from the arteries."""
    facts = asdict(defect)
    facts.pop("bed", None)
    return facts


def _state(patient: Patient, state: State, truth: StateTruth, gates: int) -> dict[str, object]:
    scan = patient.scan(state)
    return {
        **asdict(truth),
        "volume_ml": round(scan.anatomy.cavity_ml, 2),
        "axis_deg": _axis_deg(scan),
        "centre": [round(place, 3) for place in scan.anatomy.centre],
        "ed_volume_ml": round(scan.beat.ed_volume_ml, 2),
        "es_volume_ml": round(scan.beat.es_volume_ml, 2),
        "ef": round(scan.beat.ef, 2),
        "septal_loss": round(scan.septal_loss, 3),
        "respiration_mm": round(scan.imaging.respiration.amplitude_mm, 2),
        "relative_counts": round(scan.imaging.relative_counts, 4),
        "heart_rate": round(scan.beat.heart_rate, 1),
        **(_beat(scan, gates) if gates else {}),
    }


def _beat(scan: Scan, gates: int) -> dict[str, object]:
    """What a perfect measurement of the gated images would find."""
    beat = beat_truth(scan.anatomy, scan.beat, gates)
    return {
        "gate_volumes_ml": [round(volume, 2) for volume in beat.volumes_ml],
        "phase_deg_17": [round(phase, 2) for phase in beat.phase_deg],
        "thickening_17": [round(part, 2) for part in beat.thickening],
        "phase_sd_deg": round(beat.phase_sd_deg, 3),
        "phase_bandwidth_deg": round(beat.bandwidth_deg, 3),
    }


def _artefacts(patient: Patient, physics: str) -> list[dict[str, object]]:
    """What disturbs the images and is no disease, with its strength and unit."""
    found: list[dict[str, object]] = []

    def note(state: State, kind: str, strength: float, unit: str) -> None:
        found.append({"state": state.value, "kind": kind, "strength": round(strength, 3), "unit": unit})

    for state in STATES:
        torso, imaging = patient.scan(state).torso, patient.scan(state).imaging
        if patient.scan(state).septal_loss > 0.0:
            note(state, "septum of left bundle branch block", patient.scan(state).septal_loss, "of uptake lost")
        breast, dome, gut = (torso.find(name) for name in (LEFT_BREAST, LEFT_DOME, HOT_GUT))
        if breast is not None and breast.volume_ml / 2 >= _NOTABLE_BREAST_ML:
            note(state, "breast attenuation", breast.volume_ml / 2, "mL of one breast")
        if dome is not None and dome.centre[2] + dome.axes[2] >= _NOTABLE_DOME_MM:
            note(state, "diaphragm attenuation", dome.centre[2] + dome.axes[2], "mm above the heart's centre")
        if gut is not None and gut.uptake >= _NOTABLE_UPTAKE:
            note(state, "gut activity", gut.uptake, "of normal muscle")
        if imaging.motion is not None:
            note(state, "patient motion", imaging.motion.size_mm, "mm")
        if imaging.truncation is not None and physics == "full":
            note(state, "truncation", imaging.truncation.half_width_mm, "mm half width")
    return found
