"""The fast physics' attenuation against cases that can be worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from myoperf.core.terms import Sex, Tracer
from myoperf.phantom.patients import Patient
from myoperf.phantom.population import draw_normal
from myoperf.phantom.pose import Pose, pose_of, to_body
from myoperf.phantom.shadow import BEYOND, BROAD_BEAM, RINGS, SECTORS, VIEWS, on_table, wall_shadow
from myoperf.phantom.surface import Floats, wall_table
from myoperf.phantom.torso import MU_PER_CM, Material, Solid, Torso
from myoperf.phantom.ventricle import left_alone
from myoperf.phantom.waves import pattern

USUAL = np.exp(pattern(BEYOND, *wall_table(RINGS, SECTORS)))
EVEN = np.ones((24, 36))
NOTHING = Torso(solids=())
ROUND_MM = 150.0


def cylinder(radius_mm: float = ROUND_MM, material: Material = Material.SOFT) -> Torso:
    axes = (radius_mm, radius_mm, float("inf"))
    return Torso(solids=(Solid(name="body", material=material, centre=(0.0, 0.0, 0.0), axes=axes, uptake=0.0),))


def pose(x: float, y: float) -> Pose:
    return pose_of(left_deg=45.0, down_deg=30.0, roll_deg=0.0, centre_mm=(x, y, 0.0))


@pytest.fixture(scope="module")
def normal() -> Patient:
    return draw_normal(2, Sex.MALE, Tracer.TC99M)


def seen(
    normal: Patient,
    torso: Torso,
    where: Pose,
    tracer: Tracer = Tracer.TC99M,
    arc_deg: tuple[float, float] = (-45.0, 180.0),
) -> Floats:
    """The shadow without the pattern that stands for the full physics."""
    heart = left_alone(normal.rest.anatomy, cavity=0.0)
    found: Floats = wall_shadow(torso, where, heart, EVEN, tracer, arc_deg=arc_deg) / USUAL
    return found


@pytest.mark.parametrize("torso", [NOTHING, cylinder(material=Material.AIR)], ids=["empty", "air"])
def test_no_body_no_shadow(normal: Patient, torso: Torso) -> None:
    assert seen(normal, torso, pose(40.0, -30.0)) == pytest.approx(np.ones((RINGS, SECTORS)), abs=1e-9)


def test_more_body_more_shadow(normal: Patient) -> None:
    where = pose(40.0, -30.0)
    thin, thick = (seen(normal, cylinder(radius), where) for radius in (140.0, 180.0))
    lung = seen(normal, cylinder(180.0, Material.LUNG), where)
    assert thick.mean() < thin.mean() < lung.mean() < 1.0


def test_a_deeper_heart_and_its_deeper_walls_are_darker(normal: Patient) -> None:
    near, deep = seen(normal, cylinder(), pose(45.0, -45.0)), seen(normal, cylinder(), pose(0.0, 0.0))
    assert (deep.mean(axis=1) < near.mean(axis=1)).all()
    apex, base = near[: RINGS // 3].mean(), near[-RINGS // 3 :].mean()
    assert base < apex


def test_thallium_loses_more_everywhere(normal: Patient) -> None:
    both = [seen(normal, cylinder(), pose(40.0, -30.0), tracer) for tracer in (Tracer.TC99M, Tracer.TL201)]
    assert (both[1] < both[0]).all()


def through_water(x: float, y: float, tracer: Tracer, arc_deg: tuple[float, float]) -> float:
    """Mean over the views of what leaves a round body from one point: its uncorrected image over the true one."""
    theta = np.radians(arc_deg[0] + np.arange(VIEWS) * arc_deg[1] / VIEWS)
    across, towards = x * np.cos(theta) + y * np.sin(theta), x * np.sin(theta) - y * np.cos(theta)
    length_cm = (np.sqrt(ROUND_MM**2 - across**2) - towards) / 10.0
    return float(np.exp(-BROAD_BEAM * MU_PER_CM[tracer][Material.SOFT] * length_cm).mean())


@pytest.mark.parametrize("tracer", list(Tracer))
@pytest.mark.parametrize(("x", "y"), [(0.0, 0.0), (45.0, -40.0), (30.0, 20.0)])
@pytest.mark.parametrize("arc_deg", [(-45.0, 180.0), (0.0, 360.0)])
def test_a_tiny_heart_is_a_point_in_water(
    normal: Patient, x: float, y: float, tracer: Tracer, arc_deg: tuple[float, float]
) -> None:
    tiny = replace(
        left_alone(normal.rest.anatomy, cavity=1.0),
        cavity_ml=0.5,
        elongation=1.5,
        wall_mm=3.0,
        apical_thinning=0.2,
        valve=0.5,
        slant=0.0,
        relief=None,
        beat_mm=(1.0, 1.0, 1.0),
    )
    where = pose(x, y)
    middle = to_body(where, tiny.mid_wall.points(*wall_table(RINGS, SECTORS))[0]).mean(axis=(1, 2))
    found = wall_shadow(cylinder(), where, tiny, EVEN, tracer, arc_deg=arc_deg) / USUAL
    assert found.mean() == pytest.approx(through_water(middle[0], middle[1], tracer, arc_deg), rel=0.07)


def test_a_table_is_interpolated_around_the_end() -> None:
    rings, sectors = 5, 8
    shadow = np.random.default_rng(0).uniform(0.2, 1.0, (rings, sectors))
    assert on_table(shadow, rings, sectors) == pytest.approx(shadow)
    twice = on_table(shadow, rings, 2 * sectors)
    assert twice[:, ::2] == pytest.approx(shadow)
    assert twice[:, -1] == pytest.approx((shadow[:, -1] + shadow[:, 0]) / 2)
    turned = on_table(np.roll(shadow, 3, axis=1), 7, 2 * sectors)
    assert turned == pytest.approx(np.roll(on_table(shadow, 7, 2 * sectors), 6, axis=1))


def test_a_table_ends_at_apex_and_base_as_it_is() -> None:
    shadow = np.arange(1.0, 6.0)[:, None] * np.ones((5, 6))
    fine = on_table(shadow, 50, 12)
    assert (np.diff(fine, axis=0) >= 0).all()
    assert (fine.min(), fine.max()) == (1.0, 5.0)
    assert fine[:, 0] == pytest.approx(fine[:, 7])
