from collections.abc import Mapping

import numpy as np
import pytest
from class_questions import TRIAD, ask

from myoperf.core.errors import RefusedError
from myoperf.core.scorecard import Metric
from myoperf.evaluate.classes import judge_classes


def honest(metrics: Mapping[str, Metric]) -> None:
    for name, metric in metrics.items():
        assert metric.method, name
        if metric.value is None:
            assert metric.low is None, name
            continue
        assert np.isfinite(metric.value), name
        for end in (metric.low, metric.high):
            assert end is None or np.isfinite(end), name


@pytest.mark.parametrize(
    ("truth", "score", "said"),
    [
        ([0, 1], np.eye(3)[:2], "class 0 has ONE patient"),
        ([0], np.eye(3)[:1], "one class only, 0 (n = 1)"),
        ([1] * 9, np.full((9, 3), 1 / 3), "one class only, 1 (n = 9)"),
        ([0, 1, 2] * 9, np.full((27, 3), 1 / 3), "all scores are equal; there is nothing to rank"),
        ([0, 1, 2] * 9, np.full((27, 3), 1 / 3), "27 rows share their highest score"),
        ([np.nan] * 4, np.full((4, 3), 1 / 3), "no patient with a class and a score of every class"),
        ([np.nan, 0, 1, 2], [[1, 0, 0], [np.nan, 0, 1], [0, 1, 0], [0, 0, 1]], "2 rows without a truth or a score"),
    ],
)
def test_poor_tables_are_told_and_never_crash(truth: list[float], score: object, said: str) -> None:
    found = judge_classes(ask(truth, score))
    assert said in " | ".join(found.warnings)
    honest(found.score.metrics)


def test_a_perfect_system_still_has_width_where_it_can() -> None:
    truth = np.arange(30) % 3
    found = judge_classes(ask(truth, np.eye(3)[truth]))
    honest(found.score.metrics)
    for name in ("balanced_accuracy", "auc_macro", "auc_weighted"):
        metric = found.score.metrics[name]
        assert metric.low is not None
        assert 0.5 < metric.low < 0.9
        assert metric.high == 1
    assert found.score.metrics["kappa"].low is None


@pytest.mark.parametrize(
    ("truth", "names", "wrong"),
    [
        ([0, 1, 3], TRIAD, "got 3"),
        ([0, 1, 0.5], TRIAD, "got 0.5"),
        ([0, 1, 2], ("1", "2", "3"), "got 0"),
        ([1, 2, 3], ("1", "2", "02"), "got 2"),
        ([0, 1, 2], ("a", "b", "macro"), "class_macro"),
    ],
)
def test_what_does_not_fit_is_refused(truth: list[float], names: tuple[str, ...], wrong: str) -> None:
    with pytest.raises(RefusedError, match=wrong):
        judge_classes(ask(truth, np.eye(3), names))


def test_a_class_without_any_score_is_refused() -> None:
    score = np.eye(3)
    score[:, 1] = np.nan
    with pytest.raises(RefusedError, match="no score at all in class_ischaemia"):
        judge_classes(ask([0, 1, 1], score, TRIAD))
    with pytest.raises(RefusedError, match="got class_0"):
        judge_classes(ask([0, 0], np.ones((2, 1))))
