import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from myoperf.evaluate.audit import audit
from myoperf.evaluate.audit.duplicates import find_duplicates
from myoperf.evaluate.audit.pictures import read_pictures
from myoperf.io.cache import cache_beside
from myoperf.phantom.preset import Output

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "validation"))

from duplicates import CHANGES, Planted, judge, patient_of, plant, virtual, write_copy


@pytest.fixture(scope="module")
def hearts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Volumes and polar pictures, stress and rest, of four virtual patients."""
    return virtual(tmp_path_factory.mktemp("hearts"), 4, 31, (Output.SHORT_AXIS, Output.SCREENSHOTS))


def test_planted_copies_are_found_and_nothing_else(hearts: list[Path], tmp_path: Path) -> None:
    planted: list[Planted] = plant(hearts, tmp_path / "copies", 12, np.random.default_rng(8))
    found = judge(hearts, planted)
    assert len(hearts) == 16
    assert found.exact == (6, 6)
    assert found.near == (6, 6), found.missed
    assert found.false == ()


def test_stress_and_rest_of_one_patient_are_no_copies(hearts: list[Path]) -> None:
    pictures, faults = read_pictures(hearts)
    assert faults == ()
    owner = {path: patient_of(path) for path in hearts}
    assert find_duplicates(pictures, owner) == ()
    assert audit(hearts[0].parent.parent).duplicates == ()


@pytest.mark.parametrize("change", list(CHANGES))
def test_every_kind_of_change_is_seen_through(hearts: list[Path], tmp_path: Path, change: str) -> None:
    polar = [path for path in hearts if path.suffix == ".png"][:2]
    grey = np.asarray(Image.open(polar[0]).convert("L"), dtype=np.float64) / 255
    other = CHANGES[change](grey, np.random.default_rng(4))
    Image.fromarray(np.round(np.clip(other, 0, 1) * 255).astype(np.uint8)).save(tmp_path / "changed.png")
    pictures, _ = read_pictures([*polar, tmp_path / "changed.png"])
    (pair,) = find_duplicates(pictures)
    assert (pair.first, pair.second, pair.kind) == (polar[0], tmp_path / "changed.png", "near")


@pytest.mark.parametrize("change", ["noisier by 1 to 2 %", "mirrored", "turned a little", "thinned"])
def test_a_changed_volume_is_a_copy_of_its_source_and_not_of_the_other_state(
    hearts: list[Path], tmp_path: Path, change: str
) -> None:
    volumes = [path for path in hearts if path.suffix == ".dcm"]
    rng = np.random.default_rng(5)
    planted = [write_copy(path, tmp_path / f"new{k}", change, rng) for k, path in enumerate(volumes[::2])]
    pictures, _ = read_pictures([*volumes, *(one.copy for one in planted)])
    found = find_duplicates(pictures, {path: patient_of(path) for path in volumes})
    assert {(pair.first, pair.second) for pair in found} == {(one.source, one.copy) for one in planted}


def test_a_picture_turned_on_a_grey_ground_leaves_no_dark_corners(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    row, column = np.indices((120, 160))
    for number in range(3):
        detail = gaussian_filter(rng.normal(size=(120, 160)), 3)
        inside = np.hypot(row - 60, column - 80) < 35
        picture = np.where(inside, 150 + 90 * detail / np.abs(detail).max(), 50)
        Image.fromarray(picture.astype(np.uint8)).save(tmp_path / f"{number}.png")
    Image.open(tmp_path / "1.png").rotate(7, Image.Resampling.BICUBIC).save(tmp_path / "turned.png")
    pictures, _ = read_pictures(sorted(tmp_path.glob("*.png")))
    assert [(one.first.name, one.second.name) for one in find_duplicates(pictures)] == [("1.png", "turned.png")]


def test_noise_alone_is_a_copy_of_nothing(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    for number in range(12):
        Image.fromarray(rng.integers(0, 256, (64, 64)).astype(np.uint8)).save(tmp_path / f"flat{number}.png")
        np.savez(tmp_path / f"deep{number}.npz", volume=rng.poisson(4, (20, 32, 32)))
    pictures, faults = read_pictures(sorted(tmp_path.iterdir()))
    assert (len(pictures), faults) == (24, ())
    assert find_duplicates(pictures) == ()


def test_thin_volumes_and_single_voxels_are_compared(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    np.savez(tmp_path / "thin.npz", volume=rng.poisson(9, (4, 32, 32)))
    point = np.zeros((16, 16, 16))
    point[8, 8, 8] = 1
    np.savez(tmp_path / "point.npz", volume=point)
    pictures, faults = read_pictures(sorted(tmp_path.iterdir()))
    assert (len(pictures), faults, find_duplicates(pictures)) == (2, (), ())


def test_a_folder_is_audited_and_its_pictures_are_read_once(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for number in range(6):
        noise = gaussian_filter(rng.normal(size=(96, 96)), 4)
        Image.fromarray((255 * (noise - noise.min()) / np.ptp(noise)).astype(np.uint8)).save(tmp_path / f"{number}.png")
    Image.open(tmp_path / "3.png").rotate(90).save(tmp_path / "turned.png")
    found = audit(tmp_path)
    assert [(pair.first.name, pair.second.name) for pair in found.duplicates] == [("3.png", "turned.png")]
    assert len(list(cache_beside(tmp_path).folder.rglob("*.npz"))) == 7
    assert audit(tmp_path).duplicates == found.duplicates


def test_files_that_are_no_images_cost_only_themselves(tmp_path: Path) -> None:
    Image.fromarray(np.eye(32, dtype=np.uint8) * 200).save(tmp_path / "good.png")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.dcm").write_text("no heart", encoding="utf-8")
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04 broken")
    (tmp_path / "other.jpg").write_bytes(b"GIF89a" + bytes(40))
    np.savez(tmp_path / "objects.npz", a=np.array([{}], dtype=object))
    np.savez(tmp_path / "flat.npz", a=np.full((16, 16), np.nan), b=np.zeros((16, 16)), c=np.arange(3))
    Image.new("L", (6000, 6000)).save(tmp_path / "huge.png")
    found = audit(tmp_path)
    text = "\n".join(found.warnings)
    for name in ("empty.png", "text.dcm", "broken.npz", "other.jpg", "objects.npz", "huge.png"):
        assert name in text, name
    assert "25000000 pixels" in text
    assert found.duplicates == ()
    assert found.about["images"] == 3
