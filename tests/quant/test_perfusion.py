import numpy as np
import pytest

from myoperf.core.polar import RINGS, SECTORS
from myoperf.quant.perfusion import Limits, deficit, percent_scores, scale_to_normal

FLAT = Limits(mean=np.full((RINGS, SECTORS), 80.0), mad=np.full((RINGS, SECTORS), 4.0))
WEIGHT = np.full((RINGS, SECTORS), 1 / (RINGS * SECTORS))


def test_a_normal_map_has_no_deficit() -> None:
    found = deficit(FLAT.mean, WEIGHT, FLAT)
    assert (found.tpd, found.extent, found.segment_scores.sum()) == (0, 0, 0)


def test_a_quarter_without_uptake_is_25_percent() -> None:
    values = FLAT.mean.copy()
    values[:, :9] = 0
    found = deficit(values, WEIGHT, FLAT)
    assert found.tpd == pytest.approx(25)
    assert found.extent == pytest.approx(25)


def test_a_deficit_does_not_depend_on_the_scale_of_the_counts() -> None:
    rng = np.random.default_rng(1)
    values = FLAT.mean * rng.uniform(0.4, 1.1, FLAT.mean.shape)
    a, b = deficit(values, WEIGHT, FLAT), deficit(values * 7321.0, WEIGHT, FLAT)
    assert a.tpd == pytest.approx(b.tpd, rel=1e-9)
    np.testing.assert_array_equal(a.segment_scores, b.segment_scores)
    assert deficit(values * 0.8, WEIGHT, FLAT).tpd == pytest.approx(a.tpd, rel=1e-9)


def test_noise_within_two_deviations_is_normal() -> None:
    noise = np.random.default_rng(2).uniform(-2, 2, FLAT.mean.shape) * FLAT.mad
    assert deficit(FLAT.mean + noise, WEIGHT, FLAT).tpd == 0


def test_gaussian_noise_of_two_deviations_is_not_bounded() -> None:
    noise = np.random.default_rng(3).normal(0, 2, FLAT.mean.shape) * FLAT.mad
    assert 3 < deficit(FLAT.mean + noise, WEIGHT, FLAT).extent < 25


def test_the_score_is_4_at_thirty_percent_of_the_mean() -> None:
    values = FLAT.mean.copy()
    values[12, 18] = 0.30 * 80
    values[12, 20] = (80 - 12 + 0.30 * 80) / 2
    score = deficit(values, WEIGHT, FLAT).score
    scale = scale_to_normal(values, WEIGHT, FLAT)
    assert scale == pytest.approx(1, abs=1e-3)
    assert score[12, 18] == pytest.approx(4, abs=0.01)
    assert score[12, 20] == pytest.approx(2, abs=0.01)


def test_where_little_is_normal_the_tops_are_matched() -> None:
    values = np.full_like(FLAT.mean, 20.0)
    values[:, :4] = 80.0
    found = deficit(values, WEIGHT, FLAT)
    assert scale_to_normal(values, WEIGHT, FLAT) == pytest.approx(1, rel=1e-6)
    assert found.extent == pytest.approx(100 * 32 / 36)


def test_samples_outside_the_image_are_left_out_and_counted() -> None:
    values = FLAT.mean.copy()
    values[-6:] = np.nan
    found = deficit(values, WEIGHT, FLAT)
    assert found.tpd == 0
    assert found.unknown == pytest.approx(0.25)
    assert np.isnan(found.segment_scores[:6]).all()
    assert np.isfinite(found.segment_scores[6:]).all()


def test_a_septal_deficit_is_in_its_own_territory() -> None:
    values = FLAT.mean.copy()
    values[12:, 12:18] = 0
    found = deficit(values, WEIGHT, FLAT)
    assert found.territory_tpd["LAD"] > 15
    assert found.territory_tpd["LCX"] == 0
    assert found.segment_scores[1] == 4


def test_percent_bands_are_half_open() -> None:
    uptake = np.array([100, 70, 69.99, 50, 49.99, 30, 29.99, 10, 9.99, 0, np.nan])
    np.testing.assert_array_equal(percent_scores(uptake), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, np.nan])
