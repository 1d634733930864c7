"""Verbs that learn: recipes, train, predict."""

import json
from pathlib import Path
from typing import Annotated

import typer

from myoperf.core.errors import UsageError

from .console import answer, progress, refusals, say
from .verb import Call, Jobs, verb

Cohort = Annotated[Path, typer.Option("--cohort", metavar="C", help="A cohort table.")]
Where = Annotated[str | None, typer.Option("--where", metavar="EXPRESSION", help="Which rows: \"sex == 'M'\".")]

Protocol = Annotated[
    str | None,
    typer.Option(
        "--protocol",
        metavar="P",
        help="Another protocol: 5x2:0.15 (folds x repeats: test), 5fold, holdout:0.2, random5:0.2, nested5x5,"
        " logo:center, external:center=B,C, given; with ,unit=image behind it images are dealt, not patients.",
    ),
]

Variants = Annotated[
    list[str] | None,
    typer.Option("--variant", metavar="V", help="A variant or a group, again for several; the usual ones if none."),
]

Weights = Annotated[
    str | None,
    typer.Option(
        "--weights",
        metavar="W",
        help="What encoders start from: virtual (shipped), imagenet (torch hub's cache), none, or a file.",
    ),
]


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

    from myoperf.recipes import list_recipes, load_recipe

    from .recipe_text import listed, summary, told

    if name is not None:
        recipe = load_recipe(name)
        answer(call, asdict(recipe), told(recipe))
        return
    from myoperf.train.shipped import shipped_packages

    found = list_recipes()
    lines = [f"{one.asked_by}\n  {one.summary}" for one in shipped_packages()]
    answer(call, [summary(recipe) for recipe in found], "\n\n".join([*map(listed, found), *lines]))


def train(
    call: Call,
    *,
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help="Name of a recipe.")],
    cohort: Cohort,
    protocol: Protocol = None,
    variant: Variants = None,
    where: Where = None,
    weights: Weights = None,
    quick: Annotated[bool, typer.Option("--quick", help="The small size, for demonstrations.")] = False,
    exact: Annotated[bool, typer.Option("--exact", help="Single precision throughout.")] = False,
    sealed: Annotated[bool, typer.Option("--sealed", help="Leave the test part closed.")] = False,
    jobs: Jobs = None,
) -> int:
    """Train a system on a cohort under its protocol into -o RUN, judge it, and write the report.

    Run again with the same options it goes on where it stopped; without --sealed it then opens the test part.
    """
    if call.out is None:
        raise UsageError("train: give -o RUN for the run folder")
    from myoperf.train import train as run

    _say_loudly(call, recipe, protocol)
    with progress(call) as tell:
        folder = run(
            recipe,
            cohort,
            out=call.out,
            protocol=protocol,
            variant=variant or None,
            where=where,
            weights=weights,
            seed=call.seed,
            quick=quick,
            exact=exact,
            sealed=sealed,
            jobs=jobs,
            progress=tell,
        )
    return _trained(call, folder)


def _say_loudly(call: Call, recipe: str, protocol: str | None) -> None:
    """Say before anything else that a patient will stand on both sides."""
    from myoperf.protocols import parse_protocol, unit_of
    from myoperf.recipes import load_recipe

    asked = load_recipe(recipe).protocol if protocol is None else parse_protocol(protocol)
    if unit_of(asked) == "image":
        say(call, "warning: SPLIT BY IMAGE: patients will stand on both sides, the figures are not those of new ones")


def _trained(call: Call, folder: Path) -> int:
    """Tell what came of a run."""
    from myoperf.report.comparison_rows import claims_text

    report, card = folder / "report.html", json.loads((folder / "scorecard.json").read_text(encoding="utf-8"))
    for line in card["warnings"]:
        say(call, f"warning: {line}")
    code = refusals(call, _left_out(folder))
    text = "\n".join([*claims_text(card.get("comparisons", ())), str(report)])
    answer(call, {"run": folder, "report": report, "scorecard": card}, text, written=True)
    return code


def _left_out(run: Path) -> tuple[str, ...]:
    """Reasons of the studies that a run has left out, from its log."""
    events = [json.loads(line) for line in (run / "log.jsonl").read_text(encoding="utf-8").splitlines() if line]
    return tuple(str(event["reason"]) for event in events if event.get("event") == "refused")


def predict(
    call: Call,
    *,
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder, or virtual:NAME for shipped weights.")],
    cohort: Cohort,
    where: Where = None,
    jobs: Jobs = None,
) -> int:
    """Apply a trained run to another cohort: predictions.csv in -o OUT. Nothing is fitted or chosen on it."""
    if call.out is None:
        raise UsageError("predict: give -o OUT for the predictions")
    from myoperf.train import predict as apply

    with progress(call) as tell:
        path = apply(run, cohort, out=call.out, where=where, jobs=jobs, progress=tell)
    opened = json.loads(path.with_name("test_opened.json").read_text(encoding="utf-8"))
    for line in (*opened["warnings"], opened["text"]):
        say(call, f"warning: {line}")
    code = refusals(call, tuple(path.with_name("refused.txt").read_text(encoding="utf-8").splitlines()))
    answer(call, {"predictions": path, "test_opened": opened["times"]}, str(path), written=True)
    return code
