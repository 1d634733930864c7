"""How figures are written in reports."""

from collections.abc import Mapping
from types import MappingProxyType

from myoperf.core.scorecard import Threshold

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "auc": "AUC",
        "pr_auc": "Precision-recall AUC",
        "accuracy": "Accuracy",
        "balanced_accuracy": "Balanced accuracy",
        "sensitivity": "Sensitivity",
        "specificity": "Specificity",
        "ppv": "Positive predictive value",
        "npv": "Negative predictive value",
        "lr_positive": "Likelihood ratio +",
        "lr_negative": "Likelihood ratio −",
        "youden": "Youden index",
        "f1": "F1",
        "mcc": "Matthews correlation",
        "kappa": "Cohen's kappa",
        "brier": "Brier score",
    }
)
_FINE = frozenset({"brier"})


def metric_name(name: str) -> str:
    """The name of a figure as it is read; an unknown one as it is written in files."""
    return NAMES.get(name, name.replace("_", " "))


def number(value: float | None, name: str = "") -> str:
    """A figure with two decimals (three where small differences matter); an en dash where it is missing."""
    if value is None:
        return "–"
    text = f"{value:.{3 if name in _FINE else 2}f}"
    return text.replace("-", "−")


def interval(low: float | None, high: float | None, name: str = "") -> str:
    """A 95 % interval in brackets; nothing where there is none."""
    return "" if low is None or high is None else f"[{number(low, name)}–{number(high, name)}]"


def spread(mean: float | None, sd: float | None) -> str:
    """Mean and standard deviation over folds, as papers print them."""
    if mean is None:
        return "–"
    return number(mean) if sd is None else f"{number(mean)} ± {sd:.3f}"


def threshold_words(threshold: Threshold) -> str:
    """From where on a patient is called positive, and how that was settled."""
    if threshold.value is None:
        return threshold.chosen_on
    chosen = threshold.chosen_on
    return f"positive from {threshold.value:.3g}; " + (
        chosen if chosen.startswith(("given", "not ")) else f"chosen on {chosen}"
    )


def words(name: str) -> str:
    """A name of files as words."""
    return name.replace("_", " ")
