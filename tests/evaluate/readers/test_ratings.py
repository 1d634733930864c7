from typing import Any

import numpy as np
import pytest
from made_readers import crossed, question, van_dyke

from myoperf.evaluate.readers.ratings import Ratings, complete, ratings_of


def made(rows: list[tuple[str, str, str, float, float]], *, systems: bool = False, **more: Any) -> Ratings:
    found, against = ratings_of(question(rows, **more), systems=systems)
    assert found is not None
    assert against == ()
    return found


def test_a_table_in_any_order_is_a_crossed_study() -> None:
    rows = van_dyke()
    found = made(rows)
    assert (found.conditions, found.readers) == (("cine", "spin echo"), ("R1", "R2", "R3", "R4", "R5"))
    assert found.score.shape == (2, 5, 114)
    assert (found.truth.sum(), found.patients) == (45, 114)
    order = np.random.default_rng(0).permutation(len(rows))
    mixed = made([rows[k] for k in order])
    seats = [mixed.readers.index(name) for name in found.readers]
    sides = [mixed.conditions.index(name) for name in found.conditions]
    np.testing.assert_array_equal(mixed.score[sides][:, seats], found.score)


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (["without AI", "with AI"], ("with AI", "without AI")),
        (["readers", "readers+AI"], ("readers+AI", "readers")),
        (["unaided", "aided"], ("aided", "unaided")),
        (["reader_alone", "reader_with_AI"], ("reader_with_AI", "reader_alone")),
        (["planar", "CZT"], ("planar", "CZT")),
        (["no AI", "second look", "AI"], ("AI", "second look", "no AI")),
    ],
)
def test_help_stands_before_its_lack(conditions: list[str], expected: tuple[str, ...]) -> None:
    assert made(crossed(conditions, ["A", "B"], cases=6)).conditions == expected


def test_a_case_has_one_truth_and_one_rating_a_reader_and_condition() -> None:
    rows = crossed(["with", "without"], ["A", "B"], cases=6)
    torn = [*rows[:-1], ("B", "without", "P5", 1.0, 3.0)]
    assert ratings_of(question(torn)) == (None, ("reader study not judged: P5 has two truths; a case has one",))
    _, (twice,) = ratings_of(question([*rows, ("A", "with", "P2", 0.0, 3.0)]))
    assert "reader A has 2 ratings of P2 in 'with' (1 such cases)" in twice
    assert made([*rows, ("A", "with", "P2", 0.0, float("nan"))]).score[0, 0, 2] == rows[2][4]


def test_studies_of_a_patient_are_cases_of_their_own() -> None:
    rows = crossed(["with", "without"], ["A", "B"], cases=6)
    doubled = [(r, c, f"P{int(p[1:]) // 2}", t, s) for r, c, p, t, s in rows]
    assert ratings_of(question(doubled))[0] is None
    found = made(doubled, study_id=[p for _, _, p, _, _ in rows])
    assert (found.score.shape, found.patients) == ((2, 2, 6), 3)
    assert found.cases[1] == ("P0", "P1")


def test_a_few_gaps_leave_cases_out_and_say_so() -> None:
    rows = crossed(["with", "without"], ["A", "B", "C"], cases=40)
    missing = [row if (row[0], row[2]) != ("B", "P7") else (*row[:4], float("nan")) for row in rows]
    left, said = complete(made(missing))
    assert left is not None
    assert left.score.shape == (2, 3, 39)
    assert "P7" not in [patient for patient, _ in left.cases]
    assert said.startswith("not fully crossed, 2 ratings are missing: reader B in 'with' lacks P7;")
    assert "1 of 40 cases LEFT OUT" in said


def test_many_gaps_are_refused_by_name() -> None:
    rows = [row for row in crossed(["with", "without"], ["A", "B", "C"]) if row[:2] != ("C", "with")]
    left, said = complete(made(rows))
    assert left is None
    assert "40 ratings are missing: reader C in 'with' lacks every case" in said
    thin = [row for row in crossed(["with"], ["A", "B"], cases=40) if row[0] == "A" or int(row[2][1:]) < 20]
    assert complete(made(thin))[0] is None


def test_a_reader_of_many_who_saw_one_condition_is_left_out() -> None:
    readers = [f"R{k}" for k in range(12)]
    rows = [row for row in crossed(["with", "without"], readers, cases=9) if row[:2] != ("R3", "with")]
    left, said = complete(made(rows))
    assert left is not None
    assert "R3" not in left.readers
    assert "reader R3 LEFT OUT" in said


def test_a_complete_study_needs_no_words() -> None:
    found = made(van_dyke())
    assert complete(found) == (found, "")


def test_every_case_with_a_reader_of_its_own_is_no_reader_study() -> None:
    rows = [(f"R{k}", "", f"P{k}", float(k % 2), 1.0) for k in range(1500)]
    found, (why,) = ratings_of(question(rows))
    assert found is None
    assert "1500 ratings of 1500 cases by 1500 readers" in why


def test_systems_are_rows_without_a_reader() -> None:
    rows = crossed(["with"], ["A", "B"], cases=6) + crossed(["AI", "TPD"], [""], cases=6)
    assert made(rows).conditions == ("with",)
    found = made(rows, systems=True)
    assert (found.conditions, found.readers, found.score.shape) == (("AI", "TPD"), ("",), (2, 1, 6))
    assert ratings_of(question(crossed(["with"], ["A"], cases=6)), systems=True) == (None, ())


def test_models_of_a_system_are_averaged_or_stand_behind_their_ensemble() -> None:
    rows = [("", "AI", "P0", 1.0, 0.6), ("", "AI", "P0", 1.0, 0.8), ("", "AI", "P1", 0.0, 0.1)]
    found = made(rows, systems=True, repeat=[0, 0, 0], fold=[0, 1, 0])
    np.testing.assert_allclose(found.score[0, 0], [0.7, 0.1])
    again = made([*rows, ("", "AI", "P0", 1.0, 0.9)], systems=True, repeat=[0, 0, 0, -1], fold=[0, 1, 0, -1])
    np.testing.assert_allclose(again.score[0, 0], [0.9])
    assert ratings_of(question(rows), systems=True)[0] is None


def test_rows_without_a_truth_of_0_or_1_do_not_count() -> None:
    rows = [("A", "", "P0", 2.0, 1.0), ("A", "", "P1", float("nan"), 1.0)]
    assert ratings_of(question(rows)) == (None, ())
