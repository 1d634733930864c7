"""What is known of everyone at one time: had the event, had not, or was lost from sight before."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..calibration.logistic import fit_intercepts, fit_lines
from ..calibration.probability import logits_of
from ..discrimination import Ranking, auc, rank
from .censoring import Censoring
from .cohort import Cohort
from .survivor import Floats, Timeline, incidence, timeline

Bools = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class State:
    """The rows that have a score for one time, and their state then.

    day : the time. rows : whether a row has a score, shape (rows of the cohort,); the others are of these rows only.
    case : had the target's event by then. ended : had any event by then. seen : was observed for longer.
    """

    day: float
    rows: Bools
    score: Floats
    ranking: Ranking
    case: Bools
    ended: Bools
    seen: Bools
    time: Floats
    event: NDArray[np.intp]
    line: Timeline

    @property
    def known(self) -> Bools:
        """Rows whose state is known."""
        found: Bools = self.ended | self.seen
        return found


def state(cohort: Cohort, day: float, column: int) -> State | None:
    """The state at ``day`` of the rows with a score in ``column``; None where no row has one."""
    rows = np.isfinite(cohort.score[:, column])
    if not rows.any():
        return None
    time, event, score = cohort.time[rows], cohort.event[rows], cohort.score[rows, column]
    early = time <= day
    return State(
        day=day,
        rows=rows,
        score=score,
        ranking=rank(score),
        case=early & (event == 1),
        ended=early & (event > 0),
        seen=~early,
        time=time,
        event=event,
        line=timeline(time),
    )


def standing_for(at: State, kept: Censoring, estimate: Floats, weight: Floats) -> Floats:
    """Weights under which the rows whose state is known stand for all, shape (weightings, rows of ``at``).

    A row that ended counts by one over its chance of being seen until then, a row seen for longer by one over the
    chance of being seen until ``at.day``, others not at all. weight : shape (weightings, rows of ``at``).
    Sources: Graf 1999; with competing events Schoop 2011.
    """
    until = np.where(at.seen, at.day, at.time)
    return weight * (kept.inverse(estimate, until) * at.known)


def area(at: State, standing: Floats) -> Floats:
    """Chance that a patient with the event by then scores above one without, shape (weightings,); NaN without either.

    standing : of ``standing_for``. 0..1, 0.5 is chance, higher is better. A competing event counts as no event.
    Sources: Uno 2007, Hung and Chiang 2010; with competing events Blanche 2013.
    """
    return auc(at.ranking, at.case, standing)


def brier(at: State, standing: Floats, weight: Floats, predicted: Floats) -> Floats:
    """Mean squared distance of the predicted probability from the state, shape (weightings,); 0 is best.

    predicted : shape (rows of ``at``,) or (weightings, 1) where all rows have the same. A competing event counts as 0.
    """
    away = (np.asarray(at.case, dtype=np.float64) - predicted) ** 2
    total = weight.sum(axis=1)
    mean: Floats = np.divide((standing * away).sum(axis=1), total, out=np.full(len(total), np.nan), where=total > 0)
    return mean


def line_of(at: State, standing: Floats) -> tuple[Floats, Floats]:
    """Slope of the logit of the event on that of the probability, and intercept beside a slope of 1.

    Each of shape (weightings,). standing : of ``standing_for``, by which the logistic regression is weighted. Slope: 1
    is right, below 1 probabilities are too extreme; intercept: 0 is right, above 0 they are too low. NaN where there is
    no finite answer. Sources: Cox 1958; van Houwelingen 2000.
    """
    x, truth = logits_of(at.score), np.asarray(at.case, dtype=np.float64)
    if not np.isfinite(x.edge):
        nothing = np.full(len(standing), np.nan)
        return nothing, nothing
    return fit_lines(x.value, truth, standing)[1], fit_intercepts(x.value, truth, standing)


def observed(at: State, weight: Floats) -> Floats:
    """Share with the event by then, allowing for censoring (Aalen-Johansen, or 1 - Kaplan-Meier), (weightings,)."""
    risk = incidence(at.line, weight, at.event)
    return risk[..., int(at.line.until(np.array([at.day]))[0])]


def why_not(at: State, kept: Censoring, cohort: Cohort) -> str:
    """Why figures at this time cannot be made; empty where they can.

    Nobody's weight may be unknown: some follow-up must go on to the time (or end by an event before it).
    """
    one = np.ones((1, len(cohort)))
    standing = standing_for(at, kept, kept.estimate(one), one[:, at.rows])[0]
    lost = at.known & (standing == 0)
    if lost.any():
        return f"{int(lost.sum())} rows cannot be weighed: {kept.said}, which is 0 or has ended on their day"
    if not at.seen.any() and not at.known.all():
        return f"nobody is observed beyond {at.day:g} days and {int((~at.known).sum())} rows are censored before"
    return ""
