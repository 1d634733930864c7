"""Ways to judge a system, as plain values."""

import re
from dataclasses import dataclass
from typing import Literal

from myoperf.core.errors import RefusedError


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

    def __post_init__(self) -> None:
        if self.folds < 2 or self.repeats < 1:
            raise ValueError(f"at least 2 folds and 1 repeat are needed, got {self.folds} and {self.repeats}")
        _check_fractions(self.test_fraction, self.validation_fraction)


@dataclass(frozen=True, kw_only=True)
class Holdout:
    """One training part, one validation part, one test part; patients, stratified."""

    kind: Literal["hold-out"] = "hold-out"
    test_fraction: float = 0.2
    validation_fraction: float = 0.15

    def __post_init__(self) -> None:
        _check_fractions(self.test_fraction, self.validation_fraction)
        if self.test_fraction == 0:
            raise ValueError("a hold-out protocol needs a test part")


Protocol = RepeatedPatientCV | Holdout


def parse_protocol(text: str) -> Protocol:
    """A protocol from a short text: ``5x2`` (folds x repeats), ``5x2:0.15`` (with its test fraction), ``holdout`` or
    ``holdout:0.3``. RefusedError for anything else."""
    found = re.fullmatch(r"(?:(?P<folds>\d{1,3})x(?P<repeats>\d{1,3})|holdout)(?::(?P<test>\d*\.?\d+))?", text.strip())
    try:
        if found and found["folds"]:
            folds, repeats = int(found["folds"]), int(found["repeats"])
            default = RepeatedPatientCV().test_fraction
            return RepeatedPatientCV(folds=folds, repeats=repeats, test_fraction=float(found["test"] or default))
        if found:
            return Holdout(test_fraction=float(found["test"] or Holdout().test_fraction))
        reason = repr(text)
    except ValueError as error:
        reason = f"{text!r} ({error})"
    raise RefusedError(
        "protocol",
        rule="folds x repeats, or holdout, and a test fraction",
        came=reason,
        do="write it like 5x2, 5x2:0.15 or holdout:0.2",
    )


def _check_fractions(test: float, validation: float) -> None:
    if not (0 <= test < 0.9 and 0 <= validation < 0.9):
        raise ValueError(f"fractions are at least 0 and below 0.9, got test {test} and validation {validation}")
