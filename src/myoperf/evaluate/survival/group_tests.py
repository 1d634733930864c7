"""Whether groups differ in their events over time: log-rank, its trend, and Gray's test with competing events."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from ..quotient import quotient
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

    The sum over time of each group's events less its share of all, shares being of those at risk of the subdistribution
    (Gray's weights with rho = 0). The covariance follows from the martingales of both kinds of event in each group and
    the incidence that the groups have in common under the hypothesis; other programs put that incidence for a group's
    own events as well, so that statistics of some 10 % difference are met. Source: Gray 1988.
    """
    line = timeline(time)
    member = (group == np.arange(int(group.max()) + 1)[:, None]).astype(np.float64)
    there = at_risk(line, member)
    ours, theirs = line.sums(member * (event == 1)), line.sums(member * (event > 1))
    free = np.cumprod(1 - quotient(ours + theirs, there, empty=0.0), axis=1)
    before = _before(free, 1.0)
    own = _before(np.cumsum(before * quotient(ours, there, empty=0.0), axis=1), 0.0)
    risk = there * quotient(1 - own, before, empty=0.0)  # those observed and those who would be but for another event
    common = quotient(ours.sum(axis=0), risk.sum(axis=0), empty=0.0)
    without = np.cumprod(1 - common)
    covariance = np.zeros((len(member), len(member)))
    for k, alone in enumerate(np.eye(len(member))):
        at_once = risk[k] * (alone[:, None] - quotient(risk, risk.sum(axis=0), empty=0.0))
        later = at_once * quotient(common, np.append(1.0, without[:-1]), empty=0.0)
        ahead = np.cumsum(later[:, ::-1], axis=1)[:, ::-1] - later
        by_ours = at_once * quotient(there[k], risk[k], empty=0.0) - (without - free[k]) * ahead
        by_theirs = without * ahead
        covariance += (by_ours * quotient(ours[k], there[k] ** 2, empty=0.0)) @ by_ours.T
        covariance += (by_theirs * quotient(theirs[k], there[k] ** 2, empty=0.0)) @ by_theirs.T
    return Excess(value=(ours - risk * common).sum(axis=1), covariance=covariance)


def _before(values: NDArray[np.floating], start: float) -> Floats:
    return np.concatenate([np.full((len(values), 1), start), values[:, :-1]], axis=1)
