"""The two true TPDs: invariants of the formula, and of the activity."""

from dataclasses import replace

import numpy as np
import pytest

from myoperf.core.segments import segment_means
from myoperf.core.terms import Sex, State, Territory, Tracer
from myoperf.phantom.disease import Defect
from myoperf.phantom.patients import STATES, Patient, expected_image
from myoperf.phantom.population import draw_normal
from myoperf.phantom.protocol import REST_STRESS, mixture
from myoperf.phantom.surface import MidWall, wall_table
from myoperf.phantom.truth import (
    StateTruth,
    TrueLimits,
    TrueMap,
    activity_loss,
    all_keys,
    deficit,
    scaled_to_limits,
    state_truth,
    true_map,
    truths,
)

S, PHI = wall_table(24, 36)
WEIGHT = MidWall(width_mm=28.0, length_mm=60.0, valve_mm=25.0, slant=0.3).area(S, PHI)
LIMITS = TrueLimits(mean=np.full((24, 36), 80.0), deviation=np.full((24, 36), 4.0))
DEFECT = Defect(
    territory=Territory.LAD,
    s=0.4,
    phi_deg=100.0,
    along_mm=30.0,
    around_mm=30.0,
    border=0.4,
    stress=0.3,
    rest=0.0,
)


def tpd(values: np.ndarray) -> float:
    return float(100 * (WEIGHT * deficit(TrueMap(values=values, weight=WEIGHT), LIMITS)).sum() / 4)


def test_the_mean_itself_and_any_scale_of_it_have_no_deficit() -> None:
    assert tpd(LIMITS.mean) == 0.0
    assert tpd(0.6 * LIMITS.mean) == 0.0
    noise = np.random.default_rng(0).uniform(-2, 2, (24, 36)) * 4.0
    assert tpd(LIMITS.mean + noise) == 0.0


def test_absent_uptake_in_a_known_area_is_its_share() -> None:
    gone = (PHI >= 90) & (PHI < 180)
    values = np.where(gone, 0.0, 80.0)
    assert tpd(values) == pytest.approx(100 * WEIGHT[gone].sum(), abs=1e-6)


def test_half_way_between_limit_and_absent_scores_half() -> None:
    lost = S > 0.9
    floor = 80.0 - 3 * 4.0
    values = np.where(lost, (floor + 0.3 * 80.0) / 2, 80.0)
    assert tpd(values) == pytest.approx(50 * WEIGHT[lost].sum(), rel=1e-6)


def test_hardly_any_sound_wall_falls_back_on_the_maximum() -> None:
    values = np.where(S > 0.97, 80.0, 8.0)
    scaled = scaled_to_limits(values, WEIGHT, LIMITS)
    assert np.isfinite(scaled).all()
    assert tpd(values) > 80


def test_there_is_a_key_for_every_sex_tracer_and_state() -> None:
    assert len(set(all_keys())) == 8


@pytest.fixture(scope="module")
def healthy() -> Patient:
    """A man studied on two days, a week apart: at rest nothing of stress is left."""
    found = draw_normal(50, Sex.MALE, Tracer.TC99M)
    return replace(found, plan=replace(found.plan, delay_h=168.0))


@pytest.fixture(scope="module")
def limits(healthy: Patient) -> TrueLimits:
    """Limits around this person's own sound heart, so that whatever is below them is disease."""
    own = true_map(healthy, State.STRESS, expected_image(healthy, State.STRESS))
    return TrueLimits(mean=own.values, deviation=np.full_like(own.values, 3.0))


def truth_of(patient: Patient, limits: TrueLimits) -> StateTruth:
    return state_truth(patient, State.STRESS, expected_image(patient, State.STRESS), limits)


def test_healthy_patient_has_no_true_deficit(healthy: Patient, limits: TrueLimits) -> None:
    truth = truth_of(healthy, limits)
    assert truth.tpd_activity == 0.0
    assert truth.tpd_image == 0.0
    assert truth.score_17 == (0,) * 17
    assert truth.loss_17 == (0.0,) * 17
    assert 60 < max(truth.uptake_17) <= 105


def test_more_disease_means_more_tpd_of_both_kinds(healthy: Patient, limits: TrueLimits) -> None:
    found = [
        truth_of(replace(healthy, defects=(replace(DEFECT, stress=severity),)), limits) for severity in (0.3, 0.6, 0.9)
    ]
    assert found[0].tpd_image < found[1].tpd_image < found[2].tpd_image
    areas = [truth.tpd_activity / severity for truth, severity in zip(found, (0.3, 0.6, 0.9), strict=True)]
    assert areas == pytest.approx([areas[0]] * 3, rel=1e-3)
    assert np.argmax(found[2].loss_17) + 1 in (7, 13)
    assert np.argmax(found[2].deficit_17) + 1 in (7, 13)
    assert (activity_loss(replace(healthy, defects=(DEFECT,)), State.REST) < 1e-4).all()


def test_scores_are_the_rounded_deficits_and_tpd_is_their_mean(healthy: Patient, limits: TrueLimits) -> None:
    truth = truth_of(replace(healthy, defects=(replace(DEFECT, stress=0.8),)), limits)
    assert truth.score_17 == tuple(int(np.floor(value + 0.5)) for value in truth.deficit_17)
    surface = healthy.stress.anatomy.mid_wall
    area = segment_means(np.ones((24, 36)), surface.area(S, PHI))
    assert (area == 1).all()
    loss = activity_loss(replace(healthy, defects=(replace(DEFECT, stress=0.8),)), State.STRESS)
    assert truth.tpd_activity == pytest.approx(100 * (surface.area(S, PHI) * loss).sum(), abs=1e-3)


def test_an_earlier_injection_shines_through(healthy: Patient) -> None:
    plan = replace(healthy.plan, name=REST_STRESS, stress_mbq=700.0, rest_mbq=250.0, delay_h=2.0)
    ill = replace(healthy, defects=(DEFECT,))
    share = mixture(plan, State.STRESS)[State.STRESS]
    assert 0.5 < share < 1.0
    alone, under = (activity_loss(p, State.STRESS) for p in (ill, replace(ill, plan=plan)))
    assert under == pytest.approx(share * alone, abs=1e-9)


def test_truth_of_both_states_by_their_own_limits(healthy: Patient, limits: TrueLimits) -> None:
    images = {state: expected_image(healthy, state) for state in STATES}
    strict = replace(limits, mean=limits.mean + 1.0, deviation=0.0 * limits.deviation)
    table = {(Sex.MALE, Tracer.TC99M, State.STRESS): limits, (Sex.MALE, Tracer.TC99M, State.REST): strict}
    both = truths(healthy, images, table)
    assert both[State.STRESS].tpd_image == 0.0
    assert both[State.REST].tpd_image > 0.0
    with pytest.raises(KeyError):
        truths(replace(healthy, person=replace(healthy.person, sex=Sex.FEMALE)), images, table)


def test_true_map_finds_the_wall_of_a_tilted_heart(healthy: Patient) -> None:
    """Uptake along the known wall is that of the wall, whatever way the heart lies."""
    level = replace(healthy.stress.anatomy, tilt_deg=(0.0, 0.0))
    tilted = replace(level, tilt_deg=(8.0, -7.0))
    maps = []
    for anatomy in (level, tilted):
        turned = replace(healthy, stress=replace(healthy.stress, anatomy=anatomy))
        maps.append(true_map(turned, State.STRESS, expected_image(turned, State.STRESS)).values)
    assert np.abs(maps[0] - maps[1]).mean() < 2.0
    assert np.corrcoef(maps[0].ravel(), maps[1].ravel())[0, 1] > 0.97
