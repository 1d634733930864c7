"""Roll-off, scar, redistribution: known answers."""

import numpy as np
import pytest

from myoperf.core.terms import Tracer
from myoperf.phantom.kinetics import (
    Agent,
    draw_fill,
    draw_washout,
    extraction,
    redistributed,
    relative_uptake,
    rest_flow,
    scar_loss,
    stress_flow,
    uptake,
)


def test_extraction_by_hand() -> None:
    assert extraction(Agent.SESTAMIBI, 1.0) == pytest.approx(0.969803, abs=1e-6)
    assert extraction(Agent.THALLIUM, 3.0) == pytest.approx(1 - np.exp(-2))
    assert extraction(Agent.THALLIUM, 0.0) == 1.0
    assert uptake(Agent.TETROFOSMIN, 0.0) == 0.0


def test_uptake_rises_ever_more_slowly() -> None:
    for agent in Agent:
        rise = np.diff([uptake(agent, flow) for flow in np.arange(0.0, 5.0, 0.25)])
        assert (rise > 0).all()
        assert (np.diff(rise) < 1e-9).all()


def test_thallium_follows_flow_best_and_tetrofosmin_least() -> None:
    left = {agent: relative_uptake(agent, 1.0, 3.0) for agent in Agent}
    assert 1 / 3 < left[Agent.THALLIUM] < left[Agent.SESTAMIBI] < left[Agent.TETROFOSMIN] < 0.6
    assert all(relative_uptake(agent, 2.0, 2.0) == 1.0 for agent in Agent)


def test_flow_at_stress_and_at_rest() -> None:
    assert stress_flow(3.0, 0.5) == 2.0
    assert stress_flow(0.8, 1.0) == pytest.approx(0.8)
    assert rest_flow(2.0) == 1.0
    assert rest_flow(0.64) == pytest.approx(0.8)


def test_scar_keeps_a_tenth_where_it_is_transmural() -> None:
    assert scar_loss(0.0) == 0.0
    assert scar_loss(1.0) == pytest.approx(0.9)
    assert scar_loss(0.5) == pytest.approx(0.45)


def test_redistribution_goes_part_of_the_way_and_reinjection_further() -> None:
    assert redistributed(0.5, 1.0, 0.6) == pytest.approx(0.8)
    assert redistributed(0.5, 1.0, 0.0) == 0.5
    plain, again = (
        np.array([draw_fill(np.random.default_rng(seed), 0.5, reinjected=told) for seed in range(200)])
        for told in (False, True)
    )
    assert (again > plain).mean() > 0.95
    assert ((plain >= 0.2) & (again <= 1.0)).all()
    deep = np.mean([draw_fill(np.random.default_rng(seed), 0.2, reinjected=False) for seed in range(200)])
    assert deep < plain.mean()


def test_washout_is_30_to_50_percent() -> None:
    drawn = [draw_washout(np.random.default_rng(seed)) for seed in range(200)]
    assert min(drawn) >= 0.30
    assert max(drawn) <= 0.50
    assert np.mean(drawn) == pytest.approx(0.40, abs=0.01)


def test_agents_know_their_tracer() -> None:
    assert [agent.tracer for agent in Agent] == [Tracer.TC99M, Tracer.TC99M, Tracer.TL201]
