"""Residual activity, counts and dose by hand; how a clinic mixes its protocols."""

from dataclasses import replace

import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Position, State, Tracer
from myoperf.phantom.kinetics import Agent
from myoperf.phantom.protocol import (
    NAMES,
    ONE_PROTOCOL,
    REDISTRIBUTION,
    REINJECTION,
    REST_STRESS,
    STRESS_REST,
    TWO_DAY,
    Practice,
    Protocol,
    Stressor,
    count_factor,
    decayed,
    draw_protocol,
    mixture,
)

ONE_DAY = Protocol(
    name=STRESS_REST,
    agent=Agent.SESTAMIBI,
    stressor=Stressor.EXERCISE,
    effort=0.8,
    stress_mbq=250.0,
    rest_mbq=750.0,
    delay_h=3.0,
)
THALLIUM = Protocol(
    name=REDISTRIBUTION,
    agent=Agent.THALLIUM,
    stressor=Stressor.VASODILATOR,
    effort=1.0,
    stress_mbq=80.0,
    rest_mbq=0.0,
    delay_h=4.0,
    washout=0.4,
)


def test_decay_by_hand() -> None:
    assert decayed(Tracer.TC99M, 6.01) == 0.5
    assert decayed(Tracer.TC99M, 3.0) == pytest.approx(0.70751, abs=1e-5)
    assert decayed(Tracer.TL201, 146.0) == 0.25


def test_first_injection_lies_under_the_second() -> None:
    residual = 250 * 1.2 * 0.70751 * 0.91700
    assert mixture(ONE_DAY, State.STRESS) == {State.STRESS: 1.0, State.REST: 0.0}
    assert mixture(ONE_DAY, State.REST)[State.STRESS] == pytest.approx(residual / (residual + 750), abs=1e-4)
    turned = replace(ONE_DAY, name=REST_STRESS, stress_mbq=750.0, rest_mbq=250.0)
    residual /= 1.2
    assert mixture(turned, State.STRESS)[State.REST] == pytest.approx(residual / (residual + 900), abs=1e-4)
    assert mixture(turned, State.REST)[State.REST] == 1.0
    later = replace(ONE_DAY, name=TWO_DAY, stress_mbq=450.0, rest_mbq=450.0, delay_h=48.0)
    assert mixture(later, State.REST)[State.STRESS] < 0.002


@pytest.mark.parametrize("protocol", [ONE_DAY, THALLIUM, replace(THALLIUM, name=REINJECTION, rest_mbq=40.0)])
def test_shares_sum_to_one(protocol: Protocol) -> None:
    for state in State:
        assert sum(mixture(protocol, state).values()) == pytest.approx(1.0)


def test_counts_by_hand() -> None:
    full = replace(ONE_DAY, name=TWO_DAY, stress_mbq=450.0, rest_mbq=450.0, delay_h=240.0)
    assert count_factor(full, State.STRESS) == pytest.approx(1.0)
    assert count_factor(full, State.REST) == pytest.approx(1 / 1.2, rel=1e-6)
    assert count_factor(replace(full, dose_fraction=0.25), State.STRESS) == pytest.approx(0.25)
    assert count_factor(replace(full, stress_seconds=40.0), State.STRESS) == pytest.approx(2.0)


def test_thallium_washes_out_and_a_second_injection_adds() -> None:
    early, late = (count_factor(THALLIUM, state) for state in (State.STRESS, State.REST))
    assert late / early == pytest.approx(0.6 * 0.96273, abs=1e-4)
    again = replace(THALLIUM, name=REINJECTION, rest_mbq=40.0)
    assert count_factor(again, State.REST) / early == pytest.approx(0.6 * 0.96273 + 40 / 96, abs=1e-4)


def test_effective_doses_are_the_published_ones() -> None:
    assert round(ONE_DAY.effective_dose_msv) == 13
    assert round(replace(ONE_DAY, agent=Agent.TETROFOSMIN, rest_mbq=550.0).effective_dose_msv) == 8
    assert round(THALLIUM.effective_dose_msv) == 18
    assert round(replace(THALLIUM, name=REINJECTION, rest_mbq=40.0).effective_dose_msv) == 27
    assert replace(THALLIUM, dose_fraction=0.5).effective_dose_msv == pytest.approx(9.0)


def test_protocols_belong_to_their_tracer() -> None:
    with pytest.raises(RefusedError, match="got '2day'"):
        replace(THALLIUM, name=TWO_DAY)
    with pytest.raises(RefusedError, match="dose fraction"):
        replace(THALLIUM, dose_fraction=0.0)


def test_practice_of_a_clinic() -> None:
    drawn = {
        tracer: [draw_protocol(np.random.default_rng([2, seed]), tracer) for seed in range(800)] for tracer in Tracer
    }
    for tracer, protocols in drawn.items():
        assert {p.name for p in protocols} == set(NAMES[tracer])
        assert {p.position for p in protocols} == set(Position)
        assert all(p.tracer is tracer for p in protocols)
    technetium = drawn[Tracer.TC99M]
    assert np.mean([p.name == TWO_DAY for p in technetium]) == pytest.approx(0.6, abs=0.05)
    usual = {
        tracer: [draw_protocol(np.random.default_rng([3, seed]), tracer, ONE_PROTOCOL) for seed in range(400)]
        for tracer in Tracer
    }
    counts = {
        tracer: np.mean([count_factor(p, State.STRESS) for p in protocols]) for tracer, protocols in usual.items()
    }
    assert counts[Tracer.TC99M] / counts[Tracer.TL201] == pytest.approx(3.5, rel=0.10)


def test_the_old_exercise_less_and_settings_are_followed() -> None:
    def exercising(age: float) -> float:
        drawn = [draw_protocol(np.random.default_rng([5, k]), Tracer.TC99M, age=age) for k in range(300)]
        return float(np.mean([p.stressor is Stressor.EXERCISE for p in drawn]))

    assert exercising(45.0) > exercising(60.0) > exercising(80.0) > 0.1
    only = Practice(two_day=0.0, stress_first=1.0, prone=1.0, dose_fraction=0.5)
    one = draw_protocol(np.random.default_rng(1), Tracer.TC99M, only)
    assert (one.name, one.position, one.dose_fraction) == (STRESS_REST, Position.PRONE, 0.5)
    assert one == draw_protocol(np.random.default_rng(1), Tracer.TC99M, only)
