"""The shipped limits are those of the phantom as it is."""

import numpy as np
import pytest

from myoperf.core.terms import Sex, State, Tracer
from myoperf.phantom.limits import NORMALS, image_of, name_of, stored_limits, true_limits
from myoperf.phantom.population import draw_normal
from myoperf.phantom.truth import TrueLimits, all_keys, true_map

KEY = (Sex.FEMALE, Tracer.TC99M, State.STRESS)
MAKE = "the phantom has changed: run `python validation/phantom_limits.py` and commit src/myoperf/phantom/limits.npz"


@pytest.fixture(scope="module")
def limits() -> TrueLimits:
    return true_limits(KEY)


def test_the_shipped_limits_belong_to_the_phantom_as_it_is(limits: TrueLimits) -> None:
    stored = stored_limits("fast")[KEY]
    off = max(np.abs(stored.mean - limits.mean).max(), np.abs(stored.deviation - limits.deviation).max())
    assert off < 1e-4, f"{MAKE} (largest difference {off:.4f} percent of maximum)"


def test_the_shipped_limits_of_the_full_physics_hold_its_normals() -> None:
    """Not a number that must agree, for it would take long: a normal heart lies about as far off as normals do."""
    for number, tracer in enumerate(Tracer):
        normal = draw_normal(number, Sex.MALE, tracer)
        held = stored_limits("full")[Sex.MALE, tracer, State.STRESS]
        seen = true_map(normal, State.STRESS, image_of(normal, State.STRESS, "full"))
        assert np.mean(np.abs(seen.values - held.mean)) < 3 * held.deviation.mean(), MAKE


@pytest.mark.parametrize("physics", ["fast", "full"])
def test_there_are_limits_for_every_key(physics: str) -> None:
    stored = stored_limits(physics)
    assert set(stored) == set(all_keys())
    assert len({name_of(key, physics) for key in stored}) == 8
    for held in stored.values():
        assert held.mean.shape == held.deviation.shape == (24, 36)
        assert (held.deviation > 0).all()
        assert 30 < held.mean.min() < held.mean.max() < 110
    with pytest.raises(KeyError):
        stored_limits("exact")


def test_limits_are_mean_and_mean_deviation_of_normals(limits: TrueLimits) -> None:
    few = true_limits(KEY, count=3)
    people = [draw_normal(number, KEY[0], KEY[1]) for number in range(3)]
    maps = np.stack([true_map(p, KEY[2], image_of(p, KEY[2], "fast")).values for p in people])
    assert few.mean == pytest.approx(maps.mean(axis=0))
    assert few.deviation == pytest.approx(np.mean(np.abs(maps - maps.mean(axis=0)), axis=0))
    one = true_limits(KEY, count=1)
    assert (one.deviation == 0).all()
    assert NORMALS > 10
    assert np.abs(few.mean - limits.mean).mean() < 5


def test_limits_tell_the_sexes_and_tracers_apart() -> None:
    stored = stored_limits("fast")
    means = {key: held.mean for key, held in stored.items()}
    apart = [np.abs(means[a] - means[b]).mean() for a in means for b in means if a[:2] != b[:2]]
    assert min(apart) > 0
