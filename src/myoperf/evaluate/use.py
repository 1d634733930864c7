"""How scores are meant to be used, as far as the user says."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Use:
    """What is wished of the judgement beyond the table.

    against : a system or a column of numbers that all others are compared with; None: every pair of systems.
    margin : a difference in AUC too small to matter (0..1), for a test of equivalence; None: no such test.
    npv : negative predictive value (0..1) that a stress-first rule must reach; None: 0.90, 0.95 and 0.98.
    prevalence : of the patients thought of (0..1); None: that of the judged ones. rest_dose : mSv of a rest scan.
    """

    against: str | None = None
    margin: float | None = None
    npv: float | None = None
    prevalence: float | None = None
    rest_dose: float | None = None
