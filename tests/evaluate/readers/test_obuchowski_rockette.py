import json
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import t as student

from myoperf.evaluate.readers.estimates import areas, shares
from myoperf.evaluate.readers.obuchowski_rockette import (
    Effect,
    Random,
    analyse,
    components_of,
    effect,
    mean_squares,
    on_logit_scale,
    over_readers,
)

REFERENCE = Path(__file__).parents[2] / "reference"


def read(name: str) -> Any:
    return json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def van_dyke() -> tuple[np.ndarray, np.ndarray]:
    table = np.genfromtxt(REFERENCE / "van_dyke_ratings.csv", delimiter=",", names=True)
    names = [f"{condition}_{reader}" for condition in ("cine", "spin_echo") for reader in range(1, 6)]
    return np.stack([table[name] for name in names]), table["truth"] == 1


def shaped(estimates: Any) -> tuple[np.ndarray, np.ndarray]:
    return estimates.value.reshape(2, 5), estimates.covariance.reshape(2, 5, 2, 5)


def printed(found: Any, digits: int, expected: Any) -> None:
    """Equal to the last printed decimal."""
    assert found == pytest.approx(expected, abs=0.501 * 10**-digits)


def test_every_printed_figure_of_van_dyke_by_the_jackknife(van_dyke: tuple[np.ndarray, np.ndarray]) -> None:
    rating, truth = van_dyke
    published = read("van_dyke_published")["jackknife"]
    value, covariance = shaped(areas(rating, truth, np.arange(114), jackknife=True))
    np.testing.assert_allclose(value, published["auc"], atol=0.501e-8)
    for random in Random:
        expected, found = published[random.value], analyse(value, covariance, random)
        difference = found.differences[0, 1]
        printed([difference.value, difference.low, difference.high], 5, expected["difference"])
        printed(difference.se, 5, expected["se"])
        printed(difference.p, 4, expected["p"])
        assert found.test is not None
        printed(found.test.statistic, 5 if random is Random.CASES else 2, expected["statistic"])
        printed(found.test.p, 4, expected["p"])
        assert (difference.df == inf) == (random is Random.CASES)
        if random is not Random.CASES:
            printed(difference.df, 2, expected["df"])
        for one, (mean, low, high, se, *df) in zip(found.conditions, expected["conditions"], strict=True):
            printed([one.value, one.low, one.high, one.se], 8, [mean, low, high, se])
            if df:
                printed(one.df, 2, df[0])
    printed(vars(components_of(value, covariance)), 8, published["components"])
    printed(mean_squares(value), 8, published["mean squares"])
    for reader, (change, se, p) in enumerate(published["each reader"]):
        c = covariance[:, reader, :, reader]
        alone = effect(value[0, reader] - value[1, reader], c[0, 0] + c[1, 1] - 2 * c[0, 1], inf, -1.0)
        printed([alone.value, alone.se], 5, [change, se])
        printed(alone.p, 4, p)


@pytest.mark.parametrize("figure", ["delong", "sensitivity"])
def test_every_printed_figure_of_van_dyke_by_components(van_dyke: tuple[np.ndarray, np.ndarray], figure: str) -> None:
    rating, truth = van_dyke
    published, patient = read("van_dyke_published")[figure], np.arange(114)
    made = areas(rating, truth, patient) if figure == "delong" else shares(rating >= 3, truth, patient)
    value, covariance = shaped(made)
    found = analyse(value, covariance, Random.READERS_AND_CASES)
    assert vars(found.components) == pytest.approx(published["components"], abs=0.51e-10)
    expected, difference = published["random readers and random cases"], found.differences[0, 1]
    assert [difference.value, difference.low, difference.high] == pytest.approx(expected["difference"], abs=6e-8)
    assert (difference.se, difference.df) == pytest.approx((expected["se"], expected["df"]), rel=1e-6)
    assert found.test is not None
    assert (found.test.statistic, found.test.p) == pytest.approx((expected["statistic"], expected["p"]), rel=1e-6)
    for one, printed_ in zip(found.conditions, expected["conditions"], strict=True):
        assert [one.value, one.low, one.high, one.se, one.df] == pytest.approx(printed_, rel=1e-6)


def test_same_as_made_in_r(van_dyke: tuple[np.ndarray, np.ndarray]) -> None:
    made = read("van_dyke_proc")
    estimates = areas(*van_dyke, np.arange(114))
    np.testing.assert_allclose(estimates.value, made["auc"], rtol=1e-11)
    np.testing.assert_allclose(estimates.covariance.ravel(), made["covariance"], rtol=1e-10, atol=1e-16)
    found = analyse(*shaped(estimates), Random.READERS_AND_CASES)
    squares, parts, one = found.mean_squares, found.components, found.differences[0, 1]
    assert [squares["T"], squares["R"], squares["TR"]] == pytest.approx(made["mean squares"], rel=1e-9)
    assert [parts.cov1, parts.cov2, parts.cov3] == pytest.approx(made["cov"], rel=1e-10)
    assert [one.value, one.low, one.high] == pytest.approx(made["difference"], rel=1e-9)
    assert found.test is not None
    assert [found.test.statistic, found.test.df2, found.test.p] == pytest.approx(made["test"], rel=1e-9)


