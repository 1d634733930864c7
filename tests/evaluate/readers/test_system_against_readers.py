import numpy as np
import pytest
from made_readers import Row, crossed, question, van_dyke

from myoperf.evaluate.judgement import Part
from myoperf.evaluate.readers.estimates import areas
from myoperf.evaluate.readers.obuchowski_rockette import Random, analyse
from myoperf.evaluate.readers.ratings import ratings_of
from myoperf.evaluate.readers.system import system_against_readers


def judged(rows: list[Row], system_cut: float | None = None, reader_cut: float | None = None) -> Part:
    asked = question(rows)
    systems, readers = ratings_of(asked, systems=True)[0], ratings_of(asked)[0]
    assert systems is not None
    assert readers is not None
    return system_against_readers("abnormal", systems, readers, system_cut, reader_cut)


def system(rows: list[Row], seed: int = 0) -> list[Row]:
    """A score for every case of the readers."""
    truth = {row[2]: row[3] for row in rows}
    rng = np.random.default_rng(seed)
    return [("", "AI", case, t, float(rng.normal() + 1.5 * t)) for case, t in truth.items()]


def test_same_as_two_conditions_of_which_one_is_the_system_seen_by_every_reader() -> None:
    readers = [row for row in van_dyke() if row[1] == "cine"]
    rows = readers + system(readers)
    found = {row["analysis"]: row for row in judged(rows).comparisons}
    ratings = ratings_of(question(rows))[0]
    machine = ratings_of(question(rows), systems=True)[0]
    assert ratings is not None
    assert machine is not None
    order = [machine.cases.index(case) for case in ratings.cases]
    both = np.concatenate([np.repeat(machine.score[0][:, order], 5, axis=0), ratings.score[0]])
    made = areas(both, ratings.truth, ratings.patient, jackknife=True)
    shape = (2, 5)
    for random in Random:
        one = analyse(made.value.reshape(shape), made.covariance.reshape(shape * 2), random).differences[0, 1]
        row = found[random.value]
        assert [row[name] for name in ("value", "low", "high", "se", "p")] == pytest.approx(
            [one.value, one.low, one.high, one.se, one.p]
        )


def test_rows_say_what_was_compared_with_what() -> None:
    readers = crossed(["with AI", "without AI"], ["A", "B", "C"])
    part = judged(readers + system(readers), 0.7, 3)
    names = {(row["comparison"], row["metric"]) for row in part.comparisons}
    assert ("AI - readers' mean, with AI", "auc") in names
    assert ("AI - readers' mean, without AI", "sensitivity") in names
    assert ("AI - readers' mean, with AI (fixed readers and random cases)", "auc") in names
    first = part.comparisons[0]
    assert first["value"] == pytest.approx(float(first["first"]) - float(first["second"]))  # type: ignore[arg-type]  # a figure
    assert (first["n"], first["readers"], first["cases"]) == (40, 3, 40)


def test_each_scale_has_its_own_cut() -> None:
    readers: list[Row] = [
        (reader, "", f"P{k}", float(k < 4), 5.0 if k in hits else 1.0)
        for reader, hits in (("A", {0, 1, 2, 4}), ("B", {0, 1, 5, 6}))
        for k in range(10)
    ]
    machine: list[Row] = [("", "AI", f"P{k}", float(k < 4), 0.9 if k < 4 else 0.1) for k in range(10)]
    part = judged(readers + machine, 0.5, 3)
    value = {row["metric"]: row["value"] for row in part.comparisons if row["metric"] != "auc"}
    assert value == pytest.approx({"sensitivity": 1 - (0.75 + 0.5) / 2, "specificity": 1 - (5 / 6 + 4 / 6) / 2})


def test_only_cases_that_readers_saw_count() -> None:
    readers = crossed(["aided"], ["A", "B"])
    more: list[Row] = [("", "AI", f"Q{k}", float(k % 2), float(k)) for k in range(50)]
    part = judged(readers + system(readers) + more)
    assert part.comparisons == judged(readers + system(readers)).comparisons
    assert part.warnings == ()
    apart = judged(readers + more)
    assert apart.comparisons == ()
    assert apart.warnings == ("abnormal: AI - readers' mean, aided: no case was judged by both",)


def test_what_the_system_did_not_judge_is_said_or_refused() -> None:
    readers = crossed(["aided"], ["A", "B"])
    machine = system(readers)
    some = judged(readers + machine[:-1])
    assert some.comparisons[0]["cases"] == 39
    assert "the system in 'aided' lacks P39; 1 of 40 cases LEFT OUT" in some.warnings[0]
    half = judged(readers + machine[:20])
    assert (len(half.comparisons), half.comparisons[0]["value"]) == (1, None)
    assert str(half.comparisons[0]["method"]).startswith("refused: not fully crossed, 20 ratings are missing")


def test_another_truth_is_refused() -> None:
    readers = crossed(["aided"], ["A", "B"])
    machine = [(*row[:3], 1 - row[3], row[4]) for row in system(readers)]
    part = judged(readers + machine)
    assert part.comparisons == ()
    assert "another truth in the system's rows" in part.warnings[0]


def test_one_class_and_one_reader() -> None:
    readers = crossed(["aided"], ["A"])
    alone = judged(readers + system(readers))
    assert [row["analysis"] for row in alone.comparisons] == ["fixed readers and random cases"]
    sick = [(*row[:3], 1.0, row[4]) for row in readers + system(readers)]
    assert judged(sick).comparisons[0]["value"] is None
    assert judged(sick).comparisons[0]["method"] == "one class only: 40 positive, 0 negative cases"
