"""From uptake to stored counts: attenuation pattern, blur, scatter, correlated noise, field of view, whole numbers.

This is the fast physics: an image-space model of a filtered back-projection without attenuation correction. It has
no projections; what attenuation does to the heart is a pattern on the wall.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .painting import Grid
from .surface import Floats

FWHM_PER_SD = 2.3548
FINE = 2
"""Grid cells a voxel, along each axis, that uptake is painted on."""

_MARGIN = 2
_UNDERSHOOT_FWHM_MM = 34.0
_SCATTER_FWHM_MM = 75.0
_TYPICAL_PEAK = 0.5
_LARGEST = 65535

Image = NDArray[np.float32]
"""Counts before noise and rounding, shape (slice, row, column), only the part of the volume inside the field."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """The stored volume: its shape in voxels, spacing in mm, and the ellipsoid (or box) that was not masked away.

    centre, axes : middle and half sizes of the kept part as (slice, row, column) in voxels.
    """

    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    centre: tuple[float, float, float]
    axes: tuple[float, float, float]
    masked: bool

    def crop(self) -> tuple[slice, slice, slice]:
        """The smallest box of voxels around the kept part, inside the volume."""
        low = [max(0, int(np.ceil(c - a))) for c, a in zip(self.centre, self.axes, strict=True)]
        high = [min(n, int(np.floor(c + a)) + 1) for c, a, n in zip(self.centre, self.axes, self.shape, strict=True)]
        return slice(low[0], high[0]), slice(low[1], high[1]), slice(low[2], high[2])

    def kept(self) -> NDArray[np.bool_]:
        """Which voxels of the crop are stored; the others are 0."""
        squared = np.zeros((1, 1, 1))
        for axis, (part, middle, half) in enumerate(zip(self.crop(), self.centre, self.axes, strict=True)):
            place = (np.arange(part.start, part.stop) - middle) / half
            squared = squared + (place**2).reshape([-1 if k == axis else 1 for k in range(3)])
        return squared <= 1.0 if self.masked else np.ones(squared.shape, dtype=bool)


@dataclass(frozen=True, kw_only=True)
class Attenuation:
    """Losses on the wall that no disease makes: a soft shadow of breast, diaphragm, and depth (septal side).

    breast, diaphragm, depth : largest loss of each, 0..1. breast_deg, breast_s : middle of the breast's shadow.
    """

    breast: float
    breast_deg: float
    breast_s: float
    diaphragm: float
    depth: float


@dataclass(frozen=True, kw_only=True)
class Imaging:
    """One acquisition and reconstruction.

    fwhm_mm : resolution along (slice, row, column). counts : of a voxel full of normal muscle, without blur.
    noise : standard deviation as a part of the typical peak of the left ventricle. cutoff : of the Butterworth filter
    in cycles a cm. scatter, undershoot : part of the counts spread wide; depth of the dark rim beside hot regions.
    """

    fwhm_mm: tuple[float, float, float]
    counts: float
    noise: float
    cutoff: float
    scatter: float
    undershoot: float
    attenuation: Attenuation


def attenuation_pattern(attenuation: Attenuation, s: Floats, phi: Floats) -> Floats:
    """Part of the counts of the wall that is left, on an (s, phi) table."""
    breast = _window(phi, attenuation.breast_deg, 75.0) * np.exp(-(((s - attenuation.breast_s) / 0.38) ** 2))
    diaphragm = _window(phi, 262.0, 95.0) * np.clip(0.25 + 0.95 * s, 0.0, 1.0) * _from_apex(s)
    depth = 0.5 * (1 - np.cos(np.radians(phi - 15.0))) * _from_apex(s)
    left: Floats = (
        (1 - attenuation.breast * breast * _from_apex(s))
        * (1 - attenuation.diaphragm * diaphragm)
        * (1 - attenuation.depth * depth)
    )
    return left


def _window(phi: Floats, middle: float, half: float) -> Floats:
    """Raised cosine in angle: 1 in the middle, 0 at ``half`` degrees from it."""
    away = np.abs((phi - middle + 180.0) % 360.0 - 180.0)
    window: Floats = np.where(away < half, 0.5 + 0.5 * np.cos(np.pi * np.minimum(away / half, 1.0)), 0.0)
    return window


def _from_apex(s: Floats) -> Floats:
    """Rise from 0 at the apex, where all angles meet, to 1."""
    rise: Floats = np.clip(s / 0.25, 0.0, 1.0)
    return rise * rise * (3 - 2 * rise)


def fine_grid(field: Field, centre: tuple[float, float, float]) -> Grid:
    """Slices, rows and columns of the fine grid over the field and its margin, from ``centre`` (voxels)."""
    axes = [
        (_fine_places(part) - middle) * step
        for part, middle, step in zip(field.crop(), centre, field.spacing_mm, strict=True)
    ]
    return Grid(slices=axes[0], rows=axes[1], columns=axes[2], step_mm=min(field.spacing_mm) / FINE)


def _fine_places(part: slice) -> Floats:
    """Middles of the fine cells along one axis, in voxels."""
    cells = (part.stop - part.start + 2 * _MARGIN) * FINE
    places: Floats = part.start - _MARGIN - 0.5 + (np.arange(cells) + 0.5) / FINE
    return places


@lru_cache(maxsize=256)
def _blur_matrix(start: int, stop: int, sd_voxels: float) -> NDArray[np.float32]:
    """Gaussian weights from fine cells to voxels, shape (voxels, cells); rows sum to 1."""
    away = np.arange(start, stop)[:, None] - _fine_places(slice(start, stop))[None]
    weight = np.exp(-0.5 * (away / sd_voxels) ** 2)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True), dtype=np.float32)


def _blurred(activity: Image, field: Field, fwhm_mm: tuple[float, float, float]) -> Image:
    """Blur and average onto voxels, axis by axis; products small enough that no library splits them over threads."""
    matrices = [
        _blur_matrix(part.start, part.stop, fwhm / FWHM_PER_SD / step)
        for part, fwhm, step in zip(field.crop(), fwhm_mm, field.spacing_mm, strict=True)
    ]
    rows = matrices[1] @ (activity @ matrices[2].T)
    return np.ascontiguousarray((matrices[0] @ rows.transpose(1, 0, 2)).transpose(1, 0, 2))


def noise_free(activity: Image, field: Field, imaging: Imaging) -> Image:
    """Expected counts in the field's crop from uptake on its fine grid; not below 0, as clinical software stores."""
    image = _blurred(activity, field, imaging.fwhm_mm)
    under = _blurred(activity, field, (_UNDERSHOOT_FWHM_MM,) * 3)
    scatter = _blurred(activity, field, (_SCATTER_FWHM_MM,) * 3)
    counts = (1 - imaging.scatter) * image - imaging.undershoot * under + imaging.scatter * scatter
    expected: Image = np.maximum(np.float32(imaging.counts) * counts, np.float32(0))
    return expected


