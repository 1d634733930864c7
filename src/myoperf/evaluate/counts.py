"""A scorecard from the four counts of a two-by-two table."""

import numpy as np

from myoperf.core.errors import RefusedError
from myoperf.core.scorecard import Metric, Scorecard, TargetScore, Threshold

from .agreement import UNDEFINED, rates
from .comparison import mcnemar
from .judged_tables import kappa_table
from .judgement import Comparison, compared
from .metrics import closed_form

CLASSES = ("negative", "positive")


def evaluate_counts(tp: int, fp: int, fn: int, tn: int, *, title: str = "From counts") -> Scorecard:
    """Judge the counts of true positives, false positives, false negatives and true negatives.

    Proportions have Wilson's interval; each count is taken as a patient of its own. McNemar's test (exact for few, else
    without correction) of false alarms against misses stands in ``comparisons``. RefusedError for counts that are
    negative or all 0.
    """
    cells = (tp, fp, fn, tn)
    if min(cells) < 0 or sum(cells) == 0:
        raise RefusedError(
            "counts TP FP FN TN",
            rule="counts are 0 or more and not all 0",
            came=" ".join(map(str, cells)),
            do="give four counts in this order",
        )
    value = {name: float(v[0]) for name, v in rates(*(np.array([float(c)]) for c in cells)).items()}
    patients = {"sensitivity": tp + fn, "specificity": fp + tn, "ppv": tp + fp, "npv": fn + tn}
    found = {name: _metric(name, value[name], cells, patients.get(name, sum(cells))) for name in value}
    tables = kappa_table(found["kappa"].value)
    score = TargetScore(metrics=found, kind="counts", confusion=((tn, fp), (fn, tp)), classes=CLASSES, tables=tables)
    return Scorecard(
        title=title,
        n_patients=sum(cells),
        n_rows=sum(cells),
        split="counts",
        threshold=Threshold(value=None, chosen_on="not known: only counts were given"),
        targets={"counts": score},
        comparisons=_mcnemar(fp, fn, sum(cells)),
        warnings=(
            "Every count is taken as a patient of its own; several images of a patient make the intervals too narrow.",
        ),
    )


def _metric(name: str, value: float, cells: tuple[int, int, int, int], n: int) -> Metric:
    if not np.isfinite(value):
        return Metric(value=None, method=UNDEFINED[name], n=n)
    pair, method = closed_form(name, cells)
    return Metric(value=value, low=pair and pair[0], high=pair and pair[1], method=method, n=n)


def _mcnemar(fp: int, fn: int, n: int) -> tuple[Comparison, ...]:
    """Whether the system errs to one side; the value is the chi-square statistic."""
    test = mcnemar(fp, fn)
    if test.statistic is None:
        return ()
    name = "false alarms against misses"
    row = compared(
        target="counts", comparison=name, metric="mcnemar", value=test.statistic, p=test.p, method=test.method, n=n
    )
    return (row,)
