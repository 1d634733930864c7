"""How scores are meant to be used, as far as the user says."""

from dataclasses import dataclass
from math import inf

from myoperf.core.errors import RefusedError


@dataclass(frozen=True, kw_only=True)
class Use:
    """What is wished of the judgement beyond the table.

    against : a system or a column of numbers that all others are compared with; None: every pair of systems.
    margin : a difference in AUC too small to matter (0..1), for a test of equivalence; None: no such test.
    npv : negative predictive value (0..1) that a stress-first rule must reach; None: 0.90, 0.95 and 0.98.
    prevalence : of the patients thought of (0..1); None: that of the judged ones. rest_dose : mSv of a rest scan.
    RefusedError for an empty name and a number that is out of range, whatever the table holds.
    """

    against: str | None = None
    margin: float | None = None
    npv: float | None = None
    prevalence: float | None = None
    rest_dose: float | None = None

    def __post_init__(self) -> None:
        if self.against == "":
            do = "name a system or a column, or leave it out"
            raise RefusedError("against", rule="it names one system, or a column of numbers", came="nothing", do=do)
        _within("margin", self.margin, "the margin is above 0", "give a difference, such as 0.05", most=inf)
        _within("npv", self.npv, "a negative predictive value to reach lies between 0 and 1", "0.95, say")
        _within("prevalence", self.prevalence, "a prevalence lies between 0 and 1", "give a fraction")
        if self.rest_dose is not None and not 0 <= self.rest_dose < inf:
            rule, do = "a dose is 0 mSv or more", "give it in millisievert"
            raise RefusedError("rest dose", rule=rule, came=self.rest_dose, do=do)


def _within(where: str, value: float | None, rule: str, do: str, most: float = 1.0) -> None:
    if value is not None and not 0 < value < most:
        raise RefusedError(where, rule=rule, came=value, do=do)
