"""Slices as pictures: where things lie on them, how they are centred, what their tables say."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from myoperf.core.colour import paint
from myoperf.core.errors import RefusedError
from myoperf.core.terms import View
from myoperf.io.tomogram import Cut, cropped, read_labels, slice_pictures, ventricle_centre, write_labels

SPACING = (5.0, 5.0, 5.0)


def volume() -> Any:
    """A box of wall (apex first) with one hot voxel: first slice, upper row (anterior), left column (septal)."""
    counts = np.zeros((20, 24, 28), dtype=np.float32)
    counts[6:14, 8:16, 10:18] = 100
    counts[6, 8, 10] = 200
    return counts


def cut(**changed: Any) -> Cut:
    box: dict[str, Any] = {
        "low_mm": (30.0, 40.0, 50.0),
        "high_mm": (65.0, 75.0, 85.0),
        "largest": 200.0,
        "size": 64,
        "field_mm": 80.0,
    }
    return Cut(**(box | changed))


def corner(pixels: Any) -> tuple[int, int]:
    """Row and column of the brightest pixel, as -1 (upper, left) or 1."""
    light = pixels.astype(int).sum(axis=-1) if pixels.ndim == 3 else pixels
    row, column = np.unravel_index(int(np.argmax(light)), light.shape)
    return int(np.sign(row - light.shape[0] / 2)), int(np.sign(column - light.shape[1] / 2))


def test_every_view_shows_the_hot_corner_where_it_belongs() -> None:
    found = list(slice_pictures(volume(), SPACING, cut(scale=None)))
    assert [one.name for one in found if one.view is View.SHORT_AXIS] == [f"SA_{k:02d}" for k in range(1, 9)]
    assert len(found) == 24
    assert found[0].mm == 1.25
    brightest = {
        view: max((one for one in found if one.view is view), key=lambda one: one.pixels.max())
        for view in View
        if any(one.view is view for one in found)
    }
    assert corner(brightest[View.SHORT_AXIS].pixels) == (-1, -1)  # anterior up, septum left
    assert corner(brightest[View.VERTICAL_LONG_AXIS].pixels) == (-1, 1)  # anterior up, apex right
    assert corner(brightest[View.HORIZONTAL_LONG_AXIS].pixels) == (-1, -1)  # apex up, septum left
    assert {view.name: one.number for view, one in brightest.items()} == {
        "SHORT_AXIS": 1,
        "VERTICAL_LONG_AXIS": 1,
        "HORIZONTAL_LONG_AXIS": 8,
    }


def test_the_wall_is_centred_and_coloured_by_percent_of_its_maximum() -> None:
    sa = list(slice_pictures(volume(), SPACING, cut(scale=None), (View.SHORT_AXIS,)))[4].pixels
    # 8 voxels of 40 mm in a field of 80 mm: the middle half of 64 pixels, at 50 percent of 255
    rows = np.flatnonzero((sa > 64).any(axis=1))
    assert (int(rows[0]), int(rows[-1])) == (16, 47)
    assert sa[32, 32] == 128
    assert sa[4, 4] == 0
    colour = list(slice_pictures(volume(), SPACING, cut(), (View.SHORT_AXIS,)))[4].pixels
    assert np.abs(colour[32, 32].astype(int) - paint(np.array(50.2))).max() <= 2
    # a field larger than the volume is black outside it
    far = next(slice_pictures(volume(), SPACING, cut(scale=None, field_mm=500.0), (View.SHORT_AXIS,))).pixels
    assert far.shape == (64, 64)
    assert far[0].max() == 0


@pytest.mark.parametrize(
    "changed",
    [{"largest": 0.0}, {"largest": np.nan}, {"size": 4}, {"field_mm": 5.0}, {"high_mm": (30.0, 40.0, 500.0)}],
)
def test_what_cannot_be_drawn_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(RefusedError):
        list(slice_pictures(volume(), SPACING, cut(**changed)))


def ring(size: tuple[int, int], centre: tuple[float, float], radius: float) -> Any:
    y, x = np.mgrid[: size[0], : size[1]]
    distance = np.hypot(y + 0.5 - centre[0], x + 0.5 - centre[1])
    light = 220 * np.exp(-((distance - radius) ** 2) / (2 * (radius / 4) ** 2))
    noise = np.random.default_rng(1).normal(25, 8, size)
    return np.clip(light + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("size", [(800, 1000), (512, 512), (64, 64)])
@pytest.mark.parametrize("share", [(0.5, 0.5), (0.35, 0.6)])
def test_the_ventricle_is_found_by_its_ring(size: tuple[int, int], share: tuple[float, float]) -> None:
    centre = (size[0] * share[0], size[1] * share[1])
    picture = ring(size, centre, max(size) * 0.12)
    picture[: size[0] // 8, -size[1] // 6 :] = 255  # gut, brighter than the heart
    found = ventricle_centre(picture)
    assert found is not None
    assert np.hypot(found[0] - centre[0], found[1] - centre[1]) < 0.025 * max(size)
    coloured = np.repeat(picture[..., None], 3, axis=2)
    assert ventricle_centre(coloured) == found
    assert cropped(coloured, 32, found).shape == (32, 32, 3)


def test_no_ring_no_centre() -> None:
    assert ventricle_centre(np.zeros((64, 64), dtype=np.uint8)) is None
    assert ventricle_centre(np.tile(np.arange(64, dtype=np.uint8), (64, 1))) is None


def test_a_crop_keeps_pixels_and_is_black_outside() -> None:
    picture = np.arange(1, 31, dtype=np.uint8).reshape(5, 6)
    assert cropped(picture, 4)[0].tolist() == [2, 3, 4, 5]
    assert cropped(picture, 2, (1.0, 1.0)).tolist() == [[1, 2], [7, 8]]
    assert cropped(picture, 3, (0.5, 0.5)).tolist() == [[0, 0, 0], [0, 1, 2], [0, 7, 8]]
    assert cropped(picture, 2, (50.0, 50.0)).max() == 0
    assert cropped(picture, 8).sum() == picture.sum()


def test_tables_of_labels_come_back(tmp_path: Path) -> None:
    path = write_labels(tmp_path / "labels.csv", ["a.png", "=b.png"], {"label": [1, None], "view": ["SA", "HLA"]})
    found = read_labels(path, question="scar")
    assert found.images == ("a.png", "=b.png")
    assert np.array_equal(found.answers["scar"], [1, np.nan], equal_nan=True)
    assert list(found.answers) == ["scar"]
    assert found.cells["view"] == ("SA", "HLA")
