"""Differences between two systems on the same rows, for one weighting of the patients or thousands at once."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..discrimination import areas, sensitivity_at_specificity
from ..resampling import Figures
from .matched import Matched
from .specificity import AsSpecific

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Sums = Mapping[str, Floats]


def differences(pair: Matched, cut: AsSpecific | None, risk: float | None) -> Figures:
    """What makes every difference (first minus second) from patient weights, shape (weightings, patients).

    cut : the first system's at the second's specificity. risk : the probability that net benefit and reclassification
    use; None where scores are no probabilities. A weighting without one of the classes is not accepted.
    """
    truth = pair.sample.truth.astype(np.float64)
    columns = {"positive": truth, "negative": 1 - truth}
    columns |= _calls(pair) | (_cut_calls(pair, cut) if cut else {}) | (_risks(pair, risk) if risk else {})
    names = list(columns)
    sums = np.stack([np.bincount(pair.sample.patient, columns[name], pair.sample.patients) for name in names], axis=1)
    steps = pair.first.judged.steps, pair.second.judged.steps

    def figures(weight: Floats) -> dict[str, Floats]:
        total = dict(zip(names, (weight @ sums).T, strict=True))
        found = {"auc_difference": areas(steps[0], weight)[0] - areas(steps[1], weight)[0]}
        if pair.both_called:
            found |= _of_calls(total)
        if cut is not None:
            specificity = 1 - total["second called, negative"] / total["negative"]
            own = sensitivity_at_specificity(steps[0], weight, specificity) if cut.called is None else None
            found |= _at_specificity(total, own)
        return found | _reclassified(total, risk) if risk else found

    return figures


def _split(name: str, rows: Bools | Floats, truth: Bools) -> dict[str, Floats]:
    values = rows.astype(np.float64)
    return {f"{name}, positive": values * truth, f"{name}, negative": values * ~truth}


def _calls(pair: Matched) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    for name, system in (("first", pair.first), ("second", pair.second)):
        if system.calls.called is not None:
            found |= _split(f"{name} called", system.calls.called, pair.sample.truth)
    return found


def _cut_calls(pair: Matched, cut: AsSpecific) -> dict[str, Floats]:
    return {} if cut.called is None else _split("cut called", cut.called, pair.sample.truth)


def _risks(pair: Matched, risk: float) -> dict[str, Floats]:
    truth, first, second = pair.sample.truth, pair.first.judged.score, pair.second.judged.score
    moves = np.sign(first - second)
    over = (first >= risk).astype(np.float64) - (second >= risk)
    return _split("moved", moves, truth) | _split("gained", first - second, truth) | _split("crossed", over, truth)


def _of_calls(total: Sums) -> dict[str, Floats]:
    hits = total["first called, positive"] - total["second called, positive"]
    spared = total["second called, negative"] - total["first called, negative"]
    return {
        "sensitivity_difference": hits / total["positive"],
        "specificity_difference": spared / total["negative"],
        "accuracy_difference": (hits + spared) / (total["positive"] + total["negative"]),
    }


def _at_specificity(total: Sums, own: Floats | None) -> dict[str, Floats]:
    reached = total["cut called, positive"] / total["positive"] if own is None else own
    return {
        "sensitivity_at_comparator_specificity": reached,
        "sensitivity_difference_at_comparator_specificity": reached
        - total["second called, positive"] / total["positive"],
    }


def _reclassified(total: Sums, risk: float) -> dict[str, Floats]:
    positive, negative = total["positive"], total["negative"]
    alarms = total["crossed, negative"] * risk / (1 - risk)
    return {
        "net_benefit_difference": (total["crossed, positive"] - alarms) / (positive + negative),
        "nri": total["moved, positive"] / positive - total["moved, negative"] / negative,
        "nri_at_threshold": total["crossed, positive"] / positive - total["crossed, negative"] / negative,
        "idi": total["gained, positive"] / positive - total["gained, negative"] / negative,
    }
