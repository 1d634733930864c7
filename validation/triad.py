"""Infarction, ischaemia or normal: the triad recipe on a virtual cohort of its paper's mix, honest and as published.

    python validation/triad.py [--patients 87] [--cohort FOLDER] [--out FOLDER] [--protocol 2x3:0,validation=0]
        [--jobs 1] [--seed 0] [--full]

The cohort (65 normal, 18 ischaemia, 4 infarction) is made where FOLDER holds none. Quick size, unless --full. Two runs:
the honest one, by folds that hold two of every class, with pooled tables, both inputs against each alone and two stages
against one, at the published rates and at rates that a new head learns with; and the paper's single split, 70/15/15.
Every figure has its 95 % interval; differences are of the same patients. Nothing fails here: the figures are what they
are.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from myoperf.phantom.clinic import make_cohort
from myoperf.phantom.preset import Output
from myoperf.train import train

RECIPE, TARGET = "abulaila2025_triad", "triad"
PUBLISHED = ("dual", "stress_only", "rest_only", "single_stage")
USABLE = ("usable_rate", "usable_rate_stress_only", "usable_rate_single_stage")
SPLIT = "holdout:0.15,validation=0.176"
FIGURES = ("accuracy", "balanced_accuracy", "auc_macro", "f1_macro", "sensitivity_weighted", "f1_weighted")
PAIRS = (
    ("dual", "stress_only"),
    ("dual", "rest_only"),
    ("dual", "single_stage"),
    ("usable_rate", "usable_rate_stress_only"),
    ("usable_rate", "usable_rate_single_stage"),
    ("usable_rate", "dual"),
)
COMPARED = ("accuracy_difference", "balanced_accuracy_difference", "auc_macro_difference")

Card = Mapping[str, Any]


def cohort_in(folder: Path, patients: int, seed: int) -> Path:
    """The cohort table in a folder, made if it is not there."""
    table = folder / "cohort.csv"
    if not table.exists():
        outputs = (Output.SHORT_AXIS, Output.SCREENSHOTS)
        make_cohort(folder, patients=patients, preset="abulaila", outputs=outputs, seed=seed, jobs=1)
    return table


def run(options: argparse.Namespace, table: Path, protocol: str, variants: Sequence[str]) -> Card:
    """Train, judge, and tell how long it took."""
    started = time.monotonic()
    out = options.out / protocol.replace(":", "_").replace(",", "_").replace("=", "")
    folder = train(
        RECIPE,
        table,
        out=out,
        protocol=protocol,
        variant=variants,
        quick=not options.full,
        seed=options.seed,
        jobs=options.jobs,
    )
    card: Card = json.loads((folder / "scorecard.json").read_text(encoding="utf-8"))
    print(f"\n{protocol}: {len(variants)} variants, {time.monotonic() - started:.0f} s, {folder}")
    return card


def said(metric: Mapping[str, Any] | None) -> str:
    """A figure with its interval."""
    if metric is None or metric["value"] is None:
        return f"none ({'' if metric is None else metric['method']})"
    if metric["low"] is None:
        return f"{metric['value']:.3f} (no interval)"
    return f"{metric['value']:.3f} [{metric['low']:.3f}, {metric['high']:.3f}]"


def show(card: Card) -> None:
    """Figures, recall of every class and the pooled table of every variant."""
    for key, score in card["targets"].items():
        print(f"\n{key} (n {card['n_patients']}, {card['n_rows']} rows in all)")
        for name in FIGURES:
            print(f"  {name:22} {said(score['metrics'].get(name))}")
        for one in score["classes"]:
            metric = score["metrics"].get(f"sensitivity_{one}")
            print(f"  recall of {one:12} {said(metric)}  {'' if metric is None else metric['method']}")
        print(f"  true by called ({', '.join(score['classes'])}): {score['confusion']}")


def differences(card: Card) -> None:
    """Paired differences of the pairs that the paper speaks of."""
    print("\npaired differences (first less second), 95 % interval, p")
    for row in card["comparisons"]:
        first, second = (str(row.get(name, "")).split("/") for name in ("first", "second"))
        pair = tuple(part[1] if len(part) > 2 else part[-1] for part in (first, second))
        signed = 1 if pair in PAIRS else -1 if pair[::-1] in PAIRS else 0
        if signed and row["metric"] in COMPARED and row["value"] is not None:
            ends = sorted(signed * row[end] for end in ("low", "high") if row[end] is not None)
            told = f" [{ends[0]:+.3f}, {ends[1]:+.3f}]" if len(ends) == 2 else ""
            p = f"  p {row['p']:.3f}" if row.get("p") is not None else ""
            one, other = pair if signed > 0 else pair[::-1]
            print(f"  {one} - {other}: {row['metric']} {signed * row['value']:+.3f}{told}{p}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=87)
    parser.add_argument("--cohort", type=Path, default=Path("triad-cohort"))
    parser.add_argument("--out", type=Path, default=Path("triad-runs"))
    parser.add_argument("--protocol", default="2x3:0,validation=0")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    table = cohort_in(options.cohort, options.patients, options.seed)
    published = run(options, table, SPLIT, PUBLISHED)
    show(published)
    for line in published["warnings"]:
        print(f"warning: {line}")
    for row in published["published"]:
        print(f"printed {row['metric']} {row['published']}: ours {row['ours']}, {row['verdict']} ({row['target']})")
    honest = run(options, table, options.protocol, (*PUBLISHED, *USABLE))
    show(honest)
    differences(honest)
    return 0


if __name__ == "__main__":
    sys.exit(main())
