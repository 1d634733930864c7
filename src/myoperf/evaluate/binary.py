"""A target with two answers: judged by how well its scores tell them apart."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from myoperf.core.scorecard import Folds, TargetScore

from .calibration import calibration
from .counts import CLASSES
from .curves import pr_curves, roc_curves
from .folds import fold_figures
from .judged_tables import auc_table, kappa_table
from .judgement import Judgement
from .metrics import metrics, missing, table
from .question import Question, Samples, samples_of
from .readers import compare_readers
from .runs import run_figures
from .sample import Sample, is_cross_validation
from .subgroups import groups
from .threshold import calls_across_folds, calls_of
from .use import Use

_SMALL, _FEW = 40, 10


def judge_binary(question: Question, use: Use) -> Judgement:
    """Judge a question whose truth is 0 or 1. Figures over folds come from the validation rows, where there are any.

    Where rows name readers, the plain figures are those of the rows without one; readers are compared on their own.
    """
    readers = compare_readers(question)
    found = _without_readers(question, use) if _has_readers(question) else _plain(question, use)
    score = replace(
        found.score,
        curves={**found.score.curves, **readers.curves},
        tables={**found.score.tables, **readers.tables},
    )
    return Judgement(
        score=score,
        comparisons=(*found.comparisons, *readers.comparisons),
        warnings=(*found.warnings, *readers.warnings),
    )


def without_readers(question: Question) -> Question:
    """The question asked of the rows that no reader has made."""
    return replace(question, rows=question.rows & (question.texts("reader") == ""))


def _has_readers(question: Question) -> bool:
    return bool((question.texts("reader")[question.rows] != "").any())


def _without_readers(question: Question, use: Use) -> Judgement:
    alone = without_readers(question)
    if alone.part(alone.split).any():
        return _plain(alone, use)
    why = "every row is a reader's; readers are judged each on their own and compared"
    return Judgement(score=TargetScore(metrics=missing(why)))


def _plain(question: Question, use: Use) -> Judgement:
    samples = samples_of(question)
    if not len(samples.judged):
        why = "no patient with a truth and a score"
        score = TargetScore(metrics=missing(why), folds=_folds(samples.across, question.threshold))
        return Judgement(score=score, warnings=(*samples.warnings, f"{question.name}: {why}"))
    found = _judged(question, samples, _folds(samples.across, question.threshold), use)
    runs = run_figures(samples.across, calls_across_folds(question.threshold, samples.across).called)
    score = replace(
        found.score,
        curves={**found.score.curves, **runs.curves},
        tables={**runs.tables, **found.score.tables},
    )
    return replace(found, score=score)


def _judged(question: Question, samples: Samples, folds: dict[str, Folds], use: Use) -> Judgement:
    name, judged, given = question.name, samples.judged, question.threshold
    pooled = question.split == "validation"
    calls = calls_of(given, judged, samples.validation, pooled=pooled)
    apart = groups(name, judged, calls.called, question.resampling)
    confusion: tuple[tuple[int, ...], ...] = ()
    if calls.called is not None:
        tp, fp, fn, tn = table(judged.truth, calls.called)
        confusion = ((tn, fp), (fn, tp))
    found = metrics(judged, calls.called, calls.threshold.chosen_on, question.resampling)
    further = calibration(
        judged,
        None if pooled else samples.validation,
        question.resampling,
        name=name,
        npv=use.npv,
        prevalence=use.prevalence,
        rest_dose=use.rest_dose,
        called=calls.called,
        chosen_on=calls.threshold.chosen_on,
    )
    score = TargetScore(
        metrics={**found, **further.metrics},
        folds=folds,
        subgroups=apart.within,
        curves={**roc_curves(judged, question.resampling), **pr_curves(judged, question.resampling), **further.curves},
        confusion=confusion,
        classes=CLASSES if confusion else (),
        tables={**auc_table(judged), **kappa_table(found["kappa"].value), **further.tables},
        threshold=calls.threshold,
    )
    unset = (f"{name}: {calls.threshold.chosen_on}; give one",) if calls.called is None else ()
    warnings = (*samples.warnings, *_cautions(name, judged, pooled=pooled), *unset, *apart.warnings, *further.warnings)
    return Judgement(score=score, comparisons=(*apart.alone, *further.comparisons), warnings=warnings)


def _folds(across: Sample, threshold: float | None) -> dict[str, Folds]:
    """Figures over the folds, where there are several and no study is in two of one repeat."""
    if not is_cross_validation(across):
        return {}
    return fold_figures(across, calls_across_folds(threshold, across).called)


def _cautions(name: str, judged: Sample, *, pooled: bool) -> Sequence[str]:
    positive, negative = judged.count(judged.truth), judged.count(~judged.truth)
    found = []
    if not judged.both_classes:
        found.append(
            f"{name}: one class only ({positive} positive, {negative} negative patients); most figures are empty"
        )
    elif np.ptp(judged.score) == 0:
        found.append(f"{name}: all scores are equal; there is nothing to rank")
    elif judged.patients < _SMALL or min(positive, negative) < _FEW:
        found.append(
            f"{name}: {positive} positive and {negative} negative patients are few; intervals are wide and rough"
        )
    if pooled and len(judged.folds) > 1:
        found.append(
            f"{name}: no test part; figures are pooled over the folds of the cross-validation, which biases a small"
            " sample's AUC; the mean over folds stands beside them"
        )
    return found
