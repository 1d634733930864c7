"""A folder with everything that a patient leaves behind: hearts are measured, the rest finds its column or a reason."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from myoperf.core.terms import Correction, Position, State
from myoperf.io.cohort import build_cohort, check_cohort, describe_cohort, read_cohort, read_study, rows_from_paths
from myoperf.io.nm import NMObject, write_series
from myoperf.io.nm_object import ProjectionObject, TransaxialObject
from myoperf.io.nm_write_scan import write_projections, write_transaxial


def leave_behind(folder: Path, heart: NMObject, patient: str) -> None:
    """Write all kinds of both states of one patient under names that tell nothing."""
    rng = np.random.default_rng(4)
    number = iter(range(100))
    for state in State:
        who = {"patient_id": patient, "study_id": f"{patient}-1", "state": state, "tracer": heart.tracer}
        hearts = [
            replace(heart, **who),  # type: ignore[arg-type]
            replace(heart, counts=heart.counts * 2, correction=Correction.AC, **who),  # type: ignore[arg-type]
            replace(heart, counts=rng.poisson(9, (8, 9, 12, 10)).astype(np.float32), **who),  # type: ignore[arg-type]
        ]
        if state is State.STRESS:
            hearts.append(replace(hearts[0], counts=heart.counts * 3, position=Position.PRONE))
        for one in hearts:
            write_series(folder / patient / f"{next(number):02d}.dcm", one)
        for slots in (1, 8):
            counts = rng.poisson(5, (1, slots, 6, 10, 12))
            scan = ProjectionObject(counts=counts, pixel_mm=(6.0, 6.0), **who)  # type: ignore[arg-type]
            write_projections(folder / patient / f"{next(number):02d}.dcm", scan)
        for mu in (False, True):
            values = rng.random((1, 9, 10, 12)) * 0.2
            body = TransaxialObject(values=values, spacing_mm=(6.0, 6.0, 6.0), attenuation=mu, **who)  # type: ignore[arg-type]
            write_transaxial(folder / patient / f"{next(number):02d}.dcm", body)


@pytest.fixture
def clinic(tmp_path: Path, heart: NMObject) -> Path:
    for patient in ("A", "B"):
        leave_behind(tmp_path, heart, patient)
    return tmp_path


WANTED = {
    "stress": "00",
    "stress_ac": "01",
    "stress_gated": "02",
    "stress_second_position": "03",
    "stress_projections": "04",
    "stress_gated_projections": "05",
    "stress_mu": "07",
    "rest": "08",
    "rest_ac": "09",
    "rest_gated": "10",
    "rest_projections": "11",
    "rest_gated_projections": "12",
    "rest_mu": "14",
}


def test_every_kind_finds_its_column(clinic: Path) -> None:
    rows, refused = rows_from_paths([clinic])
    assert [row.study_id for row in rows] == ["A-1", "B-1"]
    for row in rows:
        assert {column: path.stem for column, path in row.files.items()} == WANTED
        assert (row.values["attenuation_correction"], row.values["position"]) == ("NC", "supine")
    assert len(refused) == 4
    assert all("transverse slices" in line and line.isprintable() for line in refused)


def test_a_study_is_its_hearts_alone(clinic: Path) -> None:
    built = build_cohort(clinic, clinic / "cohort.csv")
    assert check_cohort(built.path) == ()
    assert built.studies == 2
    (row, _) = read_cohort(built.path).rows
    assert {column: path.stem for column, path in row.files.items()} == WANTED
    study = read_study(row)
    assert [Path(series.source).stem for series in study.series] == ["00", "08", "02", "10"]
    assert all(series.correction is Correction.NC and not series.warnings for series in study.series)
    assert "A/14.dcm" in built.evidence.read_text()
    lines = {line.name: line.figures for line in describe_cohort(built.path).lines}
    assert lines["stress_projections, n (%)"][0] == "2 (100)"


def test_further_columns_are_paths(clinic: Path) -> None:
    table = clinic / "cohort.csv"
    table.write_text("patient_id,study_id,stress,stress_mu,rest_projections\nA,A-1,A/00.dcm,A/none.dcm,../x.dcm\n")
    lines = check_cohort(table)
    assert len(lines) == 2
    assert any("column stress_mu" in line and "is there" in line for line in lines)
    assert any("column rest_projections" in line and "inside the folder" in line for line in lines)


def test_projections_and_maps_are_no_hearts(clinic: Path) -> None:
    table = clinic / "cohort.csv"
    for name, reason in (("04", "projections"), ("07", "attenuation map")):
        table.write_text(f"patient_id,study_id,stress\nA,A-1,A/{name}.dcm\n")
        (row,) = read_cohort(table).rows
        lines: list[str] = []
        with pytest.raises(Exception, match=reason):
            read_study(row, lines)
        assert len(lines) == 1


def test_projections_alone_are_no_study(clinic: Path) -> None:
    rows, refused = rows_from_paths([clinic / "A" / f"{k}.dcm" for k in ("04", "14")])
    assert rows == ()
    assert len(refused) == 2
    assert all("has a short-axis series" in line for line in refused)
