"""Kaplan-Meier and Aalen-Johansen estimates of one group, with their variance and band."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..intervals import Pair, Z
from .survivor import Codes, Floats, at_risk, timeline

Bools = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Share of patients with an event over time, all of shape (times + 1,).

    times : distinct days of follow-up, day 0 first. value : 0..1, 0 on day 0. variance : of it, 0 on day 0. there :
    patients still observed just before.
    """

    times: Floats
    value: Floats
    variance: Floats
    there: Floats

    def at(self, day: float) -> tuple[float, Pair | None]:
        """The share by a day, and its 95 % interval (None where there is none)."""
        place = int(np.searchsorted(self.times, day, side="right")) - 1
        low, high = self.band
        pair = float(low[place]), float(high[place])
        return float(self.value[place]), pair if np.isfinite(pair).all() else None

    @property
    def band(self) -> tuple[Floats, Floats]:
        """Pointwise 95 % limits on the log-log scale of the share without the event; NaN where the share is 0 or 1.

        Source: Kalbfleisch and Prentice 1980.
        """
        free = 1 - self.value
        inside = (free > 1e-12) & (self.value > 1e-12)
        log = np.log(free, where=inside, out=np.full(free.shape, np.nan))
        half = Z * np.sqrt(np.where(inside, self.variance, 0)) / np.abs(free * log)
        return 1 - np.exp(log * np.exp(-half)), 1 - np.exp(log * np.exp(half))


def estimate(time: Floats, event: Codes) -> Estimate:
    """The share with event 1 over time, other events above 0 competing; shape (rows,) each, at least one row.

    With one kind of event it is 1 - Kaplan-Meier with Greenwood's variance; else Aalen-Johansen's with the variance of
    the delta method. Sources: Greenwood 1926; Marubini and Valsecchi 1995.
    """
    line = timeline(time)
    one = np.ones(time.size)
    there, ours, ended = at_risk(line, one), line.sums(one * (event == 1)), line.sums(one * (event > 0))
    free = np.cumprod(1 - ended / there)
    before = np.append(1.0, free[:-1])
    value = np.cumsum(before * ours / there)
    survivors = there - ended
    a = np.divide(ended, there * survivors, out=np.zeros_like(there), where=survivors > 0)
    b = before**2 * ours * (there - ours) / there**3
    c = before * ours / there**2
    spread = _sum(a) * value**2 - 2 * value * _sum(a * value) + _sum(a * value**2)
    variance = spread + _sum(b) - 2 * value * _sum(c) + 2 * _sum(c * value)
    return Estimate(
        times=np.append(0.0, line.times),
        value=np.append(0.0, value),
        variance=np.append(0.0, np.maximum(variance, 0)),
        there=np.append(time.size, there),
    )


def _sum(values: Floats) -> Floats:
    return np.cumsum(values)
