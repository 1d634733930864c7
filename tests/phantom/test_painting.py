"""Painted hearts: volumes, sides and softness, judged on the grid alone."""

from dataclasses import replace

import numpy as np
import pytest

from myoperf.core.terms import Sex
from myoperf.phantom.forms import Form, draw_heart
from myoperf.phantom.heart import MUSCLE_G_PER_ML, Anatomy, to_voxels
from myoperf.phantom.painting import Activity, Grid, body_grid, paint_heart
from myoperf.phantom.pose import Pose, pose_of, to_body
from myoperf.phantom.surface import Floats

WALL = np.ones((48, 72))
STEP = 2.0
_axis = np.asarray((np.arange(70) - 34.5) * STEP, dtype=np.float64)
GRID = Grid(slices=_axis, rows=_axis, columns=_axis, step_mm=STEP)


STILL = (0.0, 0.0, 0.0)


def paint(anatomy: Anatomy, wall: Floats, grid: Grid) -> Activity:
    """The heart alone on an empty grid."""
    empty = np.zeros((len(grid.slices), len(grid.rows), len(grid.columns)), dtype=np.float32)
    return paint_heart(anatomy, wall, grid, empty)


def whole(seed: int) -> Anatomy:
    """A drawn heart with all its parts."""
    random = np.random.default_rng(seed)
    return draw_heart(random, sex=Sex.MALE, form=Form.NORMAL, ed_volume_ml=120.0, es_volume_ml=50.0, blood=0.12)


def bare() -> Anatomy:
    """A still, level heart of 90 mL without right ventricle and surroundings."""
    anatomy = replace(whole(3), atria=None, papillary_mm=(0.0, 0.0))
    right = replace(anatomy.right, uptake=0.0, seams=(0.0, 0.0))
    level = replace(anatomy, cavity_ml=90.0, apical_thinning=0.4, slant=0.0, tilt_deg=(0.0, 0.0), beat_mm=STILL)
    return replace(level, right=right, blood=0.0)


def test_cavity_and_muscle_have_the_volumes_they_should() -> None:
    anatomy = bare()
    voxel_ml = STEP**3 / 1000
    muscle = paint(anatomy, WALL, GRID).sum() * voxel_ml
    assert muscle == pytest.approx(anatomy.mass_g / MUSCLE_G_PER_ML, rel=0.01)
    filled = replace(bare(), blood=1.0)
    silent = replace(filled, right=replace(filled.right, reach_mm=-20.0, span_mm=1.0))
    assert paint(silent, WALL, GRID).sum() * voxel_ml == pytest.approx(90.0 + muscle, rel=0.02)


def test_the_beat_softens_borders_and_keeps_the_muscle() -> None:
    still, beating = bare(), replace(bare(), beat_mm=(7.0, 3.0, 10.0))
    sharp, soft = (paint(a, WALL, GRID) for a in (still, beating))
    assert soft.sum() == pytest.approx(sharp.sum(), rel=0.05)
    assert ((soft > 0.05) & (soft < 0.95)).sum() > 1.3 * ((sharp > 0.05) & (sharp < 0.95)).sum()


def test_right_ventricle_is_septal_and_ends_before_the_apex() -> None:
    heart = replace(whole(5), atria=None)
    quiet = replace(heart, right=replace(heart.right, uptake=0.0, seams=(0.0, 0.0)))
    crescent = paint(heart, WALL, GRID) - paint(quiet, WALL, GRID)
    columns = (crescent * np.arange(70)).sum() / crescent.sum()
    assert columns < 25
    assert crescent[-0.9 * heart.outer[1] > _axis].sum() == pytest.approx(0, abs=1e-3)


def test_apex_is_thinner_and_on_the_side_of_slice_zero() -> None:
    anatomy = bare()
    field = paint(anatomy, WALL, GRID)
    assert field[_axis < -anatomy.outer[1] - STEP].sum() == 0
    assert field[_axis > anatomy.mid_wall.valve_mm + STEP].sum() == 0
    inked = np.nonzero(field.sum(axis=(1, 2)))[0]
    closed, open_ = field[inked[0] + 1, 34, 34], field[inked[-1] - 1, 34, 34]
    assert closed > 0.5
    assert open_ == 0
    assert anatomy.outer[1] - anatomy.inner[1] == pytest.approx(0.6 * anatomy.wall_mm)


def test_to_voxels_points_where_the_axes_say() -> None:
    anatomy = replace(bare(), centre=(20.0, 32.0, 30.0))
    places = np.array([[10.0, 0, 0], [0, 10.0, 0], [0, 0, 10.0]]).T
    voxels = to_voxels(anatomy, places, (5.0, 5.0, 5.0)).T
    assert voxels == pytest.approx(np.array([[20, 32, 32], [20, 30, 30], [22, 32, 30]]))


