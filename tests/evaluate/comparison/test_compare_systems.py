from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar

from myoperf.core.errors import RefusedError
from myoperf.core.predictions import Predictions
from myoperf.evaluate.comparison import compare_systems, holm
from myoperf.evaluate.delong import delong, difference
from myoperf.evaluate.judgement import Part
from myoperf.evaluate.metrics import Resampling
from myoperf.evaluate.question import Question

NUMBERS = ("repeat", "fold", "truth", "score")
Row = Mapping[str, Any]


def table(**columns: Any) -> Predictions:
    return Predictions(columns={n: np.array(c, dtype=float if n in NUMBERS else str) for n, c in columns.items()})


def ask(
    predictions: Predictions, *, split: str = "test", threshold: float | None = None, replicates: int = 200
) -> list[Question]:
    names = list(dict.fromkeys(map(str, predictions["variant"])))
    return [
        Question(
            name=f"{name}/target",
            key=("", name, "target"),
            predictions=predictions,
            rows=np.asarray(predictions["variant"] == name),
            split=split,
            threshold=threshold,
            resampling=Resampling(replicates=replicates, seed=0),
        )
        for name in names
    ]


def rows(part: Part, comparison: str = "") -> dict[str, Row]:
    return {str(row["metric"]): row for row in part.comparisons if comparison in ("", row["comparison"])}


def two(n: int = 90, *, rows_each: int = 1, validation: bool = True, seed: int = 0) -> Predictions:
    """Systems "good" and "poor", and a column tpd, on the same patients."""
    rng = np.random.default_rng(seed)
    made: dict[str, list[object]] = {
        name: [] for name in ("variant", "split", "patient_id", "study_id", "truth", "score", "tpd")
    }
    for split in ("validation", "test") if validation else ("test",):
        patient = np.repeat(np.arange(n), rows_each)
        truth, shared = (patient % 3 == 0).astype(float), rng.normal(size=n)[patient]
        tpd = np.round(6 + 6 * truth + 4 * rng.normal(size=n)[patient])
        for variant, shift in (("good", 2.0), ("poor", 0.8)):
            score = 1 / (1 + np.exp(-shift * (truth - 0.5) - 0.7 * shared - 0.7 * rng.normal(size=patient.size)))
            made["variant"] += [variant] * patient.size
            made["split"] += [split] * patient.size
            made["patient_id"] += [f"{split}{p}" for p in patient]
            made["study_id"] += [f"S{k}" for k in range(patient.size)]
            made["truth"] += truth.tolist()
            made["score"] += score.tolist()
            made["tpd"] += [f"{value:g}" for value in tpd]
    return table(**made)


def judged(predictions: Predictions, variant: str) -> tuple[np.ndarray, np.ndarray]:
    here = (predictions["variant"] == variant) & (predictions["split"] == "test")
    return np.asarray(predictions["truth"])[here] == 1, np.asarray(predictions["score"], dtype=float)[here]


def test_a_pair_has_delong_mcnemar_and_net_benefit_beside_reclassification() -> None:
    made = two()
    found = rows(compare_systems(ask(made), margin=0.05))
    truth, good = judged(made, "good")
    wanted = difference(delong(truth, np.stack([good, judged(made, "poor")[1]])))
    assert wanted is not None
    area = found["auc_difference"]
    assert area["value"] == pytest.approx(wanted.value)
    assert (area["p"], area["low"], area["high"]) == (wanted.p, wanted.low, wanted.high)
    assert (area["comparison"], area["n"], area["method"]) == ("good against poor", 90, "DeLong, paired")
    assert set(found) == {
        "auc_difference",
        "sensitivity_difference",
        "specificity_difference",
        "accuracy_difference",
        "sensitivity_at_comparator_specificity",
        "sensitivity_difference_at_comparator_specificity",
        "auc_equivalence",
        "net_benefit_difference",
        "nri",
        "nri_at_threshold",
        "idi",
    }
    assert found["auc_equivalence"]["verdict"] == "equivalence within 0.05 is not shown"
    assert all("net benefit" in found[name]["caution"] for name in ("nri", "nri_at_threshold", "idi"))
    assert all(found[name]["p"] is None for name in ("nri", "idi", "net_benefit_difference"))


def test_mcnemar_is_that_of_statsmodels_at_each_systems_own_threshold() -> None:
    made = two()
    found = rows(compare_systems(ask(made)))["accuracy_difference"]
    truth, good = judged(made, "good")
    right = [
        (score >= cut) == truth for score, cut in zip((good, judged(made, "poor")[1]), found["thresholds"], strict=True)
    ]
    b, c = int((right[0] & ~right[1]).sum()), int((~right[0] & right[1]).sum())
    assert found["discordant"] == [b, c]
    wanted = statsmodels_mcnemar([[0, b], [c, 0]], exact=b + c < 25, correction=False)
    assert found["p"] == pytest.approx(wanted.pvalue, abs=1e-12)
    assert found["value"] == pytest.approx((b - c) / 90)


