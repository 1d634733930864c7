"""The verb that judges: evaluate."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from myoperf.core.errors import UsageError

from .console import answer, say
from .later import Counts, not_built
from .verb import Call, verb

if TYPE_CHECKING:
    from myoperf.core.scorecard import Scorecard

FOLDER = "scorecard"


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    verb(app, "evaluate", short_help="Judge predictions from anybody's software.")(evaluate)


def evaluate(
    call: Call,
    *,
    predictions: Annotated[
        Path | None, typer.Argument(metavar="PREDICTIONS.csv", help="Anybody's predictions.")
    ] = None,
    counts: Annotated[
        Counts | None, typer.Option("--counts", metavar="TP FP FN TN", help="Judge a two-by-two table instead.")
    ] = None,
    masks: Annotated[
        tuple[Path, Path] | None, typer.Option("--masks", metavar="TRUTH PRED", help="Judge masks (not built yet).")
    ] = None,
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="Title of the report.")] = "",
    threshold: Annotated[
        float | None, typer.Option("--threshold", metavar="X", help="Positive from this score on.")
    ] = None,
) -> None:
    """Judge predictions: figures with 95 % intervals from whole patients, and a page to read.

    The files go to scorecard/ (or -o OUT). With --counts the figures of a two-by-two table are printed, and written
    only with -o OUT.
    """
    if [predictions, counts, masks].count(None) != 2:
        raise UsageError("evaluate: give PREDICTIONS.csv, or --counts TP FP FN TN, or --masks TRUTH PRED")
    if masks is not None:
        raise not_built("evaluate --masks")
    if counts is not None:
        _judge_counts(call, counts, title)
    elif predictions is not None:
        _judge_predictions(call, predictions, title, threshold)


def _judge_counts(call: Call, counts: Counts, title: str) -> None:
    from myoperf.evaluate import evaluate_counts

    card = evaluate_counts(*counts, title=title or "From counts")
    _give(call, card, call.out)


def _judge_predictions(call: Call, predictions: Path, title: str, threshold: float | None) -> None:
    from myoperf.evaluate import evaluate as judge

    card = judge(predictions, title=title or predictions.stem, threshold=threshold, seed=call.seed)
    _give(call, card, call.out or Path(FOLDER))


def _give(call: Call, card: "Scorecard", folder: Path | None) -> None:
    import json

    from myoperf.report import write_scorecard
    from myoperf.report.scorecard_json import scorecard_json
    from myoperf.report.scorecard_text import scorecard_text

    for line in card.warnings:
        say(call, f"warning: {line}")
    lines = [scorecard_text(card)]
    if folder is not None:
        lines.append(str(write_scorecard(card, folder)))
    answer(call, json.loads(scorecard_json(card)), "\n".join(lines), written=True)
