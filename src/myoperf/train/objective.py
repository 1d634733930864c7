"""What a network is trained for: a loss on every batch, and a figure that says when it was best."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

Numbers = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A validation part judged. figure : higher is better, None where it cannot be told. further : for the history.
    chooses : False where the part can tell nothing of what is trained; then no epoch is chosen by it."""

    figure: float | None
    loss: float
    further: Mapping[str, float | None] = field(default_factory=dict)
    chooses: bool = True


class Objective(Protocol):
    """Knows the true answers of the rows; the loop knows only their numbers.

    figure : name of the figure in the history of a fit, ``validation_...``.
    """

    figure: str

    def loss(self, answers: Tensor, rows: Numbers) -> Tensor:
        """Loss of a batch of answers, to be brought down."""

    def judge(self, answered: Iterable[tuple[Numbers, Tensor]]) -> Judged:
        """Figure and loss of a validation part that is answered batch by batch."""


@runtime_checkable
class Counting(Protocol):
    """An objective that can also say how often the answers are right."""

    def right(self, answers: Tensor, rows: Numbers) -> tuple[int, int]:
        """How many answers of a batch are right, and how many were asked for."""
