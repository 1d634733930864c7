"""ROC curves of several randomisations in one picture."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from myoperf.core.scorecard import Curve, Table

from .curve_pictures import LINES
from .figures import FAINT, QUIET, calm, plain, png

PREFIX = "roc_runs/"
_SHARES = (0, 0.25, 0.5, 0.75, 1)


def run_rocs_picture(curves: Mapping[str, Curve], runs: Table) -> bytes:
    """Every curve "roc_runs/NAME" over the diagonal of chance, each named with its AUC and 95 % interval.

    runs : table with the columns run, auc, auc_low and auc_high.
    """
    areas = {str(row[runs.columns.index("run")]): _area(runs, row) for row in runs.rows}
    figure = Figure(figsize=(4.4, 4.4))
    axes = figure.add_axes((0.12, 0.11, 0.85, 0.86))
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=0.9)
    names = [name for name in curves if name.startswith(PREFIX)]
    for number, name in enumerate(names):
        run = name.removeprefix(PREFIX)
        label = " ".join(part for part in (plain(run, 22), areas.get(run, "")) if part)
        axes.plot(curves[name].x, curves[name].y, color=LINES[number % len(LINES)], linewidth=1.2, label=label)
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), xticks=_SHARES, yticks=_SHARES)
    axes.set_xlabel("1 − specificity", color=QUIET, fontsize=8, labelpad=2)
    axes.set_ylabel("sensitivity", color=QUIET, fontsize=8, labelpad=2)
    if names:
        axes.legend(loc="lower right", frameon=False, fontsize=7.5, labelcolor=QUIET, handlelength=1.3)
    calm(axes)
    return png(figure)


def _area(runs: Table, row: tuple[str | float | None, ...]) -> str:
    """AUC and interval as words; nothing where there is none."""
    area, low, high = (row[runs.columns.index(name)] for name in ("auc", "auc_low", "auc_high"))
    if not isinstance(area, float):
        return ""
    ends = f" [{low:.3f}–{high:.3f}]" if isinstance(low, float) and isinstance(high, float) else ""
    return f"AUC {area:.3f}{ends}"
