"""Photons by energy: what a tracer emits, what scattering leaves of it, what a window takes in."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtr

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Tracer

from .collimator import FWHM_PER_SD
from .orbit import Floats

LINES = {Tracer.TC99M: ((140.5, 1.0),), Tracer.TL201: ((68.9, 0.290), (70.8, 0.492), (80.2, 0.218))}
"""Emission lines as (keV, share of the photons). Tl-201: its X rays only, not the gamma rays of 135 and 167 keV."""

NAI, CZT = 0.095, 0.058
"""Energy resolution (FWHM / energy at 140 keV) of sodium iodide and cadmium zinc telluride, typical of makers' sheets.
It is taken to worsen as 1 / sqrt(energy)."""

ORDERS = 3
"""How often a photon is followed through scattering."""

_ELECTRON_KEV = 511.0
_GRID = np.arange(20.0, 142.0, 0.5)
_COSINES = np.cos((np.arange(360) + 0.5) * (np.pi / 360))


@dataclass(frozen=True, kw_only=True)
class EnergyWindow:
    """Photons whose measured energy lies between two limits, in keV, are counted."""

    low_kev: float
    high_kev: float

    def __post_init__(self) -> None:
        if not 0 < self.low_kev < self.high_kev:
            raise RefusedError("energy window", rule="0 < low_kev < high_kev", came=self, do="give keV")

    def accepts(self, kev: Floats, resolution: float) -> Floats:
        """Part of the photons of each energy that are measured inside the window."""
        sd = resolution / FWHM_PER_SD * np.sqrt(140.5 * kev)
        return np.asarray(ndtr((self.high_kev - kev) / sd) - ndtr((self.low_kev - kev) / sd))


PHOTOPEAK = {
    Tracer.TC99M: EnergyWindow(low_kev=126.5, high_kev=153.5),
    Tracer.TL201: EnergyWindow(low_kev=63.0, high_kev=81.0),
}
"""Tc-99m: 140 keV, 20 % wide (as Shi 2020 and others of that camera). Tl-201: 72 keV, 25 % wide, our choice."""

TC99M_SCATTER = (
    EnergyWindow(low_kev=114.0, high_kev=126.0),
    EnergyWindow(low_kev=101.0, high_kev=114.0),
    EnergyWindow(low_kev=87.0, high_kev=101.0),
)
"""Three windows below the photopeak; the first as commonly used, the limits of the other two are our assumption."""


def mean_kev(tracer: Tracer) -> float:
    """Mean energy of the emitted photons: 140.5 keV for Tc-99m, 72.3 keV for Tl-201."""
    return sum(kev * share for kev, share in LINES[tracer])


@lru_cache(maxsize=64)
def primary_share(window: EnergyWindow, tracer: Tracer, resolution: float = NAI) -> float:
    """Part of the unscattered photons that the window takes in."""
    return sum(share * float(window.accepts(np.asarray(kev), resolution)) for kev, share in LINES[tracer])


@lru_cache(maxsize=64)
def scatter_shares(window: EnergyWindow, tracer: Tracer, resolution: float = NAI) -> tuple[float, ...]:
    """Part of the photons scattered once, twice, ... (``ORDERS``) that the window takes in."""
    taken = window.accepts(_GRID, resolution)
    return tuple(float(spectrum @ taken) for spectrum in _spectra(tracer))


@lru_cache(maxsize=64)
def scatter_kev(window: EnergyWindow, tracer: Tracer, resolution: float = NAI) -> float:
    """Mean true energy of the scattered photons that the window takes in."""
    taken = window.accepts(_GRID, resolution) * sum(_spectra(tracer))
    return float(taken @ _GRID / taken.sum())


@lru_cache(maxsize=4)
def compton_per_cm(kev: float) -> float:
    """Compton scattering coefficient of water, 1/cm, of free electrons (Klein and Nishina 1929)."""
    electrons_per_cm_barn = 0.3343
    _, area = _klein_nishina(kev)
    return float(electrons_per_cm_barn * area.sum())


def _klein_nishina(kev: float) -> tuple[Floats, Floats]:
    """Energy after scattering by each of the even steps of angle, and the cross section of each step in barn."""
    left = 1 / (1 + kev / _ELECTRON_KEV * (1 - _COSINES))
    sine = np.sqrt(1 - _COSINES**2)
    classical_radius_barn = 0.07941
    area = 0.5 * classical_radius_barn * left**2 * (left + 1 / left - sine**2)
    return kev * left, area * 2 * np.pi * sine * (np.pi / len(_COSINES))


@lru_cache(maxsize=4)
def _spectra(tracer: Tracer) -> tuple[Floats, ...]:
    """Distribution over the energy grid after one, two, ... scatterings, each of sum 1."""
    turn = np.stack([_spread(*_klein_nishina(kev)) for kev in _GRID])
    found = [sum(share * _spread(*_klein_nishina(kev)) for kev, share in LINES[tracer])]
    while len(found) < ORDERS:
        found.append(found[-1] @ turn)
    return tuple(np.asarray(one) for one in found)


def _spread(kev: Floats, weight: Floats) -> Floats:
    """Weights at energies as shares on the grid, linear between its points."""
    place = np.clip((kev - _GRID[0]) / (_GRID[1] - _GRID[0]), 0, len(_GRID) - 1.001)
    low = place.astype(np.intp)
    part = place - low
    share = np.bincount(low, weight * (1 - part), len(_GRID)) + np.bincount(low + 1, weight * part, len(_GRID))
    return np.asarray(share / share.sum())
