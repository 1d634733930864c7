"""How often the patient with the earlier event had the higher score."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..quotient import quotient

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class _Level:
    """One size of blocks of rows in order of time, each block sorted by score.

    order : rows by block and score. query : which events look into a block of this size. start, below, upto : places in
    ``order`` where the block begins, where lower scores than the event's end, and where equal ones end.
    """

    order: Codes
    query: Codes
    start: Codes
    below: Codes
    upto: Codes


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Which pairs can be compared, so arranged that n log n steps judge them all.

    case : rows with the event, shape (events,). order : rows by time, at equal times those with the event first.
    after : place in ``order`` of the first row to compare each event with, shape (events,).
    """

    case: Codes
    order: Codes
    after: Codes
    levels: tuple[_Level, ...]


def pairs(time: Floats, hit: Bools, score: Floats) -> Pairs:
    """Arrange the comparable pairs of rows with times, events and finite scores, each of shape (rows,).

    A pair is comparable where the one with the event is observed for a shorter time than the other, or for the same
    time and the other has no event. The rows after an event are split into blocks whose sizes are powers of two.
    """
    order = np.lexsort((~hit, time))
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    case = np.flatnonzero(hit)
    ends, mine = np.sort(time[case]), time[case]
    together = np.searchsorted(ends, mine, side="right") - np.searchsorted(ends, mine)
    after = np.searchsorted(time[order], mine) + together
    height = np.unique(score, return_inverse=True)[1]
    levels = tuple(_level(k, place, height, case, after) for k in range(order.size.bit_length()))
    return Pairs(case=case, order=order, after=after, levels=levels)


def behind(found: Pairs, weight: Floats) -> tuple[Floats, Floats]:
    """Weight of the rows that each event is compared with: of lower score (equal ones half), and of any score.

    weight : shape (weightings, rows). Returns two arrays of shape (weightings, events).
    """
    lower = np.zeros((len(weight), found.case.size))
    for level in found.levels:
        run = _running(weight, level.order)
        lower[:, level.query] += (run[:, level.below] + run[:, level.upto]) / 2 - run[:, level.start]
    run = _running(weight, found.order)
    return lower, run[:, -1:] - run[:, found.after]


def concordance(found: Pairs, weight: Floats, *inverses: Floats | None) -> tuple[Floats, ...]:
    """Share of the comparable pairs in which the earlier event had the higher score, equal scores counting half.

    weight : of rows, shape (weightings, rows). inverses : for each answer a factor of each event's pairs, shape
    (weightings or 1, events): None for Harrell's C (1982), the squared inverse chance of being seen for Uno's C (2011).
    Each answer has shape (weightings,); 0..1, 0.5 is chance, higher is better; NaN without a comparable pair.
    """
    lower, compared = behind(found, weight)
    own = weight[:, found.case]
    weighed = [own if inverse is None else own * inverse for inverse in inverses]
    return tuple(quotient((each * lower).sum(axis=1), (each * compared).sum(axis=1)) for each in weighed)


def _level(size: int, place: Codes, height: Codes, case: Codes, after: Codes) -> _Level:
    """Blocks of 2 ** size rows. An event looks into one of them at most: the first if that lies at an odd place."""
    tall = int(height.max(initial=0)) + 1
    key = (place >> size) * tall + height
    order = np.argsort(key, kind="stable")
    block = -(-after >> size)
    query = np.flatnonzero(block % 2 == 1)
    block, own = block[query] * tall, height[case][query]
    sorted_key = key[order]
    return _Level(
        order=order,
        query=query,
        start=np.searchsorted(sorted_key, block),
        below=np.searchsorted(sorted_key, block + own),
        upto=np.searchsorted(sorted_key, block + own, side="right"),
    )


def _running(weight: Floats, order: Codes) -> Floats:
    run = np.zeros((len(weight), order.size + 1))
    np.cumsum(weight[:, order], axis=1, out=run[:, 1:])
    return run
