"""How figures are written in reports."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from myoperf.core.scorecard import Metric, Threshold

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
        "brier_skill": "Brier skill",
        "ece": "Expected calibration error",
        "calibration_slope": "Calibration slope",
        "calibration_intercept": "Calibration intercept",
        "observed_expected": "Observed / expected",
        "kappa_quadratic": "Quadratic weighted kappa",
        "auc_ovo": "AUC of pairs of classes",
        "c_index": "Harrell's C",
        "uno_c": "Uno's C",
        "dynamic_auc": "Dynamic AUC",
        "integrated_brier": "Integrated Brier score",
        "dice": "Dice",
        "iou": "Intersection over union",
        "precision": "Precision",
        "recall": "Recall",
        "hausdorff": "Hausdorff distance",
        "hd95": "Hausdorff distance, 95 %",
        "assd": "Mean boundary distance",
        "missed": "Missed",
        "false_alarms": "False alarms",
        "both_empty": "Both empty",
        "bias": "Bias",
        "loa_low": "Lower limit of agreement",
        "loa_high": "Upper limit of agreement",
        "proportional_bias": "Proportional bias",
        "rmse": "Root mean square error",
        "mae": "Mean absolute error",
        "pearson": "Pearson's r",
        "spearman": "Spearman's r",
        "ccc": "Concordance correlation",
        "icc_agreement": "ICC, agreement",
        "icc_consistency": "ICC, consistency",
        "nmse": "NMSE",
        "nmae_range": "NMAE, of the range",
        "nmae_mean": "NMAE, of the mean",
        "psnr": "PSNR",
        "ssim": "SSIM",
        "observed": "Observed share",
        "observed_events": "Observed events",
        "error_sd_ratio": "Ratio of error standard deviations",
        "nri": "Net reclassification",
        "idi": "Discrimination improvement",
        "net_benefit": "Net benefit",
        "pixel_accuracy": "Pixel accuracy",
        "false_positive_rate": "False positive rate",
        "hausdorff_mm": "Hausdorff distance, in millimetres",
        "hd95_mm": "Hausdorff distance, 95 %, in millimetres",
        "assd_mm": "Mean boundary distance, in millimetres",
        "segment_mae": "Mean absolute error of segments",
        "segment_bias": "Bias of segments",
    }
)
_FINE = frozenset({"brier", "integrated_brier", "nmse", "nmae_range", "nmae_mean", "ssim", "net_benefit", "idi"})
_MOST_DECIMALS = 6
_COUNTS = frozenset({"missed", "false_alarms", "both_empty", "observed_events"})


def metric_name(name: str) -> str:
    """The name of a figure as it is read, a class or a horizon behind a comma; an unknown one as in files."""
    base = _base(name)
    if base == name:
        return NAMES.get(name, name.replace("_", " "))
    return f"{NAMES[base]}, {name[len(base) + 1 :].replace('_', ' ')}"


def _base(name: str) -> str:
    """The longest known name that this one begins with; itself if there is none."""
    parts = name.split("_")
    heads = ("_".join(parts[:k]) for k in range(len(parts), 0, -1))
    return next((head for head in heads if head in NAMES), name)


def number(value: float | None, name: str = "") -> str:
    """A figure with two decimals (three where small differences matter); an en dash where it is missing.

    What is below 1 never reads as 1: 0.9962 is 0.996, not 1.00.
    """
    if value is None:
        return "–"
    if name in _COUNTS:
        return f"{value:.0f}"
    decimals = 3 if _base(name) in _FINE else 2
    while abs(value) < 1 and f"{abs(value):.{decimals}f}".startswith("1") and decimals < _MOST_DECIMALS:
        decimals += 1
    return signed(f"{value:.{decimals}f}")


def unit_of(metric: Metric) -> str:
    """The unit of a distance (" mm" or " pixels"), from the words on how it was made; nothing for all others."""
    found = re.search(r", (mm|pixels);", metric.method)
    return f" {found.group(1)}" if found else ""


def signed(text: str) -> str:
    """The text of a number with a minus sign, and none before a number that is rounded to 0."""
    return text.removeprefix("-") if not text.strip("-0.") else text.replace("-", "−")


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
