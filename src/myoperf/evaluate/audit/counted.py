"""Printed figures against the counts that they should follow from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from myoperf.core.errors import RefusedError

from ..agreement import UNDEFINED, rates
from .claim import OF_A_TABLE, Claim

Cells = tuple[int, int, int, int]
"""True positives, false positives, false negatives, true negatives."""

PRINTED = 4
AGREES, DIFFERS, LISTED, UNKNOWN = "agrees", "differs", "not claimed", "not decided"


@dataclass(frozen=True, kw_only=True)
class Counted:
    """One index of a table: as claimed (None: not claimed), as computed (None: not defined), and what follows.

    printed : the computed value with the decimals of the claim. verdict : "agrees", "differs", "not claimed" or
    "not decided". why : the likely slip, or why there is no value.
    """

    index: str
    claimed: float | None
    computed: float | None
    printed: str
    verdict: str
    why: str = ""
    n: int = 0


def check_counts(cells: Cells, claims: Sequence[Claim] = ()) -> tuple[Counted, ...]:
    """Compare every claim with the index that follows from TP, FP, FN, TN, at the claim's decimals.

    Without claims every index is listed. A half may be rounded up or to even. RefusedError for counts that are negative
    or all 0.
    """
    if min(cells) < 0 or sum(cells) == 0:
        came = " ".join(map(str, cells))
        rule = "counts are 0 or more and not all 0"
        raise RefusedError("counts TP FP FN TN", rule=rule, came=came, do="give four counts in this order")
    value = {name: float(v[0]) for name, v in rates(*(np.array([float(c)]) for c in cells)).items()}
    if not claims:
        return tuple(_listed(name, value[name], sum(cells)) for name in OF_A_TABLE)
    return tuple(_compared(claim, value, cells) for claim in claims)


def _listed(name: str, value: float, n: int) -> Counted:
    known = bool(np.isfinite(value))
    return Counted(
        index=name,
        claimed=None,
        computed=value if known else None,
        printed=f"{value:.{PRINTED}f}" if known else "–",
        verdict=LISTED,
        why="" if known else UNDEFINED[name],
        n=n,
    )


def _compared(claim: Claim, values: Mapping[str, float], cells: Cells) -> Counted:
    true = values.get(claim.name, float("nan"))
    if not np.isfinite(true):
        why = UNDEFINED.get(claim.name, "does not follow from the four counts")
        verdict = DIFFERS if claim.name in UNDEFINED else UNKNOWN
        return Counted(
            index=claim.name, claimed=claim.value, computed=None, printed="–", verdict=verdict, why=why, n=sum(cells)
        )
    agrees = bool(claim.rounds(np.array([true]))[0])
    return Counted(
        index=claim.name,
        claimed=claim.value,
        computed=true,
        printed=f"{true:.{claim.decimals}f}",
        verdict=AGREES if agrees else DIFFERS,
        why="" if agrees else _slip(claim, true, values),
        n=sum(cells),
    )


def _slip(claim: Claim, true: float, values: Mapping[str, float]) -> str:
    """The likely slip behind a figure that does not follow."""
    if claim.cut(np.array([true]))[0]:
        return "further digits were cut off instead of rounded"
    printed, right = (f"{abs(value):.{claim.decimals}f}" for value in (claim.value, true))
    if len(printed) == len(right):
        unlike = [k for k, (a, b) in enumerate(zip(printed, right, strict=True)) if a != b]
        swapped = len(unlike) == 2 and printed[unlike[0]] == right[unlike[1]] and printed[unlike[1]] == right[unlike[0]]
        if swapped:
            return f"two digits are exchanged: {printed} for {right}"
    others = [name for name, value in values.items() if name != claim.name and _is(claim, value)]
    if others:
        return f"it is the {' or '.join(others)} of this table"
    if abs(claim.value - true) <= 1.5 * claim.step:
        return "the last digit is off by one"
    return "no simple slip explains it"


def _is(claim: Claim, value: float) -> bool:
    return bool(claim.rounds(np.array([value]))[0])
