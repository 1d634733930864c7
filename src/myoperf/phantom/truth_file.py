"""The answers to one virtual patient as the mapping that is written to ``truth/<patient>.json``."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np

from ..core.terms import State
from .patients import STATES, Patient, Scan, stream
from .reader import Reading, labels
from .truth import StateTruth

_YEAR_DAYS = 365.25
_NOTABLE_LOSS, _NOTABLE_UPTAKE = 0.2, 0.7


def truth_record(
    patient: Patient, truth: Mapping[State, StateTruth], readings: Sequence[Reading], *, physics: str
) -> dict[str, object]:
    """All that is true of a patient, with the keys that the architecture names; volumes in mL, ef in percent."""
    return {
        "patient_id": patient.patient_id,
        "seed": patient.seed,
        "number": patient.number,
        "physics": physics,
        "sex": patient.sex.value,
        "age": patient.age,
        "bmi": patient.bmi,
        "tracer": patient.tracer.value,
        "protocol": patient.protocol,
        "heart": _heart(patient),
        "arteries": {
            artery.territory.value: {"stenosis": artery.stenosis, "flow_reserve": artery.flow_reserve}
            for artery in patient.arteries
        },
        "defects": [asdict(defect) for defect in patient.defects],
        **{state.value: _state(patient.scan(state), truth[state]) for state in STATES},
        "readers": [asdict(reading) for reading in readings],
        "artefacts": _artefacts(patient),
        "labels": labels(patient, readings[0]),
        "outcome": _outcome(patient, truth[State.STRESS].tpd_activity),
    }


def _heart(patient: Patient) -> dict[str, float]:
    return {
        "ed_volume_ml": round(patient.ed_volume_ml, 2),
        "es_volume_ml": round(patient.es_volume_ml, 2),
        "ef": round(100.0 * (1 - patient.es_volume_ml / patient.ed_volume_ml), 2),
        "mass_g": round(patient.rest.anatomy.mass_g, 2),
        "axis_deg": _axis_deg(patient.stress),
        "wall_mm": round(patient.rest.anatomy.wall_mm, 2),
    }


def _axis_deg(scan: Scan) -> float:
    """Angle between the long axis and the direction of the slices."""
    return round(float(np.degrees(np.arccos(np.clip(scan.anatomy.turn[2, 2], -1.0, 1.0)))), 2)


def _state(scan: Scan, truth: StateTruth) -> dict[str, object]:
    return {
        **asdict(truth),
        "volume_ml": round(scan.anatomy.cavity_ml, 2),
        "axis_deg": _axis_deg(scan),
        "centre": [round(place, 3) for place in scan.anatomy.centre],
    }


def _artefacts(patient: Patient) -> list[dict[str, object]]:
    """What disturbs the images and is no disease, with its strength."""
    found: list[dict[str, object]] = []
    for state in STATES:
        scan = patient.scan(state)
        shadow = scan.imaging.attenuation
        losses = (("breast attenuation", shadow.breast), ("diaphragm attenuation", shadow.diaphragm))
        organs = tuple((f"{organ.name} activity", organ.uptake) for organ in scan.anatomy.around.organs)
        notable = [(k, v) for k, v in losses if v >= _NOTABLE_LOSS] + [
            (k, v) for k, v in organs if v >= _NOTABLE_UPTAKE
        ]
        found += [{"state": state.value, "kind": kind, "strength": round(value, 3)} for kind, value in notable]
    return found


def _outcome(patient: Patient, tpd: float) -> dict[str, int]:
    """Death or infarction: risk of 1.2 percent a year at 60 without disease, times 1.07 for each percent of defect."""
    random = stream(patient, "outcome")
    yearly = 0.012 * np.exp(0.05 * (patient.age - 60) + np.log(1.07) * tpd)
    until = random.uniform(2.0, 5.0)
    happens = random.exponential(1.0 / yearly)
    return {"event": int(happens < until), "time_days": max(1, round(min(happens, until) * _YEAR_DAYS))}
