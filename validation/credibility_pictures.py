"""Pictures of what virtual and real polar maps share and where they part."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from credibility_adversary import Told
from credibility_cases import Cases, Floats
from credibility_series import CUTOUT, PROFILE_MM, QUADRANTS
from credibility_texture import RING_GROUPS, around, roughness
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from myoperf.core.colour import paint
from myoperf.core.polar import disc_picture
from myoperf.core.terms import State

REAL, VIRTUAL = "#2b6ca3", "#d9822b"
VOXEL_CM = 0.66
_SIZE = 96
NAMES = {"M": "men", "F": "women"}


def figure(width: float, height: float) -> Figure:
    made = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(made)
    return made


def save(made: Figure, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    made.savefig(path, dpi=80, facecolor="white", metadata={"Software": "myoperf"}, pil_kwargs={"optimize": True})
    return path


def mean_maps(real: Cases, virtual: Cases) -> Figure:
    """Mean and spread of normal stress maps by sex, and the difference of the means."""
    made = figure(11, 4.6)
    grid = made.subplots(2, 5)
    for axes, sex in zip(grid, NAMES, strict=True):
        a, b = (c.group(sex, 0).maps[State.STRESS] for c in (real, virtual))
        for axis, values, title in (
            (axes[0], a.mean(axis=0), f"real {NAMES[sex]}, mean (n={len(a)})"),
            (axes[1], b.mean(axis=0), f"virtual, mean (n={len(b)})"),
        ):
            axis.imshow(paint(disc_picture(values, _SIZE)))
            axis.set_title(title, fontsize=9)
        _signed(axes[2], b.mean(axis=0) - a.mean(axis=0), 12.0, "virtual - real, ±12 %")
        for axis, values, title in ((axes[3], a.std(axis=0), "SD, real"), (axes[4], b.std(axis=0), "SD, virtual")):
            shown = axis.imshow(disc_picture(values, _SIZE), vmin=0, vmax=12, cmap="magma")
            axis.set_title(f"{title}, 0 to 12 %", fontsize=9)
        made.colorbar(shown, ax=axes[4], shrink=0.7)
    for axis in grid.ravel():
        axis.axis("off")
    return made


def _signed(axes: Axes, values: Floats, most: float, title: str) -> None:
    axes.imshow(disc_picture(values, _SIZE), vmin=-most, vmax=most, cmap="RdBu_r")
    axes.set_title(title, fontsize=9)


def examples(virtual: Cases, *, count: int = 8, seed: int = 0) -> Figure:
    """Virtual normal men drawn by lot, stress above rest."""
    cases = virtual.group("M", 0)
    chosen = np.random.default_rng(seed).choice(len(cases), min(count, len(cases)), replace=False)
    made = figure(11, 3.2)
    grid = made.subplots(2, count)
    for column, number in enumerate(chosen):
        for row, state in enumerate(State):
            grid[row, column].imshow(paint(disc_picture(cases.maps[state][number], _SIZE)))
            if column == 0:
                grid[row, column].set_title(str(state), fontsize=9, loc="left")
    for axes in grid.ravel():
        axes.axis("off")
    return made


def segment_bars(real: Cases, virtual: Cases) -> Figure:
    """Mean and standard deviation of 17 normal segments by sex and state."""
    made = figure(11, 5.4)
    grid = made.subplots(2, 2, sharex=True, sharey=True)
    numbers = np.arange(1, 18)
    for row, sex in enumerate(NAMES):
        for column, state in enumerate(State):
            axes = grid[row, column]
            for shift, name, colour, cases in ((-0.15, "real", REAL, real), (0.15, "virtual", VIRTUAL, virtual)):
                values = cases.group(sex, 0).segments[state]
                axes.errorbar(
                    numbers + shift, values.mean(axis=0), values.std(axis=0), fmt="o", markersize=4, color=colour,
                    label=f"{name} (n={len(values)})", elinewidth=1.2,
                )  # fmt: skip
            axes.set_title(f"{NAMES[sex]}, {state}", fontsize=9)
            axes.legend(frameon=False, fontsize=8)
    grid[1, 0].set(xlabel="segment", ylabel="uptake, % of maximum", xticks=numbers)
    return made


def spectra(real: Cases, virtual: Cases) -> Figure:
    """Roughness along the rings, waves around the disc, and power within the slices, normals of both sexes."""
    made = figure(11, 6.4)
    grid = made.subplots(2, 3)
    for name, colour, cases in (("real", REAL, real.group(None, 0)), ("virtual", VIRTUAL, virtual.group(None, 0))):
        maps = cases.maps[State.STRESS]
        _band(grid[0, 0], np.arange(maps.shape[1]) + 1, roughness(maps), (name, colour))
        waves = around(maps)
        for axes, group in zip(grid.ravel()[1:5], range(len(RING_GROUPS)), strict=True):
            _band(axes, np.arange(waves.shape[2]) + 1, waves[:, group], (name, colour))
        frequency = (np.arange(1, CUTOUT // 2) + 0.5) / CUTOUT / VOXEL_CM
        _band(grid[1, 2], frequency, cases.spectrum[State.STRESS][:, 1:], (name, colour))
    grid[0, 0].set(title="roughness along a ring, % of maximum", xlabel="ring, 1 apex, 24 base")
    for axes, group_name in zip(grid.ravel()[1:5], RING_GROUPS, strict=True):
        axes.set(title=f"waves around, {group_name} rings, %", xlabel="waves a turn", yscale="log")
    grid[1, 2].set(title="power within the slices, share", xlabel="cycles a cm", yscale="log")
    grid[0, 0].legend(frameon=False)
    return made


def _band(axes: Axes, x: NDArray[Any], values: Floats, style: tuple[str, str]) -> None:
    """Median of the patients and the middle 80 percent."""
    low, middle, high = np.percentile(values, [10, 50, 90], axis=0)
    axes.plot(x, middle, color=style[1], label=style[0])
    axes.fill_between(x, low, high, color=style[1], alpha=0.2, linewidth=0)


def profiles(real: Cases, virtual: Cases) -> Figure:
    """Counts across the wall at mid height, four sides, normals by sex."""
    made = figure(11, 4.8)
    grid = made.subplots(2, 4, sharey=True)
    for axes, sex in zip(grid, NAMES, strict=True):
        for name, colour, cases in (("real", REAL, real), ("virtual", VIRTUAL, virtual)):
            curves = cases.group(sex, 0).profiles[State.STRESS]
            for side, axis in enumerate(axes):
                known = np.isfinite(curves[:, side]).sum(axis=0) > len(curves) / 2
                low, middle, high = np.nanpercentile(curves[:, side][:, known], [10, 50, 90], axis=0)
                axis.plot(PROFILE_MM[known], middle, color=colour, label=name)
                axis.fill_between(PROFILE_MM[known], low, high, color=colour, alpha=0.2, linewidth=0)
        for axis, side_name in zip(axes, QUADRANTS, strict=True):
            axis.set_title(f"{NAMES[sex]}, {side_name}", fontsize=9)
    grid[0, 0].legend(frameon=False)
    grid[1, 0].set(xlabel="mm from the middle of the wall, outward", ylabel="share of maximum")
    return made


def giveaways(virtual: Cases, told: Told, found: Sequence[tuple[str, float, float, float, float]]) -> Figure:
    """The virtual patients that one classifier was surest of, those it took for real, and what differs most.

    ``virtual`` are the patients that ``told`` judged, in its order. Real patients are not shown.
    """
    made = figure(11, 4.6)
    left, right = np.asarray(made.subfigures(1, 2, width_ratios=(1.6, 1))).ravel()
    grid = left.subplots(4, 6)
    order = np.argsort(told.score[told.truth == 1])
    for half, (title, numbers) in enumerate((("given away at once", order[::-1]), ("taken for real", order))):
        for row, state in enumerate(State):
            axes = grid[2 * half + row]
            for axis, number in zip(axes, numbers, strict=False):
                axis.imshow(paint(disc_picture(virtual.maps[state][number], _SIZE)))
            axes[0].set_title(f"{title}, {state}", fontsize=9, loc="left")
    for axis in grid.ravel():
        axis.axis("off")
    bars = right.subplots()
    names = [name for name, *_ in found][::-1]
    gaps = [gap for *_, gap, _ in found][::-1]
    bars.barh(range(len(names)), gaps, color=VIRTUAL)
    bars.set_yticks(range(len(names)), names, fontsize=8)
    bars.set_title("virtual - real, in standard deviations", fontsize=9)
    bars.axvline(0, color="0.3", linewidth=0.8)
    return made
