"""From uptake to stored counts: blur, scatter, correlated noise, field of view, whole numbers.

This is the fast physics: an image-space model of a filtered back-projection without attenuation correction. It has
no projections; what attenuation does to the heart is in the uptake it is given (see ``shadow``).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.fft import dctn, idctn

from .motion import PatientMotion, Respiration, Truncation
from .painting import Grid
from .surface import Floats

FWHM_PER_SD = 2.3548
FINE = 2
"""Grid cells a voxel, along each axis, that uptake is painted on."""

_MARGIN = 2
_UNDERSHOOT_FWHM_MM = 34.0
_SCATTER_FWHM_MM = 75.0
_TYPICAL_PEAK = 0.5
ORDER = 5.0
"""Order of the Butterworth filter, both physics."""

_LARGEST = 65535
_NOISE_ALONG = (1.2, 2.2, 0.38)
"""Noise in the slices of the base and before the apex, and how far (part of the slices) the latter reaches in; over
that of a usual slice, as the full physics has it."""


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
class Imaging:
    """One acquisition and reconstruction.

    relative_counts : photons against a usual study (Tc-99m, reference dose and time, usual body), both physics.
    cutoff : of the Butterworth filter in cycles a cm, both physics. respiration, motion, truncation : what spoils it.

    The rest is the fast physics' alone. fwhm_mm : resolution along (slice, row, column). counts : of a voxel full of
    normal muscle, without blur. noise : standard deviation as a part of the typical peak of the left ventricle.
    scatter, undershoot : part of the counts spread wide; depth of the dark rim beside hot regions.
    """

    relative_counts: float
    cutoff: float
    respiration: Respiration
    motion: PatientMotion | None
    truncation: Truncation | None
    fwhm_mm: tuple[float, float, float]
    counts: float
    noise: float
    scatter: float
    undershoot: float


def voxel_places(field: Field) -> tuple[Floats, Floats, Floats]:
    """Slices, rows and columns of the field's crop and its margin, in voxels of the volume."""
    slices, rows, columns = (
        np.arange(part.start - _MARGIN, part.stop + _MARGIN, dtype=np.float64) for part in field.crop()
    )
    return slices, rows, columns


def spread(voxels: Image) -> Image:
    """Values of the voxels of ``voxel_places`` on the cells of ``fine_grid``."""
    for axis in range(3):
        voxels = np.repeat(voxels, FINE, axis=axis)
    return voxels


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
    smooth = dctn(counts) * _filter(counts.shape, field.spacing_mm, imaging.cutoff)
    expected: Image = np.maximum(np.float32(imaging.counts) * idctn(smooth, overwrite_x=True), np.float32(0))
    return expected


@lru_cache(maxsize=256)
def _filter(shape: tuple[int, int, int], spacing_mm: tuple[float, float, float], cutoff: float) -> Image:
    """The reconstruction's Butterworth filter by frequency of a cosine transform, which mirrors at the borders."""
    z, y, x = (np.arange(n) * (5.0 / (n * step)) for n, step in zip(shape, spacing_mm, strict=True))
    radius = np.sqrt(z[:, None, None] ** 2 + y[None, :, None] ** 2 + x[None, None] ** 2)
    return np.asarray(1 / np.sqrt(1 + (radius / cutoff) ** (2 * ORDER)), dtype=np.float32)


def moved_about(image: Image, motion: tuple[float, Floats] | None) -> Image:
    """The image of a patient who lay elsewhere for a share of the time: the mean of both places.

    motion : that share and the shift in voxels (slice, row, column); None for a patient who lay still. The streaks
    that a true reconstruction adds are left to the full physics.
    """
    if motion is None:
        return image
    share, steps = motion
    there = ndimage.shift(image, steps, order=1, mode="nearest", output=np.float32)
    mixed: Image = image + np.float32(share) * (there - image)
    return mixed


@lru_cache(maxsize=64)
def _noise_filter(shape: tuple[int, int, int], spacing_mm: tuple[float, float, float], cutoff: float) -> Image:
    """Amplitude of the noise by frequency (half spectrum): ramp within the slice times Butterworth of order 5."""
    z, y, x = (np.fft.fftfreq(n, step / 10.0) for n, step in zip(shape, spacing_mm, strict=True))
    x = np.abs(x[: shape[2] // 2 + 1])
    across = np.hypot(y[:, None], x[None])[None]
    radius = np.sqrt(across**2 + (z**2)[:, None, None])
    amplitude = np.sqrt(0.03 + across) / np.sqrt(1 + (radius / cutoff) ** (2 * ORDER))
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
    along = np.linspace(0.0, 1.0, image.shape[0], dtype=np.float32)
    low, high, reach = _NOISE_ALONG
    more = (low + (high - low) * np.exp(-((along / np.float32(reach)) ** 2)))[:, None, None].astype(np.float32)
    noisy = image + np.float32(imaging.noise) * peak * more * noise * np.sqrt(np.float32(0.35) + image / peak)
    return stored_whole(noisy, field)


def stored_whole(counts: Image, field: Field) -> NDArray[np.uint16]:
    """Counts of the field's crop as the whole volume is stored: not negative, masked, rounded."""
    volume = np.zeros(field.shape, dtype=np.uint16)
    volume[field.crop()] = np.clip(np.rint(counts), 0, _LARGEST) * field.kept()
    return volume
