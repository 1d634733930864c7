"""The cameras of the virtual clinic."""

from dataclasses import dataclass

import numpy as np

from ..physics.collimator import CZT_LIKE, LEHR, Collimator
from ..physics.energy import CZT, NAI
from ..physics.orbit import Orbit

MANUFACTURER = "myoperf"


@dataclass(frozen=True, kw_only=True)
class Camera:
    """Detector, collimator and path of a camera, and the grid that it reconstructs on.

    energy : resolution in energy, FWHM at 140 keV over that energy. sensitivity : counts in the same time over those of
    the general camera. sharpness : width of a point in the fast physics over that of the general camera.
    rows, bins : of the projections; the body's grid has shape (rows, bins, bins). pixel_mm : their edge.
    """

    model: str
    orbit: Orbit
    collimator: Collimator
    energy: float = NAI
    sensitivity: float = 1.0
    sharpness: float = 1.0
    rows: int = 40
    bins: int = 64
    pixel_mm: float = 6.6

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (z, y, x) of the reconstructed body."""
        return self.rows, self.bins, self.bins


def _two_heads(views: int) -> tuple[float, ...]:
    """Distance of the detectors from the axis: each of two heads comes nearest in the middle of its quarter turn."""
    part = (np.arange(views) % (views // 2)) / (views // 2)
    return tuple(float(radius) for radius in np.round(226.0 + 26.0 * np.abs(2 * part - 1) ** 1.5, 1))


VIRTUAL_SPECT = Camera(model="Virtual SPECT", orbit=Orbit(views=64, radius_mm=_two_heads(64)), collimator=LEHR)
"""A general camera with two heads at a right angle: 64 views over 180 degrees, body contour."""

VIRTUAL_CZT = Camera(
    model="Virtual CZT",
    orbit=Orbit(views=32, radius_mm=225.0),
    collimator=CZT_LIKE,
    energy=CZT,
    sensitivity=3.0,
    sharpness=0.88,
)
"""A cardiac camera: sharper, nearer, fewer views, more counts (makers tell three to six times as many; ours)."""

CAMERAS = {camera.model: camera for camera in (VIRTUAL_SPECT, VIRTUAL_CZT)}
"""Every camera by the name that files have for it."""
