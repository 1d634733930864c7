"""Pictures side by side: as they came, with what a reader outlined, with what a system outlined."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError

from .figures import INK, QUIET, plain, png

Mask = NDArray[np.bool_]

READER, MODEL = "#3df07a", "#35e0ff"
"""Colours of the outlines on a dark picture."""
_HEADS = ("original", "reader", "model")
_WIDE = 1.75


@dataclass(frozen=True, kw_only=True)
class OutlinedCase:
    """One picture, (rows, columns) or (rows, columns, 3) of bytes, and the masks of its size that are laid on it.

    title : what it is; told : its figures, in words.
    """

    title: str
    told: str
    picture: NDArray[np.uint8] = field(repr=False)
    reader: Mask = field(repr=False)
    model: Mask = field(repr=False)

    def __post_init__(self) -> None:
        shapes = {self.picture.shape[:2], self.reader.shape, self.model.shape}
        if self.picture.ndim not in (2, 3) or len(shapes) > 1 or not self.picture.size:
            came = f"{self.picture.shape}, {self.reader.shape} and {self.model.shape}"
            raise RefusedError(self.title, rule="masks have the size of their picture", came=came, do="resample them")


def outlined_picture(cases: Sequence[OutlinedCase]) -> bytes:
    """One row a case: the original, the reader's outline, the model's outline; nothing is mirrored or turned."""
    count = max(len(cases), 1)
    figure = Figure(figsize=(3 * _WIDE + 1.7, count * (_WIDE + 0.06) + 0.3))
    grid = figure.subplots(count, 3, squeeze=False)
    for row, case in enumerate(cases):
        for column, (mask, colour) in enumerate(((None, ""), (case.reader, READER), (case.model, MODEL))):
            _draw(grid[row][column], case.picture, mask, colour)
            if row == 0:
                grid[row][column].set_title(_HEADS[column], fontsize=8, color=INK, pad=4)
        words = "\n".join((plain(case.title, 34), *(plain(line, 34) for line in case.told.split("; "))))
        last = grid[row][2]
        last.text(1.05, 0.5, words, transform=last.transAxes, fontsize=6.5, color=QUIET, va="center")
    for axes in grid.flat:
        axes.set_axis_off()
    wide, high = figure.get_size_inches()
    figure.subplots_adjust(0.01, 0.01, 1 - 1.65 / wide, 1 - 0.25 / high, wspace=0.03, hspace=0.03)
    return png(figure)


def _draw(axes: Axes, picture: NDArray[np.uint8], mask: Mask | None, colour: str) -> None:
    axes.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    if mask is not None and mask.any() and not mask.all():
        # padded, so that an outline at the border of the picture is closed
        axes.contour(
            np.arange(-1, mask.shape[1] + 1),
            np.arange(-1, mask.shape[0] + 1),
            np.pad(mask, 1).astype(np.float64),
            levels=[0.5],
            colors=[colour],
            linewidths=1.1,
        )
    axes.set(xlim=(-0.5, picture.shape[1] - 0.5), ylim=(picture.shape[0] - 0.5, -0.5))
