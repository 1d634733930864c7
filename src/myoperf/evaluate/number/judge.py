"""Judge predictions of a value: bias, limits of agreement, errors, correlations, each with its interval."""

import numpy as np

from myoperf.core.scorecard import Curve, Metric, Table, TargetScore

from ..judgement import Judgement
from ..metrics import missing
from ..question import Question
from .figures import NAMES
from .folds import fold_figures
from .groups import number_groups
from .metrics import number_metrics
from .pairs import Pairs, pairs_of

_FEW = 20


def judge_number(question: Question) -> Judgement:
    """Judge a question whose truth is a value. Differences are predicted minus true, in the unit of the target.

    With one row a patient, bias, limits and slope have t intervals, Pearson's r Fisher's, the ICC those of McGraw and
    Wong; everything else, and everything where patients have several rows, the bootstrap over patients; the limits
    allow for variance within patients then (Bland and Altman 2007). Figures over folds come from the validation rows,
    where there are any. Curve ``bland_altman``: x mean, y difference.
    """
    pairs, folds = pairs_of(question), fold_figures(question)
    if not len(pairs):
        why = "no patient with a truth and a score"
        score = TargetScore(metrics=missing(why, names=NAMES), kind="number", folds=folds)
        return Judgement(score=score, warnings=(*pairs.warnings, f"{question.name}: {why}"))
    found, apart = number_metrics(pairs, question.resampling), number_groups(question, pairs)
    middle, gap = (pairs.score + pairs.truth) / 2, pairs.score - pairs.truth
    score = TargetScore(
        metrics=found,
        kind="number",
        folds=folds,
        subgroups=apart.within,
        curves={"bland_altman": Curve(x=tuple(map(float, middle)), y=tuple(map(float, gap)))},
        tables={"bland_altman": _lines(found)},
    )
    return Judgement(score=score, warnings=(*pairs.warnings, *_cautions(question, pairs), *apart.warnings))


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
        found.append(
            f"{name}: no test part; figures are pooled over the folds of the cross-validation; the mean over"
            " folds stands beside them where there are several"
        )
    return found
