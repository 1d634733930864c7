"""Hausdorff distances of mask pairs against MONAI's: the same numbers, and how much faster.

    python bench/hausdorff.py [PAIRS [SIDE]]

By default 1,000 pairs of 512 x 512. MONAI computes the Hausdorff distance alone, ours the distance, HD95 and ASSD.
Pass line: at least 3 times as fast, numbers equal to the rounding of MONAI's single precision.
"""

import sys
import time
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myoperf.evaluate.overlap import boundary_distances

Bools = NDArray[np.bool_]
FASTER, ROUNDING = 3.0, 2e-6


@dataclass(frozen=True, kw_only=True)
class Found:
    ours_ms: float
    monai_ms: float
    largest_gap: float


def blob(rng: np.random.Generator, side: int, middle: NDArray[np.float64], radius: float) -> Bools:
    """A lobed disc whose rim is ragged in one of three."""
    y, x = np.indices((side, side), dtype=np.float32)
    down, across = y - np.float32(middle[0]), x - np.float32(middle[1])
    angle, turn = np.arctan2(down, across), rng.uniform(0, 2 * np.pi)
    rim = radius * (1 + 0.12 * np.sin(3 * angle + turn) + 0.06 * np.cos(7 * angle - turn))
    if rng.random() < 1 / 3:
        rim = rim + rng.normal(0, 1.5, (side, side))
    return np.asarray(np.hypot(down, across) < rim)


def pairs(count: int, side: int, seed: int = 0) -> tuple[Bools, Bools]:
    """True and predicted masks, shape (count, side, side): from small lesions to most of a ventricle."""
    rng = np.random.default_rng(seed)
    truth, predicted = np.empty((2, count, side, side), dtype=bool)
    for k in range(count):
        middle, radius = rng.uniform(0.3, 0.7, 2) * side, rng.uniform(0.02, 0.25) * side
        truth[k] = blob(rng, side, middle, radius)
        moved = middle + rng.normal(0, 0.01 * side, 2)
        predicted[k] = blob(rng, side, moved, radius * rng.uniform(0.85, 1.15))
    return truth, predicted


def measure(count: int, side: int) -> Found:
    """Milliseconds a pair, each the better of two rounds, and the largest relative gap between the distances."""
    import torch
    from monai.metrics.hausdorff_distance import compute_hausdorff_distance

    truth, predicted = pairs(count, side)
    guesses, truths = (torch.from_numpy(masks[:, None]) for masks in (predicted, truth))
    ours, theirs, clock = np.empty(count), np.empty(count), {"ours": np.inf, "monai": np.inf}
    for _ in range(2):
        started = time.perf_counter()
        for k in range(count):
            ours[k] = boundary_distances(truth[k], predicted[k], (1.0, 1.0)).hausdorff
        clock["ours"] = min(clock["ours"], time.perf_counter() - started)
        started = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # MONAI warns of its own deprecated options
            theirs = compute_hausdorff_distance(guesses, truths, include_background=True)[:, 0].numpy()
        clock["monai"] = min(clock["monai"], time.perf_counter() - started)
    gap = float((np.abs(ours - theirs) / np.maximum(ours, 1)).max())
    return Found(ours_ms=clock["ours"] / count * 1e3, monai_ms=clock["monai"] / count * 1e3, largest_gap=gap)


def main(count: int = 1000, side: int = 512) -> None:
    import torch

    torch.set_num_threads(1)  # masks are small: threads of MONAI's would only wait for each other
    found = measure(count, side)
    ratio = found.monai_ms / found.ours_ms
    passed = ratio >= FASTER and found.largest_gap <= ROUNDING
    print(f"{count} pairs of {side} x {side}: ours {found.ours_ms:.3f} ms a pair, MONAI {found.monai_ms:.3f} ms")
    print(f"{ratio:.1f} times as fast; largest relative gap {found.largest_gap:.1e}")
    print("pass" if passed else f"FAIL: at least {FASTER:g} times, gap at most {ROUNDING:g}")
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
