import json
from pathlib import Path

import numpy as np
import pytest
from class_questions import TRIAD, ask, likely, value
from sklearn import metrics as reference

from myoperf.core.scorecard import Metric
from myoperf.evaluate.classes import judge_classes
from myoperf.evaluate.classes.figures import class_metrics
from myoperf.evaluate.classes.sample import class_samples
from myoperf.evaluate.question import Question

REFERENCE = Path(__file__).parents[1] / "reference" / "several_classes_proc.json"

# Six patients, three classes, by hand. Calls: a a b b c a. Table: a (2, 0, 0), b (0, 2, 0), c (1, 0, 1).
HAND_TRUTH = (0, 0, 1, 1, 2, 2)
HAND_SCORE = (
    (0.8, 0.1, 0.1),
    (0.5, 0.3, 0.2),
    (0.2, 0.6, 0.2),
    (0.3, 0.4, 0.3),
    (0.1, 0.2, 0.7),
    (0.6, 0.1, 0.3),
)


def test_six_patients_by_hand() -> None:
    found = judge_classes(ask(HAND_TRUTH, HAND_SCORE, ("a", "b", "c")))
    assert found.score.confusion == ((2, 0, 0), (0, 2, 0), (1, 0, 1))
    assert (found.score.kind, found.score.classes) == ("classes", ("a", "b", "c"))
    assert value(found, "accuracy") == pytest.approx(5 / 6)
    assert value(found, "balanced_accuracy") == pytest.approx((1 + 1 + 1 / 2) / 3)
    # chance: (2 x 3 + 2 x 2 + 2 x 1) / 36 = 1/3
    assert value(found, "kappa") == pytest.approx((5 / 6 - 1 / 3) / (2 / 3))
    # one disagreement two places apart: 4 / 6; by chance: sum of row x column x distance squared / 36 = 48 / 36
    chance = (2 * 2 * 1 + 2 * 1 * 4 + 2 * 3 * 1 + 2 * 1 * 1 + 2 * 3 * 4 + 2 * 2 * 1) / 36
    assert value(found, "kappa_quadratic") == pytest.approx(1 - (4 / 6) / chance)
    # (right x n - sum of row x column) / root of (n2 - sum of columns squared) (n2 - sum of rows squared)
    assert value(found, "mcc") == pytest.approx((5 * 6 - 12) / np.sqrt((36 - 14) * (36 - 12)))
    squares = (0.06 + 0.38 + 0.24 + 0.54 + 0.14 + 0.86) / 6
    assert value(found, "brier") == pytest.approx(squares)
    # a: positives 0.8, 0.5 against 0.2, 0.3, 0.1, 0.6: 7 of 8 pairs; b: all 8; c: 0.7, 0.3 against 0.1 0.2 0.2 0.3
    assert value(found, "auc_a") == pytest.approx(7 / 8)
    assert value(found, "auc_b") == 1
    assert value(found, "auc_c") == pytest.approx(7.5 / 8)
    assert value(found, "auc_macro") == pytest.approx((7 / 8 + 1 + 7.5 / 8) / 3)
    # pairs: a b 1 and 1; a c (3 / 4 by a, 4 / 4 by c); b c 1 by b, 3.5 / 4 by c
    assert value(found, "auc_ovo_macro") == pytest.approx((1 + (3 / 4 + 1) / 2 + (1 + 3.5 / 4) / 2) / 3)
    assert value(found, "ppv_a") == pytest.approx(2 / 3)
    assert value(found, "ppv_macro") == pytest.approx((2 / 3 + 1 + 1) / 3)
    assert value(found, "specificity_a") == pytest.approx(3 / 4)
    assert value(found, "f1_macro") == pytest.approx((4 / 5 + 1 + 2 / 3) / 3)


