import io
import struct
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from myoperf.core.errors import RefusedError
from myoperf.io.arrays import read_array, split_name
from myoperf.io.masks import read_mask

SHAPE = np.array([[0, 1, 2], [2, 0, 1]], dtype=np.uint8)


def npy_claiming(shape: tuple[int, ...], dtype: str = "<f8") -> bytes:
    """An .npy file whose head claims a shape and whose body is a few bytes."""
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": dtype, "fortran_order": False, "shape": shape})
    return stream.getvalue() + b"\0" * 64


def png_claiming(columns: int, rows: int, depth: int = 8, colour: int = 0) -> bytes:
    body = struct.pack(">IIBBBBB", columns, rows, depth, colour, 0, 0, 0)
    head = b"IHDR" + body
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(body)) + head + struct.pack(">I", zlib.crc32(head))


def test_grey_bits_sixteen_bits_and_grey_in_colour(tmp_path: Path) -> None:
    made = {
        "L": Image.fromarray(SHAPE),
        "I;16": Image.fromarray(SHAPE.astype(np.uint16)),
        "RGB": Image.fromarray(np.repeat(SHAPE[..., None], 3, axis=2)),
        "LA": Image.fromarray(np.stack([SHAPE, np.full_like(SHAPE, 255)], axis=2), "LA"),
    }
    for name, image in made.items():
        path = tmp_path / f"{name[:2].strip(';')}.png"
        image.save(path)
        found = read_mask(path)
        assert found.dtype == np.uint16
        np.testing.assert_array_equal(found, SHAPE, err_msg=name)
    Image.fromarray(SHAPE > 0).save(tmp_path / "bits.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "bits.png"), (SHAPE > 0) * 255)


def test_a_palette_gives_indices_but_an_inverted_grey_one_its_greys(tmp_path: Path) -> None:
    coloured, inverted = Image.fromarray(SHAPE, "P"), Image.fromarray(np.minimum(SHAPE, 1), "P")
    coloured.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0])
    inverted.putpalette([255, 255, 255, 0, 0, 0])
    coloured.save(tmp_path / "colour.png")
    inverted.save(tmp_path / "inverted.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "colour.png"), SHAPE)
    np.testing.assert_array_equal(read_mask(tmp_path / "inverted.png"), (SHAPE == 0) * 255)


def test_arrays_of_every_kind(tmp_path: Path) -> None:
    for k, array in enumerate((SHAPE > 0, SHAPE.astype(float), SHAPE.astype(">i4"), np.asfortranarray(SHAPE))):
        np.save(tmp_path / f"{k}.npy", array)
        np.testing.assert_array_equal(read_mask(tmp_path / f"{k}.npy"), array)
    volume = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    np.savez_compressed(tmp_path / "many.npz", wall=volume, other=SHAPE)
    np.testing.assert_array_equal(read_mask(tmp_path / "many.npz", "wall"), volume)
    np.savez(tmp_path / "one.npz", mask=np.asfortranarray(volume))
    np.testing.assert_array_equal(read_mask(tmp_path / "one.npz"), volume)
    with pytest.raises(RefusedError, match="wall, other"):
        read_mask(tmp_path / "many.npz")
    with pytest.raises(RefusedError, match="'cavity'"):
        read_mask(tmp_path / "many.npz", "cavity")
    assert split_name(tmp_path / "many.npz#wall") == (tmp_path / "many.npz", "wall")
    assert split_name(tmp_path / "one.npz") == (tmp_path / "one.npz", "")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.png", b"GIF89a" + b"\0" * 40, "is a PNG"),
        ("b.png", b"", "is a PNG"),
        ("c.png", png_claiming(60000, 60000), "60000 x 60000"),
        ("d.png", png_claiming(5001, 5000), "5001 x 5000"),
        ("e.png", png_claiming(0, 7), "0 x 7"),
        ("f.png", png_claiming(40, 40, 16, 2), "16-bit colour"),
        ("g.png", png_claiming(40, 40), "PNG"),
        ("h.npy", b"\x93NUMPY\x01\x00", "stored as"),
        ("i.npy", b"hello", "stored as"),
        ("j.npy", npy_claiming((200_000, 200_000)), "1 to 32000000"),
        ("k.npy", npy_claiming((4000, 4000)), "ends before"),
        ("l.npy", npy_claiming((3,), "|O"), "type object"),
        ("m.npy", npy_claiming((0, 4)), "0 of the shape"),
        ("n.npy", npy_claiming((2, 2), "<c16"), "type complex128"),
        ("o.npz", b"PK\x03\x04 not a zip", "stored as"),
        ("q.npy", b"\x93NUMPY\x01\x00\x12\x00{'descr': '|u1', (\n" + b"\0" * 9, "stored as"),
        ("r.npy", b"\x93NUMPY\x02\x00\xff\xff\xff\xff{", "4294967295"),
        ("s.npy", b"\x93NUMPY\x03\x00\x04\x00\x00\x00{}  ", "1.0 or 2.0; got 3.0"),
        ("p.npy", npy_claiming((8,), "|u1"), "two or three axes"),
    ],
)
def test_hostile_files_are_one_line_and_no_memory(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    tracemalloc.start()
    try:
        with pytest.raises(RefusedError, match=said) as error:
            read_mask(path)
        assert tracemalloc.get_traced_memory()[1] < 80_000_000
    finally:
        tracemalloc.stop()
    assert "\n" not in str(error.value)
    assert name in str(error.value)


def test_a_zip_bomb_is_read_no_further_than_its_head(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mask.npy", npy_claiming((20_000, 20_000), "|u1") + b"\0" * 30_000_000)
    with pytest.raises(RefusedError, match="1 to 32000000"):
        read_mask(tmp_path / "bomb.npz")


def test_compressions_that_ask_for_memory_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "l.npz", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("mask.npy", npy_claiming((8, 8), "|u1"))
    with pytest.raises(RefusedError, match="compression 14"):
        read_mask(tmp_path / "l.npz")


def test_pickles_are_not_opened(tmp_path: Path) -> None:
    np.save(tmp_path / "o.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(RefusedError, match="type object"):
        read_mask(tmp_path / "o.npy")


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.array([[0.2, 0.9]]), "whole numbers; got 0.2"),
        (np.array([[np.nan, 1.0]]), "NaN"),
        (np.array([[-1, 1]]), "0..65535"),
        (np.array([[70000, 1]]), "0..65535"),
        (np.zeros((2, 2, 2, 2)), "two or three axes"),
        (np.array(3), "two or three axes"),
    ],
)
def test_what_is_no_mask(tmp_path: Path, array: np.ndarray, said: str) -> None:
    np.save(tmp_path / "m.npy", array)
    with pytest.raises(RefusedError, match=said):
        read_mask(tmp_path / "m.npy")


