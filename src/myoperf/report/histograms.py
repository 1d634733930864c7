"""Histograms of several runs as small multiples: a row a run, a column a figure."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from myoperf.core.scorecard import Table

from .figures import ACCENT, INK, QUIET, calm, plain, png
from .words import metric_name

Row = tuple[str | float | None, ...]


def histograms_picture(table: Table) -> bytes:
    """Bars over bins. table : columns run, figure, unit, from, to, images; bins of a figure are alike in all runs."""
    at = {name: table.columns.index(name) for name in ("run", "figure", "unit", "from", "to", "images")}
    runs = list(dict.fromkeys(str(row[at["run"]]) for row in table.rows))
    shown = list(dict.fromkeys((str(row[at["figure"]]), str(row[at["unit"]])) for row in table.rows))
    figure = Figure(figsize=(2.15 * max(len(shown), 1) + 0.3, 1.05 * max(len(runs), 1) + 0.55))
    grid = figure.subplots(max(len(runs), 1), max(len(shown), 1), squeeze=False, sharex="col", sharey="col")
    for down, run in enumerate(runs):
        for across, (name, unit) in enumerate(shown):
            axes = grid[down][across]
            mine = [row for row in table.rows if (row[at["run"]], row[at["figure"]]) == (run, name)]
            left, right, images = (_numbers(mine, at[column]) for column in ("from", "to", "images"))
            widths = [high - low for low, high in zip(left, right, strict=True)]
            axes.bar(left, images, widths, align="edge", color=ACCENT, alpha=0.8, linewidth=0)
            calm(axes)
            if down == 0:
                title = metric_name(name) + ("" if unit == "fraction" else f", {unit}")
                axes.set_title(title, fontsize=8, color=INK, pad=4)
            if across == 0:
                axes.set_ylabel(f"{plain(run, 22)}\nimages", color=QUIET, fontsize=7)
    figure.tight_layout(pad=0.5)
    return png(figure)


def _numbers(rows: Sequence[Row], place: int) -> list[float]:
    return [float(cell) for row in rows if isinstance(cell := row[place], float | int)]
