"""The Brier score in its parts."""

from collections.abc import Mapping

from myoperf.core.scorecard import Metric, Table

from .grading import PARTS


def brier_table(graded: Mapping[str, Metric]) -> Table:
    """Reliability (lower is better) less resolution (higher is better) plus uncertainty (of the sample) is the score.

    That is exact within groups of equal score; with bins, what is left (spread of the scores within bins) is the
    ``remainder``. Source: Murphy 1973; Stephenson, Coelho and Jolliffe 2008 for the rest.
    """
    names = ("brier", *PARTS)
    rows = tuple(
        (name, graded[name].value, graded[name].low, graded[name].high, graded[name].n, graded[name].method)
        for name in names
    )
    return Table(
        columns=("part", "value", "low", "high", "n", "method"),
        rows=rows,
        note=(
            "brier = reliability - resolution + uncertainty + remainder. Lower is better for brier and reliability,"
            " higher for resolution; small samples bias reliability and resolution upwards."
        ),
    )
