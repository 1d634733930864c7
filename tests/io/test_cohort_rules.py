"""Cohort tables: what breaks a rule is told with file, row, column, value and rule; the other rows are read."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Sex, Tracer
from myoperf.io.cohort import check_cohort, read_cohort
from myoperf.io.cohort_rules import plain_id

HEADER = "patient_id,study_id,tracer,sex,stress,rest,age,label_abnormal,split"
GOOD = ["P1,P1-1,Tc-99m,M,a.dcm,b.dcm,60,1,train", "P2,P2-1,Tl-201,F,c.dcm,,61.5,0,test", "P3,P3-1,,,,d.dcm,,,train"]
Table = Callable[..., Path]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    for name in "abcdefgh":
        (tmp_path / f"{name}.dcm").write_bytes(b"x")

    def write(*rows: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
        path = tmp_path / "cohort.csv"
        path.write_bytes("\n".join([header, *rows, ""]).encode(encoding))
        return path

    return write


def test_a_good_table_is_read_as_it_stands(table: Table, tmp_path: Path) -> None:
    path = table(*GOOD)
    assert check_cohort(path) == ()
    cohort = read_cohort(path)
    one, two, three = cohort.rows
    assert (one.row, one.patient_id, one.study_id, one.tracer, one.sex) == (2, "P1", "P1-1", Tracer.TC99M, Sex.MALE)
    assert (one.stress, one.rest) == (tmp_path / "a.dcm", tmp_path / "b.dcm")
    assert two.rest is None
    assert (three.tracer, three.sex, three.stress) == (None, None, None)
    assert [r.values["age"] for r in cohort.rows] == [60.0, 61.5, None]
    assert [r.values["label_abnormal"] for r in cohort.rows] == [1, 0, None]
    assert cohort.columns == tuple(HEADER.split(","))
    assert cohort.refused == ()


def test_ids_stay_text_and_marks_of_spreadsheets_are_understood(table: Table) -> None:
    rows = ["001,1e5,,,,,,,", "2024-05-01,NA-1,,,,,,,", "NA,null,,,,,,,", "'=1+1,nan,,,,,,,"]
    cohort = read_cohort(table(*rows, encoding="utf-8-sig"))
    assert [r.patient_id for r in cohort.rows] == ["001", "2024-05-01", "NA", "=1+1"]
    assert [r.study_id for r in cohort.rows] == ["1e5", "NA-1", "null", "nan"]


def test_other_columns_are_numbers_only_if_all_are(table: Table) -> None:
    header = "patient_id,study_id,code,weight,note"
    cohort = read_cohort(table("A,A1,007,70.5,x", "B,B1,012,-3,", "C,C1,1,,4", header=header))
    assert [r.values["code"] for r in cohort.rows] == ["007", "012", "1"]
    assert [r.values["weight"] for r in cohort.rows] == [70.5, -3.0, None]
    assert [r.values["note"] for r in cohort.rows] == ["x", None, "4"]


def broken(row: str, number: int, column: str, rule: str) -> object:
    return pytest.param(row, number, column, rule, id=f"{column}-{rule[:20]}-{row[:20]}")


@pytest.mark.parametrize(
    ("row", "number", "column", "rule"),
    [
        broken(",P4-1,,,,,,,", 5, "patient_id", "not empty"),
        broken("P4,,,,,,,,", 5, "study_id", "not empty"),
        broken("  ,P4-1,,,,,,,", 5, "patient_id", "not empty"),
        broken("P4 ,P4-1,,,,,,,", 5, "patient_id", "spaces"),
        broken("P\x004,P4-1,,,,,,,", 5, "patient_id", "plain text"),
        broken("P\u202e4,P4-1,,,,,,,", 5, "patient_id", "plain text"),
        broken("P4,P4-1,Tc99m,,,,,,", 5, "tracer", "Tc-99m or Tl-201"),
        broken("P4,P4-1,Rb-82,,,,,,", 5, "tracer", "Tc-99m or Tl-201"),
        broken("P4,P4-1,,male,,,,,", 5, "sex", "F or M"),
        broken("P4,P4-1,,,nowhere.dcm,,,,", 5, "stress", "is there"),
        broken("P4,P4-1,,,../x.dcm,,,,", 5, "stress", "inside the folder"),
        broken("P4,P4-1,,,,/etc/passwd,,,", 5, "rest", "relative"),
        broken("P4,P4-1,,,,C:\\x.dcm,,,", 5, "rest", "relative"),
        broken("P4,P4-1,,,,\\\\server\\x,,,", 5, "rest", "relative"),
        broken("P4,P4-1,,,a.dcm,,,,", 5, "stress", "named twice"),
        broken("P4,P4-1,,,./e.dcm,e.dcm,,,", 5, "stress", "named twice"),
        broken('P4,P4-1,,,,,"61,5",,', 5, "age", "decimal point"),
        broken("P4,P4-1,,,,,-1,,", 5, "age", "0 to 130"),
        broken("P4,P4-1,,,,,nan,,", 5, "age", "number"),
        broken("P4,P4-1,,,,,inf,,", 5, "age", "number"),
        broken("P4,P4-1,,,,,1_0,,", 5, "age", "number"),
        broken("P4,P4-1,,,,,,yes,", 5, "label_abnormal", "is a number"),
        broken("P4,P1-1,,,,,,,", 5, "study_id", "one study is one row"),
        broken("P1,P1-2,,,,,,,test", 5, "split", "one split"),
        broken("P1,P1-2,,F,,,,,", 5, "sex", "one sex"),
        broken("p1,P4-1,,,,,,,", 5, "patient_id", "one id"),
        broken("P01,P4-1,,,,,,,", 5, "patient_id", "one id"),
        broken("P 1,P4-1,,,,,,,", 5, "patient_id", "one id"),
        broken("Ｐ1,P4-1,,,,,,,", 5, "patient_id", "one id"),
        broken("P4,P4-1,,,,,,,,extra", 5, "all", "9 cells"),
        broken("P4,P4-1", 5, "all", "9 cells"),
        broken(GOOD[0], 5, "all", "no row comes twice"),
    ],
)
def test_a_broken_rule_is_told_with_its_place(table: Table, row: str, number: int, column: str, rule: str) -> None:
    path = table(*GOOD, row)
    lines = [line for line in check_cohort(path) if f"row {number}, column {column}:" in line]
    assert any(rule in line for line in lines), check_cohort(path)
    assert all(str(path) in line and line.isprintable() for line in lines)
    with pytest.raises(RefusedError, match=re.escape(str(path))):
        read_cohort(path)
    rest = read_cohort(path, strict=False)
    assert number not in [r.row for r in rest.rows]
    assert rest.refused == check_cohort(path)
    assert {"P2", "P3"} <= {r.patient_id for r in rest.rows}


def test_of_equal_rows_the_first_is_kept_and_of_unequal_ones_none(table: Table) -> None:
    equal = read_cohort(table(*GOOD, GOOD[0]), strict=False)
    assert [r.row for r in equal.rows] == [2, 3, 4]
    unequal = read_cohort(table(*GOOD, "P1,P1-1,Tc-99m,M,e.dcm,f.dcm,60,1,train"), strict=False)
    assert [r.row for r in unequal.rows] == [3, 4]


def test_survival_columns(table: Table) -> None:
    header = "patient_id,study_id,event,time_days"
    lines = check_cohort(
        table("A,A1,1,300", "B,B1,yes,20", "C,C1,0,-5", "D,D1,1,", "E,E1,1.5,7", "F,F1,,", header=header)
    )
    assert [line.split("row ")[1].split(":")[0] for line in lines] == [
        "3, column event",
        "4, column time_days",
        "5, column time_days",
        "6, column event",
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b"patient_id,study_id\n", "header alone"),
        (b"patient,study\na,b\n", "no patient_id and no study_id"),
        (b"patient_id;study_id\na;b\n", "comma-separated"),
        (b"patient_id,study_id,age,age\na,b,1,2\n", "twice age"),
        (b"patient_id,study_id,\na,b,\n", "every column has a name"),
        (b"patient_id,study_id\n\xff\xfe,b\n", "UTF-8"),
        ("patient_id,study_id\na,b\n".encode("utf-16"), "UTF-8"),
        (b'patient_id,study_id\n"a,b\n', "comma-separated text"),
        (b"patient_id,study_id," + b",".join(b"c%d" % k for k in range(10_000)) + b"\n", "at most 2000 columns"),
        (b"patient_id,study_id\n" + b"a" * 200_000 + b",b\n", "comma-separated text"),
    ],
)
def test_what_is_no_cohort_table(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "cohort.csv"
    path.write_bytes(content)
    (line,) = check_cohort(path)
    assert reason in line
    for strict in (True, False):
        with pytest.raises(RefusedError, match=reason):
            read_cohort(path, strict=strict)


def test_a_missing_table_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(RefusedError, match="can be read"):
            read_cohort(path)


def test_links_out_of_the_folder_are_refused(table: Table, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside.dcm"
    outside.write_bytes(b"x")
    (tmp_path / "link.dcm").symlink_to(outside)
    (tmp_path / "round.dcm").symlink_to(tmp_path / "round.dcm")
    (tmp_path / "inside.dcm").symlink_to(tmp_path / "h.dcm")
    lines = check_cohort(table("A,A1,,,link.dcm,round.dcm,,,", "B,B1,,,inside.dcm,,,,"))
    assert len(lines) == 2
    assert any("column stress" in line and "inside the folder" in line for line in lines)


def test_arrays_in_one_file_are_different_files(table: Table) -> None:
    header = "patient_id,study_id,stress_polar,rest_polar"
    assert check_cohort(table("A,A1,a.dcm#stress,a.dcm#rest", header=header)) == ()
    assert len(check_cohort(table("A,A1,a.dcm#stress,a.dcm#stress", header=header))) == 2


def test_aliases_of_one_patient() -> None:
    assert plain_id("P 001 ") == plain_id("p1") == plain_id("Ｐ１")
    assert plain_id("0") != plain_id("")
    assert len({plain_id(x) for x in ("P1", "P10", "P2", "P1-0", "P1.0")}) == 5


def test_many_rows_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "cohort.csv"
    rows = (f"P{k},S{k},Tc-99m,M,{k % 90}" for k in range(30_000))
    path.write_text("patient_id,study_id,tracer,sex,age\n" + "\n".join(rows) + "\nP1,X,Tc,,999\n")
    lines = check_cohort(path)
    assert [line.split("row 30002, column ")[1].split(":")[0] for line in lines] == ["age", "tracer"]


def test_the_real_cohort_breaks_no_rule(shared_data: Path) -> None:
    assert check_cohort(shared_data / "pacific" / "cohort.csv") == ()
    assert len(read_cohort(shared_data / "pacific" / "cohort.csv").rows) == 96
