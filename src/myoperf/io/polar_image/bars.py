"""The colour bar of a page: a long strip of colours with a straight course from no uptake to the maximum."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ...core.colour import SCALES, Table
from .colours import BAR, ORDERS, Colours, Floats

_LEAST_LENGTH = 50
_ALIKE = 20.0
_UNLIKE = 34.0
_LUMA = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True, kw_only=True)
class ColourBar:
    """A bar: its table from no uptake to the maximum, shape (256, 3), and where the maximum lies on the page.

    name : of the scale of the catalogue that it is, or ``BAR``. order : of the channels, in which it is that scale.
    end : "up", "down", "left" or "right".
    """

    name: str
    table: Table = field(repr=False)
    order: tuple[int, ...]
    end: str


def find_bar(page: Colours, labels: NDArray[np.int32]) -> ColourBar | None:
    """The longest colour bar among the pieces of a page (0 is background), or None."""
    best: tuple[int, ColourBar] | None = None
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        height, width = box[0].stop - box[0].start, box[1].stop - box[1].start
        long, short = max(height, width), min(height, width)
        if long < _LEAST_LENGTH or short < 5 or long < 5 * short or (best is not None and long <= best[0]):
            continue
        filled = ndimage.binary_fill_holes(labels[box] == number)
        if filled.mean() < 0.9:
            continue
        bar = _read(page[box].astype(np.float32), upright=height > width)
        if bar is not None:
            best = (long, bar)
    return best[1] if best is not None else None


def _read(piece: Floats, *, upright: bool) -> ColourBar | None:
    strip = piece if upright else piece.transpose(1, 0, 2)
    width = strip.shape[1]
    core = strip[:, width // 4 : max(width - width // 4, width // 4 + 1)]
    if float(np.median(np.ptp(core, axis=1).max(axis=1))) > 40:
        return None
    course = np.median(core, axis=1)
    # the frame and the blur of the ends
    trim = max(2, round(0.012 * len(course)))
    course = course[trim:-trim]
    light = course @ _LUMA
    if np.ptp(light) < 90:
        return None
    third = max(1, len(light) // 3)
    rising = float(light[-third:].mean()) > float(light[:third].mean())
    end = ("down" if rising else "up") if upright else ("right" if rising else "left")
    course = course if rising else course[::-1]
    where = np.linspace(0, len(course) - 1, 256)
    columns = [np.interp(where, np.arange(len(course)), course[:, k]) for k in range(3)]
    table: Table = np.round(np.stack(columns, axis=1)).astype(np.uint8)
    found = [
        (float(np.abs(table[:, list(order)].astype(float) - known).max(axis=1).mean()), ORDERS.index(order), name)
        for name, known in SCALES.items()
        for order in ORDERS
    ]
    apart, place, name = min(found)
    if apart < _ALIKE:
        return ColourBar(name=name, table=SCALES[name], order=ORDERS[place], end=end)
    if apart < _UNLIKE:
        return None
    return ColourBar(name=BAR, table=table, order=ORDERS[0], end=end)
