"""Collimator blur of all depths by the blurs of a few.

The Gaussian of each depth, as a picture of taps, is a weighted sum of the Gaussians of a handful of chosen depths, to
one part in a hundred thousand of its peak. So the planes of a view are first mixed into that handful of images, and
only these are blurred, each as two small matrix products.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from scipy.linalg import qr, solve_triangular, toeplitz

from .collimator import Collimator
from .orbit import Floats, Orbit

REACH_SD = 3.0
"""Standard deviations of the widest Gaussian after which taps are cut off; the rest is scaled to sum 1."""

_TOLERANCE = 1e-5


@dataclass(frozen=True, kw_only=True)
class Blur:
    """Depth-dependent Gaussian blur of projections.

    mix : shape (views, chosen, depths), how much of each plane goes into each chosen blur. across : (chosen, bin, bin)
    and along : (chosen, z, z), the symmetric matrices of the chosen blurs.
    """

    mix: torch.Tensor
    across: torch.Tensor
    along: torch.Tensor

    def forward(self, mixed: torch.Tensor) -> torch.Tensor:
        """Chosen images (chosen, bin, z) to the projection (bin, z)."""
        return torch.bmm(torch.bmm(self.across, mixed), self.along).sum(0)

    def back(self, projection: torch.Tensor) -> torch.Tensor:
        """Transpose of ``forward``."""
        wide = projection.expand(len(self.across), -1, -1)
        return torch.bmm(torch.bmm(self.across, wide), self.along)


def taps(sd_voxels: Floats, reach: int) -> Floats:
    """One half of Gaussians sampled at whole voxels, from the middle outwards: shape (..., reach + 1).

    Each whole Gaussian sums to 1. Sampling makes it narrower than it says where the standard deviation is less than
    about half a voxel.
    """
    place = np.arange(reach + 1)
    half = np.exp(-(place**2) / (2 * np.asarray(sd_voxels)[..., None] ** 2 + 1e-11))
    whole = half[..., :1] + 2 * half[..., 1:].sum(axis=-1, keepdims=True)
    return np.asarray(half / whole)


@lru_cache(maxsize=16)
def blur(collimator: Collimator, orbit: Orbit, shape: tuple[int, int, int], voxel_mm: float) -> Blur:
    """The blur of every view for volumes of this shape (z, y, x)."""
    slices, rows, columns = shape
    depths = max(rows, columns)
    radii, which = np.unique(orbit.radii_mm, return_inverse=True)
    towards = ((depths - 1) / 2 - np.arange(depths)) * voxel_mm
    sd = collimator.sd_mm(radii[:, None] - towards) / voxel_mm
    farthest = collimator.sd_mm(radii.max() + np.hypot(rows, columns) / 2 * voxel_mm) / voxel_mm
    reach = int(np.ceil(REACH_SD * farthest))
    half = taps(sd.ravel(), reach)
    chosen, weights = _choose(half)
    mix = weights.reshape(len(chosen), len(radii), depths).transpose(1, 0, 2)[which]
    return Blur(
        mix=torch.from_numpy(np.ascontiguousarray(mix, dtype=np.float32)),
        across=_matrices(half[chosen], columns),
        along=_matrices(half[chosen], slices),
    )


def _choose(half: Floats) -> tuple[list[int], Floats]:
    """Numbers of the chosen Gaussians, and weights (chosen, all) that make each Gaussian of them.

    Columns are taken by pivoted QR until every two-dimensional Gaussian is met to the tolerance, in parts of its peak.
    """
    pictures = (half[:, :, None] * half[:, None, :]).reshape(len(half), -1)
    pictures = (pictures / pictures.max(axis=1, keepdims=True)).T
    triangle, order = qr(pictures, mode="r", pivoting=True)
    number = 1
    while number < min(triangle.shape) and np.linalg.norm(triangle[number:], axis=0).max() > _TOLERANCE:
        number += 1
    weights = np.empty((number, len(half)))
    weights[:, order] = solve_triangular(triangle[:number, :number], triangle[:number])
    chosen = [int(k) for k in order[:number]]
    peak = half[:, 0] ** 2
    return chosen, np.asarray(weights * peak[None, :] / peak[chosen][:, None])


def _matrices(half: Floats, length: int) -> torch.Tensor:
    """Symmetric convolution matrices (chosen, length, length), zero outside the image."""
    first = np.zeros((len(half), length))
    kept = min(length, half.shape[1])
    first[:, :kept] = half[:, :kept]
    return torch.from_numpy(np.stack([toeplitz(row) for row in first]).astype(np.float32))
