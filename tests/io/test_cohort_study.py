"""From files to studies: rows read as series, folders put together, tables built and described."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Correction, Position, Sex, State, Tracer
from myoperf.io.cohort import (
    build_cohort,
    check_cohort,
    describe_cohort,
    description_text,
    read_cohort,
    read_study,
    rows_from_paths,
)
from myoperf.io.nm import NMObject, StoredOrder, write_series

Written = Callable[..., Path]


@pytest.fixture
def written(tmp_path: Path, heart: NMObject) -> Written:
    """Write the heart with changes, counts of its own, under a name."""

    def write(name: str, **changes: object) -> Path:
        counts = heart.counts + np.float32(sum(map(ord, name)) % 7)
        return write_series(tmp_path / name, replace(heart, **{"counts": counts, **changes}))  # type: ignore[arg-type]

    return write


@pytest.fixture
def clinic(written: Written, tmp_path: Path) -> Path:
    """Three patients: a pair, a dual-isotope pair with a gated series, a rest alone."""
    for state in State:
        written(f"a/{state}.dcm", patient_id="A", study_id="A-1", state=state, sex=Sex.FEMALE)
        tracer = Tracer.TC99M if state is State.STRESS else Tracer.TL201
        written(f"b/{state}.dcm", patient_id="B", study_id="B-1", state=state, tracer=tracer)
    gated = np.random.default_rng(3).poisson(9, (4, 9, 12, 10)).astype(np.float32)
    written("b/gated.dcm", patient_id="B", study_id="B-1", counts=gated)
    written("c/x.dcm", patient_id="C", study_id="C-1", state=State.REST)
    return tmp_path


def table(folder: Path, *rows: str, header: str = "patient_id,study_id,tracer,sex,stress,rest") -> Path:
    path = folder / "cohort.csv"
    path.write_text("\n".join([header, *rows, ""]))
    return path


def test_a_row_becomes_a_study(clinic: Path) -> None:
    (row,) = read_cohort(table(clinic, "A,A-1,Tc-99m,F,a/stress.dcm,a/rest.dcm")).rows
    study = read_study(row)
    assert (study.patient_id, study.study_id, study.sex) == ("A", "A-1", Sex.FEMALE)
    assert [s.state for s in study.series] == [State.STRESS, State.REST]
    assert all(s.load().shape == s.shape for s in study.series)
    assert not any(s.warnings for s in study.series)


def test_rest_alone_is_a_study_and_nothing_is_none(clinic: Path) -> None:
    rows = read_cohort(table(clinic, "C,C-1,,,,c/x.dcm", "D,D-1,,,,")).rows
    assert [s.state for s in read_study(rows[0]).series] == [State.REST]
    with pytest.raises(RefusedError, match="row 3"):
        read_study(rows[1])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A,A-1,Tc-99m,F,a/rest.dcm,a/stress.dcm", "holds stress series"),
        ("A,A-1,Tl-201,F,a/stress.dcm,a/rest.dcm", "the table says Tl-201"),
        ("A,A-1,Tc-99m,F,a/stress.dcm,c/x.dcm", "of one patient"),
    ],
)
def test_a_table_that_contradicts_the_files_is_refused(clinic: Path, row: str, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        read_study(read_cohort(table(clinic, row)).rows[0])


def test_one_image_is_not_stress_and_rest(clinic: Path, written: Written) -> None:
    for name in ("one", "two"):
        written(f"d/{name}.dcm", patient_id="D", state=None, description="x", counts=np.ones((1, 9, 12, 10)).cumsum(1))
    with pytest.raises(RefusedError, match="two images"):
        read_study(read_cohort(table(clinic, "D,D-1,,,d/one.dcm,d/two.dcm")).rows[0])


def test_what_the_table_says_stands_with_a_warning(clinic: Path) -> None:
    header = "patient_id,study_id,sex,position,attenuation_correction,stress,bmi"
    (row,) = read_cohort(table(clinic, "A,A-1,M,prone,AC,a/stress.dcm,31.5", header=header)).rows
    study = read_study(row)
    (series,) = study.series
    assert (study.sex, series.position, series.correction) == (Sex.MALE, Position.PRONE, Correction.AC)
    assert len(series.warnings) == 3
    assert study.clinical["bmi"] == 31.5


def test_what_the_header_does_not_tell_the_table_may(clinic: Path, written: Written) -> None:
    written("e/x.dcm", patient_id="E", state=None, tracer=None, description="x")
    (row,) = read_cohort(table(clinic, "E,E-1,Tl-201,,e/x.dcm,")).rows
    (series,) = read_study(row).series
    assert (series.state, series.tracer, series.warnings) == (State.STRESS, Tracer.TL201, ())
    assert [e.source for e in series.evidence if e.fact == "state"] == ["column stress"]


def test_the_tracer_of_one_state_says_nothing_of_the_other(clinic: Path) -> None:
    header = "patient_id,study_id,stress_tracer,rest_tracer,stress,rest"
    for told in ("Tc-99m,Tl-201", "Tc-99m,", ",Tl-201"):
        (row,) = read_cohort(table(clinic, f"B,B-1,{told},b/stress.dcm,b/rest.dcm", header=header)).rows
        assert [s.tracer for s in read_study(row).series] == [Tracer.TC99M, Tracer.TL201]


def test_a_table_is_built_from_a_folder(clinic: Path, written: Written) -> None:
    (clinic / "notes.txt").write_text("no image")
    (clinic / "DICOMDIR").write_bytes((clinic / "a" / "stress.dcm").read_bytes())
    (clinic / "broken.dcm").write_bytes(b"x")
    built = build_cohort(clinic, clinic / "cohort.csv")
    assert built.studies == 3
    assert len(built.unusable) == 1
    assert "broken.dcm" in built.unusable[0]
    assert check_cohort(built.path) == ()
    rows = {row.patient_id: row for row in read_cohort(built.path).rows}
    assert rows["A"].stress == clinic / "a" / "stress.dcm"
    assert (rows["A"].sex, rows["A"].tracer) == (Sex.FEMALE, Tracer.TC99M)
    assert set(rows["B"].files) == {"stress", "rest", "stress_gated"}
    assert rows["B"].values["rest_tracer"] == "Tl-201"
    assert set(rows["C"].files) == {"rest"}
    assert [len(read_study(row).series) for row in rows.values()] == [2, 3, 1]
    evidence = built.evidence.read_text()
    assert 'a/stress.dcm,state,stress,"AcquisitionContextSequence' in evidence
    again = build_cohort(clinic, clinic / "cohort.csv")
    assert again.path.read_text() == built.path.read_text()


def test_what_stands_beside_a_study_has_its_own_columns(clinic: Path, written: Written) -> None:
    written("a/ac.dcm", patient_id="A", study_id="A-1", state=State.STRESS, correction=Correction.AC)
    written("a/prone.dcm", patient_id="A", study_id="A-1", state=State.STRESS, position=Position.PRONE)
    (row,), refused = rows_from_paths([clinic / "a"])
    assert refused == ()
    named = {column: path.name for column, path in row.files.items()}
    assert named == {
        "stress": "stress.dcm",
        "rest": "rest.dcm",
        "stress_ac": "ac.dcm",
        "stress_second_position": "prone.dcm",
    }
    assert (row.values["position"], row.values["attenuation_correction"]) == ("supine", "NC")
    assert [Path(s.source).name for s in read_study(row).series] == ["stress.dcm", "rest.dcm"]


def test_a_whole_study_in_a_second_position_has_its_own_row(clinic: Path, written: Written) -> None:
    for state in State:
        written(f"a/prone_{state}.dcm", patient_id="A", study_id="A-1", state=state, position=Position.PRONE)
    rows, refused = rows_from_paths([clinic / "a"])
    assert refused == ()
    assert [row.study_id for row in rows] == ["A-1-supine", "A-1-prone"]
    assert [sorted(row.files) for row in rows] == [["rest", "stress"], ["rest", "stress"]]


def test_states_in_two_positions_are_two_rows(written: Written, tmp_path: Path) -> None:
    written("d/s.dcm", patient_id="D", study_id="D-1", state=State.STRESS, position=Position.PRONE)
    written("d/r.dcm", patient_id="D", study_id="D-1", state=State.REST)
    rows, _ = rows_from_paths([tmp_path / "d"])
    assert [(row.study_id, sorted(row.files)) for row in rows] == [("D-1-supine", ["rest"]), ("D-1-prone", ["stress"])]


def test_corrected_series_alone_are_the_study(written: Written, tmp_path: Path) -> None:
    for state in State:
        written(f"d/{state}.dcm", patient_id="D", study_id="D-1", state=state, correction=Correction.AC)
    gated = np.random.default_rng(3).poisson(9, (4, 9, 12, 10)).astype(np.float32)
    written("d/gated.dcm", patient_id="D", study_id="D-1", counts=gated, correction=Correction.AC)
    (row,), refused = rows_from_paths([tmp_path / "d"])
    assert (sorted(row.files), refused) == (["rest", "stress", "stress_gated"], ())
    assert row.values["attenuation_correction"] == "AC"
    written("d/plain.dcm", patient_id="D", study_id="D-1", state=State.STRESS)
    (row,), refused = rows_from_paths([tmp_path / "d"])
    assert sorted(row.files) == ["rest_ac", "stress", "stress_ac"]
    assert [line for line in refused if "gated.dcm" in line and "not attenuation-corrected" in line] == list(refused)


def test_stress_and_rest_of_two_days_are_joined(clinic: Path, written: Written) -> None:
    written("d/s.dcm", patient_id="D", study_id="D-1", state=State.STRESS)
    written("d/r.dcm", patient_id="D", study_id="D-2", state=State.REST)
    (row,), _ = rows_from_paths([clinic / "d"])
    assert sorted(row.files) == ["rest", "stress"]


def test_what_has_no_place_is_told(clinic: Path, written: Written) -> None:
    one = written("d/one.dcm", patient_id="D", state=State.STRESS)
    (clinic / "d" / "copy.dcm").write_bytes(one.read_bytes())
    written("e/first.dcm", patient_id="E", state=State.STRESS)
    written("e/second.dcm", patient_id="E", state=State.STRESS, stored=StoredOrder(base_first=True))
    written("f/any.dcm", patient_id="F", state=None, description="x")
    written("g/stress_1.dcm", patient_id="G", state=None, description="x")
    written("h/x.dcm", patient_id="", state=State.REST)
    rows, refused = rows_from_paths([clinic / name for name in "defgh"])
    assert [row.patient_id for row in rows] == ["D", "G"]
    for name, reason in (
        ("one.dcm", "given once"),
        ("first.dcm", "one series is stress"),
        ("second.dcm", "one series is stress"),
        ("any.dcm", "tells its state"),
        ("x.dcm", "tells its patient"),
    ):
        assert any(name in line and reason in line for line in refused), (name, refused)
    assert len(refused) == 5


def test_tables_files_and_folders_mix(clinic: Path) -> None:
    path = table(clinic, "A,A-1,Tc-99m,F,a/stress.dcm,a/rest.dcm", "Z,Z-1,Tc-99m,F,none.dcm,")
    rows, refused = rows_from_paths([path, clinic / "c" / "x.dcm", clinic / "none.dcm", clinic / "b"])
    assert [row.patient_id for row in rows] == ["A", "B", "C"]
    assert len(refused) == 2
    doubled, lines = rows_from_paths([path, clinic / "a"])
    assert doubled == ()
    assert sum("given once" in line for line in lines) == 2


def test_links_out_of_a_folder_are_not_followed(clinic: Path, written: Written) -> None:
    (clinic / "c" / "link.dcm").symlink_to(clinic / "a" / "stress.dcm")
    (clinic / "c" / "loop").symlink_to(clinic)
    rows, refused = rows_from_paths([clinic / "c"])
    assert [row.patient_id for row in rows] == ["C"]
    assert len(refused) == 1
    assert "link" in refused[0]


def test_a_table_lies_above_its_files(clinic: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    with pytest.raises(RefusedError, match="inside the folder"):
        build_cohort(clinic, elsewhere / "cohort.csv")
    with pytest.raises(RefusedError, match="has short-axis series"):
        build_cohort(elsewhere, elsewhere / "cohort.csv")
    assert not list(elsewhere.iterdir())


def test_table_one(clinic: Path) -> None:
    header = "patient_id,study_id,tracer,sex,age,label_x,stress"
    path = table(
        clinic,
        "A,A-1,Tc-99m,F,60,1,",
        "B,B-1,Tc-99m,M,70,0,",
        "B,B-2,Tl-201,M,,,",
        "C,C-1,Tl-201,,80,1,",
        header=header,
    )
    told = describe_cohort(path)
    assert told.groups == ("all", "Tc-99m", "Tl-201")
    lines = {line.name: line.figures for line in told.lines}
    assert lines["patients, n"] == ("3", "2", "2")
    assert lines["studies, n"] == ("4", "2", "2")
    assert lines["women, n (%)"] == ("1 (25)", "1 (50)", "0 (0)")
    assert lines["sex missing, n"] == ("1", "0", "1")
    assert lines["age, years, mean +- SD"] == ("70.0 +- 10.0 (1 missing)", "65.0 +- 7.1", "80.0 +- - (1 missing)")
    assert lines["label_x = 1, n (%)"] == ("2 (67)", "1 (50)", "1 (100)")
    assert lines["label_x missing, n"] == ("1", "0", "1")
    text = description_text(told)
    assert len(text.splitlines()) == len(told.lines) + 1


def test_the_real_cohort_is_read_whole(shared_data: Path) -> None:
    rows = read_cohort(shared_data / "pacific" / "cohort.csv").rows[::8]
    for row in rows:
        study = read_study(row)
        assert [s.state for s in study.series] == [State.STRESS, State.REST]
        assert study.sex is row.sex


def test_the_odd_files_are_refused_and_the_others_done(shared_data: Path) -> None:
    rows, refused = rows_from_paths([shared_data / "nm", shared_data / "pacific" / "dicom" / "P027"])
    assert [row.patient_id for row in rows] == ["P027"]
    assert len(refused) == 4