def test_colour_transparency_and_animations_are_refused(tmp_path: Path) -> None:
    rgb = np.zeros((4, 4, 3), dtype=np.uint8)
    rgb[0, 0] = (255, 0, 0)
    Image.fromarray(rgb).save(tmp_path / "colour.png")
    Image.fromarray(np.zeros((4, 4, 4), dtype=np.uint8)).save(tmp_path / "clear.png")
    frames = [Image.fromarray(np.full((4, 4), k, dtype=np.uint8)) for k in (0, 9)]
    frames[0].save(tmp_path / "moving.png", save_all=True, append_images=frames[1:])
    for name, said in (("colour", "channels differ"), ("clear", "transparent"), ("moving", "an animation")):
        with pytest.raises(RefusedError, match=said):
            read_mask(tmp_path / f"{name}.png")


def test_a_cut_picture_and_a_missing_one(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 9, (64, 64), dtype=np.uint8)).save(tmp_path / "cut.png")
    data = (tmp_path / "cut.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(data[: len(data) // 2])
    for name in ("cut.png", "gone.png", "gone.npy"):
        with pytest.raises(RefusedError, match=name):
            read_mask(tmp_path / name)


def test_numbers_are_rounded_but_never_lost(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([1.5, -2.5e300]))
    np.testing.assert_array_equal(read_array(tmp_path / "x.npy", into=np.float64), [1.5, -2.5e300])
    with pytest.raises(RefusedError, match="beyond its range"):
        read_array(tmp_path / "x.npy", into=np.float32)
