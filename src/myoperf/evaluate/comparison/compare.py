"""Several systems on one target: every pair of them, or all against one."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from myoperf.core.errors import RefusedError

from ..judgement import Comparison, Part
from ..question import Question, kind_of
from .binary_rows import compare_binary
from .class_rows import compare_classes
from .multiplicity import holm_of_known
from .number_rows import compare_numbers
from .pairing import Pairing, pairings
from .survival_rows import compare_survival

_WAYS: Mapping[str, Callable[[Sequence[Pairing], float | None], Part]] = MappingProxyType(
    {"binary": compare_binary, "survival": compare_survival, "classes": compare_classes, "number": compare_numbers}
)


def compare_systems(questions: Sequence[Question], *, against: str | None = None, margin: float | None = None) -> Part:
    """Compare the systems that answer one target, pair by pair, on the studies that both have judged.

    questions : of one target; those of which nobody knows what they ask (``kind_of``) are left out. against : a system
    (recipe, recipe/variant, or variant where it is one system's) or a column of numbers in the table (a reader, a
    measurement; higher = more likely positive, more at risk, or the value or class itself) that all others are compared
    with; None: every pair, and the column ``comparator`` where there is one. margin : a difference in AUC (or C) too
    small to matter, above 0 and below 1; with it equivalence is tested.

    A difference is first minus second. Truth 0 or 1: with one row a patient DeLong's paired test, McNemar's at each
    system's own threshold; with several, the bootstrap over patients. Net benefit, NRI and IDI stand together and use
    one threshold for both. Survival: C, dynamic AUC and Brier score, by drawing patients. Classes: McNemar's test of
    accuracy; balanced accuracy, kappa and macro AUC by drawing patients. Values: paired t test of absolute errors.
    ``p_holm`` is corrected for all tests of the target. RefusedError for a margin out of range and for an ``against``
    that the table does not hold.
    """
    if margin is not None and not 0 < margin < 1:
        do = "give a difference in AUC, such as 0.05"
        raise RefusedError("margin", rule="the margin is above 0 and below 1", came=margin, do=do)
    rows: list[Comparison] = []
    warnings: list[str] = []
    kinds = _by_kind(questions)
    for kind, asked in kinds.items():
        pairs, said = pairings(asked, against)
        part = _WAYS[kind](pairs, margin)
        rows += part.comparisons
        warnings += [*said, *part.warnings]
    if len(kinds) > 1:
        target = questions[0].key[2]
        warnings.append(f"{target}: its systems were asked different things ({', '.join(kinds)}); each kind on its own")
    return Part(comparisons=tuple(_corrected(rows)), warnings=tuple(dict.fromkeys(warnings)))


def _by_kind(questions: Sequence[Question]) -> dict[str, list[Question]]:
    """The questions that can be compared, by what they ask; one without a row to judge asks what the others do."""
    asked = [(question, kind_of(question)) for question in questions]
    first = next((kind for question, kind in asked if question.part(question.split).any()), "binary")
    found: dict[str, list[Question]] = {}
    for question, kind in asked:
        real = kind if question.part(question.split).any() else first
        if real in _WAYS:
            found.setdefault(real, []).append(question)
    return found


def _corrected(rows: Sequence[Comparison]) -> list[Comparison]:
    """The rows with p corrected over all of them, and what a test of two AUCs has shown in words."""
    p = [None if row["p"] is None else float(str(row["p"])) for row in rows]
    pairs = zip(rows, holm_of_known(p), strict=True)
    return [{**row, "p_holm": adjusted, **_verdict(row, adjusted)} for row, adjusted in pairs]


def _verdict(row: Comparison, adjusted: float | None) -> dict[str, str]:
    """Nothing for other figures; a large p never says that two are equal."""
    if row["metric"] not in ("auc_difference", "auc_difference_over_folds") or row["p"] is None or "first" not in row:
        return {}
    if float(str(row["p"])) >= 0.05:
        return {"verdict": "a difference is not shown"}
    better = row["first"] if float(str(row["value"])) > 0 else row["second"]
    more = "also" if adjusted is not None and adjusted < 0.05 else "but not"
    return {"verdict": f"{better} ranks better, {more} after Holm's correction"}
