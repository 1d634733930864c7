"""Agreement between readers within each condition, with intervals over patients."""

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Table, Threshold
from myoperf.evaluate.metrics import Resampling
from myoperf.evaluate.resampling import bootstrap, interval

from .kappa import FLEISS, MEAN, kappas, said_of
from .ratings import Ratings, complete

Row = tuple[str | float | None, ...]

_LEVELS = 10


def agreement_table(ratings: Ratings, cut: Threshold, resampling: Resampling) -> Table | None:
    """Kappas of the calls at the cut, and of the ratings where these have few levels; None with one reader.

    Within a condition the cases that all its readers rated count. Single pairs are named up to ten readers.
    """
    rows: list[Row] = []
    for c, condition in enumerate(ratings.conditions):
        part, _ = complete(ratings.of(c))
        if part is None or len(part.readers) < 2:
            continue
        score = part.score[0]
        if cut.value is not None:
            rows += _rows(condition, "calls", part, (score >= cut.value).astype(np.intp), resampling)
        levels, code = np.unique(score, return_inverse=True)
        if 2 < len(levels) <= _LEVELS:
            rows += _rows(condition, f"ratings ({len(levels)} levels)", part, code.reshape(score.shape), resampling)
    if not rows:
        return None
    note = "kappa, unweighted: -1..1, 0 is chance; 95 % bootstrap intervals over patients (BCa)"
    return Table(
        columns=("condition", "of", "readers", "kappa", "low", "high", "cases", "remark"), rows=tuple(rows), note=note
    )


def _rows(condition: str, what: str, part: Ratings, code: NDArray[np.intp], resampling: Resampling) -> list[Row]:
    said, cases, patients = said_of(code), len(part.cases), part.patients
    value = {name: float(one[0]) for name, one in kappas(said, np.ones((1, cases))).items()}
    drawn = patients > 1 and resampling.replicates > 0
    replicates = (
        bootstrap(
            lambda weight: kappas(said, weight[:, part.patient]),
            np.ones((patients, 2), dtype=bool),
            rows=max(cases, len(part.readers) ** 2),
            replicates=resampling.replicates,
            rng=np.random.default_rng(resampling.seed),
        )
        if drawn
        else None
    )
    found: list[Row] = []
    for name, kappa in value.items():
        label = name if name in (FLEISS, MEAN) else " and ".join(part.readers[int(k)] for k in name.split(", "))
        if not np.isfinite(kappa):
            found.append((condition, what, label, None, None, None, float(cases), "all say the same: no kappa"))
            continue
        pair = (
            interval(kappa, replicates.values[name], replicates.left_out[name], replicates.patients)
            if replicates
            else None
        )
        low, high = pair or (None, None)
        remark = "" if pair else "no interval: replicates are missing, all equal or mostly undefined"
        found.append((condition, what, label, kappa, low, high, float(cases), remark))
    return found
