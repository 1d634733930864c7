import json
from pathlib import Path

import numpy as np
import pytest

from myoperf.evaluate.survival.estimate import estimate
from myoperf.evaluate.survival.survivor import incidence, survivor, timeline

R = json.loads((Path(__file__).parents[2] / "reference" / "survival_r.json").read_text(encoding="utf-8"))


def test_kaplan_meier_by_hand() -> None:
    """Of five one is lost at day 2 and one censored there, one lost at day 4: 4/5, then 4/5 x 2/3."""
    line = timeline(np.array([2.0, 4.0, 2.0, 6.0, 7.0]))
    lost = np.array([True, True, False, False, False])
    np.testing.assert_allclose(survivor(line, np.ones(5), lost), [1, 0.8, 0.8 * 2 / 3, 0.8 * 2 / 3, 0.8 * 2 / 3])
    np.testing.assert_array_equal(line.until(np.array([1.0, 2.0, 5.0, 99.0])), [0, 1, 2, 4])


def test_those_with_an_event_leave_before_those_censored_on_the_same_day() -> None:
    line = timeline(np.array([2.0, 2.0, 3.0]))
    censored = np.array([True, False, True])
    np.testing.assert_allclose(survivor(line, np.ones(3), censored, ~censored), [1, 1 / 2, 0])


def test_aalen_johansen_by_hand() -> None:
    time, event = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1, 2, 1, 0])
    np.testing.assert_allclose(incidence(timeline(time), np.ones(4), event), [0, 0.25, 0.25, 0.5, 0.5])
    np.testing.assert_allclose(estimate(time, event).value, [0, 0.25, 0.25, 0.5, 0.5])


def test_greenwood_by_hand() -> None:
    """After the first of four events the variance is 3/4 x 1/4 / 4."""
    found = estimate(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1, 0, 1, 0]))
    assert found.variance[1] == pytest.approx(3 / 64, abs=1e-15)
    assert found.variance[3] == pytest.approx((3 / 8) ** 2 * (1 / 12 + 1 / 2), abs=1e-15)


@pytest.mark.parametrize("name", ["tied", "free"])
def test_as_r(name: str) -> None:
    """survival's Kaplan-Meier with its log-log band; cmprsk's incidence, whose variance is another's, to 5 %."""
    table = R[name]
    time, event, at = np.array(table["time"]), np.array(table["event"]).astype(np.intp), table["at"]
    any_event = estimate(time, (event > 0).astype(np.intp))
    ours = [(1 - value, 1 - pair[1], 1 - pair[0]) for value, pair in map(any_event.at, at) if pair is not None]
    np.testing.assert_allclose(np.array(ours).T.ravel(), table["free_of_any_found"], atol=1e-8)
    one = estimate(time, event)
    place = np.searchsorted(one.times, at, side="right") - 1
    np.testing.assert_allclose(one.value[place], table["incidence_found"][:2], atol=1e-8)
    np.testing.assert_allclose(one.variance[place], table["incidence_found"][2:], rtol=0.05)


def test_no_band_before_the_first_event_nor_after_the_last_patient() -> None:
    found = estimate(np.array([1.0, 2.0, 3.0]), np.array([0, 1, 1]))
    assert found.at(1.5) == (0.0, None)
    assert found.at(3) == (1.0, None)
