"""Systems whose truth is 0 or 1, pair by pair."""

from collections.abc import Iterator, Sequence

from ..judgement import Comparison, Part
from .fold_row import fold_row
from .matched import Matched, matched
from .pair_rows import CAUTION, pair_rows
from .pairing import Pairing
from .partners import Partners
from .systems import column_system, system_of


def compare_binary(pairs: Sequence[Pairing], margin: float | None) -> Part:
    """Rows of every pair. margin : of equivalence in AUC, or None."""
    known = {question.key: question for pair in pairs for question in (pair.first, pair.second) if question is not None}
    systems = {key: system_of(question) for key, question in known.items()}
    rows: list[Comparison] = []
    warnings: list[str] = []
    for asked in pairs:
        one = systems[asked.first.key]
        other = column_system(one, asked.column) if asked.second is None else systems[asked.second.key]
        pair = matched(one, other)
        warnings += [f"{asked.target}: {text}" for text in _cautions(pair)]
        rows += pair_rows(asked.target, pair, asked.first.threshold, margin, asked.first.resampling)
        folds = fold_row(asked.target, one, other)
        rows += [folds] if folds is not None else []
    target = pairs[0].target if pairs else ""
    return Part(comparisons=tuple(rows), warnings=(*warnings, *(f"{target}: {text}" for text in _loud(rows))))


def _cautions(pair: Matched) -> Iterator[str]:
    partners = Partners(
        both=len(pair.sample),
        only_first=pair.only_first,
        only_second=pair.only_second,
        disagree=pair.disagree,
        alone=pair.sample.alone,
    )
    yield from partners.cautions((pair.first.name, pair.second.name))
    if pair.second.fixed and pair.second.calls.called is None:
        yield f"{pair.second.name}: {pair.second.calls.threshold.chosen_on}; only its ranking is compared"


def _loud(rows: Sequence[Comparison]) -> Iterator[str]:
    if any(row.get("chosen_on") == "the judged rows themselves" for row in rows):
        yield (
            "the threshold at the comparator's specificity was set on the very rows that are judged, for want of"
            " validation rows of both; that flatters the sensitivity"
        )
    if any(row["metric"] == "nri" for row in rows):
        yield CAUTION
