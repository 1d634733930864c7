"""Cohorts on disk: the table, the files, the same bytes again, and what is refused."""

import csv
import hashlib
import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Position, Sex, State, Tracer
from myoperf.io.cohort import check_cohort, read_cohort, read_study
from myoperf.io.nm import read_series
from myoperf.phantom import clinic
from myoperf.phantom.clinic import make_cohort, population_of, tracer_of, traits_of, virtual_patient
from myoperf.phantom.examination import class_of_disease
from myoperf.phantom.patients import Patient, render
from myoperf.phantom.preset import PRESETS, Output, preset_named
from myoperf.phantom.quota import class_of, fill

FAST = (Output.SHORT_AXIS, Output.GATED, Output.MASKS, Output.SCREENSHOTS)
FULL = (Output.SHORT_AXIS, Output.GATED, Output.PROJECTIONS, Output.MASKS)


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_cohort(tmp_path_factory.mktemp("one"), patients=4, tracers=(1, 1), outputs=FAST, seed=3, jobs=1)


def rows_of(table: Path) -> list[dict[str, str]]:
    with table.open(newline="") as stream:
        return list(csv.DictReader(stream))


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_table_is_a_cohort_and_every_path_a_file(cohort: Path) -> None:
    assert check_cohort(cohort) == ()
    read = read_cohort(cohort)
    assert [row.patient_id for row in read.rows] == [f"V{number:05d}" for number in range(4)]
    named = set()
    for row in read.rows:
        assert row.stress is not None
        assert row.rest is not None
        assert {"stress", "rest", "stress_gated", "rest_gated", "mask", "screenshot"} <= set(read.columns)
        for path in row.files.values():
            assert path.is_file()
            named.add(path)
        for state in State:
            assert read_study(row).patient_id == row.patient_id
            assert (cohort.parent / "polar" / f"{row.patient_id}_{state}.png").is_file()
    assert named >= set((cohort.parent / "dicom").rglob("*.dcm"))


def test_labels_of_the_tracer_only_and_of_angiography_where_it_was_done(cohort: Path) -> None:
    for row in rows_of(cohort):
        technetium = row["tracer"] == "Tc-99m"
        filled, other = ("label_abnormal", "label_intermediate_or_high_risk")[:: 1 if technetium else -1]
        assert row[filled] in {"0", "1"}
        assert row[other] == ""
        assert row["label_disease"] in {"normal", "ischaemia", "infarction", "mixed"}
        triad = {"infarction": "0", "ischaemia": "1", "normal": "2", "mixed": ""}
        assert row["label_triad"] == triad[row["label_disease"]]
        arteries = {row[f"label_{name}"] for name in ("obstructive", "lad", "lcx", "rca")}
        assert arteries <= {"0", "1"} if row["angiography"] == "1" else arteries == {""}
        truth = json.loads((cohort.parent / "truth" / f"{row['patient_id']}.json").read_text())
        assert {name: str(value) for name, value in truth["labels"].items()} == {
            name: value for name, value in row.items() if name.startswith("label_") and value
        }


