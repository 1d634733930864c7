"""Verbs that learn: recipes, train, predict."""

from pathlib import Path
from typing import Annotated

import typer

from myoperf.core.errors import UsageError

from .console import answer, progress
from .verb import Call, Jobs, verb

Cohort = Annotated[Path, typer.Option("--cohort", metavar="C", help="A cohort table.")]


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    verb(app, "recipes", short_help="The published systems, what is assumed, what was printed.")(recipes)
    verb(app, "train", short_help="Train a system under a protocol; run again to resume.")(train)
    verb(app, "predict", short_help="Apply a trained run to another cohort.")(predict)


def recipes(call: Call, name: Annotated[str | None, typer.Argument(metavar="NAME", help="One of them.")] = None) -> None:
    """List the systems, or tell one: its inputs, what is assumed, what was printed."""
    from dataclasses import asdict

    from myoperf.recipes import load_recipe, recipe_names

    from .recipe_text import listed, summary, told

    if name is not None:
        recipe = load_recipe(name)
        answer(call, asdict(recipe), told(recipe))
        return
    found = [load_recipe(one) for one in recipe_names()]
    answer(call, [summary(recipe) for recipe in found], "\n\n".join(map(listed, found)))
