import json
from pathlib import Path

import numpy as np
import pytest

from myoperf.evaluate.number import intraclass, limits_of_agreement
from myoperf.evaluate.number.correlation import intraclass_of_pairs
from myoperf.evaluate.number.figures import figures
from myoperf.evaluate.number.limits import spread
from myoperf.evaluate.number.pairs import Pairs

REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "agreement_pingouin.json").read_text(encoding="utf-8")
)
# Bland and Altman 1986, Lancet 327:307, table 1: peak expiratory flow (l/min), first readings of two meters
WRIGHT = np.array([494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427], dtype=float)
MINI = np.array([512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451], dtype=float)
# Shrout and Fleiss 1979, Psychol Bull 86:420, table 2
JUDGES = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float)


def test_the_printed_figures_of_bland_and_altman() -> None:
    found = limits_of_agreement(WRIGHT - MINI)
    assert found.sd is not None
    assert round(found.bias, 1) == -2.1
    assert round(found.sd, 1) == 38.8
    assert found.bias_interval is not None
    assert [round(end, 1) for end in found.bias_interval] == [-22.0, 17.8]
    # the paper rounds 1.96 to 2: -79.7 to 75.4
    assert found.bias - 2 * found.sd == pytest.approx(-79.7, abs=0.06)
    assert found.low == pytest.approx(-2.1176 - 1.95996 * 38.7651, abs=1e-3)


def test_limits_by_hand() -> None:
    found = limits_of_agreement(np.array([-1.0, 0.0, 1.0, 4.0]))
    assert found.bias == 1.0
    assert found.sd == pytest.approx(np.sqrt(14 / 3))
    assert found.bias_interval == pytest.approx((1 - 3.182446 * np.sqrt(14 / 12), 1 + 3.182446 * np.sqrt(14 / 12)))
    one = limits_of_agreement(np.array([2.0]))
    assert (one.bias, one.sd, one.low, one.bias_interval) == (2.0, None, None, None)
    for wrong in (np.zeros(0), np.array([np.nan, 1.0])):
        with pytest.raises(ValueError, match="finite"):
            limits_of_agreement(wrong)


def test_limits_cover_what_they_say() -> None:
    rng = np.random.default_rng(2)
    held = np.zeros(2)
    for _ in range(400):
        found = limits_of_agreement(rng.normal(1.0, 2.0, 40))
        assert found.bias_interval is not None
        assert found.low_interval is not None
        held += found.bias_interval[0] <= 1.0 <= found.bias_interval[1]
        held[1] += (found.low_interval[0] <= 1.0 - 1.959964 * 2 <= found.low_interval[1]) - (
            found.bias_interval[0] <= 1.0 <= found.bias_interval[1]
        )
    assert (np.abs(held / 400 - 0.95) < 0.04).all()


def test_spread_with_several_rows_a_patient() -> None:
    single = np.array([-1.0, 0.0, 1.0, 4.0])
    assert spread(np.arange(4), single, np.ones((1, 4)))[0] == pytest.approx(np.sqrt(14 / 3))
    # two patients, two rows each: MSB = 16, MSW = 1, m0 = 2, so the variance is (16 - 1) / 2 + 1 = 8.5
    differences = np.array([-2.0 - np.sqrt(0.5), -2.0 + np.sqrt(0.5), 2.0 - np.sqrt(0.5), 2.0 + np.sqrt(0.5)])
    found = spread(np.array([0, 0, 1, 1]), differences, np.array([[1.0, 1.0], [1.0, 0.0]]))
    assert found[0] == pytest.approx(np.sqrt(8.5))
    assert np.isnan(found[1])


def test_spread_of_drawn_patients_is_that_of_their_copies() -> None:
    rng = np.random.default_rng(3)
    patient, differences = np.array([0, 0, 1, 2, 2, 2]), rng.normal(size=6)
    drawn = spread(patient, differences, np.array([[2.0, 1.0, 1.0]]))[0]
    copies = spread(np.array([0, 0, 1, 2, 2, 2, 3, 3]), np.append(differences, differences[:2]), np.ones((1, 4)))[0]
    assert drawn == pytest.approx(copies)


