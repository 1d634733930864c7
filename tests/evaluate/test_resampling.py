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


def test_a_small_sample_widens_its_interval_as_a_t_interval_does() -> None:
    replicates = np.random.default_rng(0).normal(size=20_000)
    plain, wide = interval(0.0, replicates, np.zeros(5)), interval(0.0, replicates, np.zeros(5), 10)
    assert plain is not None
    assert wide is not None
    # t with 9 degrees of freedom 2.262, times sqrt(10 / 9)
    assert np.ptp(wide) / np.ptp(plain) == pytest.approx(2.262 * (10 / 9) ** 0.5 / 1.96, rel=0.03)


def test_coverage_on_a_small_simulation() -> None:
    module = bench("interval_coverage")
    held = module.coverage(module.Case(patients=80), cohorts=150, replicates=300)
    assert 0.89 <= held["DeLong (logit)"] <= 0.99
    assert 0.89 <= held["BCa"] <= 0.99
    assert 0.90 <= held["Wilson"] <= 0.99
    many = module.coverage(module.Case(patients=40, rows=20), cohorts=60, replicates=200)
    assert many["BCa over patients"] >= 0.85
    assert many["clustered DeLong (logit)"] >= 0.85
    assert many["naive: rows as patients"] <= 0.75


def test_wilson_holds_its_level_on_average_without_simulation() -> None:
    module = bench("interval_coverage")
    assert 0.945 <= module.wilson_exactly(32, np.linspace(0.6, 0.95, 351)) <= 0.96


def test_the_timed_bootstrap_makes_the_figures_of_the_loop() -> None:
    module = bench("bootstrap")
    for rows_each in (1, 2):
        data = module.cohort(rows_each)
        assert module.same_figures(data) < 1e-12
        ours, theirs = module.ours(data, 2000), module.looped(data, 60)
        assert ours.std() == pytest.approx(theirs.std(), rel=0.4)
        assert ours.mean() == pytest.approx(theirs.mean(), abs=0.01)