@pytest.mark.parametrize(("classes", "seed"), [(3, 0), (4, 1), (2, 2)])
def test_figures_agree_with_scikit_learn(classes: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.choice(classes, 150, p=np.arange(1, classes + 1) / np.arange(1, classes + 1).sum())
    score = likely(truth, classes, seed)
    found, called = judge_classes(ask(truth, score, replicates=20)), score.argmax(axis=1)
    assert value(found, "accuracy") == pytest.approx(reference.accuracy_score(truth, called))
    assert value(found, "balanced_accuracy") == pytest.approx(reference.balanced_accuracy_score(truth, called))
    assert value(found, "kappa") == pytest.approx(reference.cohen_kappa_score(truth, called))
    weighted = reference.cohen_kappa_score(truth, called, weights="quadratic")
    assert value(found, "kappa_quadratic") == pytest.approx(weighted)
    assert value(found, "mcc") == pytest.approx(reference.matthews_corrcoef(truth, called))
    assert found.score.confusion == tuple(map(tuple, reference.confusion_matrix(truth, called).tolist()))
    for mean in ("macro", "weighted"):
        assert value(found, f"f1_{mean}") == pytest.approx(reference.f1_score(truth, called, average=mean))
        ppv = reference.precision_score(truth, called, average=mean, zero_division=0)
        assert value(found, f"ppv_{mean}") == pytest.approx(ppv)
        recall = reference.recall_score(truth, called, average=mean)
        assert value(found, f"sensitivity_{mean}") == pytest.approx(recall)
        area = reference.average_precision_score(np.eye(classes)[truth], score, average=mean)
        assert value(found, f"pr_auc_{mean}") == pytest.approx(area)
        area = reference.roc_auc_score(np.eye(classes)[truth], score, average=mean)
        assert value(found, f"auc_{mean}") == pytest.approx(area)
    if classes > 2:
        assert value(found, "auc_ovo_macro") == pytest.approx(
            reference.roc_auc_score(truth, score, multi_class="ovo", average="macro")
        )
    brier = ((score - np.eye(classes)[truth]) ** 2).sum(axis=1).mean()
    assert value(found, "brier") == pytest.approx(brier)


def test_areas_limits_and_test_are_those_of_r() -> None:
    told = json.loads(REFERENCE.read_text(encoding="utf-8"))
    found = judge_classes(ask(told["truth"], told["score"], replicates=20))
    assert value(found, "auc_ovo_macro") == pytest.approx(told["auc_ovo_macro"], abs=1e-12)
    assert found.comparisons[0]["p"] == pytest.approx(told["p"], abs=1e-12)
    for place in range(3):
        assert value(found, f"auc_{place}") == pytest.approx(told["auc"][place], abs=1e-12)
        metric = found.score.metrics[f"sensitivity_{place}"]
        assert metric.low == pytest.approx(told["sensitivity_low"][place], abs=1e-9)
        assert metric.high == pytest.approx(told["sensitivity_high"][place], abs=1e-9)


def test_every_figure_has_an_interval_that_holds_it_and_a_number_of_patients() -> None:
    truth = np.arange(150) % 3
    found = judge_classes(ask(truth, likely(truth, 3), TRIAD))
    for name, metric in found.score.metrics.items():
        assert metric.value is not None, name
        assert metric.low is not None, name
        assert metric.high is not None, name
        assert metric.low <= metric.value <= metric.high, name
        assert metric.high > metric.low, name
    assert found.score.metrics["accuracy"].method == "Wilson"
    assert found.score.metrics["auc_normal"].method.startswith("DeLong")
    assert found.score.metrics["auc_macro"].method.startswith("patient bootstrap (BCa, 200 replicates")
    assert found.score.metrics["sensitivity_normal"].n == 50
    assert found.score.metrics["specificity_normal"].n == 100
    assert found.score.metrics["auc_macro"].n == 150
    for kind in ("roc", "pr"):
        for end in ("", "_low", "_high"):
            assert {f"{kind}_{name}{end}" for name in TRIAD} <= set(found.score.curves)
    assert found.warnings == ()


def test_the_interval_of_the_macro_auc_covers_the_truth() -> None:
    """Unit variance, every class one higher in its own column: each AUC against the rest is Phi(1 / root 2)."""
    held, cohorts, true = 0, 80, 0.7602499
    for seed in range(cohorts):
        truth = np.arange(60) % 3
        score = np.random.default_rng(seed).normal(size=(60, 3)) + np.eye(3)[truth]
        question = ask(truth, score, replicates=120)
        metric = class_metrics(class_samples(question).judged, question.resampling)["auc_macro"]
        held += int((metric.low or 0) <= true <= (metric.high or 0))
    assert 0.86 <= held / cohorts <= 0.99


def test_balanced_accuracy_has_the_interval_of_a_mean_of_proportions() -> None:
    """By hand: recalls 2/2, 2/2, 1/2 with Wilson's lower ends 0.3424, 0.3424, 0.0945 and upper ends 1, 1, 0.9055."""
    metric = judge_classes(ask(HAND_TRUTH, HAND_SCORE)).score.metrics["balanced_accuracy"]
    below, above = np.sqrt(2 * (1 - 0.342380) ** 2 + (0.5 - 0.094529) ** 2), 0.905471 - 0.5
    assert metric.low == pytest.approx((2.5 - below) / 3, abs=1e-5)
    assert metric.high == pytest.approx((2.5 + above) / 3, abs=1e-5)
    assert metric.method == "Newcombe from Wilson, the classes being independent"
    assert judge_classes(ask(HAND_TRUTH, HAND_SCORE)).score.metrics["sensitivity_macro"] == metric


def test_four_of_a_class_and_accuracy_that_says_nothing() -> None:
    truth = np.repeat([0, 1, 2], [65, 18, 4])
    score = np.tile([0.8, 0.15, 0.05], (87, 1)) + np.random.default_rng(0).normal(scale=0.001, size=(87, 3))
    found = judge_classes(ask(truth, score, TRIAD))
    assert value(found, "accuracy") == pytest.approx(65 / 87)
    assert value(found, "balanced_accuracy") == pytest.approx(1 / 3)
    (row,) = found.comparisons
    assert row["value"] == pytest.approx(65 / 87)
    assert row["comparison"] == "no-information rate: the most frequent class for everybody"
    assert isinstance(row["p"], float)
    assert row["p"] > 0.5
    said = " | ".join(found.warnings)
    assert "calling everybody infarction has accuracy 0.747, this system 0.747; its balanced accuracy is 0.333" in said
    assert "classes with fewer than 10 patients (normal 4)" in said
    assert "class normal occurs but is never called" in said
    assert found.score.metrics["ppv_normal"].value is None
    assert value(found, "ppv_macro") == pytest.approx(65 / 87 / 3)
    assert "never called, which counts as 0: ischaemia, normal" in found.score.metrics["ppv_macro"].method
    assert found.score.tables["classes"].rows[2] == ("normal", 4, 4, 4 / 87, 0)


def test_the_test_against_the_no_information_rate_by_hand() -> None:
    found = judge_classes(ask(HAND_TRUTH, HAND_SCORE))
    # 5 or 6 right of 6 at 1/3: 6 x 2 / 729 + 1 / 729
    assert found.comparisons[0]["p"] == pytest.approx(13 / 729)
    assert found.comparisons[0]["ours"] == pytest.approx(5 / 6)


def test_a_class_that_never_occurs_has_no_figures_and_is_left_out() -> None:
    truth = np.arange(40) % 2
    found = judge_classes(ask(truth, likely(truth, 3), TRIAD))
    for name in ("auc_normal", "sensitivity_normal", "specificity_normal", "f1_normal"):
        metric = found.score.metrics[name]
        assert metric.value is None
        assert metric.method == "class normal never occurs in the judged part"
    both = [value(found, "auc_infarction"), value(found, "auc_ischaemia")]
    assert value(found, "auc_macro") == pytest.approx(np.mean(both))
    assert "over 2 of 3 classes, without normal" in found.score.metrics["auc_macro"].method
    assert any("class normal never occurs" in text for text in found.warnings)
    assert not any(name.startswith("roc_normal") for name in found.score.curves)


def test_one_patient_of_a_class_gives_no_interval_of_what_holds_it() -> None:
    truth = np.array([2] + [0, 1] * 20)
    found = judge_classes(ask(truth, likely(truth, 3), TRIAD))
    assert found.score.metrics["auc_macro"].low is None
    assert found.score.metrics["auc_macro"].method == "no interval: one patient only of class normal"
    assert found.score.metrics["auc_normal"].low is None
    assert found.score.metrics["kappa"].low is not None
    assert any("class normal has ONE patient" in text for text in found.warnings)


def test_scores_that_are_no_probabilities_have_no_brier() -> None:
    truth = np.arange(30) % 3
    found = judge_classes(ask(truth, 9 * likely(truth, 3)))
    assert found.score.metrics["brier"].value is None
    assert "no probabilities" in found.score.metrics["brier"].method
    same = judge_classes(ask(truth, likely(truth, 3)))
    assert value(found, "auc_macro") == value(same, "auc_macro")


def test_rows_of_a_patient_stay_together() -> None:
    truth = np.repeat(np.arange(30) % 3, 10)
    patient = np.repeat([f"P{k}" for k in range(30)], 10)
    score = np.repeat(likely(np.arange(30) % 3, 3), 10, axis=0)
    study = [f"S{k}" for k in range(300)]
    apart = judge_classes(ask(truth, score)).score.metrics
    found = judge_classes(ask(truth, score, patient_id=patient, study_id=study))
    together = found.score.metrics
    for name in ("accuracy", "auc_macro", "kappa"):
        assert together[name].value == apart[name].value
        assert width(together[name]) > 2 * width(apart[name])
        assert together[name].n == 30
        assert together[name].method.startswith("patient bootstrap")
    assert found.comparisons[0]["p"] is None


def width(metric: Metric) -> float:
    assert metric.low is not None
    assert metric.high is not None
    return metric.high - metric.low


def test_class_scores_of_several_models_are_averaged() -> None:
    truth = np.arange(24) % 3
    first, second = likely(truth, 3, 1), likely(truth, 3, 2)
    both = ask(
        np.repeat(truth, 2),
        np.stack([first, second], axis=1).reshape(-1, 3),
        patient_id=np.repeat([f"P{k}" for k in range(24)], 2),
        fold=np.tile([0.0, 1.0], 24),
        repeat=np.zeros(48),
    )
    found, mean = judge_classes(both), judge_classes(ask(truth, (first + second) / 2))
    for name in ("accuracy", "auc_macro", "brier"):
        assert value(found, name) == pytest.approx(value(mean, name))
    assert any("mean over 2 models" in text for text in found.warnings)


def test_figures_over_the_folds_leave_out_a_fold_without_a_class() -> None:
    truth = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 1])
    fold = np.repeat([0.0, 1.0, 2.0, 3.0], 3)
    score = np.eye(3)[[0, 1, 2, 0, 1, 1, 0, 0, 2, 0, 1, 1]]
    found = judge_classes(ask(truth, score, split="validation", fold=fold, repeat=np.zeros(12)))
    folds = found.score.folds
    assert folds["accuracy"].values == pytest.approx((1, 2 / 3, 2 / 3, 1))
    assert folds["balanced_accuracy"].values == pytest.approx((1, 2 / 3, 2 / 3, None))
    assert folds["auc_macro"].values[3] is None
    assert folds["balanced_accuracy"].mean == pytest.approx(7 / 9)
    assert folds["auc_macro"].names[1] == "repeat 1 fold 2"
    assert any("pooled over the folds" in text for text in found.warnings)


