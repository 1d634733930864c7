from typing import Any

from myoperf.report.comparison_rows import compared


def row(**more: Any) -> dict[str, Any]:
    plain = {"target": "sys/stress/abnormal_scan", "comparison": "a against b", "metric": "auc", "value": 0.1234}
    return {**plain, "low": -0.0012, "high": 0.25, "p": 0.04, "method": "DeLong", "n": 80, **more}


def test_rows_of_one_pair_stand_together_and_in_order() -> None:
    groups = compared([row(), row(comparison="a against c"), row(metric="specificity")])
    assert [(group.target, group.comparison) for group in groups] == [
        ("abnormal scan", "a against b"),
        ("abnormal scan", "a against c"),
    ]
    assert [one["metric"] for one in groups[0].rows] == ["AUC", "Specificity"]


def test_a_row_is_written_as_text() -> None:
    ((one,),) = (group.rows for group in compared([row(p_holm=0.08, verdict="not equivalent")]))
    assert one == {
        "metric": "AUC",
        "value": "0.12",
        "range": "[0.00–0.25]",
        "p": "0.040",
        "p_holm": "0.080",
        "n": "80",
        "method": "DeLong; not equivalent",
    }


def test_small_differences_keep_three_decimals() -> None:
    ((one,),) = (group.rows for group in compared([row(metric="net_benefit", value=0.0042, low=-0.003, high=0.011)]))
    assert (one["value"], one["range"]) == ("0.004", "[−0.003–0.011]")


def test_equal_rows_stand_once_and_others_do_not_vanish() -> None:
    alone = row(comparison="sex alone", target="sys/stress/abnormal")
    ((first, second),) = (
        group.rows for group in compared([alone, {**alone, "target": "sys/rest/abnormal"}, {**alone, "n": 79}])
    )
    assert (first["n"], second["n"]) == ("80", "79")


def test_ends_of_a_p() -> None:
    for value, text in ((0.0009, "< 0.001"), (0.001, "0.001"), (0.9996, "1.000"), (1, "1.000"), (0, "< 0.001")):
        ((one,),) = (group.rows for group in compared([row(p=value)]))
        assert one["p"] == text
        assert one["p_holm"] == ""


def test_what_is_missing_is_a_dash_and_no_interval() -> None:
    ((one,),) = (group.rows for group in compared([row(value=None, high=None, p=None, method="no test: why")]))
    assert (one["value"], one["range"], one["p"], one["method"]) == ("–", "", "", "no test: why")


def test_whole_numbers_are_numbers() -> None:
    ((one,),) = (group.rows for group in compared([row(value=0, low=-1, high=1)]))
    assert (one["value"], one["range"]) == ("0.00", "[−1.00–1.00]")


def test_nothing_compared_gives_nothing() -> None:
    assert compared([]) == []
