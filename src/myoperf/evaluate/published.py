"""A paper's printed figures beside ours."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from myoperf.core.scorecard import PublishedBesideOurs, TargetScore

from .question import Key

_THE_SAME: Mapping[str, str] = MappingProxyType({"sensitivity_weighted": "accuracy"})
"""Recall of each class weighted by its number is the share of right calls."""


class Printed(Protocol):
    """What is needed of a printed figure: its place in the paper, and which of ours it is to be compared with."""

    @property
    def metric(self) -> str:
        """Name as in ``scorecard.json``."""

    @property
    def value(self) -> float:
        """The figure as a fraction."""

    @property
    def where(self) -> str:
        """Its place, in words."""

    @property
    def target(self) -> str:
        """Name of the target."""

    @property
    def variant(self) -> str:
        """Name of the variant; "" for every variant."""

    @property
    def part(self) -> str:
        """Part of the data: "cross-validation", "test" or "external"."""

    @property
    def sd(self) -> float | None:
        """Standard deviation over folds."""

    @property
    def low(self) -> float | None:
        """Lower end of its 95 % interval."""

    @property
    def high(self) -> float | None:
        """Upper end of its 95 % interval."""

    @property
    def n(self) -> int | None:
        """Patients (or images) that it was measured on, if the paper says."""

    @property
    def positives(self) -> int | None:
        """How many of them are positive, if the paper says."""


def beside(
    printed: Sequence[Printed], ours: Mapping[str, TargetScore], keys: Mapping[str, Key]
) -> tuple[PublishedBesideOurs, ...]:
    """Every printed figure beside each of ours that it fits; once as "not comparable" where it fits none.

    "not attainable": no table of the printed number of patients gives the printed value (an audit's judgement; the
    decimals of a value that ends in 0 are not known, so it is judged as rounded more coarsely). "inside": the printed
    value lies within our 95 % interval (for a cross-validation, that of the mean over folds).
    """
    rows: list[PublishedBesideOurs] = []
    for figure in printed:
        fits = [name for name, key in keys.items() if key[2] == figure.target and figure.variant in ("", key[1])]
        rows += [_row(figure, name, ours[name]) for name in fits] or [_row(figure, "", None)]
    return tuple(rows)


def _row(figure: Printed, name: str, score: TargetScore | None) -> PublishedBesideOurs:
    across = figure.part == "cross-validation"
    ours = low = high = None
    if score is not None and across and figure.metric in score.folds:
        folds = score.folds[figure.metric]
        ours, low, high = folds.mean, folds.low, folds.high
    elif score is not None and not across and figure.metric in score.metrics:
        metric = score.metrics[figure.metric]
        ours, low, high = metric.value, metric.low, metric.high
    verdict = "not comparable"
    if not _can_be(figure):
        verdict = "not attainable"
    elif ours is not None and low is not None and high is not None:
        verdict = "inside" if low <= figure.value <= high else "outside"
    return PublishedBesideOurs(
        metric=figure.metric,
        published=figure.value,
        ours=ours,
        low=low,
        high=high,
        verdict=verdict,
        where=figure.where,
        target=name,
        split="validation" if across else "test",
        published_sd=figure.sd,
        published_low=figure.low,
        published_high=figure.high,
    )


def _can_be(figure: Printed) -> bool:
    """Whether the printed figure can come from the printed number of patients; True where that cannot be told."""
    if figure.n is None:
        return True
    from .audit import attainable, claim_of  # it loads the readers of images, which few judgements need
    from .audit.claim import KNOWN

    name = _THE_SAME.get(figure.metric, figure.metric)
    if name not in KNOWN:
        return True
    return attainable(claim_of(f"{name}={figure.value!r}"), figure.n, figure.positives).attainable is not False
