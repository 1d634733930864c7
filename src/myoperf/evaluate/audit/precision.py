"""How many patients an interval of a wanted width needs, and how wide it is with those that there are."""

from collections.abc import Callable
from dataclasses import dataclass

from myoperf.core.errors import RefusedError

from ..intervals import auc_by_score_method, half_sum, wilson
from .claim import Claim

MOST = 10_000_000
_SHARE_OF = {"sensitivity": True, "ppv": True, "specificity": False, "npv": False}
_FIGURES = ("auc", "accuracy", "balanced_accuracy", "sensitivity", "specificity", "ppv", "npv", "youden")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """An expected 95 % interval of a figure: low, high and full width with n patients, positives of them ill.

    wanted : the width asked for, None where n was given. method : how the interval is made and what is assumed.
    """

    figure: str
    value: float
    wanted: float | None
    n: int
    positives: int
    low: float
    high: float
    width: float
    method: str


def plan(claim: Claim, *, width: float | None = None, n: int | None = None, share: float = 0.5) -> Plan:
    """Patients for an interval of full ``width``, or the interval of ``n`` patients; give one of the two.

    claim : the expected figure. share : part of the patients who are ill, within 0..1. Proportions have Wilson's
    interval; the AUC that of Newcombe 2006, method 5 (variance of Hanley and McNeil 1982). RefusedError for a figure
    without a known interval, a width outside 0..1 (0..2 for youden), or more than ten million patients.
    """
    if claim.name not in _FIGURES or not 0 <= claim.value <= 1:
        came = f"{claim.name} {claim.value:g}"
        rule = f"a plan is made for {', '.join(_FIGURES)}, of a value in 0..1"
        raise RefusedError("--plan", rule=rule, came=came, do="plan for one of these")
    if not 0 < share < 1:
        raise RefusedError("--positives-share", rule="lies between 0 and 1", came=share, do="give for example 0.4")
    if (width is None) == (n is None):
        raise RefusedError("--plan", rule="is made for --width or for --n", came="both or none", do="give one of them")
    if n is not None:
        if not 4 <= n <= MOST:
            raise RefusedError("--n", rule=f"a plan has 4 to {MOST} patients", came=n, do="give more patients")
        return _planned(claim, n, share, None)
    wanted = float(width or 0.0)
    if not 0 < wanted <= 2:
        raise RefusedError("--width", rule="is a full width above 0, at most 2", came=width, do="give for example 0.1")
    return _planned(claim, _fewest(lambda size: _width(claim, size, share) <= wanted), share, wanted)


def _fewest(enough: Callable[[int], bool]) -> int:
    low, high = 3, 4
    while not enough(high):
        low, high = high, high * 2
        if high > MOST:
            raise RefusedError("--width", rule=f"at most {MOST} patients are planned", came="more", do="ask for less")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _sides(n: int, share: float) -> tuple[int, int]:
    positives = min(max(round(n * share), 1), n - 1)
    return positives, n - positives


def _interval(claim: Claim, n: int, share: float) -> tuple[float, float]:
    ill, well = _sides(n, share)
    if claim.name == "auc":
        return auc_by_score_method(claim.value, ill, well)
    if claim.name == "accuracy":
        return wilson(claim.value * n, n)
    if claim.name in _SHARE_OF:
        m = ill if _SHARE_OF[claim.name] else well
        return wilson(claim.value * m, m)
    rate = claim.value if claim.name == "balanced_accuracy" else (claim.value + 1) / 2
    low, high = half_sum(*((rate, wilson(rate * m, m)) for m in (ill, well)))
    return (low, high) if claim.name == "balanced_accuracy" else (2 * low - 1, 2 * high - 1)


def _width(claim: Claim, n: int, share: float) -> float:
    low, high = _interval(claim, n, share)
    return high - low


def _planned(claim: Claim, n: int, share: float, wanted: float | None) -> Plan:
    low, high = _interval(claim, n, share)
    return Plan(
        figure=claim.name,
        value=claim.value,
        wanted=wanted,
        n=n,
        positives=_sides(n, share)[0],
        low=low,
        high=high,
        width=high - low,
        method=_method(claim.name),
    )


def _method(name: str) -> str:
    if name == "auc":
        return "Newcombe 2006, method 5 (variance of Hanley and McNeil 1982)"
    if name in ("ppv", "npv"):
        return "Wilson, taking as many to be called ill as are ill"
    return "Newcombe from Wilson" if name in ("balanced_accuracy", "youden") else "Wilson"
