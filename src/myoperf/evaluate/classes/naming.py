"""Which columns of a table are the classes of a question, what they are called and which number each has."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError

from ..question import Question, class_columns

_PREFIX = "class_"
_TAKEN = frozenset({"macro", "weighted", "ovo_macro", "quadratic"})


@dataclass(frozen=True, kw_only=True)
class Classes:
    """Columns of the scores, names and numbers in the truth of the classes, in their order; each of equal length."""

    columns: tuple[str, ...]
    names: tuple[str, ...]
    numbers: tuple[int, ...]


def classes_of(question: Question) -> Classes:
    """The classes that a question asks for.

    Columns named by whole numbers (``class_1``, ``class_2``) carry the numbers of the truth; columns named otherwise
    are the classes 0, 1, ... in the order of the table. Columns that belong to other targets alone are passed over.
    RefusedError: fewer than two classes, a column without any score, a doubled number, a name that cannot stand behind
    a figure's name, or a truth that is no class.
    """
    columns = _columns(question)
    texts = [column.removeprefix(_PREFIX) for column in columns]
    if all(text.isascii() and text.isdigit() for text in texts):
        order = sorted(range(len(texts)), key=lambda place: int(texts[place]))
        numbers = tuple(int(texts[place]) for place in order)
        found = Classes(
            columns=tuple(columns[place] for place in order), names=tuple(map(str, numbers)), numbers=numbers
        )
    else:
        found = Classes(columns=columns, names=tuple(texts), numbers=tuple(range(len(texts))))
    _check_names(question, found)
    _check_truth(question, found)
    return found


def _columns(question: Question) -> tuple[str, ...]:
    """Columns with scores for this target; those of the same target by another system must be the same."""
    every = class_columns(question.predictions)
    same = np.asarray(question.predictions["target"], dtype=np.str_) == question.key[2]
    empty, of_target, mine = [], [], []
    for column in every:
        finite = np.isfinite(question.numbers(column))
        empty += [] if finite.any() else [column]
        of_target += [column] if (finite & (same | question.rows)).any() else []
        mine += [column] if (finite & question.rows).any() else []
    lacking = empty + [column for column in of_target if column not in mine]
    if lacking:
        raise RefusedError(
            question.name,
            rule="every class has scores, or the classes cannot be counted",
            came=f"no score at all in {', '.join(lacking)}",
            do="fill the column or leave it out of the table",
        )
    if len(mine) < 2:
        raise RefusedError(
            question.name,
            rule="several classes have a column class_NAME each",
            came=", ".join(mine) or "none",
            do="give the score of every class; for a yes-or-no question use the column score",
        )
    return tuple(mine)


def _check_names(question: Question, found: Classes) -> None:
    doubled = sorted({name for name in found.names if found.names.count(name) > 1})
    taken = [name for name in found.names if name in _TAKEN or not name]
    if doubled or taken:
        raise RefusedError(
            question.name,
            rule=f"every class has a name of its own, not empty and none of {', '.join(sorted(_TAKEN))}",
            came=", ".join(doubled or [f"class_{name}" for name in taken]),
            do="rename the column",
        )


def _check_truth(question: Question, found: Classes) -> None:
    rows = question.part(question.split) | question.part("validation")
    truth = question.numbers("truth")[rows]
    odd: NDArray[np.float64] = np.unique(truth[np.isfinite(truth) & ~np.isin(truth, found.numbers)])
    if odd.size:
        known = ", ".join(f"{number} = {column}" for number, column in zip(found.numbers, found.columns, strict=True))
        raise RefusedError(
            question.name,
            rule=f"the truth is the number of a class ({known})",
            came=", ".join(f"{value:g}" for value in odd[:5]),
            do="write the class's number in the column truth",
        )
