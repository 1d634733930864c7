"""Targets of different patients, and what a paper concludes, by hand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from myoperf.core.predictions import NUMBERS, Predictions
from myoperf.evaluate import evaluate
from myoperf.evaluate.comparison import compare_targets, judge_claims
from myoperf.evaluate.delong import delong, difference
from myoperf.evaluate.judgement import Comparison, compared
from myoperf.evaluate.metrics import Resampling
from myoperf.evaluate.question import Question
from myoperf.recipe import Claim

TRUTH = [0, 0, 0, 1, 1, 1]
SCORES = {
    ("tc", "a"): [0.1, 0.2, 0.6, 0.5, 0.8, 0.9],
    ("tc", "b"): [0.1, 0.7, 0.6, 0.5, 0.4, 0.9],
    ("tl", "a"): [0.3, 0.2, 0.8, 0.4, 0.7, 0.9],
    ("tl", "b"): [0.3, 0.2, 0.1, 0.25, 0.7, 0.9],
}
"""AUC of tc: a 8/9, b 5/9; of tl: a 7/9, b 8/9: the gain of a is 3/9 in tc and -1/9 in tl."""


def table(*, folds: int = 1, prefix: str = "") -> Predictions:
    made: dict[str, list[Any]] = {
        name: [] for name in ("target", "variant", "patient_id", "truth", "score", "split", "repeat", "fold")
    }
    for (target, name), scores in SCORES.items():
        for fold in range(folds):
            turned = np.roll(scores, 0) if fold == 0 else np.array(scores)[::-1]
            truth = TRUTH if fold == 0 else TRUTH[::-1]
            made["target"] += [target] * 6
            made["variant"] += [name] * 6
            made["patient_id"] += [f"{prefix or target}{fold}{k}" for k in range(6)]
            made["truth"] += truth
            made["score"] += list(turned + (0.05 * fold * np.arange(6) if name == "a" else 0))
            made["split"] += ["validation" if folds > 1 else "test"] * 6
            made["repeat"] += [0] * 6
            made["fold"] += [fold] * 6
    return Predictions(columns={n: np.array(c, dtype=float if n in NUMBERS else str) for n, c in made.items()})


def asked(predictions: Predictions) -> list[Question]:
    split = str(predictions["split"][0])
    return [
        Question(
            name=f"{name}/{target}",
            key=("", name, target),
            predictions=predictions,
            rows=np.asarray((predictions["variant"] == name) & (predictions["target"] == target)),
            split=split,
            threshold=None,
            resampling=Resampling(replicates=0, seed=0),
        )
        for target, name in SCORES
    ]


def by_metric(rows: Sequence[Comparison], comparison: str) -> dict[str, Comparison]:
    return {str(row["metric"]): row for row in rows if row["comparison"] == comparison}


def test_the_difference_of_two_differences_has_the_sum_of_their_variances() -> None:
    row = by_metric(compare_targets(asked(table())).comparisons, "a against b")["auc_difference_between_targets"]
    truth = np.array(TRUTH, dtype=bool)
    gaps = [difference(delong(truth, np.array([SCORES[t, "a"], SCORES[t, "b"]]))) for t in ("tc", "tl")]
    assert [round(9 * gap.value) for gap in gaps if gap] == [3, -1]
    error = np.sqrt(sum(gap.error**2 for gap in gaps if gap))
    assert row["value"] == pytest.approx(4 / 9)
    assert row["standard_error"] == pytest.approx(error)
    assert row["p"] == pytest.approx(2 * norm.sf(4 / 9 / error))
    assert (row["low"], row["high"]) == pytest.approx((4 / 9 - 1.959964 * error, 4 / 9 + 1.959964 * error))
    assert (row["target"], row["targets"], row["n"]) == ("tc and tl", ["tc", "tl"], 12)
    assert (row["value_first"], row["value_second"]) == pytest.approx((3 / 9, -1 / 9))
    assert row["verdict"] == "a difference between the targets is not shown"


def test_a_system_alone_is_compared_over_targets() -> None:
    rows = compare_targets(asked(table()), margin=0.05).comparisons
    row = by_metric(rows, "a")["auc_between_targets"]
    areas = [delong(np.array(TRUTH, dtype=bool), np.array(SCORES[t, "a"])) for t in ("tc", "tl")]
    assert row["value"] == pytest.approx(1 / 9)
    assert row["standard_error"] == pytest.approx(np.sqrt(sum(area.covariance[0, 0] for area in areas)))
    equal = by_metric(rows, "a")["auc_between_targets_equivalence"]
    assert equal["verdict"] == "equivalence within 0.05 is not shown"
    assert all(row["p_holm"] >= row["p"] for row in rows if row["p"] is not None)  # type: ignore[operator]  # cells of many kinds


def test_targets_of_the_same_patients_are_not_independent() -> None:
    assert compare_targets(asked(table(prefix="same"))).comparisons == ()
    few = table()
    few.columns["patient_id"][12] = few.columns["patient_id"][0]
    (row,) = compare_targets(asked(few)).comparisons
    assert row["value"] is None
    assert "1 patients answer both targets" in str(row["method"])


def test_folds_hold_both_targets() -> None:
    row = by_metric(compare_targets(asked(table(folds=2))).comparisons, "a against b")
    over = row["auc_difference_between_targets_over_folds"]
    assert len(over["values"]) == 2  # type: ignore[arg-type]  # cells of many kinds
    assert over["values"][0] == pytest.approx(4 / 9)  # type: ignore[index]  # cells of many kinds
    assert over["df"] == 1


def test_one_class_only_says_why() -> None:
    made = table()
    made.columns["truth"][made.columns["target"] == "tl"] = 1
    row = by_metric(compare_targets(asked(made)).comparisons, "a against b")["auc_difference_between_targets"]
    assert row["value"] is None
    assert "one class only" in str(row["method"])


def test_a_scorecard_holds_them() -> None:
    card = evaluate(table(), bootstrap=0)
    metrics = {str(row["metric"]) for row in card.comparisons}
    assert {"auc_difference", "auc_difference_between_targets", "auc_between_targets"} <= metrics
    said = [row for row in card.comparisons if row["metric"] == "auc_difference"]
    assert all(row["verdict"] == "a difference is not shown" for row in said if row["p"] is not None)


@dataclass(frozen=True)
class Shown:
    """A difference with its standard error, first minus second."""

    value: float
    error: float = 0.02

    @property
    def row(self) -> Comparison:
        half = 1.959964 * self.error
        return compared(
            target="tc", comparison="x/stress against x/rest", metric="auc_difference", value=self.value, p=0.5,
            low=self.value - half, high=self.value + half, method="DeLong, paired", n=90, first="x/stress",
            second="x/rest", standard_error=self.error,
        )  # fmt: skip


BETTER = Claim(text="stress carries most", says="better", first="stress", second="rest")
NO_GAIN = Claim(text="no gain", says="no gain", first="stress", second="rest", margin=0.05)
ALIKE = Claim(text="stable", says="alike", first="stress", margin=0.05)


@pytest.mark.parametrize(
    ("claim", "shown", "verdict"),
    [
        (BETTER, Shown(0.1), "supported"),
        (BETTER, Shown(-0.1), "contradicted"),
        (BETTER, Shown(0.03), "not shown"),
        (NO_GAIN, Shown(0.0), "supported"),
        (NO_GAIN, Shown(0.03), "not shown"),
        (NO_GAIN, Shown(0.0, error=0.2), "not shown"),
        (NO_GAIN, Shown(0.06), "contradicted"),
        (replace(NO_GAIN, margin=None), Shown(0.0), "not shown"),
    ],
)
def test_a_claim_is_supported_contradicted_or_not_shown(claim: Claim, shown: Shown, verdict: str) -> None:
    (row,) = judge_claims([claim], [shown.row])
    assert row["verdict"] == verdict
    turned = replace(claim, first=claim.second, second=claim.first)
    (other,) = judge_claims([turned], [replace(shown, value=-shown.value).row])
    assert other["verdict"] == verdict
    assert other["low"] == pytest.approx(row["low"])


def test_alike_over_targets_needs_both_one_sided_tests() -> None:
    row = {**Shown(0.0, error=0.01).row, "metric": "auc_between_targets", "system": "x/stress", "target": "tc and tl"}
    assert judge_claims([ALIKE], [row])[0]["verdict"] == "supported"
    assert judge_claims([ALIKE], [{**row, "standard_error": 0.1}])[0]["verdict"] == "not shown"
    far = {**row, "value": 0.2, "low": 0.18, "high": 0.22}
    assert judge_claims([ALIKE], [far])[0]["verdict"] == "contradicted"
    assert judge_claims([ALIKE], [{**row, "low": None, "high": None}])[0]["verdict"] == "not shown"
    assert judge_claims([BETTER], [row]) == ()
