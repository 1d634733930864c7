"""Files of masks: read back as they were, the same bytes every time, and nothing contradictory in them."""

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.phantom.masks import VentricleMasks, npz_bytes, read_masks, write_masks, write_projection_masks


@pytest.fixture
def masks() -> VentricleMasks:
    wall = np.zeros((6, 7, 8), dtype=bool)
    wall[1:5, 1:6, 1:7] = True
    cavity = np.zeros_like(wall)
    cavity[2:5, 2:5, 2:6] = True
    defect = np.zeros_like(wall)
    defect[1, 1:4, 1:4] = True
    return VentricleMasks(wall=wall & ~cavity, cavity=cavity, defect=defect, spacing_mm=(6.0, 5.0, 4.0))


@pytest.mark.parametrize("compressed", [True, False])
def test_masks_come_back(tmp_path: Path, masks: VentricleMasks, compressed: bool) -> None:
    read = read_masks(write_masks(tmp_path / "m.npz", masks, compressed=compressed))
    for name in ("wall", "cavity", "defect"):
        assert np.array_equal(getattr(read, name), getattr(masks, name))
        assert getattr(read, name).dtype == np.bool_
    assert read.spacing_mm == masks.spacing_mm


def test_the_same_masks_are_the_same_bytes_without_a_clock(tmp_path: Path, masks: VentricleMasks) -> None:
    one = write_masks(tmp_path / "a.npz", masks).read_bytes()
    turned = replace(masks, wall=np.asfortranarray(masks.wall))
    assert write_masks(tmp_path / "b.npz", turned).read_bytes() == one
    with zipfile.ZipFile(tmp_path / "a.npz") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert [entry.filename for entry in archive.infolist()][:2] == ["wall.npy", "cavity.npy"]
    assert npz_bytes({"a": np.arange(3)}) != npz_bytes({"a": np.arange(4)})


def test_masks_that_contradict_each_other_are_refused(tmp_path: Path, masks: VentricleMasks) -> None:
    for wrong, reason in (
        (replace(masks, wall=masks.wall.astype(np.uint8)), "true or false"),
        (replace(masks, cavity=masks.cavity[1:]), "one shape"),
        (replace(masks, cavity=masks.wall), "in the cavity"),
        (replace(masks, wall=masks.wall & False, defect=masks.wall & False), "has voxels"),
        (replace(masks, defect=masks.cavity), "lies in the wall"),
    ):
        with pytest.raises(RefusedError, match=reason):
            write_masks(tmp_path / "m.npz", wrong)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"PK nothing", npz_bytes({"wall": np.ones(3, dtype=bool)})])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.npz").write_bytes(content)
    with pytest.raises(RefusedError, match="holds wall, cavity, defect"):
        read_masks(tmp_path / "m.npz")


def test_hearts_on_projections(tmp_path: Path) -> None:
    heart = np.zeros((2, 4, 5), dtype=bool)
    heart[:, 1:3, 1:4] = True
    counts = np.arange(40).reshape(2, 4, 5)
    with np.load(write_projection_masks(tmp_path / "p.npz", heart, counts)) as held:
        assert np.array_equal(held["heart"], heart)
        assert held["projections"].dtype == np.float32
    with np.load(write_projection_masks(tmp_path / "q.npz", heart)) as held:
        assert list(held) == ["heart"]
    for wrong in (heart & False, heart.astype(int), heart[0]):
        with pytest.raises(RefusedError, match="true and false"):
            write_projection_masks(tmp_path / "p.npz", wrong)
    with pytest.raises(RefusedError, match="mask's shape"):
        write_projection_masks(tmp_path / "p.npz", heart, counts[:1])
