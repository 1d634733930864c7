"""Randomisations side by side, against the counts and indexes that Wang 2022 prints."""

import numpy as np
import pytest

from myoperf.core.predictions import Predictions
from myoperf.evaluate import evaluate
from myoperf.evaluate.runs import INDEXES

COUNTS = {
    "run 1": (354, 51, 35, 561),
    "run 2": (385, 30, 41, 545),
    "run 3": (385, 39, 41, 536),
    "run 4": (367, 28, 41, 565),
    "run 5": (388, 28, 63, 522),
}
"""TP, FP, FN, TN of Table 2."""
PRINTED = {
    "run 1": (91.00, 91.67, 10.92, 0.098, 87.41, 94.13, 0.83, 91.41, 0.82),
    "run 2": (90.38, 94.78, 17.32, 0.10, 92.77, 93.00, 0.85, 92.91, 0.85),
    "run 3": (90.38, 93.22, 13.32, 0.10, 90.80, 92.89, 0.84, 92.01, 0.84),
    "run 4": (89.95, 95.28, 19.05, 0.11, 92.91, 93.23, 0.85, 93.11, 0.86),
    "run 5": (86.03, 94.91, 16.90, 0.15, 93.27, 89.23, 0.81, 90.91, 0.82),
}
"""Table 3; of run 1 it prints 0.09 and 94.31, which its counts do not give."""
PERCENT = ("sensitivity", "specificity", "ppv", "npv", "accuracy")


def predictions(counts: dict[str, tuple[int, int, int, int]]) -> Predictions:
    """Rows of images with these counts; twenty images a patient."""
    truth, score, repeat = [], [], []
    for number, (tp, fp, fn, tn) in enumerate(counts.values()):
        truth += [1] * tp + [0] * fp + [1] * fn + [0] * tn
        score += [0.9] * (tp + fp) + [0.1] * (fn + tn)
        repeat += [number] * (tp + fp + fn + tn)
    image = np.concatenate([np.arange(sum(cells)) for cells in counts.values()])
    return Predictions(
        columns={
            "patient_id": np.array([f"P{k // 20}" for k in image]),
            "study_id": np.array([f"I{k}" for k in image]),
            "split": np.full(len(truth), "validation"),
            "repeat": np.array(repeat, dtype=float),
            "fold": np.zeros(len(truth)),
            "truth": np.array(truth, dtype=float),
            "score": np.array(score),
        }
    )


def test_the_printed_counts_give_the_printed_indexes() -> None:
    score = evaluate(predictions(COUNTS), bootstrap=0).targets["target"]
    table = score.tables["runs"]
    rows = {str(row[0]): dict(zip(table.columns, row, strict=True)) for row in table.rows}
    assert list(rows) == [*COUNTS, "mean", "SD"]
    for name, cells in COUNTS.items():
        assert tuple(rows[name][count] for count in ("TP", "FP", "FN", "TN")) == cells
        assert rows[name]["rows"] == 1001
        assert rows[name]["patients"] == 51
        for index, printed in zip(INDEXES, PRINTED[name], strict=True):
            ours = float(rows[name][index] or 0) * (100 if index in PERCENT else 1)
            digits = 0.0006 if index == "lr_negative" and name == "run 1" else 0.0051
            assert ours == pytest.approx(printed, abs=digits), (name, index)
    kappas = [float(rows[name]["kappa"] or 0) for name in COUNTS]
    assert rows["mean"]["kappa"] == pytest.approx(np.mean(kappas))
    assert rows["SD"]["kappa"] == pytest.approx(np.std(kappas, ddof=1))
    assert set(score.curves) >= {f"roc_runs/{name}" for name in COUNTS}


def test_every_index_has_a_value_in_every_fold() -> None:
    folds = evaluate(predictions(COUNTS), bootstrap=0).targets["target"].folds
    assert set(INDEXES) <= set(folds)
    assert folds["lr_positive"].mean == pytest.approx(15.5, abs=0.05)
    assert folds["lr_positive"].high is not None
    assert folds["lr_positive"].high > 1


def test_a_run_without_a_class_has_no_area_and_an_infinite_ratio_is_missing() -> None:
    table = evaluate(predictions({"run 1": (5, 0, 5, 0), "run 2": (5, 0, 5, 10)}), bootstrap=0).targets["target"].tables
    rows = [dict(zip(table["runs"].columns, row, strict=True)) for row in table["runs"].rows]
    assert rows[0]["auc"] is None
    assert rows[0]["specificity"] is None
    assert rows[1]["lr_positive"] is None
    assert rows[2]["specificity"] == 1.0


def test_folds_of_a_cross_validation_are_no_runs() -> None:
    made = predictions({"run 1": COUNTS["run 1"], "run 2": COUNTS["run 2"]})
    columns = dict(made.columns)
    columns["fold"], columns["repeat"] = columns["repeat"], columns["fold"]
    columns["study_id"] = np.array([f"{k}" for k in range(len(made))])
    assert "runs" not in evaluate(Predictions(columns=columns), bootstrap=0).targets["target"].tables
