"""Predictions to numbers: anybody's predictions are judged here, ours as well. No torch.

The room is its verb too: ``myoperf.evaluate(predictions)`` is ``myoperf.evaluate.evaluate(predictions)``.
"""

from myoperf.core.callable import make_callable

from .counts import evaluate_counts
from .scorecard import evaluate

__all__ = ["evaluate", "evaluate_counts"]

make_callable(__name__)
