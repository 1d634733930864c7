"""Smooth patterns over the wall, each wave by itself."""

import numpy as np
import pytest

from myoperf.phantom.surface import wall_table
from myoperf.phantom.waves import FADE, Waves, pattern

S, PHI = wall_table(30, 24)
COLUMNS = [
    np.ones_like(PHI),
    *(wave(k * np.radians(PHI)) for k in (1, 2, 3, 4) for wave in (np.cos, np.sin)),
]


def one(order: int, column: int, part: float = 0.1) -> Waves:
    rows = np.zeros((order + 1, 9))
    rows[order, column] = part
    return tuple(tuple(float(x) for x in row) for row in rows)


def test_no_waves_are_no_pattern() -> None:
    assert (pattern((), S, PHI) == 0).all()
    assert (pattern(((0.0,) * 7,) * 4, S, PHI) == 0).all()


@pytest.mark.parametrize("order", [0, 1, 3])
@pytest.mark.parametrize("column", range(9))
def test_each_number_is_one_wave_beyond_the_apex(order: int, column: int) -> None:
    far = S >= FADE
    expected = 0.1 * np.cos(order * np.pi * S) * COLUMNS[column]
    assert pattern(one(order, column), S, PHI)[far] == pytest.approx(expected[far], abs=1e-12)


def test_what_turns_with_the_angle_is_gone_at_the_apex() -> None:
    everything: Waves = ((0.3, 0.1, 0.2, 0.1, 0.2, 0.1, 0.2),) * 2
    around = np.linspace(0.0, 330.0, 12)
    ring = pattern(everything, np.zeros(12), around)
    assert ring == pytest.approx(np.full(12, 0.6), abs=1e-12)
    near, far = (float(np.ptp(pattern(everything, np.full(12, s), around))) for s in (FADE / 3, FADE))
    assert 0 < near < far


def test_waves_add_up() -> None:
    first, second = one(2, 1), one(2, 4, 0.3)
    both = tuple(tuple(a + b for a, b in zip(x, y, strict=True)) for x, y in zip(first, second, strict=True))
    assert pattern(both, S, PHI) == pytest.approx(pattern(first, S, PHI) + pattern(second, S, PHI), abs=1e-12)


def test_rows_are_as_long_as_they_need_to_be() -> None:
    short: Waves = ((0.1,), (0.2, 0.3), (), (0.0, 0.0, 0.4))
    full: Waves = ((0.1, 0.0, 0.0), (0.2, 0.3, 0.0), (0.0,) * 3, (0.0, 0.0, 0.4))
    assert pattern(short, S, PHI) == pytest.approx(pattern(full, S, PHI), abs=1e-12)
