"""A blurred half-ellipsoid shell, made here from its formula alone, with known centre, radius and defect."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage


@dataclass(frozen=True, kw_only=True)
class Shell:
    """A left ventricle for tests: mid-wall radius and cap (mm), centre of the cap (voxels), defect by disc angle."""

    spacing: tuple[float, float, float] = (6.0, 6.0, 6.0)
    shape: tuple[int, int, int] = (36, 48, 48)
    centre: tuple[float, float, float] = (14.0, 23.0, 25.0)
    radius: float = 27.0
    wall: float = 10.0
    length: float = 45.0
    defect: tuple[float, float] | None = None
    depth: float = 0.0
    blur: float = 5.5


def make(shell: Shell) -> NDArray[np.float32]:
    """Counts of the shell, 200 at most; the apex is at slice 0's side, the base open."""
    fine = 3
    grids = [(np.arange(n * fine) + 0.5) / fine - 0.5 for n in shell.shape]
    z, y, x = np.meshgrid(*grids, indexing="ij")
    t, v, u = ((g - c) * s for g, c, s in zip((z, y, x), shell.centre, shell.spacing, strict=True))
    across = np.hypot(u, v)
    distance = np.where(t < 0, np.sqrt(across**2 + t**2), across)
    wall = (np.abs(distance - shell.radius) < shell.wall / 2) & (t < shell.length)
    activity = wall * 1.0
    if shell.defect is not None:
        start, width = shell.defect
        angle = np.degrees(np.arctan2(-v, u)) % 360
        activity[((angle - start) % 360 < width)] *= 1 - shell.depth
    coarse = activity.reshape(shell.shape[0], fine, shell.shape[1], fine, shell.shape[2], fine).mean(axis=(1, 3, 5))
    counts = 300 * ndimage.gaussian_filter(coarse, [shell.blur / s for s in shell.spacing])
    return counts.astype(np.float32)
