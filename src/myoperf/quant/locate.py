"""Find the left ventricle in a short-axis volume: a bright ring around a dark cavity, kept over several slices.

A matched filter: the normalised correlation of the image with a shell of wall of radius R, over all places and radii.
A hot liver or gut correlates badly with a ring, whatever its counts; noise in an empty field is kept out by asking for
wall counts as well.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from ..core.errors import RefusedError

Image = NDArray[np.float32]
"""Counts, shape (slice, row, column), in the project's orientation."""

RADII_MM = (18.0, 22.0, 26.0, 30.0, 35.0, 41.0)
WALL_SIGMA_MM = 7.0
SHELL_LENGTH_MM = 40.0
WORKING_MM = 6.0
RIM = 4
LEAST_CORRELATION = 0.20


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the left ventricle lies: middle of its body in mm from the first voxel (slice, row, column), the
    mid-wall radius in mm, and how well a ring fits there (correlation, 0..1, higher is better)."""

    centre_mm: tuple[float, float, float]
    radius_mm: float
    correlation: float


def locate(image: Image, spacing_mm: tuple[float, float, float], *, source: str) -> Place:
    """Place of the left ventricle in an image of counts.

    Raises RefusedError where nothing in the image is a ring of wall around a cavity.
    """
    counts, step = _coarse(np.maximum(image, 0), spacing_mm)
    top = float(np.percentile(counts, 99.5))
    if top <= 0:
        raise RefusedError(
            source,
            rule="a heart must be in the image",
            came="no counts in 99.5 % of the voxels",
            do="check that the right series was exported",
        )
    part, first = _occupied((np.minimum(counts, top) / top).astype(np.float32))
    best = _best_ring(part, step)
    z, y, x = (b + f * s for b, f, s in zip(best.centre_mm, first, step, strict=True))
    best = replace(best, centre_mm=(z, y, x))
    if best.correlation < LEAST_CORRELATION:
        raise RefusedError(
            source,
            rule="a ring of myocardium around a cavity must be found",
            came=f"best correlation {best.correlation:.2f}, at least {LEAST_CORRELATION} is asked",
            do="look at the slices: the left ventricle may be cut off or hidden by extracardiac activity",
        )
    return best


def _occupied(counts: Image) -> tuple[Image, tuple[int, int, int]]:
    """The box that holds all counts above 2 percent, with a rim, and its first voxel: fields are often masked."""
    bright = counts > 0.02
    spans = [np.flatnonzero(bright.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1))]
    first = [max(0, int(span[0]) - RIM) for span in spans]
    box = tuple(slice(low, int(span[-1]) + 1 + RIM) for low, span in zip(first, spans, strict=True))
    return np.ascontiguousarray(counts[box]), (first[0], first[1], first[2])


def _coarse(counts: Image, spacing_mm: tuple[float, float, float]) -> tuple[Image, tuple[float, float, float]]:
    """Bring fine images to about 6 mm voxels: the ring is wide, and the search is then as quick for every matrix."""
    factors = [max(1, int(WORKING_MM / s + 0.35)) for s in spacing_mm]
    if max(factors) == 1:
        return counts.astype(np.float32, copy=False), spacing_mm
    shape = [n // f * f for n, f in zip(counts.shape, factors, strict=True)]
    cut = counts[: shape[0], : shape[1], : shape[2]]
    blocks = cut.reshape(shape[0] // factors[0], factors[0], shape[1] // factors[1], factors[1], -1, factors[2])
    step = tuple(s * f for s, f in zip(spacing_mm, factors, strict=True))
    return blocks.mean(axis=(1, 3, 5)).astype(np.float32), (step[0], step[1], step[2])


@lru_cache(maxsize=8)
def _kernels(
    rows: int, columns: int, row_mm: float, column_mm: float
) -> tuple[NDArray[np.complex64], NDArray[np.complex64], NDArray[np.float32]]:
    """Spectra of the ring kernels (zero mean, unit norm over their disc) and of the discs, for every radius."""
    y = (np.arange(rows) - rows // 2) * row_mm
    x = (np.arange(columns) - columns // 2) * column_mm
    distance = np.hypot(y[:, None], x[None, :])
    rings: list[NDArray[np.float64]] = []
    discs: list[NDArray[np.float64]] = []
    for radius in RADII_MM:
        inside = distance <= radius + 1.5 * WALL_SIGMA_MM
        ring = np.exp(-((distance - radius) ** 2) / (2 * WALL_SIGMA_MM**2)) * inside
        ring = (ring - ring[inside].mean()) * inside
        rings.append(ring / np.sqrt((ring**2).sum()))
        discs.append(inside / inside.sum())
    sizes = np.array([np.count_nonzero(d) for d in discs], dtype=np.float32)
    return _spectra(rings), _spectra(discs), sizes


def _spectra(kernels: list[NDArray[np.float64]]) -> NDArray[np.complex64]:
    spectra = fft.rfft2(np.fft.ifftshift(np.stack(kernels), axes=(1, 2)).astype(np.float32))
    return np.conj(spectra).astype(np.complex64, copy=False)


def _best_ring(counts: Image, step: tuple[float, float, float]) -> Place:
    slices, rows, columns = counts.shape
    pad = int(np.ceil(RADII_MM[2] / min(step[1:]) / 2))
    height, width = (fft.next_fast_len(n + 2 * pad, real=True) for n in (rows, columns))
    edges = ((0, 0), (pad, height - rows - pad), (pad, width - columns - pad))
    counts = np.pad(counts, edges, mode="edge")
    rings, discs, sizes = _kernels(height, width, step[1], step[2])
    length = min(slices, max(3, round(SHELL_LENGTH_MM / step[0])))
    shell = ndimage.uniform_filter1d(counts, length, axis=0, mode="nearest")[::2]
    shell_squares = ndimage.uniform_filter1d(counts**2, length, axis=0, mode="nearest")[::2]
    spectrum, squares = (fft.rfft2(a, s=(height, width)) for a in (shell, shell_squares))
    best: tuple[float, float, tuple[int, int, int], int] | None = None
    for k in range(len(RADII_MM)):
        match = _inverse(spectrum * rings[k], (height, width))
        mean = _inverse(spectrum * discs[k], (height, width))
        power = _inverse(squares * discs[k], (height, width))
        spread = np.sqrt(np.maximum(power - mean**2, 1e-6) * sizes[k])
        correlation = match / spread
        score = correlation * np.sqrt(np.maximum(mean, 0))
        where = np.unravel_index(int(np.argmax(score)), score.shape)
        if best is None or score[where] > best[0]:
            best = (float(score[where]), float(correlation[where]), (int(where[0]), int(where[1]), int(where[2])), k)
    assert best is not None
    slice_, row, column = best[2]
    centre = (2 * slice_ * step[0], (row - pad) * step[1], (column - pad) * step[2])
    return Place(centre_mm=centre, radius_mm=RADII_MM[best[3]], correlation=best[1])


def _inverse(spectrum: NDArray[np.complex64], size: tuple[int, int]) -> Image:
    image: Image = fft.irfft2(spectrum, s=size)
    return image