def test_two_readers_by_hand() -> None:
    value = np.array([[0.8, 0.9], [0.7, 0.7]])
    covariance = np.zeros((2, 2, 2, 2))
    for c in range(2):
        for r in range(2):
            covariance[c, r, c, r] = 0.01
            covariance[c, r, 1 - c, r] = 0.006
            covariance[c, r, c, 1 - r] = 0.005
            covariance[c, r, 1 - c, 1 - r] = 0.004
    found = analyse(value, covariance, Random.READERS_AND_CASES)
    assert found.mean_squares == pytest.approx({"T": 0.0225, "R": 0.0025, "TR": 0.0025})
    assert vars(found.components) == pytest.approx(
        {"reader": -0.002, "condition_reader": -0.0005, "error": 0.01, "cov1": 0.006, "cov2": 0.005, "cov3": 0.004}
    )
    # error term 0.0025 + 2 (0.005 - 0.004), its df (0.0045 / 0.0025)^2
    one = found.differences[0, 1]
    assert (one.value, one.se, one.df) == pytest.approx((0.15, 0.0045**0.5, 3.24))
    half = student.ppf(0.975, 3.24) * 0.0045**0.5
    assert (one.low, one.high) == pytest.approx((0.15 - half, 0.15 + half))
    fixed = analyse(value, covariance, Random.CASES).differences[0, 1]
    assert fixed.se == pytest.approx(0.005**0.5)
    assert fixed.df == inf
    assert analyse(value, covariance, Random.READERS).differences[0, 1].se == pytest.approx(0.0025**0.5)


def test_components_of_three_conditions_by_their_definitions() -> None:
    rng = np.random.default_rng(0)
    conditions, readers, size = 3, 4, 12
    root = rng.normal(size=(size, 30))
    covariance = (root @ root.T).reshape(conditions, readers, conditions, readers)
    value = rng.uniform(0.6, 0.9, (conditions, readers))
    found = components_of(value, covariance)
    at = [(c, r) for c in range(conditions) for r in range(readers)]
    pairs = [(a, b) for a in at for b in at if a != b]
    means = {
        "cov1": np.mean([covariance[a + b] for a, b in pairs if a[1] == b[1]]),
        "cov2": np.mean([covariance[a + b] for a, b in pairs if a[0] == b[0]]),
        "cov3": np.mean([covariance[a + b] for a, b in pairs if a[0] != b[0] and a[1] != b[1]]),
        "error": np.mean([covariance[a + a] for a in at]),
    }
    assert {name: vars(found)[name] for name in means} == pytest.approx(means)
    assert len(analyse(value, covariance * 1e-4, Random.READERS_AND_CASES).differences) == 3


def test_a_covariance_that_should_not_be_negative_is_taken_as_0() -> None:
    value = np.array([[0.8, 0.9, 0.7], [0.7, 0.7, 0.75]])
    covariance = np.einsum("ac,bd->abcd", np.eye(2), np.eye(3)) * 0.01 + 0.0
    for c in range(2):
        covariance[c, :, 1 - c, :] += 0.004
    assert components_of(value, covariance).cov2 == 0
    random, fixed_cases = (analyse(value, covariance, r) for r in (Random.READERS_AND_CASES, Random.READERS))
    assert random.differences[0, 1] == fixed_cases.differences[0, 1]
    assert over_readers(value[0], -np.ones((3, 3)) * 0.01, Random.READERS_AND_CASES) == over_readers(
        value[0], np.zeros((3, 3)), Random.READERS
    )


def test_readers_who_move_alike_leave_the_cases_variance_only() -> None:
    value, covariance = np.array([[0.8, 0.9], [0.7, 0.8]]), np.zeros((2, 2, 2, 2))
    for c in range(2):
        covariance[c, :, c, :] = 0.002
    one = analyse(value, covariance, Random.READERS_AND_CASES)
    # a mean square that is 0 but for rounding has no degrees of freedom to limit
    assert one.differences[0, 1].se == pytest.approx(0.002**0.5 * 2**0.5)
    assert one.differences[0, 1].df == inf
    assert one.test is not None
    assert one.test.p == pytest.approx(one.differences[0, 1].p)


def test_no_interval_without_variance_and_why() -> None:
    perfect = analyse(np.ones((2, 3)), np.zeros((2, 3, 2, 3)), Random.READERS_AND_CASES)
    assert perfect.differences[0, 1] == Effect(
        value=0.0, why_not="no interval: figures do not vary, over readers or over cases"
    )
    assert perfect.test is None
    unknown = analyse(np.full((2, 3), 0.7), np.full((2, 3, 2, 3), np.nan), Random.READERS_AND_CASES)
    assert unknown.differences[0, 1].why_not == "no interval: fewer than two patients of a class"
    assert unknown.conditions[0].low is None
    assert on_logit_scale(perfect.conditions[0]) is None


def test_fixed_cases_need_no_covariance() -> None:
    value = np.array([[0.8, 0.9, 0.7], [0.7, 0.7, 0.75]])
    found = analyse(value, np.full((2, 3, 2, 3), np.nan), Random.READERS)
    difference = value[0] - value[1]
    assert found.differences[0, 1].se == pytest.approx(difference.std(ddof=1) / 3**0.5)
    assert found.differences[0, 1].df == pytest.approx(2)


def test_the_interval_on_the_logit_scale() -> None:
    low, high = on_logit_scale(Effect(value=0.9, se=0.03, df=inf)) or (0.0, 0.0)
    assert np.log(0.9 / 0.1) - np.log(low / (1 - low)) == pytest.approx(1.959964 * 0.03 / 0.09)
    assert 0.9 - low > high - 0.9 > 0


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="one reader"):
        analyse(np.array([[0.8], [0.7]]), np.zeros((2, 1, 2, 1)), Random.READERS_AND_CASES)
    with pytest.raises(ValueError, match="shape"):
        analyse(np.ones((2, 3)), np.zeros((6, 6)), Random.CASES)
    with pytest.raises(ValueError, match="finite"):
        analyse(np.full((2, 3), np.nan), np.zeros((2, 3, 2, 3)), Random.CASES)
