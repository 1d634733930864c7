"""Breathing, shifts and truncation as weights and shifts of known answer."""

import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Position, Sex
from myoperf.phantom.motion import (
    PatientMotion,
    Respiration,
    Truncation,
    draw_motion,
    draw_respiration,
    draw_truncation,
    kept_bins,
    projected_shifts,
    respiration_weights,
    view_shifts,
)


def test_breathing_blurs_without_displacing_and_lingers_at_the_top() -> None:
    shifts, share = respiration_weights(Respiration(amplitude_mm=12.0), shifts=6)
    assert share.sum() == pytest.approx(1.0)
    assert (shifts * share).sum() == pytest.approx(0.0, abs=1e-9)
    assert np.ptp(shifts) == pytest.approx(12.0 * 5 / 6)
    assert share.argmax() == shifts.argmax()
    fine, _ = respiration_weights(Respiration(amplitude_mm=12.0), shifts=64)
    assert fine.max() == pytest.approx(12.0 * 3 / 8, abs=0.2)
    still, all_of_it = respiration_weights(Respiration(amplitude_mm=12.0), shifts=1)
    assert still == pytest.approx([0.0])
    assert all_of_it == pytest.approx([1.0])


def test_breathing_that_cannot_be_is_refused() -> None:
    for amplitude, shifts in ((-1.0, 5), (8.0, 0)):
        with pytest.raises(RefusedError, match="respiration"):
            respiration_weights(Respiration(amplitude_mm=amplitude), shifts=shifts)


def test_a_step_moves_the_later_views_only() -> None:
    motion = PatientMotion(from_view=3, shift_mm=(3.0, 0.0, 4.0))
    shifts = view_shifts(motion, 5)
    assert shifts[:3] == pytest.approx(0.0)
    assert shifts[3:] == pytest.approx(np.tile([3.0, 0.0, 4.0], (2, 1)))
    assert motion.size_mm == pytest.approx(5.0)
    assert (view_shifts(None, 4) == 0).all()


def test_the_detector_sees_what_is_across_its_direction() -> None:
    shifts = np.tile([3.0, 5.0, 7.0], (3, 1))
    seen = projected_shifts(shifts, np.array([0.0, 90.0, 180.0]))
    assert seen == pytest.approx(np.array([[3.0, 7.0], [5.0, 7.0], [-3.0, 7.0]]))


def test_truncation_takes_the_outer_bins() -> None:
    kept = kept_bins(Truncation(half_width_mm=12.0), 8, 5.0)
    assert kept == pytest.approx([0.0, 0.4, 1.0, 1.0, 1.0, 1.0, 0.4, 0.0])
    assert kept.sum() * 5.0 == pytest.approx(24.0, abs=5.0)
    assert (kept_bins(None, 8, 5.0) == 1).all()
    assert (kept_bins(Truncation(half_width_mm=float("inf")), 8, 5.0) == 1).all()


def test_how_often_and_how_far() -> None:
    random = np.random.default_rng(0)
    drawn = [draw_motion(random, 32) for _ in range(600)]
    moved = [motion for motion in drawn if motion is not None]
    sizes = np.array([motion.size_mm for motion in moved])
    assert len(moved) / 600 == pytest.approx(0.49, abs=0.06)
    assert (sizes > 6.0).sum() / 600 == pytest.approx(0.10, abs=0.04)
    assert 3.0 <= sizes.min() < sizes.max() <= 25.0
    assert {motion.from_view for motion in moved} <= set(range(1, 32))
    assert np.median([abs(m.shift_mm[2]) / m.size_mm for m in moved]) > 0.8
    prone = [draw_motion(random, 32, position=Position.PRONE) for _ in range(600)]
    assert sum(m is not None for m in prone) < 0.75 * len(moved)
    assert draw_motion(random, 32, chance=0.0) is None
    breaths = np.array([draw_respiration(random).amplitude_mm for _ in range(600)])
    assert (breaths > 10.0).mean() == pytest.approx(0.33, abs=0.06)
    assert 1.0 < breaths.min() < breaths.max() <= 37.0


def test_the_heavy_are_truncated_more() -> None:
    def share(bmi: float) -> float:
        random = np.random.default_rng(3)
        drawn = [draw_truncation(random, sex=Sex.MALE, bmi=bmi, half_field_mm=200.0, chance=0.1) for _ in range(500)]
        return float(np.mean([one is not None for one in drawn]))

    assert share(40.0) == pytest.approx(0.4, abs=0.07)
    assert share(25.0) == pytest.approx(0.05, abs=0.03)
    (one,) = (draw_truncation(np.random.default_rng(1), sex=Sex.FEMALE, bmi=60.0, half_field_mm=200.0, chance=1.0),)
    assert one is not None
    assert 100.0 < one.half_width_mm < 190.0


def test_chances_are_parts() -> None:
    with pytest.raises(RefusedError, match="motion"):
        draw_motion(np.random.default_rng(0), 32, chance=1.2)
    with pytest.raises(RefusedError, match="truncation"):
        draw_truncation(np.random.default_rng(0), sex=Sex.MALE, bmi=30.0, half_field_mm=200.0, chance=-0.1)
