"""The systems that are compared: those of the table, and columns of it that stand for one."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from myoperf.core.scorecard import Threshold

from ..question import Question, samples_of
from ..sample import Sample
from ..threshold import Calls, calls_of

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class System:
    """One system's answers to one target.

    judged : its rows. calls : which of them it calls positive, by which threshold. validation : rows that may choose,
    apart from those judged; empty where there are none. across : rows whose folds are compared. fixed : a column of the
    table (a reader, a measurement), not trained in the folds.
    """

    name: str
    judged: Sample
    calls: Calls
    validation: Sample
    across: Sample
    fixed: bool = False


def system_of(question: Question) -> System:
    """The system of a question with the truth 0 or 1."""
    samples, pooled = samples_of(question), question.split == "validation"
    calls = calls_of(question.threshold, samples.judged, samples.validation, pooled=pooled)
    none = np.zeros(len(samples.validation), dtype=bool)
    return System(
        name=system_name(question),
        judged=samples.judged,
        calls=calls,
        validation=samples.validation.take(none) if pooled else samples.validation,
        across=samples.across,
    )


def system_name(question: Question) -> str:
    """Recipe and variant, as far as they are named."""
    return "/".join(part for part in question.key[:2] if part) or "system"


def column_system(system: System, column: str) -> System:
    """The column of the system's own rows in its place."""
    judged, validation = _scored(system.judged, column), _scored(system.validation, column)
    none = np.zeros(len(judged), dtype=bool)
    return System(
        name=column,
        judged=judged,
        calls=_column_calls(judged, validation),
        validation=validation,
        across=judged.take(none),
        fixed=True,
    )


def _scored(sample: Sample, column: str) -> Sample:
    """The rows that have a number in the column, scored by it."""
    score = numbers_in(sample.texts.get(column, np.full(len(sample), "")))
    known = np.isfinite(score)
    return replace(sample, score=score).take(known)


def _column_calls(judged: Sample, validation: Sample) -> Calls:
    """Two values: the higher is positive. Else by the validation rows; never by a half, for it is no probability."""
    values = np.unique(judged.score)
    if values.size == 2:
        cut = float(values.mean())
        named = Threshold(value=cut, chosen_on=f"two values only: {values[1]:g} is positive")
        return Calls(called=judged.score >= cut, threshold=named)
    if validation.both_classes:
        return calls_of(None, judged, validation, pooled=False)
    why = "no threshold: a fixed column of more than two values, and no validation rows to set one on"
    return Calls(called=None, threshold=Threshold(value=None, chosen_on=why))


def numbers_in(texts: NDArray[np.str_]) -> Floats:
    """Text as finite numbers; NaN for anything else."""
    return np.array([_number(str(text)) for text in texts], dtype=np.float64)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return float("nan")
    return value if np.isfinite(value) else float("nan")