def test_two_jobs_write_the_same_bytes_as_one(cohort: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(clinic._BATCH, "fast", 2)
    other = make_cohort(tmp_path, patients=4, tracers=(1, 1), outputs=FAST, seed=3, jobs=2)
    assert digests(other.parent) == digests(cohort.parent)


def test_two_jobs_write_the_same_bytes_by_the_full_physics(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for jobs in (1, 2):
        monkeypatch.setitem(clinic._BATCH, "full", 3 - jobs)
        table = make_cohort(
            tmp_path / str(jobs), patients=2, tracers=(1, 1), physics="full", outputs=FULL, seed=5, jobs=jobs
        )
        made.append(digests(table.parent))
    assert made[0] == made[1]
    assert check_cohort(table) == ()
    for row in rows_of(table):
        assert {row[f"{state}_projections"] for state in State} <= set(made[0])
        assert row["dose_fraction"] == "1.0"


def test_one_patient_can_be_rebuilt_alone_and_is_what_the_file_holds(cohort: Path) -> None:
    row = rows_of(cohort)[1]
    patient = virtual_patient(3, 1, (1, 1))
    assert (row["patient_id"], row["tracer"], row["sex"]) == (patient.patient_id, patient.tracer, patient.sex)
    for state in State:
        series = read_series(cohort.parent / row[state.value])
        assert (series.state, series.tracer, series.sex) == (state, patient.tracer, patient.sex)
        assert np.array_equal(series.load()[0], render(patient, state))


def test_fewer_patients_are_the_first_of_more(cohort: Path, tmp_path: Path) -> None:
    fewer = make_cohort(tmp_path, patients=1, tracers=(1, 1), outputs=FAST, seed=3, jobs=1)
    more = digests(cohort.parent)
    files = digests(fewer.parent)
    del files["cohort.csv"], files["phantom.json"]
    assert files.items() <= more.items()
    filled = [{name: cell for name, cell in rows_of(table)[0].items() if cell} for table in (fewer, cohort)]
    assert filled[0] == filled[1]


def test_tracers_are_mixed_evenly_and_exactly() -> None:
    counts = Counter(tracer_of(number, (274, 366)) for number in range(640))
    assert counts == {Tracer.TC99M: 274, Tracer.TL201: 366}
    assert {tracer_of(number, (1, 0)) for number in range(5)} == {Tracer.TC99M}
    assert {tracer_of(number, (0, 2)) for number in range(5)} == {Tracer.TL201}
    for start in range(0, 600, 60):
        part = sum(tracer_of(number, (274, 366)) is Tracer.TC99M for number in range(start, start + 60))
        assert abs(part - 60 * 274 / 640) <= 1


def test_classes_of_a_small_preset_are_met_exactly(tmp_path: Path) -> None:
    table = make_cohort(tmp_path, preset="abulaila", patients=10, outputs=(Output.SHORT_AXIS,), jobs=1)
    plan = preset_named("abulaila", 10)
    classes = Counter(row["label_disease"] for row in rows_of(table))
    wanted = {quota.name: quota.count for quota in plan.quotas}
    assert classes == {name: count for name, count in wanted.items() if count}
    assert sum(wanted.values()) == 10
    assert check_cohort(table) == ()


@pytest.mark.parametrize("name", ["berkaya", "miller2023", "betancur2018"])
def test_numbers_of_a_preset_fill_its_classes(name: str) -> None:
    plan = preset_named(name, 12)
    population = population_of(plan)
    numbers = clinic._numbers(plan, 0, plan.tracers, population)
    traits = [traits_of(virtual_patient(0, number, plan.tracers, population)) for number in numbers]
    assert len(set(numbers)) == 12
    left = {quota.name: quota.count for quota in plan.quotas}
    for one in traits:
        assert class_of(one, plan.quotas) in left
    for quota in plan.quotas:
        assert sum(quota.matches(one) for one in traits) >= quota.count


def test_traits_are_those_of_the_patient() -> None:
    for number in range(20):
        patient = virtual_patient(1, number)
        traits = traits_of(patient)
        kinds = {(False, False): "normal", (True, False): "ischaemia", (False, True): "infarction"}
        assert kinds.get((traits.ischaemia, traits.infarct), "mixed") == class_of_disease(patient)
        assert (traits.sex, traits.tracer) == (patient.sex, patient.tracer)


def test_positions_and_centres_of_a_preset_are_written(tmp_path: Path) -> None:
    table = make_cohort(tmp_path, preset="betancur2019", patients=2, jobs=1)
    plan = preset_named("betancur2019", 2)
    rows = rows_of(table)
    assert check_cohort(table) == ()
    for row in rows:
        assert row["position"] == Position.UPRIGHT
        assert row["scanner"] == plan.cameras[0]
        assert row["center"].startswith("virtual-")
        first, second = (read_series(tmp_path / row[name]) for name in ("stress", "stress_second_position"))
        assert (first.position, second.position) == (Position.UPRIGHT, Position.SUPINE)
        assert second.state is State.STRESS
        assert not np.array_equal(first.load(), second.load())
        assert row["angiography"] == "1"
        assert row["label_obstructive"] in {"0", "1"}
    assert sorted(row["label_obstructive"] for row in rows) == ["0", "1"]


def test_every_preset_has_a_population() -> None:
    for name, preset in PRESETS.items():
        population = population_of(preset)
        assert len(population.cameras) == len(preset.cameras), name
        patient = virtual_patient(0, 0, preset.tracers, population)
        assert isinstance(patient, Patient)
        assert patient.camera.model in preset.cameras


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"patients": 0}, "a cohort has patients"),
        ({}, "a cohort has patients"),
        ({"patients": 2, "physics": "exact"}, "fast or full"),
        ({"patients": 2, "tracers": (0, 0)}, "two parts"),
        ({"patients": 2, "tracers": (-1, 3)}, "two parts"),
        ({"patients": 2, "tracers": (1, 2, 3)}, "two parts"),
        ({"patients": 2, "seed": -1}, "seed"),
        ({"patients": 2, "preset": "nobody"}, "a preset is one of"),
        ({"preset": "abulaila", "patients": 0}, "a cohort has patients"),
        ({"patients": 2, "outputs": (Output.PROJECTIONS,)}, "no projections"),
        ({"patients": 2, "outputs": (Output.MU_MAP, Output.CORRECTED)}, "no projections"),
        ({"patients": 2, "dose": 0.5}, "projections are thinned"),
        ({"patients": 2, "physics": "full", "dose": 0.0}, "part of the full one"),
        ({"patients": 2, "physics": "full", "dose": 1.5}, "part of the full one"),
        ({"preset": "shi", "patients": 2, "physics": "fast"}, "no projections"),
    ],
)
def test_refusals_say_what_to_do_and_write_nothing(tmp_path: Path, options: dict[str, object], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        make_cohort(tmp_path / "none", **options)  # type: ignore[arg-type]  # options of one test
    assert not (tmp_path / "none").exists()


def test_classes_that_cannot_be_filled_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = preset_named("abulaila", 2)
    men = replace(plan.intake, women=0.0)
    women = tuple(replace(quota, sex=Sex.FEMALE) for quota in plan.quotas)
    monkeypatch.setattr(clinic, "preset_named", lambda name, patients: replace(plan, intake=men, quotas=women))
    monkeypatch.setattr(clinic, "fill", partial(fill, most_draws=20))
    with pytest.raises(RefusedError, match="still missing"):
        make_cohort(tmp_path / "none", preset="abulaila", patients=2)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_made_as_it_stands(name: str) -> None:
    preset = PRESETS[name]
    outputs = clinic._outputs(preset, preset.physics)
    clinic._check(preset.patients, preset.tracers, preset.physics, 0, (outputs, 1.0, 8))


def test_the_fast_physics_never_loads_torch(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from myoperf.phantom.clinic import make_cohort\n"
        "from myoperf.phantom.filing import needs_full\n"
        "from myoperf.phantom.preset import Output\n"
        "outputs = [output for output in Output if not needs_full([output])]\n"
        "make_cohort(sys.argv[1], patients=1, outputs=outputs, jobs=1)\n"
        "sys.exit(' '.join(sorted({'torch', 'monai'} & set(sys.modules))) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "slices").glob("*.png"))


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    outputs = (Output.SHORT_AXIS,)
    make_cohort(tmp_path, patients=2, outputs=outputs, jobs=1, progress=lambda *step: told.append(step))
    assert told[-1] == ("virtual patients", 2, 2)


def test_a_folder_holds_one_cohort(tmp_path: Path) -> None:
    first = make_cohort(tmp_path, patients=1, tracers=(1, 0), outputs=FAST, seed=3, jobs=1)
    before = digests(tmp_path)
    with pytest.raises(RefusedError, match="one virtual cohort"):
        make_cohort(tmp_path, patients=1, tracers=(1, 0), outputs=FAST, seed=4, jobs=1)
    assert make_cohort(tmp_path, patients=1, tracers=(1, 0), outputs=FAST, seed=3, jobs=1) == first
    assert digests(tmp_path) == before
    (tmp_path / "phantom.json").unlink()
    with pytest.raises(RefusedError, match="one virtual cohort"):
        make_cohort(tmp_path, patients=1, tracers=(1, 0), outputs=FAST, seed=3, jobs=1)
