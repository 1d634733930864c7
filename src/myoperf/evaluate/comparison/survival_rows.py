"""Systems that foretell times to an event, pair by pair."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..judgement import Comparison, Part
from ..metrics import Resampling
from ..resampling import Figures, Replicates, bootstrap
from ..survival.cohort import Cohorts, cohorts_of, days
from ..survival.figures import Prepared, figures, prepared
from ..survival.folds import fold_figures
from ..survival.reasons import unranked, why_missing
from .fold_differences import fold_difference
from .followed import Followed, followed
from .paired import Paired, bare_row, difference_row, equivalence_row, row
from .pairing import Pairing

Floats = NDArray[np.float64]

RANKS = ("c_index", "uno_c", "dynamic_auc")
_CELLS, _FEWEST = 10_000_000, 500


def compare_survival(pairs: Sequence[Pairing], margin: float | None) -> Part:
    """Differences of every pair in ``RANKS`` and, where both foretell probabilities, in Brier scores.

    Ranks: above 0 the first is better; Brier scores: below 0. Patients are drawn with all that belongs to them, the
    same ones for both systems (Efron 1987). Both are judged by one estimate of censoring. margin : of equivalence in
    Harrell's C, or None.
    """
    known = {question.key: question for pair in pairs for question in (pair.first, pair.second) if question is not None}
    cohorts = {key: cohorts_of(question) for key, question in known.items()}
    folds = {key: fold_figures(question) for key, question in known.items()}
    rows: list[Comparison] = []
    warnings: list[str] = []
    for asked in pairs:
        pair = followed((asked.first, cohorts[asked.first.key]), (asked.other, _second(asked, cohorts)))
        said = [*pair.partners.cautions(asked.names, "event or time"), *_headed(asked, pair.said)]
        warnings += [f"{asked.target}: {text}" for text in said]
        rows += _rows(asked, pair, margin)
        if asked.second is not None:
            rows += fold_difference(asked, "c_index", folds[asked.first.key], folds[asked.second.key])
    return Part(comparisons=tuple(rows), warnings=tuple(warnings))


def _second(asked: Pairing, cohorts: Mapping[tuple[str, str, str], Cohorts]) -> Cohorts:
    """The second's cohorts; a column is followed as the first's rows are."""
    if asked.second is not None:
        return cohorts[asked.second.key]
    return replace(cohorts_of(asked.other), train=cohorts[asked.first.key].train)


def _headed(asked: Pairing, said: Sequence[str]) -> list[str]:
    return [f"{' and '.join(asked.names)}: {text}" for text in said]


def _rows(asked: Pairing, pair: Followed, margin: float | None) -> list[Comparison]:
    why = _cannot(pair)
    if why:
        there = {"n": pair.first.patients, "n_rows": len(pair.first)}
        return [bare_row(asked.target, asked.names, "c_index_difference", value=None, method=why, **there)]
    both = [replace(prepared(cohort, pair.train), lines=()) for cohort in (pair.first, pair.second)]
    judged = _judged(asked, both[0], both[1])
    rows = []
    for name in judged.said:
        reasons = _missing(asked.names, both, judged, name)
        empty = row(judged, f"{name}_difference", value=None, method=reasons)
        rows.append(empty if reasons else difference_row(judged, name))
        if name == "c_index" and margin is not None and not reasons:
            rows.append(equivalence_row(judged, name, margin))
    return rows


def _cannot(pair: Followed) -> str:
    """Why nothing can be compared; empty where it can."""
    if not len(pair.first):
        return "no study is judged by both"
    if not pair.first.hit.any():
        return f"no event among the {pair.first.patients} patients judged by both"
    return ""


def _judged(asked: Pairing, one: Prepared, other: Prepared) -> Paired:
    """Figures of both and their resampled differences."""
    said = {**_ranks(one), **_briers(one)}

    def apart(weight: Floats) -> dict[str, Floats]:
        first, second = figures(one, weight), figures(other, weight)
        return {name: first[name] - second[name] for name in said if name in first and name in second}

    plain = np.ones((1, one.cohort.patients))
    found = [{name: float(v[0]) for name, v in figures(ready, plain).items()} for ready in (one, other)]
    replicates, why = _replicates(apart, one, asked.first.resampling)
    return Paired(
        target=asked.target,
        names=asked.names,
        patients=one.cohort.patients,
        rows=len(one.cohort),
        first={name: found[0].get(name, float("nan")) for name in said},
        second={name: found[1].get(name, float("nan")) for name in said},
        replicates=replicates,
        why=why,
        said=said,
    )


def _ranks(ready: Prepared) -> dict[str, str]:
    which = ready.cohort.marker_said
    return {
        "c_index": f"Harrell's C{which}",
        "uno_c": f"Uno's C, {ready.by_cause.said}{which}",
        "dynamic_auc": f"cumulative/dynamic AUC, {ready.by_any.said}",
    }


def _briers(ready: Prepared) -> dict[str, str]:
    """Brier scores that the horizons allow: at the last, and over all where there are several."""
    times = ready.cohort.horizons
    if not times:
        return {}
    last = {f"brier_{days(times[-1])}": f"Brier score at {days(times[-1])} days (below 0: the first is better)"}
    over = {"integrated_brier": f"Brier score over {len(times)} horizons (below 0: the first is better)"}
    return last | (over if len(times) > 1 else {})


def _missing(names: tuple[str, str], both: Sequence[Prepared], judged: Paired, name: str) -> str:
    """Why either has no such figure; empty where both have."""
    found = []
    for called, ready, values in zip(names, both, (judged.first, judged.second), strict=True):
        score = ready.cohort.score[np.isfinite(ready.cohort.score)]
        if "brier" in name and np.isin(score, (0.0, 1.0)).all():
            found.append(f"{called}: every score is 0 or 1: calls, no probabilities")
        elif not np.isfinite(values[name]) or (name in RANKS and unranked(ready, name)):
            found.append(f"{called}: {why_missing(ready, name)}")
    return "; ".join(found)


def _replicates(apart: Figures, ready: Prepared, by: Resampling) -> tuple[Replicates | None, str]:
    """Draws that hold an event; less often than asked (500 times at least) where they would pass 10 million rows."""
    cohort = ready.cohort
    hits = len(np.unique(cohort.patient[cohort.hit]))
    if by.replicates < 1:
        return None, "no interval: none was asked for"
    if hits < 2:
        return None, "no interval: resampling needs two patients with the event"
    classes = np.zeros((cohort.patients, 2), dtype=bool)
    classes[cohort.patient, cohort.hit.astype(np.intp)] = True
    classes |= ~classes.any(axis=0)
    times = min(by.replicates, max(_FEWEST, _CELLS // len(cohort)))
    rng = np.random.default_rng(by.seed)
    return bootstrap(apart, classes, rows=len(cohort), replicates=times, rng=rng), ""
