"""Orientation matrix: one defect in each of the 17 segments x every stored order x three places of the geometry.

816 files = 17 segments x 2 signs of Spacing Between Slices x 2 slice orders x 4 in-plane directions (those that an
unmirrored heart allows for that sign and order) x directions in the Detector Information Sequence, at the top level,
or nowhere. Each file is written, read and measured; the segment that falls furthest below the same heart without the
defect must be the one with the defect. Right, refused and silently wrong are counted for each place.

    python validation/orientation_matrix.py [--segments 1 5 17] [--seeds 0] [--jobs 2]

Ends with exit code 1 if one file is silently wrong or more than 5 percent are refused.
"""

import argparse
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError
from myoperf.core.segments import AHA17, segment_means
from myoperf.core.terms import State
from myoperf.io.nm import read_series, write_series
from myoperf.io.nm_object import Place, StoredOrder, stored_orders
from myoperf.phantom.filing import nm_object
from myoperf.phantom.matrix import hit_segment, segment_patient
from myoperf.phantom.patients import render, study
from myoperf.quant.maps import series_map

PLACES: tuple[Place, ...] = ("detector", "top", "nowhere")
SHARE_REFUSED = 0.05


@dataclass(frozen=True, kw_only=True)
class Outcome:
    seed: int
    segment: int
    order: StoredOrder
    result: str
    detail: str


def measured(path_or_study: Path | None, segment: int, seed: int) -> NDArray[np.float64]:
    """Mean uptake of the 17 segments from a file, or of the same heart without its defect, in memory."""
    if path_or_study is not None:
        polar = series_map(read_series(path_or_study))
    else:
        healthy = replace(segment_patient(segment, seed=seed), defects=())
        polar = series_map(study(healthy).series[0])
    return segment_means(polar.values, polar.weight)


def one_heart(segment: int, seed: int) -> list[Outcome]:
    """All 48 files of one heart."""
    with tempfile.TemporaryDirectory() as folder:
        patient = segment_patient(segment, seed=seed)
        if hit_segment(patient) != segment:
            raise AssertionError(f"the phantom's defect is not in segment {segment}")
        normal = measured(None, segment, seed)
        heart = nm_object(patient, State.STRESS, render(patient, State.STRESS))
        path = Path(folder) / "heart.dcm"
        outcomes = []
        for place in PLACES:
            for order in stored_orders(place):
                write_series(path, replace(heart, stored=order))
                result, detail = verdict(path, segment, seed, normal)
                outcomes.append(Outcome(seed=seed, segment=segment, order=order, result=result, detail=detail))
        return outcomes


def verdict(path: Path, segment: int, seed: int, normal: NDArray[np.float64]) -> tuple[str, str]:
    try:
        found = int(np.nanargmin(measured(path, segment, seed) / normal)) + 1
    except RefusedError as refusal:
        return "refused", f"{refusal.rule}; got {refusal.came}"
    return ("right", "") if found == segment else ("silently wrong", f"read as segment {found}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    parser.add_argument("--segments", type=int, nargs="+", default=[s.number for s in AHA17])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    hearts = [(segment, seed) for seed in options.seeds for segment in options.segments]
    outcomes = [o for found in Parallel(n_jobs=options.jobs)(delayed(one_heart)(*h) for h in hearts) for o in found]
    print(f"{'geometry':<10}{'right':>8}{'refused':>9}{'silently wrong':>16}{'files':>7}")
    for place in PLACES:
        counts = Counter(o.result for o in outcomes if o.order.place == place)
        row = [counts[name] for name in ("right", "refused", "silently wrong")]
        print(f"{place:<10}{row[0]:>8}{row[1]:>9}{row[2]:>16}{sum(row):>7}")
    for (result, detail), count in Counter((o.result, o.detail) for o in outcomes if o.result != "right").most_common():
        hit = sorted({(o.seed, o.segment) for o in outcomes if (o.result, o.detail) == (result, detail)})
        print(f"{count:4} {result}: {detail} (seed, segment: {', '.join(map(str, hit))})")
    wrong = sum(o.result == "silently wrong" for o in outcomes)
    refused = sum(o.result == "refused" for o in outcomes)
    return int(wrong > 0 or refused > SHARE_REFUSED * len(outcomes))


if __name__ == "__main__":
    sys.exit(main())
