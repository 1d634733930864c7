"""alenezi2025_unet on a virtual cohort of its paper's size: published beside ours, losses, hold-out and five folds.

    python validation/alenezi_virtual.py OUT [--patients 100] [--quick] [--folds] [--variants cross_entropy dice]

Makes the virtual cohort of the preset alenezi (100 patients, 4560 frames; the same share of frames for fewer patients)
in OUT/cohort, where it is kept, trains the variants under the hold-out protocol (with --folds also in five folds by
patient), and prints the figures, the times, and where the pages lie. The heart is found on virtual frames: the figures
say that the method works as described, nothing of real patients.
"""

import argparse
import json
import time
from pathlib import Path

from myoperf.core.terms import RESEARCH_USE
from myoperf.phantom.clinic import make_cohort
from myoperf.train import train

FIGURES = (
    "dice",
    "iou",
    "dice_mean_with_background",
    "iou_mean_with_background",
    "pixel_accuracy",
    "precision",
    "recall",
    "false_positive_rate",
    "hausdorff",
)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--patients", type=int, default=100)
    parser.add_argument("--variants", nargs="+", default=["cross_entropy", "dice"])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--folds", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    cohort = given.out / "cohort" / "cohort.csv"
    if not cohort.exists():
        started = time.monotonic()
        make_cohort(cohort.parent, preset="alenezi", patients=given.patients, seed=given.seed, jobs=given.jobs)
        print(f"virtual cohort of {given.patients} patients: {time.monotonic() - started:.0f} s", flush=True)
    for name, protocol in (("holdout", None), *((("five_folds", "5x1:0"),) if given.folds else ())):
        started = time.monotonic()
        run = train(
            "alenezi2025_unet",
            cohort,
            out=given.out / name,
            protocol=protocol,
            variant=given.variants,
            quick=given.quick,
            seed=given.seed,
            jobs=given.jobs,
        )
        size = "quick size" if given.quick else "the recipe's own size"
        print(f"\n{name}, {size}: {time.monotonic() - started:.0f} s; {run / 'report.html'}. {RESEARCH_USE}")
        _print(run)


def _print(run: Path) -> None:
    card = json.loads((run / "scorecard.json").read_text(encoding="utf-8"))
    print(f"{card['split']} part: {card['n_patients']} patients, {card['n_rows']} frames")
    for key, score in card["targets"].items():
        print(key)
        for name in FIGURES:
            figure, folds = score["metrics"][name], score["folds"].get(name)
            ends = f" [{figure['low']:.3f}–{figure['high']:.3f}]" if figure["low"] is not None else ""
            over = f"; over folds {folds['mean']:.3f} ± {folds['sd']:.3f}" if folds and folds["sd"] is not None else ""
            print(f"  {name:28} {figure['value']:.3f}{ends}  n {figure['n']} patients{over}")
    for row in card["published"]:
        ours = "–" if row["ours"] is None else f"{row['ours']:.3f}"
        print(f"  published {row['metric']} {row['published']:.3f}, ours {ours}: {row['verdict']} ({row['where']})")
    for row in card["comparisons"]:
        value = "–" if row["value"] is None else f"{row['value']:+.4f}"
        interval = f"[{row['low']}, {row['high']}], p {row['p']}"
        print(f"  {row['comparison']}: {row['metric']} {value} {interval}; {row['method']}")


if __name__ == "__main__":
    main()
