"""The share of some patients that has had the event by a day."""

from .cohort import Cohort
from .estimate import estimate


def how(cohort: Cohort) -> str:
    """How a share with the event is estimated."""
    if cohort.competing:
        return "Aalen-Johansen, competing events taken as such; 95 % interval on the log-log scale"
    return "1 - Kaplan-Meier; 95 % interval on the log-log scale (Greenwood)"


def share_by(part: Cohort, day: float) -> tuple[float | None, tuple[float, float] | None]:
    """Share with the event by a day and its 95 % interval; None where follow-up does not tell.

    Without an event the interval is that of no event among those observed until the day (Clopper and Pearson 1934).
    """
    seen = int((part.time > day).sum())
    if not len(part) or (not seen and bool((part.event == 0).any())):
        return None, None
    value, pair = estimate(part.time, part.event).at(day)
    if value == 0 and seen:
        return value, (0.0, 1 - 0.025 ** (1 / seen))
    return value, pair
