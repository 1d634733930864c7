"""Whether a printed figure can come from so many patients at all, alone and together with the others.

With n patients an accuracy is one of k / n, a sensitivity one of k / positives, an AUC one of k / (2 positives
negatives): most printed figures of a small test set cannot be. Source of the idea: GRIM, Brown and Heathers 2017.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError

from .claim import Claim, in_range
from .every_table import Found, search

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
MOST_PATIENTS = 1_000_000
_SMALLEST_UP_TO, _TABLES_UP_TO = 2_000, 60
_PROPORTIONS = ("accuracy", "sensitivity", "specificity", "ppv", "npv")


@dataclass(frozen=True, kw_only=True)
class Attainable:
    """Whether a claim can be.

    attainable : None where it was not settled; ``why`` then says so. nearest : the attainable values next below and
    above (the value itself where it is attainable). counts : how each of them is made, as "12 of 13". smallest_n : the
    fewest patients with whom the claim can be, None if there are none up to the limit that ``why`` tells.
    """

    claim: str
    n: int
    attainable: bool | None
    nearest: tuple[float, ...] = ()
    counts: tuple[str, ...] = ()
    smallest_n: int | None = None
    only_cut_off: bool = False
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Together:
    """Whether ONE two-by-two table meets all claims. tables : how many do (at least, where ``all_tried`` is False)."""

    attainable: bool | None
    tables: int
    all_tried: bool
    example: tuple[int, int, int, int] | None
    why: str = ""


def attainable(claim: Claim, n: int, positives: int | None = None) -> Attainable:
    """Judge one claim. n : all patients. positives : how many of them are ill, None if the paper does not say.

    RefusedError for n below 1 or above a million, or positives outside 0..n.
    """
    _check(n, positives)
    if not in_range(claim):
        return Attainable(claim=claim.text, n=n, attainable=False, why="the figure cannot take such a value at all")
    if claim.name == "auc":
        return _auc(claim, n, positives)
    if claim.name in _PROPORTIONS:
        return _proportion(claim, n, positives)
    return _searched(claim, n, positives)


def together(claims: Sequence[Claim], n: int, positives: int | None = None) -> Together:
    """Judge several claims at once: is there one table of n patients that gives them all?

    A claimed AUC only bounds the table: the area of a curve through one point (sensitivity, specificity) lies between
    sensitivity x specificity and 1 - (1 - sensitivity)(1 - specificity). This holds where calls are cuts of the score.
    """
    _check(n, positives)
    found = search(claims, n, positives)
    if found.fits:
        return Together(attainable=True, tables=found.fits, all_tried=found.all_tried, example=found.example)
    if not found.all_tried:
        why = f"more tables than can be tried; {found.tried} were, none fits: say --positives"
        return Together(attainable=None, tables=0, all_tried=False, example=None, why=why)
    why = "no table gives all of them"
    if any(claim.name == "auc" for claim in claims):
        why += " (an AUC is taken as that of the score whose cut made the calls)"
    return Together(attainable=False, tables=0, all_tried=True, example=None, why=why)


def _check(n: int, positives: int | None) -> None:
    if not 1 <= n <= MOST_PATIENTS:
        raise RefusedError("--n", rule=f"patients are 1 to {MOST_PATIENTS}", came=n, do="give the patients judged")
    if positives is not None and not 0 <= positives <= n:
        raise RefusedError("--positives", rule=f"of {n} patients 0 to {n} are ill", came=positives, do="correct it")


def _denominators(name: str, n: int, positives: int | None) -> Counts:
    if name == "accuracy":
        return np.array([n])
    if positives is not None and name in ("sensitivity", "specificity"):
        return np.array([positives if name == "sensitivity" else n - positives])
    return np.arange(1, n + 1)


def _proportion(claim: Claim, n: int, positives: int | None) -> Attainable:
    below = _denominators(claim.name, n, positives)
    below = below[below > 0]
    if not below.size:
        return Attainable(claim=claim.text, n=n, attainable=False, why="nobody is in its denominator")
    smallest = _smallest(claim) if positives is None or claim.name == "accuracy" else None
    return _of_fractions(claim, n, below, _hits(claim.name, n, positives, below), smallest=smallest)


def _hits(name: str, n: int, positives: int | None, below: Counts) -> tuple[Counts, Counts]:
    """Fewest and most right ones among so many called: no more than there are, and wrong ones that fit as well."""
    if positives is None or name not in ("ppv", "npv"):
        return np.zeros_like(below), below
    mine = positives if name == "ppv" else n - positives
    return np.maximum(below - (n - mine), 0), np.minimum(below, mine)


def _of_fractions(
    claim: Claim, n: int, below: Counts, hits: tuple[Counts, Counts], *, smallest: int | None
) -> Attainable:
    """Judge a claim that is k / m for one of the denominators m, k being within ``hits``."""
    fewest, most = hits
    under = np.clip(np.floor(claim.value * below + 1e-9), fewest, most).astype(np.int64)
    over = np.minimum(under + 1, most)
    k, m = np.concatenate([under, over]), np.concatenate([below, below])
    value = k / m
    fits = claim.rounds(value)
    chosen = _beside(value, claim.value, fits)
    return Attainable(
        claim=claim.text,
        n=n,
        attainable=bool(fits.any()),
        nearest=tuple(float(value[at]) for at in chosen),
        counts=tuple(f"{k[at]} of {m[at]}" for at in chosen),
        smallest_n=smallest,
        only_cut_off=not fits.any() and bool(claim.cut(value).any()),
    )


def _beside(value: Floats, wanted: float, fits: NDArray[np.bool_]) -> list[int]:
    """Places of the attained value nearest to the wanted one, or of the next below and above."""
    if fits.any():
        return [int(np.argmin(np.where(fits, np.abs(value - wanted), np.inf)))]
    places = []
    for side, best in ((value < wanted, np.argmax), (value > wanted, np.argmin)):
        if side.any():
            away = np.where(side, value, -np.inf if best is np.argmax else np.inf)
            places.append(int(best(away)))
    return places


def _smallest(claim: Claim) -> int | None:
    """The fewest patients that give a proportion; None if more than the limit are needed."""
    m = np.arange(1, _SMALLEST_UP_TO + 1)
    under = np.floor(claim.value * m + 1e-9)
    fits = claim.rounds(under / m) | claim.rounds((under + 1) / m) & (under < m)
    return int(m[fits][0]) if fits.any() else None


def _auc(claim: Claim, n: int, positives: int | None) -> Attainable:
    ill = np.arange(1, n) if positives is None else np.array([positives])
    pairs = 2 * ill.astype(np.int64) * (n - ill)
    pairs = pairs[pairs > 0]
    if not pairs.size:
        return Attainable(claim=claim.text, n=n, attainable=False, why="an AUC needs both classes")
    found = _of_fractions(claim, n, pairs, (np.zeros_like(pairs), pairs), smallest=None)
    counts = tuple(f"{text} half pairs" for text in found.counts)
    return Attainable(**{**vars(found), "counts": counts, "smallest_n": _smallest_auc(claim, positives)})


def _smallest_auc(claim: Claim, positives: int | None) -> int | None:
    if positives is not None:
        return None
    for n in range(2, _SMALLEST_UP_TO):
        pairs = 2 * np.arange(1, n) * (n - np.arange(1, n))
        under = np.floor(claim.value * pairs + 1e-9)
        if (claim.rounds(under / pairs) | claim.rounds((under + 1) / pairs)).any():
            return n
    return None


def _searched(claim: Claim, n: int, positives: int | None) -> Attainable:
    found = search([claim], n, positives)
    smallest = None if positives is not None else _smallest_table(claim)
    if found.fits:
        return _told(claim, n, True, found, smallest)
    if not found.all_tried:
        why = f"more tables than can be tried; {found.tried} were, none fits: say --positives"
        return Attainable(claim=claim.text, n=n, attainable=None, smallest_n=smallest, why=why)
    return _told(claim, n, False, found, smallest)


def _told(claim: Claim, n: int, fits: bool, found: Found, smallest: int | None) -> Attainable:
    return Attainable(
        claim=claim.text,
        n=n,
        attainable=fits,
        nearest=tuple(value for value, _ in found.nearest),
        counts=tuple("TP {} FP {} FN {} TN {}".format(*cells) for _, cells in found.nearest),
        smallest_n=smallest,
        only_cut_off=not fits and found.cut,
    )


def _smallest_table(claim: Claim) -> int | None:
    """The fewest patients with a table that fits; None if more than the limit are needed."""
    return next((size for size in range(1, _TABLES_UP_TO + 1) if search([claim], size).fits), None)
