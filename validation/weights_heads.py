"""The systems of the papers on the shipped encoder, each trained on a virtual cohort of its paper's mix.

A system is the paper's recipe with the encoder kept as it is and pictures of a size that trains in minutes; what is
changed stands in the package's ``recipe.json``. Patients of the test part are learnt from by nothing.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from myoperf.core.progress import Progress, silent
from myoperf.phantom.clinic import make_cohort
from myoperf.phantom.preset import Output
from myoperf.protocols import Holdout
from myoperf.recipe import Changes, ResNet18, Stage, changed
from myoperf.recipes import load_recipe
from myoperf.train import train
from myoperf.train.package import Card, write_package

TEST, VALIDATION = 0.25, 0.15
FROZEN: Changes = {
    "system.network.encoder": ResNet18(weights="virtual", frozen=True),
    "views.0.size": 128,
}
FIGURES = {
    "auc": "AUC",
    "auc_macro": "AUC, mean of classes",
    "balanced_accuracy": "balanced accuracy",
    "dice": "Dice",
    "iou": "IoU",
}


@dataclass(frozen=True, kw_only=True)
class Head:
    """One system to be shipped. patients : of the preset's cohort, test part included. offset : added to the seed.
    outputs : what the cohort has. changes : of the recipe. variants : that are trained. tells : one line for users."""

    recipe: str
    preset: str
    patients: int
    offset: int
    changes: Changes
    variants: tuple[str, ...]
    tells: str
    outputs: tuple[Output, ...] = (Output.SHORT_AXIS,)


HEADS = (
    Head(
        recipe="samaras2026_tracer_aware",
        preset="samaras",
        patients=320,
        offset=1,
        changes={**FROZEN, "system.training.lr": 1e-3, "system.training.epochs": 60},
        variants=("stress", "rest", "dual"),
        tells="abnormal (Tc-99m), intermediate or high risk (Tl-201) from stress, rest or both polar maps",
    ),
    Head(
        recipe="abulaila2025_triad",
        preset="abulaila",
        patients=261,
        offset=2,
        changes={
            **FROZEN,
            "system.loss.class_weights": "per target",
            "system.training.stages": (Stage(epochs=60, lr=1e-3, learns="heads"),),
        },
        variants=("dual",),
        tells="infarction, ischaemia or normal from rest and stress polar maps",
    ),
)


def make_head(
    head: Head, encoder: Path, work: Path, out: Path, *, seed: int, command: str, jobs: int, progress: Progress = silent
) -> Path:
    """Make the cohort, train, judge on the test part, pack. What lies in ``work`` already is not made again."""
    of_head = seed + head.offset
    cohort = work / f"cohort-{head.preset}-{of_head}-{head.patients}"
    table = cohort / "cohort.csv"
    if not table.exists():
        make_cohort(
            cohort, patients=head.patients, preset=head.preset, outputs=head.outputs, seed=of_head, jobs=jobs,
            progress=progress,
        )  # fmt: skip
    found = load_recipe(head.recipe)
    names = tuple(name if name != "main" else found.main for name in head.variants)
    kept = {name: changes for name, changes in found.variants.items() if name in names}
    bare = replace(found, variants=kept, usual=names, groups={}, claims=(), assumed={}, scratch={}, quick={})
    recipe = replace(changed(bare, head.changes), protocol=Holdout(test_fraction=TEST, validation_fraction=VALIDATION))
    run = work / f"run-{head.recipe}-{head.patients}"
    train(recipe, table, out=run, weights=encoder, seed=of_head, jobs=jobs, progress=progress)
    return write_package(run, out / head.recipe, _card(head, run, of_head, command), encoder=encoder)


def _card(head: Head, run: Path, seed: int, command: str) -> Card:
    splits = json.loads((run / "splits.json").read_text(encoding="utf-8"))
    learnt = {who for fold in splits["folds"] for part in ("train", "validation") for who in fold[part]}
    settings = ", ".join(f"{name} {_plain(value)}" for name, value in head.changes.items())
    return Card(
        title=f"{head.recipe} on the shipped encoder",
        summary=f"{head.tells}; trained on {len(learnt)} virtual patients, never on real ones",
        command=command,
        patients=len(learnt),
        seed=seed,
        data=f"Virtual patients as the preset `{head.preset}` draws them, fast physics. Recipe `{head.recipe}` with "
        f"{settings}; hold-out {TEST:g} for the test, {VALIDATION:g} of the others to stop on.",
        figures=_figures(run),
        judged_on=f"{len(splits['test'])} virtual patients of the same kind that were held out, judged once",
        limits=("The settings above are ours where they differ from the paper's; sizes are small.",),
    )


def _plain(value: object) -> str:
    if isinstance(value, ResNet18):
        return "ResNet-18, virtual" + (", frozen" if value.frozen else "")
    if isinstance(value, tuple):
        return " and ".join(map(_plain, value))
    return f"{value.epochs} epochs of {value.learns} at {value.lr:g}" if isinstance(value, Stage) else str(value)


def _figures(run: Path) -> tuple[tuple[str, str], ...]:
    """Figures of the test part with their intervals, as the run's scorecard has them."""
    card = json.loads((run / "scorecard.json").read_text(encoding="utf-8"))
    found = []
    for target, told in card["targets"].items():
        for name, words in FIGURES.items():
            metric = told["metrics"].get(name)
            if metric is None or metric["value"] is None:
                continue
            spread = "" if metric["low"] is None else f" [{metric['low']:.3f}, {metric['high']:.3f}]"
            asked = f"{target.partition('/')[2]}: ".removeprefix(": ")
            found.append((f"{asked}{words}", f"{metric['value']:.3f}{spread}, n = {metric['n']}"))
    return tuple(found)
