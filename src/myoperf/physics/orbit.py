"""Where the detector stands at each view."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Orbit:
    """A parallel-hole detector at evenly spaced angles about the axis of rotation.

    At angle theta the detector stands in the direction (x, y) = (sin theta, -cos theta) of the patient (LPS): 0 in
    front of the chest, 90 at the patient's left side. View i stands at ``start_deg + i * arc_deg / views``. The default
    arc runs from 45 degrees right anterior to 45 degrees left posterior oblique.

    views : number of projections. radius_mm : from the axis to the collimator's face, one for all views or one a view.
    """

    views: int
    start_deg: float = -45.0
    arc_deg: float = 180.0
    radius_mm: float | tuple[float, ...] = 250.0

    def __post_init__(self) -> None:
        if self.views < 1:
            raise RefusedError("orbit", rule="needs at least one view", came=self.views, do="give a number of views")
        if not 0 < abs(self.arc_deg) <= 360:
            raise RefusedError("orbit", rule="arc_deg lies in (0, 360]", came=self.arc_deg, do="give the whole arc")
        if len(self.radii_mm) != self.views or not np.all(self.radii_mm > 0):
            raise RefusedError(
                "orbit", rule="radius_mm is one positive number or one a view", came=self.radius_mm, do="give mm"
            )

    @property
    def angles_deg(self) -> Floats:
        """Angle of each view, shape (views,)."""
        return np.asarray(self.start_deg + np.arange(self.views) * (self.arc_deg / self.views), dtype=np.float64)

    @property
    def radii_mm(self) -> Floats:
        """Distance from the axis to the collimator's face at each view, shape (views,)."""
        given = np.atleast_1d(np.asarray(self.radius_mm, dtype=np.float64))
        return np.repeat(given, self.views) if len(given) == 1 else given


def trigonometry(angle_deg: float) -> tuple[float, float]:
    """Cosine and sine of an angle in degrees, exact at multiples of 90."""
    quarter, rest = divmod(angle_deg, 90.0)
    cos, sin = math.cos(math.radians(rest)), math.sin(math.radians(rest))
    return ((cos, sin), (-sin, cos), (-cos, -sin), (sin, -cos))[int(quarter) % 4]
