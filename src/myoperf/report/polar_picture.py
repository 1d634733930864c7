"""The polar map as a picture: anterior up, septum left, lateral right, 17 segments and the beds of the arteries."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from myoperf.core.colour import DEFAULT_SCALE, SCALES, paint
from myoperf.core.polar import Map, disc_picture
from myoperf.core.segments import AHA17, segment_at, segment_means

from .figures import INK, QUIET, plain, png

_PIXELS, _DOTS = 300, 140
_SIDES = ((0, 1.09, "anterior"), (-1.09, 0, "septal"), (1.09, 0, "lateral"), (0, -1.09, "inferior"))
_BEDS = ((-0.86, 0.86, "LAD"), (0.86, 0.86, "LCX"), (-0.86, -0.86, "RCA"))
_STEP, _NEAR = 1.0, 1e-3
_TERRITORY = {segment.number: segment.territory for segment in AHA17}


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a polar map is drawn. numbers : one text a segment (17 of them), or none."""

    title: str = ""
    scale: str = DEFAULT_SCALE
    numbers: Sequence[str] = ()
    bar: bool = True


def polar_picture(values: Map, look: Look | None = None) -> bytes:
    """PNG of a map (rings x sectors, percent of maximum). Samples that are NaN are black.

    ValueError where ``look.numbers`` are neither none nor 17; KeyError for an unknown colour scale.
    """
    look = look or Look()
    if len(look.numbers) not in (0, len(AHA17)):
        raise ValueError(f"numbers are none or one a segment, {len(AHA17)}, got {len(look.numbers)}")
    figure = Figure(figsize=(2.85 if look.bar else 2.4, 2.55))
    share = 2.4 / 2.85 if look.bar else 1.0
    axes = figure.add_axes((0, 0, share, 0.93))
    _disc(axes, values, look.scale)
    _borders(axes)
    _words(axes)
    _numbers(axes, values, look)
    axes.set_title(plain(look.title, 40), fontsize=8.5, color=INK, pad=1)
    if look.bar:
        _bar(figure, look.scale)
    return png(figure, _DOTS)


def _disc(axes: Axes, values: Map, scale: str) -> None:
    picture = disc_picture(values, _PIXELS)
    y, x = np.mgrid[0:_PIXELS, 0:_PIXELS]
    radius = np.hypot(x + 0.5 - _PIXELS / 2, y + 0.5 - _PIXELS / 2) / (_PIXELS / 2)
    painted = np.dstack([paint(picture, scale), np.where(radius <= 1, 255, 0).astype(np.uint8)])
    axes.imshow(painted, extent=(-1, 1, -1, 1), interpolation="antialiased")
    axes.set(xlim=(-1.18, 1.18), ylim=(-1.18, 1.18), aspect="equal")
    axes.axis("off")


def _borders(axes: Axes) -> None:
    """Thin lines between segments, thick ones between the beds of two arteries."""
    lines: dict[bool, list[Map]] = {True: [], False: []}
    for edge in sorted({s.outer for s in AHA17} - {1.0}):
        for start in np.arange(0, 360, _STEP):
            angle = np.radians([start, start + _STEP])
            sides = [(edge - _NEAR, start + _STEP / 2), (edge + _NEAR, start + _STEP / 2)]
            lines[_two_beds(sides)].append(edge * np.stack([np.cos(angle), np.sin(angle)], axis=1))
    for segment in AHA17:
        if segment.width < 360:
            middle, angle = (segment.inner + segment.outer) / 2, np.radians(segment.start)
            sides = [(middle, (segment.start + side) % 360) for side in (-_NEAR, _NEAR)]
            ray = np.array([[segment.inner], [segment.outer]]) * [np.cos(angle), np.sin(angle)]
            lines[_two_beds(sides)].append(ray)
    for thick, found in lines.items():
        width, alpha = (1.7, 0.95) if thick else (0.45, 0.75)
        axes.add_collection(LineCollection(found, colors="white", linewidths=width, alpha=alpha))
    turn = np.radians(np.arange(361))
    axes.plot(np.cos(turn), np.sin(turn), color=INK, linewidth=0.8)


def _two_beds(places: Sequence[tuple[float, float]]) -> bool:
    """Whether two places (radius, angle) lie in the beds of different arteries."""
    return len({_TERRITORY[segment_at(radius, angle)] for radius, angle in places}) > 1


def _words(axes: Axes) -> None:
    for x, y, word in _SIDES:
        axes.text(x, y, word, ha="center", va="center", fontsize=6.5, color=QUIET, rotation=90 if y == 0 else 0)
    for x, y, word in _BEDS:
        axes.text(x, y, word, ha="center", va="center", fontsize=6.5, color=INK)


def _numbers(axes: Axes, values: Map, look: Look) -> None:
    """Numbers of the segments, dark on bright uptake and bright on dark."""
    shades = paint(segment_means(values, np.ones_like(values)), look.scale) @ np.array([0.3, 0.59, 0.11])
    for segment, number, shade in zip(AHA17, look.numbers, shades, strict=False):
        reach = 0.0 if segment.width == 360 else (segment.inner + segment.outer) / 2
        angle = np.radians(segment.start + segment.width / 2)
        x, y = reach * np.cos(angle), reach * np.sin(angle)
        axes.text(
            x, y, plain(number, 6), ha="center", va="center", fontsize=7, color="black" if shade > 115 else "white"
        )


def _bar(figure: Figure, scale: str) -> None:
    axes = figure.add_axes((0.88, 0.2, 0.03, 0.55))
    axes.imshow(SCALES[scale][:, None, :], origin="lower", aspect="auto", extent=(0, 1, 0, 100))
    axes.set(xticks=[], yticks=(0, 50, 100))
    axes.yaxis.tick_right()
    axes.set_title("% max", fontsize=5.5, color=QUIET, pad=3)
    axes.tick_params(colors=QUIET, labelsize=5.5, length=1.5, width=0.5)
    for side in axes.spines.values():
        side.set_visible(False)
