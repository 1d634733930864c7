from collections.abc import Sequence

import numpy as np
import pytest

from myoperf.core.scorecard import ChecklistItem, Curve, Metric, Table, TargetScore
from myoperf.report.scorecard_more import filled, pictures, printed

LINE = Curve(x=(0.0, 0.5, 1.0), y=(0.2, 0.5, 0.9))


def curves(*names: str) -> dict[str, Curve]:
    return dict.fromkeys(names, LINE)


def banded(*names: str) -> dict[str, Curve]:
    return curves(*(f"{name}{end}" for name in names for end in ("", "_low", "_high")))


def score(kind: str = "binary", **more: object) -> TargetScore:
    figure = Metric(value=0.816, low=0.7, high=0.9, method="m", n=40)
    names = ("pr_auc", "calibration_slope", "dynamic_auc", "loa_low", "bias", "loa_high")
    return TargetScore(metrics=dict.fromkeys(names, figure), kind=kind, **more)  # type: ignore[arg-type]  # by name


def drawn(one: TargetScore) -> list[str]:
    return [picture.alt for picture in pictures(one)]


def rows(table: Table) -> list[tuple[str, ...]]:
    return [tuple(map(str, row)) for row in printed("x", table).rows]


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        (score(curves=curves("roc")), []),
        (score(curves=banded("roc", "pr")), ["Precision and recall"]),
        (score(curves=banded("reliability")), ["Reliability"]),
        (score(curves=banded("net_benefit") | curves("net_benefit_all", "net_benefit_none")), ["Net benefit"]),
        (score("classes", curves=banded("roc_a"), classes=("a", "b")), ["ROC curves of the classes"]),
        (score("classes", curves=banded("pr_a", "pr_b"), classes=("a", "b")), ["Precision and recall of the classes"]),
        (score(curves=banded("roc_a"), classes=("a", "b")), []),
        (score(curves=curves("roc_readers/alone", "roc_readers/with AI")), ["ROC curves of the readers"]),
        (score("survival", curves=banded("km_q1", "km_q2", "cif_q1")), ["Without an event", "Share with the event"]),
        (score("survival", curves=banded("dynamic_auc")), ["Dynamic AUC"]),
        (score("number", curves=curves("bland_altman")), ["Bland-Altman"]),
    ],
)  # fmt: skip
def test_every_curve_is_drawn_once(found: TargetScore, shown: list[str]) -> None:
    assert drawn(found) == shown
    assert all(picture.uri.startswith("data:image/png;base64,") for picture in pictures(found))


def test_captions_tell_the_figure_with_its_interval_and_n() -> None:
    captions = [picture.caption for picture in pictures(score(curves=banded("pr", "reliability")))]
    assert captions == [
        "Precision-recall AUC 0.82 [0.70–0.90], n 40",
        "Calibration slope 0.82 [0.70–0.90], n 40",
    ]


def test_a_figure_that_is_missing_leaves_no_caption() -> None:
    bare = TargetScore(metrics={"pr_auc": Metric(value=None, method="why", n=3)}, curves=banded("pr"))
    assert [picture.caption for picture in pictures(bare)] == [""]
    alone = TargetScore(metrics={"pr_auc": Metric(value=0.5, method="m", n=3)}, curves=banded("pr"))
    assert [picture.caption for picture in pictures(alone)] == ["Precision-recall AUC 0.50, n 3"]


def test_bins_of_the_last_horizon_are_drawn_and_half_known_ones_are_not() -> None:
    columns = ("horizon_days", "predicted", "observed", "low", "high")
    first = ((365.0, 0.1, 0.1, 0.0, 0.3), (365.0, 0.2, 0.2, 0.1, 0.4))
    last = ((730.0, 0.5, 0.6, 0.4, 0.8), (730.0, 0.9, None, None, None))

    def picture(given: Sequence[tuple[float | None, ...]]) -> str:
        table = Table(columns=columns, rows=tuple(given))
        (one,) = pictures(score("survival", tables={"horizon_calibration": table}))
        return one.uri

    assert picture((*first, *last)) == picture(last[:1]) != picture(first)


def test_a_value_and_its_ends_share_a_cell() -> None:
    named = Table(columns=("group", "slope", "slope_low", "slope_high", "n"), rows=(("F", 0.91, 0.8, 1.0, 30.0),))
    assert printed("calibration_groups", named).heads == ("group", "slope", "n")
    assert rows(named) == [("F", "0.91 [0.8–1]", "30")]
    bare = Table(columns=("bin", "observed", "low", "high"), rows=((1.0, 0.25, 0.1, 0.5),))
    assert rows(bare) == [("1", "0.25 [0.1–0.5]")]
    apart = Table(columns=("low", "x", "high"), rows=((1.0, 2.0, 3.0),))
    assert rows(apart) == [("1", "2", "3")]


def test_ends_that_are_missing_leave_the_value_alone() -> None:
    table = Table(columns=("x", "x_low", "x_high"), rows=((0.5, None, 0.6), (None, None, None), (0.5, 0.4, None)))
    assert rows(table) == [("0.5",), ("–",), ("0.5",)]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (3.0, "3"),
        (-3.0, "−3"),
        (0.12345, "0.123"),
        (-0.5, "−0.5"),
        (1e-9, "1e−09"),
        (1234567.0, "1.23e+06"),
        (-0.0, "0"),
        (None, "–"),
        ("2-1", "2-1"),
        ("", ""),
    ],
)
def test_cells(cell: str | float | None, shown: str) -> None:
    assert rows(Table(columns=("x",), rows=((cell,),))) == [(shown,)]


def test_titles_and_heads_are_words() -> None:
    table = Table(columns=("mean_predicted",), rows=((0.5,),), note="How it is read.")
    assert printed("net_benefit", table).title == "Net benefit"
    assert printed("of_my_own", table).title == "Of my own"
    assert printed("x", table).heads == ("mean predicted",)
    assert printed("x", table).note == "How it is read."


def test_a_table_without_rows_has_its_note_only() -> None:
    empty = printed("stress_first", Table(columns=("a", "b"), rows=(), note="why there is none"))
    assert (empty.heads, empty.rows, empty.note) == ((), (), "why there is none")


def test_what_a_run_answers_is_counted() -> None:
    items = tuple(ChecklistItem(item=str(k), topic="t", answer="yes" if k < 2 else "") for k in range(5))
    assert filled(items) == "2 of 5 items answered by the run"


def test_shares_of_positives_are_the_height_of_chance() -> None:
    """The line moves with the confusion table, and is not there without one."""
    half, tenth, none = (
        pictures(score(curves=banded("pr"), confusion=confusion))[0].uri
        for confusion in (((30, 20), (10, 40)), ((80, 10), (5, 5)), ())
    )
    assert len({half, tenth, none}) == 3
    same = pictures(score(curves=banded("pr"), confusion=((50, 0), (50, 0))))[0].uri
    assert same == half
    assert np.ptp([len(uri) for uri in (half, tenth)]) < 2000
