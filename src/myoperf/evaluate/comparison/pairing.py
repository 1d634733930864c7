"""Which systems of a target are compared with which."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from myoperf.core.errors import RefusedError
from myoperf.core.predictions import Predictions, is_number

from ..question import Question
from .systems import numbers_in, system_name

COMPARATOR = "comparator"
_MOST = 45


@dataclass(frozen=True, kw_only=True)
class Pairing:
    """Two systems that answer one target. second : None where a column of the first's rows stands for it."""

    first: Question
    second: Question | None
    column: str = ""

    @property
    def names(self) -> tuple[str, str]:
        """Names of both."""
        return system_name(self.first), self.column if self.second is None else system_name(self.second)

    @property
    def other(self) -> Question:
        """The second as a question; a column is asked for on the first's rows that have a number in it."""
        return scored_by(self.first, self.column) if self.second is None else self.second

    @property
    def target(self) -> str:
        """The target that both answer."""
        return self.first.key[2]


def scored_by(question: Question, column: str) -> Question:
    """The question with a column of the table in the place of its scores."""
    score = numbers_in(question.texts(column))
    columns = {**question.predictions.columns, "score": score}
    return replace(
        question,
        key=("", column, question.key[2]),
        predictions=Predictions(columns=columns),
        rows=question.rows & np.isfinite(score),
    )


def pairings(questions: Sequence[Question], against: str | None) -> tuple[list[Pairing], list[str]]:
    """Every pair, or all against one, as ``compare_systems`` says; and what must be said of pairs left out."""
    if against is not None:
        return _against(questions, against)
    pairs, warnings = [Pairing(first=one, second=other) for one, other in combinations(questions, 2)], []
    if len(pairs) > _MOST:
        target = questions[0].key[2]
        text = f"{target}: {len(pairs)} pairs of systems; only the first {_MOST} are compared, name one to compare with"
        pairs, warnings = pairs[:_MOST], [text]
    return pairs + (_with_column(questions, COMPARATOR) if _is_column(questions[0], COMPARATOR) else []), warnings


def _against(questions: Sequence[Question], against: str) -> tuple[list[Pairing], list[str]]:
    named = [question for question in questions if against in (system_name(question), *question.key[:2], question.name)]
    if len(named) == 1:
        return [Pairing(first=one, second=named[0]) for one in questions if one is not named[0]], []
    if not named and _is_column(questions[0], against):
        return _with_column(questions, against), []
    if not named and against in _everywhere(questions[0]):
        return [], [f"{questions[0].key[2]}: {against} has not judged this target; nothing is compared with it"]
    raise RefusedError(
        "against",
        rule="it names one system, or a column of numbers",
        came=f"{against!r}, which fits {len(named)} systems and no such column",
        do=f"name one of {', '.join(system_name(question) for question in questions)}",
    )


def _with_column(questions: Sequence[Question], column: str) -> list[Pairing]:
    return [Pairing(first=question, second=None, column=column) for question in questions]


def _everywhere(question: Question) -> set[str]:
    """Names of all systems in the table."""
    recipes, variants = question.texts("recipe"), question.texts("variant")
    pairs = {(str(r), str(v)) for r, v in zip(recipes, variants, strict=True)}
    return {name for r, v in pairs for name in (r, v, "/".join(part for part in (r, v) if part)) if name}


def _is_column(question: Question, name: str) -> bool:
    columns = question.predictions.columns
    core = {"recipe", "variant", "split", "patient_id", "study_id", "target"}
    if name not in columns or name in core or is_number(name):
        return False
    return bool(np.isfinite(numbers_in(question.texts(name))).any())
