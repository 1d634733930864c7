"""Hostile and broken DICOM: every one is refused in one line, fast and in little memory."""

import importlib.util
import resource
import struct
import sys
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag

from myoperf.core.errors import RefusedError
from myoperf.io import nm_gate
from myoperf.io.nm import NMObject, read_series, write_series
from myoperf.io.nm_write import series_dataset

Edited = Callable[..., Path]


def whole(heart: NMObject) -> bytes:
    buffer = BytesIO()
    series_dataset(heart).save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def meta(syntax: str) -> bytes:
    """A file's first bytes: preamble, DICM, SOP class and transfer syntax."""
    body = b""
    for element, text in ((2, nm_gate.NM_IMAGE), (16, syntax)):
        value = text.encode() + b"\0" * (len(text) % 2)
        body += struct.pack("<HH2sH", 2, element, b"UI", len(value)) + value
    return bytes(128) + b"DICM" + body


def refusal(path: Path, seconds: float = 0.5) -> str:
    """The one line that refuses a file, within the time."""
    start = time.process_time()
    with pytest.raises(RefusedError) as caught:
        read_series(path)
    assert time.process_time() - start < seconds
    line = str(caught.value)
    assert line.isprintable()
    assert path.name in line
    assert "RecursionError" not in line
    return line


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b"hello", "not DICOM"),
        (bytes(200), "not DICOM"),
        (b"\x89PNG" + bytes(500), "not DICOM"),
        (bytes(128) + b"DICM", "no transfer syntax"),
        (meta("1.2.840.10008.1.2.1"), "no SOP class"),
        (meta("1.2.840.10008.1.2.4.70"), "uncompressed"),
        (meta("1.2.840.10008.1.2.5"), "uncompressed"),
    ],
)
def test_what_is_no_dicom_image(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "x.dcm").write_bytes(content)
    assert reason in refusal(tmp_path / "x.dcm")


def test_missing_files_and_folders(tmp_path: Path) -> None:
    assert "nothing there" in refusal(tmp_path / "none.dcm")
    assert "folder" in refusal(tmp_path)


def test_a_file_beyond_the_size_limit_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nm_gate, "MAX_FILE_BYTES", 1000)
    (tmp_path / "big.dcm").write_bytes(bytes(1001))
    assert "at most" in refusal(tmp_path / "big.dcm")


