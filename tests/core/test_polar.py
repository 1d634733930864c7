"""The disc: where anterior, septum, apex and base lie, and what comes back out of a picture that was drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from myoperf.core.polar import (
    RINGS,
    SECTORS,
    Map,
    disc_coordinates,
    disc_picture,
    ring_radii,
    sector_angles,
    weighted_percentile,
)

SIZE = 224


def ramp() -> Map:
    """Uptake that differs everywhere: rising towards the base, with one wave round the wall."""
    wave: Map = np.cos(np.radians(sector_angles() - 50))
    return np.add.outer(40 + 30 * ring_radii(), 20 * wave)


def pixel(radius: float, angle: float, size: int = SIZE) -> tuple[int, int]:
    x, y = radius * np.cos(np.radians(angle)), radius * np.sin(np.radians(angle))
    return int((1 - y) / 2 * size), int((x + 1) / 2 * size)


def test_sectors_and_rings_stand_where_the_docstring_says() -> None:
    assert (RINGS, SECTORS) == (24, 36)
    assert_allclose(sector_angles()[[0, 9, 18, 27]], [0, 90, 180, 270])
    assert_allclose(ring_radii(4), [0.125, 0.375, 0.625, 0.875])


def test_anterior_is_up_and_septum_left() -> None:
    radius, angle = disc_coordinates(101)
    assert_allclose([angle[5, 50], angle[50, 5], angle[95, 50], angle[50, 95]], [90, 180, 270, 0], atol=1e-9)
    assert radius[50, 50] == pytest.approx(0, abs=1e-12)
    assert ((angle >= 0) & (angle < 360)).all()


@pytest.mark.parametrize(
    ("sector", "radius", "angle"), [(9, 0.7, 90), (18, 0.7, 180), (27, 0.7, 270), (0, 0.7, 0), (3, 0.9, 30)]
)
def test_a_hot_sector_is_drawn_at_its_angle(sector: int, radius: float, angle: float) -> None:
    values = np.zeros((RINGS, SECTORS))
    values[:, sector] = 100.0
    picture = disc_picture(values, SIZE)
    assert picture[pixel(radius, angle)] > 90
    assert picture[pixel(radius, angle + 180)] == 0


def test_the_apex_is_in_the_middle_and_the_base_at_the_rim() -> None:
    values = np.zeros((RINGS, SECTORS))
    values[-1] = 100.0
    picture = disc_picture(values, SIZE)
    assert picture[SIZE // 2, SIZE // 2] == 0
    assert picture[pixel(0.985, 200)] == pytest.approx(100)
    assert np.isnan(picture[0, 0])


def test_a_map_comes_back_out_of_its_picture() -> None:
    values = ramp()
    picture = disc_picture(values, 448)
    back = np.array([[picture[pixel(r, a, 448)] for a in sector_angles()] for r in ring_radii()])
    assert np.abs(back[2:] - values[2:]).max() < 1.0  # pixels at the apex span several sectors


@given(values=arrays(np.float64, (6, 8), elements=st.floats(0, 100)))
def test_a_picture_never_leaves_the_range_of_its_map(values: Map) -> None:
    picture = disc_picture(values, 32)
    inside = picture[np.isfinite(picture)]
    assert inside.size > 700
    assert inside.min() >= values.min() - 1e-9
    assert inside.max() <= values.max() + 1e-9


@given(turn=st.integers(0, 3))
def test_turning_the_map_turns_the_picture(turn: int) -> None:
    values = ramp()
    turned = disc_picture(np.roll(values, turn * SECTORS // 4, axis=1), 64)
    assert_allclose(turned, np.rot90(disc_picture(values, 64), turn), atol=1e-9)


def test_unknown_samples_stay_unknown_in_the_picture() -> None:
    values = ramp()
    values[-4:, 20:30] = np.nan
    picture = disc_picture(values, SIZE)
    assert np.isnan(picture[pixel(0.95, 250)])
    assert np.isfinite(picture[pixel(0.5, 250)])


def test_percentile_by_hand() -> None:
    values, weight = np.array([[10.0, 20.0, 30.0, 40.0]]), np.array([[0.1, 0.4, 0.4, 0.1]])
    # the shares end at 10, 50, 90 and 100 %, so the samples stand at 5, 30, 70 and 95 %
    assert weighted_percentile(values, weight, 5) == pytest.approx(10)
    assert weighted_percentile(values, weight, 30) == pytest.approx(20)
    assert weighted_percentile(values, weight, 50) == pytest.approx(25)
    assert weighted_percentile(values, weight, 82.5) == pytest.approx(35)
    assert weighted_percentile(values, weight, 98) == pytest.approx(40)
    assert weighted_percentile(values, weight, 0) == pytest.approx(10)


def test_percentile_leaves_out_what_is_unknown_or_weighs_nothing() -> None:
    values, weight = np.array([[np.nan, 1.0, 2.0, 900.0]]), np.array([[5.0, 1.0, 1.0, 0.0]])
    assert weighted_percentile(values, weight, 50) == pytest.approx(1.5)
    assert weighted_percentile(values, weight, 100) == pytest.approx(2.0)


@pytest.mark.parametrize(("value", "weight"), [(np.nan, 1.0), (7.0, 0.0)])
def test_percentile_of_nothing_is_refused(value: float, weight: float) -> None:
    with pytest.raises(ValueError, match="at least one finite sample"):
        weighted_percentile(np.full((2, 2), value), np.full((2, 2), weight), 98)


@given(
    values=arrays(np.float64, 12, elements=st.floats(0, 1e6)),
    weight=arrays(np.float64, 12, elements=st.floats(0.01, 1)),
    factor=st.floats(0.1, 1000),
)
def test_percentile_scales_with_counts_and_not_with_weights(values: Map, weight: Map, factor: float) -> None:
    plain = weighted_percentile(values, weight, 98)
    assert weighted_percentile(values * factor, weight, 98) == pytest.approx(plain * factor, rel=1e-9, abs=1e-6)
    assert weighted_percentile(values, weight * factor, 98) == pytest.approx(plain, rel=1e-9, abs=1e-6)
    assert values.min() <= plain <= values.max()
