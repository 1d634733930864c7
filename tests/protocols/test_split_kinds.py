"""Each kind of protocol on small cohorts whose split is known."""

import hashlib
import json
import random
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from myoperf.core.errors import RefusedError
from myoperf.protocols import (
    External,
    Given,
    LeaveOneGroupOut,
    Nested,
    Protocol,
    RandomSplits,
    RepeatedPatientCV,
    Splits,
    Subject,
    check_splits,
    make_splits,
    patients_on_both_sides,
    read_splits,
    splits_json,
)

CENTERS = ("A", "B", "C")
IMAGE_CV = RepeatedPatientCV(folds=4, repeats=1, test_fraction=0.2, unit="image")


def people(count: int = 120, column: tuple[str, ...] = CENTERS) -> list[Subject]:
    """Patients of both classes; what the column says goes round."""
    return [
        Subject(patient_id=f"P{k:03d}", strata=(f"ill={k // len(column) % 2}",), groups=(column[k % len(column)],))
        for k in range(count)
    ]


def images(patients: int = 30, each: int = 4) -> list[Subject]:
    return [
        Subject(patient_id=f"P{k:02d}", image=f"s{k}#slice {n}", strata=(f"ill={k % 2}",))
        for k in range(patients)
        for n in range(each)
    ]


@pytest.mark.parametrize(
    "protocol",
    [RandomSplits(), Nested(outer=3, inner=3), LeaveOneGroupOut(), External(groups=("B",)), IMAGE_CV],
    ids=lambda protocol: protocol.kind,
)
def test_only_ids_strata_groups_and_seed_matter(protocol: Protocol) -> None:
    subjects = images() if protocol is IMAGE_CV else people()
    shuffled = random.Random(1).sample(subjects, len(subjects))
    assert make_splits(protocol, subjects, 7) == make_splits(protocol, shuffled, 7)
    assert make_splits(protocol, subjects, 7) != make_splits(protocol, subjects, 8)


def test_every_randomisation_is_judged_on_its_own_part() -> None:
    splits = make_splits(RandomSplits(repeats=5, test_fraction=0.2), people(), 0)
    assert splits.test == ()
    assert [(fold.repeat, fold.fold, len(fold.held_out)) for fold in splits.folds] == [(k, 0, 24) for k in range(5)]
    assert len({fold.held_out for fold in splits.folds}) == 5
    assert max(Counter(unit for fold in splits.folds for unit in fold.held_out).values()) > 1
    for fold in splits.folds:
        assert len(fold.train) + len(fold.validation) == 96


def test_inner_folds_lie_inside_the_outer_training_part() -> None:
    splits = make_splits(Nested(outer=4, inner=3, test_fraction=0.1), people(), 0)
    assert len(splits.folds) == 4
    for fold in splits.folds:
        taught = {*fold.train, *fold.validation}
        assert [inner.fold for inner in fold.inner] == [0, 1, 2]
        assert Counter(unit for inner in fold.inner for unit in inner.held_out) == dict.fromkeys(taught, 1)
        for inner in fold.inner:
            assert {*inner.train, *inner.validation, *inner.held_out} == taught
    assert check_splits(splits, people()) == ()


def test_an_inner_fold_that_sees_the_outer_one_is_refused() -> None:
    splits = make_splits(Nested(outer=4, inner=3), people(), 0)
    fold = splits.folds[0]
    inner = replace(fold.inner[0], train=(*fold.inner[0].train, fold.held_out[0]))
    leaking = replace(splits, folds=(replace(fold, inner=(inner, *fold.inner[1:])),))
    with pytest.raises(RefusedError, match=r"inner fold 0: no patient stands on two sides of a split"):
        check_splits(leaking, people())


def test_each_group_is_left_out_once() -> None:
    splits = make_splits(LeaveOneGroupOut(), people(), 0)
    assert [fold.name for fold in splits.folds] == ["center=A", "center=B", "center=C"]
    center = {subject.patient_id: subject.groups[0] for subject in people()}
    for fold, name in zip(splits.folds, CENTERS, strict=True):
        assert {center[unit] for unit in fold.held_out} == {name}
        assert name not in {center[unit] for unit in (*fold.train, *fold.validation)}
        assert len(fold.held_out) == 40


def test_a_group_with_one_class_is_said_and_not_refused() -> None:
    subjects = [replace(s, strata=("ill=0",)) if s.groups == ("C",) else s for s in people()]
    splits = make_splits(LeaveOneGroupOut(), subjects, 0)
    assert "held-out center=C part: fewer than 2 patients with ill=1" in check_splits(splits, subjects)


def test_an_external_test_part_is_the_named_groups() -> None:
    splits = make_splits(External(groups=("B", "C"), folds=3, repeats=2), people(), 0)
    assert set(splits.test) == {s.patient_id for s in people() if s.groups[0] in "BC"}
    assert len(splits.folds) == 6
    assert all(not set(splits.test) & {*f.train, *f.validation, *f.held_out} for f in splits.folds)


def test_the_cohort_can_give_the_parts() -> None:
    words = ("train", "Training", "val", "test")
    splits = make_splits(Given(), people(80, words), 0)
    (fold,) = splits.folds
    assert (len(fold.train), len(fold.validation), len(fold.held_out), len(splits.test)) == (40, 20, 0, 20)
    assert set(splits.test) == {f"P{k:03d}" for k in range(3, 80, 4)}


