"""Everything that a table with readers tells about them."""

from collections.abc import Sequence
from itertools import combinations

from myoperf.core.scorecard import Curve, Table, Threshold
from myoperf.evaluate.judgement import Comparison, Part, compared
from myoperf.evaluate.question import Question

from .agreement_table import agreement_table
from .cut import cut_of
from .each_reader import change_table, reader_table
from .mean_curve import mean_roc
from .ratings import Ratings, complete, ratings_of
from .study import study
from .system import system_against_readers

_FEW = 4


def compare_readers(question: Question) -> Part:
    """Compare conditions over readers, readers with each other, and systems (rows without a reader) with readers.

    Nothing where no row names a reader. Readers and cases are random (Obuchowski and Rockette 1995, Hillis 2007); one
    reader is analysed as fixed, and said so. A study that is not fully crossed is refused with the missing ratings
    named, unless leaving out a few of them is enough; then that is said. Cases vary by patient.
    """
    ratings, against = ratings_of(question)
    named = tuple(f"{question.name}: {text}" for text in against)
    if ratings is None:
        return Part(warnings=named)
    cut = cut_of(question, ratings.score)
    full, gaps = complete(ratings)
    parts = [_crossed(question.name, full, cut, gaps) if full else _refused(question.name, ratings, gaps)]
    parts.append(_systems(question, ratings, cut))
    tables: dict[str, Table] = {"readers": reader_table(ratings, cut)}
    if len(ratings.conditions) > 1:
        tables["reader_changes"] = change_table(ratings, cut)
    agreement = agreement_table(ratings, cut, question.resampling)
    if agreement is not None:
        tables["reader_agreement"] = agreement
    for part in parts:
        tables |= part.tables
    return Part(
        curves=_curves(full or ratings),
        tables=tables,
        comparisons=tuple(row for part in parts for row in part.comparisons),
        warnings=(
            *named,
            *_cautions(question.name, full or ratings, cut),
            *(w for part in parts for w in part.warnings),
        ),
    )


def _crossed(target: str, full: Ratings, cut: Threshold, gaps: str) -> Part:
    found = study(target, full, cut.value, remark=f"; {gaps}" if gaps else "")
    warnings = [f"{target}: {gaps}"] if gaps else []
    if full.truth.all() or not full.truth.any():
        positive = int(full.truth.sum())
        why = f"one class only: {positive} positive, {len(full.cases) - positive} negative cases; readers have no AUC"
        rows = _empty(target, full, why)
        return Part(
            comparisons=(*rows, *found.comparisons), tables=found.tables, warnings=(*warnings, f"{target}: {why}")
        )
    return Part(comparisons=found.comparisons, tables=found.tables, warnings=tuple(warnings))


def _refused(target: str, ratings: Ratings, gaps: str) -> Part:
    return Part(comparisons=_empty(target, ratings, f"refused: {gaps}"), warnings=(f"{target}: {gaps}",))


def _empty(target: str, ratings: Ratings, why: str) -> tuple[Comparison, ...]:
    return tuple(
        compared(target=target, comparison=f"{a} - {b}", metric="auc", value=None, method=why, n=ratings.patients)
        for a, b in combinations(ratings.conditions, 2)
    )


def _systems(question: Question, ratings: Ratings, cut: Threshold) -> Part:
    systems, against = ratings_of(question, systems=True)
    if systems is None:
        return Part(warnings=tuple(f"{question.name}: {text}" for text in against))
    system_cut = cut_of(question, systems.score, systems=True)
    return system_against_readers(question.name, systems, ratings, system_cut.value, cut.value)


def _curves(ratings: Ratings) -> dict[str, Curve]:
    found: dict[str, Curve] = {}
    for c, condition in enumerate(ratings.conditions):
        part, _ = complete(ratings.of(c))
        curve = mean_roc(part.score[0], part.truth) if part is not None else None
        if curve is not None:
            found[f"roc_readers/{condition}"] = curve
    return found


def _cautions(target: str, ratings: Ratings, cut: Threshold) -> Sequence[str]:
    readers, found = len(ratings.readers), []
    if readers == 1:
        found.append(f"{target}: one reader; differences hold for this reader only, not for readers")
    elif readers < _FEW:
        found.append(
            f"{target}: {readers} readers are few to speak for others; intervals over readers are wide and rough"
        )
    if cut.value is None:
        found.append(f"{target}: readers have no sensitivity and specificity: {cut.chosen_on}; give a cut")
    return found
