"""Make the limits of noise-free virtual normals anew, after any change of who is drawn or how images are made.

    python validation/phantom_limits.py [--jobs 2] [--physics fast full]

Writes src/myoperf/phantom/limits.npz: mean and mean absolute deviation for every sex, tracer and state, both physics.
"""

import argparse
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed

from myoperf.phantom.limits import STORED, name_of, true_limits
from myoperf.phantom.masks import npz_bytes
from myoperf.phantom.truth import all_keys

PATH = Path(__file__).parents[1] / "src" / "myoperf" / "phantom" / STORED


def main() -> None:
    parser = argparse.ArgumentParser(description="Limits of noise-free virtual normals.")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--physics", nargs="+", choices=("fast", "full"), default=["fast", "full"])
    options = parser.parse_args()
    cases = [(key, physics) for physics in options.physics for key in all_keys()]
    found = Parallel(n_jobs=options.jobs)(delayed(true_limits)(key, physics) for key, physics in cases)
    held = dict(np.load(PATH, allow_pickle=False)) if PATH.exists() else {}
    for (key, physics), limits in zip(cases, found, strict=True):
        held[name_of(key, physics)] = np.stack([limits.mean, limits.deviation]).astype(np.float32)
    PATH.write_bytes(npz_bytes(dict(sorted(held.items()))))
    print(f"{len(cases)} limits in {PATH}")


if __name__ == "__main__":
    main()
