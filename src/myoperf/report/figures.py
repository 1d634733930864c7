"""Figures of a report as PNG bytes: ROC with its band, confusion table, folds. Drawn without any global state."""

import io
from collections.abc import Mapping, Sequence
from textwrap import wrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from myoperf.core.scorecard import Curve, Folds

INK, QUIET, FAINT, ACCENT, BAND = "#1c2530", "#6b7683", "#d9dee3", "#0b5d6b", "#bfdadd"
_DPI = 200
_SHADES = LinearSegmentedColormap.from_list("shades", ["#f4f7f8", "#9cc7cc", "#0b5d6b"])


def png(figure: Figure, dots: int = _DPI) -> bytes:
    """Draw a figure with ``dots`` per inch; the same figure gives the same bytes."""
    FigureCanvasAgg(figure)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=dots, metadata={"Software": None})
    return stream.getvalue()


def roc_picture(curves: Mapping[str, Curve]) -> bytes:
    """ROC curve ("roc") over its 95 % band ("roc_low", "roc_high") and the diagonal of chance."""
    figure = Figure(figsize=(2.5, 2.5))
    axes = figure.add_axes((0.17, 0.16, 0.79, 0.79))
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=0.9)
    if "roc_low" in curves and "roc_high" in curves:
        low, high = curves["roc_low"], curves["roc_high"]
        axes.fill_between(low.x, low.y, high.y, color=BAND, linewidth=0, alpha=0.75)
    axes.plot(curves["roc"].x, curves["roc"].y, color=ACCENT, linewidth=1.5, solid_joinstyle="round")
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))
    axes.set_xticklabels(("0", "0.5", "1"))
    axes.set_yticklabels(("0", "0.5", "1"))
    axes.set_xlabel("1 − specificity", color=QUIET, fontsize=7.5, labelpad=2)
    axes.set_ylabel("sensitivity", color=QUIET, fontsize=7.5, labelpad=2)
    calm(axes)
    return png(figure)


def confusion_picture(confusion: Sequence[Sequence[int]], classes: Sequence[str]) -> bytes:
    """Counts of [truth][called], shaded by the share of their truth."""
    counts = np.asarray(confusion, dtype=np.float64)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = len(classes)
    figure = Figure(figsize=(2.5, 2.3))
    axes = figure.add_axes((0.22, 0.04, 0.76, 0.74))
    axes.imshow(share, cmap=_SHADES, vmin=0, vmax=1, aspect="auto")
    for truth in range(size):
        for called in range(size):
            colour = "white" if share[truth, called] > 0.55 else INK
            axes.text(
                called,
                truth - 0.08,
                f"{int(counts[truth, called])}",
                ha="center",
                va="center",
                color=colour,
                fontsize=12,
            )
            axes.text(
                called, truth + 0.22, f"{share[truth, called]:.0%}", ha="center", va="center", color=colour, fontsize=7
            )
    axes.set(xticks=range(size), yticks=range(size))
    names = ["\n".join(wrap(plain(name, 40), 16, max_lines=2, placeholder=" …")) for name in classes]
    axes.set_xticklabels(names, fontsize=7)
    axes.set_yticklabels(names, fontsize=7, rotation=90, va="center", ha="center", multialignment="center")
    axes.tick_params(axis="y", pad=10)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xlabel("called", color=QUIET, fontsize=7.5, labelpad=4)
    axes.set_ylabel("truth", color=QUIET, fontsize=7.5, labelpad=4)
    calm(axes)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_xticks(np.arange(size - 1) + 0.5, minor=True)
    axes.set_yticks(np.arange(size - 1) + 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=2)
    axes.tick_params(which="both", length=0)
    return png(figure)


def folds_picture(folds: Mapping[str, Folds], tests: Mapping[str, float | None], name: str) -> bytes:
    """Every fold a dot, their mean a bar, the test part a ring: one row a key, its label beside it."""
    labels = list(folds)
    height = 0.34 * len(labels) + 0.62
    figure = Figure(figsize=(6.4, height))
    left = min(0.03 + 0.011 * max(map(len, labels), default=0), 0.36)
    axes = figure.add_axes((left, 0.46 / height, 0.98 - left, (height - 0.54) / height))
    lowest = 0.5
    for row, label in enumerate(labels):
        values = np.array([value for value in folds[label].values if value is not None])
        spread = 0.12 * np.sin(2.4 * np.arange(values.size))
        axes.scatter(values, row + spread, s=13, color=ACCENT, alpha=0.45, linewidths=0)
        mean, test = folds[label].mean, tests.get(label)
        if mean is not None:
            axes.plot([mean, mean], [row - 0.3, row + 0.3], color=INK, linewidth=1.6)
        if test is not None:
            axes.scatter([test], [row], s=44, facecolors="none", edgecolors="#b3541e", linewidths=1.3)
        lowest = min([lowest, *values.tolist(), *([test] if test is not None else [])])
    axes.axvline(0.5, color=FAINT, linewidth=0.9, zorder=0)
    axes.set(xlim=(max(lowest - 0.04, -0.02), 1.02), ylim=(len(labels) - 0.45, -0.55), yticks=range(len(labels)))
    axes.set_yticklabels([plain(label, 34) for label in labels], fontsize=8, color=INK)
    axes.set_xlabel(name, color=QUIET, fontsize=8, labelpad=2)
    calm(axes)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return png(figure)


def plain(text: str, most: int = 40) -> str:
    """Text for a figure: no mathematics, no line breaks, at most ``most`` characters."""
    folded = " ".join("".join(c if c.isprintable() else " " for c in text).split()).replace("$", r"\$")
    return folded if len(folded) <= most else folded[: most - 1] + "…"


def calm(axes: Axes) -> None:
    """Axes without a frame, in quiet colours."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(FAINT)
    axes.tick_params(colors=QUIET, labelsize=7.5, length=2.5, width=0.6, color=FAINT)
