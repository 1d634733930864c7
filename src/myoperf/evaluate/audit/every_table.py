"""Every two-by-two table of n patients, tried against printed figures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..agreement import rates
from .claim import Claim

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Cells = tuple[int, int, int, int]

MOST_TABLES = 30_000_000
"""Tables that are tried at most: all of them up to 560 patients, or up to 10,000 where the number of ill is known."""
_BLOCK = 1_000_000
_EVERY_SHARE = 5_000
"""Up to so many patients every number of ill ones is tried; beyond, as many drawn at random."""


@dataclass(kw_only=True)
class Found:
    """What a search found. fits : tables that give every claim. nearest : of a single claim, the value that fits, or
    those next below and above, with the counts (TP, FP, FN, TN). cut : some table fits if digits are cut off."""

    fits: int = 0
    tried: int = 0
    all_tried: bool = True
    example: Cells | None = None
    cut: bool = False
    nearest: list[tuple[float, Cells]] = field(default_factory=list)


def search(claims: Sequence[Claim], n: int, positives: int | None = None) -> Found:
    """Try the tables of ``n`` patients, ``positives`` of them ill (None: any number of them), against all claims.

    Stops after ``MOST_TABLES``, beginning with the most even classes; ``all_tried`` then is False.
    """
    found = Found(all_tried=positives is not None or n < _EVERY_SHARE)
    below: tuple[float, Cells] | None = None
    above: tuple[float, Cells] | None = None
    for tp, tn, ill in _blocks(claims, n, positives):
        if found.tried + tp.size * tn.size > MOST_TABLES:
            found.all_tried = False
            break
        cells = _grid(tp, tn, ill, n)
        figures = rates(*cells)
        fits = _fits(claims, figures, cells)
        found.tried += fits.size
        _count(found, fits, cells)
        if len(claims) == 1 and claims[0].name in figures:
            value = figures[claims[0].name]
            found.cut |= bool(claims[0].cut(value).any())
            below = _nearer(below, value, claims[0], cells, -1)
            above = _nearer(above, value, claims[0], cells, 1)
    if not found.fits and not found.all_tried:
        _draw(found, claims, n, positives)
    if found.example is not None and len(claims) == 1 and claims[0].name != "auc":
        found.nearest = [(_value(claims[0], found.example), found.example)]
    else:
        found.nearest = [one for one in (below, above) if one is not None]
    return found


def _draw(found: Found, claims: Sequence[Claim], n: int, positives: int | None) -> None:
    """Try tables drawn at random, where there are more than can be tried; one that fits is proof enough."""
    rng = np.random.default_rng(0)
    ill = np.full(_BLOCK, n // 2 if positives is None else positives)
    tp, tn = (rng.integers(0, total + 1).astype(np.float64) for total in (ill, n - ill))
    table = tp, (n - ill) - tn, ill - tp, tn
    _count(found, _fits(claims, rates(*table), table), table)
    found.tried += _BLOCK


def _blocks(claims: Sequence[Claim], n: int, positives: int | None) -> Iterator[tuple[Floats, Floats, int]]:
    """True positives and true negatives to try, for each number of ill patients, the most even first."""
    every = np.arange(n + 1) if positives is None else np.array([positives])
    if every.size > _EVERY_SHARE:
        every = np.random.default_rng(0).choice(every, _EVERY_SHARE, replace=False)
    for ill in every[np.argsort(np.abs(2 * every - n), kind="stable")]:
        tp = _window(claims, "sensitivity", int(ill))
        tn = _window(claims, "specificity", n - int(ill))
        rows = max(1, _BLOCK // max(tn.size, 1))
        for start in range(0, tp.size, rows):
            if tn.size:
                yield tp[start : start + rows], tn, int(ill)


def _window(claims: Sequence[Claim], name: str, total: int) -> Floats:
    """Counts of ``total`` that a claimed sensitivity (or specificity) leaves, where there are several claims."""
    counts = np.arange(total + 1, dtype=np.float64)
    if len(claims) > 1 and total:
        for claim in claims:
            if claim.name == name:
                counts = counts[claim.rounds(counts / total)]
    return counts


def _grid(tp: Floats, tn: Floats, ill: int, n: int) -> tuple[Floats, Floats, Floats, Floats]:
    """TP, FP, FN, TN of every pair, each of shape (true positives, true negatives)."""
    tps, tns = np.broadcast_arrays(tp[:, None], tn[None, :])
    return tps, (n - ill) - tns, ill - tps, tns


def _fits(claims: Sequence[Claim], figures: dict[str, Floats], cells: tuple[Floats, ...]) -> Bools:
    fits = np.ones(cells[0].shape, dtype=bool)
    for claim in claims:
        fits &= _auc_can_be(claim, cells) if claim.name == "auc" else claim.rounds(figures[claim.name])
    return fits


def _auc_can_be(claim: Claim, cells: tuple[Floats, ...]) -> Bools:
    """Whether an AUC is one of these classes, and of a curve through the table's point."""
    tp, fp, fn, tn = cells
    pairs = (tp + fn) * (fp + tn)
    if not pairs.flat[0]:
        return np.zeros(tp.shape, dtype=bool)
    low, high = claim.bounds
    steps = 2 * float(pairs.flat[0])
    exists = np.floor(high * steps) >= np.ceil(low * steps)
    return np.asarray(exists & (low <= 1 - fn * fp / pairs) & (high >= tp * tn / pairs))


def _count(found: Found, fits: Bools, cells: tuple[Floats, ...]) -> None:
    number = int(fits.sum())
    if number and found.example is None:
        found.example = _cells_at(cells, int(np.flatnonzero(fits)[0]))
    found.fits += number


def _nearer(
    best: tuple[float, Cells] | None, value: Floats, claim: Claim, cells: tuple[Floats, ...], side: int
) -> tuple[float, Cells] | None:
    """The closer of the value known so far and those of a block, on one side of the claim (-1 below, 1 above)."""
    away = (value - claim.value) * side
    away = np.where(np.isfinite(away) & (away > 0), away, np.inf)
    at = int(np.argmin(away))
    gap = float(away.flat[at])
    if not np.isfinite(gap) or (best is not None and abs(best[0] - claim.value) <= gap):
        return best
    return float(value.flat[at]), _cells_at(cells, at)


def _cells_at(cells: tuple[Floats, ...], at: int) -> Cells:
    tp, fp, fn, tn = (int(cell.flat[at]) for cell in cells)
    return tp, fp, fn, tn


def _value(claim: Claim, cells: Cells) -> float:
    return float(rates(*(np.array([float(cell)]) for cell in cells))[claim.name][0])
