"""A study and a system must speak of the same tracer."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from myoperf.core.errors import RefusedError
from myoperf.core.terms import State
from myoperf.io.cohort_table import CohortRow
from myoperf.io.predictions import read_predictions
from myoperf.recipe import Recipe

from .task import tracers_of


def require_tracer(recipe: Recipe, row: CohortRow) -> None:
    """RefusedError where a recipe that asks by tracer is given a study of another one, of none, or of two: stress by
    one tracer and rest by the other (dual isotope) is a study that neither head was made for."""
    known = tracers_of(recipe)
    if not known:
        return
    where, do = row.source or row.study_id, "give a system that was trained for this tracer"
    tracer = str(row.tracer or "")
    each = {str(state): str(row.values.get(f"{state}_tracer") or "") for state in State}
    told = {name: value for name, value in {"the study": tracer, **each}.items() if value}
    if len(set(told.values())) > 1:
        shown = each if all(each.values()) else told
        came = " and ".join(f"{name} {value}" for name, value in shown.items() if value)
        raise RefusedError(where, rule="stress and rest are of one tracer", came=came, do=do)
    if tracer not in known:
        rule = f"{recipe.name} knows {' and '.join(known)}"
        raise RefusedError(where, rule=rule, came=tracer or "no tracer", do=do)


def never_taught(run: Path, recipe: Recipe, rows: Iterable[CohortRow]) -> dict[str, str]:
    """Studies of tracers that a run did not learn from, each with one line: its head for them is as it was drawn.

    What was learnt stands in the run's ``predictions.csv``: targets with an answer. Where it tells none, none is named.
    """
    table = run / "predictions.csv"
    if not tracers_of(recipe) or not table.exists():
        return {}
    known = read_predictions(table)
    answered = np.isfinite(np.asarray(known["truth"], dtype=np.float64))
    names = {str(name) for name in np.asarray(known["target"])[answered]}
    taught = [str(target.tracer) for target in recipe.targets if target.name in names]
    rule, do = f"this run was trained on {' and '.join(taught)}", "give a run that was trained on this tracer"
    return {
        row.study_id: str(RefusedError(row.source or row.study_id, rule=rule, came=str(row.tracer), do=do))
        for row in rows
        if taught and str(row.tracer) not in taught
    }
