"""Protocols as texts and sentences."""

from dataclasses import replace

import pytest

from myoperf.core.errors import RefusedError
from myoperf.protocols import (
    External,
    Given,
    Holdout,
    LeaveOneGroupOut,
    Nested,
    Protocol,
    RandomSplits,
    RepeatedPatientCV,
    column_of,
    parse_protocol,
    protocol_text,
    protocol_words,
    unit_of,
)

ALL: dict[str, Protocol] = {
    "5x2:0.15": RepeatedPatientCV(folds=5, repeats=2),
    "10x5:0": RepeatedPatientCV(folds=10, repeats=5, test_fraction=0),
    "5fold": RepeatedPatientCV(folds=5, repeats=1, test_fraction=0),
    "holdout:0.3": Holdout(test_fraction=0.3),
    "random5:0.2": RandomSplits(repeats=5, test_fraction=0.2),
    "nested5x3": Nested(outer=5, inner=3),
    "nested5x3:0.2": Nested(outer=5, inner=3, test_fraction=0.2),
    "logo:center": LeaveOneGroupOut(),
    "logo:scanner model": LeaveOneGroupOut(column="scanner model"),
    "external:center=B,C": External(column="center", groups=("B", "C")),
    "given": Given(),
    "given:part": Given(column="part"),
    "5fold,unit=image": RepeatedPatientCV(folds=5, repeats=1, test_fraction=0, unit="image"),
    "holdout:0.2,unit=image": Holdout(test_fraction=0.2, unit="image"),
    "random5:0.2,unit=image": RandomSplits(unit="image"),
    "holdout:0.15,validation=0.176": Holdout(test_fraction=0.15, validation_fraction=0.176, every_class=True),
    "2x10:0,validation=0": RepeatedPatientCV(folds=2, repeats=10, test_fraction=0, validation_fraction=0),
    "5fold,validation=0.2,unit=image": RepeatedPatientCV(
        folds=5, repeats=1, test_fraction=0, validation_fraction=0.2, unit="image"
    ),
}


@pytest.mark.parametrize("text", ALL)
def test_a_text_is_a_protocol_and_a_protocol_is_a_text(text: str) -> None:
    assert parse_protocol(text) == ALL[text]
    assert protocol_text(ALL[text]) == text
    assert parse_protocol(f"  {text} ") == ALL[text]


def test_short_forms() -> None:
    assert parse_protocol("5fold:0.2") == RepeatedPatientCV(folds=5, repeats=1, test_fraction=0.2)
    assert parse_protocol("random") == RandomSplits()
    assert parse_protocol("random3") == RandomSplits(repeats=3)
    assert parse_protocol("logo") == LeaveOneGroupOut(column="center")
    assert parse_protocol("5x2 , unit = patient") == RepeatedPatientCV()
    assert parse_protocol("external:center= B , C , B") == External(groups=("B", "C"))


@pytest.mark.parametrize(
    "wrong",
    [
        "", "5", "1fold", "0fold", "5folds", "fold", "random0", "random5:0", "random5:1.5", "nested5", "nested1x5",
        "nested5x1", "nested5x5,unit=image", "logo:center,unit=image", "given,unit=image", "logo:", "external",
        "external:center=B,unit=image", "external:center", "external:center=", "external:center=,", "external:=B",
        "given,validation=0.2", "5x2,validation=1", "5x2,validation=",
        "5x2,unit=slice", "image:5x2", "5x2:", "5x2:-0.1", "5x2:nan", "٥x٢", "5x2\n5x2",
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_one_line(wrong: str) -> None:
    with pytest.raises(RefusedError, match=r"write it like 5x2, 5x2:0\.15, 5fold, holdout:0\.2") as refusal:
        parse_protocol(wrong)
    assert "\n" not in str(refusal.value)


def test_values_that_cannot_be_are_refused() -> None:
    for make in (
        lambda: RandomSplits(repeats=0),
        lambda: RandomSplits(test_fraction=0),
        lambda: Nested(inner=1),
        lambda: Nested(outer=1),
        lambda: External(groups=()),
        lambda: External(groups=("",)),
        lambda: LeaveOneGroupOut(validation_fraction=0.95),
    ):
        with pytest.raises(ValueError, match=r"need|fractions"):
            make()


@pytest.mark.parametrize("protocol", ALL.values())
def test_the_sentence_says_who_is_dealt(protocol: Protocol) -> None:
    told = protocol_words(protocol)
    assert ("a patient can stand on both sides" in told) is (unit_of(protocol) == "image")
    assert "\n" not in told
    column = column_of(protocol)
    assert column is None or column in told


def test_settings_are_in_the_sentence() -> None:
    assert protocol_words(replace(RepeatedPatientCV(), test_fraction=0.25)).startswith(
        "5-fold cross-validation, 2 times, stratified by tracer and class; 25% kept apart"
    )
    assert "4 inner folds choose the variant; no test part" in protocol_words(Nested(inner=4))
    assert "test part: center B, C; 5-fold" in protocol_words(External(groups=("B", "C")))
