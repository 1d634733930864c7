"""Projections, transverse volumes and attenuation maps: written by the standard, read back as they were."""

import shutil
import subprocess
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Correction, Position, Sex, State, Tracer
from myoperf.io.nm import read_series, require_short_axis
from myoperf.io.nm_object import PHOTOPEAKS, SCATTER, ProjectionObject, TransaxialObject, Window
from myoperf.io.nm_projections import read_projections
from myoperf.io.nm_transaxial import read_transaxial
from myoperf.io.nm_write_scan import (
    dicom_angle,
    projection_dataset,
    transaxial_dataset,
    write_projections,
    write_transaxial,
)

TC, TL = Tracer.TC99M, Tracer.TL201


@pytest.fixture
def scan() -> ProjectionObject:
    """Two windows of six views, 10 rows of 12 bins, no view like another."""
    return ProjectionObject(
        counts=np.random.default_rng(5).poisson(20, (2, 1, 6, 10, 12)),
        pixel_mm=(6.0, 5.0),
        windows=(PHOTOPEAKS[TC], SCATTER[TC]),
        patient_id="P001",
        study_id="P001-1",
        state=State.STRESS,
        tracer=TC,
        sex=Sex.FEMALE,
    )


@pytest.fixture
def volume() -> TransaxialObject:
    values = np.random.default_rng(6).random((1, 9, 10, 12))
    return TransaxialObject(values=values, spacing_mm=(6.0, 5.0, 4.0), patient_id="P001", state=State.REST, tracer=TL)


def gated(scan: ProjectionObject) -> ProjectionObject:
    return replace(scan, counts=np.random.default_rng(7).poisson(9, (1, 8, 6, 10, 12)), windows=None)


def test_angles_from_the_front_and_from_the_back() -> None:
    assert [dicom_angle(theta) for theta in (0, 90, -45, 135, 180, -90, 540)] == [180, 90, 225, 45, 0, 270, 0]
    assert all(dicom_angle(dicom_angle(theta)) % 360 == theta % 360 for theta in range(-180, 360, 5))


def test_projections_are_told_by_the_standard(scan: ProjectionObject) -> None:
    dataset = projection_dataset(replace(scan, radius_mm=(200.0,)))
    (turn,), (detector,) = dataset.RotationInformationSequence, dataset.DetectorInformationSequence
    assert (turn.StartAngle, turn.RotationDirection, turn.ScanArc, turn.AngularStep) == (225, "CW", 180, 30)
    assert (turn.RadialPosition, turn.NumberOfFramesInRotation) == (200, 6)
    assert list(dataset.ImageType) == ["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"]
    assert [int(tag) for tag in dataset.FrameIncrementPointer] == [0x00540010, 0x00540020, 0x00540050, 0x00540090]
    assert list(dataset.EnergyWindowVector) == [1] * 6 + [2] * 6
    assert list(dataset.AngularViewVector) == [1, 2, 3, 4, 5, 6] * 2
    assert [w.EnergyWindowName for w in dataset.EnergyWindowInformationSequence] == ["Tc-99m", "Tc-99m scatter"]
    # the first view, 45 degrees right anterior: columns run forward to the left, rows to the feet
    half = 0.5**0.5
    assert np.allclose(detector.ImageOrientationPatient, [half, -half, 0, 0, 0, -1])
    middle_of_bins = 5.5 * 5.0
    expected = [-200 * half - middle_of_bins * half, -200 * half + middle_of_bins * half, 4.5 * 6.0]
    assert np.allclose(detector.ImagePositionPatient, expected, atol=1e-4)


def test_the_head_is_in_the_first_row(scan: ProjectionObject) -> None:
    counts = np.zeros((1, 1, 6, 10, 12))
    counts[0, 0, 2, 9, 3] = 7
    stored = projection_dataset(replace(scan, counts=counts, windows=None)).pixel_array
    assert np.argwhere(stored).tolist() == [[2, 0, 3]]


def test_gated_projections_are_told_by_the_standard(scan: ProjectionObject) -> None:
    dataset = projection_dataset(replace(gated(scan), arc_deg=-90.0, start_deg=45.0))
    pointed = [0x00540010, 0x00540020, 0x00540050, 0x00540060, 0x00540070, 0x00540090]
    assert [int(tag) for tag in dataset.FrameIncrementPointer] == pointed
    assert dataset.ImageType[2] == "GATED TOMO"
    assert list(dataset.TimeSlotVector) == [slot for slot in range(1, 9) for _ in range(6)]
    assert list(dataset.AngularViewVector) == [1, 2, 3, 4, 5, 6] * 8
    assert set(dataset.RRIntervalVector) == set(dataset.RotationVector) == set(dataset.DetectorVector) == {1}
    turn = dataset.RotationInformationSequence[0]
    assert (turn.StartAngle, turn.RotationDirection, turn.ScanArc, turn.AngularStep) == (135, "CC", 90, 15)


