"""Make the pictures of README and documentation. Run it, look at them, commit them."""

import tomllib
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Wedge

from myoperf.core.colour import DEFAULT_SCALE, SCALES, paint
from myoperf.core.polar import Map, disc_picture, ring_radii, sector_angles
from myoperf.core.segments import AHA17, Segment
from myoperf.core.terms import RESEARCH_USE, Territory

HERE = Path(__file__).resolve().parent
IMAGES = HERE / "images"
TERRITORY_COLOURS = {Territory.LAD: "#d9a441", Territory.LCX: "#5b8fb9", Territory.RCA: "#7fa65a"}
SIZE = 600


def draw_map(axes: Axes, values: Map, title: str) -> None:
    """One polar map in the default colours, with the outlines of the 17 segments."""
    picture = disc_picture(values, SIZE)
    coloured = paint(picture)
    coloured[~np.isfinite(picture)] = 255
    axes.imshow(coloured, extent=(-1, 1, -1, 1), interpolation="none")
    for segment in AHA17:
        axes.add_patch(outline(segment, facecolor="none", edgecolor=(1, 1, 1, 0.55), linewidth=0.7))
    frame(axes, title)


def outline(segment: Segment, **style: object) -> Wedge:
    """The patch of a segment on a disc of radius 1."""
    return Wedge(
        (0, 0),
        segment.outer,
        segment.start,
        segment.start + segment.width,
        width=segment.outer - segment.inner,
        **style,
    )


def draw_segments(axes: Axes, title: str) -> None:
    """The numbers of the segments on their places, coloured by territory."""
    for segment in AHA17:
        colour = TERRITORY_COLOURS[segment.territory]
        axes.add_patch(outline(segment, facecolor=colour, edgecolor="white", linewidth=1.5))
        radius = (segment.inner + segment.outer) / 2 if segment.inner else 0.0
        angle = np.radians(segment.start + segment.width / 2)
        axes.text(radius * np.cos(angle), radius * np.sin(angle), str(segment.number), ha="center", va="center")
    for territory, colour in TERRITORY_COLOURS.items():
        axes.plot([], [], "s", color=colour, markersize=9, label=str(territory))
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, -0.13), ncols=3, frameon=False, handletextpad=0.2)
    frame(axes, title)


def frame(axes: Axes, title: str) -> None:
    """Equal axes without ticks, and the names of the four walls."""
    axes.set(xlim=(-1.13, 1.13), ylim=(-1.13, 1.13), aspect="equal")
    axes.axis("off")
    axes.set_title(title, fontsize=11, pad=10)
    for x, y, name, turn in (
        (0, 1.07, "anterior", 0),
        (0, -1.07, "inferior", 0),
        (-1.07, 0, "septum", 90),
        (1.07, 0, "lateral", 270),
    ):
        axes.text(x, y, name, ha="center", va="center", rotation=turn, fontsize=8, color="0.35")


def example_maps() -> tuple[Map, Map]:
    """Stress and rest of a made-up heart: an inferolateral defect that is half reversible."""
    radius, angle = np.meshgrid(ring_radii(), sector_angles(), indexing="ij")
    normal = (
        84
        + 8 * np.cos(np.radians(angle + 20))
        - 12 * np.exp(-((radius / 0.12) ** 2))
        - 14 * (radius > 0.9) * (np.abs(angle - 180) < 60)
    )
    away = (angle - 300 + 180) % 360 - 180
    defect = np.exp(-((away / 42) ** 4)) / (1 + np.exp((0.38 - radius) / 0.05))
    return normal - 55 * defect, normal - 22 * defect


def polar_maps() -> Figure:
    """Stress, rest and the segments beside each other."""
    stress, rest = example_maps()
    figure = plt.figure(figsize=(11, 4.4))
    places = [figure.add_axes((0.01 + 0.33 * k, 0.14, 0.32, 0.78)) for k in range(3)]
    draw_map(places[0], stress, "stress")
    draw_map(places[1], rest, "rest")
    draw_segments(places[2], "17 segments and their arteries")
    colours = mpl.colors.ListedColormap(SCALES[DEFAULT_SCALE] / 255.0)
    levels = mpl.cm.ScalarMappable(norm=mpl.colors.Normalize(0, 100), cmap=colours)
    figure.colorbar(levels, cax=figure.add_axes((0.185, 0.1, 0.3, 0.03)), orientation="horizontal")
    figure.text(0.5, 0.115, "uptake, % of maximum", va="center", fontsize=9)
    figure.text(0.99, 0.01, RESEARCH_USE, ha="right", va="bottom", fontsize=7.5, color="0.4")
    return figure


def segments() -> Figure:
    """The 17 segments alone."""
    figure, axes = plt.subplots(figsize=(4.2, 4.4), layout="constrained")
    draw_segments(axes, "")
    return figure


def floors() -> Figure:
    """The floors, read from the contract that tests them."""
    contracts = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(c["layers"] for c in contracts if c["type"] == "layers")
    figure, axes = plt.subplots(figsize=(7.2, 0.5 * len(layers) + 0.4), layout="constrained")
    for height, layer in enumerate(reversed(layers)):
        rooms = [room.strip() for room in layer.split("|")]
        width = 10 / len(rooms)
        for k, room in enumerate(rooms):
            planned = room.startswith("(")
            axes.add_patch(
                FancyBboxPatch(
                    (k * width + 0.06, height + 0.08),
                    width - 0.12,
                    0.84,
                    boxstyle="round,pad=0,rounding_size=0.12",
                    facecolor="white" if planned else "#f1ddb8",
                    edgecolor="#8a6a2f",
                    linestyle="--" if planned else "-",
                )
            )
            axes.text(
                (k + 0.5) * width,
                height + 0.5,
                room.strip("()"),
                ha="center",
                va="center",
                color="0.5" if planned else "black",
            )
    axes.annotate("", (10.5, 0.1), (10.5, len(layers) - 0.1), arrowprops={"arrowstyle": "-|>", "color": "#8a6a2f"})
    axes.text(10.75, len(layers) / 2, "imports run down", rotation=270, va="center", color="#8a6a2f")
    axes.set(xlim=(0, 11.2), ylim=(0, len(layers)))
    axes.axis("off")
    return figure


def main() -> None:
    """Write every picture into docs/images."""
    IMAGES.mkdir(exist_ok=True)
    mpl.use("agg")
    mpl.rcParams.update({"font.size": 10, "savefig.dpi": 130, "savefig.facecolor": "white"})
    for name, figure in (("polar-maps", polar_maps()), ("segments", segments()), ("floors", floors())):
        figure.savefig(IMAGES / f"{name}.png", metadata={"Software": "myoperf"})
        plt.close(figure)
        print(IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
