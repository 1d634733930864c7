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


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What a paper concludes about AUCs, so that it can be tested on our figures.

    says : "better": the AUC of variant ``first`` is above that of ``second``; "no gain": it is not above by ``margin``
        or more; "alike": the AUCs of variant ``first`` in any two targets (their patients apart) differ by less than
        ``margin``. ``second`` is empty there.
    margin : a difference too small to matter; None: none is given, and then "no gain" and "alike" can be contradicted
        but not be shown.
    """

    text: str
    says: Literal["better", "no gain", "alike"]
    first: str
    second: str = ""
    margin: float | None = None

    def __post_init__(self) -> None:
        if (self.says == "alike") == bool(self.second):
            raise ValueError(f"two variants are compared, or one over targets, got {self}")
        if self.margin is not None and not 0 < self.margin < 1:
            raise ValueError(f"a margin is above 0 and below 1, got {self.margin}")
