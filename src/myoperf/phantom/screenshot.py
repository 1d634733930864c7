"""Made-up screenshots of a workstation: polar maps, slices and text on one picture, and where everything lies on it.

Drawn with Pillow; the same values give the same pixels. Nothing of a date is on them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ..core.colour import SCALES, paint
from ..core.errors import RefusedError
from ..core.polar import Map, disc_picture, disc_samples
from ..core.segments import AHA17, segment_at, segment_means
from ..core.terms import State
from ..io.picture_file import png_bytes
from .layouts import Disc, Layout, SliceRows
from .slices import SHORT_NAMES, Reach, plane, planes_shown, sampled, windowed

Picture = NDArray[np.uint8]
"""Red, green, blue, shape (height, width, 3)."""

_FINE = 4
_NEAR = 1e-3
_SIDES = ((0.0, -1.0, "ANT"), (-1.0, 0.0, "SEP"), (1.0, 0.0, "LAT"), (0.0, 1.0, "INF"))
_BED = {segment.number: segment.territory for segment in AHA17}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a screenshot shows.

    maps : percent of maximum by state, rings x sectors (``core.polar``); rest may be missing.
    scores : 17 segment scores by state, if any. facts : lines of text, printed as they are.
    volumes : counts (slice, row, column) in the project's orientation by state, for layouts with slices; ``reach``
    says where the heart lies in them.
    """

    maps: Mapping[State, Map]
    scores: Mapping[State, Sequence[int]] = field(default_factory=dict)
    facts: Sequence[str] = ()
    volumes: Mapping[State, NDArray[np.floating]] = field(default_factory=dict)
    reach: Mapping[State, Reach] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Screenshot:
    """A picture and its truth.

    discs : content, centre (x, y) and radius in pixels of every disc drawn; pixel k covers k..k+1.
    """

    pixels: Picture = field(repr=False)
    layout: str
    scale: str
    discs: tuple[tuple[str, tuple[float, float], float], ...]
    text: tuple[str, ...]

    def png(self) -> bytes:
        """The picture as a PNG file, without any other record in it."""
        return png_bytes(self.pixels)

    def record(self) -> dict[str, object]:
        """Where everything lies, for a JSON file."""
        places = [
            {"content": content, "centre": list(centre), "radius": radius} for content, centre, radius in self.discs
        ]
        size = [self.pixels.shape[1], self.pixels.shape[0]]
        return {"layout": self.layout, "scale": self.scale, "size": size, "discs": places, "text": list(self.text)}


def screenshot(shown: Shown, layout: Layout) -> Screenshot:
    """Draw a patient in one layout.

    Discs of a state that is missing are left out, and so are slices where no volumes are given. The difference is
    rest less stress, twice enlarged, cut at 0 and 100.
    RefusedError where there is no map, where scores are not 17, or where volumes come without their reach.
    """
    _check(shown)
    canvas = Image.new("RGB", layout.size, layout.background)
    draw = ImageDraw.Draw(canvas)
    placed = []
    for disc in layout.discs:
        values = _content(shown, disc)
        if values is not None:
            _draw_disc(canvas, draw, disc, values, layout)
            _write_numbers(draw, disc, values, shown, layout)
            placed.append((disc.content, disc.centre, disc.diameter / 2))
    if layout.slices is not None and shown.volumes:
        _draw_slices(canvas, draw, layout.slices, shown, layout)
    if layout.bar is not None:
        _draw_bar(canvas, draw, layout)
    lines = ("VIRTUAL PATIENT", *shown.facts)
    _write_text(draw, lines, layout)
    return Screenshot(pixels=np.array(canvas), layout=layout.name, scale=layout.scale, discs=tuple(placed), text=lines)


def disc_png(values: Map, size: int, scale: str = "thermal") -> bytes:
    """PNG of a map alone, ``size`` x ``size`` pixels, black outside the disc. KeyError for an unknown scale."""
    return png_bytes(paint(disc_picture(values, size), scale))


def _check(shown: Shown) -> None:
    if not shown.maps:
        raise RefusedError("screenshot", rule="there is a polar map", came="none", do="give stress or rest")
    wrong = [str(len(scores)) for scores in shown.scores.values() if len(scores) != len(AHA17)]
    if wrong:
        raise RefusedError("screenshot", rule="scores are one a segment, 17", came=", ".join(wrong), do="give 17")
    if set(shown.volumes) - set(shown.reach):
        raise RefusedError("screenshot", rule="volumes come with their reach", came="none", do="tell the heart's place")


def _content(shown: Shown, disc: Disc) -> Map | None:
    stress, rest = shown.maps.get(State.STRESS), shown.maps.get(State.REST)
    if disc.content == "stress":
        return stress
    if disc.content == "rest":
        return rest
    return None if stress is None or rest is None else np.clip(2.0 * (rest - stress), 0.0, 100.0)


def _draw_disc(canvas: Image.Image, draw: ImageDraw.ImageDraw, disc: Disc, values: Map, layout: Layout) -> None:
    picture = paint(disc_picture(values, disc.diameter), layout.scale)
    inside = disc_samples(disc.diameter, *values.shape)[2]
    corner = (disc.left, disc.top)
    canvas.paste(Image.fromarray(picture), corner, Image.fromarray(np.uint8(255) * inside.astype(np.uint8)))
    if layout.grid or layout.vessels:
        canvas.paste(layout.lines, corner, _overlay(disc.diameter, layout.grid, layout.vessels))
    font = _font(layout.font_px)
    x, y = disc.centre
    reach = disc.diameter / 2 + 0.75 * layout.font_px
    title_up = reach + (1.3 * layout.font_px if layout.sides else 0.0)
    draw.text((x, y - title_up), disc.title, fill=layout.ink, font=font, anchor="mm")
    if layout.sides:
        small = _font(max(8, layout.font_px - 3))
        for across, down, word in _SIDES:
            shift = reach if across == 0 else reach + 0.4 * layout.font_px
            draw.text((x + across * shift, y + down * reach), word, fill=layout.ink, font=small, anchor="mm")


