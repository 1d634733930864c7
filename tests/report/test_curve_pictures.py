import io
from collections.abc import Callable, Mapping

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image, ImageColor

from myoperf.core.scorecard import Curve
from myoperf.report.curve_pictures import (
    LINES,
    bland_altman_picture,
    dynamic_auc_picture,
    net_benefit_picture,
    precision_recall_lines,
    precision_recall_picture,
    reliability_picture,
    roc_lines,
    survival_picture,
)
from myoperf.report.figures import ACCENT, BAND, FAINT, INK

SIDE = 500
SQUARE = (0.17, 0.16, 0.79, 0.79)
UNIT = (-0.01, 1.01)


def pixels(png: bytes) -> np.ndarray:
    picture = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=float)
    assert picture.shape == (SIDE, SIDE, 3)
    return picture


def over_white(colour: str, alpha: float = 1.0) -> np.ndarray:
    return 255 + alpha * (np.array(ImageColor.getrgb(colour), dtype=float) - 255)


def painted(png: bytes, colour: str, alpha: float = 1.0) -> int:
    """Pixels of a colour that lies over white."""
    return int((np.abs(pixels(png) - over_white(colour, alpha)).max(axis=2) <= 2).sum())


def shown_at(png: bytes, x: float, y: float, axes: tuple[float, float, float, float] = SQUARE) -> np.ndarray:
    """Colour at a point of axes that run over UNIT."""
    left, bottom, width, height = axes
    across, up = ((value - UNIT[0]) / (UNIT[1] - UNIT[0]) for value in (x, y))
    colour: np.ndarray = pixels(png)[round(SIDE * (1 - bottom - height * up)), round(SIDE * (left + width * across))]
    return colour


def is_colour(found: np.ndarray, colour: str) -> bool:
    return bool(np.abs(found - over_white(colour)).max() <= 12)


def banded(name: str, half: float = 0.1) -> dict[str, Curve]:
    """A level curve at 0.6 over a band of this half width."""
    x = tuple(np.linspace(0, 1, 11))
    heights = {"": 0.6, "_low": 0.6 - half, "_high": 0.6 + half}
    return {f"{name}{end}": Curve(x=x, y=(height,) * 11) for end, height in heights.items()}


def without_band(curves: Mapping[str, Curve]) -> dict[str, Curve]:
    return {name: curve for name, curve in curves.items() if not name.endswith(("_low", "_high"))}


BANDED: dict[str, Callable[[Mapping[str, Curve]], bytes]] = {
    "pr": lambda curves: precision_recall_picture(curves, 0.3),
    "reliability": lambda curves: reliability_picture(curves, "reliability", ()),
    "net_benefit": net_benefit_picture,
    "dynamic_auc": dynamic_auc_picture,
}


@pytest.mark.parametrize("name", BANDED)
def test_a_curve_stands_in_its_band_and_the_band_is_as_wide_as_it_is(name: str) -> None:
    draw = BANDED[name]
    narrow, wide, bare = (draw(curves) for curves in (banded(name, 0.05), banded(name), without_band(banded(name))))
    assert painted(bare, BAND, 0.75) == 0
    assert painted(narrow, BAND, 0.75) > 3000
    assert 1.5 * painted(narrow, BAND, 0.75) < painted(wide, BAND, 0.75) < 4 * painted(narrow, BAND, 0.75)
    assert all(painted(png, ACCENT) > 300 for png in (narrow, wide, bare))


def test_points_are_drawn_where_they_are() -> None:
    png = precision_recall_picture(banded("pr"), 0.25)
    assert is_colour(shown_at(png, 0.4, 0.6), ACCENT)
    assert is_colour(shown_at(png, 0.4, 0.25), FAINT)
    assert np.abs(shown_at(png, 0.4, 0.55) - over_white(BAND, 0.75)).max() <= 2
    assert (shown_at(png, 0.4, 0.4) == 255).all()
    assert painted(precision_recall_picture(banded("pr"), None), FAINT) < painted(png, FAINT)


def test_bins_have_a_dot_and_an_upright_line() -> None:
    png = reliability_picture({}, "reliability", [(0.2, 0.8, 0.6, 0.95), (0.7, 0.3, 0.1, 0.5)])
    assert is_colour(shown_at(png, 0.2, 0.8), INK)
    assert is_colour(shown_at(png, 0.7, 0.3), INK)
    column = pixels(png)[:, round(SIDE * (0.17 + 0.79 * 0.21 / 1.02))]
    dark = np.flatnonzero((column < 200).all(axis=1))
    height = SIDE * 0.79 / 1.02
    assert np.ptp(dark[dark < SIDE * 0.5]) == pytest.approx(0.35 * height, abs=6)


def test_every_class_has_its_colour_and_its_band() -> None:
    curves = {
        **banded("roc_a"),
        **{k: Curve(x=c.x, y=tuple(y - 0.35 for y in c.y)) for k, c in banded("roc_b").items()},
    }
    for draw in (roc_lines, precision_recall_lines):
        png = draw(curves, "roc_", ("a", "b"))
        assert is_colour(shown_at(png, 0.15, 0.6), LINES[0])
        assert is_colour(shown_at(png, 0.15, 0.25), LINES[1])
        for colour in LINES[:2]:
            assert painted(png, colour, 0.13) > 3000
        assert painted(draw(without_band(curves), "roc_", ("a", "b")), LINES[0], 0.13) == 0


