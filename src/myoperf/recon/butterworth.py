"""The low-pass filter of nuclear cardiology."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.fft import dctn, idctn

from myoperf.core.errors import RefusedError

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Butterworth:
    """Amplitude 1 / sqrt(1 + (f / cutoff) ** (2 order)) at the spatial frequency f.

    cutoff_per_cm : cycles a cm at which the amplitude is 0.71. order : what some makers print as "power" is twice this
    order; others print cutoffs as part of the Nyquist frequency, which is 5 / voxel_mm cycles a cm.
    """

    cutoff_per_cm: float
    order: float = 5.0

    def __post_init__(self) -> None:
        if not (self.cutoff_per_cm > 0 and self.order > 0):
            raise RefusedError("butterworth", rule="cutoff and order are positive", came=self, do="give cycles a cm")

    def gain(self, frequency_per_cm: Floats) -> Floats:
        """Amplitude at frequencies in cycles a cm."""
        return np.asarray(1 / np.sqrt(1 + (np.abs(frequency_per_cm) / self.cutoff_per_cm) ** (2 * self.order)))

    def smooth(self, volume: torch.Tensor, voxel_mm: float) -> torch.Tensor:
        """The volume (..., z, y, x) filtered in three dimensions, mirrored at its borders; its mean is kept."""
        if volume.ndim < 3:
            raise RefusedError("volume", rule="is (..., z, y, x)", came=tuple(volume.shape), do="give a volume")
        z, y, x = (mirrored_frequency(n, voxel_mm) for n in volume.shape[-3:])
        radius = np.sqrt(z[:, None, None] ** 2 + y[:, None] ** 2 + x**2)
        axes = (-3, -2, -1)
        wave = dctn(volume.float().numpy(), axes=axes) * self.gain(radius).astype(np.float32)
        return torch.from_numpy(np.ascontiguousarray(idctn(wave, axes=axes, overwrite_x=True)))


def mirrored_frequency(length: int, voxel_mm: float) -> Floats:
    """Cycles a cm of each term of a cosine transform (type 2) along an axis."""
    return np.arange(length, dtype=np.float64) * (5.0 / (length * voxel_mm))
