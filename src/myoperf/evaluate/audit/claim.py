"""A figure as it was printed: its name, its value, and how many decimals stand behind it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError

Floats = NDArray[np.float64]

ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "acc": "accuracy",
        "ar": "accuracy",
        "agreement": "accuracy",
        "agreement_rate": "accuracy",
        "ba": "balanced_accuracy",
        "bacc": "balanced_accuracy",
        "se": "sensitivity",
        "sens": "sensitivity",
        "recall": "sensitivity",
        "tpr": "sensitivity",
        "sp": "specificity",
        "spec": "specificity",
        "tnr": "specificity",
        "precision": "ppv",
        "lr+": "lr_positive",
        "+lr": "lr_positive",
        "plr": "lr_positive",
        "lr-": "lr_negative",
        "-lr": "lr_negative",
        "nlr": "lr_negative",
        "yi": "youden",
        "youden_index": "youden",
        "j": "youden",
        "f1_score": "f1",
        "matthews": "mcc",
        "cohen_kappa": "kappa",
        "roc_auc": "auc",
        "auroc": "auc",
    }
)
"""Usual names of figures and what they are called here."""

OF_A_TABLE = (
    "accuracy",
    "balanced_accuracy",
    "sensitivity",
    "specificity",
    "ppv",
    "npv",
    "lr_positive",
    "lr_negative",
    "youden",
    "f1",
    "mcc",
    "kappa",
)
"""Figures that follow from the four counts of a two-by-two table."""

KNOWN = (*OF_A_TABLE, "auc")
RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    dict.fromkeys(("youden", "mcc", "kappa"), (-1.0, 1.0))
    | dict.fromkeys(("lr_positive", "lr_negative"), (0.0, float("inf")))
)
"""Smallest and largest value of the figures that do not lie in 0..1."""

_PERCENT_FROM = 1.5
_SLACK = 1e-12
_MOST_DECIMALS = 12
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,2})?")


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A printed figure. value : as a fraction (likelihood ratios as they are). step : worth of the last printed digit.

    text : as it was given. A figure that lies in -1..1 and is printed above 1.5, or with a percent sign, is percent.
    """

    name: str
    value: float
    step: float
    text: str

    @property
    def decimals(self) -> int:
        """Decimals of the value as a fraction."""
        return max(0, -round(float(np.log10(self.step))))

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest true value that rounds to the printed one, whichever way a half is rounded."""
        return self.value - self.step / 2 - _SLACK, self.value + self.step / 2 + _SLACK

    def rounds(self, true: Floats) -> NDArray[np.bool_]:
        """Whether true values, any shape, round to the printed one; False for NaN."""
        low, high = self.bounds
        with np.errstate(invalid="ignore"):
            return np.asarray((true >= low) & (true <= high))

    def cut(self, true: Floats) -> NDArray[np.bool_]:
        """Whether true values give the printed one only when their further digits are cut off, not rounded."""
        with np.errstate(invalid="ignore"):
            same = np.sign(true) * self.value >= 0
            larger = np.abs(true) - abs(self.value)
            return np.asarray(same & (larger >= -_SLACK) & (larger < self.step - _SLACK) & ~self.rounds(true))


def claim_of(text: str) -> Claim:
    """Read "NAME=VALUE": accuracy=0.948, se=94.8%, lr+=10.92. RefusedError for an unknown name or no number."""
    name, equals, told = text.partition("=")
    key = re.sub(r"[\s-]+(?=\w)", "_", name.strip().casefold())
    key = ALIASES.get(name.strip().casefold(), ALIASES.get(key, key))
    if not equals:
        raise _refused(text, "a claim is NAME=VALUE", text, "write for example accuracy=0.948")
    if key not in KNOWN:
        names = ", ".join(KNOWN)
        raise _refused(
            text, "a claim names a figure that follows from counts", name.strip() or "no name", f"one of {names}"
        )
    percent, digits = told.strip().endswith("%"), told.strip().removesuffix("%").strip()
    if not _NUMBER.fullmatch(digits):
        raise _refused(
            text, "the value is a number with a decimal point, percent sign or none", told, "write 0.948 or 94.8%"
        )
    return _scaled(text, key, _decimal(text, digits), percent)


def in_range(claim: Claim) -> bool:
    """Whether some value that rounds to the claim is one that its figure can take at all."""
    low, high = RANGES.get(claim.name, (0.0, 1.0))
    return claim.bounds[1] >= low and claim.bounds[0] <= high


def _decimal(text: str, digits: str) -> Decimal:
    try:
        value = Decimal(digits)
    except InvalidOperation:
        raise _refused(text, "the value is a number", digits, "write for example accuracy=0.948") from None
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or not -_MOST_DECIMALS <= exponent <= 6 or abs(value) > 10**6:
        raise _refused(
            text, f"a printed figure has at most {_MOST_DECIMALS} decimals and a million", digits, "print fewer"
        )
    return value


def _scaled(text: str, name: str, value: Decimal, percent: bool) -> Claim:
    exponent = value.as_tuple().exponent
    places = min(exponent, 0) if isinstance(exponent, int) else 0
    bounded = not name.startswith("lr_")
    if percent or (bounded and value > Decimal(str(_PERCENT_FROM))):
        value, places = value / 100, places - 2
    return Claim(name=name, value=float(value), step=10.0**places, text=text.strip())


def _refused(where: str, rule: str, came: str, do: str) -> RefusedError:
    return RefusedError(f"--claim {where!r}", rule=rule, came=came, do=do)
