"""The verb that judges: evaluate."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from myoperf.core.errors import RefusedError, UsageError

from .console import answer, refusals, say
from .later import Counts
from .verb import Call, verb

if TYPE_CHECKING:
    from myoperf.core.scorecard import Scorecard
    from myoperf.evaluate.published import Printed

FOLDER = "scorecard"
Two = tuple[Path, Path]

Table = Annotated[Path | None, typer.Argument(metavar="PREDICTIONS.csv", help="Anybody's predictions.")]
CountsOption = Annotated[
    Counts | None, typer.Option("--counts", metavar="TP FP FN TN", help="Judge a two-by-two table instead.")
]
Masks = Annotated[
    Two | None, typer.Option("--masks", metavar="TRUTH PRED", help="Judge masks: two files, or two folders.")
]
Images = Annotated[
    Two | None, typer.Option("--images", metavar="TRUTH PRED", help="Judge images against their references.")
]
Title = Annotated[str, typer.Option("--title", metavar="TEXT", help="Title of the report.")]
Cut = Annotated[float | None, typer.Option("--threshold", metavar="X", help="Positive from this score on.")]
Against = Annotated[
    str | None, typer.Option("--against", metavar="NAME", help="System, column or masks to compare with.")
]
Margin = Annotated[
    float | None, typer.Option("--margin", metavar="X", help="Difference in AUC or Dice too small to matter (TOST).")
]
Experts = Annotated[
    Two | None, typer.Option("--experts", metavar="A B", help="Masks of two experts: how they differ is the margin.")
]
Npv = Annotated[float | None, typer.Option("--npv", metavar="X", help="NPV that a stress-first rule must reach.")]
Prevalence = Annotated[
    float | None, typer.Option("--prevalence", metavar="X", help="Share of ill patients where it will be used.")
]
RestDose = Annotated[float | None, typer.Option("--rest-dose", metavar="MSV", help="Effective dose of a rest scan.")]
Beside = Annotated[
    str | None, typer.Option("--published", metavar="RECIPE", help="Set a paper's printed figures beside.")
]
Spacing = Annotated[
    str | None, typer.Option("--spacing", metavar="MM", help="Of masks, along each axis: 6.6 or 8,6.6,6.6.")
]
Patients = Annotated[
    Path | None, typer.Option("--patients", metavar="FILE", help="CSV of file and patient_id, for masks, images.")
]
"""Options of the verb, in the order of its help."""


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    verb(app, "evaluate", short_help="Judge predictions from anybody's software.")(evaluate)


def evaluate(
    call: Call,
    *,
    predictions: Table = None,
    counts: CountsOption = None,
    masks: Masks = None,
    images: Images = None,
    title: Title = "",
    threshold: Cut = None,
    against: Against = None,
    margin: Margin = None,
    experts: Experts = None,
    npv: Npv = None,
    prevalence: Prevalence = None,
    rest_dose: RestDose = None,
    published: Beside = None,
    spacing: Spacing = None,
    patients: Patients = None,
) -> int:
    """Judge predictions: figures with 95 % intervals from whole patients, and a page to read.

    The files go to scorecard/ (or -o OUT). With --counts the figures of a two-by-two table are printed, and written
    only with -o OUT.
    """
    if [predictions, counts, masks, images].count(None) != 3:
        raise UsageError("evaluate: give PREDICTIONS.csv, or --counts TP FP FN TN, or --masks or --images TRUTH PRED")
    compared = {"against": against, "margin": margin}
    use = {**compared, "npv": npv, "prevalence": prevalence, "rest_dose": rest_dose}
    of_tables = {"threshold": threshold, "published": published, **use}
    of_masks = () if masks is None else compared
    told = {name: value for name, value in of_tables.items() if name not in of_masks}
    _only("a table of predictions", told, there=predictions is not None)
    _only("--masks", {"spacing": spacing, "experts": experts}, there=masks is not None)
    _only("--masks or --images", {"patients": patients}, there=masks is not None or images is not None)
    if counts is not None:
        return _judge_counts(call, counts, title)
    if masks is not None:
        if against is None:
            _only("--against", {"margin": margin, "experts": experts}, there=False)
            return _judge_masks(call, masks, title, spacing, patients)
        asked = {"margin": margin, "experts": experts, "spacing": _spacing(spacing), "patients": patients}
        return _compare_masks(call, masks, Path(against), title, asked)
    if images is not None:
        return _judge_images(call, images, title, patients)
    return _judge_table(call, Path(str(predictions)), title=title, threshold=threshold, published=published, use=use)


def _only(what: str, options: Mapping[str, object], *, there: bool) -> None:
    """UsageError for an option that would be passed over, as what it speaks of is not judged."""
    given = [f"--{name.replace('_', '-')}" for name, value in options.items() if value is not None]
    if given and not there:
        raise UsageError(f"evaluate: {', '.join(given)} goes with {what} only; leave it out")


def _judge_table(
    call: Call, table: Path, *, title: str, threshold: float | None, published: str | None, use: Mapping[str, Any]
) -> int:
    from myoperf.evaluate import evaluate as judge
    from myoperf.evaluate.use import Use

    card = judge(
        table,
        title=title or table.stem,
        threshold=threshold,
        use=Use(**use),
        published=_printed(published),
        seed=call.seed,
    )
    return _give(call, _with_claims(card, published), call.out or Path(FOLDER))


def _with_claims(card: "Scorecard", recipe: str | None) -> "Scorecard":
    """The scorecard with what the paper of a recipe concludes, tested on it."""
    if recipe is None:
        return card
    from dataclasses import replace

    from myoperf.evaluate.comparison import judge_claims
    from myoperf.recipes import load_recipe

    claims = judge_claims(load_recipe(recipe).claims, card.comparisons)
    return replace(card, comparisons=(*claims, *card.comparisons))


def _judge_counts(call: Call, counts: Counts, title: str) -> int:
    from myoperf.evaluate import evaluate_counts

    return _give(call, evaluate_counts(*counts, title=title or "From counts"), call.out)


def _judge_masks(call: Call, masks: Two, title: str, spacing: str | None, patients: Path | None) -> int:
    from myoperf.evaluate.overlap import judge_masks

    found = judge_masks(*masks, spacing=_spacing(spacing), patients=patients, title=title or "Masks", seed=call.seed)
    return _give(call, found.card, call.out or Path(FOLDER), found.refused)


def _compare_masks(call: Call, masks: Two, other: Path, title: str, asked: Mapping[str, Any]) -> int:
    from myoperf.evaluate.overlap import compare_masks

    truth, predicted = masks
    names = [predicted.stem, other.stem]
    if names[0] == names[1]:
        names = [str(predicted), str(other)]
    systems = dict(zip(names, (predicted, other), strict=True))
    found = compare_masks(truth, systems, title=title, seed=call.seed, **asked)
    return _give(call, found.card, call.out or Path(FOLDER), found.refused)


def _judge_images(call: Call, images: Two, title: str, patients: Path | None) -> int:
    from myoperf.evaluate.images import judge_images

    found = judge_images(*images, patients=patients, title=title or "Images", seed=call.seed)
    return _give(call, found.card, call.out or Path(FOLDER), found.refused)


def _printed(recipe: str | None) -> "tuple[Printed, ...]":
    """Figures that the paper of a recipe prints."""
    if recipe is None:
        return ()
    from myoperf.recipes import load_recipe

    return load_recipe(recipe).published


def _spacing(text: str | None) -> tuple[float, ...] | None:
    """Millimetres along each axis; one number stands for a row and a column."""
    if text is None:
        return None
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if not 1 <= len(numbers) <= 3:
        raise UsageError(f"evaluate --spacing: one to three numbers with commas between, as 8,6.6,6.6; got {text!r}")
    return numbers * 2 if len(numbers) == 1 else numbers


def _give(call: Call, card: "Scorecard", folder: Path | None, refused: tuple[str, ...] = ()) -> int:
    import json

    from myoperf.report import write_scorecard
    from myoperf.report.scorecard_json import scorecard_json
    from myoperf.report.scorecard_text import scorecard_text

    for line in card.warnings:
        if not line.startswith("refused: "):  # told below, and when quiet too
            say(call, f"warning: {line}")
    lines = [scorecard_text(card)]
    if folder is not None:
        lines.append(str(write_scorecard(card, folder)))
    code = refusals(call, refused)
    machine = None if call.json is None else json.loads(scorecard_json(card))
    answer(call, machine, "\n".join(lines), written=True)
    _require_a_figure(card)
    return code


def _require_a_figure(card: "Scorecard") -> None:
    """RefusedError where not one figure could be made of what was given; the scorecard is there and says why."""
    metrics = [metric for score in card.targets.values() for metric in score.metrics.values()]
    compared = any(row.get("value") is not None for row in card.comparisons)
    if not compared and all(metric.value is None for metric in metrics):
        came = metrics[0].method if metrics else "no target"
        raise RefusedError(card.title, rule="at least one figure can be made", came=came, do="see the warnings")
