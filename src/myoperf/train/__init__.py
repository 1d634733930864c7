"""From a recipe, a protocol and a cohort to models and predictions; torch is loaded when a network is fitted.

The room is its verb too: ``myoperf.train(...)`` is ``myoperf.train.train(...)``.
"""

from myoperf.core.callable import make_callable

from .predicting import predict
from .training import train

__all__ = ["predict", "train"]

make_callable(__name__)
