"""A target whose truth is a value (ejection fraction, volume, perfusion deficit): agreement of prediction and truth."""

from .correlation import Intraclass, intraclass
from .judge import judge_number
from .limits import Limits, limits_of_agreement

__all__ = ["Intraclass", "Limits", "intraclass", "judge_number", "limits_of_agreement"]
