"""The reliability diagram: what was observed beside what was predicted."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from myoperf.core.scorecard import Curve, Table

from ..intervals import wilson
from ..metrics import Resampling
from ..quotient import quotient
from ..resampling import Replicates
from ..sample import Sample
from .bins import equal_count_bins
from .draws import draws, ends
from .logistic import fit_lines
from .probability import logits_of, within

Floats = NDArray[np.float64]
Cells = tuple[str | float | None, ...]

ENOUGH_EVENTS = 200
"""Events, and patients without one, below which a reliability curve is unsteady (Van Calster 2016)."""

_POINTS, _REPLICATES = 101, 500
_NOTE = (
    "Bins of equal count, equal scores in one bin; observed is the share of positives with its 95 % interval ({how})."
    " The curve is a logistic recalibration, logit(observed) = a + b logit(score), over the range of the scores, with a"
    " pointwise 95 % band of the bootstrap over patients; it cannot show a bend that a straight line on the logit scale"
    " has not: compare the bins. {events} events and {others} patients without one."
)


def reliability_table(sample: Sample, resampling: Resampling) -> Table:
    """Mean score and observed share of positives, bin by bin, of a sample of probabilities.

    Wilson's interval with one row a patient, the bootstrap over patients otherwise.
    """
    bins = equal_count_bins(sample.score)
    found = None if sample.alone else _shares(sample, bins, resampling)
    rows = tuple(_row(sample, bins == k, k, found) for k in range(int(bins.max()) + 1))
    how = "Wilson" if sample.alone else "bootstrap over patients, who have several rows"
    counts = {"events": sample.count(sample.truth), "others": sample.patients - sample.count(sample.truth)}
    columns = ("bin", "lowest", "highest", "patients", "events", "mean_predicted", "observed", "low", "high")
    return Table(columns=columns, rows=rows, note=_NOTE.format(how=how, **counts))


def _row(sample: Sample, mine: NDArray[np.bool_], k: int, found: Replicates | None) -> Cells:
    score, truth = sample.score[mine], sample.truth[mine]
    share = float(truth.mean())
    low, high = wilson(float(truth.sum()), truth.size) if sample.alone else ends(found, f"bin {k}", share)
    return (
        f"{k + 1}",
        float(score.min()),
        float(score.max()),
        float(sample.count(mine)),
        float(sample.count(mine & sample.truth)),
        float(score.mean()),
        share,
        low,
        high,
    )


def _shares(sample: Sample, bins: NDArray[np.intp], resampling: Resampling) -> Replicates | None:
    """Replicates of the observed share of every bin; None where there are too few patients to draw from."""
    column = np.asarray(bins[:, None] == np.arange(bins.max() + 1), dtype=np.float64)

    def shares(weight: Floats) -> dict[str, Floats]:
        row = weight[:, sample.patient]
        count, events = row @ column, row @ (column * sample.truth[:, None])
        share = quotient(events, count)
        return {f"bin {k}": share[:, k] for k in range(column.shape[1])}

    return draws(sample, shares, resampling)


def reliability_curves(sample: Sample, resampling: Resampling) -> dict[str, Curve]:
    """ "reliability" (x: score, y: recalibrated chance) and its pointwise 95 % band ("_low", "_high" behind the name).

    Empty where the regression has no finite answer; no band with fewer than two patients of a class.
    """
    logits = logits_of(sample.score)
    if not np.isfinite(logits.edge):
        return {}
    x, truth = logits.value, sample.truth.astype(np.float64)
    a, b = fit_lines(x, truth, np.ones((1, len(sample))))
    if not np.isfinite(b[0]):
        return {}
    grid = np.linspace(sample.score.min(), sample.score.max(), _POINTS)
    at = within(grid, logits.edge)
    found = {"reliability": _curve(grid, expit(a[0] + b[0] * at))}

    def lines(weight: Floats) -> dict[str, Floats]:
        return dict(zip("ab", fit_lines(x, truth, weight[:, sample.patient]), strict=True))

    drawn = draws(sample, lines, resampling, most=_REPLICATES)
    known = np.zeros(0, dtype=bool) if drawn is None else np.isfinite(drawn.values["b"])
    if drawn is None or known.sum() < 0.9 * known.size:
        return found
    heights = expit(drawn.values["a"][known, None] + drawn.values["b"][known, None] * at)
    low, high = np.quantile(heights, [0.025, 0.975], axis=0)
    return found | {"reliability_low": _curve(grid, low), "reliability_high": _curve(grid, high)}


def few_events(name: str, sample: Sample) -> tuple[str, ...]:
    """A caution where there are fewer events, or patients without one, than a reliability curve needs."""
    events = sample.count(sample.truth)
    others = sample.patients - events
    if min(events, others) >= ENOUGH_EVENTS:
        return ()
    counts = f"{events} events and {others} patients without one"
    return (f"{name}: {counts}; below {ENOUGH_EVENTS} of each, slope and curve of calibration are rough",)


def _curve(x: Floats, y: Floats) -> Curve:
    return Curve(x=tuple(map(float, x)), y=tuple(map(float, y)))
