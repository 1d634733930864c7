"""Masks of the left ventricle on the grid of its short-axis image: wall, cavity, and what disease has weakened."""

from dataclasses import replace

import numpy as np

from ..core.terms import State
from .disease import uptake_seen
from .heart import Anatomy
from .masks import Mask, VentricleMasks
from .painting import Activity, Grid, paint_heart
from .patients import TABLE_RINGS, TABLE_SECTORS, Patient, Scan
from .surface import Floats, wall_table

REDUCED = 0.15
"""Part of the uptake that must be lost to disease for a place to count as a defect."""


def left_alone(anatomy: Anatomy, *, cavity: float) -> Anatomy:
    """The left ventricle without right ventricle, atria, papillary muscles and seams; cavity : uptake of its blood."""
    return replace(
        anatomy,
        atria=None,
        papillary_mm=(0.0, 0.0),
        blood=cavity,
        right=replace(anatomy.right, uptake=0.0, seams=(0.0, 0.0), wall_mm=1e3),  # all wall, no blood
    )


def ventricle_masks(patient: Patient, state: State) -> VentricleMasks:
    """Where wall, cavity and defect lie in the stored volume of a state; the wall as it is on average over the beat."""
    scan = patient.scan(state)
    loss = _loss(patient, state)
    even = np.ones((TABLE_RINGS, TABLE_SECTORS))
    wall = _drawn(scan, even, 0.0) > 0.5
    cavity = (_drawn(scan, even, 1.0) > 0.5) & ~wall
    defect = wall & (_drawn(scan, (loss > REDUCED).astype(np.float64), 0.0) > 0.5)
    return VentricleMasks(wall=wall, cavity=cavity, defect=defect, spacing_mm=scan.field.spacing_mm)


def ischaemic_mask(patient: Patient, wall: Mask) -> Mask:
    """Where the wall loses uptake under stress that it has at rest, in the stress volume."""
    loss = _loss(patient, State.STRESS) - _loss(patient, State.REST)
    return wall & (_drawn(patient.stress, (loss > REDUCED / 2).astype(np.float64), 0.0) > 0.5)


def _loss(patient: Patient, state: State) -> Floats:
    s, phi = wall_table(TABLE_RINGS, TABLE_SECTORS)
    surface = patient.scan(state).anatomy.mid_wall
    seen = uptake_seen(patient.defects, surface, s, phi, protocol=patient.plan, state=state)
    return np.asarray(1.0 - seen)


def _drawn(scan: Scan, wall: Floats, cavity: float) -> Activity:
    """The left ventricle alone on the voxels of the stored volume."""
    field = scan.field
    slices, rows, columns = (
        np.asarray((np.arange(n) - middle) * step, dtype=np.float64)
        for n, middle, step in zip(field.shape, scan.anatomy.centre, field.spacing_mm, strict=True)
    )
    grid = Grid(slices=slices, rows=rows, columns=columns, step_mm=min(field.spacing_mm))
    alone = left_alone(scan.anatomy, cavity=cavity)
    return paint_heart(alone, wall, grid, np.zeros(field.shape, dtype=np.float32))
