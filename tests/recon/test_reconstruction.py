"""What is projected comes back: filtered back-projection, OSEM, Butterworth filter."""

import numpy as np
import pytest
import torch

from myoperf.core.errors import RefusedError
from myoperf.physics.collimator import LEHR
from myoperf.physics.orbit import Orbit
from myoperf.physics.projector import Projector
from myoperf.recon.butterworth import Butterworth
from myoperf.recon.fbp import fbp
from myoperf.recon.osem import osem

SIDE, STEP = 48, 8.0


def disc(radius: float, column: float = 0.0, slices: int = 4) -> torch.Tensor:
    place = torch.arange(SIDE) - (SIDE - 1) / 2
    return (torch.hypot(place[:, None], place - column) < radius).float().expand(slices, SIDE, SIDE).contiguous()


@pytest.mark.parametrize("orbit", [Orbit(views=60), Orbit(views=90, arc_deg=360.0), Orbit(views=60, arc_deg=-180.0)])
def test_fbp_recovers_a_disc(orbit: Orbit) -> None:
    true = 3.0 * disc(10.0, column=4.0)
    made = fbp(Projector((4, SIDE, SIDE), STEP, orbit).forward(true), orbit, STEP)
    inside, outside = disc(7.0, column=4.0) > 0, (disc(22.0) - disc(13.0, column=4.0)) > 0
    assert float(made[inside].mean()) == pytest.approx(3.0, rel=0.02)
    assert abs(float(made[outside].mean())) < 0.05
    place = torch.arange(SIDE) - (SIDE - 1) / 2
    column = (made.sum((0, 1)) * place).sum() / made.sum()
    assert float(column) == pytest.approx(4.0, abs=0.3)


def test_filter_of_projections_is_that_of_the_volume() -> None:
    orbit, window = Orbit(views=120), Butterworth(cutoff_per_cm=0.25, order=4.0)
    true = torch.zeros((9, SIDE, SIDE))
    true[3:6] = disc(6.0, column=-3.0, slices=3)
    counts = Projector((9, SIDE, SIDE), STEP, orbit).forward(true)
    before = fbp(counts, orbit, STEP, window)
    after = window.smooth(fbp(counts, orbit, STEP).contiguous(), STEP)
    assert float((before - after)[disc(20.0, slices=9) > 0].abs().max()) < 0.03


def test_batch_is_each_alone() -> None:
    orbit, window = Orbit(views=30), Butterworth(cutoff_per_cm=0.4)
    projector = Projector((4, SIDE, SIDE), STEP, orbit, 0.1 * disc(18.0), LEHR)
    both = projector.forward(torch.stack([disc(8.0), 2 * disc(5.0, 3.0)]))
    assert torch.equal(fbp(both, orbit, STEP, window)[1], fbp(both[1], orbit, STEP, window))
    torch.testing.assert_close(osem(both, projector, 1, 5)[1], osem(both[1], projector, 1, 5))


def test_osem_with_attenuation_recovers_a_disc() -> None:
    body, true = disc(18.0, slices=6), 2.0 * disc(11.0, column=3.0, slices=6)
    orbit = Orbit(views=32)
    projector = Projector((6, SIDE, SIDE), STEP, orbit, 0.15 * body, LEHR)
    counts = projector.forward(true)
    made = osem(counts, projector, 4, 8)
    inside = disc(8.0, column=3.0, slices=6) > 0
    assert float(made[inside].mean()) == pytest.approx(2.0, rel=0.03)
    assert float(made[inside].std()) < 0.1
    assert float(made.min()) >= 0.0
    without = osem(counts, Projector((6, SIDE, SIDE), STEP, orbit, None, LEHR), 4, 8)
    assert float(without[inside].mean()) < 1.2


def test_osem_takes_scatter_into_account() -> None:
    body, true = disc(18.0), disc(11.0)
    projector = Projector((4, SIDE, SIDE), STEP, Orbit(views=32), 0.15 * body, LEHR)
    counts = projector.forward(true)
    scatter = 0.3 * counts
    inside = disc(8.0) > 0
    known = osem(counts + scatter, projector, 4, 8, additive=scatter)
    ignored = osem(counts + scatter, projector, 4, 8)
    assert float(known[inside].mean()) == pytest.approx(1.0, rel=0.03)
    assert float(ignored[inside].mean()) == pytest.approx(1.3, rel=0.03)


def test_osem_keeps_the_counts() -> None:
    projector = Projector((4, SIDE, SIDE), STEP, Orbit(views=16), 0.15 * disc(18.0), LEHR)
    counts = projector.forward(disc(9.0)) * 50
    noisy = torch.from_numpy(np.random.default_rng(0).poisson(counts.numpy()).astype(np.float32))
    again = projector.forward(osem(noisy, projector, 3, 1))
    assert float(again.sum() / noisy.sum()) == pytest.approx(1.0, abs=1e-3)


def test_butterworth_by_hand() -> None:
    window = Butterworth(cutoff_per_cm=0.5, order=5.0)
    found = window.gain(np.array([0.0, 0.5, 1.0]))
    np.testing.assert_allclose(found, [1.0, 1 / np.sqrt(2), 1 / np.sqrt(1 + 2.0**10)])
    flat = torch.full((2, 3, 5, 6), 7.0)
    torch.testing.assert_close(window.smooth(flat, 6.0), flat)
    # a cosine of 0.5 cycles a cm that is whole in the mirrored volume: 16 voxels of 5 mm hold 8 half waves
    wave = torch.cos(torch.pi * 8 * (torch.arange(16) + 0.5) / 16).expand(3, 4, 16)
    torch.testing.assert_close(window.smooth(wave, 5.0), wave / np.sqrt(2).astype(np.float32), atol=1e-5, rtol=1e-5)


def test_refused() -> None:
    orbit = Orbit(views=8)
    projector = Projector((4, 16, 16), STEP, orbit)
    good = torch.ones(8, 4, 16)
    for wrong in (
        lambda: fbp(good[:7], orbit, STEP),
        lambda: fbp(good, Orbit(views=8, arc_deg=120.0), STEP),
        lambda: osem(good[:7], projector),
        lambda: osem(-good, projector),
        lambda: osem(good, projector, additive=good[:, :3]),
        lambda: osem(good, projector, subsets=9),
        lambda: osem(good, projector, iterations=0),
        lambda: Butterworth(cutoff_per_cm=0.0),
        lambda: Butterworth(cutoff_per_cm=0.4).smooth(torch.ones(4, 4), STEP),
    ):
        with pytest.raises(RefusedError):
            wrong()