def test_tilt_turns_the_axis_and_keeps_lengths() -> None:
    tilted = replace(bare(), tilt_deg=(9.0, -5.0))
    assert tilted.turn @ tilted.turn.T == pytest.approx(np.eye(3))
    apex = to_voxels(tilted, np.array([0.0, 0.0, -60.0]).reshape(3, 1), (1.0, 1.0, 1.0))[:, 0] - tilted.centre
    assert np.linalg.norm(apex) == pytest.approx(60.0)
    assert abs(apex[1]) > 3
    assert abs(apex[2]) > 3


def in_body(anatomy: Anatomy, pose: Pose, step: float, cells: int) -> np.ndarray:
    field = np.zeros((cells,) * 3, np.float32)
    return paint_heart(anatomy, WALL, body_grid(field.shape, step, pose, centre_mm=pose.centre_mm), field)


@pytest.mark.parametrize("seed", [3, 8])
def test_a_heart_on_the_body_grid_is_the_heart_on_its_own_turned(seed: int) -> None:
    pose = pose_of(left_deg=47.0, down_deg=31.0, roll_deg=5.0, centre_mm=(38.0, -35.0, 4.0))
    drawn = whole(seed)
    heart = replace(drawn, blood=0.0, right=replace(drawn.right, reach_mm=26.0, span_mm=28.0))
    own, body = paint(heart, WALL, GRID), in_body(heart, pose, STEP, 80)
    assert body.sum() == pytest.approx(own.sum(), rel=0.003)
    z, y, x = (np.indices(body.shape) - 39.5) * STEP
    found = np.array([(axis * body).sum() / body.sum() for axis in (x, y, z)]) + pose.centre_mm
    slices, rows, columns = (np.indices(own.shape) - 34.5) * STEP
    centroid = np.array([(axis * own).sum() / own.sum() for axis in (columns, -rows, slices)])
    assert found == pytest.approx(to_body(pose, centroid), abs=0.25)


def test_cells_of_both_grids_agree_at_the_same_places() -> None:
    """A pose along the axes of the body: the transaxial cells are the short-axis cells, reordered."""
    pose = pose_of(left_deg=90.0, down_deg=0.0, roll_deg=0.0)
    heart = replace(whole(4), blood=0.0)
    own, body = paint(heart, WALL, GRID), in_body(heart, pose, STEP, 70)
    turned = own.transpose(1, 2, 0)[::-1, :, ::-1]
    assert body == pytest.approx(turned, abs=2e-4)


def test_only_the_heart_is_painted_over_what_is_there() -> None:
    pose = pose_of(left_deg=45.0, down_deg=30.0, roll_deg=0.0)
    field = np.full((60, 60, 60), 0.3, np.float32)
    grid = body_grid(field.shape, 4.0, pose)
    painted = paint_heart(whole(2), WALL, grid, field)
    assert painted is field
    assert field[0, 0, 0] == field[-1, -1, -1] == np.float32(0.3)
    assert field.max() == pytest.approx(1.0, abs=1e-4)
    assert field[30, 30, 30] < 0.2


def test_blood_and_muscle_share_the_cells_of_their_border() -> None:
    """As warm as each other, they leave no seam: every cell inside the epicardium is 1."""
    heart = replace(bare(), blood=1.0)
    field = paint(heart, WALL, GRID)
    t, v, u = np.meshgrid(_axis, -_axis, _axis, indexing="ij")
    across, along = (half - 2 * STEP for half in heart.outer)
    inside = ((u**2 + v**2) / across**2 + (t / along) ** 2 < 1) & (t < heart.mid_wall.valve_mm - 2 * STEP)
    assert inside.sum() > 5000
    assert field[inside] == pytest.approx(1.0, abs=1e-4)


def test_papillary_muscles_stand_where_they_should_inside_the_cavity() -> None:
    plain = bare()
    with_them = replace(plain, papillary_mm=(5.0, 5.0))
    extra = paint(with_them, WALL, GRID) - paint(plain, WALL, GRID)
    assert extra.min() > -1e-5
    assert 1.0 < extra.sum() * STEP**3 / 1000 < 6.0
    _, rows, columns = np.nonzero(extra > 0.5)
    angle = np.degrees(np.arctan2(34.5 - rows, columns - 34.5)) % 360
    assert set(np.round(np.unique(np.where(angle < 140, 45, 240)))) == {45, 240}
    assert abs(angle[angle < 140].mean() - 45) < 8
    assert abs(angle[angle > 140].mean() - 240) < 8


def test_atria_lie_behind_the_valve_plane() -> None:
    heart = replace(whole(6), tilt_deg=(0.0, 0.0), beat_mm=STILL)
    without = replace(heart, atria=None)
    extra = paint(heart, WALL, GRID) - paint(without, WALL, GRID)
    assert extra[_axis < 0].sum() == pytest.approx(0.0, abs=1.0)
    assert extra[_axis > heart.mid_wall.valve_mm].sum() * STEP**3 / 1000 > 3.0
