"""Effective scatter: where scattered photons seem to come from, projected like any activity.

Each voxel sends its photons out evenly; where they meet tissue, a part of them scatters and starts again from there, up
to three times, evenly in all directions. How many of them an energy window takes in follows from the Klein-Nishina
formula and the detector's resolution. The result is additive in the projections. It is smooth, so it is computed on
every second voxel and view.

Simplified, in our own assumption: a scattered photon forgets its direction (forward scattering is in truth commoner in
the photopeak), photons between two scatterings pass water wherever they are, and nothing scatters in the detector. The
idea of an effective source is Frey and Tsui's (1996).
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from scipy.fft import next_fast_len

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Tracer

from .attenuation import Tissue, mu_per_cm
from .energy import NAI, ORDERS, EnergyWindow, compton_per_cm, mean_kev, scatter_kev, scatter_shares
from .orbit import Orbit
from .projector import Projector

_LEAST_SIDE = 32


class Scatter:
    """Scattered photons of a tracer in the patient and camera of a projector.

    projector : of the unscattered photons; it must have an attenuation map. tracer : its photons. resolution : of the
    detector's energy, FWHM at 140 keV.
    """

    def __init__(self, projector: Projector, tracer: Tracer, resolution: float = NAI) -> None:
        if projector.mu_per_cm is None:
            rule = "scatter needs an attenuation map"
            raise RefusedError("scatter", rule=rule, came="none", do="give mu_per_cm to the projector")
        self.projector, self.tracer, self.resolution = projector, tracer, resolution
        shape = projector.shape
        self._every = 2 if not (shape[1] % 2 or shape[2] % 2) and min(shape[1:]) >= _LEAST_SIDE else 1
        self._mu = self._coarse(projector.mu_per_cm)
        self._orbit = _every_second(projector.orbit)

    @torch.no_grad()
    def project(self, activity: torch.Tensor, windows: Sequence[EnergyWindow]) -> list[torch.Tensor]:
        """Scattered counts (..., view, z, bin) in each window from activity (..., z, y, x).

        In the unit of ``Projector.forward``: a window counts ``primary_share(window, tracer)`` of what that gives, plus
        this.
        """
        sources = self._sources(self._coarse(activity))
        return [self._seen(sources, window) for window in windows]

    def _sources(self, activity: torch.Tensor) -> list[torch.Tensor]:
        """Photons that scatter in each voxel for the first, second, ... time."""
        kev = mean_kev(self.tracer)
        water = mu_per_cm(Tissue.WATER, kev)
        meet = self._mu * (compton_per_cm(kev) / water)
        voxel_cm = self.projector.voxel_mm * self._every / 10.0
        size = [next_fast_len(2 * n, real=True) for n in activity.shape[-3:]]
        kernel = _fluence((size[0], size[1], size[2]), voxel_cm, water)
        found, now = [], activity
        for _ in range(ORDERS):
            wave = torch.fft.rfftn(now, s=size, dim=(-3, -2, -1)) * kernel
            fluence = torch.fft.irfftn(wave, s=size, dim=(-3, -2, -1))
            now = fluence[..., : activity.shape[-3], : activity.shape[-2], : activity.shape[-1]].clamp_min(0) * meet
            found.append(now)
        return found

    def _seen(self, sources: list[torch.Tensor], window: EnergyWindow) -> torch.Tensor:
        shares = scatter_shares(window, self.tracer, self.resolution)
        source = sum((share * one for share, one in zip(shares, sources, strict=True)), torch.zeros(()))
        kev = scatter_kev(window, self.tracer, self.resolution)
        slower = mu_per_cm(Tissue.WATER, max(kev, 60.0)) / mu_per_cm(Tissue.WATER, mean_kev(self.tracer))
        given = self.projector
        shape = (int(source.shape[-3]), int(source.shape[-2]), int(source.shape[-1]))
        step = given.voxel_mm * self._every
        seen = Projector(shape, step, self._orbit, self._mu * slower, given.collimator).forward(source) * self._every
        views, slices, bins = given.projection_shape
        fine = (views, slices + slices % self._every, bins)
        stack = seen.reshape(-1, 1, *seen.shape[-3:])
        made = torch.nn.functional.interpolate(stack, fine, mode="trilinear", align_corners=False)
        return made[..., :slices, :].reshape(*source.shape[:-3], views, slices, bins)

    def _coarse(self, volume: torch.Tensor) -> torch.Tensor:
        """Means of blocks of voxels; an odd number of slices is filled up with an empty one."""
        if self._every == 1:
            return volume
        filled = torch.nn.functional.pad(volume, (0, 0, 0, 0, 0, volume.shape[-3] % 2))
        stack = filled.reshape(-1, 1, *filled.shape[-3:])
        pooled = torch.nn.functional.avg_pool3d(stack, self._every)
        return pooled.reshape(*volume.shape[:-3], *pooled.shape[-3:])


def _every_second(orbit: Orbit) -> Orbit:
    """Half as many views, each in the middle between two; the same orbit if their number is odd."""
    if orbit.views % 2:
        return orbit
    radii = tuple(float(r) for r in orbit.radii_mm.reshape(-1, 2).mean(axis=1))
    start = orbit.start_deg + 0.5 * orbit.arc_deg / orbit.views
    return Orbit(views=orbit.views // 2, start_deg=start, arc_deg=orbit.arc_deg, radius_mm=radii)


@lru_cache(maxsize=8)
def _fluence(size: tuple[int, int, int], voxel_cm: float, water: float) -> torch.Tensor:
    """Spectrum of exp(-mu r) / (4 pi r^2) times a voxel's volume: path length in water a photon from the middle.

    The middle voxel is taken as a sphere of its volume; the others are scaled so that a large sphere holds what it
    must.
    """
    axes = [np.minimum(np.arange(n), n - np.arange(n)) * voxel_cm for n in size]
    away = np.sqrt(axes[0][:, None, None] ** 2 + axes[1][:, None] ** 2 + axes[2] ** 2)
    middle = voxel_cm * (3 / (4 * np.pi)) ** (1 / 3)
    kernel = np.exp(-water * away) / (4 * np.pi * np.maximum(away, middle) ** 2) * voxel_cm**3
    kernel[0, 0, 0] = 0.0
    large = (min(size) // 2 - 0.5) * voxel_cm
    wanted = (np.exp(-water * middle) - np.exp(-water * large)) / water
    kernel *= wanted / kernel[away <= large].sum()
    kernel[0, 0, 0] = (1 - np.exp(-water * middle)) / water
    return torch.as_tensor(torch.fft.rfftn(torch.from_numpy(kernel.astype(np.float32))))
