"""The verb ``train``: a recipe and a cohort to a run folder."""

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from myoperf.core.errors import RefusedError
from myoperf.core.progress import Progress, silent
from myoperf.io.cohort_table import Cohort
from myoperf.io.files import write_text
from myoperf.protocols import Protocol, parse_protocol, read_splits, splits_json
from myoperf.recipe import Recipe, as_trained, named_variants, recipe_json
from myoperf.recipe import variant as variant_of
from myoperf.recipes import load_recipe

from .fits import fit_all, fits_of, score_all
from .nested import VARIANT
from .plan import Plan, Request, cohort_from, identity, make_plan
from .run_folder import append_log, claim_identity, claimed, write_json
from .shipped_start import first_weights
from .studies import Maps
from .test_part import open_test_part, require_sealed

CHECKPOINT_SECONDS = 20.0


def train(
    recipe: Recipe | str,
    cohort: Cohort | Path | str,
    *,
    out: Path | str,
    protocol: Protocol | str | None = None,
    variant: str | Sequence[str] | None = None,
    where: str | None = None,
    weights: Path | str | None = None,
    maps: Maps | None = None,
    seed: int = 0,
    quick: bool = False,
    exact: bool = False,
    sealed: bool = False,
    jobs: int | None = None,
    progress: Progress = silent,
) -> Path:
    """Train a system on a cohort under a protocol, judge it, and write the report into the run folder ``out``.

    Run again with the same words it goes on where it stopped, and ends with the same predictions. On one machine equal
    words give equal numbers, whatever ``jobs`` is.

    protocol : another than the recipe's, also as text (``5x2:0.15``, see ``parse_protocol``). variant : one or
    several, or the name of a group of them; None: the recipe's usual ones. where : a condition on the cohort's columns.
    weights : what encoders start from: "virtual" (the encoder that is shipped), "imagenet" (a file in torch hub's cache
    folder), "none" (from scratch), or a file; None: what the recipe asks for, and where that is ImageNet and no file of
    it is found, the shipped encoder, with a warning.
    maps : polar maps by study and state; None: they are measured. quick : the small size, for demonstrations.
    exact : single precision throughout. sealed : fit and cross-validate only; the test part is neither scored nor
    judged. The same words without it open the test part; every opening is counted beside the cohort.
    Raises RefusedError where the recipe cannot be trained, the cohort cannot train it, a patient would stand on two
    sides, or ``out`` holds another run.
    """
    found = load_recipe(recipe) if isinstance(recipe, str) else recipe
    names = () if variant is None else (variant,) if isinstance(variant, str) else tuple(variant)
    chosen = named_variants(found, names)
    sizes = [as_trained(variant_of(found, name), scratch=False, quick=quick) for name in chosen]
    request = Request(
        recipe=found,
        cohort=cohort if isinstance(cohort, Cohort) else cohort_from(cohort),
        variants=chosen,
        protocol=parse_protocol(protocol) if isinstance(protocol, str) else protocol or found.protocol,
        where=where,
        pretrained=first_weights(weights, sizes),
        seed=seed,
        quick=quick,
        exact=exact,
    )
    if VARIANT in request.variants:
        raise RefusedError("variant", rule=f"{VARIANT!r} is the name of what is chosen", came=VARIANT, do="rename it")
    plan = make_plan(request, maps, jobs, progress)
    _run(plan, Path(out), sealed=sealed, jobs=jobs, progress=progress)
    return Path(out)


def _run(plan: Plan, folder: Path, *, sealed: bool, jobs: int | None, progress: Progress) -> None:
    """Fit what is not fitted yet, open the test part, judge."""
    with claimed(folder):
        _begin(folder, plan, sealed=sealed)
        fits = fits_of(folder, plan, seconds=CHECKPOINT_SECONDS, jobs=jobs, progress=progress)
        fit_all(folder, fits, jobs=jobs, progress=progress)
        opened = None
        if plan.splits.test and not sealed:
            opened = open_test_part(folder, plan)
            score_all(folder, plan, fits, jobs=jobs, progress=progress)
        from .closing import close

        close(folder, plan, fits, opened)


def _begin(folder: Path, plan: Plan, *, sealed: bool) -> None:
    """Claim the folder for this run and write down what it is."""
    if sealed:
        require_sealed(folder)
    resumed = claim_identity(folder, identity(plan))
    append_log(folder, "resumed" if resumed else "started", variants=plan.request.variants, process=os.getpid())
    if not resumed:
        for line in plan.refused:
            append_log(folder, "refused", reason=line)
        for line in plan.warnings:
            append_log(folder, "warning", text=line)
    write_text(folder / "recipe.json", recipe_json(plan.request.recipe))
    write_json(folder / "protocol.json", asdict(plan.request.protocol))
    splits = folder / "splits.json"
    if not splits.exists():
        write_text(splits, splits_json(plan.splits))
    elif read_splits(splits) != plan.splits:
        raise RefusedError(splits, rule="splits stay as they were made", came="others", do="start a new run folder")
    for trained in plan.trained:
        write_text(folder / "models" / f"{trained.main}.json", recipe_json(trained))
