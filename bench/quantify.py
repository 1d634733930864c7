"""Stress-rest pairs a second of ``quantify``, reading included, and where the time of one pair goes.

python bench/quantify.py COHORT.csv|FOLDER [--jobs N]
"""

import argparse
import cProfile
import pstats
import time
from pathlib import Path

from myoperf.io.cohort import read_study, rows_from_paths
from myoperf.quant.batch import quantify
from myoperf.quant.measure import measure_study

STEPS = ("read_study", "locate", "body_axis", "closed_end", "_traced", "judge", "surroundings", "polar_map",
         "contour_flags", "measure_study")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--jobs", type=int)
    options = parser.parse_args()
    started = time.perf_counter()
    done = quantify([options.path], jobs=options.jobs)
    took = time.perf_counter() - started
    pairs = len(done.measures)
    print(f"{pairs} pairs in {took:.2f} s, processes started included: {pairs / took:.1f} pairs/s")
    rows, _ = rows_from_paths([options.path])
    profile = cProfile.Profile()
    profile.enable()
    for row in rows[:50]:
        measure_study(read_study(row))
    profile.disable()
    _print_steps(profile, min(50, len(rows)))


def _print_steps(profile: cProfile.Profile, pairs: int) -> None:
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    print("one process, milliseconds a pair, profiled (steps contain each other):")
    for step in STEPS:
        total = sum(entry[3] for (file, _, name), entry in stats.items() if name == step and "myoperf" in file)
        print(f"  {step:15s} {1000 * total / pairs:7.1f}")


if __name__ == "__main__":
    main()
