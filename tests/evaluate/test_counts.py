import pytest

from myoperf.core.errors import RefusedError
from myoperf.evaluate import evaluate_counts

# Counts and printed indexes of five training-validation steps (Wang et al. 2022, Int J Cardiovasc Imaging 38:465,
# tables 2 and 3); the columns of table 2 are the manual reading.
RUNS = {
    1: (354, 51, 35, 561),
    2: (385, 30, 41, 545),
    3: (385, 39, 41, 536),
    4: (367, 28, 41, 565),
    5: (388, 28, 63, 522),
}
NAMES = {
    "sensitivity": 4,
    "specificity": 4,
    "lr_positive": 2,
    "lr_negative": 2,
    "ppv": 4,
    "npv": 4,
    "youden": 2,
    "accuracy": 4,
    "kappa": 2,
}
"""In the order of the paper's columns, with the digits that it prints (of fractions)."""
PRINTED = {
    1: (0.9100, 0.9167, 10.92, 0.09, 0.8741, 0.9431, 0.83, 0.9141, 0.82),
    2: (0.9038, 0.9478, 17.32, 0.10, 0.9277, 0.9300, 0.85, 0.9291, 0.85),
    3: (0.9038, 0.9322, 13.32, 0.10, 0.9080, 0.9289, 0.84, 0.9201, 0.84),
    4: (0.8995, 0.9528, 19.05, 0.11, 0.9291, 0.9323, 0.85, 0.9311, 0.86),
    5: (0.8603, 0.9491, 16.90, 0.15, 0.9327, 0.8923, 0.81, 0.9091, 0.82),
}
BANDS = {1: "very high", 2: "very high", 3: "very high", 4: "very high", 5: "very high"}


def test_43_of_45_printed_figures_follow_from_the_counts() -> None:
    other = {}
    for run, counts in RUNS.items():
        metrics = evaluate_counts(*counts).targets["counts"].metrics
        for (name, digits), printed in zip(NAMES.items(), PRINTED[run], strict=True):
            value = metrics[name].value
            assert value is not None
            if round(value, digits) != printed:
                other[run, name] = round(value, digits)
    assert other == {(1, "npv"): 0.9413, (1, "lr_negative"): 0.10}


@pytest.mark.parametrize("run", RUNS)
def test_every_figure_of_a_full_table_has_an_interval_around_it(run: int) -> None:
    metrics = evaluate_counts(*RUNS[run]).targets["counts"].metrics
    for name, metric in metrics.items():
        assert metric.value is not None, name
        assert metric.low is not None, name
        assert metric.high is not None, name
        assert metric.low < metric.value < metric.high, name


@pytest.mark.parametrize("run", RUNS)
def test_kappa_has_its_word(run: int) -> None:
    score = evaluate_counts(*RUNS[run]).targets["counts"]
    words = {row[2]: row[1] for row in score.tables["kappa"].rows}
    assert words == {"0.4 / 0.6 / 0.8": BANDS[run], "Landis and Koch 1977": "almost perfect"}
    assert score.tables["kappa"].rows[0][0] == score.metrics["kappa"].value


def test_mcnemar_of_run_two() -> None:
    (row,) = evaluate_counts(*RUNS[2]).comparisons
    assert row["metric"] == "mcnemar"
    assert row["value"] == pytest.approx(1.704, abs=5e-4)
    assert row["p"] == pytest.approx(0.19, abs=5e-3)


def test_each_figure_has_the_number_it_rests_on() -> None:
    metrics = evaluate_counts(*RUNS[2]).targets["counts"].metrics
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
