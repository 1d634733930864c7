"""Labelme files: pixels as Labelme draws them, the way back, and files that nobody should trust."""

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from myoperf.core.errors import RefusedError
from myoperf.io.labelme import (
    LabelmeFile,
    Shape,
    annotation_of,
    label_image,
    masks,
    read,
    read_annotated,
    shapes_of,
    write,
)
from myoperf.io.picture_file import png_bytes, read_picture

REFERENCE = Path(__file__).parents[1] / "reference"


@pytest.mark.parametrize("major", [4, 5, 6])
def test_masks_equal_labelmes_own(major: int) -> None:
    file = read(REFERENCE / f"labelme_{major}.json")
    with np.load(REFERENCE / f"labelme_{major}.npz") as kept:
        reference = {name: kept[name] for name in kept.files}
    size = (int(reference["size"][0]), int(reference["size"][1]))
    assert file.size == size
    assert file.version.startswith(f"{major}.")
    drawn = [file.shapes[number] for number in reference["drawn"]]
    count = len(drawn) * size[0] * size[1]
    expected = np.unpackbits(reference["masks"])[:count].reshape(-1, *size).astype(bool)
    for shape, pixels in zip(drawn, expected, strict=True):
        assert np.array_equal(masks([shape], size)[shape.label], pixels), shape.kind
    for label, mask in masks(drawn, size).items():
        own = [pixels for shape, pixels in zip(drawn, expected, strict=True) if shape.label == label]
        assert np.array_equal(mask, np.any(own, axis=0)), label
    values = {label: place for place, label in enumerate(dict.fromkeys(s.label for s in file.shapes), 1)}
    classes, things = label_image(drawn, size, values)
    assert np.array_equal(classes, reference["classes"])
    assert np.array_equal(things, reference["things"])


@pytest.mark.parametrize("major", [4, 5, 6])
def test_reading_what_was_written_gives_the_same(major: int, tmp_path: Path) -> None:
    source = REFERENCE / f"labelme_{major}.json"
    file = read(source)
    again = write(tmp_path / "again.json", file)
    assert read(again) == file
    assert json.loads(again.read_text(encoding="utf-8")) == json.loads(source.read_text(encoding="utf-8"))
    picture = read_annotated(source).picture
    assert picture.shape == (61, 83, 3)
    assert picture[10, 20].tolist() == [60, 40, 30]


def test_a_mask_of_version_five_lies_where_its_corners_say() -> None:
    part = np.array([[1, 0, 1], [0, 1, 0]], dtype=np.uint8)
    shape = Shape(label="scar", kind="mask", points=((4.0, 2.0), (6.0, 3.0)), mask_png=png_bytes(part))
    found = masks([shape], (6, 9))["scar"]
    assert np.argwhere(found).tolist() == [[2, 4], [2, 6], [3, 5]]
    with pytest.raises(RefusedError, match="fits its corners"):
        masks([replace(shape, points=((4.0, 2.0), (7.0, 3.0)))], (6, 9))
    with pytest.raises(RefusedError, match="fits its corners"):
        masks([shape], (3, 9))


def blobs(seed: int, size: tuple[int, int]) -> Any:
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=size), 2.5)
    return noise > 0.02


@pytest.mark.parametrize("kind", ["polygon", "mask"])
def test_shapes_of_a_mask_are_drawn_as_this_mask(kind: Any) -> None:
    ring = np.hypot(*np.mgrid[-20:21, -20:21])
    for mask in (
        *(blobs(seed, (48, 64)) for seed in range(12)),
        (ring < 15) & (ring > 8),
        np.eye(9, dtype=bool),
        np.indices((8, 8)).sum(axis=0) % 2 == 0,
        np.ones((3, 4), dtype=bool),
    ):
        shapes = shapes_of(mask, "ischaemia", kind)
        assert np.array_equal(masks(shapes, mask.shape)["ischaemia"], mask)
    assert shapes_of(np.zeros((5, 5), dtype=bool), "x", kind) == ()


def test_a_ring_becomes_pieces_of_one_group_and_survives_the_file(tmp_path: Path) -> None:
    ring = np.hypot(*np.mgrid[-20:21, -20:21])
    marked = {"normal": (ring < 15) & (ring > 8), "ischaemia": (ring < 15) & (ring > 11)}
    file = annotation_of(marked, "slice.png")
    assert len({shape.group_id for shape in file.shapes if shape.label == "normal"}) == 1
    again = read(write(tmp_path / "slice.json", file))
    assert again == file
    assert {label: mask.sum() for label, mask in masks(again.shapes, (41, 41)).items()} == {
        label: mask.sum() for label, mask in marked.items()
    }
    with pytest.raises(ValueError, match="one size"):
        annotation_of({}, "slice.png")


