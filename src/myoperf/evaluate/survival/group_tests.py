"""Whether groups differ in their events over time: log-rank, its trend, and Gray's test with competing events."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from .survivor import Codes, Floats, at_risk, timeline


@dataclass(frozen=True, kw_only=True)
class Excess:
    """What groups had beyond what they would have had, were they all alike: shape (groups,), and its covariance."""

    value: Floats
    covariance: Floats

    def apart(self) -> tuple[float, int, float] | None:
        """Chi-square, degrees of freedom and p of any difference; None where it cannot be told."""
        rank = int(np.linalg.matrix_rank(self.covariance, hermitian=True)) if self.covariance.any() else 0
        if rank < 1:
            return None
        inverse = np.linalg.pinv(self.covariance, rcond=1e-10, hermitian=True)
        statistic = float(self.value @ inverse @ self.value)
        return statistic, rank, float(chdtrc(rank, statistic))

    def rising(self) -> tuple[float, float] | None:
        """z and two-sided p of a rise from group to group in equal steps; None where it cannot be told.

        Source: Tarone 1975.
        """
        step = np.arange(self.value.size, dtype=np.float64)
        variance = float(step @ self.covariance @ step)
        if variance <= 1e-12:
            return None
        z = float(step @ self.value) / np.sqrt(variance)
        return float(z), float(chdtrc(1, z * z))


def logrank(time: Floats, event: Codes, group: Codes) -> Excess:
    """Events 1 beyond those expected in each group 0, 1, ...; other events censor. Sources: Mantel 1966; Peto 1972."""
    line = timeline(time)
    member = (group == np.arange(int(group.max()) + 1)[:, None]).astype(np.float64)
    there, ours = at_risk(line, member), line.sums(member * (event == 1))
    everyone, events = there.sum(axis=0), ours.sum(axis=0)
    share = there / everyone
    spread = events * np.divide(everyone - events, everyone - 1, out=np.zeros_like(everyone), where=everyone > 1)
    covariance = np.diag(share @ spread) - (share * spread) @ share.T
    return Excess(value=(ours - share * events).sum(axis=1), covariance=covariance)


def gray(time: Floats, event: Codes, group: Codes) -> Excess:
    """Difference of the cumulative incidences of event 1 between groups 0, 1, ... where other events compete.

    The weighted sum over time of (subdistribution hazard of a group - of all), weights as Gray has them with rho = 0;
    the covariance is that of the delta method over the multinomial events of each group, the chance of event 1 being
    what the groups have in common. Source: Gray 1988 (its covariance, for no ties, is the limit of this one).
    """
    line = timeline(time)
    member = (group == np.arange(int(group.max()) + 1)[:, None]).astype(np.float64)
    there = at_risk(line, member)
    ours, theirs = line.sums(member * (event == 1)), line.sums(member * (event > 1))
    free = np.cumprod(1 - _over(ours + theirs, there), axis=1)
    before = _before(free, 1.0)
    own, other = (np.cumsum(before * _over(found, there), axis=1) for found in (ours, theirs))
    risk = there * _over(1 - _before(own, 0.0), before)  # those observed and those who would be but for another event
    common = _over(ours.sum(axis=0), risk.sum(axis=0))
    still = _before(np.cumprod(1 - common)[None], 1.0)[0]
    covariance = np.zeros((len(member), len(member)))
    for k, alone in enumerate(np.eye(len(member))):
        at_once = risk[k] * (alone[:, None] - _over(risk, risk.sum(axis=0)))
        later = at_once * _over(common, still)
        ahead = _over(np.cumsum(later[:, ::-1], axis=1)[:, ::-1] - later, _over(free[k], before[k]))
        by_ours, by_theirs = at_once * _over(there[k], risk[k]) - other[k] * ahead, (own[k] - 1) * ahead
        one, two = _over(risk[k] * common, there[k]), _over(theirs[k], there[k])
        weighed = _over(by_ours * one, there[k]), _over(by_theirs * two, there[k])
        both = weighed[0] + weighed[1]
        covariance += weighed[0] @ by_ours.T + weighed[1] @ by_theirs.T - (both * there[k]) @ both.T
    return Excess(value=(ours - risk * common).sum(axis=1), covariance=covariance)


def _before(values: NDArray[np.floating], start: float) -> Floats:
    return np.concatenate([np.full((len(values), 1), start), values[:, :-1]], axis=1)


def _over(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros(np.broadcast_shapes(above.shape, below.shape)), where=below > 1e-12)
