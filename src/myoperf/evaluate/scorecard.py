"""From anybody's predictions to a scorecard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError
from myoperf.core.predictions import Predictions
from myoperf.core.scorecard import Folds, Scorecard, TargetScore, Threshold
from myoperf.io.predictions import read_predictions

from .counts import CLASSES
from .curves import roc_curves
from .folds import fold_figures
from .metrics import Resampling, metrics, missing, table
from .published import Key, Printed, beside
from .sample import Sample, is_cross_validation, one_row_a_study, sample_of
from .subgroups import groups
from .threshold import calls_across_folds, calls_by

Bools = NDArray[np.bool_]

_SMALL, _FEW = 40, 10


@dataclass(frozen=True, kw_only=True)
class _Judgement:
    """One target judged, what its groups show, and what the reader must know."""

    score: TargetScore
    comparisons: tuple[Mapping[str, object], ...] = ()
    warnings: tuple[str, ...] = ()


def evaluate(
    predictions: Predictions | Path | str,
    *,
    published: Sequence[Printed] = (),
    title: str = "",
    threshold: float | None = None,
    seed: int = 0,
    bootstrap: int = 2000,
) -> Scorecard:
    """Judge predictions of binary targets, target by target (and recipe and variant, where there are several).

    Judged are the rows of the split "test", one score a study (that of the ensemble, repeat and fold -1, else the mean
    over models); without them, those of "validation". Figures over the folds come from the validation rows. The
    threshold is ``threshold``, else the best Youden index on the validation rows, else 0.5 on scores in 0..1.
    Intervals resample patients ``bootstrap`` times. A figure that cannot be made is None, and its method says why.
    Raises RefusedError for a table that cannot be read or has no row to judge.
    """
    given = predictions if isinstance(predictions, Predictions) else read_predictions(predictions)
    split = _judged_split(given)
    keys = _keys(given)
    resampling = Resampling(replicates=bootstrap, seed=seed)
    judged = {
        name: _judge(given, name, rows, split=split, threshold=threshold, resampling=resampling)
        for name, (_, rows) in keys.items()
    }
    scores = {name: judgement.score for name, judgement in judged.items()}
    rows = np.asarray(given["split"], dtype=np.str_) == split
    return Scorecard(
        title=title or "Evaluation",
        n_patients=len(np.unique(np.asarray(given["patient_id"])[rows])),
        n_rows=int(rows.sum()),
        split=split,
        threshold=_one_threshold(scores),
        targets=scores,
        comparisons=tuple(row for judgement in judged.values() for row in judgement.comparisons),
        published=beside(published, scores, {name: key for name, (key, _) in keys.items()}),
        warnings=_left_out(given, split) + tuple(text for judgement in judged.values() for text in judgement.warnings),
    )


def _judged_split(predictions: Predictions) -> str:
    names = sorted({str(name) for name in predictions["split"]})
    for name in ("test", "validation"):
        if name in names:
            return name
    others = [name for name in names if name != "train"]
    if len(others) != 1:
        raise RefusedError(
            "predictions",
            rule='the rows to judge have the split "test"',
            came=f"the splits {', '.join(names)}",
            do='name the part to be judged "test"',
        )
    return others[0]


def _keys(predictions: Predictions) -> dict[str, tuple[Key, Bools]]:
    """Key of the scorecard to (recipe, variant, target) and its rows, in the order in which they come."""
    columns = np.stack(
        [np.asarray(predictions[name], dtype=np.str_) for name in ("recipe", "variant", "target")], axis=1
    )
    found, first, code = np.unique(columns, axis=0, return_index=True, return_inverse=True)
    one_system = len({(row[0], row[1]) for row in found}) == 1
    short = {tuple(row): "/".join(part for part in row if part) for row in found.tolist()}
    keys: dict[str, tuple[Key, Bools]] = {}
    for index in np.argsort(first):
        recipe, variant, target = (str(part) for part in found[index])
        name = target if one_system else short[recipe, variant, target]
        keys[name] = ((recipe, variant, target), code.reshape(-1) == index)
    return keys


def _judge(
    predictions: Predictions, key: str, rows: Bools, *, split: str, threshold: float | None, resampling: Resampling
) -> _Judgement:
    truth = np.asarray(predictions["truth"], dtype=np.float64)
    score = np.asarray(predictions["score"], dtype=np.float64)
    parts = np.asarray(predictions["split"], dtype=np.str_)
    asked = rows & ((parts == split) | (parts == "validation"))
    known = asked & np.isfinite(truth) & np.isfinite(score)
    gone = int((asked & ~known).sum())
    warnings = [f"{key}: {gone} rows without a truth or a score are left out"] if gone else []
    odd = sorted({float(value) for value in truth[known] if value not in (0.0, 1.0)})
    if odd:
        why = f"truth holds {odd[0]:g}; only targets with the truth 0 or 1 are judged"
        return _Judgement(score=TargetScore(metrics=missing(why)), warnings=(*warnings, f"{key}: {why}"))
    judged, validation = (sample_of(predictions, known & (parts == part)) for part in (split, "validation"))
    across = validation if len(validation) else judged
    if split != "validation":
        judged, done = one_row_a_study(judged)
        warnings += [f"{key}: {done}"] if done else []
        warnings += _on_both_sides(predictions, key, known, parts, split)
    verdict = _figures(key, judged, None if split == "validation" else validation, threshold, resampling)
    whole = replace(verdict.score, folds=_folds(across, threshold))
    return replace(verdict, score=whole, warnings=(*warnings, *verdict.warnings))


def _figures(
    key: str, judged: Sample, validation: Sample | None, threshold: float | None, resampling: Resampling
) -> _Judgement:
    """Judge one clean sample. validation : None where the judged rows are themselves the validation part."""
    if not len(judged):
        why = "no patient with a truth and a score"
        return _Judgement(score=TargetScore(metrics=missing(why)), warnings=(f"{key}: {why}",))
    pooled = validation is None
    calls = calls_across_folds(threshold, judged) if pooled else calls_by(threshold, judged, validation)
    apart = groups(key, judged, calls.called, resampling)
    confusion: tuple[tuple[int, ...], ...] = ()
    if calls.called is not None:
        tp, fp, fn, tn = table(judged.truth, calls.called)
        confusion = ((tn, fp), (fn, tp))
    score = TargetScore(
        metrics=metrics(judged, calls.called, calls.threshold.chosen_on, resampling),
        subgroups=apart.within,
        curves=roc_curves(judged, resampling),
        confusion=confusion,
        classes=CLASSES if confusion else (),
        threshold=calls.threshold,
    )
    unset = (f"{key}: {calls.threshold.chosen_on}; give one",) if calls.called is None else ()
    warnings = (*_cautions(key, judged, pooled=pooled), *unset, *apart.warnings)
    return _Judgement(score=score, comparisons=apart.alone, warnings=warnings)


def _folds(across: Sample, threshold: float | None) -> dict[str, Folds]:
    """Figures over the folds, where there are several and no study is in two of one repeat."""
    if not is_cross_validation(across):
        return {}
    return fold_figures(across, calls_across_folds(threshold, across).called)


def _cautions(key: str, judged: Sample, *, pooled: bool) -> list[str]:
    positive, negative = judged.count(judged.truth), judged.count(~judged.truth)
    found = []
    if not judged.both_classes:
        found.append(
            f"{key}: one class only ({positive} positive, {negative} negative patients); most figures are empty"
        )
    elif np.ptp(judged.score) == 0:
        found.append(f"{key}: all scores are equal; there is nothing to rank")
    elif judged.patients < _SMALL or min(positive, negative) < _FEW:
        found.append(
            f"{key}: {positive} positive and {negative} negative patients are few; intervals are wide and rough"
        )
    if pooled and len(judged.folds) > 1:
        found.append(
            f"{key}: no test part; figures are pooled over the folds of the cross-validation, which biases a small"
            " sample's AUC; the mean over folds stands beside them"
        )
    return found


def _on_both_sides(predictions: Predictions, key: str, known: Bools, parts: NDArray[np.str_], split: str) -> list[str]:
    patients = np.asarray(predictions["patient_id"], dtype=np.str_)
    both = np.intersect1d(patients[known & (parts == split)], patients[known & (parts == "validation")])
    if not both.size:
        return []
    return [
        f"{key}: {both.size} patients are in the validation and the {split} part; its figures are not to be trusted"
    ]


def _left_out(predictions: Predictions, split: str) -> tuple[str, ...]:
    parts = np.asarray(predictions["split"], dtype=np.str_)
    others = sorted({str(part) for part in parts} - {split, "validation"})
    return tuple(f"{int((parts == name).sum())} rows of the split {name!r} are not judged" for name in others)


def _one_threshold(scores: Mapping[str, TargetScore]) -> Threshold:
    found = {score.threshold for score in scores.values() if score.threshold is not None}
    if len(found) == 1:
        return found.pop()
    if not found:
        return Threshold(value=None, chosen_on="none: nothing could be judged")
    return Threshold(value=None, chosen_on="every target has its own")
