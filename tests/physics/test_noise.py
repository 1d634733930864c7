"""Counts and their thinning."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.physics.noise import poisson, thin


def test_thinned_counts_are_poisson_of_the_smaller_mean() -> None:
    random = np.random.default_rng(3)
    counts = poisson(np.full(200_000, 8.0, dtype=np.float32), random)
    assert counts.mean() == pytest.approx(8.0, abs=0.03)
    quarter = thin(counts, 0.25, random)
    assert quarter.mean() == pytest.approx(2.0, abs=0.015)
    assert quarter.var() == pytest.approx(2.0, abs=0.03)
    assert (quarter == 0).mean() == pytest.approx(np.exp(-2.0), abs=0.004)
    # the two parts of a thinned Poisson number know nothing of each other
    assert np.corrcoef(quarter, counts - quarter)[0, 1] == pytest.approx(0.0, abs=0.01)


def test_ends_and_seed() -> None:
    counts = np.arange(12, dtype=np.uint16).reshape(3, 4)
    assert np.array_equal(thin(counts, 1.0, np.random.default_rng(0)), counts)
    assert not thin(counts, 0.0, np.random.default_rng(0)).any()
    first, second = (thin(counts, 0.5, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first, second)


def test_refused() -> None:
    random = np.random.default_rng(0)
    halves: Any = np.array([3.5])
    refused: tuple[Callable[[], object], ...] = (
        lambda: poisson(np.array([-1.0]), random),
        lambda: poisson(np.array([np.nan]), random),
        lambda: thin(np.array([3]), 1.5, random),
        lambda: thin(np.array([-3]), 0.5, random),
        lambda: thin(halves, 0.5, random),
    )
    for wrong in refused:
        with pytest.raises(RefusedError):
            wrong()
