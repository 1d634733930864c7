import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest


@pytest.mark.parametrize("kind", ["survival", "values", "classes"])
def test_the_bench_runs_small_and_its_intervals_hold(kind: str) -> None:
    path = Path(__file__).parents[3] / "bench" / "system_differences.py"
    spec = importlib.util.spec_from_file_location("bench_system_differences", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    held = module.coverage(kind, 80, cohorts=50, replicates=250, whole=20_000)
    assert len(held) >= 3
    assert min(held.values()) >= 0.8
    assert np.mean(list(held.values())) >= 0.87
