"""The files of one patient, everything that there is: read back they are what was made."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from myoperf.core.terms import Correction, Position, Sex, State, Tracer
from myoperf.io.nm import read_series
from myoperf.io.nm_projections import read_projections
from myoperf.io.nm_transaxial import read_transaxial
from myoperf.phantom.camera import MANUFACTURER
from myoperf.phantom.disease import segment_defect
from myoperf.phantom.examination import examine
from myoperf.phantom.filing import Order, Shot, file_patient, needs_full, nm_object, shoot, study_id
from myoperf.phantom.layouts import LAYOUTS
from myoperf.phantom.limits import stored_limits
from myoperf.phantom.masks import read_masks
from myoperf.phantom.patients import STATES, Patient, expected_image, render
from myoperf.phantom.person import EVERYONE
from myoperf.phantom.population import draw_normal
from myoperf.phantom.preset import Output
from myoperf.phantom.ventricle import ventricle_masks

FULL_ONLY = {
    Output.PROJECTIONS,
    Output.GATED_PROJECTIONS,
    Output.SCATTER,
    Output.CORRECTED,
    Output.MU_MAP,
}


@dataclass(frozen=True, kw_only=True)
class Filed:
    out: Path
    patient: Patient
    shots: Mapping[State, Shot] = field(repr=False)
    row: Mapping[str, object] = field(repr=False)

    def at(self, column: str) -> Path:
        return self.out / str(self.row[column])


def filed(out: Path, patient: Patient, order: Order) -> Filed:
    shots = {state: shoot(patient, state, order) for state in STATES}
    images = {state: shot.expected for state, shot in shots.items()}
    found = examine(patient, images, stored_limits(order.physics), referral=EVERYONE)
    return Filed(out=out, patient=patient, shots=shots, row=file_patient(out, patient, shots, found, order))


def ill() -> Patient:
    patient = draw_normal(9, Sex.FEMALE, Tracer.TC99M)
    week = replace(patient.plan, delay_h=168.0)
    return replace(patient, plan=week, defects=(segment_defect(10, patient.stress.anatomy.mid_wall, stress=0.7),))


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Filed:
    order = Order(physics="full", outputs=frozenset(Output), positions=(Position.PRONE,))
    return filed(tmp_path_factory.mktemp("full"), ill(), order)


def test_every_path_of_the_row_is_a_file(full: Filed) -> None:
    named = {name for name, value in full.row.items() if isinstance(value, str) and "/" in value}
    for state in STATES:
        kinds = ("", "_gated", "_ac", "_projections", "_gated_projections", "_mu", "_polar")
        assert named >= {f"{state}{kind}" for kind in kinds}
    assert named >= {"mask", "screenshot", "stress_second_position"}
    for name in named:
        assert full.at(name).is_file(), name
    assert (full.out / "truth" / f"{full.patient.patient_id}.json").is_file()
    facts = ("patient_id", "study_id", "tracer", "position", "attenuation_correction", "protocol", "scanner", "center")
    patient = full.patient
    assert [full.row[name] for name in facts] == [
        patient.patient_id,
        study_id(patient),
        "Tc-99m",
        "supine",
        "NC",
        patient.protocol,
        patient.camera.model,
        patient.center,
    ]


@pytest.mark.parametrize("state", STATES)
def test_short_axis_images_come_back(full: Filed, state: State) -> None:
    shot, taken = full.shots[state], full.shots[state].acquired
    assert taken is not None
    assert taken.corrected is not None
    assert shot.gated is not None
    for name, counts in (("", shot.short_axis[None]), ("_ac", taken.corrected[None]), ("_gated", shot.gated)):
        series = read_series(full.at(f"{state}{name}"))
        assert np.array_equal(series.load(), counts)
        assert series.geometry.oriented
        assert series.geometry.spacing_mm == pytest.approx((6.6, 6.6, 6.6))
        assert (series.state, series.tracer, series.sex) == (state, full.patient.tracer, full.patient.sex)
        assert series.correction is (Correction.AC if name == "_ac" else Correction.NC)
        assert (series.manufacturer, series.model) == (MANUFACTURER, full.patient.camera.model)
        assert series.patient_id == full.patient.patient_id


@pytest.mark.parametrize("state", STATES)
def test_projections_come_back_with_their_angles(full: Filed, state: State) -> None:
    taken, orbit = full.shots[state].acquired, full.patient.camera.orbit
    assert taken is not None
    seen = read_projections(full.at(f"{state}_projections"))
    assert np.array_equal(seen.load()[:, 0], taken.projections)
    assert seen.angles_deg == pytest.approx(orbit.angles_deg)
    assert seen.radius_mm == pytest.approx(orbit.radii_mm, abs=0.05)
    assert seen.pixel_mm == pytest.approx((6.6, 6.6))
    limits = [window.ranges for window in seen.windows]
    assert limits == [((window.low_kev, window.high_kev),) for window in taken.windows]
    assert (seen.state, seen.tracer) == (state, full.patient.tracer)
    gated = read_projections(full.at(f"{state}_gated_projections"))
    assert np.array_equal(gated.load()[0], taken.gated_projections)
    assert len(gated.windows) == 1


@pytest.mark.parametrize("state", STATES)
def test_attenuation_and_transaxial_volumes_come_back(full: Filed, state: State) -> None:
    taken = full.shots[state].acquired
    assert taken is not None
    mu = read_transaxial(full.at(f"{state}_mu"))
    assert mu.attenuation
    assert mu.load()[0] == pytest.approx(taken.mu, abs=1e-4)
    assert mu.spacing_mm == pytest.approx((6.6, 6.6, 6.6))
    assert mu.centre_mm == pytest.approx((0.0, 0.0, 0.0), abs=1e-3)
    emission = read_transaxial(full.at(f"{state}_mu").with_name(f"{state}_transaxial.dcm"))
    assert not emission.attenuation
    assert emission.load()[0] == pytest.approx(taken.transaxial, abs=1e-4 * float(taken.transaxial.max()))


def test_masks_come_back(full: Filed) -> None:
    read = read_masks(full.at("mask"))
    made = ventricle_masks(full.patient, State.STRESS)
    assert (read.wall == made.wall).all()
    assert (read.defect == made.defect).all()
    assert read.defect.any()
    assert (full.out / "masks" / f"{full.patient.patient_id}_rest.npz").is_file()
    for state in STATES:
        taken = full.shots[state].acquired
        assert taken is not None
        with np.load(full.out / "masks" / f"{full.patient.patient_id}_{state}_projections.npz") as held:
            assert (held["heart"] == taken.heart).all()
            assert (held["projections"] == taken.projections[0]).all()


def test_a_screenshot_tells_where_everything_lies(full: Filed) -> None:
    record = json.loads(full.at("screenshot").with_suffix(".json").read_text())
    with Picture.open(full.at("screenshot")) as page:
        assert list(page.size) == record["size"]
    layout = LAYOUTS[full.patient.number % len(LAYOUTS)]
    assert record["layout"] == layout.name
    assert {disc["content"] for disc in record["discs"]} == {disc.content for disc in layout.discs}
    assert record["text"][0] == "VIRTUAL PATIENT"
    assert any(full.patient.patient_id in line for line in record["text"])
    for state in STATES:
        with Picture.open(full.at(f"{state}_polar")) as disc:
            assert disc.size == (224, 224)


def test_slices_have_an_index_and_polygons(full: Filed) -> None:
    for state in STATES:
        index = (full.out / "slices" / f"{full.patient.patient_id}_{state}.csv").read_text().splitlines()
        ischaemic = [line.endswith(",1") for line in index[1:]]
        assert len(ischaemic) > 20
        assert any(ischaemic) == (state is State.STRESS)
        for line in index[1:]:
            picture = full.out / "slices" / line.split(",")[0]
            assert picture.is_file()
            assert picture.with_suffix(".json").is_file()


def test_truth_has_the_keys_of_the_architecture(full: Filed) -> None:
    truth = json.loads((full.out / "truth" / f"{full.patient.patient_id}.json").read_text())
    keys = {"patient_id", "seed", "physics", "sex", "bmi", "tracer", "protocol", "heart", "arteries", "stress", "rest"}
    assert set(truth) >= {*keys, "readers", "artefacts", "labels", "outcome"}
    assert (truth["physics"], truth["dose_fraction"], truth["tracer"]) == ("full", 1.0, "Tc-99m")
    assert set(truth["heart"]) >= {"ed_volume_ml", "es_volume_ml", "ef", "mass_g", "axis_deg"}
    assert set(truth["arteries"]) == {"LAD", "LCX", "RCA"}
    assert set(truth["arteries"]["LAD"]) == {"stenosis", "flow_reserve"}
    for state in STATES:
        assert set(truth[state]) >= {"uptake_17", "score_17", "tpd_image", "tpd_activity", "gate_volumes_ml"}
        assert len(truth[state]["uptake_17"]) == len(truth[state]["score_17"]) == 17
        assert len(truth[state]["gate_volumes_ml"]) == 8
    assert truth["stress"]["tpd_activity"] > 1.0 > 100 * truth["rest"]["tpd_activity"]
    assert np.argmax(truth["stress"]["loss_17"]) == 9
    assert all(set(reader) == {"score_17_stress", "score_17_rest", "impression"} for reader in truth["readers"])
    assert set(truth["outcome"]) >= {"event", "time_days"}
    assert truth["labels"] == {k: v for k, v in full.row.items() if k.startswith("label_") and v != ""}
    assert truth["disease"] == full.row["label_disease"] == "ischaemia"
    assert truth["outcome"]["time_days"] == full.row["time_days"]
    assert all(set(one) == {"state", "kind", "strength", "unit"} for one in truth["artefacts"])


def test_a_second_position_is_another_image_of_the_same_heart(full: Filed) -> None:
    other = read_series(full.at("stress_second_position"))
    assert other.position is Position.PRONE
    assert other.state is State.STRESS
    first = full.shots[State.STRESS].short_axis
    assert other.load()[0].shape == first.shape
    assert not np.array_equal(other.load()[0], first)
    assert np.corrcoef(other.load()[0].ravel(), first.ravel())[0, 1] > 0.8


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy (Debian's dicom3tools) is not installed")
def test_dciodvfy_finds_no_error_in_any_file(full: Filed) -> None:
    paths = sorted(full.out.rglob("*.dcm"))
    assert len(paths) == 2 * 8 + 1
    for path in paths:
        done = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
        lines = (done.stdout + done.stderr).splitlines()
        assert not [line for line in lines if line.startswith("Error")], f"{path.name}\n" + "\n".join(lines)
        assert any("NMImage" in line for line in lines)


def test_the_fast_physics_writes_what_it_has(tmp_path: Path) -> None:
    order = Order(physics="fast", outputs=frozenset({Output.SHORT_AXIS, Output.GATED, Output.MASKS}))
    one = filed(tmp_path, ill(), order)
    files = {path.name for path in tmp_path.rglob("*.dcm")}
    assert files == {"stress.dcm", "rest.dcm", "stress_gated.dcm", "rest_gated.dcm"}
    series = read_series(one.at("rest"))
    assert np.array_equal(series.load()[0], render(one.patient, State.REST))
    assert np.array_equal(one.shots[State.REST].expected, expected_image(one.patient, State.REST))
    assert one.shots[State.REST].acquired is None
    assert not (tmp_path / "screenshots").exists()
    plain = filed(tmp_path / "plain", ill(), replace(order, outputs=frozenset({Output.SHORT_AXIS})))
    assert plain.shots[State.STRESS].gated is None
    assert np.array_equal(plain.shots[State.STRESS].short_axis, one.shots[State.STRESS].short_axis)


def test_what_needs_the_full_physics() -> None:
    assert set(needs_full(tuple(Output))) == FULL_ONLY
    assert needs_full(frozenset({Output.SHORT_AXIS, Output.GATED})) == []


def test_an_object_for_dicom_tells_who_and_how() -> None:
    patient = ill()
    heart = nm_object(patient, State.REST, np.ones(patient.rest.field.shape, dtype=np.uint16))
    assert heart.counts.shape == (1, *patient.rest.field.shape)
    assert (heart.state, heart.tracer, heart.sex, heart.age_years) == (State.REST, patient.tracer, "F", patient.age)
    assert heart.beat_ms == pytest.approx(60000 / patient.rest.beat.heart_rate, abs=0.1)
    assert nm_object(patient, State.REST, np.ones((8, 2, 3, 4), dtype=np.uint16)).counts.shape == (8, 2, 3, 4)
