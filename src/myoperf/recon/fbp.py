"""Filtered back-projection without attenuation correction, as most clinics still read it."""

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.fft import dct, idct, irfft, next_fast_len, rfft, rfftfreq
from scipy.sparse import csr_array

from myoperf.core.errors import RefusedError
from myoperf.physics.gather import Gather, gather
from myoperf.physics.orbit import Orbit, trigonometry

from .butterworth import Butterworth, mirrored_frequency

Image = NDArray[np.float32]


@torch.no_grad()
def fbp(projections: torch.Tensor, orbit: Orbit, voxel_mm: float, filter: Butterworth | None = None) -> torch.Tensor:
    """Volume (..., z, y, x) from projections (..., view, z, bin); y and x have the length of bin.

    A ramp filter along the bins, then the mean over the views, linear between bins. The Butterworth filter acts in both
    directions of the projections, which is the same as on the volume in all three. Arcs of 180 and 360 degrees only.
    The result is in the volume's own unit per voxel, as ``Projector.forward`` takes it; noise and streaks go below 0.
    """
    if projections.ndim < 3 or projections.shape[-3] != orbit.views:
        rule, came = f"projections are (..., {orbit.views}, z, bin)", tuple(projections.shape)
        raise RefusedError("fbp", rule=rule, came=came, do="give one projection for each view of the orbit")
    if abs(orbit.arc_deg) not in (180.0, 360.0):
        rule = "the arc is 180 or 360 degrees"
        raise RefusedError("fbp", rule=rule, came=orbit.arc_deg, do="reconstruct other arcs with osem")
    *lead, views, slices, bins = projections.shape
    filtered = torch.from_numpy(_filtered(projections.float().numpy(), voxel_mm, filter))
    rows = filtered.reshape(-1, views, slices, bins).transpose(-1, -2).reshape(-1, views * bins, slices)
    smear = _smear(bins, orbit)
    out = torch.stack([smear(row) for row in rows.contiguous()])
    return out.reshape(*lead, bins, bins, slices).movedim(-1, -3)


def _filtered(projections: Image, voxel_mm: float, window: Butterworth | None) -> Image:
    """Projections after the ramp and the window; zero beyond the bins, mirrored beyond the first and last slice."""
    slices, bins = projections.shape[-2:]
    length = next_fast_len(2 * bins, real=True)
    gain = _ramp(length)[None, :]
    if window is None:
        wave = rfft(projections, n=length) * gain.astype(np.float32)
        return np.ascontiguousarray(irfft(wave, n=length)[..., :bins])
    across = rfftfreq(length, voxel_mm / 10.0)
    gain = gain * window.gain(np.hypot(mirrored_frequency(slices, voxel_mm)[:, None], across))
    wave = rfft(dct(projections, axis=-2), n=length) * gain.astype(np.float32)
    smooth = idct(irfft(wave, n=length)[..., :bins], axis=-2)
    return np.ascontiguousarray(smooth)


@lru_cache(maxsize=8)
def _ramp(length: int) -> NDArray[np.float64]:
    """Ramp by frequency (half spectrum), from its taps at whole bins so that a flat object keeps its level.

    After Ramachandran and Lakshminarayanan 1971.
    """
    away = np.minimum(np.arange(length), length - np.arange(length))
    taps = np.zeros(length)
    taps[0] = 0.25
    odd = away % 2 == 1
    taps[odd] = -1.0 / (np.pi * away[odd]) ** 2
    return np.asarray(rfft(taps).real)


@lru_cache(maxsize=8)
def _smear(bins: int, orbit: Orbit) -> Gather:
    """Pixels from (view, bin) rows: linear between the two nearest bins, zero outside, summed over views."""
    place = np.arange(bins) - (bins - 1) / 2
    pixel, source, weight = [], [], []
    for view, angle in enumerate(orbit.angles_deg):
        cos, sin = trigonometry(float(angle))
        at = (place[None, :] * cos + place[:, None] * sin).ravel() + (bins - 1) / 2
        low = np.floor(at)
        for bin_ in (low, low + 1):
            part = 1 - np.abs(at - bin_)
            inside = (part > 0) & (bin_ >= 0) & (bin_ < bins)
            pixel.append(np.nonzero(inside)[0])
            source.append(view * bins + bin_[inside].astype(np.intp))
            weight.append(part[inside] * (np.pi / orbit.views))
    entries = (np.concatenate(weight), (np.concatenate(pixel), np.concatenate(source)))
    return gather(csr_array(entries, shape=(bins * bins, orbit.views * bins)))