def test_columns_named_by_numbers_carry_the_numbers() -> None:
    truth = np.arange(30) % 3
    score = likely(truth, 3)
    plain = judge_classes(ask(truth, score))
    turned = judge_classes(ask(truth + 1, score[:, [2, 0, 1]], ("3", "1", "2")))
    assert turned.score.classes == ("1", "2", "3")
    assert turned.score.confusion == plain.score.confusion
    assert value(turned, "auc_1") == value(plain, "auc_0")


def test_columns_of_other_targets_are_passed_over() -> None:
    truth = np.array([0, 1] * 10 + [0, 1, 2] * 10)
    target = np.array(["other"] * 20 + ["target"] * 30)
    score = np.full((50, 5), np.nan)
    score[:20, :2], score[20:, 2:] = likely(truth[:20], 2), likely(truth[20:], 3)
    asked = ask(truth, score, ("no", "yes", *TRIAD), target=target)
    found = judge_classes(
        Question(
            name="triad",
            key=asked.key,
            predictions=asked.predictions,
            rows=target == "target",
            split="test",
            threshold=None,
            resampling=asked.resampling,
        )
    )
    assert found.score.classes == TRIAD
    assert value(found, "accuracy") == pytest.approx((score[20:, 2:].argmax(axis=1) == truth[20:]).mean())


def test_groups_have_their_own_figures() -> None:
    truth = np.arange(60) % 3
    found = judge_classes(ask(truth, likely(truth, 3), sex=np.repeat(["F", "M"], 30))).score.subgroups
    assert set(found) == {"sex=F", "sex=M"}
    assert set(found["sex=F"]) == {"accuracy", "balanced_accuracy", "auc_macro"}
    assert found["sex=F"]["accuracy"].n == 30


def test_too_many_groups_are_not_made_and_that_is_said() -> None:
    truth = np.arange(60) % 3
    found = judge_classes(ask(truth, likely(truth, 3), scanner=[f"scanner {k}" for k in range(60)]))
    assert found.score.subgroups == {}
    assert "triad: scanner has 60 values, more than 20; no groups were made of it" in found.warnings


def test_a_threshold_is_not_used_and_that_is_said() -> None:
    found = judge_classes(ask(HAND_TRUTH, HAND_SCORE, threshold=0.5))
    assert found.score.threshold is not None
    assert found.score.threshold.value is None
    assert any("the threshold 0.5 is not used" in text for text in found.warnings)
