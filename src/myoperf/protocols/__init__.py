"""Who trains and who is tested: protocols as values, and the splits of patients that they make."""

from .protocol import Holdout, Protocol, RepeatedPatientCV, parse_protocol
from .splits import (
    Fold,
    Splits,
    Subject,
    aliases,
    check_splits,
    make_splits,
    read_splits,
    splits_json,
)

__all__ = [
    "Fold",
    "Holdout",
    "Protocol",
    "RepeatedPatientCV",
    "Splits",
    "Subject",
    "aliases",
    "check_splits",
    "make_splits",
    "parse_protocol",
    "read_splits",
    "splits_json",
]
