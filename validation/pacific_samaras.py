"""The tracer-aware system on real men: is it stress that carries the answer, and do both states together add to it?

    python validation/pacific_samaras.py DIR [--quick | --size N] [--weights virtual] [--folds 5x5] [-o FOLDER]

DIR holds ``cohort.csv`` with ``label_abnormal``, all of Tc-99m: the head of Tl-201 stays untrained. In the set that
this was written for all women are normal, so men alone are judged; the AUC that sex alone reaches over all patients is
printed beside. Every man is scored by the models of the folds that did not see him, one a repeat; judged is the mean of
his scores, and the three inputs are compared on the same men (DeLong, paired). No test part is set apart: it would hold
nine men. Settings are the recipe's; ``--quick`` and ``--size`` (pixels of the disc, from scratch) make it smaller.
Beside it: TPD against limits from the normal patients of the other folds, and logistic regression on 17 segments.
"""

import argparse
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from time import monotonic

import numpy as np
import pandas as pd

from myoperf.core.predictions import Predictions
from myoperf.core.scorecard import Scorecard
from myoperf.core.terms import State
from myoperf.evaluate import evaluate
from myoperf.evaluate.comparison import judge_claims
from myoperf.io.cohort import read_cohort
from myoperf.recipe import LogisticRegression, Recipe, Rule, Sklearn, System, changed
from myoperf.recipes import load_recipe
from myoperf.train import train
from myoperf.views import Regions

NAME, MEN = "samaras2026_tracer_aware", "sex == 'M'"
TARGET = "abnormal"


def sized(recipe: Recipe, size: int | None) -> Recipe:
    """The recipe with another size of disc; all else as it stands."""
    return recipe if size is None else changed(recipe, {"views.0.size": size})


def plain_systems(recipe: Recipe) -> dict[str, Recipe]:
    """The rule of total perfusion deficit and logistic regression on segments, asked the same of Tc-99m."""
    systems: dict[str, System] = {"tpd": Rule(), "segments": Sklearn(estimator=LogisticRegression(strength=0.1))}
    return {
        name: Recipe(
            paper=recipe.paper,
            targets=tuple(target for target in recipe.targets if target.name == TARGET),
            views=(Regions(states=(State.STRESS,)),),
            system=system,
            protocol=recipe.protocol,
            main=name,
            name=f"plain_{name}",
        )
        for name, system in systems.items()
    }


def mean_scores(run: Path) -> pd.DataFrame:
    """One row a man and system: the mean of the scores by models that did not see him."""
    table = pd.read_csv(run / "predictions.csv", dtype={"patient_id": str})
    table = table[(table.split == "validation") & (table.target == TARGET)]
    return table.groupby(["variant", "patient_id"], as_index=False)[["truth", "score"]].mean()


def judged(rows: pd.DataFrame, recipe: Recipe) -> Scorecard:
    """Judge mean scores of men, and test what the paper concludes."""
    columns = {
        "patient_id": rows.patient_id.to_numpy(dtype=str),
        "variant": rows.variant.to_numpy(dtype=str),
        "target": np.full(len(rows), TARGET),
        "split": np.full(len(rows), "test"),
        "truth": rows.truth.to_numpy(dtype=float),
        "score": rows.score.to_numpy(dtype=float),
    }
    card = evaluate(Predictions(columns=columns), title="real men")
    return replace(card, comparisons=(*judge_claims(recipe.claims, card.comparisons), *card.comparisons))


def sex_alone(table: Path) -> str:
    """AUC over all patients of being a man."""
    rows = [row for row in read_cohort(table).rows if row.sex is not None]
    truth = [float(str(row.values["label_abnormal"])) for row in rows]
    columns = {
        "patient_id": np.array([row.patient_id for row in rows]),
        "target": np.full(len(rows), TARGET),
        "split": np.full(len(rows), "test"),
        "truth": np.array(truth),
        "score": np.array([float(str(row.sex) == "M") for row in rows]),
    }
    auc = evaluate(Predictions(columns=columns), bootstrap=0).targets[TARGET].metrics["auc"]
    return f"{auc.value:.2f} (n {auc.n})"


def told(card: Scorecard) -> None:
    """Print AUCs, paired differences of the three inputs, and the verdicts."""
    for name, score in card.targets.items():
        auc = score.metrics["auc"]
        if auc.value is not None and auc.low is not None and auc.high is not None:
            print(f"  AUC {name.split('/')[0]:<12}{auc.value:.3f} [{auc.low:.3f}, {auc.high:.3f}] (n {auc.n})")
    for row in card.comparisons:
        if row["metric"] in ("auc_difference", "claim"):
            values = [float(str(row[name])) for name in ("value", "low", "high") if row[name] is not None]
            figure = "{:+.3f} [{:+.3f}, {:+.3f}]".format(*values) if len(values) == 3 else "no interval"
            p = f", p {row['p']:.3g}" if isinstance(row["p"], float) else ""
            print(f"  {row['comparison']}: {figure}{p}: {row.get('verdict', row['method'])}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--quick", action="store_true", help="the recipe's small size")
    parser.add_argument("--size", type=int, help="pixels of the disc; the recipe's settings from scratch")
    parser.add_argument("--weights", help="first weights: a file, or virtual")
    parser.add_argument("--folds", default="5x5", help="folds x repeats")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("-o", "--out", type=Path, help="keep the runs here; equal words go on where they stopped")
    options = parser.parse_args()
    table = options.folder / "cohort.csv"
    if not table.exists():
        print(f"no real patients in {options.folder}: nothing is shown")
        return
    recipe, began = sized(load_recipe(NAME), options.size), monotonic()
    with tempfile.TemporaryDirectory() as made:
        out = options.out or Path(made)
        protocol = f"{options.folds}:0"
        run = train(recipe, table, out=out / "network", variant="inputs", where=MEN, protocol=protocol,
                    quick=options.quick, weights=options.weights, jobs=options.jobs)  # fmt: skip
        parts = [mean_scores(run)]
        for name, system in plain_systems(recipe).items():
            done = train(system, table, out=out / name, where=MEN, protocol=protocol, jobs=options.jobs)
            parts.append(mean_scores(done))
        card = judged(pd.concat(parts, ignore_index=True), recipe)
        warnings = json.loads((run / "scorecard.json").read_text(encoding="utf-8"))["warnings"]
    rows = parts[0][parts[0].variant == "stress"]
    print(f"{len(rows)} men, {int(rows.truth.sum())} abnormal, Tc-99m; {options.folds} folds x repeats, no test part")
    size = (
        "quick" if options.quick else "the recipe's own" if options.size is None else f"disc of {options.size} pixels"
    )
    print(f"  size: {size}; first weights: {options.weights or 'as the recipe has them, where they are at hand'}")
    for line in warnings:
        if "scratch" in line or "neither trained" in line:
            print(f"  {line}")
    told(card)
    print(f"  over all patients sex alone reaches AUC {sex_alone(table)}: no figure over both sexes is made here")
    print(f"  {monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
