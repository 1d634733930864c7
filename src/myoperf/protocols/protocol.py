"""Ways to judge a system, as plain values."""

from dataclasses import dataclass
from typing import Literal

Unit = Literal["patient", "image"]
"""What is dealt to the parts of a split. "image": every study of a patient by itself, as some papers did, so that a
patient stands on both sides; the figures are then not those of new patients."""


@dataclass(frozen=True, kw_only=True)
class RepeatedPatientCV:
    """Cross-validation over patients, stratified, dealt anew ``repeats`` times, beside a test part that no fold sees.

    test_fraction : of all patients, kept apart; 0 for none.
    validation_fraction : of the patients outside the fold, to choose when training stops; 0 for none. A class that
        would give fewer than 5 patients gives none.
    """

    kind: Literal["repeated patient-stratified cross-validation"] = "repeated patient-stratified cross-validation"
    folds: int = 5
    repeats: int = 2
    test_fraction: float = 0.15
    validation_fraction: float = 0.15
    unit: Unit = "patient"

    def __post_init__(self) -> None:
        _check_folds(self.folds, self.repeats)
        _check_fractions(self.test_fraction, self.validation_fraction)


@dataclass(frozen=True, kw_only=True)
class Holdout:
    """One training part, one validation part, one test part; patients, stratified.

    every_class : the validation part takes its share of every class, as published splits of few patients did, and not
        of those alone that give at least 5.
    """

    kind: Literal["hold-out"] = "hold-out"
    test_fraction: float = 0.2
    validation_fraction: float = 0.15
    unit: Unit = "patient"
    every_class: bool = False

    def __post_init__(self) -> None:
        _check_fractions(self.test_fraction, self.validation_fraction)
        if self.test_fraction == 0:
            raise ValueError("a hold-out protocol needs a test part")


@dataclass(frozen=True, kw_only=True)
class RandomSplits:
    """Hold-out drawn anew ``repeats`` times, stratified; every randomisation is judged on its own part.

    A patient can be judged in several randomisations or in none. There is no test part that all of them leave alone.
    """

    kind: Literal["random splits"] = "random splits"
    repeats: int = 5
    test_fraction: float = 0.2
    validation_fraction: float = 0.15
    unit: Unit = "patient"

    def __post_init__(self) -> None:
        _check_fractions(self.test_fraction, self.validation_fraction)
        if self.repeats < 1 or self.test_fraction == 0:
            raise ValueError("random splits need at least 1 randomisation and a part to be judged")


@dataclass(frozen=True, kw_only=True)
class Nested:
    """Cross-validation in which the training part of every fold chooses among variants, by folds of its own.

    outer : folds that judge. inner : folds of each outer training part; the variant with the highest mean AUC over
    them (mean over the targets) is the one whose outer scores count.
    """

    kind: Literal["nested cross-validation"] = "nested cross-validation"
    outer: int = 5
    inner: int = 5
    repeats: int = 1
    test_fraction: float = 0.0
    validation_fraction: float = 0.15

    def __post_init__(self) -> None:
        _check_folds(self.outer, self.repeats)
        _check_folds(self.inner, 1)
        _check_fractions(self.test_fraction, self.validation_fraction)


@dataclass(frozen=True, kw_only=True)
class LeaveOneGroupOut:
    """One fold a value of a cohort column, e.g. a centre: trained on all others, judged on that one."""

    kind: Literal["leave one group out"] = "leave one group out"
    column: str = "center"
    validation_fraction: float = 0.15

    def __post_init__(self) -> None:
        _check_fractions(0, self.validation_fraction)


@dataclass(frozen=True, kw_only=True)
class External:
    """The test part is the patients of the named groups; cross-validation among the others."""

    kind: Literal["external test"] = "external test"
    groups: tuple[str, ...]
    column: str = "center"
    folds: int = 5
    repeats: int = 2
    validation_fraction: float = 0.15

    def __post_init__(self) -> None:
        _check_folds(self.folds, self.repeats)
        _check_fractions(0, self.validation_fraction)
        if not self.groups or not all(self.groups):
            raise ValueError("an external test needs the names of its groups")


@dataclass(frozen=True, kw_only=True)
class Given:
    """The cohort's own parts: a column that holds train, validation (or val) and test."""

    kind: Literal["split given by the cohort"] = "split given by the cohort"
    column: str = "split"


Protocol = RepeatedPatientCV | Holdout | RandomSplits | Nested | LeaveOneGroupOut | External | Given


def unit_of(protocol: Protocol) -> Unit:
    """What a protocol deals."""
    return protocol.unit if isinstance(protocol, RepeatedPatientCV | Holdout | RandomSplits) else "patient"


def column_of(protocol: Protocol) -> str | None:
    """The cohort column that a protocol goes by, if it goes by one."""
    return protocol.column if isinstance(protocol, LeaveOneGroupOut | External | Given) else None


def _check_folds(folds: int, repeats: int) -> None:
    if folds < 2 or repeats < 1:
        raise ValueError(f"at least 2 folds and 1 repeat are needed, got {folds} and {repeats}")


def _check_fractions(test: float, validation: float) -> None:
    if not (0 <= test < 0.9 and 0 <= validation < 0.9):
        raise ValueError(f"fractions are at least 0 and below 0.9, got test {test} and validation {validation}")
