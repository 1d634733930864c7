"""The agreement of predicted and true values within groups of patients."""

from ..question import Question
from ..subgroups import Groups, grouping
from .metrics import number_metrics
from .pairs import Pairs

FIGURES = ("bias", "mae", "icc_agreement")


def number_groups(question: Question, pairs: Pairs) -> Groups:
    """The figures of ``FIGURES`` within each value of the columns that make groups ("sex=F" and so on)."""
    found = grouping(question.name, lambda column: question.texts(column)[pairs.row])
    within = {}
    for column, names in found.values.items():
        text = question.texts(column)[pairs.row]
        for name in names:
            metrics = number_metrics(pairs.take(text == name), question.resampling)
            within[f"{column}={name}"] = {figure: metrics[figure] for figure in FIGURES}
    return Groups(within=within, alone=(), warnings=found.warnings)
