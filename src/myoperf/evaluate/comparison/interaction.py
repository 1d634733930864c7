"""Does a figure, or the gain of one system over another, differ between targets whose patients are not the same?

Two tracers are such targets: no patient answers both, so their figures are independent and variances add up.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from math import sqrt

import numpy as np
from scipy.special import ndtr

from ..corrected_t import nadeau_bengio
from ..delong import delong, difference
from ..folds import test_to_train
from ..intervals import Z
from ..judgement import Comparison, Part, compared
from ..question import Question, kind_of
from .equivalence import said_of, tost
from .fold_row import fold_gaps
from .matched import Matched, matched
from .multiplicity import holm_of_known
from .pair_rows import cannot_compare
from .pairing import pairings
from .systems import System, column_system, system_of

AREA, GAIN = "auc_between_targets", "auc_difference_between_targets"
Named = tuple[str, str]
_INDEPENDENT = "independent patients: variances of DeLong added, z test"
_LEAST, _FEWEST_FOLDS, _LEVEL = 1e-9, 2, 0.05


def compare_targets(questions: Sequence[Question], *, against: str | None = None, margin: float | None = None) -> Part:
    """Compare targets with truth 0 or 1 that no patient shares, system by system and pair of systems by pair.

    ``auc_between_targets``: AUC of one system in the first target minus in the second. ``auc_difference_between_
    targets``: the difference between two systems in the first target minus that in the second (the interaction); of a
    cross-validation also over its folds. Systems are matched by name. margin : a difference in AUC too small to matter;
    with it equivalence is tested. Targets that share patients give no rows, but for one that says so where few do.
    Sources: DeLong 1988; Altman and Bland 2003 (difference of two independent estimates); Nadeau and Bengio 2003.
    """
    asked: dict[str, list[Question]] = {}
    for question in questions:
        if question.part(question.split).any() and kind_of(question) == "binary":
            asked.setdefault(question.key[2], []).append(question)
    rows: list[Comparison] = []
    for targets in combinations(asked, 2):
        both = (asked[targets[0]], asked[targets[1]])
        shared, fewer = _shared(*both)
        if 0 < shared < fewer / 2:
            method = f"{shared} patients answer both targets: they are not independent"
            told = {"target": " and ".join(targets), "comparison": "all systems", "metric": AREA, "n": 0}
            rows.append(_row(told, value=None, method=method))
        if not shared:
            made = [*_areas(targets, both, margin), *_gains(targets, both, against, margin)]
            rows += _corrected(made)
    return Part(comparisons=tuple(rows))


def _shared(one: Sequence[Question], other: Sequence[Question]) -> tuple[int, int]:
    """Patients that answer both targets, and patients of the target with fewer."""
    first, second = (
        {str(who) for question in part for who in question.texts("patient_id")[question.part(question.split)]}
        for part in (one, other)
    )
    return len(first & second), min(len(first), len(second))


def _areas(targets: Named, both: tuple[Sequence[Question], ...], margin: float | None) -> Iterator[Comparison]:
    """AUC of every system in the first target minus in the second."""
    one, other = ({system.name: system for system in map(system_of, part)} for part in both)
    for name in (name for name in one if name in other):
        found = [_area(one[name]), _area(other[name])]
        n = one[name].judged.patients + other[name].judged.patients
        told = {"target": " and ".join(targets), "targets": list(targets), "comparison": name, "n": n, "system": name}
        yield from _difference({**told, "metric": AREA}, found, margin)


def _area(system: System) -> tuple[float, float] | str:
    """AUC and its standard error, or why there is none."""
    sample = system.judged
    if not len(sample) or not sample.both_classes:
        return "one class only"
    found = delong(sample.truth, sample.score, sample.patient)
    return float(found.auc[0]), float(np.sqrt(found.covariance[0, 0]))


def _gains(
    targets: Named, both: tuple[Sequence[Question], ...], against: str | None, margin: float | None
) -> Iterator[Comparison]:
    """Difference of every pair of systems in the first target minus in the second."""
    one, other = (_paired(part, against) for part in both)
    for names in (names for names in one if names in other):
        pairs = (one[names], other[names])
        n = sum(pair.sample.patients for pair in pairs)
        told = {"target": " and ".join(targets), "targets": list(targets), "n": n}
        told |= {"comparison": f"{names[0]} against {names[1]}", "first": names[0], "second": names[1]}
        yield from _difference({**told, "metric": GAIN}, [_gain(pair) for pair in pairs], margin)
        yield from _over_folds({**told, "metric": f"{GAIN}_over_folds"}, pairs)


def _paired(questions: Sequence[Question], against: str | None) -> dict[Named, Matched]:
    found = {}
    for asked in pairings(questions, against)[0]:
        first = system_of(asked.first)
        second = column_system(first, asked.column) if asked.second is None else system_of(asked.second)
        found[asked.names] = matched(first, second)
    return found


def _gain(pair: Matched) -> tuple[float, float] | str:
    why = cannot_compare(pair)
    if why:
        return why
    scores = np.stack([pair.first.judged.score, pair.second.judged.score])
    found = difference(delong(pair.sample.truth, scores, pair.sample.patient))
    return (found.value, found.error) if found is not None else "a target has fewer than two patients of a class"


def _difference(
    told: Mapping[str, object], found: Sequence[tuple[float, float] | str], margin: float | None
) -> Iterator[Comparison]:
    """First minus second of two independent estimates, each with its standard error. told : the row's other keys."""
    pairs = [one for one in found if not isinstance(one, str)]
    if len(pairs) < len(found):
        whys = [f"target {number}: {one}" for number, one in enumerate(found, start=1) if isinstance(one, str)]
        yield _row(told, value=None, method="; ".join(whys))
        return
    (first, a), (second, b) = pairs
    value, error = first - second, sqrt(a * a + b * b)
    both = {"value_first": first, "value_second": second}
    if not (np.isfinite(error) and error > _LEAST):
        yield _row(told, value=value, method="no interval and no test: there is no spread", **both)
        return
    more = {**both, "standard_error": error, "low": value - Z * error, "high": value + Z * error}
    p = float(2 * ndtr(-abs(value / error)))
    yield _row(told, value=value, p=p, method=_INDEPENDENT, z=value / error, **more)
    if margin is not None:
        test = tost(value, error, margin)
        method = "two one-sided tests (TOST), independent patients"
        equal = {**told, "metric": f"{told['metric']}_equivalence"}
        yield _row(equal, value=value, p=test.p, method=method, **more, **said_of(test, margin))


