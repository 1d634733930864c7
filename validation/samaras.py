"""The tracer-aware system on a virtual cohort of its paper's size and mix: 274 Tc-99m and 366 Tl-201 studies.

    python validation/samaras.py [--cohort TABLE] [--quick] [--protocol P] [--variant V ...] [--jobs N] [-o FOLDER]

Trains the three inputs, the five answers to "what does being told the tracer add" and the grey input in one run, and
prints the published figures beside ours, every group of variants by pairs (difference in AUC by tracer with interval,
p, Holm), tracer x input, the paper's conclusions, and the times. Without ``--cohort`` the virtual patients are made
(``myoperf phantom --preset samaras``). At the paper's size (224 pixels) it takes days on two cores; ``--quick`` is the
recipe's small size. Figures of virtual patients say how the system works, not how it does in real ones.
"""

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from myoperf.cli import main as myoperf
from myoperf.evaluate.comparison.multiplicity import holm_of_known
from myoperf.recipe import named_variants
from myoperf.recipes import load_recipe
from myoperf.train import train

NAME = "samaras2026_tracer_aware"
WANTED = tuple(
    name + over for name in ("auc_difference", "auc_difference_between_targets") for over in ("", "_over_folds")
)
Row = Mapping[str, Any]


def figure(row: Row, sign: str = "") -> str:
    """Value and 95 % interval."""
    if row["value"] is None:
        return "-"
    low, high = row.get("low"), row.get("high")
    return f"{row['value']:{sign}.3f}" + (
        "" if low is None or high is None else f" [{low:{sign}.3f}, {high:{sign}.3f}]"
    )


def published(card: Row) -> None:
    """Printed figures beside ours."""
    print("published against ours")
    for row in card["published"]:
        ours = {"value": row["ours"], "low": row["low"], "high": row["high"]}
        spread = f" +- {row['published_sd']}" if row["published_sd"] is not None else ""
        spread += f" [{row['published_low']}-{row['published_high']}]" if row["published_low"] is not None else ""
        print(
            f"  {row['target'] or '-':<60}{row['metric']:<19}{row['split']:<11}{row['published']}{spread:<14} "
            f"ours {figure(ours)}: {row['verdict']}"
        )


def aucs(card: Row) -> None:
    """AUC of every variant and tracer on the test part and over the folds."""
    print("AUC by variant and target: test part; mean +- sd over folds")
    for name, score in card["targets"].items():
        folds = score["folds"].get("auc")
        over = f"{folds['mean']:.3f} +- {folds['sd']:.3f}" if folds and folds["mean"] is not None else "-"
        print(f"  {name:<66}{figure(score['metrics']['auc']):<24} n {score['metrics']['auc']['n']}; {over}")


def group(card: Row, title: str, members: Sequence[str]) -> None:
    """Paired differences between the members of a group, by target, and over targets; Holm within the table's own
    rows of one target and figure, as nobody asks across groups."""
    print(f"{title}: {', '.join(members)}")
    families: dict[tuple[str, str], list[tuple[str, Row]]] = {}
    for row in card["comparisons"]:
        names = [str(row.get(place, "")).rpartition("/")[2] for place in ("first", "second")]
        if set(names) <= set(members) and row["metric"] in WANTED:
            families.setdefault((row["target"], row["metric"]), []).append((" - ".join(names), row))
    for (target, metric), rows in families.items():
        print(f"  {target}, {metric.replace('_', ' ')}")
        for (pair, row), holm in zip(rows, holm_of_known([row["p"] for _, row in rows]), strict=True):
            p = "-" if row["p"] is None or holm is None else f"p {row['p']:.3g}, Holm {holm:.3g}"
            print(f"    {pair:<34}{figure(row, '+'):<26} {p}")


def conclusions(card: Row) -> None:
    """Verdicts on the paper's conclusions."""
    print("conclusions of the paper, tested")
    for row in card["comparisons"]:
        if row["metric"] == "claim":
            print(f"  {row['target']}: {row['comparison']}: {figure(row, '+')}: {row['verdict']} ({row['method']})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cohort", type=Path, help="a table that was made before")
    parser.add_argument("--quick", action="store_true", help="the recipe's small size")
    parser.add_argument("--protocol", default=None, help="the recipe's own if none, such as 5x1:0.15")
    parser.add_argument("--variant", action="append", help="variants or groups; inputs, tracers and colours if none")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("-o", "--out", type=Path, help="keep cohort and run here; equal words go on where they stopped")
    options = parser.parse_args()
    recipe = load_recipe(NAME)
    names = named_variants(recipe, options.variant or list(recipe.groups))
    with tempfile.TemporaryDirectory() as made:
        out, began = options.out or Path(made), monotonic()
        table = options.cohort or out / "cohort" / "cohort.csv"
        if not table.exists():
            myoperf(["phantom", "--preset", "samaras", "-o", str(table.parent), "--seed", "2026", "--quiet"])
        ready = monotonic()
        run = train(NAME, table, out=out / "run", variant=names, quick=options.quick, protocol=options.protocol,
                    seed=options.seed, jobs=options.jobs)  # fmt: skip
        card = json.loads((run / "scorecard.json").read_text(encoding="utf-8"))
    for line in card["warnings"]:
        print(f"! {line}")
    published(card)
    aucs(card)
    for title, members in recipe.groups.items():
        group(card, title, members)
    conclusions(card)
    print(f"cohort {ready - began:.0f} s, training and judging {monotonic() - ready:.0f} s, {len(names)} variants")


if __name__ == "__main__":
    main()