def test_holm_runs_over_all_tests_of_the_target() -> None:
    part = compare_systems(ask(two()), margin=0.1)
    tested = [row for row in part.comparisons if row["p"] is not None]
    assert len(tested) == 6
    assert [row["p_holm"] for row in tested] == pytest.approx(holm([float(str(row["p"])) for row in tested]))
    assert all(row["p_holm"] is None for row in part.comparisons if row["p"] is None)


def test_net_benefit_and_reclassification_counted_by_hand() -> None:
    first = [0.8, 0.6, 0.9, 0.3, 0.4, 0.1, 0.2]
    second = [0.7, 0.7, 0.4, 0.4, 0.2, 0.6, 0.3]
    made = table(
        variant=["a"] * 7 + ["b"] * 7,
        patient_id=list("tuvwxyz") * 2,
        truth=[1, 1, 1, 0, 0, 0, 0] * 2,
        score=first + second,
    )
    at_half = rows(compare_systems(ask(made)))
    assert at_half["nri"]["value"] == pytest.approx(1 / 3 + 2 / 4)
    assert at_half["idi"]["value"] == pytest.approx(0.5 / 3 + 0.5 / 4)
    assert at_half["nri_at_threshold"]["value"] == pytest.approx(1 / 3 + 1 / 4)
    assert at_half["net_benefit_difference"]["value"] == pytest.approx(2 / 7)
    at_quarter = rows(compare_systems(ask(made, threshold=0.25)))
    assert at_quarter["nri_at_threshold"]["value"] == pytest.approx(1 / 4)
    assert at_quarter["net_benefit_difference"]["value"] == pytest.approx(1 / 21)
    assert at_quarter["idi"]["threshold"] == 0.25


def test_a_column_is_compared_at_a_threshold_from_the_validation_rows() -> None:
    part = compare_systems(ask(two()), against="tpd")
    found = rows(part, "good against tpd")
    at = found["sensitivity_at_comparator_specificity"]
    assert at["chosen_on"] == "validation (90 patients)"
    assert at["method"] == "Wilson"
    assert at["n"] == 30
    assert abs(at["specificity_reached"] - at["specificity_wanted"]) < 0.2
    assert "no probabilities" in found["net_benefit_difference"]["method"]
    assert {str(row["comparison"]) for row in part.comparisons} == {"good against tpd", "poor against tpd"}


def test_a_fixed_column_without_a_threshold_is_only_ranked_and_said_so() -> None:
    part = compare_systems(ask(two(validation=False)), against="tpd")
    assert set(rows(part, "good against tpd")) == {"auc_difference", "net_benefit_difference"}
    assert any("tpd: no threshold: a fixed column" in text for text in part.warnings)


def test_a_reading_of_two_values_has_its_own_threshold_and_the_cut_on_judged_rows_is_loud() -> None:
    made = two(validation=False)
    column = np.where(np.asarray(made["tpd"]).astype(float) > 8, "2", "1")
    part = compare_systems(ask(Predictions(columns={**made.columns, "comparator": column})))
    found = rows(part, "good against comparator")
    truth, score = judged(made, "good")
    called = column[np.asarray(made["variant"]) == "good"] == "2"
    specificity = (~called[~truth]).mean()
    cuts = [score >= cut for cut in np.append(np.unique(score), 2)]
    best = max(c[truth].mean() for c in cuts if (~c[~truth]).mean() >= specificity - 1e-12)
    at = found["sensitivity_at_comparator_specificity"]
    assert at["value"] == pytest.approx(best)
    assert at["chosen_on"] == "the judged rows themselves"
    assert "bootstrap" in at["method"]
    assert any("flatters" in text for text in part.warnings)
    assert "good against poor" in {row["comparison"] for row in part.comparisons}


def test_patients_with_several_rows_are_resampled_whole() -> None:
    one, many = two(60), two(60, rows_each=5)
    part = compare_systems(ask(many), margin=0.2)
    found = rows(part)
    for name in ("auc_difference", "sensitivity_difference", "accuracy_difference"):
        assert "patients have several rows" in found[name]["method"]
        assert found[name]["low"] < found[name]["value"] < found[name]["high"]
    assert "Obuchowski" in found["auc_equivalence"]["method"]
    widths = [rows(compare_systems(ask(t)))["auc_difference"] for t in (one, many)]
    assert widths[1]["high"] - widths[1]["low"] > 0.4 * (widths[0]["high"] - widths[0]["low"])
    assert any("whole patients are resampled" in text for text in part.warnings)


def test_two_alike_systems_are_rarely_told_apart_when_patients_have_several_rows() -> None:
    false = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        patient = np.repeat(np.arange(50), 6)
        truth = patient % 2
        scores = [1.0 * truth + rng.normal(size=50)[patient] + 0.2 * rng.normal(size=patient.size) for _ in range(2)]
        made = table(
            variant=["a"] * 300 + ["b"] * 300,
            patient_id=[*patient, *patient],
            study_id=[*range(300)] * 2,
            truth=[*truth, *truth],
            score=np.concatenate(scores),
        )
        row = rows(compare_systems(ask(made, replicates=100)))["auc_difference"]
        false += row["p"] < 0.05
    assert false <= 9  # 5 % of 60 is 3; a test on rows would find more than 20


