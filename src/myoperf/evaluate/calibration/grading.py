"""Figures of calibration of one sample, each with its interval, how that was made, and its number of patients."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Metric

from ..intervals import Pair, wilson
from ..metrics import Resampling, missing
from ..quotient import quotient
from ..resampling import Replicates, interval
from ..sample import Sample
from .bins import equal_count_bins, score_groups
from .draws import TOO_FEW, draws
from .logistic import fit_intercepts, fit_lines, intercept_interval, slope_interval
from .probability import Logits, logits_of

Floats = NDArray[np.float64]

NAMES = ("brier_skill", "ece", "calibration_slope", "calibration_intercept", "observed_expected")
"""Figures that calibration adds to the metrics of a target."""

PARTS = ("reliability", "resolution", "uncertainty", "remainder")
"""Parts of the Brier score: reliability - resolution + uncertainty + remainder."""

ALL = (*NAMES, "brier", *PARTS)
NO_PROBABILITIES = "scores are not in 0..1: no probabilities"
_CALLS = "every score is 0 or 1: calls, no probabilities, and they have no logit"
_BIASED = ("ece", "reliability", "resolution")
_REFERENCE_DRAWS = 500


@dataclass(frozen=True, kw_only=True)
class _Graded:
    """A sample of probabilities with what its figures need.

    bins, groups : code of each row, rising with the score. exact : groups are of equal scores, not bins.
    """

    sample: Sample
    logits: Logits
    bins: NDArray[np.intp]
    groups: NDArray[np.intp]
    exact: bool

    @cached_property
    def truth(self) -> Floats:
        return self.sample.truth.astype(np.float64)

    @cached_property
    def order(self) -> NDArray[np.intp]:
        return np.argsort(self.sample.score, kind="stable")


def grade(sample: Sample, resampling: Resampling) -> Mapping[str, Metric]:
    """Every name of ``ALL`` for a sample of probabilities.

    ``brier`` (0..1, lower is better) is the mean squared distance of score and truth (Brier 1950), ``brier_skill`` what
    it gains on the prevalence as everybody's score (1 perfect, 0 no gain). ``ece``, expected calibration error, is the
    mean distance of observed share and mean score over 10 bins of equal count (0..1, lower is better; small samples
    bias it upwards). ``calibration_slope`` (1 is right, below 1 scores are too extreme) is the slope of a logistic
    regression of the truth on the logit of the score, ``calibration_intercept`` (0 is right, above 0 scores are too
    low) its intercept with the slope held at 1 (Cox 1958); ``observed_expected`` is events over the sum of the scores
    (1 is right). With one row a patient the slope has a profile likelihood interval and the intercept a robust one, all
    others the bootstrap over patients, in its basic form those that chance can only raise (``ece``, reliability,
    resolution). None with the reason in ``method`` where a figure is not defined.
    """
    if not len(sample):
        return missing("no patient with a truth and a score", names=ALL)
    if not sample.in_unit:
        return missing(NO_PROBABILITIES, sample.patients, ALL)
    graded = _graded(sample)
    value = {name: float(v[0]) for name, v in _figures(graded, np.ones((1, sample.patients)), lines=True).items()}
    replicates = _resampled(graded, resampling)
    return {name: _metric(graded, name, value[name], replicates, resampling) for name in ALL}


def _graded(sample: Sample) -> _Graded:
    groups, exact = score_groups(sample.score)
    bins = equal_count_bins(sample.score)
    return _Graded(sample=sample, logits=logits_of(sample.score), bins=bins, groups=groups, exact=exact)


def _figures(graded: _Graded, weight: Floats, *, lines: bool) -> dict[str, Floats]:
    """Figures for every weighting of the patients, shape (weightings, patients) to (weightings,). lines : slope too."""
    sample, truth = graded.sample, graded.truth
    row = weight[:, sample.patient]
    total = row.sum(axis=1)
    binned = _by_bin(graded, graded.bins, row)
    grouped = _by_bin(graded, graded.groups, row) if graded.exact else binned
    prevalence = binned.events.sum(axis=1) / total
    found = {"brier": row @ (sample.score - truth) ** 2 / total, "uncertainty": prevalence * (1 - prevalence)}
    found["brier_skill"] = 1 - quotient(found["brier"], found["uncertainty"])
    found["observed_expected"] = quotient(binned.events.sum(axis=1), binned.expected.sum(axis=1))
    found["ece"] = np.abs(binned.expected - binned.events).sum(axis=1) / total
    count = np.maximum(grouped.count, 1e-12)
    gap, lift = grouped.expected - grouped.events, grouped.events - grouped.count * prevalence[:, None]
    found["reliability"] = (gap**2 / count).sum(axis=1) / total
    found["resolution"] = (lift**2 / count).sum(axis=1) / total
    found["remainder"] = found["brier"] - found["reliability"] + found["resolution"] - found["uncertainty"]
    if lines:
        nothing = np.full(len(weight), np.nan)
        known = np.isfinite(graded.logits.edge)
        found["calibration_slope"] = fit_lines(graded.logits.value, truth, row)[1] if known else nothing
        found["calibration_intercept"] = fit_intercepts(graded.logits.value, truth, row) if known else nothing
    return found


@dataclass(frozen=True, kw_only=True)
class _Binned:
    """Weight, weight of the positives and summed score of every bin, each of shape (weightings, bins)."""

    count: Floats
    events: Floats
    expected: Floats


def _by_bin(graded: _Graded, code: NDArray[np.intp], row: Floats) -> _Binned:
    """Sums over bins that are runs in the order of the scores."""
    order = graded.order
    rising, starts = row[:, order], np.flatnonzero(np.diff(code[order], prepend=-1))
    return _Binned(
        count=np.add.reduceat(rising, starts, axis=1),
        events=np.add.reduceat(rising * graded.truth[order], starts, axis=1),
        expected=np.add.reduceat(rising * graded.sample.score[order], starts, axis=1),
    )


def _resampled(graded: _Graded, resampling: Resampling) -> Replicates | None:
    """Replicates of all figures; of slope and intercept only where rows are not independent."""
    return draws(graded.sample, lambda weight: _figures(graded, weight, lines=not graded.sample.alone), resampling)


def _metric(graded: _Graded, name: str, value: float, replicates: Replicates | None, resampling: Resampling) -> Metric:
    n = graded.sample.patients
    if not np.isfinite(value):
        return Metric(value=None, method=_why_undefined(graded, name), n=n)
    pair, method = _interval(graded, name, value, replicates, resampling.seed)
    said = method + _definition(graded, name)
    return Metric(value=value + 0.0, low=pair and pair[0], high=pair and pair[1], method=said, n=n)


def _interval(
    graded: _Graded, name: str, value: float, replicates: Replicates | None, seed: int
) -> tuple[Pair | None, str]:
    found = _closed_form(graded, name) if graded.sample.alone else None
    if found is not None:
        return found
    if replicates is None:
        return None, TOO_FEW
    if name in _BIASED:
        return _turned(graded, name, value, replicates, seed)
    values = replicates.values[name]
    pair = interval(value, values, replicates.left_out[name], replicates.patients)
    if pair is None:
        return None, "no interval: replicates are all equal or mostly undefined"
    undefined = int((~np.isfinite(values)).sum())
    gone = f", {undefined} undefined" if undefined else ""
    return pair, f"patient bootstrap (BCa, {values.size} replicates{gone})"


def _closed_form(graded: _Graded, name: str) -> tuple[Pair | None, str] | None:
    """Intervals that need one row a patient and no bootstrap; None for figures that have none."""
    sample = graded.sample
    if name == "calibration_slope":
        pair = slope_interval(graded.logits.value, graded.truth)
        return pair, "logistic regression, " + (
            "profile likelihood" if pair else "no interval: its ends were not found"
        )
    if name == "calibration_intercept":
        pair = intercept_interval(graded.logits.value, graded.truth)
        return pair, "logistic regression, slope held at 1, " + ("robust Wald" if pair else "no interval: no variance")
    if name == "observed_expected" and not sample.both_classes:
        low, high = wilson(float(sample.truth.sum()), len(sample))
        per = len(sample) / float(sample.score.sum())
        return (low * per, high * per), "Wilson of the observed share; the scores are taken as they are"
    return None


def _turned(graded: _Graded, name: str, value: float, replicates: Replicates, seed: int) -> tuple[Pair | None, str]:
    """The basic bootstrap interval, which takes off the bias that resampling shows, within 0..1.

    Its lower end is 0 where scores that are the true chances would show as large a figure in more than 1 of 40 samples.
    """
    low, high = np.quantile(replicates.values[name], [0.025, 0.975])
    if high - low < 1e-12:
        return None, "no interval: replicates are all equal or mostly undefined"
    pair = max(0.0, 2 * value - float(high)), min(1.0, max(value, 2 * value - float(low)))
    method = f"patient bootstrap (basic, {replicates.values[name].size} replicates); small samples bias it upwards"
    if name == "resolution" or not graded.sample.alone:
        return pair, method
    bottom, middle, top = _if_calibrated(graded, name, seed)
    said = (
        f"{method}: a perfectly calibrated system would show {middle:.3g} ({bottom:.3g} to {top:.3g}) with these scores"
    )
    return (0.0 if value <= top else pair[0], pair[1]), said


def _if_calibrated(graded: _Graded, name: str, seed: int) -> tuple[float, float, float]:
    """2.5 %, 50 % and 97.5 % points of what chance alone makes of a figure where every score is the true chance."""
    rng = np.random.default_rng(seed)
    score = graded.sample.score[graded.order]
    code = (graded.bins if name == "ece" else graded.groups)[graded.order]
    starts = np.flatnonzero(np.diff(code, prepend=-1))
    gap = np.stack([np.add.reduceat((rng.random(score.size) < score) - score, starts) for _ in range(_REFERENCE_DRAWS)])
    found = np.abs(gap).sum(axis=1) if name == "ece" else (gap**2 / np.bincount(code)).sum(axis=1)
    bottom, middle, top = np.quantile(found / score.size, [0.025, 0.5, 0.975])
    return float(bottom), float(middle), float(top)


def _definition(graded: _Graded, name: str) -> str:
    """What was counted, where a name alone does not tell."""
    if name in ("calibration_slope", "calibration_intercept"):
        return graded.logits.said
    if name == "ece":
        return f"; {graded.bins.max() + 1} bins of equal count"
    if name in ("reliability", "resolution", "remainder"):
        count = graded.groups.max() + 1
        return f"; {count} groups of equal score" if graded.exact else f"; {count} bins of equal count"
    return ""


def _why_undefined(graded: _Graded, name: str) -> str:
    sample = graded.sample
    if name == "observed_expected":
        return "the scores sum to all but 0: nothing is expected"
    if not sample.both_classes:
        return f"one class only: {int(sample.truth.sum())} positive, {int((~sample.truth).sum())} negative"
    if not np.isfinite(graded.logits.edge):
        return _CALLS
    if name == "calibration_slope":
        if np.ptp(sample.score) == 0:
            return "all scores are equal: there is no slope"
        return "the scores separate the classes perfectly: the slope is infinite"
    return "not defined: the regression did not settle"
