import json
from pathlib import Path

import numpy as np
import pytest

from myoperf.evaluate.survival.group_tests import gray, logrank

R = json.loads((Path(__file__).parents[2] / "reference" / "survival_r.json").read_text(encoding="utf-8"))


def test_log_rank_by_hand() -> None:
    """Days 1 and 2, an event each: of group 0 first 1/2 then 1/3 is expected; the variance is 1/4 + 2/9."""
    found = logrank(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1, 1, 0, 0]), np.array([0, 0, 1, 1]))
    assert found.value[0] == pytest.approx(2 - (1 / 2 + 1 / 3), abs=1e-15)
    assert found.covariance[0, 0] == pytest.approx(1 / 4 + 2 / 9, abs=1e-15)
    apart, rising = found.apart(), found.rising()
    assert apart is not None
    assert rising is not None
    assert apart[0] == pytest.approx((7 / 6) ** 2 / (17 / 36), rel=1e-12)
    assert apart[1] == 1
    assert rising[0] == pytest.approx(-np.sqrt(apart[0]), rel=1e-12)
    assert rising[1] == pytest.approx(apart[2], rel=1e-12)


def test_nothing_can_be_told_of_one_group_or_without_events() -> None:
    time = np.array([1.0, 2.0, 3.0])
    for event, group in ((np.array([1, 1, 0]), np.zeros(3, int)), (np.zeros(3, int), np.array([0, 1, 1]))):
        for test in (logrank, gray):
            found = test(time, event, group)
            assert found.apart() is None
            assert found.rising() is None


@pytest.mark.parametrize("name", ["tied", "free"])
def test_as_r(name: str) -> None:
    """survival's log-rank to all digits; cmprsk's Gray test, whose covariance is another estimate, to 10 %."""
    table = R[name]
    time, event, score = (np.array(table[key]) for key in ("time", "event", "score"))
    group = np.searchsorted(np.quantile(score, (0.25, 0.5, 0.75)), score)
    hazard, share = logrank(time, event, group).apart(), gray(time, event, group).apart()
    assert hazard is not None
    assert share is not None
    assert hazard[0] == pytest.approx(table["logrank_found"][0], abs=1e-6)
    assert hazard[1] == 3
    assert share[0] == pytest.approx(table["gray_found"][0], rel=0.1)


def test_grays_test_without_competing_events_counts_as_log_rank_does() -> None:
    rng = np.random.default_rng(1)
    time, event, group = rng.integers(1, 20, 80).astype(float), rng.integers(0, 2, 80), rng.integers(0, 3, 80)
    np.testing.assert_allclose(gray(time, event, group).value, logrank(time, event, group).value, atol=1e-12)


def test_gray_finds_what_log_rank_of_the_cause_does_not() -> None:
    """The hazard of the event is the same in both groups, but in one of them half die of something else first."""
    rng = np.random.default_rng(0)
    group = np.arange(2000) % 2
    ours, other = rng.exponential(1000, 2000), rng.exponential(np.where(group == 1, 400, 1e9))
    time, event = np.minimum(ours, other), np.where(ours < other, 1, 2)
    hazard, share = logrank(time, event, group).apart(), gray(time, event, group).apart()
    assert hazard is not None
    assert share is not None
    assert hazard[2] > 0.01
    assert share[2] < 1e-6


def test_alike_groups_are_seldom_called_apart() -> None:
    rng = np.random.default_rng(5)
    p = []
    for _ in range(150):
        group = rng.integers(0, 2, 120)
        ours, other, lost = (rng.exponential(mean, 120) for mean in (1000, 1500, 1200))
        time = np.ceil(np.minimum(np.minimum(ours, other), lost) / 50)
        event = np.where(np.minimum(ours, other) > lost, 0, np.where(ours < other, 1, 2))
        found = gray(time, event, group).apart()
        assert found is not None
        p.append(found[2])
    assert np.mean(np.array(p) < 0.05) < 0.1
    assert 0.35 < np.mean(p) < 0.65
