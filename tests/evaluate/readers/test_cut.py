from dataclasses import replace

import numpy as np
from made_readers import Row, question

from myoperf.evaluate.readers.cut import cut_of

FIVE = np.array([1.0, 2.0, 3.0, 4.0, 5.0, np.nan])
UNIT = np.array([0.0, 0.2, 0.9])
ROW: list[Row] = [("A", "", "P", 1.0, 1.0)]


def test_a_given_cut_is_used_where_it_parts_the_ratings() -> None:
    found = cut_of(question(ROW, threshold=3), FIVE)
    assert (found.value, found.chosen_on) == (3, "given")


def test_a_cut_of_another_scale_is_not_used() -> None:
    found = cut_of(question(ROW, threshold=0.5), FIVE)
    assert found.value is None
    assert found.chosen_on == "the cut 0.5 lies outside of the ratings, and they are not in 0..1"
    assert cut_of(question(ROW, threshold=3), UNIT).value == 0.5


def test_ratings_in_0_to_1_are_cut_in_the_middle_and_others_not_at_all() -> None:
    assert cut_of(question(ROW), UNIT).value == 0.5
    assert cut_of(question(ROW), FIVE).value is None
    assert cut_of(question(ROW), np.array([np.nan])).value is None


def test_the_validation_part_chooses_for_readers_and_systems_apart() -> None:
    rows: list[Row] = [("A", "", f"P{k}", float(k > 2), float(k)) for k in range(6)]
    rows += [("", "", f"P{k}", float(k > 2), 10.0 * k) for k in range(6)]
    asked = question(rows, split=["validation"] * 12)
    assert cut_of(asked, FIVE).value == 2.5
    assert cut_of(asked, FIVE, systems=True).value == 25
    assert cut_of(replace(asked, split="validation"), FIVE).value is None
    assert cut_of(question(rows, split=["test"] * 12), FIVE).value is None
