"""Several systems on one target: every pair of them, or all against one."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from myoperf.core.errors import RefusedError
from myoperf.core.predictions import is_number

from ..judgement import Comparison, Part
from ..question import Question, kind_of
from .fold_row import fold_row
from .matched import Matched, matched
from .multiplicity import holm
from .pair_rows import CAUTION, pair_rows
from .systems import System, column_systems, numbers_in, system_name, system_of

COMPARATOR = "comparator"
_MOST = 45


def compare_systems(questions: Sequence[Question], *, against: str | None = None, margin: float | None = None) -> Part:
    """Compare the systems that answer one target, pair by pair, on the studies that both have judged.

    questions : of one target; those whose truth is not 0 or 1 are left out. against : a system (recipe, recipe/variant,
    or variant where it is one system's) or a column of numbers in the table (a reader, a measurement; higher = more
    likely positive) that all others are compared with; None: every pair, and the column ``comparator`` where there is
    one. margin : a difference in AUC too small to matter, above 0 and below 1; with it equivalence is tested.

    A difference is first minus second. With one row a patient: DeLong's paired test, McNemar's at each system's own
    threshold; with several, the bootstrap over patients. ``p_holm`` is corrected for all tests of the target. Net
    benefit, NRI and IDI stand together and use one threshold for both. RefusedError for a margin out of range and for
    an ``against`` that the table does not hold.
    """
    if margin is not None and not 0 < margin < 1:
        do = "give a difference in AUC, such as 0.05"
        raise RefusedError("margin", rule="the margin is above 0 and below 1", came=margin, do=do)
    asked = [question for question in questions if kind_of(question) == "binary"]
    if not asked:
        return Part()
    pairs, warnings = _pairs(asked, against)
    target, first = asked[0].key[2], asked[0]
    rows: list[Comparison] = []
    for one, other in pairs:
        pair = matched(one, other)
        warnings += [f"{target}: {text}" for text in _cautions(pair)]
        rows += pair_rows(target, pair, first.threshold, margin, first.resampling)
        folds = fold_row(target, one, other)
        rows += [folds] if folds is not None else []
    rows = _corrected(rows)
    warnings += [f"{target}: {text}" for text in _loud(rows)]
    return Part(comparisons=tuple(rows), warnings=tuple(dict.fromkeys(warnings)))


def _pairs(questions: Sequence[Question], against: str | None) -> tuple[list[tuple[System, System]], list[str]]:
    systems, target = [system_of(question) for question in questions], questions[0].key[2]
    if against is not None:
        return _against(questions, systems, against)
    pairs, warnings = list(combinations(systems, 2)), []
    if len(pairs) > _MOST:
        text = f"{target}: {len(pairs)} pairs of systems; only the first {_MOST} are compared, name one to compare with"
        pairs, warnings = pairs[:_MOST], [text]
    return pairs + (column_systems(systems, COMPARATOR) if _is_column(questions[0], COMPARATOR) else []), warnings


def _against(
    questions: Sequence[Question], systems: Sequence[System], against: str
) -> tuple[list[tuple[System, System]], list[str]]:
    named = [
        system
        for system, question in zip(systems, questions, strict=True)
        if against in (system.name, *question.key[:2], question.name)
    ]
    if len(named) == 1:
        return [(system, named[0]) for system in systems if system is not named[0]], []
    if not named and _is_column(questions[0], against):
        return column_systems(systems, against), []
    if not named and against in _everywhere(questions[0]):
        return [], [f"{questions[0].key[2]}: {against} has not judged this target; nothing is compared with it"]
    raise RefusedError(
        "against",
        rule="it names one system, or a column of numbers",
        came=f"{against!r}, which fits {len(named)} systems and no such column",
        do=f"name one of {', '.join(system_name(question) for question in questions)}",
    )


def _everywhere(question: Question) -> set[str]:
    """Names of all systems in the table."""
    recipes, variants = question.texts("recipe"), question.texts("variant")
    pairs = {(str(r), str(v)) for r, v in zip(recipes, variants, strict=True)}
    return {name for r, v in pairs for name in (r, v, "/".join(part for part in (r, v) if part)) if name}


def _is_column(question: Question, name: str) -> bool:
    columns = question.predictions.columns
    core = {"recipe", "variant", "split", "patient_id", "study_id", "target"}
    if name not in columns or name in core or is_number(name):
        return False
    return bool(np.isfinite(numbers_in(question.texts(name))).any())


def _cautions(pair: Matched) -> list[str]:
    names, found = f"{pair.first.name} and {pair.second.name}", []
    if pair.only_first or pair.only_second:
        found.append(
            f"{names}: {len(pair.sample)} studies are judged by both; {pair.only_first} of {pair.first.name} and"
            f" {pair.only_second} of {pair.second.name} have no partner and are left out of their comparison"
        )
    if pair.disagree:
        found.append(f"{names}: {pair.disagree} studies have another truth in each and are left out")
    if len(pair.sample) and not pair.sample.alone:
        found.append(f"{names}: patients have several rows, so whole patients are resampled")
    if pair.second.fixed and pair.second.calls.called is None:
        found.append(f"{pair.second.name}: {pair.second.calls.threshold.chosen_on}; only its ranking is compared")
    return found


def _corrected(rows: Sequence[Comparison]) -> list[Comparison]:
    """The rows with p corrected over all of them."""
    tested = [k for k, row in enumerate(rows) if row["p"] is not None]
    adjusted = dict(zip(tested, holm([float(str(rows[k]["p"])) for k in tested]), strict=True))
    return [{**row, "p_holm": adjusted.get(k)} for k, row in enumerate(rows)]


def _loud(rows: Sequence[Comparison]) -> list[str]:
    found = []
    if any(row.get("chosen_on") == "the judged rows themselves" for row in rows):
        found.append(
            "the threshold at the comparator's specificity was set on the very rows that are judged, for want of"
            " validation rows of both; that flatters the sensitivity"
        )
    if any(row["metric"] == "nri" for row in rows):
        found.append(CAUTION)
    return found
