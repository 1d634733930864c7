import pytest

from myoperf.core.scorecard import Metric, Threshold
from myoperf.report.words import NAMES, interval, metric_name, number, threshold_words, unit_of, words


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("auc", "AUC"),
        ("auc_macro", "AUC, macro"),
        ("auc_ovo", "AUC of pairs of classes"),
        ("dice_left_ventricle", "Dice, left ventricle"),
        ("hd95_1", "Hausdorff distance, 95 %, 1"),
        ("dynamic_auc_365", "Dynamic AUC, 365"),
        ("brier_skill", "Brier skill"),
        ("brier_730", "Brier score, 730"),
        ("integrated_brier", "Integrated Brier score"),
        ("sss_error", "sss error"),
        ("", ""),
    ],
)
def test_a_class_or_a_horizon_stands_behind_the_longest_known_name(name: str, shown: str) -> None:
    assert metric_name(name) == shown


def test_no_two_figures_share_a_name() -> None:
    assert len(set(NAMES.values())) == len(NAMES)


@pytest.mark.parametrize(
    ("value", "name", "shown"),
    [
        (0.125, "auc", "0.12"),
        (0.1254, "brier_730", "0.125"),
        (-0.004, "auc", "0.00"),
        (-0.004, "brier", "−0.004"),
        (-0.0, "", "0.00"),
        (-12.5, "loa_low", "−12.50"),
        (3.0, "missed_2", "3.00"),
        (3.0, "missed", "3"),
        (None, "auc", "–"),
        (100.0, "", "100.00"),
    ],
)
def test_numbers(value: float | None, name: str, shown: str) -> None:
    assert number(value, name) == shown


def test_an_interval_needs_both_ends() -> None:
    assert interval(-0.1, 0.2) == "[−0.10–0.20]"
    assert interval(0.1, None) == interval(None, 0.1) == ""
    assert interval(0.1, 0.2, "brier") == "[0.100–0.200]"


@pytest.mark.parametrize(
    ("value", "chosen_on", "shown"),
    [
        (0.4567, "validation (Youden)", "positive from 0.457; chosen on validation (Youden)"),
        (5, "given", "positive from 5; given"),
        (0.5, "not chosen: 0.5", "positive from 0.5; not chosen: 0.5"),
        (None, "none: why", "none: why"),
    ],
)
def test_a_threshold_says_where_it_comes_from(value: float | None, chosen_on: str, shown: str) -> None:
    assert threshold_words(Threshold(value=value, chosen_on=chosen_on)) == shown


def test_names_of_files_become_words() -> None:
    assert words("left_anterior_descending") == "left anterior descending"


def test_what_is_below_one_never_reads_as_one() -> None:
    assert number(0.9962) == "0.996"
    assert number(-0.99996) == "−0.99996"
    assert number(1.0) == "1.00"
    assert number(0.994) == "0.99"
    assert number(1.004) == "1.00"


def test_a_distance_has_its_unit() -> None:
    metric = Metric(value=2.0, method="HD95 (larger of two), mm; mean over 3 images", n=3)
    assert unit_of(metric) == " mm"
    assert unit_of(Metric(value=2.0, method="mean over 3 images", n=3)) == ""