def test_only_studies_of_both_with_one_truth_are_compared() -> None:
    made = table(
        variant=["a"] * 6 + ["b"] * 6,
        patient_id=["1", "2", "3", "4", "5", "6", "1", "2", "3", "4", "7", "8"],
        truth=[0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 1],
        score=[0.1, 0.8, 0.3, 0.7, 0.2, 0.9, 0.2, 0.6, 0.9, 0.4, 0.1, 0.2],
    )
    part = compare_systems(ask(made))
    area = rows(part)["auc_difference"]
    assert area["n"] == 3
    assert area["value"] == pytest.approx(1.0 - 0.5)
    assert "3 studies are judged by both; 2 of a and 2 of b have no partner" in part.warnings[0]
    assert "1 studies have another truth" in part.warnings[1]


def test_over_the_same_folds_the_corrected_t_test_is_made() -> None:
    rng = np.random.default_rng(0)
    n = 60
    made: dict[str, list[float | str]] = {k: [] for k in ("variant", "patient_id", "truth", "score", "repeat", "fold")}
    truth = (np.arange(n) % 2).tolist()
    folds = [rng.permutation(n) % 5 for _ in range(2)]
    for variant, shift in (("a", 2.0), ("b", 0.5)):
        for repeat, fold in enumerate(folds):
            made["variant"] += [variant] * n
            made["patient_id"] += [f"P{k}" for k in range(n)]
            made["truth"] += truth
            made["score"] += (rng.normal(size=n) + shift * np.array(truth)).tolist()
            made["repeat"] += [repeat] * n
            made["fold"] += fold.tolist()
    whole = table(split=["validation"] * 4 * n, **made)
    row = rows(compare_systems(ask(whole, split="validation")))["auc_difference_over_folds"]
    assert row["df"] == 9
    assert len(row["values"]) == 10
    assert row["value"] == pytest.approx(np.mean(row["values"]))
    spread = np.std(row["values"], ddof=1)
    assert row["t"] == pytest.approx(row["value"] / (spread * np.sqrt(1 / 10 + 1 / 4)))
    moved = {**whole.columns, "fold": np.where(whole["variant"] == "b", np.roll(whole["fold"], 1), whole["fold"])}
    other = rows(compare_systems(ask(Predictions(columns=moved), split="validation")))["auc_difference_over_folds"]
    assert other["value"] is None
    assert other["method"] == "the folds hold different studies"


@pytest.mark.parametrize(
    ("truth", "first", "second", "says"),
    [
        ([1, 1, 1], [0.1, 0.2, 0.3], [0.3, 0.2, 0.1], "one class only"),
        ([0, 1, 1], [0.5, 0.5, 0.5], [0.3, 0.2, 0.1], "all scores of a are equal"),
        ([0, 1, 1], [0.5, 0.5, 0.5], [0.2, 0.2, 0.2], "all scores of a and of b are equal"),
        ([0, 1], [0.2, 0.8], [0.9, 0.3], "two patients of each class"),
        ([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9], [0.2, 0.3, 0.7, 0.8], "both rank every pair alike"),
        ([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9], [0.9, 0.8, 0.2, 0.1], "both AUCs are 0 or 1"),
        ([0, 1, 0], [0.1, 0.2, 0.3], [np.nan, np.nan, np.nan], "no study is judged by both"),
    ],
)
def test_what_cannot_be_compared_says_why(
    truth: list[float], first: list[float], second: list[float], says: str
) -> None:
    n = len(truth)
    made = table(variant=["a"] * n + ["b"] * n, patient_id=[*range(n)] * 2, truth=truth * 2, score=first + second)
    part = compare_systems(ask(made), margin=0.1)
    area = part.comparisons[0]
    assert area["metric"] == "auc_difference"
    assert says in str(area["method"])
    assert (area["p"], area["low"]) == (None, None)


def test_what_is_named_must_be_there() -> None:
    made = two()
    with pytest.raises(RefusedError, match=r"'visual'.*name one of good, poor"):
        compare_systems(ask(made), against="visual")
    with pytest.raises(RefusedError, match="fits 0 systems and no such column"):
        compare_systems(ask(made), against="study_id")
    with pytest.raises(RefusedError, match="margin"):
        compare_systems(ask(made), margin=0.0)
    only = compare_systems(ask(made)[:1], against="poor")
    assert only.comparisons == ()
    assert "poor has not judged this target" in only.warnings[0]
    assert compare_systems([]) == Part()
    assert compare_systems(ask(made)[:1]) == Part()
    against = compare_systems(ask(made), against="good")
    assert {row["comparison"] for row in against.comparisons} == {"poor against good"}