def _over_folds(told: Mapping[str, object], pairs: Sequence[Matched]) -> Iterator[Comparison]:
    """The same over the folds of a cross-validation, which hold patients of both targets."""
    gaps = [found for found in (fold_gaps(pair.first, pair.second) for pair in pairs) if not isinstance(found, str)]
    if len(gaps) < len(pairs):
        return
    apart = [gap - gaps[1].get(fold, np.nan) for fold, gap in gaps[0].items()]
    values = [gap for gap in apart if np.isfinite(gap)]
    if len(values) < _FEWEST_FOLDS:
        return
    found = nadeau_bengio(values, float(np.mean([test_to_train(pair.first.across) for pair in pairs])))
    more = {"value": found.mean, "t": found.t, "df": found.df, "values": values}
    if found.p is None:
        yield _row(told, method="no test: the difference is the same in every fold", **more)
        return
    method = f"t test over {len(values)} folds, corrected for overlap (Nadeau-Bengio)"
    yield _row(told, method=method, p=found.p, low=found.low, high=found.high, **more)


def _row(told: Mapping[str, object], **more: object) -> Comparison:
    return compared(**told, **more)  # type: ignore[arg-type]  # the callers' keys


def _corrected(rows: Sequence[Comparison]) -> Iterator[Comparison]:
    """The rows with p corrected over all of them, and what a test has shown in words."""
    p = [None if row["p"] is None else float(str(row["p"])) for row in rows]
    for row, adjusted in zip(rows, holm_of_known(p), strict=True):
        said = {} if "verdict" in row or row["p"] is None else {"verdict": _verdict(row, adjusted)}
        yield {**row, "p_holm": adjusted, **said}


def _verdict(row: Comparison, adjusted: float | None) -> str:
    if float(str(row["p"])) >= _LEVEL:
        return "a difference between the targets is not shown"
    what = "the AUC" if row["metric"] == AREA else "the gain"
    more = "also" if adjusted is not None and adjusted < _LEVEL else "but not"
    return f"{what} differs between the targets, {more} after Holm's correction"
