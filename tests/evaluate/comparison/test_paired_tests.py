import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from myoperf.evaluate.comparison import holm, mcnemar, nadeau_bengio, tost, tost_of
from myoperf.evaluate.comparison.multiplicity import holm_of_known

REFERENCE = Path(__file__).parents[2] / "reference" / "paired_tests.json"


@pytest.fixture(scope="module")
def r() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(REFERENCE.read_text(encoding="utf-8"))
    return found


def test_mcnemar_is_that_of_r_exact_for_few_and_chi_square_for_many(r: dict[str, Any]) -> None:
    for (b, c), exact, chi in zip(r["discordant"], r["exact"], r["chi-square"], strict=True):
        found = mcnemar(b, c)
        assert found.p == pytest.approx(exact if b + c < 25 else chi, abs=1e-12)
        assert ("exact" in found.method) == (b + c < 25)
        assert found.statistic == (b - c) ** 2 / (b + c)


def test_mcnemar_without_a_discordant_patient_has_no_p() -> None:
    assert (mcnemar(0, 0).p, mcnemar(0, 0).statistic) == (None, None)
    assert mcnemar(1, 2).p == 1.0
    with pytest.raises(ValueError, match="-1"):
        mcnemar(-1, 2)


def test_holm_is_that_of_r(r: dict[str, Any]) -> None:
    assert holm(r["p"]) == pytest.approx(r["holm"], abs=1e-12)
    assert holm([]) == ()
    assert holm([0.7]) == (0.7,)
    with pytest.raises(ValueError, match=r"0\.\.1"):
        holm([0.2, float("nan")])


def test_the_corrected_t_is_that_of_r(r: dict[str, Any]) -> None:
    found = nadeau_bengio(r["fold differences"], 1 / 4)
    assert (found.t, found.p, found.low, found.high) == pytest.approx(r["corrected t, p, low, high"], abs=1e-12)
    assert found.df == 9


def test_the_corrected_t_needs_spread_and_two_folds() -> None:
    same = nadeau_bengio([0.1, 0.1, 0.1], 0.25)
    assert (same.t, same.p) == (None, None)
    assert same.mean == pytest.approx(0.1)
    for values, share in (([0.1], 0.25), ([0.1, np.nan], 0.25), ([0.1, 0.2], 0.0)):
        with pytest.raises(ValueError, match="two or more"):
            nadeau_bengio(values, share)


def test_tost_of_differences_is_that_of_r(r: dict[str, Any]) -> None:
    found = tost_of(r["paired differences"], 0.05)
    assert (found.p_low, found.p_high) == pytest.approx(r["tost at 0.05"], abs=1e-12)
    assert found.p == found.p_high
    assert found.equivalent


def test_tost_by_hand() -> None:
    # difference 0.02, error 0.01, margin 0.05: z = 7 and -3; 90 % interval 0.02 -+ 1.6449 * 0.01
    found = tost(0.02, 0.01, 0.05)
    assert found.p == pytest.approx(0.0013499, abs=1e-7)
    assert (found.low, found.high) == pytest.approx((0.0035515, 0.0364485), abs=1e-7)
    assert not tost(0.04, 0.01, 0.05).equivalent
    # at the border of the 90 % interval p is 0.05
    assert tost(0.05 - 0.01 * 1.6448536, 0.01, 0.05).p == pytest.approx(0.05, abs=1e-6)


def test_tost_refuses_no_margin_no_error_and_one_value() -> None:
    for estimate, error, margin in ((0.0, 0.0, 0.1), (0.0, 0.1, 0.0), (float("nan"), 0.1, 0.1)):
        with pytest.raises(ValueError, match="above 0"):
            tost(estimate, error, margin)
    with pytest.raises(ValueError, match="two or more"):
        tost_of([0.1], 0.05)


def test_a_test_that_could_not_be_made_does_not_count() -> None:
    assert holm_of_known([0.03, None, 0.01]) == (0.03, None, 0.02)
    assert holm_of_known([None]) == (None,)
