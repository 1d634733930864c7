"""What a run tells of itself, in words, for the reporting checklists."""

import platform
import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from importlib import metadata

from myoperf.evaluate.checklists import Facts
from myoperf.protocols import External, splits_json
from myoperf.recipe import Recipe, Sklearn, Torch
from myoperf.views import Images

from .plan import Plan, wants_weights
from .shipped_start import is_shipped

_LONGEST = 240


def facts_of(plan: Plan, *, opened: int | None = None) -> Facts:
    """Everything that the plan of a run knows. opened : how often its test part was opened, this run included."""
    request = plan.request
    recipe = request.recipe
    trained = plan.trained[0]
    return Facts(
        system=f"{recipe.name}, {trained.system.kind}",
        paper=f"after {recipe.paper.cite} {recipe.paper.year}, {recipe.paper.title}",
        data=f"cohort table {request.cohort.path.name}, {len(request.cohort.rows)} studies",
        centres=_valued(plan, "center"),
        participants=f"studies where {request.where}" if request.where else "all studies of the table with an answer",
        left_out=f"{len(plan.refused)} studies or inputs, each with its reason in log.jsonl" if plan.refused else "",
        outcome="; ".join(f"{t.name}: {t.meaning or t.kind}" for t in recipe.targets),
        predictors="; ".join(f"{r.main}: {', '.join(_plain(view) for view in r.views)}" for r in plan.trained),
        preparation=_preparation(trained),
        network=_network(trained),
        initialisation=_start(plan),
        training=_training(trained),
        choosing=_choosing(trained),
        ensemble="a study of the test part has the mean score of the models of all folds" if plan.splits.test else "",
        partition=_plain(request.protocol),
        unit=_unit(request.protocol),
        splits=f"splits.json, SHA-256 {_checksum(splits_json(plan.splits))}, seed {plan.splits.seed}",
        software=", ".join([f"Python {platform.python_version()}", *map(_version, ("myoperf", "numpy", "torch"))]),
        availability="recipe, splits, weights and versions lie in the run folder; the software is open",
        imbalance=_imbalance(trained),
        external=_plain(request.protocol) if isinstance(request.protocol, External) else "",
        opened=opened,
    )


def _plain(value: object) -> str:
    """A value as words: its kind, then its settings."""
    if is_dataclass(value) and not isinstance(value, type):
        told = {f.name: getattr(value, f.name) for f in fields(value)}
        kind = str(told.pop("kind", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(value).__name__).lower()))
        settings = ", ".join(f"{name.replace('_', ' ')} {_plain(part)}" for name, part in told.items() if part != ())
        return _short(f"{kind} ({settings})" if settings else kind)
    if isinstance(value, tuple):
        return " and ".join(_plain(part) for part in value)
    return str(value)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _valued(plan: Plan, column: str) -> str:
    """Distinct values of a column of the cohort, and their number."""
    values = sorted({str(row.values[column]) for row in plan.request.cohort.rows if row.values.get(column)})
    return f"{len(values)}: {_short(', '.join(values))}" if values else ""


def _network(recipe: Recipe) -> str:
    system = recipe.system
    if isinstance(system, Torch):
        return _plain(system.network)
    return _plain(system.estimator if isinstance(system, Sklearn) else system)


def _training(recipe: Recipe) -> str:
    system = recipe.system
    return f"{_plain(system.loss)}; {_plain(system.training)}" if isinstance(system, Torch) else ""


def _choosing(recipe: Recipe) -> str:
    if not isinstance(recipe.system, Torch):
        return "nothing is chosen but the fit itself"
    return f"training stops on the validation part, patience {recipe.system.training.patience} epochs"


def _start(plan: Plan) -> str:
    if not isinstance(plan.trained[0].system, Torch):
        return ""
    if plan.request.pretrained is None or not any(map(wants_weights, plan.trained)):
        return f"random, seed {plan.request.seed}"
    if is_shipped(plan.request.pretrained):
        return "the shipped encoder, pre-trained on virtual patients"
    return "ImageNet weights"


def _imbalance(recipe: Recipe) -> str:
    system = recipe.system
    if isinstance(system, Torch):
        weights = getattr(system.loss, "class_weights", "none")
        return f"class weights {weights}; batches balanced over tracers: {'yes' if system.training.balanced else 'no'}"
    return f"balanced classes: {'yes' if system.balanced else 'no'}" if isinstance(system, Sklearn) else ""


def _preparation(recipe: Recipe) -> str:
    if isinstance(recipe.views[0], Images):
        return "pictures brought to one size and window by the same rules for every study"
    return "polar maps measured by the same rules for every study, percent of the map's own maximum"


def _unit(protocol: object) -> str:
    unit = getattr(protocol, "unit", "patient")
    return "patients" if unit == "patient" else f"{unit}s: patients stand on both sides"


def _checksum(text: str) -> str:
    return _first(re.findall(r'"sha256": "([0-9a-f]{64})"', text))[:16]


def _first(found: Iterable[str]) -> str:
    return next(iter(found), "")


def _version(name: str) -> str:
    try:
        return f"{name} {metadata.version(name)}"
    except metadata.PackageNotFoundError:
        return name
