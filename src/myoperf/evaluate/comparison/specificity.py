"""The cut at which a system is as specific as what it is compared with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..discrimination import called_at_each_cut
from ..sample import Sample
from .matched import Matched

Bools = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class AsSpecific:
    """Calls of the first system at the second's specificity.

    called : rows called positive, by a threshold set on validation rows; None where there are none, and the cut is set
    on the judged rows themselves, anew in every replicate. wanted : the specificity that the threshold was set for.
    """

    called: Bools | None
    threshold: float | None
    wanted: float
    chosen_on: str


def as_specific(pair: Matched) -> AsSpecific | None:
    """Set the cut; None where the second system has no threshold or no negative is judged."""
    first, second = pair.first, pair.second
    judged_negative = ~pair.sample.truth
    if second.calls.called is None or not judged_negative.any():
        return None
    value, chooses = second.calls.threshold.value, (first.validation, second.validation)
    if value is not None and all(len(sample) and not sample.truth.all() for sample in chooses):
        wanted = float((second.validation.score[~second.validation.truth] < value).mean())
        cut = threshold_at(first.validation, wanted)
        text = f"validation ({first.validation.patients} patients)"
        return AsSpecific(called=first.judged.score >= cut, threshold=cut, wanted=wanted, chosen_on=text)
    wanted = float((~second.calls.called[judged_negative]).mean())
    return AsSpecific(called=None, threshold=None, wanted=wanted, chosen_on="the judged rows themselves")


def threshold_at(sample: Sample, specificity: float) -> float:
    """The lowest threshold, half-way between two scores, that keeps at least this specificity; needs a negative."""
    ranking = sample.ranking
    alarms = called_at_each_cut(ranking, (~sample.truth).astype(np.float64))
    kept = np.flatnonzero(alarms <= (1 - specificity) * alarms[-1] + 1e-9)
    if not kept.size:
        return float(np.nextafter(ranking.cuts[0], np.inf))
    last = int(kept[-1])
    if last == ranking.cuts.size - 1:
        return float(ranking.cuts[last])
    return float(ranking.cuts[last] / 2 + ranking.cuts[last + 1] / 2)