@pytest.mark.parametrize(("start", "arc"), [(-45.0, 180.0), (135.0, -180.0), (0.0, 360.0), (-170.0, -90.0)])
@pytest.mark.parametrize("slots", [1, 8])
def test_projections_come_back(tmp_path: Path, scan: ProjectionObject, start: float, arc: float, slots: int) -> None:
    written = replace(scan if slots == 1 else gated(scan), start_deg=start, arc_deg=arc)
    read = read_projections(write_projections(tmp_path / "a.dcm", written))
    assert read.shape == written.counts.shape
    assert np.array_equal(read.load(), written.counts)
    assert np.allclose(read.angles_deg, start + arc / 6 * np.arange(6))
    assert (read.pixel_mm, read.radius_mm, read.frame_ms) == ((6.0, 5.0), (250.0,), 25_000.0)
    assert (read.state, read.tracer, read.position, read.sex) == (State.STRESS, TC, Position.SUPINE, Sex.FEMALE)
    assert read.windows[0].ranges == ((126.5, 153.5),)
    assert len(read.windows) == written.counts.shape[0]
    assert read.warnings == ()


def test_a_radius_a_view_and_two_detectors(tmp_path: Path, scan: ProjectionObject) -> None:
    radii = tuple(200.0 + k for k in range(6))
    dataset = projection_dataset(replace(scan, radius_mm=radii))
    dataset.save_as(tmp_path / "one.dcm", enforce_file_format=True)
    assert read_projections(tmp_path / "one.dcm").radius_mm == radii
    # the same frames as two heads at right angles, three views each
    dataset.DetectorVector, dataset.AngularViewVector = [1, 1, 1, 2, 2, 2] * 2, [1, 2, 3] * 4
    second = deepcopy(dataset.DetectorInformationSequence[0])
    second.StartAngle = "135"
    dataset.DetectorInformationSequence.append(second)
    dataset.save_as(tmp_path / "two.dcm", enforce_file_format=True)
    two = read_projections(tmp_path / "two.dcm")
    assert np.allclose(two.angles_deg, -45 + 30 * np.arange(6))
    assert np.array_equal(two.load(), scan.counts)


def test_frames_in_any_order_and_silent_headers(tmp_path: Path, scan: ProjectionObject) -> None:
    dataset = projection_dataset(scan)
    order = np.random.default_rng(1).permutation(12)
    frames = np.frombuffer(dataset.PixelData, "<u2").reshape(12, -1)[order]
    dataset.PixelData = frames.tobytes()
    for keyword in ("EnergyWindowVector", "AngularViewVector", "DetectorVector", "RotationVector"):
        setattr(dataset, keyword, [dataset[keyword].value[k] for k in order])
    dataset.save_as(tmp_path / "shuffled.dcm", enforce_file_format=True)
    assert np.array_equal(read_projections(tmp_path / "shuffled.dcm").load(), scan.counts)
    silent = projection_dataset(scan)
    silent.DetectorInformationSequence[0].ImageOrientationPatient = None
    silent.save_as(tmp_path / "silent.dcm", enforce_file_format=True)
    read = read_projections(tmp_path / "silent.dcm")
    assert np.array_equal(read.load(), scan.counts)
    assert any("no directions" in line for line in read.warnings)
    upside = projection_dataset(scan)
    upside.DetectorInformationSequence[0].ImageOrientationPatient = ["0.7071068", "-0.7071068", "0", "0", "0", "1"]
    upside.save_as(tmp_path / "upside.dcm", enforce_file_format=True)
    assert np.array_equal(read_projections(tmp_path / "upside.dcm").load(), scan.counts[:, :, :, ::-1])


def _turned(dataset: Dataset) -> None:
    dataset.DetectorInformationSequence[0].ImageOrientationPatient = ["1", "0", "0", "0", "0", "-1"]


def _doubled(dataset: Dataset) -> None:
    dataset.AngularViewVector = [1, 1, 3, 4, 5, 6] * 2


def _transmission(dataset: Dataset) -> None:
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "TOMO", "TRANSMISSION"]


def _no_turn(dataset: Dataset) -> None:
    dataset.RotationInformationSequence = []


def _no_step(dataset: Dataset) -> None:
    dataset.RotationInformationSequence[0].AngularStep = None


def _round_twice(dataset: Dataset) -> None:
    dataset.RotationInformationSequence[0].AngularStep = "180"