@pytest.mark.parametrize("payload_mb", [100, 400])
def test_a_deflate_bomb_is_never_inflated(tmp_path: Path, payload_mb: int) -> None:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(squeeze.compress(bytes(2**20)) for _ in range(payload_mb)) + squeeze.flush()
    (tmp_path / "bomb.dcm").write_bytes(meta("1.2.840.10008.1.2.1.99") + packed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "deflated" in refusal(tmp_path / "bomb.dcm", 0.2)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 70 * 1024


def _nested(depth: int, tag: tuple[int, int]) -> bytes:
    """Sequences of undefined length, each with one item holding the next."""
    sequence = struct.pack("<HH2sHL", *tag, b"SQ", 0, 0xFFFFFFFF) + struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
    return sequence * depth


@pytest.mark.parametrize("depth", [100, 1_000, 10_000, 100_000])
@pytest.mark.parametrize("tag", [(0x0054, 0x0022), (0x0009, 0x1001)])
def test_sequences_nested_without_end(tmp_path: Path, depth: int, tag: tuple[int, int]) -> None:
    (tmp_path / "deep.dcm").write_bytes(meta("1.2.840.10008.1.2.1") + _nested(depth, tag))
    refusal(tmp_path / "deep.dcm")


@pytest.mark.parametrize("undefined", [True, False])
def test_a_sequence_of_a_million_items(tmp_path: Path, heart: NMObject, undefined: bool) -> None:
    items = struct.pack("<HHL", 0xFFFE, 0xE000, 0) * 1_000_000
    length = 0xFFFFFFFF if undefined else len(items)
    wide = struct.pack("<HH2sHL", 0x0054, 0x0016, b"SQ", 0, length) + items
    data = whole(heart)
    at = data.index(struct.pack("<HH2s", 0x0054, 0x0016, b"SQ"))
    (tmp_path / "wide.dcm").write_bytes(data[:at] + wide)
    refusal(tmp_path / "wide.dcm")


def test_a_header_of_a_million_elements(tmp_path: Path) -> None:
    elements = b"".join(struct.pack("<HH2sH", 9, k % 65536, b"LO", 0) for k in range(1_000_000))
    (tmp_path / "long.dcm").write_bytes(meta("1.2.840.10008.1.2.1") + elements)
    assert "20000 elements" in refusal(tmp_path / "long.dcm")


def _set(**elements: object) -> Callable[[Dataset], None]:
    def edit(dataset: Dataset) -> None:
        for keyword, value in elements.items():
            setattr(dataset, keyword, value)

    return edit


def _raw(tag: int, vr: str, value: bytes) -> Callable[[Dataset], None]:
    """An element whose bytes no library would write."""

    def edit(dataset: Dataset) -> None:
        dataset[tag] = RawDataElement(BaseTag(tag), vr, len(value), value, 0, False, True)

    return edit


def _frames_of(delta: int) -> Callable[[Dataset], None]:
    def edit(dataset: Dataset) -> None:
        size = dataset.Rows * dataset.Columns * 2
        dataset.PixelData = (dataset.PixelData + bytes(size))[: len(dataset.PixelData) + delta * size]

    return edit


def _longer(keyword: str) -> Callable[[Dataset], None]:
    def edit(dataset: Dataset) -> None:
        setattr(dataset, keyword, [1] * (int(dataset.NumberOfFrames) + 1))

    return edit


def _drop(keyword: str) -> Callable[[Dataset], None]:
    def edit(dataset: Dataset) -> None:
        delattr(dataset, keyword)

    return edit


LIES: list[tuple[Callable[[Dataset], None], str]] = [
    (_raw(0x00280008, "IS", b"0 "), "NumberOfFrames"),
    (_raw(0x00280008, "IS", b"-1"), "NumberOfFrames"),
    (_raw(0x00280008, "IS", b"2147483647"), "NumberOfFrames"),
    (_raw(0x00280008, "IS", b"20\\20 "), "NumberOfFrames"),
    (_raw(0x00280008, "IS", b"nine"), "NumberOfFrames"),
    (_raw(0x00280008, "IS", b"9.5 "), "NumberOfFrames"),
    (_drop("NumberOfFrames"), "NumberOfFrames"),
    (_raw(0x00280010, "UL", b"\xff\xff\xff\xff"), "Rows"),
    (_raw(0x00280010, "US", b"\0\0"), "Rows"),
    (_raw(0x00280011, "US", b"\xff\xff"), "Columns"),
    (_set(BitsAllocated=3), "BitsAllocated"),
    (_set(BitsAllocated=12), "BitsAllocated"),
    (_set(BitsAllocated=64), "BitsAllocated"),
    (_set(BitsAllocated=1), "BitsAllocated"),
    (_set(BitsAllocated=32), "Pixel Data"),
    (_set(BitsAllocated=8, BitsStored=8, HighBit=7), "Pixel Data"),
    (_set(BitsStored=17), "BitsStored"),
    (_set(BitsStored=0), "BitsStored"),
    (_set(HighBit=11), "HighBit"),
    (_set(PixelRepresentation=2), "PixelRepresentation"),
    (_set(SamplesPerPixel=3), "SamplesPerPixel"),
    (_set(PhotometricInterpretation="RGB"), "PhotometricInterpretation"),
    (_frames_of(1), "10 frames"),
    (_frames_of(-1), "8 frames"),
    (_set(NumberOfFrames=8), "one value for each of 8 frames"),
    (_set(NumberOfFrames=8, SliceVector=list(range(1, 9)), NumberOfSlices=8), "9 frames"),
    (_longer("SliceVector"), "SliceVector"),
    (_longer("PhaseVector"), "PhaseVector"),
    (_longer("DetectorVector"), "DetectorVector"),
    (_longer("TimeSlotVector"), "TimeSlotVector"),
    (_set(SliceVector=[1, 2, 3]), "SliceVector"),
    (_set(SliceVector=[1, 2, 3, 4, 5, 6, 7, 8, 8]), "NumberOfSlices"),
    (_set(SliceVector=[1, 2, 3, 4, 5, 6, 7, 8, 10]), "holes"),
    (_set(SliceVector=[0, 1, 2, 3, 4, 5, 6, 7, 8]), "holes"),
    (_drop("SliceVector"), "SliceVector"),
    (_set(NumberOfSlices=10), "NumberOfSlices"),
    (_set(FrameIncrementPointer=0x00181063), "FrameIncrementPointer"),
    (_set(RRIntervalVector=[1, 1, 1, 1, 1, 2, 2, 2, 2]), "RRIntervalVector"),
    (_set(TimeSlotVector=[1, 2, 1, 2, 1, 2, 1, 2, 1]), "holes"),
    (_set(PixelSpacing=None), "PixelSpacing"),
    (_set(PixelSpacing=["0", "5"]), "PixelSpacing"),
    (_set(PixelSpacing=["-5", "5"]), "PixelSpacing"),
    (_raw(0x00280030, "DS", b"nan\\5 "), "PixelSpacing"),
    (_set(SpacingBetweenSlices="0"), "SpacingBetweenSlices"),
    (_set(SpacingBetweenSlices="600"), "SpacingBetweenSlices"),
    (_raw(0x00180088, "DS", b"inf "), "SpacingBetweenSlices"),
    (_set(SpacingBetweenSlices=None, SliceThickness=None), "SliceThickness"),
    (_set(RescaleSlope="0"), "RescaleSlope"),
    (_set(RescaleSlope="-1"), "RescaleSlope"),
    (_drop("PixelData"), "Pixel Data"),
    (_set(ImageType=["ORIGINAL", "PRIMARY"]), "nothing"),
    (_set(ImageType=["ORIGINAL", "PRIMARY", "STATIC", "EMISSION"]), "planar"),
    (_set(ImageType=["ORIGINAL", "PRIMARY", "WHOLE BODY", "EMISSION"]), "whole-body"),
    (_set(ImageType=["ORIGINAL", "PRIMARY", "DYNAMIC", "EMISSION"]), "dynamic"),
    (_set(ImageType=["ORIGINAL", "PRIMARY", "RECON TOMO", "TRANSMISSION"]), "TRANSMISSION"),
    (_set(SOPClassUID="1.2.840.10008.5.1.4.1.1.2"), "CT Image Storage"),
    (_set(SOPClassUID="1.2.840.10008.5.1.4.1.1.128"), "Positron Emission"),
    (_set(PatientID="x" * 64_000), "PatientID"),
]


@pytest.mark.filterwarnings("ignore:.*:UserWarning")
@pytest.mark.parametrize("number", range(len(LIES)))
def test_headers_that_lie(edited: Edited, number: int) -> None:
    edit, reason = LIES[number]
    assert reason in refusal(edited(edit))


def test_time_slots_in_an_ungated_object(edited: Edited, heart: NMObject) -> None:
    gated = replace(heart, counts=np.repeat(heart.counts, 4, axis=0))
    line = refusal(edited(_set(ImageType=["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]), gated))
    assert "TimeSlotVector" in line


@pytest.mark.parametrize("value", [0, 7])
def test_constant_images(edited: Edited, value: int) -> None:
    def constant(dataset: Dataset) -> None:
        dataset.PixelData = np.full(len(dataset.PixelData) // 2, value, "<u2").tobytes()

    assert "counts that differ" in refusal(edited(constant))


def test_truncation_anywhere_and_bytes_behind(tmp_path: Path, heart: NMObject) -> None:
    data, path = whole(heart), tmp_path / "cut.dcm"
    for end in [*range(0, len(data) - 1, len(data) // 150), len(data) - 1]:
        path.write_bytes(data[:end])
        refusal(path)
    path.write_bytes(data + bytes(240))
    assert "more bytes than declared" in refusal(path)
    path.write_bytes(data + struct.pack("<HH2sHL", 0xFFFC, 0xFFFC, b"OB", 0, 8) + bytes(8))
    read_series(path)


@pytest.mark.parametrize("magic", [b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"#!/bin/sh\n", b"%PDF-1.7", b"PK\x03\x04"])
def test_a_preamble_that_is_a_program_is_told_and_not_written_back(
    tmp_path: Path, heart: NMObject, magic: bytes
) -> None:
    path = write_series(tmp_path / "p.dcm", heart)
    path.write_bytes(magic + path.read_bytes()[len(magic) :])
    series = read_series(path)
    assert any("before DICM" in w for w in series.warnings)
    again = write_series(tmp_path / "q.dcm", replace(heart, counts=series.load()))
    assert again.read_bytes()[:128] == bytes(128)


def test_a_tiff_preamble_is_tolerated(tmp_path: Path, heart: NMObject) -> None:
    path = write_series(tmp_path / "p.dcm", heart)
    path.write_bytes(b"II*\0" + path.read_bytes()[4:])
    assert not read_series(path).warnings


@pytest.mark.filterwarnings("ignore:.*:UserWarning")
@pytest.mark.parametrize(
    "name",
    [b"A\x00B", b"\xff\xfe\xfd", b"x\x1b[31m", "\u202eevil".encode(), "😀".encode(), b"../../etc/passwd", b"=1+1"],
)
def test_odd_text_never_breaks_a_line(edited: Edited, name: bytes) -> None:
    def odd(dataset: Dataset) -> None:
        for tag, vr in ((0x00100020, "LO"), (0x0008103E, "LO"), (0x00080070, "LO"), (0x00100010, "PN")):
            _raw(tag, vr, name + b" " * (len(name) % 2))(dataset)

    series = read_series(edited(odd))
    assert all(text.isprintable() for text in (series.patient_id, series.manufacturer, *series.warnings))
    assert all(e.source.isprintable() for e in series.evidence)


def _bench() -> ModuleType:
    path = Path(__file__).parents[2] / "bench" / "fuzz_dicom.py"
    spec = importlib.util.spec_from_file_location("fuzz_dicom", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_two_thousand_mutants_are_read_or_refused() -> None:
    outcome = _bench().fuzz(2_000)
    assert outcome.read + sum(outcome.refused.values()) == 2_000
    assert outcome.read > 100
    assert len(outcome.refused) > 10
