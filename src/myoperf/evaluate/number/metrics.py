"""Every figure of a value with its interval, how that was made, and its number of patients."""

from math import atanh, sqrt, tanh

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from myoperf.core.scorecard import Metric

from ..metrics import Resampling
from ..resampling import Replicates, bootstrap, interval
from .correlation import intraclass
from .figures import NAMES, figures
from .limits import limits_of_agreement
from .pairs import Pairs

Floats = NDArray[np.float64]
Pair = tuple[float, float]

FEWEST = 5
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


def number_metrics(pairs: Pairs, resampling: Resampling) -> dict[str, Metric]:
    """Every figure of ``NAMES`` of at least one pair; None, with the reason, where it is not defined."""
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
    if pairs.patients < FEWEST or resampling.replicates < 1:
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
        return None, f"no interval: fewer than {FEWEST} patients, or no resampling was asked for"
    drawn = replicates.values[name]
    pair = interval(value, drawn, replicates.left_out[name], replicates.patients)
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
