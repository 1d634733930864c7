import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest


def test_the_bench_agrees_with_scikit_survival_and_its_intervals_hold() -> None:
    spec = importlib.util.spec_from_file_location("bench_survival", Path(__file__).parents[3] / "bench" / "survival.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    table = module.cohort(400, np.random.default_rng(3))
    _, ours = module.alone(table)
    for name, figure in module.theirs(table).items():
        assert ours[name] == pytest.approx(figure(), abs=1e-10), name
    held = module.coverage(80, cohorts=40, replicates=200)
    assert min(held.values()) >= 0.8
    assert np.mean(list(held.values())) >= 0.88
