import pytest

from myoperf.core.errors import RefusedError
from myoperf.evaluate import evaluate_counts

# Counts of five training-validation steps and the figures that follow from them, checked by hand
# (Wang et al. 2022, Int J Cardiovasc Imaging 38:465, tables 2 and 3).
RUN_1 = (354, 51, 35, 561)
RUN_2 = (385, 30, 41, 545)


def test_run_two_follows_to_the_printed_digit() -> None:
    metrics = evaluate_counts(*RUN_2).targets["counts"].metrics
    wanted = {
        "sensitivity": 0.9038,
        "specificity": 0.9478,
        "ppv": 0.9277,
        "npv": 0.9300,
        "lr_positive": 17.32,
        "lr_negative": 0.10,
        "youden": 0.85,
        "accuracy": 0.9291,
        "kappa": 0.854,
    }
    for name, value in wanted.items():
        digits = 2 if name in ("lr_positive", "lr_negative", "youden") else 3 if name == "kappa" else 4
        found = metrics[name]
        assert found.value is not None
        assert round(found.value, digits) == pytest.approx(value), name
        assert found.low is not None
        assert found.high is not None
        assert found.low < found.value < found.high


def test_run_one_contradicts_two_printed_figures() -> None:
    metrics = evaluate_counts(*RUN_1).targets["counts"].metrics
    assert round(metrics["npv"].value or 0, 4) == 0.9413
    assert round(metrics["lr_negative"].value or 0, 3) == 0.098
    assert round(metrics["kappa"].value or 0, 2) == 0.82


def test_mcnemar_of_run_two() -> None:
    (row,) = evaluate_counts(*RUN_2).comparisons
    assert row["value"] == pytest.approx(1.704, abs=5e-4)
    assert row["p"] == pytest.approx(0.19, abs=5e-3)


def test_each_figure_has_the_number_it_rests_on() -> None:
    metrics = evaluate_counts(*RUN_2).targets["counts"].metrics
    assert (metrics["sensitivity"].n, metrics["specificity"].n) == (426, 575)
    assert (metrics["ppv"].n, metrics["npv"].n, metrics["kappa"].n) == (415, 586, 1001)


@pytest.mark.parametrize(
    "counts", [(10, 0, 0, 10), (0, 0, 0, 5), (5, 0, 0, 0), (0, 3, 0, 0), (0, 0, 2, 0), (3, 0, 0, 4)]
)
def test_empty_cells_never_crash_and_say_why(counts: tuple[int, int, int, int]) -> None:
    for name, metric in evaluate_counts(*counts).targets["counts"].metrics.items():
        assert metric.method, name
        assert metric.value is None or metric.low is None or metric.low <= metric.value + 1e-12


def test_nothing_or_less_is_refused() -> None:
    with pytest.raises(RefusedError, match="0 0 0 0"):
        evaluate_counts(0, 0, 0, 0)
    with pytest.raises(RefusedError, match="-1"):
        evaluate_counts(1, -1, 0, 0)
