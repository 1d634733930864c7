"""Judge predictions of a value: bias, limits of agreement, errors, correlations, each with its interval."""

from math import atanh, sqrt, tanh

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from myoperf.core.scorecard import Curve, Metric, Table, TargetScore

from ..judgement import Judgement
from ..metrics import Resampling, missing
from ..question import Question
from ..resampling import Replicates, bootstrap, interval
from .correlation import intraclass
from .figures import NAMES, figures
from .limits import limits_of_agreement
from .pairs import Pairs, pairs_of

Floats = NDArray[np.float64]
Pair = tuple[float, float]

_FEW, _FEWEST = 20, 5
_BOUNDED = frozenset({"pearson", "spearman", "ccc", "icc_agreement", "icc_consistency"})
_SAID = {
    "bias": "mean of predicted minus true",
    "loa_low": "lower limit of agreement, bias - 1.96 sd",
    "loa_high": "upper limit of agreement, bias + 1.96 sd",
    "proportional_bias": "slope of the difference on the mean of both",
    "rmse": "root mean square error",
    "mae": "mean absolute error",
    "pearson": "Pearson's correlation",
    "spearman": "Spearman's rank correlation",
    "ccc": "Lin's concordance correlation",
    "icc_agreement": "ICC(A,1), two-way, absolute agreement, single rating",
    "icc_consistency": "ICC(C,1), two-way, consistency, single rating",
}


def judge_number(question: Question) -> Judgement:
    """Judge a question whose truth is a value. Differences are predicted minus true, in the unit of the target.

    With one row a patient, bias, limits and slope have t intervals, Pearson's r Fisher's, the ICC those of McGraw and
    Wong; everything else, and everything where patients have several rows, the bootstrap over patients; the limits
    allow for variance within patients then (Bland and Altman 2007). Curve ``bland_altman``: x mean, y difference.
    """
    pairs = pairs_of(question)
    if not len(pairs):
        why = "no patient with a truth and a score"
        score = TargetScore(metrics=missing(why, names=NAMES), kind="number")
        return Judgement(score=score, warnings=(*pairs.warnings, f"{question.name}: {why}"))
    found = _metrics(pairs, question.resampling)
    middle, gap = (pairs.score + pairs.truth) / 2, pairs.score - pairs.truth
    score = TargetScore(
        metrics=found,
        kind="number",
        curves={"bland_altman": Curve(x=tuple(map(float, middle)), y=tuple(map(float, gap)))},
        tables={"bland_altman": _lines(found)},
    )
    return Judgement(score=score, warnings=(*pairs.warnings, *_cautions(question, pairs)))


def _metrics(pairs: Pairs, resampling: Resampling) -> dict[str, Metric]:
    value = {name: float(v[0]) for name, v in figures(pairs, np.ones((1, pairs.patients))).items()}
    closed = _closed_forms(pairs, value) if pairs.one_row_each else {}
    replicates = _replicates(pairs, resampling)
    rows = "" if pairs.one_row_each else f"; {len(pairs)} rows of {pairs.patients} patients"
    found = {}
    for name in NAMES:
        if not np.isfinite(value[name]):
            method = f"{_SAID[name]}: not defined: {_why(name, pairs)}"
            found[name] = Metric(value=None, method=method, n=pairs.patients)
            continue
        pair, how = closed[name] if name in closed else _drawn(name, value[name], replicates)
        method = f"{_SAID[name]}{rows}; {how}"
        found[name] = Metric(
            value=value[name], low=pair and pair[0], high=pair and pair[1], method=method, n=pairs.patients
        )
    return found


