"""Tissues, windows and the scatter that follows from them."""

import pytest
import torch

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Tracer
from myoperf.physics.attenuation import Tissue, mu_per_cm
from myoperf.physics.collimator import LEHR
from myoperf.physics.energy import (
    PHOTOPEAK,
    TC99M_SCATTER,
    EnergyWindow,
    compton_per_cm,
    mean_kev,
    primary_share,
    scatter_shares,
)
from myoperf.physics.orbit import Orbit
from myoperf.physics.projector import Projector
from myoperf.physics.scatter import Scatter

TC, TL = Tracer.TC99M, Tracer.TL201


def cylinder(diameter_mm: float, slices: int = 32, side: int = 32, step: float = 12.8) -> torch.Tensor:
    place = (torch.arange(side) - (side - 1) / 2) * step
    return (torch.hypot(place[:, None], place) < diameter_mm / 2).float().expand(slices, side, side).contiguous()


def ratio(tracer: Tracer, windows: tuple[EnergyWindow, ...], activity: torch.Tensor, body: torch.Tensor) -> list[float]:
    """Scattered to unscattered counts of the middle slices, the latter in the photopeak."""
    mu = body * mu_per_cm(Tissue.WATER, mean_kev(tracer))
    projector = Projector((32, 32, 32), 12.8, Orbit(views=16), mu, LEHR)
    primary = projector.forward(activity)[:, 12:20].sum() * primary_share(PHOTOPEAK[tracer], tracer)
    return [float(one[:, 12:20].sum() / primary) for one in Scatter(projector, tracer).project(activity, windows)]


def test_attenuation_of_water_and_lung() -> None:
    assert mu_per_cm(Tissue.WATER, 140.5) == pytest.approx(0.154, abs=0.001)
    assert mu_per_cm(Tissue.WATER, 72.0) == pytest.approx(0.19, abs=0.005)
    assert mu_per_cm(Tissue.LUNG, 100.0) == pytest.approx(0.26 * 0.1695)
    assert mu_per_cm(Tissue.BONE, 140.5) > 1.7 * mu_per_cm(Tissue.SOFT, 140.5)


def test_compton_takes_most_of_what_water_attenuates() -> None:
    # total Klein-Nishina cross section at 140.5 keV is 0.452 barn an electron
    assert compton_per_cm(140.5) == pytest.approx(0.3343 * 0.452, rel=0.005)
    assert compton_per_cm(140.5) < mu_per_cm(Tissue.WATER, 140.5)


def test_windows() -> None:
    wide = EnergyWindow(low_kev=1.0, high_kev=400.0)
    assert primary_share(wide, TC) == pytest.approx(1.0, abs=1e-6)
    assert scatter_shares(wide, TC) == pytest.approx((1.0, 1.0, 1.0), abs=1e-3)
    half = EnergyWindow(low_kev=140.5, high_kev=400.0)
    assert primary_share(half, TC) == pytest.approx(0.5)
    peak = PHOTOPEAK[TC]
    assert primary_share(peak, TC, 0.058) > primary_share(peak, TC, 0.095) > 0.98
    narrow = EnergyWindow(low_kev=133.5, high_kev=147.5)
    assert scatter_shares(narrow, TC, 0.058)[0] < 0.7 * scatter_shares(peak, TC, 0.095)[0]
    assert primary_share(TC99M_SCATTER[0], TC) < 0.01


def test_scatter_of_a_line_in_water_is_as_large_as_measured() -> None:
    """20 cm of water: 0.3 to 0.6 of the primaries in the photopeak of Tc-99m (Kojima 1991), more for Tl-201."""
    line = torch.zeros((32, 32, 32))
    line[:, 15:17, 15:17] = 1.0
    body = cylinder(200.0)
    found = ratio(TC, (PHOTOPEAK[TC], *TC99M_SCATTER), line, body)
    assert 0.3 < found[0] < 0.6
    assert ratio(TL, (PHOTOPEAK[TL],), line, body)[0] > 1.5 * found[0]
    assert ratio(TC, (PHOTOPEAK[TC],), line, cylinder(300.0))[0] > found[0]
    assert ratio(TC, (PHOTOPEAK[TC],), body, body)[0] < found[0]


def test_scatter_is_wider_than_what_scatters_and_in_its_place() -> None:
    body = cylinder(240.0, slices=17)
    spot = torch.zeros((17, 32, 32))
    spot[6, 20, 10] = 1.0
    projector = Projector((17, 32, 32), 12.8, Orbit(views=8), 0.15 * body, LEHR)
    (made,) = Scatter(projector, TC).project(torch.stack([spot, 2 * spot]), [PHOTOPEAK[TC]])
    assert made.shape == (2, 8, 17, 32)
    torch.testing.assert_close(made[1], 2 * made[0])
    assert int(made[0].sum((0, 2)).argmax()) in (6, 7)
    primary = projector.forward(spot)
    assert (made[0] > 0.02 * made[0].max()).sum() > 5 * (primary > 0.02 * primary.max()).sum()


def test_refused() -> None:
    with pytest.raises(RefusedError):
        Scatter(Projector((4, 8, 8), 10.0, Orbit(views=4)), TC)
    with pytest.raises(RefusedError):
        mu_per_cm(Tissue.BONE, 30.0)
    with pytest.raises(RefusedError):
        EnergyWindow(low_kev=140.0, high_kev=120.0)
