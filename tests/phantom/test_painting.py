"""Painted hearts: volumes, sides and softness, judged on the grid alone."""

from dataclasses import replace

import numpy as np
import pytest

from myoperf.core.terms import Sex, Tracer
from myoperf.phantom.heart import MUSCLE_G_PER_ML, Anatomy, Surroundings, to_voxels
from myoperf.phantom.painting import Grid, paint
from myoperf.phantom.population import draw_normal

WALL = np.ones((48, 72))
STEP = 2.0
_axis = np.asarray((np.arange(70) - 34.5) * STEP, dtype=np.float64)
GRID = Grid(slices=_axis, rows=_axis, columns=_axis, step_mm=STEP)


STILL = (0.0, 0.0, 0.0)
NOTHING = Surroundings(blood=0.0, lung=0.0, tissue=0.0, organs=())


def bare() -> Anatomy:
    """A still, level heart of 90 mL without right ventricle and surroundings."""
    anatomy = draw_normal(3, Sex.MALE, Tracer.TC99M).rest.anatomy
    right = replace(anatomy.right, uptake=0.0, seams=(0.0, 0.0))
    level = replace(anatomy, cavity_ml=90.0, apical_thinning=0.4, slant=0.0, tilt_deg=(0.0, 0.0), beat_mm=STILL)
    return replace(level, right=right, around=NOTHING)


def test_cavity_and_muscle_have_the_volumes_they_should() -> None:
    anatomy = bare()
    voxel_ml = STEP**3 / 1000
    muscle = paint(anatomy, WALL, GRID).sum() * voxel_ml
    assert muscle == pytest.approx(anatomy.mass_g / MUSCLE_G_PER_ML, rel=0.01)
    filled = replace(bare(), around=replace(NOTHING, blood=1.0))
    silent = replace(filled, right=replace(filled.right, reach_mm=-20.0, span_mm=1.0))
    assert paint(silent, WALL, GRID).sum() * voxel_ml == pytest.approx(90.0 + muscle, rel=0.02)


def test_the_beat_softens_borders_and_keeps_the_muscle() -> None:
    still, beating = bare(), replace(bare(), beat_mm=(7.0, 3.0, 10.0))
    sharp, soft = (paint(a, WALL, GRID) for a in (still, beating))
    assert soft.sum() == pytest.approx(sharp.sum(), rel=0.05)
    assert ((soft > 0.05) & (soft < 0.95)).sum() > 1.3 * ((sharp > 0.05) & (sharp < 0.95)).sum()


def test_right_ventricle_is_septal_and_liver_inferior() -> None:
    heart = draw_normal(5, Sex.FEMALE, Tracer.TC99M).rest.anatomy
    empty = replace(heart, around=replace(heart.around, organs=()))
    with_liver, without = paint(heart, WALL, GRID), paint(empty, WALL, GRID)
    assert (with_liver - without)[:, :25].sum() == pytest.approx(0, abs=1e-3)
    assert (with_liver - without)[:, 45:].sum() > 100
    quiet = replace(empty, right=replace(heart.right, uptake=0.0, seams=(0.0, 0.0)))
    crescent = without - paint(quiet, WALL, GRID)
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