def _closed_forms(pairs: Pairs, value: dict[str, float]) -> dict[str, tuple[Pair | None, str]]:
    """Intervals that follow from theory, where every patient has one row."""
    n = len(pairs)
    if n < 3:
        return dict.fromkeys(NAMES, (None, "no interval: fewer than three patients"))
    limits = limits_of_agreement(pairs.score - pairs.truth)
    icc = intraclass(np.stack([pairs.truth, pairs.score], axis=1))
    named = {
        "bias": (limits.bias_interval, "t interval"),
        "loa_low": (limits.low_interval, "t interval (Bland and Altman 1999)"),
        "loa_high": (limits.high_interval, "t interval (Bland and Altman 1999)"),
        "proportional_bias": (_of_slope(pairs, value["proportional_bias"]), "t interval of least squares"),
        "pearson": (_of_pearson(value["pearson"], n), "Fisher's z"),
        "icc_agreement": (icc.agreement_interval, "McGraw and Wong 1996"),
        "icc_consistency": (icc.consistency_interval, "McGraw and Wong 1996"),
    }
    return {name: (pair, how if pair else "no interval: agreement is exact") for name, (pair, how) in named.items()}


def _of_slope(pairs: Pairs, slope: float) -> Pair | None:
    middle, gap = (pairs.score + pairs.truth) / 2, pairs.score - pairs.truth
    away = middle - middle.mean()
    rest = gap - gap.mean() - slope * away
    n = len(pairs)
    if not np.isfinite(slope) or n < 3:
        return None
    half = float(stdtrit(n - 2, 0.975)) * sqrt(float(rest @ rest) / (n - 2) / float(away @ away))
    return slope - half, slope + half


def _of_pearson(value: float, n: int) -> Pair | None:
    if n < 4 or not np.isfinite(value) or abs(value) >= 1 - 1e-12:
        return None
    z, half = atanh(value), float(ndtri(0.975)) / sqrt(n - 3)
    return tanh(z - half), tanh(z + half)


def _replicates(pairs: Pairs, resampling: Resampling) -> Replicates | None:
    if pairs.patients < _FEWEST or resampling.replicates < 1:
        return None
    return bootstrap(
        lambda weight: figures(pairs, weight),
        np.ones((pairs.patients, 2), dtype=bool),
        rows=len(pairs),
        replicates=resampling.replicates,
        rng=np.random.default_rng(resampling.seed),
    )


def _drawn(name: str, value: float, replicates: Replicates | None) -> tuple[Pair | None, str]:
    if replicates is None:
        return None, f"no interval: fewer than {_FEWEST} patients, or no resampling was asked for"
    drawn = replicates.values[name]
    pair = interval(value, drawn, replicates.left_out[name])
    if pair is None:
        return None, "no interval: replicates are all equal or mostly undefined"
    return pair, f"patient bootstrap (BCa, {drawn.size} replicates)"


def _why(name: str, pairs: Pairs) -> str:
    if pairs.patients < 2:
        return "one patient only"
    flat = [what for what, column in (("truths", pairs.truth), ("scores", pairs.score)) if np.ptp(column) == 0]
    if name in _BOUNDED and flat:
        return f"all {' and all '.join(flat)} are equal"
    return "there is no spread"


def _lines(found: dict[str, Metric]) -> Table:
    rows = tuple((name, found[name].value, found[name].low, found[name].high) for name in NAMES[:3])
    note = (
        "Lines of the Bland-Altman plot: difference (predicted minus true) over the mean of both, in the target's unit."
    )
    return Table(columns=("line", "value", "low", "high"), rows=rows, note=note)


def _cautions(question: Question, pairs: Pairs) -> list[str]:
    name, found = question.name, []
    if pairs.patients < _FEW:
        found.append(f"{name}: {pairs.patients} patients are few; intervals are wide and rough, or missing")
    if not pairs.one_row_each:
        found.append(f"{name}: {len(pairs)} rows of {pairs.patients} patients; intervals draw whole patients")
    if np.ptp(pairs.score) == 0:
        found.append(f"{name}: all scores are equal; they tell nothing of the patient")
    if np.ptp(pairs.truth) == 0:
        found.append(f"{name}: all truths are equal; correlations are empty")
    if question.split == "validation":
        found.append(f"{name}: no test part; figures are pooled over the folds of the cross-validation")
    return found
