import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from made_readers import Row, crossed, question, van_dyke

from myoperf.core.scorecard import Table
from myoperf.evaluate.judgement import Comparison, Part
from myoperf.evaluate.readers import compare_readers


def row(part: Part, comparison: str, metric: str = "auc") -> Comparison:
    (found,) = [r for r in part.comparisons if (r["comparison"], r["metric"]) == (comparison, metric)]
    return found


def cells(table: Table, *start: str) -> dict[str, str | float | None]:
    (found,) = [r for r in table.rows if r[: len(start)] == start]
    return dict(zip(table.columns, found, strict=True))


def test_the_published_study_through_a_table() -> None:
    part = compare_readers(question(van_dyke(), threshold=3))
    main = row(part, "cine - spin echo")
    printed = {"value": -0.0438, "low": -0.08796, "high": 0.00036, "p": 0.0517, "df": 15.26, "se": 0.02075}
    for name, figure in printed.items():
        decimals = len(str(figure).partition(".")[2])
        assert round(float(str(main[name])), decimals) == figure, name
    assert (main["first"], main["second"]) == (pytest.approx(0.89703704), pytest.approx(0.94083736))
    assert (main["n"], main["readers"], main["cases"]) == (114, 5, 114)
    assert row(part, "cine - spin echo (random readers and fixed cases)")["p"] == pytest.approx(0.04195875)
    assert row(part, "cine - spin echo", "sensitivity")["p"] == pytest.approx(0.02008822, rel=1e-6)
    # specificity is 1 - the share of false calls: 0.8551 against 0.8406 by counting
    assert row(part, "cine - spin echo", "specificity")["value"] == pytest.approx(5 / 345)
    assert part.warnings == ()
    assert set(part.tables) == {
        "readers", "reader_changes", "reader_agreement", "reader_conditions", "reader_variance",
    }  # fmt: skip
    reader = cells(part.tables["readers"], "R4", "spin echo")
    assert [reader[name] for name in ("cases", "positive", "auc", "sensitivity")] == pytest.approx(
        [114, 45, 0.99935588, 1.0]
    )
    assert reader["sensitivity low"] == pytest.approx(0.9213, abs=1e-4)
    assert reader["sensitivity high"] == 1
    change = cells(part.tables["reader_changes"], "R5", "cine - spin echo", "auc")
    assert change["difference"] == pytest.approx(-0.10016, abs=1e-5)
    mean = cells(part.tables["reader_conditions"], "cine", "auc", "random readers and random cases")
    assert [mean[name] for name in ("mean", "plain low", "plain high", "df")] == pytest.approx(
        [0.89703704, 0.8252236, 0.96885048, 12.74], rel=5e-4
    )
    assert list(part.curves) == ["roc_readers/cine", "roc_readers/spin echo"]
    json.dumps(part.comparisons, allow_nan=False)


def test_agreement_has_an_interval_and_says_what_agrees() -> None:
    table = compare_readers(question(van_dyke(), threshold=3)).tables["reader_agreement"]
    fleiss = cells(table, "cine", "calls", "all readers (Fleiss)")
    assert float(fleiss["low"] or 0) < float(fleiss["kappa"] or 0) < float(fleiss["high"] or 0)
    ratings = cells(table, "cine", "ratings (5 levels)", "R1 and R2")
    assert ratings["kappa"] == pytest.approx(0.1746, abs=1e-4)
    plain = compare_readers(question(van_dyke(), replicates=0)).tables["reader_agreement"]
    assert {(r[4], r[7]) for r in plain.rows} == {
        (None, "no interval: replicates are missing, all equal or mostly undefined")
    }


def test_three_conditions_have_one_test_and_adjusted_pairs() -> None:
    part = compare_readers(question(crossed(["plain", "with AI", "without AI"], "ABCD"), threshold=3))
    together = row(part, "all 3 conditions are equal")
    assert together["df1"] == 2
    pairs = [row(part, name) for name in ("with AI - plain", "with AI - without AI", "plain - without AI")]
    assert all(float(pair["p_holm"]) >= float(pair["p"]) for pair in pairs)  # type: ignore[arg-type]  # figures
    assert max(float(pair["p_holm"]) / float(pair["p"]) for pair in pairs) == pytest.approx(3)  # type: ignore[arg-type]  # figures


def test_a_table_without_readers_says_nothing() -> None:
    assert compare_readers(question(crossed(["AI"], [""]))) == Part()


def test_one_reader_speaks_for_itself_only() -> None:
    part = compare_readers(question(crossed(["with AI", "without AI"], ["A"]), threshold=3))
    assert row(part, "with AI - without AI")["analysis"] == "fixed readers and random cases"
    assert part.warnings == ("abnormal: one reader; differences hold for this reader only, not for readers",)
    assert "reader_agreement" not in part.tables


def test_few_readers_and_no_cut_are_said() -> None:
    part = compare_readers(question(crossed(["with AI", "without AI"], ["A", "B"])))
    assert "2 readers are few" in part.warnings[0]
    assert "no cut on the ratings was given, and they are not in 0..1; give a cut" in part.warnings[1]
    assert {r["metric"] for r in part.comparisons} == {"auc"}


