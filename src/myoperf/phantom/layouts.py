"""Arrangements of made-up screenshots: eight manners of laying out polar maps, slices and text.

They are in the manner of clinical workstations and are no copy of any.
"""

from dataclasses import dataclass
from typing import Literal

from ..core.terms import View

Content = Literal["stress", "rest", "difference"]
Numbers = Literal["none", "scores", "uptake"]
Colour = tuple[int, int, int]

BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)


@dataclass(frozen=True, kw_only=True)
class Disc:
    """One polar map on the picture: what it shows, its upper left corner and diameter in pixels, and its title."""

    content: Content
    left: int
    top: int
    diameter: int
    title: str

    @property
    def centre(self) -> tuple[float, float]:
        """Middle in pixels from the picture's upper left corner; pixel k covers k..k+1."""
        return self.left + self.diameter / 2, self.top + self.diameter / 2


@dataclass(frozen=True, kw_only=True)
class SliceRows:
    """Rows of slices, stress above rest: upper left corner, side of a tile and number of tiles a row, in pixels.

    views : one pair of rows each.
    """

    left: int
    top: int
    tile: int
    columns: int
    views: tuple[View, ...] = (View.SHORT_AXIS, View.VERTICAL_LONG_AXIS, View.HORIZONTAL_LONG_AXIS)
    scale: str = "thermal"


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a screenshot is arranged.

    size : width and height in pixels. scale : colour table of the discs, a name of ``core.colour.SCALES``.
    grid, vessels : borders of the 17 segments, of the arteries' beds. sides : names of the four walls around a disc.
    text : upper left corner of the block of text. bar : left, top, width, height of the colour bar; it stands if it is
    higher than wide.
    """

    name: str
    size: tuple[int, int]
    scale: str
    discs: tuple[Disc, ...]
    text: tuple[int, int]
    font_px: int = 13
    background: Colour = BLACK
    ink: Colour = WHITE
    lines: Colour = WHITE
    grid: bool = True
    vessels: bool = False
    sides: bool = False
    numbers: Numbers = "none"
    bar: tuple[int, int, int, int] | None = None
    slices: SliceRows | None = None


def _row(top: int, left: int, diameter: int, gap: int, *titles: tuple[Content, str]) -> tuple[Disc, ...]:
    """Discs side by side."""
    return tuple(
        Disc(content=content, left=left + k * (diameter + gap), top=top, diameter=diameter, title=title)
        for k, (content, title) in enumerate(titles)
    )


def _column(left: int, top: int, diameter: int, gap: int, *titles: tuple[Content, str]) -> tuple[Disc, ...]:
    """Discs below each other."""
    return tuple(
        Disc(content=content, left=left, top=top + k * (diameter + gap), diameter=diameter, title=title)
        for k, (content, title) in enumerate(titles)
    )


LAYOUTS: tuple[Layout, ...] = (
    Layout(
        name="dark row",
        size=(1000, 470),
        scale="thermal",
        discs=_row(84, 42, 250, 56, ("stress", "STRESS"), ("rest", "REST"), ("difference", "REVERSIBILITY")),
        text=(42, 366),
        numbers="uptake",
        sides=True,
        bar=(962, 94, 16, 230),
    ),
    Layout(
        name="white pair",
        size=(640, 430),
        scale="cool",
        discs=_row(80, 40, 256, 40, ("stress", "Stress"), ("rest", "Rest")),
        text=(40, 346),
        font_px=12,
        background=WHITE,
        ink=(20, 20, 20),
        lines=BLACK,
        numbers="scores",
    ),
    Layout(
        name="grey column",
        size=(430, 900),
        scale="GE",
        discs=_column(32, 96, 228, 34, ("stress", "Str"), ("rest", "Rst"), ("difference", "Rev")),
        text=(284, 100),
        font_px=11,
        background=(52, 54, 58),
        ink=(235, 235, 220),
        grid=False,
        vessels=True,
        bar=(32, 872, 228, 12),
    ),
    Layout(
        name="slices above",
        size=(1024, 900),
        scale="warm metal",
        discs=_row(636, 300, 210, 26, ("stress", "STRESS"), ("rest", "REST"), ("difference", "DIFF")),
        text=(24, 640),
        font_px=14,
        vessels=True,
        bar=(1000, 640, 12, 200),
        slices=SliceRows(left=64, top=8, tile=96, columns=9, scale="warm metal"),
    ),
    Layout(
        name="light report",
        size=(900, 570),
        scale="ten-step",
        discs=(
            *_row(110, 48, 280, 64, ("stress", "Stress (% of max)"), ("rest", "Rest (% of max)")),
            Disc(content="difference", left=714, top=230, diameter=140, title="Difference"),
        ),
        text=(48, 430),
        font_px=16,
        background=(240, 243, 247),
        ink=(15, 30, 70),
        lines=(30, 30, 30),
        numbers="scores",
        sides=True,
        bar=(714, 500, 140, 14),
    ),
    Layout(
        name="large stress",
        size=(760, 600),
        scale="GE",
        discs=(
            Disc(content="stress", left=30, top=90, diameter=400, title="STRESS PERFUSION"),
            Disc(content="rest", left=520, top=80, diameter=190, title="REST"),
            Disc(content="difference", left=520, top=318, diameter=190, title="REVERSIBILITY"),
        ),
        text=(30, 506),
        font_px=12,
        lines=(0, 255, 255),
        vessels=True,
        numbers="uptake",
        bar=(460, 120, 14, 330),
    ),
    Layout(
        name="plain pair",
        size=(448, 312),
        scale="thermal",
        discs=_row(30, 12, 200, 24, ("stress", "S"), ("rest", "R")),
        text=(12, 236),
        font_px=10,
        grid=False,
    ),
    Layout(
        name="slices beside",
        size=(1180, 720),
        scale="cool",
        discs=_column(950, 64, 190, 32, ("stress", "Stress"), ("rest", "Rest"), ("difference", "Reversible")),
        text=(20, 8),
        font_px=12,
        background=(12, 12, 28),
        lines=(230, 230, 230),
        bar=(928, 70, 10, 600),
        slices=SliceRows(left=60, top=88, tile=104, columns=8, scale="grey"),
    ),
)
"""Eight arrangements; all stand, apart from pictures of other sizes, on even footing."""
