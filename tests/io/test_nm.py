"""Reading NM reconstructions: what comes out, on hand-made files and on real odd ones."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from pickle import dumps, loads

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.uid import UID, ExplicitVRBigEndian, ImplicitVRLittleEndian

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Correction, Position, Sex, State, Tracer, View
from myoperf.io.nm import NMObject, read_series, require_short_axis, write_series
from myoperf.io.nm_object import FrameOrder
from myoperf.io.nm_write import series_dataset

Edited = Callable[..., Path]


def test_a_written_heart_is_read_back(tmp_path: Path, heart: NMObject) -> None:
    series = read_series(write_series(tmp_path / "a.dcm", replace(heart, sex=Sex.FEMALE)))
    assert series.shape == heart.counts.shape
    np.testing.assert_array_equal(series.load(), heart.counts)
    assert series.geometry.spacing_mm == heart.spacing_mm
    assert series.geometry.oriented
    assert (series.state, series.tracer, series.view) == (State.STRESS, Tracer.TC99M, View.SHORT_AXIS)
    assert (series.position, series.correction, series.sex) == (Position.SUPINE, Correction.NC, Sex.FEMALE)
    assert (series.patient_id, series.gates, series.warnings) == ("P001", 1, ())
    assert {e.fact for e in series.evidence} >= {"state", "tracer", "view", "directions", "position", "correction"}


@pytest.mark.parametrize("frames", ["rising", "falling", "shuffled"])
def test_gates_and_slices_come_from_the_vectors(tmp_path: Path, heart: NMObject, frames: FrameOrder) -> None:
    counts = np.random.default_rng(1).poisson(9, (8, 6, 9, 8)).astype(np.float32)
    stored = replace(heart.stored, frames=frames)
    series = read_series(write_series(tmp_path / "g.dcm", replace(heart, counts=counts, stored=stored)))
    assert series.gates == 8
    np.testing.assert_array_equal(series.load(), counts)


def test_fractions_and_negative_counts_are_kept(tmp_path: Path, heart: NMObject) -> None:
    counts = np.random.default_rng(2).normal(0, 0.01, heart.counts.shape).astype(np.float32)
    series = read_series(write_series(tmp_path / "n.dcm", replace(heart, counts=counts)))
    np.testing.assert_allclose(series.load(), counts, atol=2e-6)
    assert series.load().min() < 0


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_other_native_syntaxes_give_the_same_counts(tmp_path: Path, heart: NMObject, syntax: UID) -> None:
    dataset = series_dataset(heart)
    dataset.file_meta.TransferSyntaxUID = syntax
    if syntax == ExplicitVRBigEndian:
        dataset.PixelData = np.frombuffer(dataset.PixelData, "<u2").astype(">u2").tobytes()
    dataset.save_as(tmp_path / "s.dcm", enforce_file_format=True)
    np.testing.assert_array_equal(read_series(tmp_path / "s.dcm").load(), heart.counts)


def test_eight_bits_with_a_pad_byte(tmp_path: Path, edited: Edited, heart: NMObject) -> None:
    counts = heart.counts[:, :, :11, :9]

    def eight(dataset: Dataset) -> None:
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
        dataset.PixelData = counts.astype(np.uint8).tobytes() + b"\0"
        dataset["PixelData"].VR = "OB"

    series = read_series(edited(eight, replace(heart, counts=counts)))
    np.testing.assert_array_equal(series.load(), counts)


def test_unused_high_bits_are_not_counts(edited: Edited, heart: NMObject) -> None:
    def twelve(dataset: Dataset) -> None:
        dataset.BitsStored, dataset.HighBit = 12, 11
        dataset.PixelData = (np.frombuffer(dataset.PixelData, "<u2") | 0xA000).tobytes()

    np.testing.assert_array_equal(read_series(edited(twelve)).load(), heart.counts)


def test_rescale_and_real_world_values_scale_the_counts(edited: Edited, heart: NMObject) -> None:
    def rescaled(dataset: Dataset) -> None:
        dataset.RescaleSlope, dataset.RescaleIntercept = "0.5", "-1"

    def real_world(dataset: Dataset) -> None:
        item = Dataset()
        item.RealWorldValueSlope, item.RealWorldValueIntercept = 2.0, 0.0
        dataset.RealWorldValueMappingSequence = [item]

    np.testing.assert_allclose(read_series(edited(rescaled)).load(), heart.counts * 0.5 - 1)
    np.testing.assert_allclose(read_series(edited(real_world)).load(), heart.counts * 2)


def test_padding_outside_the_field_counts_nothing(edited: Edited, heart: NMObject) -> None:
    counts = heart.counts.copy()
    counts[0, 0, 0, 0] = -2000

    def padded(dataset: Dataset) -> None:
        dataset.add_new(0x00280120, "SS", -2000)

    volume = read_series(edited(padded, replace(heart, counts=counts))).load()
    assert volume[0, 0, 0, 0] == 0
    assert volume.min() == 0


def test_only_the_photopeak_of_two_windows_is_read(edited: Edited, heart: NMObject) -> None:
    both = np.concatenate([heart.counts, heart.counts + 100])

    def two_windows(dataset: Dataset) -> None:
        count = heart.counts.shape[1]
        scatter = Dataset()
        limits = Dataset()
        limits.EnergyWindowLowerLimit, limits.EnergyWindowUpperLimit = "100", "120"
        scatter.EnergyWindowRangeSequence = [limits]
        dataset.EnergyWindowInformationSequence.insert(0, scatter)
        dataset.NumberOfEnergyWindows, dataset.NumberOfFrames = 2, 2 * count
        dataset.EnergyWindowVector = [1] * count + [2] * count
        dataset.SliceVector = list(range(1, count + 1)) * 2
        dataset.FrameIncrementPointer = [0x00540010, 0x00540080]
        dataset.PixelData = both.astype("<u2").tobytes()

    series = read_series(edited(two_windows))
    np.testing.assert_array_equal(series.load(), heart.counts + 100)
    assert any(e.fact == "photopeak" and e.value == "2" for e in series.evidence)


def test_a_series_travels_to_another_process(tmp_path: Path, heart: NMObject) -> None:
    series = loads(dumps(read_series(write_series(tmp_path / "a.dcm", heart))))
    np.testing.assert_array_equal(series.load(), heart.counts)


def test_a_file_that_changes_after_reading_is_refused(tmp_path: Path, heart: NMObject) -> None:
    series = read_series(write_series(tmp_path / "a.dcm", heart))
    write_series(tmp_path / "a.dcm", replace(heart, counts=heart.counts + 1))
    with pytest.raises(RefusedError, match="stays as it is"):
        series.load()


def test_a_czt_volume_is_transverse_and_stacked_downwards(shared_data: Path) -> None:
    series = read_series(shared_data / "nm" / "czt_negative_spacing.dcm")
    assert series.view is View.TRANSVERSE
    assert series.geometry.directions is not None
    assert series.geometry.directions[0][2] == -1
    assert series.tracer is Tracer.TC99M
    assert any("largest number" in w for w in series.warnings)
    with pytest.raises(RefusedError, match="transverse slices"):
        require_short_axis(series)


def test_a_view_that_is_told_nowhere_is_not_taken_for_short_axis(shared_data: Path) -> None:
    series = read_series(shared_data / "nm" / "long_axis_no_detector_sequence.dcm")
    assert series.view is View.UNTOLD
    assert not series.geometry.oriented
    assert series.tracer is None
    with pytest.raises(RefusedError, match="tells nowhere"):
        require_short_axis(series)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("gated_projections_8x60", "projections"), ("whole_body_bone_jpegls_secondary_capture", "Secondary Capture")],
)
def test_real_files_that_are_no_reconstruction_are_refused(shared_data: Path, name: str, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        read_series(shared_data / "nm" / f"{name}.dcm")


def test_real_short_axis_series_are_read_whole(shared_data: Path) -> None:
    for path in sorted((shared_data / "pacific" / "dicom").glob("P0[5-7]*/*.dcm")):
        series = require_short_axis(read_series(path))
        assert series.geometry.oriented
        assert (series.state, series.tracer) == (State(path.stem), Tracer.TC99M)
        assert (series.correction, series.position) == (Correction.NC, Position.SUPINE)
        assert np.isfinite(series.load()).all()
        assert not series.warnings