def test_a_study_that_is_not_crossed_has_no_difference_but_its_readers_figures() -> None:
    rows = [r for r in crossed(["with AI", "without AI"], ["A", "B"]) if r[:2] != ("B", "with AI")]
    part = compare_readers(question(rows, threshold=3))
    (refused,) = part.comparisons
    assert (refused["comparison"], refused["value"]) == ("with AI - without AI", None)
    assert str(refused["method"]).startswith(
        "refused: not fully crossed, 40 ratings are missing: reader B in 'with AI'"
    )
    assert any("reader B in 'with AI' lacks every case" in text for text in part.warnings)
    assert cells(part.tables["readers"], "A", "with AI")["auc"] is not None
    assert cells(part.tables["readers"], "B", "with AI")["cases"] == 0
    assert cells(part.tables["reader_changes"], "A", "with AI - without AI", "auc")["difference"] is not None


def test_what_was_left_out_stands_in_every_method() -> None:
    rows = crossed(["with AI", "without AI"], ["A", "B", "C"])
    part = compare_readers(question([*rows[:-1], (*rows[-1][:4], float("nan"))], threshold=3))
    assert all("1 of 40 cases LEFT OUT" in str(r["method"]) for r in part.comparisons)
    assert cells(part.tables["readers"], "C", "without AI")["cases"] == 39
    assert cells(part.tables["readers"], "C", "with AI")["cases"] == 40


@pytest.mark.parametrize("truth", [0.0, 1.0])
def test_one_class_only(truth: float) -> None:
    rows: list[Row] = [(*r[:3], truth, r[4]) for r in crossed(["with AI", "without AI"], ["A", "B", "C"])]
    part = compare_readers(question(rows, threshold=3))
    assert row(part, "with AI - without AI")["value"] is None
    other = "sensitivity" if truth else "specificity"
    assert row(part, "with AI - without AI", other)["value"] is not None
    assert any("one class only" in text for text in part.warnings)
    assert part.curves == {}


def test_constant_ratings_have_no_interval() -> None:
    rows: list[Row] = [(*r[:4], 3.0) for r in crossed(["with AI", "without AI"], ["A", "B", "C"])]
    found = row(compare_readers(question(rows)), "with AI - without AI")
    assert (found["value"], found["low"], found["p"]) == (0, None, None)
    assert "figures do not vary" in str(found["method"])


@pytest.mark.parametrize("cases", [1, 2, 3, 4])
def test_a_handful_of_patients(cases: int) -> None:
    part = compare_readers(question(crossed(["with AI", "without AI"], ["A", "B"], cases=cases), threshold=3))
    json.dumps(part.comparisons, allow_nan=False)
    figures = [c for table in part.tables.values() for r in table.rows for c in r if isinstance(c, float)]
    assert np.isfinite(figures).all()
    areas = [r for r in part.comparisons if r["metric"] == "auc" and "fixed cases" not in str(r["method"])]
    # four patients have two of each class, and that is the least that cases can be drawn from
    assert all((r["low"] is None) == (cases < 4) for r in areas)
    assert areas


def test_studies_of_one_patient_are_one_draw() -> None:
    rows = crossed(["with AI", "without AI"], ["A", "B", "C"], cases=60)
    alone = compare_readers(question(rows, threshold=3))
    shared = [(*r[:2], f"P{int(r[2][1:]) // 3}", *r[3:]) for r in rows]
    part = compare_readers(question(shared, threshold=3, study_id=[r[2] for r in rows]))
    here, there = row(part, "with AI - without AI"), row(alone, "with AI - without AI")
    assert (here["n"], there["n"], here["cases"]) == (20, 60, 60)
    assert here["value"] == pytest.approx(there["value"])
    fixed = "with AI - without AI (fixed readers and random cases)"
    assert row(part, fixed)["se"] != pytest.approx(row(alone, fixed)["se"])


def test_systems_stand_beside_readers() -> None:
    rows = crossed(["with AI", "without AI"], ["A", "B", "C"]) + crossed(["AI"], [""], seed=4)
    part = compare_readers(question(rows, threshold=3))
    assert row(part, "AI - readers' mean, with AI")["readers"] == 3
    doubled = compare_readers(question([*rows, rows[-1]], threshold=3))
    assert any("system not judged: the system has 2 ratings of P39 in 'AI'" in text for text in doubled.warnings)


def bench(name: str) -> ModuleType:
    path = Path(__file__).parents[3] / "bench" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def test_equal_conditions_are_rarely_called_different_and_fixed_readers_too_often() -> None:
    module = bench("reader_studies")
    structure = module.Structure(correlation="low", spread="high", distance=2.5)
    found = module.simulate(structure, module.Size(), studies=500)
    assert 0.015 <= found.random <= 0.085
    assert 0.01 <= found.system <= 0.085
    assert found.fixed >= 0.1
    assert found.held >= 0.86