@lru_cache(maxsize=64)
def _noise_filter(shape: tuple[int, int, int], spacing_mm: tuple[float, float, float], cutoff: float) -> Image:
    """Amplitude of the noise by frequency (half spectrum): ramp within the slice times Butterworth of order 5."""
    z, y, x = (np.fft.fftfreq(n, step / 10.0) for n, step in zip(shape, spacing_mm, strict=True))
    x = np.abs(x[: shape[2] // 2 + 1])
    across = np.hypot(y[:, None], x[None])[None]
    radius = np.sqrt(across**2 + (z**2)[:, None, None])
    amplitude = np.sqrt(0.03 + across) / np.sqrt(1 + (radius / cutoff) ** 10)
    both_halves = np.full(x.shape, 2.0)
    both_halves[0] = 1.0
    if shape[2] % 2 == 0:
        both_halves[-1] = 1.0
    power = np.sum(amplitude**2 * both_halves) / np.prod(shape)
    return np.asarray(amplitude / np.sqrt(power), dtype=np.float32)


def stored_counts(image: Image, field: Field, imaging: Imaging, random: np.random.Generator) -> NDArray[np.uint16]:
    """The whole volume as stored: noise added, negative counts cut, masked, rounded; shape ``field.shape``.

    The noise has the correlation of a filtered back-projection and grows with the counts around it.
    """
    white = random.standard_normal(image.shape, dtype=np.float32)
    spectrum = np.fft.rfftn(white) * _noise_filter(image.shape, field.spacing_mm, imaging.cutoff)
    noise = np.fft.irfftn(spectrum, s=image.shape, axes=(0, 1, 2)).astype(np.float32)
    peak = np.float32(_TYPICAL_PEAK * imaging.counts)
    noisy = image + np.float32(imaging.noise) * peak * noise * np.sqrt(np.float32(0.35) + image / peak)
    whole = np.clip(np.rint(noisy), 0, _LARGEST) * field.kept()
    volume = np.zeros(field.shape, dtype=np.uint16)
    volume[field.crop()] = whole
    return volume
