"""Screenshots read back: hand-made discs, pages of the phantom's layouts, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from myoperf.core.colour import SCALES, paint
from myoperf.core.errors import RefusedError
from myoperf.core.polar import RINGS, SECTORS, disc_picture
from myoperf.core.segments import segment_means
from myoperf.core.terms import State
from myoperf.io.polar_image import clean_disc, page_of, read_polar_map, read_polar_page
from myoperf.phantom.layouts import LAYOUTS
from myoperf.phantom.limits import stored_limits
from myoperf.phantom.screenshot import Shown, screenshot


def heart(depth: float = 0.0) -> np.ndarray:
    """The shipped mean of healthy virtual women, with a defect of the inferior wall."""
    limits = stored_limits("fast")
    mean = next(value.mean for key, value in limits.items() if key[2] is State.STRESS)
    angle = np.arange(SECTORS) * 10.0
    near = np.exp(-(((angle - 270) / 35) ** 2)) * np.exp(-(((np.arange(RINGS)[:, None] - 13) / 5.0) ** 2))
    return np.clip(mean * (1 - depth * near), 0, 100)


def shown() -> Shown:
    maps = {State.STRESS: heart(0.5), State.REST: heart(0.1)}
    return Shown(maps=maps, scores=dict.fromkeys(maps, (0,) * 17), facts=("Virtual^V00001",))


def saved(pixels: np.ndarray, path: Path, quality: int = 90) -> Path:
    Image.fromarray(np.ascontiguousarray(pixels)).save(path, quality=quality)
    return path


@pytest.mark.parametrize("scale", ["thermal", "cool", "GE"])
def test_a_disc_alone_comes_back(scale: str) -> None:
    values = heart(0.5)
    page = page_of(paint(disc_picture(values, 224), scale), "disc")
    (disc,) = page.discs
    assert disc.scale == scale
    assert np.abs(disc.values - values).mean() < 1.0
    assert disc.radius == pytest.approx(112, abs=2)
    assert disc.content == ""
    assert disc.warnings == ()


def test_ten_steps_come_back_smooth() -> None:
    values = heart(0.5)
    (disc,) = page_of(paint(disc_picture(values, 256), "ten-step"), "disc").discs
    assert disc.scale == "ten-step"
    assert np.abs(disc.values - values).mean() < 2.0


@pytest.mark.parametrize("number", [0, 2, 5])
def test_a_page_comes_back(number: int, tmp_path: Path) -> None:
    show = shown()
    shot = screenshot(show, LAYOUTS[number])
    path = saved(shot.pixels, tmp_path / "page.jpg", quality=80)
    page = read_polar_page(path)
    assert [disc.content for disc in page.discs] == [content for content, _, _ in shot.discs]
    for disc, (_, centre, radius) in zip(page.discs, shot.discs, strict=True):
        assert disc.centre == pytest.approx(centre, abs=0.03 * radius)
        assert disc.scale == shot.scale
    stress = read_polar_map(path, State.STRESS)
    assert np.abs(stress.values - show.maps[State.STRESS]).mean() < 2.0
    assert stress.weight.sum() == pytest.approx(1.0)
    assert stress.state is State.STRESS
    assert np.isnan(stress.reference_counts)
    assert np.isfinite(segment_means(stress.values, stress.weight)).all()
    rest = read_polar_map(path, inside="rest")
    assert np.abs(rest.values - show.maps[State.REST]).mean() < 2.0


def test_two_discs_need_a_name(tmp_path: Path) -> None:
    path = saved(screenshot(shown(), LAYOUTS[0]).pixels, tmp_path / "page.png")
    with pytest.raises(RefusedError, match="name stress or rest"):
        read_polar_map(path)


def test_cleaned_discs_hold_nothing_of_the_page(tmp_path: Path) -> None:
    page = read_polar_page(saved(screenshot(shown(), LAYOUTS[0]).pixels, tmp_path / "page.png"))
    assert page.discs[0].warnings == ("text inside the disc",)
    again = clean_disc(page, size=128, scale="grey", content="stress")
    assert np.array_equal(again, paint(disc_picture(page.discs[0].values, 128), "grey"))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda p: p[:, ::-1],
        lambda p: p[::-1],
        np.rot90,
        lambda p: np.rot90(p, 2),
        lambda p: np.rot90(p, 3),
        lambda p: p[..., ::-1],
        lambda p: p[..., [1, 2, 0]],
    ],
)
@pytest.mark.parametrize("alone", [False, True])
def test_what_was_flipped_is_refused(wrong: object, alone: bool) -> None:
    pixels = paint(disc_picture(heart(), 224), "thermal") if alone else screenshot(shown(), LAYOUTS[3]).pixels
    assert callable(wrong)
    with pytest.raises(RefusedError, match=r"seems to be|channels"):
        page_of(np.ascontiguousarray(wrong(pixels)), "page")


def _noise() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (300, 300, 3)).astype(np.uint8)


def _chest() -> np.ndarray:
    y, x = np.mgrid[-1:1:300j, -1:1:300j]
    lungs = np.exp(-(((np.abs(x) - 0.45) / 0.28) ** 2) - (y / 0.6) ** 2)
    grey = 200 * np.exp(-((x / 0.9) ** 4) - (y / 1.1) ** 4) * (1 - 0.7 * lungs)
    return np.repeat(grey[..., None], 3, axis=2).astype(np.uint8)


def _ring() -> np.ndarray:
    y, x = np.mgrid[-1:1:200j, -1:1:200j]
    ring = 100 * np.exp(-(((np.hypot(x, y) - 0.5) / 0.15) ** 2))
    return paint(np.tile(ring, (1, 3)), "thermal")


@pytest.mark.parametrize(
    "picture",
    [np.zeros((200, 200, 3), dtype=np.uint8), np.full((1, 1, 3), 9, dtype=np.uint8), _noise(), _chest(), _ring()],
)
def test_what_is_no_polar_map_is_refused(picture: np.ndarray) -> None:
    with pytest.raises(RefusedError, match="polar map"):
        page_of(picture, "picture")


def test_a_bar_of_its_own_is_read() -> None:
    where = np.linspace(0, 1, 256)[:, None]
    table = np.round(255 * where * np.array([[0.2, 1.0, 0.6]]) + 40 * np.sin(9 * where) * [[0, -0.5, 1]]).clip(0, 255)
    values = heart(0.5)
    page = np.zeros((300, 360, 3), dtype=np.uint8)
    drawn = disc_picture(values, 240)
    disc = table[np.round(np.nan_to_num(drawn) * 2.55).astype(int)].astype(np.uint8)
    page[30:270, 20:260][np.isfinite(drawn)] = disc[np.isfinite(drawn)]
    page[24:276, 299:321] = 255
    page[25:275, 300:320] = np.repeat(table[::-1][np.linspace(0, 255, 250).astype(int)][:, None], 20, axis=1)
    (found,) = page_of(page, "page").discs
    assert found.scale == "bar on the page"
    assert found.scale not in SCALES
    assert np.abs(found.values - values).mean() < 2.0


@pytest.mark.parametrize("scale", ["thermal", "warm metal"])
def test_a_weak_base_on_black_has_its_rim_found(scale: str) -> None:
    values = heart() * np.linspace(1.0, 0.6, RINGS)[:, None]
    (disc,) = page_of(paint(disc_picture(values, 224), scale), "disc").discs
    assert disc.centre == pytest.approx((112, 112), abs=1.5)
    assert disc.radius == pytest.approx(112, abs=2)
