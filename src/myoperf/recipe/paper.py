"""The paper a recipe is after, and the figures that it prints."""

from dataclasses import KW_ONLY, dataclass
from typing import Literal

Part = Literal["cross-validation", "test", "external"]


@dataclass(frozen=True, kw_only=True)
class Paper:
    """Where a system was described. ``doi`` None: none is known."""

    cite: str
    title: str
    year: int
    doi: str | None = None
    venue: str = ""


@dataclass(frozen=True)
class Published:
    """One printed figure: metric (a name of ``scorecard.json``) and value as a fraction, and where it stands.

    target, variant : name of the target and of the variant it is of; variant "" means every variant.
    part : the part of the data it was measured on.
    sd : standard deviation over folds, if printed; low, high : 95 % interval, if printed.
    n, positives : patients (or images) that it was measured on, and the positive ones, if the paper says.
    """

    metric: str
    value: float
    _: KW_ONLY
    where: str
    target: str
    variant: str = ""
    part: Part
    sd: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    positives: int | None = None