def _no_way(dataset: Dataset) -> None:
    dataset.RotationInformationSequence[0].RotationDirection = ""


def _cut(dataset: Dataset) -> None:
    dataset.PixelData = dataset.PixelData[:-480]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_turned, "agree with the Start Angle"),
        (_doubled, "every view of every window and gate once"),
        (_transmission, "TRANSMISSION"),
        (_no_turn, "tells the angles"),
        (_no_step, "Start Angle"),
        (_round_twice, "an angle of its own"),
        (_no_way, "is CW or CC"),
        (_cut, "12 frames"),
    ],
)
def test_faulty_projections_are_refused(
    tmp_path: Path, scan: ProjectionObject, change: Callable[[Dataset], None], reason: str
) -> None:
    dataset = projection_dataset(scan)
    change(dataset)
    dataset.save_as(tmp_path / "x.dcm", enforce_file_format=True)
    with pytest.raises(RefusedError, match=reason) as caught:
        read_projections(tmp_path / "x.dcm")
    assert str(caught.value).isprintable()


def test_what_cannot_be_written_is_refused(tmp_path: Path, scan: ProjectionObject, volume: TransaxialObject) -> None:
    wrong = [
        replace(scan, counts=scan.counts[0]),
        replace(scan, counts=-scan.counts),
        replace(scan, counts=scan.counts * np.nan),
        replace(scan, windows=None),
        replace(scan, radius_mm=(1.0, 2.0)),
        replace(scan, radius_mm=(0.0,)),
        replace(scan, arc_deg=0.0),
        replace(scan, arc_deg=400.0),
    ]
    for one in wrong:
        with pytest.raises(RefusedError, match="check the object"):
            write_projections(tmp_path / "a.dcm", one)
    with_nan = volume.values.copy()
    with_nan[0, 0, 0, 0] = np.nan
    for values in (with_nan, np.zeros((1, 9, 10, 12)), volume.values[0]):
        with pytest.raises(RefusedError, match="values are finite"):
            write_transaxial(tmp_path / "a.dcm", replace(volume, values=values))
    for values in (volume.values - 0.5, np.repeat(volume.values, 2, axis=0)):
        with pytest.raises(RefusedError, match="one gate and nothing below 0"):
            write_transaxial(tmp_path / "a.dcm", replace(volume, values=values, attenuation=True))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("slots", [1, 4])
def test_transverse_volumes_come_back(tmp_path: Path, volume: TransaxialObject, slots: int) -> None:
    values = np.random.default_rng(8).random((slots, 9, 10, 12)) - 0.1
    written = replace(volume, values=values, centre_mm=(10.0, -20.0, 30.0), correction=Correction.AC)
    read = read_transaxial(write_transaxial(tmp_path / "a.dcm", written))
    assert (read.shape, read.spacing_mm, read.centre_mm) == (values.shape, (6.0, 5.0, 4.0), (10.0, -20.0, 30.0))
    assert np.allclose(read.load(), values, atol=2e-5)
    assert (read.attenuation, read.correction, read.state) == (False, Correction.AC, State.REST)
    assert read.warnings == ()
    dataset = dcmread(tmp_path / "a.dcm")
    assert list(dataset.DetectorInformationSequence[0].ImagePositionPatient) == [-12.0, -42.5, 6.0]
    series = read_series(tmp_path / "a.dcm")
    with pytest.raises(RefusedError, match="transverse"):
        require_short_axis(series)


def test_an_attenuation_map_is_in_1_per_cm_and_never_a_heart(tmp_path: Path, volume: TransaxialObject) -> None:
    written = replace(volume, values=volume.values * 0.19, attenuation=True)
    path = write_transaxial(tmp_path / "mu.dcm", written)
    read = read_transaxial(path)
    assert read.attenuation
    assert np.allclose(read.load(), written.values, atol=4e-6)
    dataset = dcmread(path)
    assert dataset.ImageType[3] == "TRANSMISSION"
    (mapping,) = dataset.RealWorldValueMappingSequence
    assert mapping.MeasurementUnitsCodeSequence[0].CodeValue == "/cm"
    assert mapping.RealWorldValueSlope == float(dataset.RescaleSlope)
    with pytest.raises(RefusedError, match="TRANSMISSION: an attenuation map"):
        read_series(path)


