import numpy as np
import pytest

from myoperf.evaluate.agreement import rates
from myoperf.evaluate.intervals import (
    auc_by_score_method,
    f1_interval,
    half_sum,
    kappa_interval,
    likelihood_ratio,
    mcc_interval,
    paired_difference,
    wilson,
)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_printed_by_newcombe_1998(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == pytest.approx((low, high), abs=5e-5)


def test_wilson_stays_in_its_range_and_refuses_nonsense() -> None:
    assert wilson(10, 10)[1] == 1.0
    with pytest.raises(ValueError, match="n >= 1"):
        wilson(0, 0)
    with pytest.raises(ValueError, match="hits"):
        wilson(3, 2)


def test_half_sum_is_the_mover_interval() -> None:
    low, high = half_sum((0.9, (0.8, 0.95)), (0.7, (0.6, 0.78)))
    assert (low, high) == pytest.approx((0.8 - (0.02**0.5) / 2, 0.8 + (0.05**2 + 0.08**2) ** 0.5 / 2))


def test_likelihood_ratio_needs_filled_cells() -> None:
    assert likelihood_ratio(5, 10, 0, 10) is None
    pair = likelihood_ratio(8, 10, 2, 10)
    assert pair is not None
    assert pair[0] * pair[1] == pytest.approx(16)


def test_kappa_large_sample_interval_by_hand() -> None:
    pair = kappa_interval(20, 5, 10, 15)
    assert pair == pytest.approx((0.1511, 0.6489), abs=2e-3)
    assert kappa_interval(10, 0, 0, 0) is None
    assert kappa_interval(10, 0, 0, 10) is None
    assert kappa_interval(0, 0, 0, 0) is None


def test_f1_is_a_rising_function_of_a_proportion() -> None:
    low, high = f1_interval(385, 30, 41)
    assert low < 2 * 385 / (2 * 385 + 30 + 41) < high


@pytest.mark.parametrize("value", [0.0, 0.3, 0.5, 0.9, 1.0])
def test_the_score_interval_of_an_auc_has_width_even_at_the_ends(value: float) -> None:
    low, high = auc_by_score_method(value, 12, 15)
    assert 0 <= low <= value <= high <= 1
    assert high - low > 0.1
    mirrored = auc_by_score_method(1 - value, 12, 15)
    assert (1 - mirrored[1], 1 - mirrored[0]) == pytest.approx((low, high), abs=1e-6)
    with pytest.raises(ValueError, match="both classes"):
        auc_by_score_method(value, 0, 15)


def test_a_paired_difference_as_printed_by_newcombe_1998() -> None:
    assert paired_difference(36, 12, 2, 0) == pytest.approx((0.0569, 0.3404), abs=5e-5)


def test_a_paired_difference_turns_with_its_sides_and_stays_in_range() -> None:
    low, high = paired_difference(20, 7, 3, 10)
    assert paired_difference(20, 3, 7, 10) == pytest.approx((-high, -low))
    low, high = paired_difference(0, 3, 0, 0)
    assert 0 < low < high == 1.0
    assert paired_difference(5, 0, 0, 5)[0] < 0 < paired_difference(5, 0, 0, 5)[1]
    with pytest.raises(ValueError, match="not all 0"):
        paired_difference(0, 0, 0, 0)


def test_mcc_interval_is_as_wide_as_resampled_tables_say() -> None:
    counts = np.array([60, 12, 15, 80])
    drawn = np.random.default_rng(0).multinomial(counts.sum(), counts / counts.sum(), 20_000).T.astype(float)
    replicates = np.arctanh(rates(*drawn)["mcc"])
    pair = mcc_interval(*map(float, counts))
    assert pair is not None
    assert np.ptp(np.arctanh(pair)) / (2 * 1.96) == pytest.approx(replicates.std(), rel=0.03)
    assert mcc_interval(5, 0, 0, 5) is None
    assert mcc_interval(5, 5, 0, 0) is None
