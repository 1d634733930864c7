"""Decision curves: what acting on the scores brings, at every trade of a miss for a false alarm."""

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Curve, Table

from ..metrics import Resampling
from ..sample import Sample
from .draws import draws, ends

Floats = NDArray[np.float64]
Cells = tuple[str | float | None, ...]

THRESHOLDS: Floats = np.round(np.arange(1, 100) / 100, 2)
SHOWN = (0.05, 0.1, 0.2, 0.3, 0.5)
_COLUMNS = (
    "threshold",
    *(
        f"{name}{end}"
        for name in ("net_benefit", "treat_all", "gain", "avoided_per_100")
        for end in ("", "_low", "_high")
    ),
    "treat_none",
    "n",
)
_NAMES = ("net_benefit", "treat_all", "gain", "avoided_per_100")


def net_benefit(hits: Floats, alarms: Floats, prevalence: Floats, threshold: Floats) -> Floats:
    """True positives less false positives at their price, per patient: p TPR - (1 - p) FPR t / (1 - t).

    hits, alarms : true and false positive rate when all at or above ``threshold`` are called. From -infinity to the
    prevalence, higher is better; 0 is calling nobody. Source: Vickers and Elkin 2006.
    """
    benefit: Floats = prevalence * hits - (1 - prevalence) * alarms * threshold / (1 - threshold)
    return benefit


def decision_curve(
    sample: Sample, prevalence: float | None, resampling: Resampling
) -> tuple[dict[str, Curve], Table | None]:
    """Curves "net_benefit" with its pointwise 95 % band ("_low", "_high"), "_all", "_none", and a table of some points.

    sample : probabilities. prevalence : of the population that is thought of; None: that of the sample. Nothing where a
    class is missing; no band with fewer than two patients of a class.
    """
    if not sample.both_classes:
        return {}, None

    def figures(weight: Floats) -> dict[str, Floats]:
        return _figures(sample, prevalence, weight)

    value = {name: found[0] for name, found in figures(np.ones((1, sample.patients))).items()}
    curves = {
        "net_benefit": _curve(value["net_benefit"]),
        "net_benefit_all": _curve(value["treat_all"]),
        "net_benefit_none": _curve(np.zeros(THRESHOLDS.size)),
    }
    drawn = draws(sample, figures, resampling, width=2)
    if drawn is not None:
        low, high = np.quantile(drawn.values["net_benefit"], [0.025, 0.975], axis=0)
        curves |= {"net_benefit_low": _curve(low), "net_benefit_high": _curve(high)}
    rows = []
    for threshold in SHOWN:
        k = int(np.argmin(np.abs(THRESHOLDS - threshold)))
        cells: list[float | None] = [threshold]
        for name in _NAMES:
            one = float(value[name][k])
            cells += [one, *ends(drawn, name, one, k)]
        rows.append((*cells, 0.0, float(sample.patients)))
    return curves, Table(columns=_COLUMNS, rows=tuple(rows), note=_note(sample, value, prevalence))


def _figures(sample: Sample, prevalence: float | None, weight: Floats) -> dict[str, Floats]:
    """Figures at every threshold, each of shape (weightings, thresholds)."""
    order = np.argsort(sample.score, kind="stable")
    below = np.searchsorted(sample.score[order], THRESHOLDS - 1e-12)
    rates = []
    for mine in (sample.truth, ~sample.truth):
        so_far = np.zeros((len(weight), order.size + 1))
        np.cumsum(weight[:, sample.patient[order]] * mine[order], axis=1, out=so_far[:, 1:])
        rates.append((so_far[:, -1:], 1 - so_far[:, below] / so_far[:, -1:]))
    (positive, hits), (negative, alarms) = rates
    share = positive / (positive + negative) if prevalence is None else np.full(positive.shape, prevalence)
    ours = net_benefit(hits, alarms, share, THRESHOLDS)
    everybody = net_benefit(np.ones_like(hits), np.ones_like(hits), share, THRESHOLDS)
    return {
        "net_benefit": ours,
        "treat_all": everybody,
        "gain": ours - np.maximum(everybody, 0),
        "avoided_per_100": 100 * (ours - everybody) * (1 - THRESHOLDS) / THRESHOLDS,
    }


def _note(sample: Sample, value: dict[str, Floats], prevalence: float | None) -> str:
    share = float(sample.truth.mean()) if prevalence is None else prevalence
    whose = "the judged part" if prevalence is None else "the population stated"
    where = _runs(value["gain"] > 1e-12)
    range_ = f"above both at {where}" if where else "nowhere above both"
    return (
        "Positive is a score at or above the threshold, which is also the price: at 0.20 a false alarm costs a quarter"
        f" of a hit. Prevalence {share:.3f}, that of {whose}, the scores as they are; treat-all is worth more than"
        f" treat-none below it. gain is over the better of both: {range_} (point estimates). avoided_per_100: false"
        " alarms fewer than treat-all, net of hits lost, per 100 patients. Read thresholds that a physician could hold,"
        " not the whole curve; with scores that are badly calibrated a threshold is not the risk that it names (Vickers"
        " and Elkin 2006)."
    )


def _runs(there: NDArray[np.bool_]) -> str:
    """Thresholds at which something holds, as "0.05 to 0.40, 0.52"."""
    ends = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]])))
    pairs = THRESHOLDS[np.stack([ends[::2], ends[1::2] - 1], axis=1)]
    return ", ".join(f"{low:.2f}" if low == high else f"{low:.2f} to {high:.2f}" for low, high in pairs)


def _curve(y: Floats) -> Curve:
    return Curve(x=tuple(map(float, THRESHOLDS)), y=tuple(map(float, y)))