@lru_cache(maxsize=64)
def _overlay(diameter: int, grid: bool, vessels: bool) -> Image.Image:
    """Borders of segments (thin) and of the arteries' beds (thick) as a mask, drawn large and made small."""
    side = diameter * _FINE
    mask = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(mask)
    for edge in sorted({s.outer for s in AHA17}):
        for start in range(0, 360, 2):
            beds = vessels and edge < 1 and _parted((edge - _NEAR, start + 1), (edge + _NEAR, start + 1))
            if grid or beds or edge == 1.0:
                half = edge * (side / 2 - _FINE)
                box = (side / 2 - half, side / 2 - half, side / 2 + half, side / 2 + half)
                # Pillow counts angles clockwise
                draw.arc(box, -(start + 2), -start, fill=255, width=(2 if beds else 1) * _FINE)
    for segment in AHA17:
        middle = (segment.inner + segment.outer) / 2
        beds = vessels and _parted((middle, segment.start - _NEAR), (middle, segment.start + _NEAR))
        if segment.width < 360 and (grid or beds):
            turn = np.radians(segment.start)
            ends = [
                (side / 2 * (1 + r * np.cos(turn)), side / 2 * (1 - r * np.sin(turn)))
                for r in (segment.inner, segment.outer)
            ]
            draw.line(ends, fill=255, width=(2 if beds else 1) * _FINE)
    return mask.reduce(_FINE)


def _parted(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether two places (radius, angle) lie in the beds of two arteries."""
    return _BED[segment_at(*one)] is not _BED[segment_at(*other)]


def _write_numbers(draw: ImageDraw.ImageDraw, disc: Disc, values: Map, shown: Shown, layout: Layout) -> None:
    """A score or the mean uptake in every segment, dark on bright colours."""
    if layout.numbers == "none" or disc.content == "difference":
        return
    means = segment_means(values, np.ones_like(values))
    scores = shown.scores.get(State(disc.content)) if layout.numbers == "scores" else None
    bright = paint(means, layout.scale) @ np.array([0.3, 0.59, 0.11]) > 115
    font = _font(max(8, layout.font_px - 1))
    for k, segment in enumerate(AHA17):
        reach = 0.0 if segment.width == 360 else (segment.inner + segment.outer) / 4 * disc.diameter
        turn = np.radians(segment.start + segment.width / 2)
        place = (disc.centre[0] + reach * np.cos(turn), disc.centre[1] - reach * np.sin(turn))
        word = f"{scores[k]}" if scores is not None else f"{means[k]:.0f}" if np.isfinite(means[k]) else "-"
        draw.text(place, word, fill=(0, 0, 0) if bright[k] else (255, 255, 255), font=font, anchor="mm")


def _draw_slices(canvas: Image.Image, draw: ImageDraw.ImageDraw, rows: SliceRows, shown: Shown, layout: Layout) -> None:
    """Pairs of rows, stress above rest, each tile a square around the heart."""
    states = [state for state in State if state in shown.volumes]
    top = rows.top
    for view in rows.views:
        for state in states:
            volume, reach = shown.volumes[state], shown.reach[state]
            for k, place in enumerate(planes_shown(reach, view, rows.columns)):
                percent = windowed(plane(volume, view, place), reach.largest)
                tile = sampled(percent, reach.square(view), rows.tile)
                canvas.paste(Image.fromarray(paint(tile, rows.scale)), (rows.left + k * rows.tile, top))
            word = f"{SHORT_NAMES[view]} {state.value[:3]}"
            middle = (rows.left - 4, top + rows.tile / 2)
            draw.text(middle, word, fill=layout.ink, font=_font(layout.font_px - 1), anchor="rm")
            top += rows.tile


def _draw_bar(canvas: Image.Image, draw: ImageDraw.ImageDraw, layout: Layout) -> None:
    left, top, width, height = layout.bar or (0, 0, 0, 0)
    table = SCALES[layout.scale]
    strip = table[::-1, None] if height > width else table[None]
    canvas.paste(Image.fromarray(strip).resize((width, height), Image.Resampling.NEAREST), (left, top))
    draw.rectangle((left - 1, top - 1, left + width, top + height), outline=layout.ink)
    font = _font(max(8, layout.font_px - 3))
    ends = ((left + width / 2, top - 9, "100"), (left + width / 2, top + height + 9, "0"))
    if height <= width:
        ends = ((left + width - 8, top - 8, "100"), (left + 4, top - 8, "0"))
    for x, y, word in ends:
        draw.text((x, y), word, fill=layout.ink, font=font, anchor="mm")


def _write_text(draw: ImageDraw.ImageDraw, lines: Sequence[str], layout: Layout) -> None:
    font = _font(layout.font_px)
    for k, line in enumerate(lines):
        place = (layout.text[0], layout.text[1] + round(1.35 * k * layout.font_px))
        draw.text(place, line, fill=layout.ink, font=font)


@lru_cache(maxsize=32)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font."""
    return ImageFont.load_default(size)
