"""Splits of patients: the same for any order, no patient on two sides."""

import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myoperf.core.errors import RefusedError
from myoperf.io.cohort_rules import plain_id
from myoperf.protocols import (
    Fold,
    Holdout,
    RepeatedPatientCV,
    Splits,
    Subject,
    aliases,
    check_splits,
    make_splits,
    parse_protocol,
    read_splits,
    splits_json,
)


def people(count: int = 200) -> list[Subject]:
    strata = ("Tc-99m abnormal=0", "Tc-99m abnormal=1", "Tl-201 risk=0", "Tl-201 risk=1")
    return [Subject(patient_id=f"P{k:03d}", strata=(strata[k % 4],)) for k in range(count)]


def sides(splits: Splits, fold: Fold) -> list[set[str]]:
    return [set(ids) for ids in (fold.train, fold.validation, fold.held_out, splits.test)]


def test_the_order_of_the_rows_does_not_matter() -> None:
    subjects = people()
    shuffled = random.Random(1).sample(subjects, len(subjects))
    protocol = RepeatedPatientCV(folds=5, repeats=3)
    assert make_splits(protocol, subjects, 7) == make_splits(protocol, shuffled, 7)
    assert make_splits(protocol, subjects, 7) != make_splits(protocol, subjects, 8)


def test_every_patient_outside_the_test_part_is_held_out_once_a_repeat() -> None:
    subjects = people()
    splits = make_splits(RepeatedPatientCV(folds=5, repeats=2, test_fraction=0.15), subjects, 0)
    assert len(splits.folds) == 10
    for repeat in (0, 1):
        held = Counter(p for f in splits.folds if f.repeat == repeat for p in f.held_out)
        assert set(held.values()) == {1}
        assert set(held) == {s.patient_id for s in subjects} - set(splits.test)
    assert splits.folds[0].held_out != splits.folds[5].held_out


def test_strata_are_even() -> None:
    subjects = people()
    stratum = {s.patient_id: s.strata[0] for s in subjects}
    splits = make_splits(RepeatedPatientCV(folds=5, repeats=1, test_fraction=0.2), subjects, 3)
    assert set(Counter(stratum[p] for p in splits.test).values()) == {10}
    for fold in splits.folds:
        assert set(Counter(stratum[p] for p in fold.held_out).values()) == {8}
        assert set(Counter(stratum[p] for p in fold.validation).values()) == {5}


@given(
    ids=st.lists(st.text("PQ01 ", min_size=1, max_size=4), min_size=1, max_size=60),
    seed=st.integers(0, 5),
    folds=st.integers(2, 4),
)
def test_no_patient_is_on_two_sides(ids: list[str], seed: int, folds: int) -> None:
    subjects = [Subject(patient_id=text, strata=(f"class={len(text) % 2}",)) for text in ids]
    splits = make_splits(RepeatedPatientCV(folds=folds, repeats=2), subjects, seed)
    for fold in splits.folds:
        canonicals = [{plain_id(p) for p in side} for side in sides(splits, fold)]
        assert sum(map(len, canonicals)) == len({plain_id(text) for text in ids})
        assert set.union(*canonicals) == {plain_id(text) for text in ids}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("P 007", "p7", True), ("001", "1", True), ("A10", "A1", False), ("\uff30\uff11", "P1", True), ("0", "00", True)],
)
def test_ids_that_are_one_patient(one: str, other: str, same: bool) -> None:
    assert (plain_id(one) == plain_id(other)) is same
    assert bool(aliases([one, other])) is same


def test_a_leak_is_refused_also_under_another_spelling() -> None:
    subjects = people(40)
    splits = make_splits(RepeatedPatientCV(folds=2, repeats=1), subjects, 0)
    assert check_splits(splits, subjects)
    fold = splits.folds[0]
    for stray in (fold.held_out[0], fold.held_out[0].lower().replace("p", "p 00")):
        leaking = replace(splits, folds=(replace(fold, train=(*fold.train, stray)),))
        known = [*subjects, Subject(patient_id=stray, strata=subjects[0].strata)]
        with pytest.raises(RefusedError, match="no patient stands on two sides"):
            check_splits(leaking, known)


def test_a_fold_with_one_patient_of_a_class_is_refused() -> None:
    subjects = [Subject(patient_id=f"P{k}", strata=(f"ill={int(k < 4)}",)) for k in range(30)]
    splits = make_splits(RepeatedPatientCV(folds=5, repeats=1, test_fraction=0), subjects, 0)
    with pytest.raises(RefusedError, match=r"at least 2 patients of each class; got fewer with ill=1"):
        check_splits(splits, subjects)


def test_few_patients_give_no_validation_part() -> None:
    subjects = people(60)
    splits = make_splits(RepeatedPatientCV(folds=3, repeats=1), subjects, 0)
    assert all(not fold.validation for fold in splits.folds)
    assert any("no validation part" in line for line in check_splits(splits, subjects))


def test_holdout_has_one_fold_and_a_test_part() -> None:
    splits = make_splits(Holdout(test_fraction=0.25, validation_fraction=0.2), people(), 0)
    assert len(splits.folds) == 1
    assert (len(splits.test), len(splits.folds[0].validation), splits.folds[0].held_out) == (52, 28, ())


def test_splits_are_frozen_in_their_file(tmp_path: Path) -> None:
    splits = make_splits(RepeatedPatientCV(), people(), 0)
    path = tmp_path / "splits.json"
    path.write_text(splits_json(splits), encoding="utf-8")
    assert read_splits(path) == splits
    told = json.loads(path.read_text(encoding="utf-8"))
    told["test"] = told["test"][1:]
    path.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(RefusedError, match="splits stay as they were made"):
        read_splits(path)
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(RefusedError, match="as this package writes them"):
        read_splits(path)
    with pytest.raises(RefusedError, match="a run holds its splits"):
        read_splits(tmp_path / "absent")


def test_protocols_can_be_written_short() -> None:
    assert parse_protocol("5x2") == RepeatedPatientCV(folds=5, repeats=2)
    assert parse_protocol("10x5:0") == RepeatedPatientCV(folds=10, repeats=5, test_fraction=0)
    assert parse_protocol("holdout:.3") == Holdout(test_fraction=0.3)
    assert parse_protocol("holdout") == Holdout()
    for wrong in ("5", "1x2", "5x0", "holdout:0", "holdout:1.5", "5x2:0.95", "leave one out"):
        with pytest.raises(RefusedError, match="write it like 5x2"):
            parse_protocol(wrong)
