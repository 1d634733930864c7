"""Whether a page or its discs were mirrored or turned: everything that tells of it, weighed together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...core.polar import Map
from .glyphs import Glyph, letter_odds, pose_odds
from .learnt import POSES, TURNS, learnt

Odds = NDArray[np.float64]
"""Logarithms of how well each of ``POSES`` explains what is seen, up to a constant, shape (8,)."""

_QUARTERS = tuple(k + half * len(TURNS) for half in (0, 1) for k, turn in enumerate(TURNS) if turn % 90 == 0)
_LEAST_ODDS = -3.0
_ALIKE, _CROWD, _VAGUE = 1.0, 0.6, 0.33
_MOST = 25.0
_BAR = 4.0
_ENDS = ("right", "up", "left", "down")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is likeliest, and how likely it is that nothing was done, 0..1."""

    turn: int
    mirrored: bool
    upright: float

    @property
    def words(self) -> str:
        """What was done, for a refusal."""
        what = "mirrored" if self.mirrored else ""
        if self.mirrored and self.turn == 180:
            return "mirrored top to bottom"
        turned = f"turned by {self.turn} degrees" if self.turn else ""
        return " and ".join(part for part in (what, turned) if part) or "possibly mirrored or turned"


def verdict(odds: Odds) -> Verdict:
    """Weigh what was seen."""
    shares = np.exp(odds - odds.max())
    shares /= shares.sum()
    turn, mirrored = POSES[int(odds.argmax())]
    return Verdict(turn=turn, mirrored=mirrored, upright=float(shares[0]))


def heart_odds(maps: Sequence[Map]) -> Odds:
    """What the uptake of a patient's discs tells; two discs of one heart tell less than two hearts would."""
    total = np.zeros(len(POSES))
    for values in maps:
        scores = learnt().heart_poses(values)[list(_QUARTERS)]
        total += np.maximum(_normal(scores), -_MOST)
    return _normal(total * (0.85 if len(maps) > 1 else 1.0))


def writing_odds(glyphs: Sequence[Glyph]) -> Odds:
    """What letters and numbers tell; one sign by itself tells little, and neighbours are alike."""
    odds = pose_odds(tuple(glyphs))
    if not len(odds):
        return np.zeros(len(POSES))
    # seventeen noughts say no more than a few do
    same = letter_odds(tuple(glyphs)).argmax(axis=1)
    crowd = np.bincount(same)[same] ** _CROWD
    # a nought or a speck looks alike in every pose and is not heard
    plain = np.clip((np.exp(odds.max(axis=1)) - _VAGUE) / (1 - _VAGUE), 0, 1)
    each = np.maximum(odds, _LEAST_ODDS) * (plain * _ALIKE / crowd)[:, None]
    return np.maximum(_normal(each.sum(axis=0)), -_MOST)


def bar_odds(end: str) -> Odds:
    """What the colour bar tells: its maximum is at the top or at the right."""
    seen = _ENDS.index(end)
    odds = np.zeros(len(POSES))
    for k, (turn, mirrored) in enumerate(POSES):
        before = (seen - turn // 90) % 4
        if mirrored and before % 2 == 0:
            before = (before + 2) % 4
        odds[k] = 0.0 if before in (0, 1) else -_BAR
    return odds


def _normal(odds: Odds) -> Odds:
    high = odds.max()
    return np.asarray(odds - high - np.log(np.exp(odds - high).sum()))