def test_units_and_directions_of_transverse_volumes(tmp_path: Path, volume: TransaxialObject) -> None:
    dataset = transaxial_dataset(replace(volume, values=volume.values * 0.19, attenuation=True))
    del dataset.RealWorldValueMappingSequence
    dataset.save_as(tmp_path / "untold.dcm", enforce_file_format=True)
    assert any("taken as 1/cm" in line for line in read_transaxial(tmp_path / "untold.dcm").warnings)
    dataset.RescaleSlope = "0.01"
    dataset.save_as(tmp_path / "large.dcm", enforce_file_format=True)
    with pytest.raises(RefusedError, match="in 1/cm"):
        read_transaxial(tmp_path / "large.dcm")
    for six, reason in (
        (None, "tells how a transverse volume lies"),
        (["1", "0", "0", "0", "0", "-1"], "along the body"),
    ):
        dataset = transaxial_dataset(volume)
        dataset.DetectorInformationSequence[0].ImageOrientationPatient = six
        dataset.save_as(tmp_path / "x.dcm", enforce_file_format=True)
        with pytest.raises(RefusedError, match=reason):
            read_transaxial(tmp_path / "x.dcm")
    # rows from back to front and slices to the feet are turned
    dataset = transaxial_dataset(volume)
    dataset.DetectorInformationSequence[0].ImageOrientationPatient = ["1", "0", "0", "0", "-1", "0"]
    dataset.save_as(tmp_path / "turned.dcm", enforce_file_format=True)
    assert np.allclose(read_transaxial(tmp_path / "turned.dcm").load(), volume.values[:, ::-1, ::-1], atol=2e-5)


def test_the_same_objects_are_the_same_bytes_and_uids_tell_kinds_apart(
    tmp_path: Path, scan: ProjectionObject, volume: TransaxialObject
) -> None:
    volume = replace(volume, patient_id="P001", study_id="P001-1", state=State.STRESS, tracer=TC)
    mu = replace(volume, attenuation=True)
    paths = [write_projections(tmp_path / f"{k}.dcm", s) for k, s in enumerate((scan, gated(scan)))]
    paths += [write_transaxial(tmp_path / f"{k}.dcm", v) for k, v in enumerate((volume, mu), start=2)]
    assert write_projections(tmp_path / "again.dcm", scan).read_bytes() == paths[0].read_bytes()
    assert write_transaxial(tmp_path / "again.dcm", mu).read_bytes() == paths[3].read_bytes()
    read = [dcmread(path) for path in paths]
    assert len({d.StudyInstanceUID for d in read}) == len({d.FrameOfReferenceUID for d in read}) == 1
    assert len({d.SeriesInstanceUID for d in read}) == len({d.SOPInstanceUID for d in read}) == 4


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy (Debian's dicom3tools) is not installed")
@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("kind", ["tomo", "gated tomo", "transaxial", "gated transaxial", "attenuation map"])
def test_dciodvfy_finds_no_error(
    tmp_path: Path, scan: ProjectionObject, volume: TransaxialObject, kind: str, told: bool
) -> None:
    who = dict.fromkeys(("state", "tracer", "position", "correction", "sex", "age_years")) if not told else {}
    path = tmp_path / "a.dcm"
    if "tomo" in kind:
        one = gated(scan) if kind.startswith("gated") else scan
        one = replace(one, radius_mm=(200.0, 210.0, 220.0, 230.0, 240.0, 250.0), **who)  # type: ignore[arg-type]
        write_projections(path, one)
    else:
        values = np.repeat(volume.values, 4 if kind.startswith("gated") else 1, axis=0)
        body = replace(volume, values=values, attenuation=kind == "attenuation map", scatter_corrected=True, **who)  # type: ignore[arg-type]
        write_transaxial(path, body)
    done = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).splitlines()
    assert not [line for line in lines if line.startswith("Error")], "\n".join(lines)
    assert any("NMImage" in line for line in lines)


def test_a_window_of_ones_own(tmp_path: Path, scan: ProjectionObject) -> None:
    own = replace(scan, tracer=None, windows=(Window(name="a", low_kev=70, high_kev=80), SCATTER[TL]))
    read = read_projections(write_projections(tmp_path / "a.dcm", own))
    assert [(w.name, w.ranges) for w in read.windows] == [("a", ((70.0, 80.0),)), ("Tl-201 scatter", ((50.0, 62.0),))]
    assert read.tracer is TL


def test_real_projections_start_at_the_right_front(shared_data: Path) -> None:
    read = read_projections(shared_data / "nm" / "gated_projections_8x60.dcm")
    assert read.shape == (1, 8, 60, 64, 64)
    assert read.angles_deg[0] == pytest.approx(-45.23)
    assert read.angles_deg[-1] == pytest.approx(131.77)
    assert (read.state, read.tracer) == (State.STRESS, TC)
    counts = read.load()[0].sum(axis=(0, 1))
    assert counts.sum() == 12_813_014
