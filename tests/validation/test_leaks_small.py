"""The search for leaks: none by patient, found by image, and blind to none that is planted."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "validation"))

from leaks import BY_IMAGE, PROTOCOLS, RECIPE, leaks, random_rows, search

from myoperf.io.cohort_rules import plain_id
from myoperf.protocols import RepeatedPatientCV, make_splits
from myoperf.train.studies import choose, subjects


def test_no_patient_stands_on_two_sides() -> None:
    both, lost, seen = search(12, seed=1)
    assert len(both) == len(PROTOCOLS)
    assert (sum(both.values()), sum(lost.values()), seen) == (0, 0, 12)


def test_the_cohorts_hold_aliases_and_no_two_persons_share_one() -> None:
    rows, person_of = random_rows(np.random.default_rng(0))
    persons: dict[str, set[int]] = {}
    spellings: dict[int, set[str]] = {}
    for row in rows:
        persons.setdefault(plain_id(row.patient_id), set()).add(person_of[row.study_id])
        spellings.setdefault(person_of[row.study_id], set()).add(row.patient_id)
    assert all(len(who) == 1 for who in persons.values())
    assert sum(len(ids) > 1 for ids in spellings.values()) > len(spellings) / 3


def test_a_planted_leak_is_counted() -> None:
    rows, person_of = random_rows(np.random.default_rng(0))
    studies = choose(RECIPE, rows, labelled=True).studies
    protocol = RepeatedPatientCV(folds=2, repeats=1)
    splits = make_splits(protocol, subjects(RECIPE, studies, protocol), 0)
    first = splits.folds[0]
    planted = replace(splits, folds=(replace(first, train=(*first.train, first.held_out[0])), splits.folds[1]))
    assert leaks(splits, rows, person_of) == (0, 0)
    assert leaks(planted, rows, person_of) == (1, 1)
    by_image = make_splits(BY_IMAGE, subjects(RECIPE, studies, BY_IMAGE), 0)
    assert leaks(by_image, rows, person_of)[0] > 10
