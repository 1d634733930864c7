"""Probabilities and their logits, with a place for scores of exactly 0 and 1."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

Floats = NDArray[np.float64]

CLOSEST = 1e-16
"""No score counts as nearer to 0 or 1 than this: a 64-bit number cannot tell 1 from 1 less than this."""


@dataclass(frozen=True, kw_only=True)
class Logits:
    """Logits of scores, shape (rows,), finite.

    edge : what a score of 0 counts as (and 1 as 1 - edge). moved : how many scores were moved there.
    """

    value: Floats
    edge: float
    moved: int

    @property
    def said(self) -> str:
        """What was moved, as an addition to a method; empty where nothing was."""
        if not self.moved:
            return ""
        return f"; {self.moved} scores of 0 or 1 count as {self.edge:.3g} and 1 - {self.edge:.3g}"


def logits_of(score: Floats) -> Logits:
    """Logits of probabilities in 0..1, shape (rows,); ValueError for others.

    Scores of exactly 0 or 1 have none. They are taken as rounded: they move to half the smallest distance that any
    other score keeps from 0 or 1. Where every score is 0 or 1, they are calls and no probabilities; the edge is then
    NaN, and so are the logits.
    """
    if not np.isfinite(score).all() or (score < 0).any() or (score > 1).any():
        raise ValueError("probabilities lie in 0..1")
    distance = np.minimum(score, 1 - score)
    inside = distance[distance > 0]
    edge = max(float(inside.min()) / 2, CLOSEST) if inside.size else float("nan")
    at_edge = distance < edge if np.isfinite(edge) else np.ones(score.shape, dtype=bool)
    return Logits(value=within(score, edge), edge=edge, moved=int(at_edge.sum()))


def within(score: Floats, edge: float) -> Floats:
    """Logits of probabilities after all have been brought into edge .. 1 - edge."""
    found: Floats = logit(np.clip(score, edge, 1 - edge))
    return found