def wedge() -> Any:
    """A picture without any symmetry: 30 rows, 50 columns, with a bright wedge."""
    picture = np.zeros((30, 50, 3), dtype=np.uint8)
    for row in range(5, 15):
        picture[row, 30 : 30 + 2 * row] = 255
    return picture


@pytest.mark.parametrize("orientation", range(1, 9))
def test_outlines_of_turned_pictures_fit_them(orientation: int, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(wedge()).save(tmp_path / "turned.png", exif=exif)
    upright = read_picture(tmp_path / "turned.png")[..., 0] > 0
    stored = wedge()[..., 0] > 0
    for drawn_on, shown in (("upright", upright), ("stored", stored)):
        write(tmp_path / "turned.json", annotation_of({"ischaemia": shown}, "turned.png"))
        if drawn_on == "stored" and orientation < 5:
            continue  # the sizes are alike, and Labelme's rule holds: it was drawn on the upright picture
        found = read_annotated(tmp_path / "turned.json")
        assert np.array_equal(found.picture[..., 0] > 0, upright)
        assert np.array_equal(found.masks["ischaemia"], upright), (drawn_on, orientation)
    inside = (tmp_path / "turned.png").read_bytes()
    write(
        tmp_path / "inside.json", replace(annotation_of({"ischaemia": stored}, "gone.png"), image_data=inside)
    )  # Labelme never turns a picture inside its own file
    found = read_annotated(tmp_path / "inside.json")
    assert np.array_equal(found.picture[..., 0] > 0, found.masks["ischaemia"])


def written(folder: Path, **changed: Any) -> Path:
    """A Labelme file with one polygon on ``a.png``, changed."""
    record: dict[str, Any] = {
        "version": "5.5.0",
        "flags": {},
        "shapes": [{"label": "a", "points": [[1, 1], [8, 2], [4, 9]], "shape_type": "polygon"}],
        "imagePath": "a.png",
        "imageData": None,
        "imageHeight": 12,
        "imageWidth": 10,
    }
    path = folder / "a.json"
    path.write_text(json.dumps(record | changed), encoding="utf-8")
    return path


def shape(**changed: Any) -> list[dict[str, Any]]:
    return [{"label": "a", "points": [[1, 1], [8, 2], [4, 9]], "shape_type": "polygon"} | changed]


BOMB = base64.b64encode(
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (50_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0" + bytes(4) + bytes(12)
).decode()
HOSTILE: dict[str, dict[str, Any]] = {
    "nan": {"shapes": shape(points=[[float("nan"), 1], [8, 2], [4, 9]])},
    "infinity": {"shapes": shape(points=[[float("inf"), 1], [8, 2], [4, 9]])},
    "far": {"shapes": shape(points=[[1e9, 1], [8, 2], [4, 9]])},
    "huge whole number": {"shapes": shape(points=[[10**400, 1], [8, 2], [4, 9]])},
    "words for numbers": {"shapes": shape(points=[["1", "1"], [8, 2], [4, 9]])},
    "truth for numbers": {"shapes": shape(points=[[True, 1], [8, 2], [4, 9]])},
    "three coordinates": {"shapes": shape(points=[[1, 1, 1], [8, 2], [4, 9]])},
    "two corners": {"shapes": shape(points=[[1, 1], [8, 2]])},
    "circle of three": {"shapes": shape(shape_type="circle")},
    "unknown kind": {"shapes": shape(shape_type="spline")},
    "kind is a list": {"shapes": shape(shape_type=["polygon"])},
    "no label": {"shapes": [{"points": [[1, 1], [8, 2], [4, 9]]}]},
    "label is a number": {"shapes": shape(label=3)},
    "points are a word": {"shapes": shape(points="1,1")},
    "group is a word": {"shapes": shape(group_id="one")},
    "flags are a list": {"flags": [1]},
    "mask without pixels": {"shapes": shape(shape_type="mask", points=[[1, 1], [8, 2]])},
    "polygon with pixels": {"shapes": shape(mask=base64.b64encode(b"x").decode())},
    "mask no base64": {"shapes": shape(shape_type="mask", points=[[1, 1], [8, 2]], mask="*")},
    "mask no picture": {"shapes": shape(shape_type="mask", points=[[1, 1], [8, 2]], mask="QUJD")},
    "mask bomb": {"shapes": shape(shape_type="mask", points=[[1, 1], [8, 2]], mask=BOMB)},
    "shapes are none": {"shapes": None},
    "shapes are words": {"shapes": ["polygon"]},
    "height is a word": {"imageHeight": "12"},
    "height is negative": {"imageHeight": -12},
    "height is half": {"imageHeight": None},
    "height is huge": {"imageHeight": 50_000, "imageWidth": 50_000},
    "another size": {"imageHeight": 13},
    "turned size without exif": {"imageHeight": 10, "imageWidth": 12},
    "version is a number": {"version": 5},
    "path is a number": {"imagePath": 5},
    "data bomb": {"imageData": BOMB},
    "data no base64": {"imageData": "§"},
    "data no picture": {"imageData": "QUJDRA=="},
    "data a list": {"imageData": ["QUJDRA=="]},
    "no path": {"imagePath": ""},
    "up": {"imagePath": "../a.png"},
    "up twice": {"imagePath": "x/../../a.png"},
    "up, Windows": {"imagePath": "..\\a.png"},
    "absolute": {"imagePath": "/etc/hostname"},
    "drive": {"imagePath": "C:\\a.png"},
    "network": {"imagePath": "\\\\server\\share\\a.png"},
    "NUL": {"imagePath": "a\0.png"},
    "absent": {"imagePath": "b.png"},
    "a folder": {"imagePath": "."},
    "a link out": {"imagePath": "link.png"},
    "a loop": {"imagePath": "loop.png"},
    "a device": {"imagePath": "zero.png"},
    "no picture": {"imagePath": "a.json"},
    "a very long name": {"imagePath": "a" * 5000 + ".png"},
    "many corners": {"shapes": shape(points=[[0, 0], [10, 12]] * 125_000)},
}  # fmt: skip
TEXTS = {
    "empty": b"",
    "no JSON": b"P5 3 3",
    "a list": b"[]",
    "deep": b'{"shapes":' + b"[" * 100_000,
    "latin": '{"shapes": [], "imagePath": "é"}'.encode("latin-1"),
    "long number": b'{"shapes": [' + b"9" * 10_000 + b"]}",
    "a million corners": b'{"shapes": [{"label": "a", "points": [' + b"[1,2]," * 1_000_000 + b"[1,2]]}]}",
    "too long": b'{"shapes": [], "x": "' + b"x" * 24_000_000 + b'"}',
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one picture in it and one beside it."""
    outside = tmp_path_factory.mktemp("outside")
    inside = outside / "inside"
    inside.mkdir()
    for where in (outside, inside):
        Image.new("RGB", (10, 12), "red").save(where / "a.png")
    (inside / "link.png").symlink_to(outside / "a.png")
    (inside / "loop.png").symlink_to(inside / "loop.png")
    (inside / "zero.png").symlink_to("/dev/zero")
    return inside


def test_the_plain_file_is_read(folder: Path) -> None:
    assert read_annotated(written(folder)).masks["a"].sum() == 35
    # crossing itself, outside the picture, a byte order mark, no size: strange, and read
    strange: list[dict[str, Any]] = [
        {"shapes": shape(points=[[1, 1], [8, 8], [8, 1], [1, 8]])},
        {"shapes": shape(points=[[50, 50], [60, 50], [55, 60]])},
        {"shapes": []},
        {"imageHeight": None, "imageWidth": None},
    ]
    for changed in strange:
        read_annotated(written(folder, **changed))
    path = written(folder)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read(path).image_path == "a.png"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_cost_one_line(name: str, folder: Path) -> None:
    path = written(folder, **HOSTILE[name])
    with pytest.raises(RefusedError) as refused:
        read_annotated(path)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 601


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_no_labelme_file_costs_one_line(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(TEXTS[name])
    with pytest.raises(RefusedError) as refused:
        read(path)
    assert "\n" not in str(refused.value)


def test_what_would_take_long_to_draw_is_refused() -> None:
    rng = np.random.default_rng(0)
    scrawl = tuple((float(x), float(y)) for x, y in rng.uniform(0, 5000, (5000, 2)))
    disc = Shape(label="a", kind="circle", points=((2500.0, 2500.0), (2500.0, 0.0)))
    for shapes in ([Shape(label="a", points=scrawl)], [disc] * 100):
        with pytest.raises(RefusedError, match="about a second"):
            masks(shapes, (5000, 5000))
    with pytest.raises(RefusedError, match="all labels"):
        masks([replace(disc, label=name) for name in "abcde"], (5000, 5000))


def test_what_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    corner = Shape(label="a", points=((1.0, 1.0),), kind="point")
    plain = LabelmeFile(shapes=(corner,), image_path="a.png", size=(4, 4))
    for wrong in (
        replace(plain, shapes=(replace(corner, kind="polygon"),)),
        replace(plain, shapes=(replace(corner, label="\ud800"),)),
        replace(plain, flags={"x": float("nan")}),
        replace(plain, version="4.5.6", shapes=(replace(corner, description="seen"),)),
    ):
        with pytest.raises(RefusedError):
            write(tmp_path / "a.json", wrong)
    assert not (tmp_path / "a.json").exists()
    with pytest.raises(RefusedError, match="every label has a class"):
        label_image([corner], (4, 4), {"b": 1})
