"""From transaxial slices to the heart's own: one rigid resampling."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import affine_transform

from myoperf.core.errors import RefusedError

Floats = NDArray[np.float64]
Direction = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class ObliqueGrid:
    """Where the voxels of an oblique volume lie in the patient.

    slice, row, column : unit vectors (x, y, z) in patient directions (LPS) along which each index rises. shape : voxels
    as (slices, rows, columns). spacing_mm : their edge. centre_mm : (x, y, z) of the grid's middle, from the origin on
    the axis of rotation, mm.
    """

    slice: Direction
    row: Direction
    column: Direction
    shape: tuple[int, int, int]
    spacing_mm: float
    centre_mm: Direction = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        axes = self.axes
        if not np.allclose(axes @ axes.T, np.eye(3), atol=1e-4):
            came = (self.slice, self.row, self.column)
            raise RefusedError(
                "grid", rule="slice, row and column are perpendicular unit vectors", came=came, do="mend"
            )
        if len(self.shape) != 3 or min(self.shape) < 1 or not self.spacing_mm > 0:
            size = f"{self.shape}, {self.spacing_mm} mm"
            raise RefusedError(
                "grid", rule="shape is three positive numbers, spacing positive mm", came=size, do="mend"
            )

    @property
    def axes(self) -> Floats:
        """The three directions, shape (slice row column, x y z)."""
        return np.asarray([self.slice, self.row, self.column], dtype=np.float64)


@torch.no_grad()
def short_axis(volume: torch.Tensor, voxel_mm: float, grid: ObliqueGrid, order: int = 1) -> torch.Tensor:
    """The volume (..., z, y, x) on an oblique grid: (..., slice, row, column).

    voxel_mm : edge of the transaxial voxel. order : 1 for linear interpolation, 3 for cubic splines (sharper, some ten
    times as slow, may go below 0). Outside the volume lies 0.
    """
    if volume.ndim < 3 or order not in (1, 3):
        came = f"{tuple(volume.shape)}, order {order}"
        raise RefusedError("volume", rule="is (..., z, y, x), order 1 or 3", came=came, do="give both as told")
    step, first = _steps(volume.shape[-3:], voxel_mm, grid)
    stack = volume.float().reshape(-1, *volume.shape[-3:])
    made = _linear(stack, step, first, grid.shape) if order == 1 else _cubic(stack, step, first, grid.shape)
    return made.reshape(*volume.shape[:-3], *grid.shape)


def _steps(shape: torch.Size, voxel_mm: float, grid: ObliqueGrid) -> tuple[Floats, Floats]:
    """Voxels a step as a matrix (z y x, slice row column), and the place (z, y, x) of the grid's first voxel."""
    towards = grid.axes[:, ::-1].T * (grid.spacing_mm / voxel_mm)
    middle = np.asarray(grid.centre_mm[::-1]) / voxel_mm + (np.asarray(shape) - 1) / 2
    return towards, middle - towards @ ((np.asarray(grid.shape) - 1) / 2)


def _linear(stack: torch.Tensor, step: Floats, first: Floats, shape: tuple[int, int, int]) -> torch.Tensor:
    half = np.maximum((np.asarray(stack.shape[-3:]) - 1) / 2, 0.5)
    scaled = torch.from_numpy((step / half[:, None])[::-1].astype(np.float32))
    place = torch.from_numpy((first / half - 1)[::-1].astype(np.float32))
    i, j, k = (torch.arange(n, dtype=torch.float32) for n in shape)
    along = i[:, None, None, None] * scaled[:, 0] + j[:, None, None] * scaled[:, 1] + k[:, None] * scaled[:, 2] + place
    return torch.nn.functional.grid_sample(
        stack[None], along[None], mode="bilinear", padding_mode="zeros", align_corners=True
    )[0]


def _cubic(stack: torch.Tensor, step: Floats, first: Floats, shape: tuple[int, int, int]) -> torch.Tensor:
    made = [affine_transform(one.numpy(), step, first, shape, order=3, mode="grid-constant") for one in stack]
    return torch.from_numpy(np.stack(made))
