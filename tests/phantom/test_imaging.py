"""How a study is imaged: counts and noise by dose, and a stored box that holds the heart."""

import numpy as np
import pytest

from myoperf.core.terms import Sex, State, Tracer
from myoperf.phantom.acquisition import Imaging
from myoperf.phantom.camera import VIRTUAL_SPECT
from myoperf.phantom.imaging import draw_field, draw_imaging, draw_tilt, noise_level
from myoperf.phantom.patients import STATES
from myoperf.phantom.person import Intake, draw_person
from myoperf.phantom.population import draw_normal
from myoperf.phantom.protocol import Practice, Protocol, count_factor, draw_protocol

ONE_DAY = Practice(two_day=0.0, stress_first=1.0)


def drawn(seed: int, tracer: Tracer = Tracer.TC99M) -> tuple[Protocol, tuple[Imaging, Imaging]]:
    person = draw_person(np.random.default_rng([seed, 0]), Intake())
    plan = draw_protocol(np.random.default_rng([seed, 1]), tracer, ONE_DAY)
    return plan, draw_imaging(np.random.default_rng([seed, 2]), person, plan, VIRTUAL_SPECT)


def test_noise_falls_with_the_root_of_the_counts_and_with_the_filter() -> None:
    assert noise_level(4.0, 0.34) == pytest.approx(noise_level(1.0, 0.34) / 2)
    assert noise_level(1.0, 0.30) < noise_level(1.0, 0.34) < noise_level(1.0, 0.40)


@pytest.mark.parametrize("tracer", list(Tracer))
def test_counts_of_both_states_are_as_dose_and_time_say(tracer: Tracer) -> None:
    for seed in range(5):
        plan, (stress, rest) = drawn(seed, tracer)
        factors = [count_factor(plan, state) for state in STATES]
        assert rest.relative_counts / stress.relative_counts == pytest.approx(factors[1] / factors[0])
        assert stress.counts / stress.relative_counts == pytest.approx(rest.counts / rest.relative_counts)
        assert stress.noise == pytest.approx(noise_level(stress.relative_counts, stress.cutoff))
        assert (stress.cutoff, stress.fwhm_mm) == (rest.cutoff, rest.fwhm_mm)


def test_the_second_dose_of_a_day_is_less_noisy() -> None:
    for seed in range(5):
        _, (stress, rest) = drawn(seed)
        assert rest.counts > stress.counts
        assert rest.noise < stress.noise


def test_thallium_has_fewer_counts_and_softer_images() -> None:
    means = {
        tracer: np.mean([(i.counts, i.fwhm_mm[1], -i.noise) for i in (drawn(k, tracer)[1][0] for k in range(40))], 0)
        for tracer in Tracer
    }
    counts, width, quiet = means[Tracer.TC99M] - means[Tracer.TL201]
    assert counts > 0
    assert width < 0
    assert quiet > 0


def test_breath_and_movement_of_each_state_are_its_own() -> None:
    both = [drawn(seed)[1] for seed in range(60)]
    assert any(stress.motion != rest.motion for stress, rest in both)
    assert any(stress.motion is None for stress, _ in both)
    assert all(stress.respiration != rest.respiration for stress, rest in both)
    for stress, _ in both:
        if stress.motion is not None:
            assert 0 < stress.motion.from_view < VIRTUAL_SPECT.orbit.views


@pytest.mark.parametrize("sex", list(Sex))
def test_the_stored_box_holds_the_middle_of_the_wall_all_around(sex: Sex) -> None:
    for number in range(20):
        scan = draw_normal(number, sex, Tracer.TC99M).scan(State.STRESS)
        field, centre, wall = scan.field, scan.anatomy.centre, scan.anatomy.mid_wall
        across, along, valve = wall.width_mm, wall.length_mm, wall.valve_mm
        crop, step = field.crop(), field.spacing_mm[0]
        ends = [(-along, valve), (-across, across), (-across, across)]
        for part, middle, (low, high), size in zip(crop, centre, ends, field.shape, strict=True):
            assert 0 <= part.start < part.stop <= size
            assert middle + low / step >= part.start
            assert middle + high / step <= part.stop - 1


def test_fields_and_tilts_repeat_and_vary() -> None:
    heart = draw_normal(0, Sex.MALE, Tracer.TC99M).rest.anatomy
    fields = [draw_field(np.random.default_rng(k), Sex.MALE, heart) for k in (1, 1, 2)]
    assert fields[0] == fields[1] != fields[2]
    tilts = np.array([draw_tilt(np.random.default_rng(k)) for k in range(200)])
    assert (np.abs(tilts.mean(axis=0)) < 10).all()
    assert (tilts.std(axis=0) > 1).all()
