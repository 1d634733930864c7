"""Curves of a scorecard as PNG bytes: precision and recall, reliability, net benefit, survival, agreement, classes."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from myoperf.core.scorecard import Curve

from .figures import ACCENT, BAND, FAINT, INK, QUIET, calm, plain, png

LINES = (ACCENT, "#b3541e", "#5b6fa8", "#7a8b2f", "#8a4a7d", "#3d3d3d")
"""Colours of several lines in one picture, in their order."""
_SHARES = (0, 0.25, 0.5, 0.75, 1)

Curves = Mapping[str, Curve]


def roc_lines(curves: Curves, prefix: str, names: Sequence[str]) -> bytes:
    """ROC curves "PREFIXNAME" over their bands, one line a name, over the diagonal of chance."""
    figure, axes = _square("1 − specificity", "sensitivity")
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=0.9)
    _named_lines(axes, curves, prefix, names)
    _legend(axes, "lower right")
    return png(figure)


def precision_recall_lines(curves: Curves, prefix: str, names: Sequence[str]) -> bytes:
    """Precision against recall, curves "PREFIXNAME" over their bands, one line a name."""
    figure, axes = _square("sensitivity (recall)", "positive predictive value")
    _named_lines(axes, curves, prefix, names)
    _legend(axes, "lower left")
    return png(figure)


def dynamic_auc_picture(curves: Curves) -> bytes:
    """AUC at every horizon, in years, over its band; 0.5 is chance."""
    figure = Figure(figsize=(2.5, 2.5))
    axes = figure.add_axes((0.19, 0.16, 0.77, 0.79))
    axes.axhline(0.5, color=FAINT, linewidth=0.9)
    curve, years = curves["dynamic_auc"], np.asarray(curves["dynamic_auc"].x) / 365.25
    if "dynamic_auc_low" in curves and "dynamic_auc_high" in curves:
        low, high = curves["dynamic_auc_low"], curves["dynamic_auc_high"]
        at = np.asarray(low.x) / 365.25
        axes.fill_between(at, low.y, high.y, color=BAND, linewidth=0, alpha=0.75)
    axes.plot(years, curve.y, color=ACCENT, linewidth=1.5, marker="o", markersize=2.5)
    axes.set(ylim=(min(0.38, *curve.y) - 0.02, 1.02))
    _labels(axes, "years", "AUC")
    return png(figure)


def precision_recall_picture(curves: Curves, share: float | None) -> bytes:
    """Precision against recall ("pr" over "pr_low", "pr_high"); share : of positives, the height of chance."""
    figure, axes = _square("sensitivity (recall)", "positive predictive value")
    if share is not None:
        axes.axhline(share, color=FAINT, linewidth=0.9)
    _band(axes, curves, "pr")
    axes.plot(curves["pr"].x, curves["pr"].y, color=ACCENT, linewidth=1.5)
    return png(figure)


def reliability_picture(curves: Curves, name: str, bins: Sequence[tuple[float, float, float, float]]) -> bytes:
    """Observed share against predicted probability: the curve of this name over its band, and bins with intervals.

    bins : mean predicted, observed, low, high.
    """
    figure, axes = _square("predicted probability", "observed share")
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=0.9)
    _band(axes, curves, name)
    if name in curves:
        axes.plot(curves[name].x, curves[name].y, color=ACCENT, linewidth=1.5)
    for predicted, observed, low, high in bins:
        axes.plot([predicted, predicted], [low, high], color=QUIET, linewidth=0.8)
        axes.scatter([predicted], [observed], s=11, color=INK, zorder=3, linewidths=0)
    return png(figure)


def net_benefit_picture(curves: Curves) -> bytes:
    """Net benefit of the system, of treating all and of treating none, by threshold probability."""
    figure = Figure(figsize=(2.5, 2.5))
    axes = figure.add_axes((0.21, 0.16, 0.75, 0.79))
    _band(axes, curves, "net_benefit")
    for name, label, colour in (
        ("net_benefit_none", "none", QUIET),
        ("net_benefit_all", "all", "#b3541e"),
        ("net_benefit", "by the system", ACCENT),
    ):
        if name in curves:
            axes.plot(curves[name].x, curves[name].y, color=colour, linewidth=1.3, label=label)
    shown = [y for name in ("net_benefit", "net_benefit_none") if name in curves for y in curves[name].y]
    top = max([*shown, *(curves["net_benefit_all"].y[:1] if "net_benefit_all" in curves else ()), 0.01])
    lowest = min([*shown, 0.0])
    axes.set(xlim=(0, 1), ylim=(max(lowest, -0.3 * top) - 0.08 * top, 1.25 * top), xticks=(0, 0.5, 1))
    _labels(axes, "threshold probability", "net benefit")
    _legend(axes, "upper right")
    return png(figure)


def survival_picture(curves: Curves, prefix: str, label: str) -> bytes:
    """Curves "PREFIX_q1" ... (with "_low", "_high") over years; label : what stands on the upright axis."""
    names = sorted(n for n in curves if n.startswith(f"{prefix}_") and not n.endswith(("_low", "_high")))
    figure = Figure(figsize=(2.5, 2.5))
    axes = figure.add_axes((0.19, 0.16, 0.77, 0.79))
    for name, colour in zip(names, _colours(len(names)), strict=True):
        years = np.asarray(curves[name].x) / 365.25
        if f"{name}_low" in curves:
            low, high = curves[f"{name}_low"], curves[f"{name}_high"]
            axes.fill_between(
                np.asarray(low.x) / 365.25, low.y, high.y, step="post", color=colour, alpha=0.13, linewidth=0
            )
        axes.step(years, curves[name].y, where="post", color=colour, linewidth=1.3, label=_quarter(name))
    axes.set(ylim=(-0.02, 1.02), yticks=_SHARES)
    axes.set_xlim(left=0)
    _labels(axes, "years", label)
    _legend(axes, "best")
    return png(figure)


def bland_altman_picture(curve: Curve, lines: Sequence[float]) -> bytes:
    """Differences over means of pairs; lines : limits of agreement and bias, drawn across."""
    figure = Figure(figsize=(2.5, 2.5))
    axes = figure.add_axes((0.2, 0.16, 0.76, 0.79))
    axes.axhline(0, color=FAINT, linewidth=0.9)
    axes.scatter(curve.x, curve.y, s=7, color=ACCENT, alpha=0.5, linewidths=0)
    for k, height in enumerate(sorted(lines)):
        axes.axhline(height, color=INK, linewidth=0.9, linestyle="-" if k == 1 and len(lines) == 3 else (0, (4, 3)))
    _labels(axes, "mean of the two", "predicted − true")
    return png(figure)


def _square(across: str, up: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(2.5, 2.5))
    axes = figure.add_axes((0.17, 0.16, 0.79, 0.79))
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))
    axes.set_xticklabels(("0", "0.5", "1"))
    axes.set_yticklabels(("0", "0.5", "1"))
    _labels(axes, across, up)
    return figure, axes


def _band(axes: Axes, curves: Curves, name: str) -> None:
    if f"{name}_low" in curves and f"{name}_high" in curves:
        low, high = curves[f"{name}_low"], curves[f"{name}_high"]
        axes.fill_between(low.x, low.y, high.y, color=BAND, linewidth=0, alpha=0.75)


def _named_lines(axes: Axes, curves: Curves, prefix: str, names: Sequence[str]) -> None:
    """One line a name over its band, both in its colour; a name that another one's band would have has no band."""
    for name, colour in zip(names, _colours(len(names)), strict=True):
        curve, ends = curves[f"{prefix}{name}"], [f"{prefix}{name}_low", f"{prefix}{name}_high"]
        if all(end in curves and end.removeprefix(prefix) not in names for end in ends):
            low, high = (curves[end] for end in ends)
            axes.fill_between(low.x, low.y, high.y, color=colour, alpha=0.13, linewidth=0)
        axes.plot(curve.x, curve.y, color=colour, linewidth=1.4, label=_label(name))


def _labels(axes: Axes, across: str, up: str) -> None:
    axes.set_xlabel(across, color=QUIET, fontsize=7.5, labelpad=2)
    axes.set_ylabel(up, color=QUIET, fontsize=7.5, labelpad=2)
    calm(axes)


def _legend(axes: Axes, place: Literal["best", "upper right", "lower right", "lower left"]) -> None:
    axes.legend(loc=place, frameon=False, fontsize=6.5, labelcolor=QUIET, handlelength=1.3)


def _colours(count: int) -> list[str]:
    return [LINES[k % len(LINES)] for k in range(count)]


def _label(name: str) -> str:
    """A name in a legend, which would pass over one that begins with an underscore, or with nothing."""
    text = plain(name, 22)
    return f" {text}" if text[:1] in ("", "_") else text


def _quarter(name: str) -> str:
    """ "km_q1" as words."""
    last = name.rpartition("_")[2]
    return f"quarter {last[1:]}" if last[:1] == "q" and last[1:].isdigit() else _label(last)
