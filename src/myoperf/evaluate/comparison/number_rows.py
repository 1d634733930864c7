"""Systems that predict a value, pair by pair."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from ..judgement import Comparison, Part
from ..metrics import Resampling
from ..number.folds import WITHIN, fold_figures
from ..number.metrics import FEWEST
from ..number.pairs import Pairs, pairs_of
from ..question import Question
from ..resampling import Figures, Replicates, bootstrap
from .error_spread import pitman_morgan
from .fold_differences import fold_difference
from .matched import named_rows, shared
from .paired import Found, Paired, bare_row, difference_row, row
from .pairing import Pairing
from .partners import Partners

Floats = NDArray[np.float64]

_SAID = {
    "mae": "mean absolute error (below 0: the first is better)",
    "rmse": "root mean square error (below 0: the first is better)",
}


def compare_numbers(pairs: Sequence[Pairing], margin: float | None) -> Part:
    """Differences of every pair in mean absolute error and root mean square error, and the ratio of error spreads.

    In the unit of the target. margin : a difference in AUC, which values do not have; it is said that it is not used.
    """
    known = {question.key: question for pair in pairs for question in (pair.first, pair.second) if question is not None}
    values = {key: pairs_of(question) for key, question in known.items()}
    folds = {key: fold_figures(question) for key, question in known.items()}
    rows: list[Comparison] = []
    warnings: list[str] = []
    for asked in pairs:
        one = values[asked.first.key]
        other = pairs_of(asked.other) if asked.second is None else values[asked.second.key]
        (first, second), partners = _matched((asked.first, one), (asked.other, other))
        warnings += [f"{asked.target}: {text}" for text in partners.cautions(asked.names)]
        rows += _rows(asked, first, second)
        if asked.second is not None:
            rows += fold_difference(asked, "mae", folds[asked.first.key], folds[asked.second.key], WITHIN["mae"])
    if margin is not None and pairs:
        warnings.append(f"{pairs[0].target}: the margin is a difference in AUC and is not used for values")
    return Part(comparisons=tuple(rows), warnings=tuple(warnings))


def _matched(one: tuple[Question, Pairs], other: tuple[Question, Pairs]) -> tuple[tuple[Pairs, Pairs], Partners]:
    names = [
        named_rows(
            question.texts("patient_id")[pairs.row],
            question.texts("study_id")[pairs.row],
            question.numbers("repeat")[pairs.row],
        )
        for question, pairs in (one, other)
    ]
    mine, theirs = shared(*names)
    same = one[1].truth[mine] == other[1].truth[theirs]
    first, second = one[1].take(mine[same]), other[1].take(theirs[same])
    partners = Partners(
        both=len(first),
        only_first=len(one[1]) - len(mine),
        only_second=len(other[1]) - len(mine),
        disagree=int((~same).sum()),
        alone=first.one_row_each,
    )
    return (first, second), partners


def _rows(asked: Pairing, first: Pairs, second: Pairs) -> list[Comparison]:
    if not len(first):
        why = "no study is judged by both"
        return [bare_row(asked.target, asked.names, "mae_difference", value=None, method=why, n=0)]
    errors = first.score - first.truth, second.score - second.truth
    pair = _judged(asked, first.patient, errors)
    told = _by_t(np.abs(errors[0]) - np.abs(errors[1])) if first.one_row_each else None
    rows = [difference_row(pair, "mae", told), difference_row(pair, "rmse")]
    return [*rows, _spreads(pair, *errors)] if first.one_row_each else rows


def _by_t(differences: Floats) -> Found:
    """Paired t test of absolute errors, one a patient."""
    n = differences.size
    nothing: Found = {"low": None, "high": None, "p": None}
    if n < 2:
        return nothing | {"method": "no interval: one patient only"}
    mean, error = float(differences.mean()), float(differences.std(ddof=1)) / sqrt(n)
    if np.ptp(differences) <= 1e-12 * max(1.0, float(np.abs(differences).max())):
        return nothing | {"method": "no interval and no test: the difference is the same for every patient"}
    half = float(stdtrit(n - 1, 0.975)) * error
    p = float(2 * stdtr(n - 1, -abs(mean / error)))
    more = {"t": mean / error, "df": n - 1}
    return {"low": mean - half, "high": mean + half, "p": p, "method": "paired t test of absolute errors", **more}


def _judged(asked: Pairing, patient: NDArray[np.intp], errors: tuple[Floats, Floats]) -> Paired:
    """Errors of both and their resampled differences."""
    patients = int(patient.max()) + 1
    columns = [np.ones(patient.size), *map(np.abs, errors), *map(np.square, errors)]
    sums = np.stack([np.bincount(patient, column, patients) for column in columns], axis=1)

    def means(weight: Floats) -> Floats:
        total: Floats = weight @ sums
        return np.asarray(total[:, 1:] / total[:, :1])

    def apart(weight: Floats) -> dict[str, Floats]:
        mean = means(weight)
        return {"mae": mean[:, 0] - mean[:, 1], "rmse": np.sqrt(mean[:, 2]) - np.sqrt(mean[:, 3])}

    mine, theirs, square, other = map(float, means(np.ones((1, patients)))[0])
    replicates = _replicates(apart, patients, asked.first.resampling)
    return Paired(
        target=asked.target,
        names=asked.names,
        patients=patients,
        rows=patient.size,
        first={"mae": mine, "rmse": sqrt(square)},
        second={"mae": theirs, "rmse": sqrt(other)},
        replicates=replicates,
        why="" if replicates else f"no interval: fewer than {FEWEST} patients, or no resampling was asked for",
        said=_SAID,
    )


def _replicates(apart: Figures, patients: int, by: Resampling) -> Replicates | None:
    if patients < FEWEST or by.replicates < 1:
        return None
    everyone = np.ones((patients, 2), dtype=bool)
    rng = np.random.default_rng(by.seed)
    return bootstrap(apart, everyone, rows=patients, replicates=by.replicates, rng=rng)


def _spreads(pair: Paired, first: Floats, second: Floats) -> Comparison:
    found = pitman_morgan(first, second)
    if found is None:
        why = "fewer than three patients, or errors without spread of their own"
        return row(pair, "error_sd_ratio", value=None, method=f"not defined: {why}")
    method = "standard deviation of the first's errors over the second's (below 1: the first errs less widely);"
    return row(
        pair,
        "error_sd_ratio",
        value=found.value,
        low=found.low,
        high=found.high,
        p=found.p,
        method=f"{method} test of Pitman and Morgan 1939",
    )
