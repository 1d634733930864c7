"""How strongly tissues attenuate, by photon energy."""

from enum import StrEnum

import numpy as np

from myoperf.core.errors import RefusedError

_KEV = np.log([60.0, 80.0, 100.0, 150.0])


class Tissue(StrEnum):
    """What a body is made of, as far as photons can tell."""

    WATER = "water"
    SOFT = "soft tissue"
    FAT = "adipose tissue"
    LUNG = "lung"
    BONE = "cortical bone"


DENSITY = {Tissue.WATER: 1.0, Tissue.SOFT: 1.06, Tissue.FAT: 0.95, Tissue.LUNG: 0.26, Tissue.BONE: 1.92}
"""Grams a cubic centimetre; lung as inflated in quiet breathing. Source: ICRU Report 44."""

_PER_GRAM = {
    Tissue.WATER: (0.2059, 0.1837, 0.1707, 0.1505),
    Tissue.SOFT: (0.2048, 0.1823, 0.1693, 0.1492),
    Tissue.FAT: (0.1974, 0.1800, 0.1688, 0.1500),
    Tissue.LUNG: (0.2053, 0.1826, 0.1695, 0.1493),
    Tissue.BONE: (0.3148, 0.2229, 0.1855, 0.1480),
}
"""Mass attenuation at 60, 80, 100 and 150 keV, cm2/g. Source: NIST tables of Hubbell and Seltzer."""


def mu_per_cm(tissue: Tissue, kev: float) -> float:
    """Attenuation coefficient in 1/cm at 60 to 150 keV; logarithmic between the energies of the table."""
    if not 60 <= kev <= 150:
        raise RefusedError("photon energy", rule="lies in 60 to 150 keV", came=kev, do="use the tables of NIST")
    return DENSITY[tissue] * float(np.exp(np.interp(np.log(kev), _KEV, np.log(_PER_GRAM[tissue]))))