def test_intraclass_of_shrout_and_fleiss() -> None:
    found = intraclass(JUDGES)
    assert found.agreement == pytest.approx(REFERENCE["shrout_fleiss"]["agreement"]["value"], abs=1e-10)
    assert found.consistency == pytest.approx(REFERENCE["shrout_fleiss"]["consistency"]["value"], abs=1e-10)
    assert (round(found.agreement or 0, 2), round(found.consistency or 0, 2)) == (0.29, 0.71)
    assert found.agreement_interval == pytest.approx((0.019, 0.761), abs=5e-4)
    assert found.consistency_interval == pytest.approx((0.342, 0.946), abs=5e-4)


def test_intraclass_of_two_columns_is_the_same() -> None:
    found = intraclass(np.stack([MINI, WRIGHT], axis=1))
    agreement, consistency = intraclass_of_pairs(MINI, WRIGHT, np.ones((1, 17)))
    assert found.agreement == pytest.approx(agreement[0], rel=1e-10)
    assert found.consistency == pytest.approx(consistency[0], rel=1e-10)
    for name, pair in (("agreement", found.agreement_interval), ("consistency", found.consistency_interval)):
        assert pair == pytest.approx(REFERENCE["flow"][name]["interval"], abs=0.006)
        assert getattr(found, name) == pytest.approx(REFERENCE["flow"][name]["value"], abs=1e-10)


def test_intraclass_at_its_ends() -> None:
    same = intraclass(np.ones((5, 2)))
    assert (same.agreement, same.consistency) == (None, None)
    shifted = intraclass(np.stack([np.arange(5.0), np.arange(5.0) + 3], axis=1))
    assert shifted.consistency == pytest.approx(1.0)
    assert shifted.consistency_interval is None
    assert (shifted.agreement or 1) < 0.5
    with pytest.raises(ValueError, match="two subjects"):
        intraclass(np.ones((1, 2)))


def test_correlations_slope_and_errors() -> None:
    pairs = Pairs(row=np.arange(17), patient=np.arange(17), truth=MINI, score=WRIGHT)
    found = {name: value[0] for name, value in figures(pairs, np.ones((1, 17))).items()}
    assert found["pearson"] == pytest.approx(REFERENCE["pearson"], abs=1e-12)
    assert found["spearman"] == pytest.approx(REFERENCE["spearman"], abs=1e-12)
    assert found["proportional_bias"] == pytest.approx(REFERENCE["slope"], abs=1e-12)
    assert found["rmse"] == pytest.approx(np.sqrt(((WRIGHT - MINI) ** 2).mean()))
    assert found["mae"] == pytest.approx(np.abs(WRIGHT - MINI).mean())
    cov = np.cov(MINI, WRIGHT, bias=True)
    lin = 2 * cov[0, 1] / (cov[0, 0] + cov[1, 1] + (MINI.mean() - WRIGHT.mean()) ** 2)
    assert found["ccc"] == pytest.approx(lin, abs=1e-12)


def test_a_weighting_is_the_same_as_copies() -> None:
    rng = np.random.default_rng(4)
    truth, score = np.round(rng.normal(50, 10, 12)), np.round(rng.normal(50, 10, 12))
    patient = np.repeat(np.arange(4), 3)
    weighted = figures(
        Pairs(row=np.arange(12), patient=patient, truth=truth, score=score), np.array([[2.0, 0.0, 1.0, 1.0]])
    )
    rows = np.array([0, 1, 2, 0, 1, 2, 6, 7, 8, 9, 10, 11])
    copied = figures(Pairs(row=rows, patient=patient, truth=truth[rows], score=score[rows]), np.ones((1, 4)))
    for name, value in weighted.items():
        assert value[0] == pytest.approx(copied[name][0], rel=1e-9), name
