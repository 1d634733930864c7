"""Simulated readers: what they disagree about, and what a perfect measurement can reach against them."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from myoperf.core.terms import State, Tracer
from myoperf.phantom.patients import STATES, Patient, expected_image
from myoperf.phantom.population import draw_patient
from myoperf.phantom.reader import CLINIC, Habits, labels, read_patient
from myoperf.phantom.truth import StateTruth, all_keys, true_limits, truths

PERFECT = Habits(criterion=CLINIC.criterion, gain_sd=0.0, segment_sd=0.0, impression_sd=0.0, impression_growth=0.0)


def truth_of(deficit: float) -> dict[State, StateTruth]:
    one = StateTruth(
        uptake_17=(80.0,) * 17,
        deficit_17=(deficit, *(0.0,) * 16),
        score_17=(0,) * 17,
        loss_17=(0.0,) * 17,
        tpd_image=0.0,
        tpd_activity=0.0,
    )
    return {State.STRESS: one, State.REST: replace(one, deficit_17=(0.0,) * 17)}


def test_a_reader_without_error_writes_down_the_truth() -> None:
    patient = draw_patient(0, 0, Tracer.TC99M)
    (reading,) = read_patient(patient, truth_of(3.4), readers=1, habits=PERFECT)
    assert reading.score_17_stress == (3, *(0,) * 16)
    assert reading.score_17_rest == (0,) * 17
    assert reading.impression == "abnormal"
    (other,) = read_patient(patient, truth_of(2.9), readers=1, habits=PERFECT)
    assert other.impression == "normal"


def test_thallium_is_read_as_risk() -> None:
    patient = draw_patient(0, 0, Tracer.TL201)
    (low,) = read_patient(patient, truth_of(0.4), readers=1, habits=PERFECT)
    (more,) = read_patient(patient, truth_of(3.4), readers=1, habits=PERFECT)
    assert (low.impression, more.impression) == ("low risk", "intermediate risk")
    assert labels(patient, low) == {"label_intermediate_or_high_risk": 0}
    assert labels(patient, more) == {"label_intermediate_or_high_risk": 1}
    high = truth_of(0.0)
    high[State.STRESS] = replace(high[State.STRESS], deficit_17=(1.0,) * 17)
    assert read_patient(patient, high, readers=1, habits=PERFECT)[0].impression == "high risk"


def test_readings_are_the_patients_own_and_repeatable() -> None:
    patient = draw_patient(0, 5, Tracer.TC99M)
    first = read_patient(patient, truth_of(2.0))
    assert first == read_patient(patient, truth_of(2.0))
    assert len(first) == 2


@pytest.fixture(scope="module")
def crowd() -> list[tuple[Patient, dict[State, StateTruth]]]:
    limits = {key: true_limits(key, count=10) for key in all_keys()}
    found = []
    for number in range(150):
        patient = draw_patient(2, number, Tracer.TC99M if number % 2 else Tracer.TL201)
        images = {state: expected_image(patient, state) for state in STATES}
        found.append((patient, truths(patient, images, limits)))
    return found


@pytest.mark.parametrize("tracer", list(Tracer))
def test_prevalence_and_what_a_perfect_measurement_reaches(
    crowd: list[tuple[Patient, dict[State, StateTruth]]], tracer: Tracer
) -> None:
    labelled = [
        (next(iter(labels(p, reading).values())), truth[State.STRESS].tpd_image)
        for p, truth in crowd
        if p.tracer is tracer
        for reading in read_patient(p, truth, readers=4)
    ]
    given, measured = np.array(labelled).T
    assert 0.33 < given.mean() < 0.60
    assert 0.86 < roc_auc_score(given, measured) < 0.97


def test_two_readers_agree_substantially_not_fully(crowd: list[tuple[Patient, dict[State, StateTruth]]]) -> None:
    pairs = [[next(iter(labels(p, r).values())) for r in read_patient(p, truth)] for p, truth in crowd]
    first, second = np.array(pairs).T
    assert 0.45 < cohen_kappa_score(first, second) < 0.85
