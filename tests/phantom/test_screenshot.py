"""Screenshots: everything lies where the record says, in the colours it says, the same every time."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from myoperf.core.colour import SCALES, paint
from myoperf.core.errors import RefusedError
from myoperf.core.polar import Map, disc_picture
from myoperf.core.terms import State
from myoperf.phantom.layouts import LAYOUTS, Disc, Layout
from myoperf.phantom.screenshot import Shown, disc_png, screenshot
from myoperf.phantom.slices import reach_of

RESTING: Map = np.full((24, 36), 80.0)
FACTS = ("P0001  F 63 y  BMI 27", "Tc-99m  vasodilator", "TPD 12 %  EF 61 %", "one line more")


def stressed() -> Map:
    """A defect of 20 percent of maximum at anterior (90 degrees)."""
    values = RESTING.copy()
    values[6:18, 6:13] = 20.0
    return values


@pytest.fixture
def shown() -> Shown:
    wall = np.zeros((20, 22, 24), dtype=bool)
    wall[4:15, 5:16, 6:17] = True
    wall[4:12, 8:13, 9:14] = False
    volume = wall * 100.0
    reach = reach_of(wall, volume, (6.0, 6.0, 6.0))
    return Shown(
        maps={State.STRESS: stressed(), State.REST: RESTING},
        scores={State.STRESS: [4] + [0] * 16, State.REST: [0] * 17},
        facts=FACTS,
        volumes=dict.fromkeys(State, volume),
        reach=dict.fromkeys(State, reach),
    )


def layouts() -> list[object]:
    return [pytest.param(layout, id=layout.name) for layout in LAYOUTS]


def test_layouts_differ_and_their_parts_lie_inside_apart_from_each_other() -> None:
    assert len(LAYOUTS) == 8
    assert len({layout.name for layout in LAYOUTS}) == len({layout.size for layout in LAYOUTS}) == 8
    assert {layout.scale for layout in LAYOUTS} >= {"thermal", "cool", "GE", "warm metal", "ten-step"}
    for layout in LAYOUTS:
        assert layout.scale in SCALES
        taken = np.zeros(layout.size[::-1], dtype=int)
        for disc in layout.discs:
            assert min(disc.left, disc.top) >= 0
            assert disc.left + disc.diameter <= layout.size[0]
            assert disc.top + disc.diameter <= layout.size[1]
            taken[disc.top : disc.top + disc.diameter, disc.left : disc.left + disc.diameter] += 1
        if layout.slices is not None:
            rows, side = layout.slices, layout.slices.tile
            assert rows.left + rows.columns * side <= layout.size[0]
            assert rows.top + 6 * side <= layout.size[1]
            taken[rows.top : rows.top + 6 * side, rows.left : rows.left + rows.columns * side] += 1
        assert taken.max() == 1
        assert layout.text[1] + 1.35 * 5 * layout.font_px <= layout.size[1]


@pytest.mark.parametrize("layout", layouts())
def test_discs_lie_where_the_record_says(layout: Layout, shown: Shown) -> None:
    plain = replace(layout, grid=False, vessels=False, numbers="none", sides=False)
    made = screenshot(shown, plain)
    assert made.pixels.shape == (layout.size[1], layout.size[0], 3)
    assert (made.layout, made.scale) == (layout.name, layout.scale)
    dark, bright = paint(np.array([20.0, 80.0]), layout.scale)
    for content, (x, y), radius in made.discs:
        if content == "difference":
            continue
        above = made.pixels[round(y - 0.5 * radius), round(x)]
        below = made.pixels[round(y + 0.5 * radius), round(x)]
        assert np.array_equal(above, dark if content == "stress" else bright)
        assert np.array_equal(below, bright)
        row = made.pixels[round(y), :].astype(int)
        inside = np.flatnonzero((row == bright).all(axis=1))
        inside = inside[abs(inside - x) <= radius + 2]
        assert abs(inside.min() - (x - radius)) <= 1
        assert abs(inside.max() + 1 - (x + radius)) <= 1
    assert json.loads(json.dumps(made.record()))["size"] == list(layout.size)
    assert made.text[0] == "VIRTUAL PATIENT"


@pytest.mark.parametrize("layout", layouts())
def test_the_same_picture_every_time_and_as_a_file(layout: Layout, shown: Shown) -> None:
    made = screenshot(shown, layout)
    assert made.png() == screenshot(shown, layout).png()
    assert np.array_equal(np.array(Image.open(io.BytesIO(made.png()))), made.pixels)
    plain = screenshot(replace(shown, facts=()), layout)
    assert not np.array_equal(made.pixels, plain.pixels)


def test_overlays_change_the_disc_and_nothing_else(shown: Shown) -> None:
    layout = next(each for each in LAYOUTS if each.name == "plain pair")
    plain = screenshot(shown, layout).pixels
    for change in ({"grid": True}, {"vessels": True}, {"numbers": "scores"}, {"numbers": "uptake"}):
        changed = (screenshot(shown, replace(layout, **change)).pixels != plain).any(axis=2)
        assert changed.any()
        y, x = np.nonzero(changed)
        near = [np.hypot(x + 0.5 - d.centre[0], y + 0.5 - d.centre[1]) <= d.diameter / 2 + 1 for d in layout.discs]
        assert np.logical_or(*near).all()


def test_a_missing_state_leaves_its_discs_out(shown: Shown) -> None:
    alone = Shown(maps={State.STRESS: stressed()})
    for layout in LAYOUTS:
        assert [content for content, _, _ in screenshot(alone, layout).discs] == ["stress"]


def test_the_difference_is_bright_where_rest_is_better() -> None:
    layout = Layout(
        name="x",
        size=(200, 200),
        scale="grey",
        discs=(Disc(content="difference", left=20, top=20, diameter=160, title=""),),
        text=(0, 180),
        grid=False,
    )
    pixels = screenshot(Shown(maps={State.STRESS: stressed(), State.REST: RESTING}), layout).pixels
    assert pixels[60, 100].tolist() == [255] * 3
    assert pixels[140, 100].tolist() == [0] * 3


def test_what_cannot_be_shown_is_refused(shown: Shown) -> None:
    for wrong, reason in (
        (replace(shown, maps={}), "there is a polar map"),
        (replace(shown, scores={State.REST: [1, 2]}), "17"),
        (replace(shown, reach={}), "reach"),
    ):
        with pytest.raises(RefusedError, match=reason):
            screenshot(wrong, LAYOUTS[0])


def test_a_disc_alone_fills_its_square() -> None:
    values = stressed()
    values[-1, 0] = np.nan
    pixels = np.array(Image.open(io.BytesIO(disc_png(values, 64, "cool"))))
    assert np.array_equal(pixels, paint(disc_picture(values, 64), "cool"))
    assert pixels[0, 0].tolist() == [0, 0, 0]
    assert pixels[48, 32].any()
    with pytest.raises(KeyError):
        disc_png(values, 64, "no such scale")
