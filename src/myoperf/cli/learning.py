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


def recipes(
    call: Call, name: Annotated[str | None, typer.Argument(metavar="NAME", help="One of them.")] = None
) -> None:
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


def train(
    call: Call,
    *,
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help="Name of a recipe.")],
    cohort: Cohort,
    protocol: Annotated[str | None, typer.Option("--protocol", metavar="P", help="Another protocol.")] = None,
    variant: Annotated[
        str | None, typer.Option("--variant", metavar="V", help="A variant; all inputs if not given.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="The small size, for demonstrations.")] = False,
) -> None:
    """Train a system on a cohort under its protocol into -o RUN, judge it, and write the report.

    Run again with the same options it goes on where it stopped.
    """
    if call.out is None:
        raise UsageError("train: give -o RUN for the run folder")
    from myoperf.train import train as run

    with progress(call) as tell:
        folder = run(
            recipe, cohort, protocol=protocol, variant=variant, out=call.out, seed=call.seed, quick=quick, progress=tell
        )
    answer(call, {"run": str(folder), "report": str(folder / "report.html")}, str(folder / "report.html"), written=True)


def predict(
    call: Call,
    *,
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    cohort: Cohort,
    jobs: Jobs = None,
) -> None:
    """Apply a trained run to another cohort: predictions.csv in -o OUT. Nothing is fitted or chosen on it."""
    if call.out is None:
        raise UsageError("predict: give -o OUT for the predictions")
    from myoperf.train import predict as apply

    with progress(call) as tell:
        path = apply(run, cohort, out=call.out, progress=tell)
    answer(call, {"predictions": str(path)}, str(path), written=True)
