"""The end of a run: what all fits say in one table, judged, with everything that a reader has to be told."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from myoperf.core.predictions import Predictions
from myoperf.core.scorecard import Scorecard, Threshold
from myoperf.evaluate import evaluate
from myoperf.evaluate.comparison import judge_claims
from myoperf.io.predictions import write_predictions
from myoperf.report import write_scorecard
from myoperf.report.training_curves import training_pictures

from .described import described
from .facts import facts_of
from .fits import Fits
from .fold_fit import read_result
from .ledger import Opened
from .nested import Choice, choose_variants, tally
from .picture_rows import asks_masks
from .plan import Plan
from .run_folder import append_log, write_json
from .run_predictions import Outcome, predictions_of
from .test_part import read_test
from .training_story import write_curves


def close(folder: Path, plan: Plan, fits: Fits, opened: Opened | None) -> None:
    """Predictions of all fits in one table, judged."""
    if asks_masks(plan.request.recipe):
        from .mask_closing import close_masks

        close_masks(folder, plan, fits, opened, (*plan.warnings, *_on_test(plan, opened), *_left_out(plan)))
        return
    results = [read_result(task) for task in fits.outer]
    for task, result in zip(fits.outer, results, strict=True):
        for note in result.notes:
            append_log(folder, "warning", model=task.name, text=note)
    tested: list[Mapping[str, tuple[float, ...]]] = read_test(fits.outer) if opened else [{} for _ in fits.outer]
    choices = choose_variants(plan, fits.inner, [read_result(task) for task in fits.inner])
    outcomes = [
        Outcome(task=task, result=result, tested=scores)
        for task, result, scores in zip(fits.outer, results, tested, strict=True)
    ]
    predictions = described(predictions_of(plan, outcomes, choices), plan.request.cohort.rows)
    write_predictions(folder / "predictions.csv", predictions)
    if choices:
        write_json(folder / "nested.json", {"choices": [asdict(choice) for choice in choices]})
    recipe = plan.request.recipe
    times = None if opened is None else opened.times
    card = _card(plan, predictions, times)
    first = (*plan.warnings, *_on_test(plan, opened), *_on_choices(choices))
    card = replace(card, warnings=(*first, *_left_out(plan), *card.warnings))
    training = training_pictures(write_curves(folder, fits.outer))
    write_scorecard(card, folder, recipe=asdict(recipe), note=first, training=training)
    for left in folder.rglob(".*.part"):
        left.unlink(missing_ok=True)
    append_log(folder, "judged", report="report.html", test_opened=times)


def _card(plan: Plan, predictions: Predictions, times: int | None) -> Scorecard:
    """What evaluation finds; a card without figures where a sealed test part leaves nothing to judge."""
    recipe = plan.request.recipe
    title = f"{recipe.name}{' (quick size)' if plan.request.quick else ''}"
    if not len(predictions):
        nothing = Threshold(value=None, chosen_on="none: nothing is judged yet")
        return Scorecard(title=title, n_patients=0, n_rows=0, split="sealed", threshold=nothing, targets={})
    card = evaluate(
        predictions,
        published=tuple(figure for figure in recipe.published if figure.variant in ("", *plan.request.variants)),
        title=title,
        facts=facts_of(plan, opened=times),
        seed=plan.request.seed,
    )
    return replace(card, comparisons=(*judge_claims(recipe.claims, card.comparisons), *card.comparisons))


def _on_test(plan: Plan, opened: Opened | None) -> tuple[str, ...]:
    """What has to be said of the test part."""
    if opened is not None:
        return (opened.told(),)
    if plan.splits.test:
        return (f"sealed: the test part ({len(plan.splits.test)} {plan.splits.unit}s) was not opened",)
    return ("no sealed test part under this protocol: every figure comes from parts that were held out in turn",)


def _on_choices(choices: Sequence[Choice]) -> tuple[str, ...]:
    return (tally(choices),) if choices else ()


def _left_out(plan: Plan) -> tuple[str, ...]:
    count = len(plan.refused)
    return (f"{count} studies or inputs are left out; log.jsonl says which and why",) if count else ()
