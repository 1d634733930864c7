"""The two true TPDs: invariants of the formula, and of the activity."""

from dataclasses import replace

import numpy as np
import pytest

from myoperf.core.terms import Sex, State, Territory, Tracer
from myoperf.phantom.disease import Defect
from myoperf.phantom.patients import expected_image
from myoperf.phantom.population import draw_normal, draw_patient
from myoperf.phantom.surface import MidWall, wall_table
from myoperf.phantom.truth import (
    TrueLimits,
    TrueMap,
    activity_loss,
    all_keys,
    deficit,
    scaled_to_limits,
    state_truth,
    true_limits,
    true_map,
)

S, PHI = wall_table(24, 36)
WEIGHT = MidWall(width_mm=28.0, length_mm=60.0, valve_mm=25.0, slant=0.3).area(S, PHI)
LIMITS = TrueLimits(mean=np.full((24, 36), 80.0), deviation=np.full((24, 36), 4.0))


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


@pytest.fixture(scope="module")
def limits() -> TrueLimits:
    return true_limits((Sex.MALE, Tracer.TC99M, State.STRESS), count=8)


def test_limits_are_the_same_each_time_and_cover_the_disc(limits: TrueLimits) -> None:
    again = true_limits((Sex.MALE, Tracer.TC99M, State.STRESS), count=8)
    assert (again.mean == limits.mean).all()
    assert limits.mean.shape == (24, 36)
    assert (limits.deviation > 0).all()
    assert len(all_keys()) == 8


def test_healthy_patient_has_no_true_deficit(limits: TrueLimits) -> None:
    healthy = draw_normal(50, Sex.MALE, Tracer.TC99M)
    truth = state_truth(healthy, State.STRESS, expected_image(healthy, State.STRESS), limits)
    assert truth.tpd_activity == 0.0
    assert truth.tpd_image < 3.0
    assert sum(truth.score_17) <= 2
    assert max(truth.uptake_17) <= 105


def test_more_disease_means_more_tpd_of_both_kinds(limits: TrueLimits) -> None:
    healthy = draw_normal(50, Sex.MALE, Tracer.TC99M)
    defect = Defect(
        territory=Territory.LAD,
        s=0.4,
        phi_deg=100.0,
        along_mm=30.0,
        around_mm=30.0,
        border=0.4,
        stress=0.3,
        rest=0.0,
    )
    found = []
    for severity in (0.3, 0.6, 0.9):
        ill = replace(healthy, defects=(replace(defect, stress=severity),))
        found.append(state_truth(ill, State.STRESS, expected_image(ill, State.STRESS), limits))
    assert found[0].tpd_image < found[1].tpd_image < found[2].tpd_image
    areas = [truth.tpd_activity / severity for truth, severity in zip(found, (0.3, 0.6, 0.9), strict=True)]
    assert areas == pytest.approx([areas[0]] * 3, rel=1e-3)
    assert np.argmax(found[2].loss_17) + 1 in (7, 13)
    assert np.argmax(found[2].deficit_17) + 1 in (7, 13)
    rest = activity_loss(replace(healthy, defects=(defect,)), State.REST)
    assert (rest == 0).all()


def test_true_map_finds_the_wall_of_a_tilted_heart() -> None:
    """Uptake along the known wall is that of the wall, whatever way the heart lies."""
    patient = draw_patient(1, 2, Tracer.TC99M, healthy=True)
    level = replace(patient.stress.anatomy, tilt_deg=(0.0, 0.0))
    tilted = replace(level, tilt_deg=(8.0, -7.0))
    maps = []
    for anatomy in (level, tilted):
        turned = replace(patient, stress=replace(patient.stress, anatomy=anatomy))
        maps.append(true_map(turned, State.STRESS, expected_image(turned, State.STRESS)).values)
    assert np.abs(maps[0] - maps[1]).mean() < 2.0
    assert np.corrcoef(maps[0].ravel(), maps[1].ravel())[0, 1] > 0.97
