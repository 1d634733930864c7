"""What judging one target gives, whole or in parts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from myoperf.core.scorecard import Curve, Metric, Table, TargetScore

Comparison = Mapping[str, object]
"""One row of ``comparisons``, as ``compared`` makes it."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one way of judging (calibration, say) adds to a target; each may be empty."""

    metrics: Mapping[str, Metric] = field(default_factory=dict)
    curves: Mapping[str, Curve] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    comparisons: tuple[Comparison, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """One target judged, what it was compared with, and what the reader must know."""

    score: TargetScore
    comparisons: tuple[Comparison, ...] = ()
    warnings: tuple[str, ...] = ()


def compared(
    *,
    target: str,
    comparison: str,
    metric: str,
    value: float | None,
    method: str,
    n: int,
    low: float | None = None,
    high: float | None = None,
    p: float | None = None,
    **more: object,
) -> Comparison:
    """A row of ``comparisons``: what (comparison) was found (value of metric, 95 % interval, p) on n patients, and how.

    value None: it cannot be made; method then says why. more : further keys, e.g. degrees of freedom or a verdict.
    """
    said = {"target": target, "comparison": comparison, "metric": metric}
    return {**said, "value": value, "low": low, "high": high, "p": p, "method": method, "n": n, **more}
