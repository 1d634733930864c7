"""Known answers of the 17- and 20-segment models, worked out by hand from the published radii and angles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from myoperf.core.segments import (
    ADJACENT,
    AHA17,
    SEGMENTS20,
    TERRITORIES,
    Segment,
    membership,
    segment_at,
    segment_means,
    summed_percent,
    summed_score,
)
from myoperf.core.terms import Territory

EXAMPLE = {4: 3, 5: 4, 6: 2, 10: 2, 11: 4, 12: 2, 16: 3, 17: 2}
RADII = st.floats(0, 1)
ANGLES = st.floats(-720, 720)
MODELS = pytest.mark.parametrize("model", [AHA17, SEGMENTS20], ids=["17", "20"])


def scores() -> np.ndarray:
    return np.array([EXAMPLE.get(number, 0) for number in range(1, 18)], dtype=float)


@pytest.mark.parametrize(
    ("radius", "angles", "numbers"),
    [
        (0.85, (90, 150, 210, 270, 330, 30), (1, 2, 3, 4, 5, 6)),
        (0.60, (90, 150, 210, 270, 330, 30), (7, 8, 9, 10, 11, 12)),
        (0.30, (90, 180, 270, 0), (13, 14, 15, 16)),
        (0.10, (0, 90, 180, 270), (17, 17, 17, 17)),
        (1.00, (90, 0), (1, 6)),
    ],
)
def test_a_place_on_the_disc_has_its_aha_number(
    radius: float, angles: tuple[float, ...], numbers: tuple[int, ...]
) -> None:
    assert tuple(segment_at(radius, angle) for angle in angles) == numbers


def test_borders_belong_to_the_outer_ring_and_to_the_segment_that_starts_there() -> None:
    assert segment_at(0.2, 90) == 13
    assert segment_at(0.467, 90) == 7
    assert segment_at(0.733, 90) == 1
    assert segment_at(0.9, 60) == 1
    assert segment_at(0.9, 0) == segment_at(0.9, 360) == segment_at(0.9, -360) == 6
    assert segment_at(0.3, 45) == 13


@pytest.mark.parametrize("radius", [-0.01, 1.01, float("nan")])
def test_a_place_off_the_disc_has_no_number(radius: float) -> None:
    with pytest.raises(ValueError, match=r"radius in 0\.\.1 .* got"):
        segment_at(radius, 90)


def test_an_angle_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="finite angle"):
        segment_at(0.5, float("nan"))


@MODELS
@given(radius=RADII, angle=ANGLES)
def test_every_place_of_the_disc_has_one_number(model: tuple[Segment, ...], radius: float, angle: float) -> None:
    assert 1 <= segment_at(radius, angle, model) <= len(model)


@pytest.mark.parametrize(
    "angle", [-1e-17, 44.99999999999999, 59.99999999999999, 134.99999999999997, 359.99999999999994]
)
@pytest.mark.parametrize("radius", [0.9, 0.6, 0.3])
def test_rounding_at_a_border_leaves_no_gap(radius: float, angle: float) -> None:
    assert segment_at(radius, angle) in range(1, 17)


def test_segments_and_names_are_numbered_in_order() -> None:
    assert [s.number for s in AHA17] == list(range(1, 18))
    assert [s.number for s in SEGMENTS20] == list(range(1, 21))
    assert [AHA17[k - 1].name for k in (1, 3, 12, 14, 17)] == [
        "basal anterior",
        "basal inferoseptal",
        "mid anterolateral",
        "apical septal",
        "apex",
    ]


def test_territories_are_those_of_cerqueira_2002() -> None:
    assert TERRITORIES[Territory.LAD] == (1, 2, 7, 8, 13, 14, 17)
    assert TERRITORIES[Territory.RCA] == (3, 4, 9, 10, 15)
    assert TERRITORIES[Territory.LCX] == (5, 6, 11, 12, 16)


def test_neighbours_are_the_segments_that_share_an_arc() -> None:
    expected = {
        1: {2, 6, 7},
        2: {1, 3, 8},
        3: {2, 4, 9},
        4: {3, 5, 10},
        5: {4, 6, 11},
        6: {1, 5, 12},
        7: {1, 8, 12, 13},
        8: {2, 7, 9, 13, 14},
        9: {3, 8, 10, 14, 15},
        10: {4, 9, 11, 15},
        11: {5, 10, 12, 15, 16},
        12: {6, 7, 11, 13, 16},
        13: {7, 8, 12, 14, 16, 17},
        14: {8, 9, 13, 15, 17},
        15: {9, 10, 11, 14, 16, 17},
        16: {11, 12, 13, 15, 17},
        17: {13, 14, 15, 16},
    }
    assert {number: set(others) for number, others in ADJACENT.items()} == expected


def test_summed_score_of_the_worked_example() -> None:
    total = summed_score(scores())
    by_territory = {t: sum(EXAMPLE.get(n, 0) for n in numbers) for t, numbers in TERRITORIES.items()}
    assert total == 22
    assert round(summed_percent(total), 2) == 32.35
    assert by_territory == {Territory.LAD: 2, Territory.RCA: 5, Territory.LCX: 15}


@pytest.mark.parametrize(
    ("score", "percent"), [(3, 4.41), (4, 5.88), (8, 11.76), (9, 13.24), (13, 19.12), (14, 20.59), (68, 100.0)]
)
def test_percent_of_the_largest_score_of_17_segments(score: float, percent: float) -> None:
    assert round(summed_percent(score), 2) == percent


def test_percent_of_the_largest_score_of_20_segments() -> None:
    assert summed_percent(80, segments=20) == 100.0
    assert summed_percent(20, segments=20) == 25.0


def test_a_missing_score_makes_the_sum_missing_and_never_smaller() -> None:
    missing = scores()
    missing[3] = np.nan
    assert np.isnan(summed_score(missing))


@MODELS
@pytest.mark.parametrize("shape", [(24, 36), (10, 12), (7, 11)])
def test_the_shares_of_every_sample_sum_to_one(model: tuple[Segment, ...], shape: tuple[int, int]) -> None:
    share = membership(*shape, model)
    assert share.shape == (len(model), *shape)
    assert_allclose(share.sum(axis=0), 1.0, atol=1e-12)
    assert share.min() >= 0


@MODELS
def test_membership_agrees_with_the_place_of_each_sample(model: tuple[Segment, ...]) -> None:
    share = membership(24, 36, model)
    clear = share.max(axis=0) > 0.6  # a sample whose middle lies on a border belongs to both sides
    assert clear.mean() > 0.75
    for ring, sector in np.argwhere(clear):
        assert share[:, ring, sector].argmax() + 1 == segment_at((ring + 0.5) / 24, sector * 10.0, model)


def test_membership_is_shared_and_therefore_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        membership(24, 36)[0, 0, 0] = 1.0


def test_areas_on_the_disc_are_those_of_the_display_radii() -> None:
    rings = np.diff((np.arange(25) / 24) ** 2)[:, None] * np.full((1, 36), 1 / 36)
    area = (membership(24, 36) * rings).sum(axis=(1, 2))
    assert_allclose(
        [area[16], area[12:16].sum(), area[6:12].sum(), area[:6].sum()], [0.04, 0.178, 0.319, 0.463], atol=2e-3
    )


def test_segment_means_follow_the_weights() -> None:
    values = np.zeros((24, 36))
    values[:, 9] = 100.0  # the ray to the anterior wall, 90 degrees
    weight = np.full((24, 36), 1 / (24 * 36))
    means = segment_means(values, weight)
    # 60 degrees hold six sectors, 90 degrees nine, the apex thirty-six
    assert_allclose(means[[0, 6, 12, 16]], [100 / 6, 100 / 6, 100 / 9, 100 / 36], rtol=1e-6)
    assert_allclose(means[[1, 5, 7, 11, 13, 15]], 0.0, atol=1e-9)


@given(level=st.floats(0, 100))
def test_a_flat_map_has_its_level_in_every_segment(level: float) -> None:
    assert_allclose(segment_means(np.full((24, 36), level), np.ones((24, 36))), level, rtol=1e-9, atol=1e-9)


def test_a_segment_that_is_mostly_unknown_has_no_mean() -> None:
    values = np.full((24, 36), 80.0)
    values[18:] = np.nan  # the base is outside the field
    means = segment_means(values, np.ones((24, 36)))
    assert np.isnan(means[:6]).all()
    assert_allclose(means[6:], 80.0)
