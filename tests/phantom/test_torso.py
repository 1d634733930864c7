"""Solids, their borders and what they attenuate, on places and on grids; and how a heart lies in a body."""

from time import perf_counter

import numpy as np
import pytest

from myoperf.core.terms import Sex, Tracer
from myoperf.phantom.body import draw_torso
from myoperf.phantom.pose import Pose, draw_pose, grid_turn, pose_of, to_body, to_heart
from myoperf.phantom.torso import MU_PER_CM, Material, Solid, Torso, paint_torso, torso_at

INFINITE = float("inf")
BODY = Solid(name="body", material=Material.SOFT, centre=(0.0, 0.0, 0.0), axes=(150.0, 100.0, INFINITE), uptake=0.1)
LUNG = Solid(
    name="lung",
    material=Material.LUNG,
    centre=(70.0, 0.0, 10.0),
    axes=(30.0, 60.0, 80.0),
    turn_deg=90.0,
    uptake=0.05,
)
HOT = Solid(name="hot", material=Material.SOFT, centre=(-40.0, 20.0, -30.0), axes=(20.0, 30.0, 25.0), uptake=2.0)
SIMPLE = Torso(solids=(BODY, LUNG, HOT))


def test_later_solids_lie_over_earlier_ones_and_outside_is_air() -> None:
    x = np.array([0.0, 70.0, -40.0, 200.0])
    y, z = np.array([0.0, 0.0, 20.0, 0.0]), np.array([0.0, 10.0, -30.0, 0.0])
    uptake, mu = torso_at(SIMPLE, x, y, z, step_mm=1.0, tracer=Tracer.TC99M)
    assert uptake == pytest.approx([0.1, 0.05, 2.0, 0.0])
    assert mu == pytest.approx([0.154, 0.045, 0.154, 0.0])
    assert SIMPLE.find("hot") is HOT
    assert SIMPLE.find("cold") is None


@pytest.mark.parametrize("tracer", list(Tracer))
def test_attenuation_along_a_chord_is_that_of_its_lengths(tracer: Tracer) -> None:
    """Along x at y = 0, z = 10: 300 mm of body, of which the turned lung takes 120 mm."""
    x = np.arange(-200.0, 200.0, 0.5)
    _, mu = torso_at(SIMPLE, x, 0.0, 10.0, step_mm=2.0, tracer=tracer)
    soft, lung = MU_PER_CM[tracer][Material.SOFT], MU_PER_CM[tracer][Material.LUNG]
    assert mu.sum() * 0.05 == pytest.approx(18.0 * soft + 12.0 * lung, rel=0.005)


def test_borders_are_one_cell_wide_and_halved_on_the_surface() -> None:
    uptake, _ = torso_at(SIMPLE, [147.0, 150.0, 153.0], 0.0, 0.0, step_mm=4.0, tracer=Tracer.TC99M)
    assert uptake == pytest.approx([0.1, 0.05, 0.0], abs=2e-4)


def test_a_solid_has_its_volume_on_the_grid() -> None:
    alone = Torso(solids=(HOT,))
    uptake, _ = paint_torso(alone, (40, 40, 40), 4.0, Tracer.TC99M, centre_mm=(-40.0, 20.0, -30.0))
    assert uptake.sum() * 4.0**3 / 1000 == pytest.approx(2.0 * HOT.volume_ml, rel=0.01)
    assert HOT.volume_ml == pytest.approx(62.83, abs=0.01)


def test_grid_and_places_agree_for_every_kind_of_solid() -> None:
    random = np.random.default_rng(5)
    pose = draw_pose(random, sex=Sex.FEMALE, bmi=31.0)
    torso = draw_torso(
        random, sex=Sex.FEMALE, bmi=31.0, pose=pose, reach_mm=(34.0, 62.0), tracer=Tracer.TL201, hot_gut=1.0
    )
    shape, step, centre = (20, 36, 40), 12.0, (5.0, -10.0, -20.0)
    z, y, x = ((np.arange(n) - (n - 1) / 2) * step + middle for n, middle in zip(shape, centre[::-1], strict=True))
    placed = torso_at(torso, x[None, None], y[None, :, None], z[:, None, None], step_mm=step, tracer=Tracer.TL201)
    painted = paint_torso(torso, shape, step, Tracer.TL201, centre_mm=centre)
    for one, other in zip(placed, painted, strict=True):
        assert one.shape == shape
        assert one == pytest.approx(other, abs=5e-3)


