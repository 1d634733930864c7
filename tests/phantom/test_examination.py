"""What is concluded of a patient: class of disease, labels, and everything about it in one value."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from myoperf.core.terms import Sex, State, Tracer
from myoperf.phantom.bed import Vessel
from myoperf.phantom.coronary import Coronary, Lesion
from myoperf.phantom.disease import segment_defect
from myoperf.phantom.examination import (
    Examination,
    class_of_disease,
    examine,
    ischaemic_percent,
    label_columns,
    stenoses,
)
from myoperf.phantom.limits import stored_limits
from myoperf.phantom.patients import STATES, Patient, expected_image
from myoperf.phantom.person import EVERYONE, Referral
from myoperf.phantom.population import draw_normal
from myoperf.phantom.reader import ABNORMAL, HIGH
from myoperf.phantom.truth import TrueLimits, true_map

NOBODY = Referral(normal=0.0, abnormal=0.0, per_point=0.0, typical=0.0)


@pytest.fixture(scope="module")
def healthy() -> Patient:
    return draw_normal(7, Sex.MALE, Tracer.TC99M)


def with_defect(patient: Patient, stress: float, rest: float) -> Patient:
    defects = (segment_defect(7, patient.stress.anatomy.mid_wall, stress=stress, rest=rest),)
    return replace(patient, defects=defects)


def found(patient: Patient, referral: Referral = EVERYONE) -> Examination:
    images = {state: expected_image(patient, state) for state in STATES}
    return examine(patient, images, stored_limits("fast"), referral=referral)


@pytest.mark.parametrize(
    ("stress", "rest", "kind"),
    [
        (0.0, 0.0, "normal"),
        (0.02, 0.0, "normal"),
        (0.7, 0.0, "ischaemia"),
        (0.7, 0.7, "infarction"),
        (0.9, 0.4, "mixed"),
    ],
)
def test_the_class_is_what_disease_does_to_the_uptake(healthy: Patient, stress: float, rest: float, kind: str) -> None:
    assert class_of_disease(with_defect(healthy, stress, rest)) == kind


def test_ischaemia_is_what_stress_loses_and_rest_does_not(healthy: Patient) -> None:
    loss = ischaemic_percent(with_defect(healthy, 0.8, 0.0))
    assert 4 < loss < 9
    assert ischaemic_percent(with_defect(healthy, 0.8, 0.4)) == pytest.approx(loss / 2, rel=0.02)
    assert ischaemic_percent(with_defect(healthy, 0.3, 0.8)) == 0.0
    assert ischaemic_percent(healthy) == 0.0


def lesion(vessel: Vessel, stenosis: float) -> Lesion:
    return Lesion(artery=vessel, place=0.2, stenosis=stenosis)


@pytest.mark.parametrize(
    ("lesions", "expected"),
    [
        ((), (0, 0, 0, 0)),
        ((lesion(Vessel.LAD, 60.0), lesion(Vessel.LM, 40.0)), (0, 0, 0, 0)),
        ((lesion(Vessel.RCA, 80.0),), (1, 0, 0, 1)),
        ((lesion(Vessel.LM, 60.0),), (1, 1, 1, 0)),
        ((lesion(Vessel.LAD, 75.0), lesion(Vessel.LCX, 20.0)), (1, 1, 0, 0)),
    ],
)
def test_labels_of_the_arteries(healthy: Patient, lesions: tuple[Lesion, ...], expected: tuple[int, ...]) -> None:
    patient = replace(healthy, coronary=Coronary(lesions=lesions))
    names = ("label_obstructive", "label_lad", "label_lcx", "label_rca")
    seen = label_columns(patient, found(patient))
    assert tuple(seen[name] for name in names) == expected
    assert seen["label_disease"] == "normal"


def test_without_angiography_nobody_knows_of_the_arteries(healthy: Patient) -> None:
    patient = replace(healthy, coronary=Coronary(lesions=(lesion(Vessel.LAD, 90.0),)))
    seen = label_columns(patient, found(patient, NOBODY))
    assert [seen[name] for name in ("label_obstructive", "label_lad", "label_lcx", "label_rca")] == [""] * 4
    assert seen["label_abnormal"] in (0, 1)


def test_each_tracer_has_its_own_question(healthy: Patient) -> None:
    thallium = draw_normal(7, Sex.MALE, Tracer.TL201)
    names = {
        p.tracer: {n for n, v in label_columns(p, found(p)).items() if v != "" and ("abnormal" in n or "risk" in n)}
        for p in (healthy, thallium)
    }
    assert names == {Tracer.TC99M: {"label_abnormal"}, Tracer.TL201: {"label_intermediate_or_high_risk"}}


def test_stenoses_of_every_vessel() -> None:
    coronary = Coronary(lesions=(lesion(Vessel.LAD, 71.26), lesion(Vessel.LAD, 30.0)))
    assert stenoses(coronary) == {"LM": 0.0, "LAD": 71.3, "LCX": 0.0, "RCA": 0.0}


def test_a_large_defect_is_read_reported_and_followed_up(healthy: Patient) -> None:
    surface = healthy.stress.anatomy.mid_wall
    large = tuple(segment_defect(number, surface, stress=0.9) for number in (7, 8, 13, 14, 17))
    ill, well = found(replace(healthy, defects=large)), found(healthy)
    assert ill.truth[State.STRESS].tpd_image > 15 > well.truth[State.STRESS].tpd_image
    assert ill.report.impression == ABNORMAL
    assert label_columns(replace(healthy, defects=large), ill)["label_abnormal"] == 1
    assert len(ill.readings) == 3
    assert ill.outcome.angiography
    assert ill.record.person == healthy.person
    thallium = draw_normal(7, Sex.MALE, Tracer.TL201)
    large = tuple(segment_defect(n, thallium.stress.anatomy.mid_wall, stress=0.9) for n in (7, 8, 13, 14, 17))
    assert found(replace(thallium, defects=large)).report.impression == HIGH


def test_the_same_patient_is_examined_the_same_way(healthy: Patient) -> None:
    first, again = found(healthy), found(healthy)
    assert first == again
    assert found(replace(healthy, number=8)).record != first.record


def test_truth_is_that_of_the_images_given(healthy: Patient) -> None:
    images = {state: expected_image(healthy, state) for state in STATES}
    own: Mapping[State, np.ndarray] = {s: true_map(healthy, s, images[s]).values for s in STATES}
    limits = {
        (healthy.sex, healthy.tracer, state): TrueLimits(mean=own[state], deviation=np.full((24, 36), 5.0))
        for state in STATES
    }
    truth = examine(healthy, images, limits, referral=NOBODY).truth
    assert {state: truth[state].tpd_image for state in STATES} == dict.fromkeys(STATES, 0.0)
    images[State.STRESS] = images[State.STRESS] * np.float32(3)
    assert examine(healthy, images, limits, referral=NOBODY).truth == truth
