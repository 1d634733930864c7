"""Cohorts on disk: the table, the files, the same bytes again."""

import csv
import hashlib
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.core.terms import State, Tracer
from myoperf.io.nm import read_series
from myoperf.phantom.clinic import COLUMNS, make_cohort, virtual_patient
from myoperf.phantom.patients import render


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_cohort(tmp_path_factory.mktemp("one"), patients=9, seed=3, jobs=1)


def rows_of(table: Path) -> list[dict[str, str]]:
    with table.open(newline="") as stream:
        return list(csv.DictReader(stream))


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_table_names_every_file_and_the_label_of_the_tracer_only(cohort: Path) -> None:
    rows = rows_of(cohort)
    assert list(rows[0]) == list(COLUMNS)
    assert len({row["patient_id"] for row in rows}) == 9
    for row in rows:
        assert (cohort.parent / row["stress"]).is_file()
        assert (cohort.parent / row["rest"]).is_file()
        filled = row["label_abnormal"] if row["tracer"] == "Tc-99m" else row["label_intermediate_or_high_risk"]
        empty = row["label_intermediate_or_high_risk"] if row["tracer"] == "Tc-99m" else row["label_abnormal"]
        assert filled in {"0", "1"}
        assert empty == ""
        assert row["protocol"] == ("2day" if row["tracer"] == "Tc-99m" else "stress-redistribution")


def test_two_jobs_write_the_same_bytes_as_one(cohort: Path, tmp_path: Path) -> None:
    other = make_cohort(tmp_path, patients=9, seed=3, jobs=2)
    assert digests(other.parent) == digests(cohort.parent)


def test_one_patient_can_be_rebuilt_alone_and_is_what_the_file_holds(cohort: Path) -> None:
    row = rows_of(cohort)[4]
    patient = virtual_patient(3, 4)
    assert (row["patient_id"], row["tracer"], row["sex"]) == (patient.patient_id, patient.tracer, patient.sex)
    for state in State:
        series = read_series(cohort.parent / row[state.value])
        assert series.state is state
        assert series.tracer is patient.tracer
        assert series.sex is patient.sex
        assert series.geometry.oriented
        assert series.geometry.spacing_mm == pytest.approx((6.6, 6.6, 6.6))
        assert np.array_equal(series.load()[0], render(patient, state))


def test_truth_has_the_keys_of_the_architecture(cohort: Path) -> None:
    row = rows_of(cohort)[0]
    truth = json.loads((cohort.parent / "truth" / f"{row['patient_id']}.json").read_text())
    for key in ("patient_id", "seed", "physics", "sex", "bmi", "tracer", "protocol", "heart", "arteries"):
        assert key in truth
    for key in ("stress", "rest", "readers", "artefacts", "labels", "outcome"):
        assert key in truth
    assert {"ed_volume_ml", "es_volume_ml", "ef", "mass_g", "axis_deg"} <= set(truth["heart"])
    assert set(truth["arteries"]) == {"LAD", "LCX", "RCA"}
    assert set(truth["arteries"]["LAD"]) == {"stenosis", "flow_reserve"}
    assert {"uptake_17", "score_17", "tpd_image", "tpd_activity"} <= set(truth["stress"])
    assert len(truth["stress"]["uptake_17"]) == 17
    assert set(truth["readers"][0]) == {"score_17_stress", "score_17_rest", "impression"}
    assert set(truth["outcome"]) == {"event", "time_days"}
    assert [str(value) for value in truth["labels"].values()] == [
        row["label_abnormal"] or row["label_intermediate_or_high_risk"]
    ]


def test_the_full_cohort_has_exactly_the_published_numbers() -> None:
    counts = Counter(virtual_patient(0, number).tracer for number in range(640))
    assert counts == {Tracer.TC99M: 274, Tracer.TL201: 366}
    assert {virtual_patient(0, n, (1, 0)).tracer for n in range(5)} == {Tracer.TC99M}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"patients": 0}, "a cohort has patients"),
        ({"patients": 2, "physics": "full"}, "not built yet"),
        ({"patients": 2, "physics": "exact"}, "fast or full"),
        ({"patients": 2, "tracers": (0, 0)}, "two parts"),
        ({"patients": 2, "tracers": (-1, 3)}, "two parts"),
        ({"patients": 2, "seed": -1}, "seed"),
    ],
)
def test_refusals_say_what_to_do_and_write_nothing(tmp_path: Path, options: dict[str, int], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        make_cohort(tmp_path / "none", **options)  # type: ignore[arg-type]
    assert not (tmp_path / "none").exists()


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    make_cohort(tmp_path, patients=2, tracers=(1, 0), jobs=1, progress=lambda *step: told.append(step))
    assert ("noise-free limits", 4, 4) in told
    assert told[-1] == ("virtual patients", 2, 2)
