"""A target with a time to its event: judged by how well scores order it and foretell it."""

from collections.abc import Iterator

import numpy as np

from myoperf.core.scorecard import Curve, Metric, Table, TargetScore

from ..judgement import Comparison, Judgement, compared
from ..metrics import missing
from ..question import Question
from .cohort import cohorts_of, days, shown
from .figures import Prepared, figures, prepared
from .folds import fold_figures
from .groups import survival_groups
from .horizon import NAMES as LINES
from .horizon import horizon_calibration
from .metric import metric_of, names_of
from .quarters import quarters
from .reasons import cautions, why_missing
from .spread import Spread, interval_of, spread

NAMES = ("c_index", "uno_c", "dynamic_auc", "integrated_brier", "brier_skill", *LINES)


def judge_survival(question: Question) -> Judgement:
    """Judge a question whose rows hold ``event`` and ``time_days``.

    Figures: ``c_index`` (Harrell 1982) and ``uno_c`` (Uno 2011; before the last horizon) order patients by the score.
    ``dynamic_auc_365`` is the cumulative/dynamic area under the ROC curve (Uno 2007) at a horizon, ``dynamic_auc``
    its mean over the horizons, weighted by the events between (Lambert and Chevret 2016). ``brier_365``,
    ``integrated_brier`` (Graf 1999) and ``brier_skill`` (gain on everyone having the observed share; 1 perfect, 0 no
    gain) need probabilities of the event by the horizon, and so does its calibration. Censored patients are stood for
    by those observed for longer; the train part, where it has follow-up, tells how patients are censored, else the
    judged rows. A competing event censors in the first two figures; in those at a horizon it is a known state without
    the event (Schoop 2011, Blanche 2013). Figures over folds come from the validation rows, where there are any.
    RefusedError as ``cohorts_of``.
    """
    cohorts = cohorts_of(question)
    judged = cohorts.judged
    if not len(judged):
        why = "no patient with an event, a time and a score"
        score = TargetScore(metrics=missing(why, names=NAMES), kind="survival", folds=fold_figures(question))
        return Judgement(score=score, warnings=(*cohorts.warnings, f"{question.name}: {why}"))
    ready = prepared(judged, cohorts.train)
    value = {name: float(v[0]) for name, v in figures(ready, np.ones((1, judged.patients))).items()}
    found = spread(ready, question.resampling)
    metrics = {name: metric_of(ready, name, value, found) for name in names_of(judged)}
    parts = (
        quarters(question.name, judged.take(ready.scored), cohorts.cut_by),
        horizon_calibration(ready, value, found, why_missing(ready, "brier")),
    )
    apart, folds = survival_groups(question, judged, cohorts.train), fold_figures(question)
    curves, table = _over_time(ready, metrics, value, found)
    score = TargetScore(
        metrics=metrics | dict(parts[1].metrics),
        kind="survival",
        folds=folds,
        subgroups=apart.within,
        curves={**curves, **parts[0].curves, **parts[1].curves},
        tables={**parts[0].tables, **parts[1].tables, **table},
    )
    said = (*cohorts.warnings, *cautions(question.name, ready, metrics), *parts[0].warnings, *apart.warnings)
    if question.split == "validation" and folds:
        pooled = "no test part; figures are pooled over the folds of the cross-validation"
        said = (*said, f"{question.name}: {pooled}; the mean over folds stands beside them")
    rows = (*_beside(question.name, ready, value, found), *parts[0].comparisons, *apart.alone)
    return Judgement(score=score, comparisons=rows, warnings=said)


def _beside(name: str, ready: Prepared, value: dict[str, float], found: Spread) -> Iterator[Comparison]:
    """What the figures at a horizon are without a model, and without the patients censored before."""
    few = shown(ready.cohort.horizons)
    for at in (at for at in ready.states if at.day in few):
        day = days(at.day)
        others = {}
        if at in ready.brier:
            others[f"reference_brier_{day}"] = (f"brier_{day}", "everyone has the observed share", "Brier score")
        lost = int((~at.known).sum())
        if lost and np.ptp(at.score) > 0:
            said = f"{lost} rows censored before {day} days left out (biased: they were at risk)"
            others[f"known_auc_{day}"] = (f"dynamic_auc_{day}", said, "AUC of the rows with a known state")
        for figure, (metric, comparison, method) in others.items():
            if not np.isfinite(value[figure]) or not at.case.any():
                continue
            pair, how = interval_of(figure, value[figure], found)
            n = len(np.unique(ready.cohort.patient[at.rows][at.known if figure.startswith("known") else slice(None)]))
            low, high = pair or (None, None)
            yield compared(
                target=name,
                comparison=comparison,
                metric=metric,
                value=value[figure],
                low=low,
                high=high,
                method=f"{method}; {how}",
                n=n,
            )


def _over_time(
    ready: Prepared, metrics: dict[str, Metric], value: dict[str, float], found: Spread
) -> tuple[dict[str, Curve], dict[str, Table]]:
    """The dynamic AUC at every time as a table, and as a curve where there are several times."""
    rows = []
    for at in ready.states:
        name = f"dynamic_auc_{days(at.day)}"
        area = metrics[name] if name in metrics else metric_of(ready, name, value, found)
        cells = (float(at.case.sum()), float(at.seen.sum()), area.value, area.low, area.high)
        rows.append((at.day, float(at.rows.sum()), *cells))
    if not rows:
        return {}, {}
    table = Table(
        columns=("time_days", "n", "events", "still_observed", "dynamic_auc", "low", "high"),
        rows=tuple(rows),
        note="Cumulative/dynamic AUC: those with the event by the time against those without it then.",
    )
    known = np.array([row for row in rows if row[4] is not None and row[5] is not None], dtype=np.float64)
    curves = {}
    if len(known) > 1:
        x = tuple(map(float, known[:, 0]))
        curves = {
            f"dynamic_auc{end}": Curve(x=x, y=tuple(map(float, known[:, k])))
            for end, k in (("", 4), ("_low", 5), ("_high", 6))
        }
    return curves, {"dynamic_auc": table}
