from myoperf.core.scorecard import Folds, Metric, Scorecard, TargetScore, Threshold
from myoperf.report.scorecard_text import scorecard_text


def text(**targets: TargetScore) -> list[str]:
    threshold = Threshold(value=0.5, chosen_on="given")
    card = Scorecard(title="T", n_patients=9, n_rows=12, split="test", threshold=threshold, targets=targets)
    return scorecard_text(card).split("\n")


def figure(value: float | None, method: str = "m", **ends: float) -> Metric:
    return Metric(value=value, method=method, n=9, **ends)


def test_every_figure_has_its_interval_and_n() -> None:
    lines = text(a=TargetScore(metrics={"auc": figure(0.875, low=0.7, high=0.95), "brier": figure(0.1239)}))
    assert lines[:2] == ["T: 9 patients, test", "  a"]
    assert lines[2].split() == ["AUC", "0.88", "[0.70–0.95]", "n", "9"]
    assert lines[3].split() == ["Brier", "score", "0.124", "n", "9"]
    assert lines[2].index("0.88") == lines[3].index("0.12")


def test_long_names_keep_the_columns_straight() -> None:
    name = "dice_" + "a_very_long_name_of_a_class_indeed"
    lines = text(a=TargetScore(metrics={name: figure(0.5), "auc": figure(0.7)}))
    assert lines[2].index("0.50") == lines[3].index("0.70")


def test_folds_stand_below() -> None:
    folds = Folds(mean=0.8, sd=0.05, values=(0.75, 0.85))
    none = Folds(mean=None, sd=None, values=(None, None))
    lines = text(a=TargetScore(metrics={}, folds={"auc": folds, "balanced_accuracy": none}))
    assert lines[2:] == ["    AUC, 2 folds: 0.80 ± 0.050", "    Balanced accuracy, 2 folds: –"]


def test_what_is_missing_is_told_by_its_reason_once() -> None:
    metrics = {"auc": figure(None, "one class only"), "f1": figure(None, "one class only"), "mcc": figure(None, "why")}
    lines = text(a=TargetScore(metrics=metrics), b=TargetScore(metrics={}))
    assert lines[2:] == ["    missing: AUC, F1 (one class only)", "    missing: Matthews correlation (why)", "  b"]
