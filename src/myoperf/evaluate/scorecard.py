"""From anybody's predictions to a scorecard."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError
from myoperf.core.predictions import Predictions
from myoperf.core.scorecard import Scorecard, TargetScore, Threshold
from myoperf.io.predictions import read_predictions

from .binary import judge_binary, without_readers
from .checklists import Facts, checklists
from .classes import judge_classes
from .comparison import compare_systems, compare_targets
from .judgement import Judgement, Part
from .metrics import Resampling, missing
from .number import judge_number
from .opened import Looked, looked_at
from .published import Printed, beside
from .question import Key, Question, kind_of
from .survival import judge_survival
from .table_faults import table_faults, with_parts
from .use import Use
from .vessels import vessel_questions

Bools = NDArray[np.bool_]


def evaluate(
    predictions: Predictions | Path | str,
    *,
    published: Sequence[Printed] = (),
    title: str = "",
    threshold: float | None = None,
    use: Use | None = None,
    facts: Facts | None = None,
    seed: int = 0,
    bootstrap: int = 2000,
) -> Scorecard:
    """Judge predictions, target by target (and recipe and variant, where there are several).

    A target is judged by what its rows hold: survival (``event`` and ``time_days``), several classes (``class_*``), two
    answers (truth 0 or 1), or a value. Targets asked vessel by vessel are judged together as well, and systems that
    answer the same target are compared.

    Judged are the rows of the split "test", one score a study (that of the ensemble, repeat and fold -1, else the mean
    over models); without them, those of "validation". Figures over the folds come from the validation rows. The
    threshold is ``threshold``, else the best Youden index on the validation rows, else 0.5 on scores in 0..1.
    Intervals resample patients ``bootstrap`` times. A figure that cannot be made is None, and its method says why.
    use : how the scores are meant to be used. facts : how they came about, for the checklists.
    Raises RefusedError for a table that cannot be read or has no row to judge, and for a threshold that is not finite.
    """
    _check(threshold)
    given, folded = with_parts(predictions if isinstance(predictions, Predictions) else read_predictions(predictions))
    looked = Looked() if isinstance(predictions, Predictions) else looked_at(Path(predictions))
    known, split = facts or Facts(opened=looked.times), _judged_split(given)
    asked = _asked(given, split, threshold, Resampling(replicates=bootstrap, seed=seed))
    regions = vessel_questions(asked)
    card = _judged(given, [*asked, *regions.questions], use or Use(), split)
    keys = {question.name: question.key for question in (*asked, *regions.questions)}
    faults = (*_by_image(given, facts), *folded, *table_faults(given, split))
    first = (*faults, *looked.said, *_left_out(given, split), *regions.warnings)
    card = replace(
        card,
        title=title or "Evaluation",
        published=beside(published, card.targets, keys),
        warnings=(*first, *card.warnings),
        test_opened=known.opened,
    )
    return replace(card, checklists=checklists(card, known))


def _asked(
    predictions: Predictions, split: str, threshold: float | None, resampling: Resampling
) -> tuple[Question, ...]:
    return tuple(
        Question(
            name=name,
            key=key,
            predictions=predictions,
            rows=rows,
            split=split,
            threshold=threshold,
            resampling=resampling,
        )
        for name, (key, rows) in _keys(predictions).items()
    )


def _judged(predictions: Predictions, questions: Sequence[Question], use: Use, split: str) -> Scorecard:
    """Every question by itself, and those of one target side by side."""
    judged = {question.name: _judge(question, use) for question in questions}
    between = _compared(questions, use)
    scores = {name: judgement.score for name, judgement in judged.items()}
    told: list[Judgement | Part] = [*judged.values(), between]
    rows = np.asarray(predictions["split"], dtype=np.str_) == split
    return Scorecard(
        title="",
        n_patients=len(np.unique(np.asarray(predictions["patient_id"])[rows])),
        n_rows=int(rows.sum()),
        split=split,
        threshold=_one_threshold(scores),
        targets=scores,
        comparisons=tuple(row for part in told for row in part.comparisons),
        warnings=tuple(text for part in told for text in part.warnings),
    )


def _check(threshold: float | None) -> None:
    if threshold is not None and not np.isfinite(threshold):
        do = "give a score, or leave it out"
        raise RefusedError("threshold", rule="a threshold is a finite number", came=threshold, do=do)


def _judge(question: Question, use: Use) -> Judgement:
    """Judge one question in the way of its kind."""
    match kind_of(question):
        case "survival":
            return judge_survival(question)
        case "classes":
            return judge_classes(question)
        case "number":
            return judge_number(question)
        case "unclear":
            return _unclear(question)
        case _:
            return judge_binary(question, use)


def _unclear(question: Question) -> Judgement:
    truth = question.numbers("truth")[question.part(question.split)]
    values = np.unique(truth[np.isfinite(truth)])
    odd = values[~np.isin(values, (0.0, 1.0))][0]
    why = f"truth holds {odd:g}, a class it seems, and there is no score of each class in columns class_*"
    if len(values) == 2:
        why = f"truth holds {values[0]:g} and {values[1]:g}; two answers are written 0 and 1"
    return Judgement(score=TargetScore(metrics=missing(why)), warnings=(f"{question.name}: {why}",))


def _compared(questions: Sequence[Question], use: Use) -> Part:
    """Systems that answer the same target side by side, and targets of different patients."""
    targets = dict.fromkeys(question.key[2] for question in questions)
    parts = [
        compare_systems(
            [without_readers(question) for question in questions if question.key[2] == target],
            against=use.against,
            margin=use.margin,
        )
        for target in targets
    ]
    parts.append(compare_targets([without_readers(q) for q in questions], against=use.against, margin=use.margin))
    return Part(
        comparisons=tuple(row for part in parts for row in part.comparisons),
        warnings=tuple(text for part in parts for text in part.warnings),
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
        while name in keys:  # "a/b" of one recipe and variant b of another read alike
            name = f"{name} (again)"
        keys[name] = ((recipe, variant, target), code.reshape(-1) == index)
    return keys


def _by_image(predictions: Predictions, facts: Facts | None) -> tuple[str, ...]:
    """The loud warning of a split by image, unless the run that made it has said so itself."""
    if facts is not None or "unit" not in predictions.columns or "image" not in set(predictions["unit"].tolist()):
        return ()
    return ("SPLIT BY IMAGE: patients stand on both sides; the figures are not those of new patients",)


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
