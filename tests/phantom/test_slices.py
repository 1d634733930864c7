"""Slice pictures and their outlines: what a mask says comes back from the polygons."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from myoperf.core.errors import RefusedError
from myoperf.core.terms import State, View
from myoperf.phantom.slices import (
    HeartSlices,
    Mask,
    Points,
    Reach,
    SliceStyle,
    index_table,
    labelme_record,
    outlines,
    plane,
    planes_shown,
    reach_of,
    sampled,
    windowed,
    write_slices,
)

SPACING = (6.0, 5.0, 4.0)


def filled(polygons: list[Points], side: tuple[int, int], fine: int = 8) -> Mask:
    """Polygons as a mask of (rows, columns): a pixel is in if its middle is, at a fine grid; even-odd."""
    total = np.zeros((side[0] * fine, side[1] * fine), dtype=bool)
    for points in polygons:
        image = Image.new("1", (side[1] * fine, side[0] * fine))
        ImageDraw.Draw(image).polygon([tuple(p) for p in points * fine - 0.5], fill=1)
        total |= np.array(image)
    found: Mask = total.reshape(side[0], fine, side[1], fine).mean(axis=(1, 3)) >= 0.5
    return found


def overlap(one: Mask, other: Mask) -> float:
    return float((one & other).sum() / (one | other).sum())


def rows_and_columns(side: int = 64) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[0:side, 0:side]
    return y - 30.0, x - 33.0


def shapes() -> dict[str, Mask]:
    y, x = rows_and_columns()
    radius, angle = np.hypot(y, x), np.degrees(np.arctan2(-y, x)) % 360
    square = np.zeros((64, 64), dtype=bool)
    square[10:30, 5:55] = True
    two = (np.hypot(y + 15, x) < 9) | (np.hypot(y - 15, x) < 7)
    return {
        "disc": radius < 20,
        "ring": (radius < 22) & (radius > 12),
        "arc": (radius < 24) & (radius > 14) & (abs(angle - 100) < 50),
        "square": square,
        "two parts": two,
        "at the border": x > 15,
    }


@pytest.mark.parametrize("name", list(shapes()))
def test_outlines_give_the_mask_back(name: str) -> None:
    mask = shapes()[name]
    found = outlines(mask)
    assert len(found) == (2 if name == "two parts" else 1)
    assert overlap(filled(found, mask.shape), mask) > 0.97


def test_outlines_of_little() -> None:
    assert outlines(np.zeros((8, 8), dtype=bool)) == []
    one = np.zeros((8, 8), dtype=bool)
    one[3, 5] = True
    (points,) = outlines(one)
    assert np.allclose(points.mean(axis=0), [5.5, 3.5])


def heart() -> HeartSlices:
    """A thick half shell, apex at slice 4, open at slice 15; ischaemic in front (low rows)."""
    z, y, x = np.mgrid[0:20, 0:30, 0:34].astype(float)
    z, y, x = (z - 15) * 6, (y - 15) * 5, (x - 17) * 4
    outer = (z / 60) ** 2 + (y / 40) ** 2 + (x / 40) ** 2 < 1
    inner = (z / 45) ** 2 + (y / 25) ** 2 + (x / 25) ** 2 < 1
    wall = outer & ~inner & (z <= 0)
    ischaemic = wall & (y < -20) & (z > -40)
    volume = np.where(ischaemic, 40.0, 100.0) * wall
    volume[0, 0, 0] = 900.0
    return HeartSlices(
        patient_id="P1",
        study_id="P1-1",
        state=State.STRESS,
        volume=volume,
        wall=wall,
        ischaemic=ischaemic,
        spacing_mm=SPACING,
    )


def test_where_the_heart_lies() -> None:
    whole = heart()
    reach = reach_of(whole.wall, whole.volume, SPACING)
    assert (reach.low[0], reach.high[0], reach.largest) == (6, 15, 100.0)
    for view in (View.SHORT_AXIS, View.VERTICAL_LONG_AXIS, View.HORIZONTAL_LONG_AXIS):
        left, top, right, bottom = reach.square(view)
        down, across = {"s": (5.0, 4.0), "v": (5.0, 6.0), "h": (6.0, 4.0)}[view.value[0]]
        assert (right - left) * across == pytest.approx((bottom - top) * down)
        marked = np.argwhere(plane(whole.wall, view, 15 if view is not View.VERTICAL_LONG_AXIS else 17))
        assert (marked.min(axis=0) >= np.floor([top, left])).all()
        assert (marked.max(axis=0) <= [bottom, right]).all()


def test_views_are_laid_as_they_are_looked_at() -> None:
    volume = np.zeros((5, 6, 7))
    volume[0, 1, 2] = 1.0
    assert np.argwhere(plane(volume, View.SHORT_AXIS, 0)).tolist() == [[1, 2]]
    assert np.argwhere(plane(volume, View.VERTICAL_LONG_AXIS, 2)).tolist() == [[1, 4]]
    assert np.argwhere(plane(volume, View.HORIZONTAL_LONG_AXIS, 1)).tolist() == [[0, 2]]
    reach = Reach(shape=(5, 6, 7), low=(1, 1, 2), high=(3, 4, 4), spacing_mm=(1, 1, 1), largest=1.0)
    assert planes_shown(reach, View.SHORT_AXIS) == (1, 2, 3)
    assert planes_shown(reach, View.VERTICAL_LONG_AXIS) == (2, 3, 4)
    assert planes_shown(reach, View.HORIZONTAL_LONG_AXIS) == (4, 3, 2, 1)
    assert planes_shown(reach, View.SHORT_AXIS, 5) == (1, 2, 2, 2, 3)


def test_a_part_of_a_plane_is_drawn_to_scale() -> None:
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    middle = sampled(values, (0.0, 0.0, 4.0, 3.0), 9)[4]
    assert np.allclose(middle[1:-1], np.interp((np.arange(9) + 0.5) * 4 / 9 - 0.5, range(4), values[1])[1:-1])
    assert sampled(values, (0.0, 0.0, 3.0, 3.0), 3).tolist() == values[:, :3].tolist()
    outside = sampled(values, (-10.0, -10.0, -2.0, -2.0), 4)
    assert not outside.any()
    assert windowed(np.array([-1.0, 0.0, 5.0, 20.0]), 10.0).tolist() == [0, 0, 50, 100]


@pytest.mark.parametrize("side", [512, 96, None])
@pytest.mark.parametrize("scale", ["thermal", None])
def test_pictures_and_outlines_are_written(tmp_path: Path, side: int | None, scale: str | None) -> None:
    style = SliceStyle(side=side, scale=scale, views=(View.SHORT_AXIS, View.HORIZONTAL_LONG_AXIS))
    rows = write_slices(tmp_path, heart(), style)
    assert {row["view"] for row in rows} == {"SA", "HLA"}
    short = [row for row in rows if row["view"] == "SA"]
    assert [row["slice"] for row in short] == list(range(1, 11))
    whole = heart()
    truth = [int(whole.ischaemic[k].sum() >= 3) for k in range(6, 16)]
    assert [row["ischaemia"] for row in short] == truth
    assert 0 < sum(truth) < 10
    for row in short[-3:]:
        with Image.open(tmp_path / str(row["image"])) as image:
            size, mode = image.size, image.mode
        record = json.loads((tmp_path / str(row["image"])).with_suffix(".json").read_text())
        assert (record["imageWidth"], record["imageHeight"]) == size
        assert size == ((side, side) if side else (34, 30))
        assert mode == ("L" if scale is None else "RGB")
        assert record["flags"] == {"normal": not row["ischaemia"], "ischaemia": bool(row["ischaemia"])}
        assert {s["label"] for s in record["shapes"]} == {"ischaemia" if row["ischaemia"] else "normal"}


def test_outlines_at_512_pixels_are_the_mask_drawn_large(tmp_path: Path) -> None:
    whole = heart()
    write_slices(tmp_path, whole, SliceStyle(views=(View.SHORT_AXIS,)))
    record = json.loads((tmp_path / "P1_stress_SA_09.json").read_text())
    reach = reach_of(whole.wall, whole.volume, SPACING)
    large = sampled(whole.ischaemic[14].astype(np.float32), reach.square(View.SHORT_AXIS), 512) >= 0.5
    polygons = [np.array(shape["points"]) for shape in record["shapes"]]
    assert overlap(filled(polygons, (512, 512), 2), large) > 0.97
    keys = {"version", "flags", "shapes", "imagePath", "imageData", "imageHeight", "imageWidth"}
    assert set(record) == keys
    assert record["version"].startswith("5.")
    assert (record["imageData"], record["imagePath"]) == (None, "P1_stress_SA_09.png")
    assert set(record["shapes"][0]) == {"label", "points", "group_id", "shape_type", "flags"}


def test_a_healthy_heart_is_normal_everywhere_and_files_are_the_same_every_time(tmp_path: Path) -> None:
    well = replace(heart(), ischaemic=np.zeros_like(heart().wall), state=State.REST)
    rows = write_slices(tmp_path / "a", well, SliceStyle(side=64))
    assert not any(row["ischaemia"] for row in rows)
    again = write_slices(tmp_path / "b", well, SliceStyle(side=64))
    assert rows == again
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
    table = list(csv.DictReader(io.StringIO(index_table(rows))))
    assert len(table) == len(rows)
    assert table[0] == {
        "image": "P1_rest_SA_01.png",
        "patient_id": "P1",
        "study_id": "P1-1",
        "state": "rest",
        "view": "SA",
        "slice": "1",
        "ischaemia": "0",
    }


def test_masks_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    whole = heart()
    for wrong, reason in (
        (replace(whole, ischaemic=~whole.wall), "part of the wall"),
        (replace(whole, ischaemic=whole.ischaemic[:-1]), "part of the wall"),
        (replace(whole, volume=whole.volume[:-1]), "wall that has counts"),
        (replace(whole, volume=whole.volume * 0), "wall that has counts"),
        (replace(whole, wall=whole.wall & False, ischaemic=whole.wall & False), "wall that has counts"),
    ):
        with pytest.raises(RefusedError, match=reason):
            write_slices(tmp_path, wrong)
    assert not list(tmp_path.iterdir())


def test_a_record_without_shapes() -> None:
    record = labelme_record("a.png", (4, 5), [])
    assert (record["shapes"], record["imageHeight"], record["imageWidth"]) == ([], 4, 5)
