"""What the body does to the image of the heart: the fast physics' attenuation.

A coarse tomography of the heart in its body is computed twice, with and without attenuation, reconstructed both times
by filtered back-projection as if there were none, and compared along the wall. What attenuation takes, and what an
uncorrected reconstruction smears about, is low in frequency, so coarse cells (13.2 mm) tell it; the fast physics then
puts it on the sharp heart. The body is the same as the full physics', so both see the same shadow.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, sparse

from ..core.terms import Tracer
from .heart import Anatomy
from .painting import Grid, paint_heart
from .pose import Pose, grid_turn, to_body
from .surface import Floats, wall_table
from .torso import Torso, paint_torso
from .waves import Waves, pattern

RINGS, SECTORS = 10, 18
"""Samples of the wall at which both images are compared; between them the shadow is interpolated."""

STEP_MM, CELLS, ROWS, VIEWS = 13.2, 34, 14, 24
_DEPTHS_MM = (-6.0, 0.0, 6.0)
_SOFT_CELLS = 0.45

BROAD_BEAM = 0.85
"""Part of the attenuation that an image feels: scattered photons inside the window make up for the rest (ours)."""

Coarse = NDArray[np.float32]

BEYOND: Waves = (
    (0.0, -0.017, -0.007, 0.042, -0.028, 0.0, 0.0, 0.014, -0.007),
    (0.031, 0.003, -0.047, 0.0, 0.044, 0.018, -0.026, -0.012, 0.007),
    (-0.010, 0.0, 0.005, -0.011, -0.005, -0.010, 0.013, 0.0, 0.0),
    (-0.024, 0.029, 0.0, -0.020, 0.0, 0.0, 0.0, 0.0, 0.0),
    (0.025, -0.046, 0.0, 0.014, 0.0, 0.0, 0.0, 0.0, 0.0),
    (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
)
"""What the full physics does beyond the coarse tomography, as logarithms: depth-dependent blur, breathing and scatter.
Measured on normals of both sexes."""


def wall_shadow(
    torso: Torso,
    pose: Pose,
    anatomy: Anatomy,
    wall: Floats,
    tracer: Tracer,
    *,
    arc_deg: tuple[float, float] = (-45.0, 180.0),
) -> Floats:
    """What is seen of the wall through the body over what would be seen without it, shape (RINGS, SECTORS).

    wall : uptake of the wall on an (s, phi) table. arc_deg : where the arc of the camera starts (0 in front of the
    chest, 90 at the patient's left), and its length.
    """
    centre = (0.0, 0.0, pose.centre_mm[2])
    uptake, mu = paint_torso(torso, (ROWS, CELLS, CELLS), STEP_MM, tracer, centre_mm=centre)
    rows, across, along = (
        (np.arange(n) - (n - 1) / 2) * STEP_MM + middle - heart
        for n, middle, heart in zip(uptake.shape, centre[::-1], pose.centre_mm[::-1], strict=True)
    )
    grid = Grid(slices=rows, rows=across, columns=along, step_mm=STEP_MM, turn=grid_turn(pose))
    paint_heart(anatomy, wall, grid, uptake)
    bare, seen = _reconstructed(uptake, BROAD_BEAM * mu, arc_deg)
    s, phi = wall_table(RINGS, SECTORS)
    place, normal = anatomy.mid_wall.points(s, phi)
    deep = place[:, None] + normal[:, None] * np.asarray(_DEPTHS_MM)[None, :, None, None]
    x, y, z = to_body(pose, deep)
    cells = [
        (axis - middle) / STEP_MM + (n - 1) / 2
        for axis, middle, n in zip((z, y, x), centre[::-1], mu.shape, strict=True)
    ]
    without, through = (
        ndimage.map_coordinates(image, cells, order=1, output=np.float64).mean(axis=0) for image in (bare, seen)
    )
    shadow: Floats = np.maximum(through, 0.0) / np.maximum(without, 0.05 * without.max())
    return shadow * np.exp(pattern(BEYOND, s, phi))


def _reconstructed(uptake: Coarse, mu: Coarse, arc_deg: tuple[float, float]) -> tuple[Coarse, Coarse]:
    """Filtered back-projections without and with attenuation on the way, both uncorrected, shape (z, y, x)."""
    turns, smear = _tables(arc_deg)
    shape = (VIEWS, CELLS, CELLS, ROWS)
    turned = (turns @ uptake.reshape(ROWS, -1).T).reshape(shape)
    path = (turns @ mu.reshape(ROWS, -1).T).reshape(shape) * np.float32(STEP_MM / 10.0)
    through = np.exp(-(np.cumsum(path, axis=1) - path / 2))
    images = []
    for left in (turned, turned * through):
        filtered = _ramp() @ left.sum(axis=1)
        image = (smear @ filtered.reshape(VIEWS * CELLS, ROWS)).T.reshape(ROWS, CELLS, CELLS)
        images.append(ndimage.gaussian_filter(image, _SOFT_CELLS, mode="constant"))
    return images[0], images[1]


@lru_cache(maxsize=1)
def _ramp() -> Coarse:
    """The ramp filter over the bins of one view as a matrix (Ramachandran and Lakshminarayanan 1971)."""
    away = np.arange(CELLS)[:, None] - np.arange(CELLS)[None]
    odd = away % 2 != 0
    kernel = np.where(away == 0, 0.25, 0.0)
    kernel[odd] = -1.0 / (np.pi * away[odd]) ** 2
    return np.asarray(kernel * np.pi / VIEWS, dtype=np.float32)


@lru_cache(maxsize=4)
def _tables(arc_deg: tuple[float, float]) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Bilinear turning of a slice to every view, depth from the detector first, and the way back from its bins."""
    start, arc = arc_deg
    centred = np.arange(CELLS) - (CELLS - 1) / 2
    depth, bins = np.meshgrid(centred, centred, indexing="ij")
    parts, backs = [], []
    for view in range(VIEWS):
        theta = np.radians(start + view * arc / VIEWS)
        sin, cos = np.sin(theta), np.cos(theta)
        x = bins * cos - depth * sin + (CELLS - 1) / 2
        y = bins * sin + depth * cos + (CELLS - 1) / 2
        turn = _bilinear(y.ravel(), x.ravel())
        parts.append(turn)
        gather = sparse.csr_array(np.tile(np.eye(CELLS, dtype=np.float32), (1, CELLS)))
        backs.append((gather @ turn).T)
    return sparse.csr_array(sparse.vstack(parts)), sparse.csr_array(sparse.hstack(backs))


def _bilinear(y: Floats, x: Floats) -> sparse.csr_array:
    """Weights of the four cells around each place, shape (places, CELLS * CELLS); nothing outside."""
    low_y, low_x = np.floor(y).astype(int), np.floor(x).astype(int)
    rows, columns, weights = [], [], []
    for dy in (0, 1):
        for dx in (0, 1):
            cell_y, cell_x = low_y + dy, low_x + dx
            weight = (1 - np.abs(y - cell_y)) * (1 - np.abs(x - cell_x))
            inside = (cell_y >= 0) & (cell_y < CELLS) & (cell_x >= 0) & (cell_x < CELLS)
            rows.append(np.flatnonzero(inside))
            columns.append((cell_y * CELLS + cell_x)[inside])
            weights.append(weight[inside])
    where = (np.concatenate(rows), np.concatenate(columns))
    table = sparse.coo_array((np.concatenate(weights).astype(np.float32), where), shape=(y.size, CELLS * CELLS))
    return sparse.csr_array(table)


def on_table(shadow: Floats, rings: int, sectors: int) -> Floats:
    """The shadow on an even (s, phi) table, bilinear, cyclic in phi."""
    row = np.clip((np.arange(rings) + 0.5) / rings * shadow.shape[0] - 0.5, 0, shadow.shape[0] - 1)
    column = np.arange(sectors) / sectors * shadow.shape[1]
    closed = np.concatenate([shadow, shadow[:, :1]], axis=1)
    table: Floats = ndimage.map_coordinates(closed, np.meshgrid(row, column, indexing="ij"), order=1)
    return table
