import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from myoperf.evaluate.resampling import bootstrap, draw, interval


def bench(name: str) -> ModuleType:
    path = Path(__file__).parents[2] / "bench" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def test_every_draw_has_as_many_patients_and_both_classes() -> None:
    classes = np.array([[True, False]] * 6 + [[False, True]] * 2)
    weight, redrawn = draw(8, 500, classes, np.random.default_rng(0))
    assert (weight.sum(axis=1) == 8).all()
    assert (weight @ classes > 0).all()
    assert redrawn == pytest.approx(500 * 0.75**8 / (1 - 0.75**8), rel=0.5)


def test_one_class_cannot_be_drawn_from() -> None:
    with pytest.raises(ValueError, match="both classes"):
        draw(3, 10, np.array([[True, False]] * 3), np.random.default_rng(0))


def test_the_interval_of_a_mean_is_that_of_theory() -> None:
    values = np.random.default_rng(3).normal(size=200)
    classes = np.ones((200, 2), dtype=bool)
    found = bootstrap(
        lambda weight: {"mean": weight @ values / weight.sum(axis=1)},
        classes,
        rows=200,
        replicates=4000,
        rng=np.random.default_rng(0),
    )
    pair = interval(values.mean(), found.values["mean"], found.left_out["mean"])
    half = 1.96 * values.std() / np.sqrt(200)
    assert pair == pytest.approx((values.mean() - half, values.mean() + half), abs=0.012)
    assert found.left_out["mean"].shape == (200,)


def test_no_interval_without_spread_or_of_mostly_undefined_replicates() -> None:
    assert interval(1.0, np.ones(100), np.ones(5)) is None
    assert interval(1.0, np.where(np.arange(100) < 50, np.nan, np.arange(100)), np.ones(5)) is None


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    classes = np.ones((30, 2), dtype=bool)

    def run() -> np.ndarray:
        found = bootstrap(
            lambda weight: {"first": weight[:, 0]}, classes, rows=30, replicates=50, rng=np.random.default_rng(0)
        )
        return found.values["first"]

    whole = run()
    monkeypatch.setattr("myoperf.evaluate.resampling._CELLS", 100)
    np.testing.assert_array_equal(run(), whole)


def test_coverage_on_a_small_simulation() -> None:
    module = bench("interval_coverage")
    held = module.coverage(module.Case(patients=80), cohorts=150, replicates=300)
    assert 0.89 <= held <= 0.99
    many = module.Case(patients=40, rows=20)
    right = module.coverage(many, cohorts=40, replicates=200)
    wrong = module.coverage(many, cohorts=40, replicates=200, by_row=True)
    assert right >= 0.85
    assert wrong <= 0.75