def test_a_class_that_is_called_as_the_band_of_another_is_no_band() -> None:
    level = Curve(x=(0.0, 1.0), y=(0.5, 0.5))
    curves = {**banded("roc_x"), "roc_x_low": level, "roc_x_low_low": level, "roc_x_high": level}
    png = roc_lines(curves, "roc_", ("x", "x_low", "x_high"))
    assert painted(png, LINES[0], 0.13) == 0
    assert is_colour(shown_at(png, 0.4, 0.6), LINES[0])


def test_more_lines_than_colours_begin_again() -> None:
    names = [str(k) for k in range(len(LINES) + 1)]
    curves = {f"roc_{name}": Curve(x=(0.0, 1.0), y=(0.1 * k + 0.2,) * 2) for k, name in enumerate(names)}
    png = roc_lines(curves, "roc_", names)
    assert is_colour(shown_at(png, 0.1, 0.2), LINES[0])
    assert is_colour(shown_at(png, 0.1, 0.2 + 0.1 * len(LINES)), LINES[0])


def test_net_benefit_shows_all_and_none_and_is_not_drowned_by_treating_all() -> None:
    x = tuple(np.linspace(0.01, 0.99, 50))
    curves = {
        **banded("net_benefit"),
        "net_benefit_none": Curve(x=x, y=(0.0,) * 50),
        "net_benefit_all": Curve(x=x, y=tuple(0.5 - t / (1 - t) * 0.5 for t in x)),
    }
    png = net_benefit_picture(curves)
    assert painted(png, "#b3541e") > 50
    assert painted(png, ACCENT) > 500
    rows = np.flatnonzero((np.abs(pixels(png) - over_white(ACCENT)).max(axis=2) <= 2).sum(axis=1) > 100)
    assert rows.size
    assert 0.1 * SIDE < rows.mean() < 0.7 * SIDE


def test_survival_is_a_staircase_by_quarter_in_years() -> None:
    x = (0.0, 365.25, 730.5)
    curves = {}
    for k, level in ((1, 0.9), (2, 0.5)):
        curves[f"km_q{k}"] = Curve(x=x, y=(1.0, level, level))
        curves[f"km_q{k}_low"] = Curve(x=x, y=(1.0, level - 0.2, level - 0.2))
        curves[f"km_q{k}_high"] = Curve(x=x, y=(1.0, level + 0.1, level + 0.1))
    png = survival_picture(curves, "km", "without an event")
    for colour in LINES[:2]:
        assert painted(png, colour) > 300
        assert painted(png, colour, 0.13) > 1000
    assert painted(png, LINES[2]) == 0
    fall = np.abs(pixels(png) - over_white(LINES[1])).max(axis=2) <= 12
    assert fall.sum(axis=0).max() > 50, "the second quarter falls upright, as a step does"
    assert painted(survival_picture(without_band(curves), "km", "x"), LINES[0], 0.13) == 0


@pytest.mark.parametrize("kind", ["km", "dynamic_auc"])
def test_days_are_drawn_as_years(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Figure] = []
    monkeypatch.setattr("myoperf.report.curve_pictures.png", drawn.append)
    curve = Curve(x=(365.25, 730.5, 1461.0), y=(0.9, 0.8, 0.7))
    if kind == "km":
        survival_picture({"km_q1": curve}, "km", "without an event")
    else:
        dynamic_auc_picture({"dynamic_auc": curve})
    line = drawn[0].axes[0].get_lines()[-1]
    assert np.asarray(line.get_xdata()).tolist() == pytest.approx([1, 2, 4])
    assert drawn[0].axes[0].get_xlabel() == "years"


def test_bland_altman_has_a_dot_a_pair_and_three_lines() -> None:
    curve = Curve(x=(1.0, 2.0, 3.0), y=(-1.0, 0.0, 1.0))
    with_lines, bare = (bland_altman_picture(curve, lines) for lines in ((2.0, -2.0, 0.5), ()))
    across = [(np.abs(pixels(png) - over_white(INK)).max(axis=2) <= 40).sum(axis=1) for png in (with_lines, bare)]
    heavy = np.flatnonzero(across[0] > 150)
    assert len(np.split(heavy, np.flatnonzero(np.diff(heavy) > 3) + 1)) == 3
    assert across[1].max() < 100
    assert painted(bare, ACCENT, 0.5) > 30


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("name", ["$x^2$", "$", "a\nb", "x" * 300, "<b>", "💥", "", "\x00"])
def test_names_from_outside_are_drawn_as_they_are(name: str) -> None:
    curves = {f"roc_{name}": banded("x")["x"], f"km_{name}": banded("x")["x"]}
    for png in (roc_lines(curves, "roc_", (name,)), survival_picture(curves, "km", "x")):
        assert painted(png, ACCENT) > 300


def test_a_name_that_begins_with_an_underscore_stands_in_the_legend() -> None:
    x = {"roc_a": banded("x")["x"], "roc__a": banded("x")["x"]}
    plain, hidden = (painted(roc_lines(x, "roc_", (name,)), ACCENT) for name in ("a", "_a"))
    assert hidden == plain > 300


def test_the_same_curves_give_the_same_bytes() -> None:
    assert net_benefit_picture(banded("net_benefit")) == net_benefit_picture(banded("net_benefit"))
