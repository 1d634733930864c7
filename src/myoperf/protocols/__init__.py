"""Who trains and who is tested: protocols as values, and the splits of patients that they make."""

from .dealing import Subject
from .protocol import (
    External,
    Given,
    Holdout,
    LeaveOneGroupOut,
    Nested,
    Protocol,
    RandomSplits,
    RepeatedPatientCV,
    Unit,
    column_of,
    unit_of,
)
from .protocol_text import FORMS, parse_protocol, protocol_text, protocol_words
from .splits import Fold, Splits, make_splits
from .splits_check import aliases, check_splits, patients_on_both_sides
from .splits_file import read_splits, splits_json

__all__ = [
    "FORMS",
    "External",
    "Fold",
    "Given",
    "Holdout",
    "LeaveOneGroupOut",
    "Nested",
    "Protocol",
    "RandomSplits",
    "RepeatedPatientCV",
    "Splits",
    "Subject",
    "Unit",
    "aliases",
    "check_splits",
    "column_of",
    "make_splits",
    "parse_protocol",
    "patients_on_both_sides",
    "protocol_text",
    "protocol_words",
    "read_splits",
    "splits_json",
    "unit_of",
]
