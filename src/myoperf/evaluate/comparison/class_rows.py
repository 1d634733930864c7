"""Systems that choose between several classes, pair by pair."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from myoperf.core.predictions import Predictions

from ..classes.areas import against_rest
from ..classes.folds import fold_figures
from ..classes.naming import classes_of
from ..classes.sample import ClassSample, class_samples
from ..classes.table import agreement, tables
from ..intervals import paired_difference
from ..judgement import Comparison, Part
from ..metrics import Resampling
from ..question import Question
from ..resampling import Figures, Replicates, bootstrap
from .discordance import mcnemar
from .fold_differences import fold_difference
from .matched import named_rows, shared
from .paired import Found, Paired, bare_row, difference_row, equivalence_row, row
from .pairing import Pairing
from .partners import Partners
from .systems import numbers_in

Floats = NDArray[np.float64]

_SAID = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "kappa": "Cohen's kappa",
    "auc_macro": "AUC of each class against the rest, mean",
}


def compare_classes(pairs: Sequence[Pairing], margin: float | None) -> Part:
    """Differences of every pair in accuracy, balanced accuracy, kappa and, but for a column, macro AUC.

    Every row is called the class of its highest score. A column stands for a system where it holds numbers of classes
    (a reader's calls). margin : of equivalence in macro AUC, or None.
    """
    known = {question.key: question for pair in pairs for question in (pair.first, pair.second) if question is not None}
    samples = {key: class_samples(question) for key, question in known.items()}
    folds = {key: fold_figures(sample.across) for key, sample in samples.items()}
    rows: list[Comparison] = []
    warnings: list[str] = []
    for asked in pairs:
        one = samples[asked.first.key].judged
        other = _called_by(asked.first, asked.column) if asked.second is None else samples[asked.second.key].judged
        if isinstance(other, str):
            rows.append(bare_row(asked.target, asked.names, "accuracy_difference", value=None, method=other, n=0))
            continue
        pair, partners = _matched(one, other)
        warnings += [f"{asked.target}: {text}" for text in partners.cautions(asked.names)]
        rows += _rows(asked, *pair, margin)
        if asked.second is not None:
            for name in ("accuracy", "auc_macro"):
                rows += fold_difference(asked, name, folds[asked.first.key], folds[asked.second.key])
    return Part(comparisons=tuple(rows), warnings=tuple(warnings))


def _called_by(question: Question, column: str) -> ClassSample | str:
    """The sample whose calls stand in a column, or why they do not."""
    classes, number = classes_of(question), numbers_in(question.texts(column))
    known = np.isfinite(number)
    odd = question.rows & known & ~np.isin(number, classes.numbers)
    if odd.any():
        return f"{column} holds {number[odd][0]:g}, which is the number of no class"
    scores = {
        name: np.where(known, number == place, np.nan)
        for name, place in zip(classes.columns, classes.numbers, strict=True)
    }
    columns = Predictions(columns={**question.predictions.columns, **scores})
    return class_samples(replace(question, predictions=columns)).judged


def _matched(one: ClassSample, other: ClassSample) -> tuple[tuple[ClassSample, ClassSample], Partners]:
    names = []
    for sample in (one.rows, other.rows):
        repeat = np.array([pair[0] for pair in sample.folds], dtype=np.intp)[sample.fold]
        names.append(named_rows(sample.patient_id, sample.study, repeat))
    mine, theirs = shared(*names)
    same = one.truth[mine] == other.truth[theirs]
    pair = one.take(mine[same]), other.take(theirs[same])
    partners = Partners(
        both=len(pair[0]),
        only_first=len(one) - len(mine),
        only_second=len(other) - len(mine),
        disagree=int((~same).sum()),
        alone=pair[0].alone,
    )
    return pair, partners


def _rows(asked: Pairing, one: ClassSample, other: ClassSample, margin: float | None) -> list[Comparison]:
    if not len(one):
        why = "no study is judged by both"
        return [bare_row(asked.target, asked.names, "accuracy_difference", value=None, method=why, n=0)]
    pair = _judged(asked, one, other)
    rows = [difference_row(pair, "accuracy", _by_mcnemar(one, other) if one.alone else None)]
    for name in list(pair.said)[1:]:
        why = _missing(asked, (one, other), name)
        rows.append(row(pair, f"{name}_difference", value=None, method=why) if why else difference_row(pair, name))
        if name == "auc_macro" and margin is not None and not why:
            rows.append(equivalence_row(pair, name, margin))
    return rows


def _missing(asked: Pairing, both: tuple[ClassSample, ClassSample], name: str) -> str:
    if both[0].present.sum() == 1:
        return f"one class only among the studies judged by both: {both[0].names[int(both[0].truth[0])]}"
    flat = [called for called, sample in zip(asked.names, both, strict=True) if sample.flat[sample.present].all()]
    if name == "auc_macro" and flat:
        return f"all scores of {' and of '.join(flat)} are equal: there is nothing to rank"
    return ""


def _by_mcnemar(one: ClassSample, other: ClassSample) -> Found:
    """Of the rows that each calls right, one a patient."""
    first, second = one.called == one.truth, other.called == other.truth
    both, b, c = int((first & second).sum()), int((first & ~second).sum()), int((~first & second).sum())
    test = mcnemar(b, c)
    low, high = paired_difference(both, b, c, first.size - both - b - c)
    method = f"{test.method}; interval of Newcombe 1998 (paired)"
    return {"low": low, "high": high, "p": test.p, "method": method, "discordant": [b, c]}


def _judged(asked: Pairing, one: ClassSample, other: ClassSample) -> Paired:
    """Figures of both and their resampled differences."""
    said = {name: text for name, text in _SAID.items() if name != "auc_macro" or asked.second is not None}

    def of(sample: ClassSample, weight: Floats) -> dict[str, Floats]:
        found = agreement(tables(sample.counts, len(sample.names), weight), sample.present)
        if "auc_macro" in said:
            found["auc_macro"] = against_rest(sample, weight)["auc"][:, sample.present].mean(axis=1)
        return {name: found[name] for name in said}

    def apart(weight: Floats) -> dict[str, Floats]:
        first, second = of(one, weight), of(other, weight)
        return {name: first[name] - second[name] for name in said}

    plain = np.ones((1, one.rows.patients))
    figures = [{name: float(v[0]) for name, v in of(sample, plain).items()} for sample in (one, other)]
    replicates = _replicates(apart, one, asked.first.resampling)
    return Paired(
        target=asked.target,
        names=asked.names,
        patients=one.rows.patients,
        rows=len(one),
        first=figures[0],
        second=figures[1],
        replicates=replicates,
        why="" if replicates else "no interval: no resampling was asked for, or no class has two patients",
        said=said,
    )


def _replicates(apart: Figures, sample: ClassSample, by: Resampling) -> Replicates | None:
    """Draws that hold every class with at least two patients; None where no class has two."""
    twice = np.flatnonzero(sample.patients > 1)
    if not twice.size or by.replicates < 1 or sample.rows.patients < 2:
        return None
    holds = np.zeros((sample.rows.patients, len(sample.names)), dtype=bool)
    holds[sample.rows.patient, sample.truth] = True
    rng = np.random.default_rng(by.seed)
    return bootstrap(apart, holds[:, twice], rows=len(sample), replicates=by.replicates, rng=rng)
