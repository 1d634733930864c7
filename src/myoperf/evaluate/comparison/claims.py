"""What a paper concludes from its AUCs, tested on ours: supported, contradicted, or not shown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from ..judgement import Comparison, compared
from .equivalence import tost
from .interaction import AREA

SUPPORTED, CONTRADICTED, NOT_SHOWN = "supported", "contradicted", "not shown"


class Claimed(Protocol):
    """What is needed of a claim; see ``recipe.Claim``."""

    @property
    def text(self) -> str:
        """The claim in words."""

    @property
    def says(self) -> str:
        """What is claimed: "better", "no gain" or "alike"."""

    @property
    def first(self) -> str:
        """A variant."""

    @property
    def second(self) -> str:
        """Another one; empty for "alike"."""

    @property
    def margin(self) -> float | None:
        """A difference too small to matter, or None."""


def judge_claims(claims: Sequence[Claimed], comparisons: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """One row a claim and target (pair of targets for "alike"), from the rows of ``comparisons`` that test it.

    "better" is supported where the 95 % interval of the difference lies above 0, contradicted where below. "no gain"
    is contradicted where it lies above 0, and supported where the one-sided 95 % limit is below the margin. "alike" is
    supported by two one-sided tests within the margin, and contradicted where the 95 % interval leaves out 0 and the
    tests fail. All else, and what has no interval, is "not shown": a large p never makes two equal. A claim was fixed
    before our figures, so it is not corrected for the number of tests. A claim whose variants were not compared gives
    no row.
    """
    return tuple(row for claim in claims for row in _rows(claim, comparisons))


def _rows(claim: Claimed, comparisons: Sequence[Comparison]) -> Iterator[Comparison]:
    for row in comparisons:
        if claim.says == "alike":
            if row["metric"] == AREA and _variant(row.get("system")) == claim.first:
                yield _judged(claim, row, 1.0)
        elif row["metric"] == "auc_difference":
            names = (_variant(row.get("first")), _variant(row.get("second")))
            if names in ((claim.first, claim.second), (claim.second, claim.first)):
                yield _judged(claim, row, 1.0 if names[0] == claim.first else -1.0)


def _variant(name: object) -> str:
    return str(name).rpartition("/")[2]


def _judged(claim: Claimed, row: Comparison, sign: float) -> Comparison:
    """The row of a claim. sign : -1 turns the difference of the row round."""
    low, high, value = (_number(row, name) for name in ("low", "high", "value"))
    if low is not None and high is not None:
        low, high = sorted((sign * low, sign * high))
    verdict = _verdict(claim, row, low, high, sign)
    which = f"{claim.first} - {claim.second}" if claim.second else claim.first
    margin = "" if claim.margin is None else f", margin {claim.margin:g}"
    if claim.margin is None and claim.says != "better":
        margin = ", no margin is given"
    return compared(
        target=str(row["target"]),
        comparison=f"claim: {claim.text} (AUC, {which})",
        metric="claim",
        value=None if value is None else sign * value,
        low=low,
        high=high,
        method=f"{row['method']}{margin}",
        n=int(str(row["n"])),
        first=claim.first,
        second=claim.second,
        margin=claim.margin,
        verdict=verdict,
    )


def _verdict(claim: Claimed, row: Comparison, low: float | None, high: float | None, sign: float) -> str:
    value, error = _number(row, "value"), _number(row, "standard_error")
    if low is None or high is None or value is None or error is None:
        return NOT_SHOWN
    within = None if claim.margin is None else tost(sign * value, error, claim.margin)
    match claim.says:
        case "better":
            return SUPPORTED if low > 0 else CONTRADICTED if high < 0 else NOT_SHOWN
        case "no gain":
            small = within is not None and within.p_high < _LEVEL
            return CONTRADICTED if low > 0 else SUPPORTED if small else NOT_SHOWN
        case _:
            apart = low > 0 or high < 0
            alike = within is not None and within.equivalent
            return SUPPORTED if alike else CONTRADICTED if apart else NOT_SHOWN


def _number(row: Mapping[str, object], name: str) -> float | None:
    value = row.get(name)
    return float(value) if isinstance(value, float | int) else None


_LEVEL = 0.05