def test_turned_solids_point_where_their_axes_say() -> None:
    long = Solid(
        name="long",
        material=Material.SOFT,
        centre=(0.0, 0.0, 0.0),
        axes=(10.0, 10.0, 50.0),
        turn=pose_of(left_deg=90.0, down_deg=0.0, roll_deg=0.0).turn,
        uptake=1.0,
    )
    uptake, _ = torso_at(Torso(solids=(long,)), [40.0, 0.0, 0.0], [0.0, 40.0, 0.0], [0.0, 0.0, 40.0],
                         step_mm=1.0, tracer=Tracer.TC99M)  # fmt: skip
    assert uptake == pytest.approx([1.0, 0.0, 0.0])
    assert long.half_box == pytest.approx((50.0, 10.0, 10.0))


def test_a_torso_of_cylinders_alone_fills_every_slice() -> None:
    uptake, mu = paint_torso(Torso(solids=(BODY,)), (3, 20, 20), 20.0, Tracer.TC99M)
    assert uptake.shape == mu.shape == (3, 20, 20)
    assert (uptake[0] == uptake[2]).all()


def test_painting_is_fast_enough_for_every_patient() -> None:
    """Ten times the time it takes on a quiet core; the best of several, since others may work beside."""
    random = np.random.default_rng(0)
    pose = draw_pose(random, sex=Sex.MALE, bmi=27.0)
    torso = draw_torso(random, sex=Sex.MALE, bmi=27.0, pose=pose, reach_mm=(35.0, 65.0), tracer=Tracer.TC99M)
    taken = []
    for _ in range(5):
        start = perf_counter()
        paint_torso(torso, (64, 64, 64), 6.6, Tracer.TC99M)
        taken.append(perf_counter() - start)
    assert min(taken) < 0.06


def test_the_usual_heart_points_left_forward_and_down() -> None:
    poses = [draw_pose(np.random.default_rng(number), sex=sex, bmi=27.0) for sex in Sex for number in range(60)]
    apex = np.mean([-np.asarray(pose.turn)[2] for pose in poses], axis=0)
    lateral, anterior = (np.mean([np.asarray(pose.turn)[k] for pose in poses], axis=0) for k in (0, 1))
    assert apex[0] > 0.4
    assert apex[1] < -0.4
    assert -0.75 < apex[2] < -0.3
    assert lateral[0] > 0.6
    assert anterior[2] > 0.7
    for pose in poses:
        turn = np.asarray(pose.turn)
        assert turn @ turn.T == pytest.approx(np.eye(3), abs=1e-12)
        assert np.linalg.det(turn) == pytest.approx(-1.0)
        assert np.linalg.det(np.asarray(grid_turn(pose))) == pytest.approx(1.0)


def test_a_heart_that_points_straight_left() -> None:
    pose = pose_of(left_deg=90.0, down_deg=0.0, roll_deg=0.0, centre_mm=(10.0, 20.0, 30.0))
    body = to_body(pose, np.array([[0.0, 0.0, -50.0], [0.0, 40.0, 0.0], [30.0, 0.0, 0.0]]).T).T
    assert body == pytest.approx(np.array([[60.0, 20.0, 30.0], [10.0, 20.0, 70.0], [10.0, 50.0, 30.0]]))
    assert to_heart(pose, body.T).T[0] == pytest.approx([0.0, 0.0, -50.0])


def test_heavy_hearts_lie_flatter() -> None:
    def down(bmi: float) -> float:
        poses = [draw_pose(np.random.default_rng(k), sex=Sex.MALE, bmi=bmi) for k in range(40)]
        return float(np.mean([np.degrees(np.arcsin(pose.turn[2][2])) for pose in poses]))

    assert down(38.0) < down(22.0) - 5.0
    assert draw_pose(np.random.default_rng(1), sex=Sex.MALE, bmi=25.0) == draw_pose(
        np.random.default_rng(1), sex=Sex.MALE, bmi=25.0
    )
    assert isinstance(draw_pose(np.random.default_rng(1), sex=Sex.MALE, bmi=25.0), Pose)
