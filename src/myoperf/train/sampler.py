"""The order in which studies are shown in one epoch."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.intp]


def steps_an_epoch(rows: int, size: int) -> int:
    """How many steps of about ``size`` rows make an epoch."""
    return max(1, round(rows / size))


def batches(train: Numbers, groups: Numbers, *, size: int, balanced: bool, rng: np.random.Generator) -> list[Numbers]:
    """Row numbers of each step of an epoch; all steps together are as long as the training part.

    train : row numbers that train. groups : tracer of every row of the cohort. balanced : every step holds equally
    many of each tracer; a tracer with few studies then comes more often, one with many does not come whole.
    """
    steps = steps_an_epoch(len(train), size)
    if not balanced:
        return [part for part in np.array_split(rng.permutation(train), steps) if len(part)]
    present = np.unique(groups[train])
    share = -(-len(train) // max(len(present), 1))
    orders = [np.array_split(_drawn(train[groups[train] == group], share, rng), steps) for group in present]
    return [np.concatenate([order[step] for order in orders]) for step in range(steps)]


def _drawn(rows: Numbers, count: int, rng: np.random.Generator) -> Numbers:
    """``count`` rows: whole shuffles of them, one after the other."""
    rounds = [rng.permutation(rows) for _ in range(-(-count // len(rows)))]
    return np.concatenate(rounds)[:count]
