"""Time of DeLong's AUC, variance and paired test on many rows: ``python bench/delong.py [ROWS]``, 100,000 if not given.

Pass line: under 1 second for two scores with ties.
"""

import sys
from time import perf_counter

import numpy as np

from myoperf.evaluate.delong import delong, difference

PASS = 1.0


def main(rows: int = 100_000) -> int:
    rng = np.random.default_rng(0)
    truth = rng.random(rows) < 0.3
    scores = np.round(rng.normal(size=(2, rows)) + np.array([[1.0], [0.8]]) * truth, 2)
    start = perf_counter()
    areas = delong(truth, scores)
    found = difference(areas)
    took = perf_counter() - start
    if found is None:
        raise RuntimeError("two patients of each class are needed")
    errors = np.sqrt(np.diag(areas.covariance))
    passed = took < PASS
    print(
        f"{rows} rows, two scores: AUC {areas.auc[0]:.4f} and {areas.auc[1]:.4f}, standard errors {errors[0]:.5f} and"
        f" {errors[1]:.5f}, z {found.z:.2f}; {took:.3f} s: {'pass' if passed else 'FAIL'}"
    )
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
