from dataclasses import replace

import numpy as np
import pytest
from made_readers import crossed, question

from myoperf.core.scorecard import Threshold
from myoperf.evaluate.intervals import wilson
from myoperf.evaluate.readers.each_reader import change_table, estimates_of, reader_table
from myoperf.evaluate.readers.ratings import Ratings, ratings_of

CUT = Threshold(value=3, chosen_on="given")
NAN = float("nan")


def small() -> Ratings:
    """One reader, two conditions, four positives then four negatives."""
    with_help = [5, 4, 3, 1, 1, 1, 2, 3]
    without = [5, 2, 3, 1, 1, 4, 2, 3]
    return Ratings(
        score=np.array([[with_help], [without]], dtype=float),
        truth=np.arange(8) < 4,
        patient=np.arange(8),
        conditions=("with", "without"),
        readers=("A",),
        cases=tuple((f"P{k}", f"P{k}") for k in range(8)),
    )


def test_figures_of_a_reader_by_hand() -> None:
    first, second = reader_table(small(), CUT).rows
    # won pairs with help: 4 + 4 + 3.5 + 1 of 16, without: 4 + 1.5 + 2.5 + 0.5
    assert first[:4] == ("A", "with", 8, 4)
    assert (first[4], second[4]) == pytest.approx((12.5 / 16, 8.5 / 16))
    assert (second[7], second[10]) == (0.5, 0.5)
    assert first[7:10] == pytest.approx((0.75, *wilson(3, 4)))
    assert first[10:] == pytest.approx((0.75, *wilson(3, 4)))


def test_changes_of_a_reader_by_hand() -> None:
    changes = {row[2]: row for row in change_table(small(), CUT).rows}
    assert changes["auc"][3] == pytest.approx(4 / 16)
    # one of four positives is gained: variance (1/4)(3/4)/3
    _, _, _, value, low, high, _, cases = changes["sensitivity"]
    half = 1.959964 * (0.25 * 0.75 / 3) ** 0.5
    assert (value, low, high) == pytest.approx((0.25, 0.25 - half, 0.25 + half))
    assert cases == 8


def test_changes_rest_on_cases_rated_in_both_conditions() -> None:
    ratings = small()
    score = ratings.score.copy()
    score[1, 0, 0] = NAN
    part = replace(ratings, score=score)
    assert {row[7] for row in change_table(part, CUT).rows} == {7}
    assert [row[2] for row in reader_table(part, CUT).rows] == [8, 7]


def test_several_cases_of_a_patient_widen_the_interval_of_a_share() -> None:
    rows = crossed(["with"], ["A"], cases=30)
    alone = ratings_of(question(rows))[0]
    assert alone is not None
    thrice = Ratings(
        score=np.repeat(alone.score, 3, axis=2),
        truth=np.repeat(alone.truth, 3),
        patient=np.repeat(alone.patient, 3),
        conditions=alone.conditions,
        readers=alone.readers,
        cases=tuple((patient, str(k)) for k in range(3) for patient, _ in alone.cases),
    )
    once, there = reader_table(alone, CUT).rows[0], reader_table(thrice, CUT).rows[0]
    assert there[7] == pytest.approx(once[7])
    width = [float(row[9] or 0) - float(row[8] or 0) for row in (once, there)]
    assert width[1] == pytest.approx(width[0], rel=0.06)


def test_without_a_cut_there_are_areas_only() -> None:
    none = Threshold(value=None, chosen_on="no cut was given")
    assert estimates_of("sensitivity", small(), None) is None
    assert reader_table(small(), none).rows[0][7:] == (None,) * 6
    assert "cut on the ratings: none, no cut was given" in reader_table(small(), none).note
    assert [row[2] for row in change_table(small(), none).rows] == ["auc"]


def test_a_perfect_reader_still_has_an_interval() -> None:
    ratings = small()
    perfect = replace(ratings, score=np.repeat(np.where(ratings.truth, 5.0, 1.0)[None, None], 2, axis=0))
    row = reader_table(perfect, CUT).rows[0]
    assert (row[4], row[6]) == (1, 1)
    assert 0.3 < float(row[5] or 0) < 0.9
    assert change_table(perfect, CUT).rows[0][3:6] == (0, None, None)
