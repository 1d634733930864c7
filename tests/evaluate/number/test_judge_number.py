from typing import Any

import numpy as np
import pytest

from myoperf.core.predictions import Predictions
from myoperf.evaluate.metrics import Resampling
from myoperf.evaluate.number import judge_number
from myoperf.evaluate.number.figures import NAMES
from myoperf.evaluate.question import Question


def question(patient: Any, truth: Any, score: Any, split: str = "test", **more: Any) -> Question:
    columns = {
        "patient_id": np.array(patient, dtype=str),
        "truth": np.array(truth, float),
        "score": np.array(score, float),
    }
    columns |= {"split": np.full(len(patient), split), **{name: np.array(value) for name, value in more.items()}}
    return Question(
        name="ef",
        key=("", "", "ef"),
        predictions=Predictions(columns=columns),
        rows=np.ones(len(patient), dtype=bool),
        split=split,
        threshold=None,
        resampling=Resampling(replicates=300, seed=0),
    )


def cohort(patients: int, rows: int = 1) -> Question:
    rng = np.random.default_rng(0)
    truth = rng.normal(55, 12, patients)
    patient = np.repeat(np.arange(patients), rows)
    score = truth[patient] + 2 + np.repeat(rng.normal(0, 4, patients), rows) + rng.normal(0, 1, patients * rows)
    study = [f"{p}-{k}" for k, p in enumerate(patient)]
    return question(patient, truth[patient], score, study_id=study)


def test_one_row_a_patient() -> None:
    found = judge_number(cohort(60))
    score = found.score
    assert score.kind == "number"
    assert tuple(score.metrics) == NAMES
    for name, metric in score.metrics.items():
        assert metric.value is not None, name
        assert metric.low is not None, metric.method
        assert metric.high is not None
        assert metric.low < metric.value < metric.high, name
        assert metric.n == 60
    assert "t interval" in score.metrics["bias"].method
    assert "McGraw" in score.metrics["icc_agreement"].method
    assert 0.5 < (score.metrics["bias"].value or 0) < 3.5
    curve = score.curves["bland_altman"]
    assert len(curve.x) == len(curve.y) == 60
    assert np.mean(curve.y) == pytest.approx(score.metrics["bias"].value)
    assert [row[0] for row in score.tables["bland_altman"].rows] == ["bias", "loa_low", "loa_high"]
    assert not found.warnings


def test_several_rows_a_patient_are_drawn_together() -> None:
    found = judge_number(cohort(60, rows=8))
    once, often = judge_number(cohort(60)).score.metrics["bias"], found.score.metrics["bias"]
    assert "480 rows of 60 patients; patient bootstrap" in often.method
    assert any("480 rows of 60 patients" in line for line in found.warnings)
    assert often.n == 60
    width = [(one.high or 0) - (one.low or 0) for one in (once, often)]
    assert width[1] > 0.7 * width[0]


def test_several_models_are_averaged_and_an_ensemble_stands_alone() -> None:
    truth, patient = [1.0, 2.0, 4.0, 1.0, 2.0, 4.0], ["a", "b", "c"] * 2
    fold = np.array([0, 0, 0, 1, 1, 1])
    mean = judge_number(question(patient, truth, [1.0, 2.0, 4.0, 3.0, 4.0, 6.0], fold=fold))
    assert mean.score.metrics["bias"].value == 1.0
    assert any("mean over 2 models" in line for line in mean.warnings)
    alone = judge_number(
        question(patient, truth, [1.0, 2.0, 4.0, 3.0, 4.0, 6.0], fold=fold - 1, repeat=np.where(fold == 0, -1, 0))
    )
    assert alone.score.metrics["bias"].value == 0.0
    assert alone.score.metrics["bias"].n == 3


@pytest.mark.parametrize(
    ("truth", "score", "said"),
    [
        ([], [], "no patient"),
        ([np.nan, 3.0], [2.0, np.nan], "no patient"),
        ([40.0], [45.0], "one patient only"),
        ([40.0, 50.0], [45.0, 51.0], ""),
        ([40.0] * 8, list(range(8)), "all truths are equal"),
        (list(range(8)), [40.0] * 8, "all scores are equal"),
        ([40.0] * 8, [40.0] * 8, "all truths are equal"),
        (list(range(8)), list(range(8)), ""),
        ([1e300, 2, 3, 4, 5, 6], [0, 1, 2, 3, 4, 5], "1 rows without"),
        ([1e99, -1e99, 3, 4, 5, 6], [0, 1, 2, 3, 4, 5], ""),
        ([1e-99, -1e-99, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], ""),
    ],
)
def test_hostile_rows_are_stated_and_never_crash(truth: list[float], score: list[float], said: str) -> None:
    found = judge_number(question([f"p{k}" for k in range(len(truth))], truth, score))
    for name, metric in found.score.metrics.items():
        assert metric.method, name
        for end in (metric.value, metric.low, metric.high):
            assert end is None or np.isfinite(end), name
        assert metric.value is not None or metric.low is None
    told = " ".join([*found.warnings, *(metric.method for metric in found.score.metrics.values())])
    assert said in told
