"""What cannot be true: leaks between parts, copies of images, confounders, printed figures that no table gives."""

from .attainability import attainable, together
from .claim import Claim, claim_of
from .cohort_audit import Audit, Planned, audit, audit_json
from .counted import check_counts
from .precision import plan

__all__ = [
    "Audit",
    "Claim",
    "Planned",
    "attainable",
    "audit",
    "audit_json",
    "check_counts",
    "claim_of",
    "plan",
    "together",
]
