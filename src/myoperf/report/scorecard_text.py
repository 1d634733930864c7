"""A scorecard as a few lines of text for a terminal."""

from myoperf.core.scorecard import Scorecard, TargetScore

from .comparison_rows import claims_text
from .words import interval, metric_name, number, spread, unit_of


def scorecard_text(scorecard: Scorecard) -> str:
    """Every figure of every target with interval and n; folds as mean ± standard deviation; claims of the paper."""
    head = f"{scorecard.title}: {scorecard.n_patients} patients, {scorecard.split}"
    blocks = [_block(key, score) for key, score in scorecard.targets.items()]
    return "\n".join([head, *blocks, *(f"  {line}" for line in claims_text(scorecard.comparisons))])


def _block(key: str, score: TargetScore) -> str:
    lines, missing = [f"  {key}"], dict[str, list[str]]()
    width = max([26, *(len(metric_name(name)) + 1 for name in score.metrics)])
    for name, figure in score.metrics.items():
        if figure.value is None:
            missing.setdefault(figure.method, []).append(metric_name(name))
            continue
        value = f"{number(figure.value, name)} {interval(figure.low, figure.high, name)}".strip() + unit_of(figure)
        lines.append(f"    {metric_name(name):<{width}}{value:<22} n {figure.n}")
    for name in ("auc", "balanced_accuracy"):
        if name in score.folds:
            folds = score.folds[name]
            lines.append(f"    {metric_name(name)}, {len(folds.values)} folds: {spread(folds.mean, folds.sd)}")
    lines += [f"    missing: {', '.join(names)} ({why})" for why, names in missing.items()]
    return "\n".join(lines)
