"""The writer: valid objects, the same bytes every time, nothing of the outside in them."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Correction, Position, Sex, State, Tracer
from myoperf.io.nm import NMObject, StoredOrder, write_series
from myoperf.io.nm_object import Place
from myoperf.io.nm_write import uid_from


def test_the_same_heart_is_the_same_bytes(tmp_path: Path, heart: NMObject) -> None:
    one = write_series(tmp_path / "a.dcm", heart).read_bytes()
    two = write_series(tmp_path / "b.dcm", heart).read_bytes()
    assert one == two
    assert one[:128] == bytes(128)


def test_uids_follow_patient_study_and_series(tmp_path: Path, heart: NMObject) -> None:
    hearts = [heart, replace(heart, state=State.REST), replace(heart, study_id="P001-2"), replace(heart, seed="7")]
    read = [dcmread(write_series(tmp_path / f"{k}.dcm", h)) for k, h in enumerate(hearts)]
    assert read[0].StudyInstanceUID == read[1].StudyInstanceUID
    assert read[0].SeriesInstanceUID != read[1].SeriesInstanceUID
    assert len({ds.StudyInstanceUID for ds in read}) == 3
    assert len({ds.SOPInstanceUID for ds in read}) == 4
    assert uid_from("a", 1) == uid_from("a", 1) != uid_from("a", 2)
    assert len(uid_from("a")) <= 64


def test_counts_that_are_no_counts_are_refused(tmp_path: Path, heart: NMObject) -> None:
    with_nan = heart.counts.copy()
    with_nan[0, 0, 0, 0] = np.nan
    for counts in (with_nan, np.zeros_like(heart.counts), heart.counts[0]):
        with pytest.raises(RefusedError, match="counts are finite"):
            write_series(tmp_path / "a.dcm", replace(heart, counts=counts))
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy (Debian's dicom3tools) is not installed")
@pytest.mark.parametrize("place", ["detector", "top", "letters", "nowhere"])
@pytest.mark.parametrize("gates", [1, 8])
@pytest.mark.parametrize("told", [True, False])
def test_dciodvfy_finds_no_error(tmp_path: Path, heart: NMObject, place: Place, gates: int, told: bool) -> None:
    full = replace(
        heart,
        counts=np.random.default_rng(3).random((gates, 9, 12, 10)).astype(np.float32) - 0.1,
        sex=Sex.FEMALE,
        age_years=61,
        weight_kg=70.5,
        height_m=1.7,
        correction=Correction.AC,
        position=Position.PRONE,
        tracer=Tracer.TL201,
        stored=StoredOrder(place=place),
    )
    if not told:
        full = replace(full, state=None, tracer=None, position=None, correction=None, sex=None, age_years=None)
    path = write_series(tmp_path / "a.dcm", full)
    done = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).splitlines()
    assert not [line for line in lines if line.startswith("Error")], "\n".join(lines)
    assert any("NMImage" in line for line in lines)
