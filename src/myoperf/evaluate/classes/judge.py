"""A target with several classes: judged by how well its scores tell each from the others."""

from collections.abc import Sequence

import numpy as np

from myoperf.core.scorecard import Curve, TargetScore, Threshold

from ..curves import pr_curves, roc_curves
from ..judgement import Judgement
from ..metrics import Resampling, missing
from ..question import Question
from .figures import class_metrics, names_for
from .folds import fold_figures
from .groups import class_groups
from .prevalence import against_no_information, frequencies, unevenness
from .sample import ClassSample, class_samples
from .table import tables

_SMALL, _FEW = 40, 10


def judge_classes(question: Question) -> Judgement:
    """Judge a question whose scores stand in columns ``class_*`` and whose truth is the number of a class.

    Every row is called the class of its highest score; no threshold is used. Figures over folds come from the
    validation rows, where there are any. RefusedError: columns, names or truths that do not fit (``classes_of``).
    """
    samples = class_samples(question)
    judged, folds = samples.judged, fold_figures(samples.across)
    if not len(judged):
        why = "no patient with a class and a score of every class"
        empty = TargetScore(metrics=missing(why, names=names_for(judged.names)), kind="classes", folds=folds)
        return Judgement(score=empty, warnings=(*samples.warnings, f"{question.name}: {why}"))
    (confusion,) = tables(judged.counts, len(judged.names), np.ones((1, judged.rows.patients)))
    apart = class_groups(question.name, judged, question.resampling)
    score = TargetScore(
        metrics=class_metrics(judged, question.resampling),
        kind="classes",
        folds=folds,
        subgroups=apart.within,
        curves=_curves(judged, question.resampling),
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
        classes=judged.names,
        tables={"classes": frequencies(judged)},
        threshold=Threshold(
            value=None, chosen_on="none: the class of the highest score is called, of equals the first"
        ),
    )
    return Judgement(
        score=score,
        comparisons=(against_no_information(question.name, judged), *apart.alone),
        warnings=(*samples.warnings, *_cautions(question, judged), *unevenness(question.name, judged), *apart.warnings),
    )


def _curves(sample: ClassSample, resampling: Resampling) -> dict[str, Curve]:
    """The curves of each class that occurs against the rest: the kind of curve, the class, and the end of its band."""
    found = {}
    for name, one in zip(sample.names, sample.against_rest, strict=True):
        for key, curve in (roc_curves(one, resampling) | pr_curves(one, resampling)).items():
            kind, _, end = key.partition("_")
            found["_".join(part for part in (kind, name, end) if part)] = curve
    return found


def _rarities(name: str, sample: ClassSample) -> Sequence[str]:
    """Classes with no patient, one, or few."""
    if sample.present.sum() == 1:
        only = sample.names[int(sample.truth[0])]
        return [f"{name}: one class only, {only} (n = {sample.rows.patients}); most figures are empty"]
    counts = list(zip(sample.names, sample.patients, strict=True))
    found = [
        f"{name}: class {one} never occurs; it has no figures and is left out of the averages"
        for one, patients in counts
        if patients == 0
    ]
    found += [
        f"{name}: class {one} has ONE patient; nothing can be said of it, nor of averages that hold it"
        for one, patients in counts
        if patients == 1
    ]
    few = ", ".join(f"{one} {patients}" for one, patients in counts if 1 < patients < _FEW)
    if few:
        found.append(f"{name}: classes with fewer than {_FEW} patients ({few}); their intervals are wide and rough")
    return found


def _cautions(question: Question, sample: ClassSample) -> Sequence[str]:
    name, found = question.name, list(_rarities(question.name, sample))
    if sample.rows.patients < _SMALL:
        found.append(f"{name}: patients are few (n = {sample.rows.patients}); intervals are wide and rough")
    if sample.flat.all() and len(sample) > 1:
        found.append(f"{name}: all scores are equal; there is nothing to rank")
    never = [one for k, one in enumerate(sample.names) if sample.present[k] and not (sample.called == k).any()]
    found += [f"{name}: class {one} occurs but is never called" for one in never]
    if sample.tied:
        found.append(
            f"{name}: {sample.tied} rows share their highest score between classes; the first of them is called"
        )
    if question.threshold is not None:
        found.append(f"{name}: the threshold {question.threshold:g} is not used; the highest score decides")
    if question.split == "validation" and len(sample.rows.folds) > 1:
        found.append(
            f"{name}: no test part; figures are pooled over the folds of the cross-validation; the mean over folds"
            " stands beside them"
        )
    return found