@pytest.mark.parametrize(
    ("protocol", "column", "why"),
    [
        (LeaveOneGroupOut(), ("A", ""), "a group for every patient; got none for P001"),
        (LeaveOneGroupOut(), ("A",), "at least two groups, so that one can be left out; got only A"),
        (External(groups=("D",)), CENTERS, "one of A, B, C; got 'D'"),
        (External(groups=CENTERS), CENTERS, "a group that trains is left beside the test part"),
        (Given(), ("train", "holdout"), "train, validation or test; got 'holdout'"),
        (Given(), ("train",), "got 120 train, 0 validation, 0 test"),
        (Given(), ("validation", "test"), "got 0 train, 60 validation, 60 test"),
        (Given(), ("",), "a group for every patient"),
    ],
)
def test_a_column_that_cannot_split_is_refused(protocol: Protocol, column: tuple[str, ...], why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        make_splits(protocol, people(120, column), 0)


@pytest.mark.parametrize("protocol", [LeaveOneGroupOut(), External(groups=("B",)), Given(column="center")])
def test_a_patient_in_two_groups_is_refused_also_under_two_spellings(protocol: Protocol) -> None:
    subjects = people(60, ("A", "B"))
    for stray in (replace(subjects[0], groups=("A", "B")), replace(subjects[0], patient_id="p 0", groups=("B",))):
        with pytest.raises(RefusedError, match=r"one group a patient; got P000 in A, B; .* --where|got .* in A, B"):
            make_splits(protocol, [*subjects, stray], 0)


def test_images_are_dealt_one_by_one_and_the_patients_counted() -> None:
    subjects = images()
    splits = make_splits(IMAGE_CV, subjects, 0)
    assert (splits.unit, len(splits.test)) == ("image", 24)
    held = Counter(unit for fold in splits.folds for unit in fold.held_out)
    assert held == dict.fromkeys({s.image for s in subjects} - set(splits.test), 1)
    patient = {s.image: s.patient_id for s in subjects}
    both: set[str] = set()
    for fold in splits.folds:
        both |= {patient[u] for u in (*fold.train, *fold.validation)} & {
            patient[u] for u in (*fold.held_out, *splits.test)
        }
    assert patients_on_both_sides(splits, subjects) == (len(both), 30)
    first = check_splits(splits, subjects)[0]
    assert first.startswith(
        f"SPLIT BY IMAGE, as published: {len(both)} of 30 patients stand both in a part that trains"
    )


def test_one_image_a_patient_does_no_harm_and_is_said_so() -> None:
    first = check_splits(make_splits(IMAGE_CV, images(60, 1), 0), images(60, 1))[0]
    assert "0 of 60 patients stand both" in first
    assert first.endswith("a patient with several images would")


def test_a_count_by_hand() -> None:
    subjects = images(3, 2)
    told = ["s0#slice 0", "s0#slice 1", "s1#slice 0"], ["s1#slice 1", "s2#slice 0", "s2#slice 1"]
    splits = make_splits(replace(IMAGE_CV, folds=2, test_fraction=0.0), subjects, 0)
    fold = replace(splits.folds[0], train=tuple(told[0]), validation=(), held_out=tuple(told[1]))
    assert patients_on_both_sides(replace(splits, folds=(fold,)), subjects) == (1, 3)


def test_one_image_on_two_sides_is_refused() -> None:
    splits = make_splits(IMAGE_CV, images(), 0)
    fold = splits.folds[0]
    leaking = replace(splits, folds=(replace(fold, train=(*fold.train, fold.held_out[0])),))
    with pytest.raises(RefusedError, match="no image stands on two sides"):
        check_splits(leaking, images())


def test_a_split_by_patient_says_nothing_of_images() -> None:
    splits = make_splits(RepeatedPatientCV(), people(), 0)
    assert patients_on_both_sides(splits, people()) == (0, 120)
    assert not any("IMAGE" in line for line in check_splits(splits, people()))


@pytest.mark.parametrize("protocol", [Nested(outer=3, inner=2), LeaveOneGroupOut(), RandomSplits()])
def test_the_file_holds_everything(protocol: Protocol, tmp_path: Path) -> None:
    splits = make_splits(protocol, people(), 0)
    path = tmp_path / "splits.json"
    path.write_text(splits_json(splits), encoding="utf-8")
    assert read_splits(path) == splits


def signed(body: dict[str, object]) -> str:
    digest = hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return json.dumps({**body, "sha256": digest})


def test_the_file_holds_the_unit_and_the_first_format_is_still_read(tmp_path: Path) -> None:
    path = tmp_path / "splits.json"
    by_image: Splits = make_splits(IMAGE_CV, images(), 0)
    path.write_text(splits_json(by_image), encoding="utf-8")
    assert read_splits(path).unit == "image"
    patients = make_splits(RepeatedPatientCV(), people(), 0)
    body = json.loads(json.dumps({"format": 1, **asdict(patients)}))
    del body["unit"]
    for fold in body["folds"]:
        del fold["name"], fold["inner"]
    path.write_text(signed(body), encoding="utf-8")
    assert read_splits(path) == patients
    for spoilt in ({"format": 3}, {"unit": "slice"}, {"test": "P001"}, {"folds": [{"repeat": "x"}]}):
        path.write_text(signed(body | spoilt), encoding="utf-8")
        with pytest.raises(RefusedError, match="splits as this package writes them"):
            read_splits(path)
