"""The measures of the credibility page on cases whose answer is known."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from myoperf.core.terms import State

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "validation"))

from credibility_adversary import auc_interval, matched
from credibility_cases import Cases
from credibility_clinic import limits_of
from credibility_modes import basis, coefficients
from credibility_real import compare_segments
from credibility_texture import around
from virtual_to_real import compared

RINGS, SECTORS = 24, 36


def cases(men: int, women: int, level: float, *, abnormal: int = 0, loss: float = 0.0) -> Cases:
    """Patients with flat maps of one level; the first men are abnormal."""
    n = men + women
    maps = np.full((n, RINGS, SECTORS), level)
    table = pd.DataFrame(
        {"sex": ["M"] * men + ["F"] * women, "abnormal": [int(k < abnormal) for k in range(n)], "loss": [loss] * n}
    )
    return Cases(
        table=table,
        maps=dict.fromkeys(State, maps),
        weight=dict.fromkeys(State, np.full((n, RINGS, SECTORS), 1 / RINGS / SECTORS)),
        segments=dict.fromkeys(State, np.full((n, 17), level)),
        profiles=dict.fromkeys(State, np.zeros((n, 4, 3))),
        spectrum=dict.fromkeys(State, np.zeros((n, 16))),
        shape={state: pd.DataFrame({"radius_mm": np.zeros(n)}) for state in State},
    )


def test_matched_has_the_real_share_of_every_sex_and_label() -> None:
    real, virtual = cases(6, 4, 80.0, abnormal=2), cases(40, 40, 80.0, abnormal=10)
    found = matched(real, virtual, most=2)
    assert found.table.groupby(["sex", "abnormal"]).size().to_dict() == {("F", 0): 8, ("M", 0): 8, ("M", 1): 4}


def test_clear_leaves_out_who_is_called_normal_and_is_not() -> None:
    assert len(cases(5, 0, 80.0, loss=10.0).clear()) == 0
    assert len(cases(5, 0, 80.0, abnormal=5, loss=10.0).clear()) == 5


def test_segments_differ_by_what_was_put_in() -> None:
    men = compare_segments(cases(8, 8, 80.0), cases(8, 8, 83.0))[0]
    assert men.sex == "M"
    np.testing.assert_allclose(men.gap, 3.0)
    assert men.largest == pytest.approx(3.0)


def test_auc_of_perfect_order_is_one() -> None:
    truth = np.repeat([0, 1], 10)
    assert auc_interval(truth, truth.astype(float)) == (1.0, 1.0, 1.0)


def test_equal_scores_have_no_gap() -> None:
    truth = np.repeat([0, 1], 12)
    score = np.random.default_rng(0).random(24)
    found = compared(truth, score, score, trained=1, within=0.5)
    assert found.gap == (0.0, 0.0, 0.0)
    assert found.abnormal == 12


def test_modes_are_found_again() -> None:
    told = np.zeros(len(basis()))
    told[[1, 9]] = 0.05, -0.02
    field = (told @ basis()).reshape(RINGS, SECTORS)
    np.testing.assert_allclose(coefficients(field, np.ones((RINGS, SECTORS))), told, atol=1e-10)


def test_a_wave_around_has_its_amplitude() -> None:
    angle = np.arange(SECTORS) * 2 * np.pi / SECTORS
    maps = np.broadcast_to(80 + 3 * np.cos(2 * angle), (1, RINGS, SECTORS))
    waves = around(maps)
    np.testing.assert_allclose(waves[0, :, 1], 3.0)
    np.testing.assert_allclose(waves[0, :, [0, 2]], 0.0, atol=1e-9)


def test_limits_of_equal_maps_have_no_spread() -> None:
    limits = limits_of(np.full((6, RINGS, SECTORS), 70.0), np.full((6, RINGS, SECTORS), 1 / RINGS / SECTORS))
    np.testing.assert_allclose(limits.mad, 0.0, atol=1e-12)
