"""The count of openings: once a run, more for every other run that looks at the same patients."""

import json
from pathlib import Path

import pytest

from myoperf.io.cache import FOLDER
from myoperf.train.ledger import LEDGER, Opened, Opening, note_opening


def opening(run: str, patients: tuple[str, ...] = ("P1", "P2"), labels: tuple[str, ...] = ("label_a",)) -> Opening:
    return Opening(verb="train", run=run, units=patients, patients=patients, labels=labels)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "study").mkdir()
    return tmp_path / "study" / "cohort.csv"


def ledger(table: Path) -> Path:
    return table.parent / FOLDER / LEDGER


def test_a_run_is_counted_once(table: Path) -> None:
    for _ in range(3):
        assert note_opening(table, opening("one")).times == 1
    assert len(ledger(table).read_text(encoding="utf-8").splitlines()) == 1


def test_other_runs_are_counted_with_what_they_share(table: Path) -> None:
    note_opening(table, opening("one"))
    assert note_opening(table, opening("two")) == Opened(times=2, alike=2, patients=2, part=opening("two").part)
    overlapping = note_opening(table, opening("three", ("P2", "P9")))
    assert (overlapping.times, overlapping.alike) == (3, 1)
    assert note_opening(table, opening("four", ("P7", "P8"))).times == 1
    assert note_opening(table, opening("five", labels=("label_b",))).times == 1
    assert note_opening(table, opening("six", labels=("label_b", "label_a"))).times == 5


def test_the_same_patient_is_known_under_another_spelling(table: Path) -> None:
    note_opening(table, opening("one", ("P 001", "P002")))
    found = note_opening(table, opening("two", ("p1",)))
    assert (found.times, found.patients) == (2, 1)


def test_a_run_that_opens_another_part_too_is_still_one_run(table: Path) -> None:
    note_opening(table, opening("one"))
    assert note_opening(table, opening("one", ("P1", "P3"))).times == 1
    assert note_opening(table, opening("two", ("P1",))).times == 2


def test_the_part_does_not_depend_on_order(table: Path) -> None:
    assert opening("one", ("P1", "P2")).part == opening("two", ("P2", "P1")).part
    assert opening("one").part != opening("one", labels=("label_b",)).part


def test_no_id_of_a_patient_stands_in_the_ledger(table: Path) -> None:
    note_opening(table, opening("one", ("Ms Secret", "P2")))
    text = ledger(table).read_text(encoding="utf-8")
    assert "ecret" not in text
    assert json.loads(text)["verb"] == "train"


def test_a_broken_ledger_gives_a_lower_bound(table: Path) -> None:
    note_opening(table, opening("one"))
    with ledger(table).open("ab") as stream:
        stream.write(b'{"run": "cut of\n[1]\n\xff\xfe')
    found = note_opening(table, opening("two"))
    assert (found.times, found.lost) == (2, 3)
    assert "opened at least 2 times" in found.told()
    assert note_opening(table, opening("three")).times == 3


def test_beside_a_read_only_cohort_the_count_is_not_known(table: Path) -> None:
    table.parent.chmod(0o555)
    found = note_opening(table, opening("one"))
    table.parent.chmod(0o755)
    assert found.times is None
    assert "how often before is not known" in found.told()
    assert not ledger(table).exists()
    assert note_opening(table.parent / "absent" / "cohort.csv", opening("one")).times is None
    (table.parent / FOLDER).write_text("a file in the way", encoding="utf-8")
    assert note_opening(table, opening("one")).times is None


@pytest.mark.parametrize(
    ("opened", "told"),
    [
        (Opened(times=1, alike=1, patients=40), "test part (40 patients) opened 1 time: by this run"),
        (
            Opened(times=3, alike=2, patients=40),
            "test part (40 patients) opened 3 times, this run included (1 of them a part that shares patients with it)",
        ),
    ],
)
def test_the_count_is_a_sentence(opened: Opened, told: str) -> None:
    assert opened.told().startswith(told)
