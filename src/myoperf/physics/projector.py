"""The camera as a linear map: a volume of activity to expected projections, and the exact transpose of that map."""

from collections.abc import Sequence
from functools import cached_property

import torch

from myoperf.core.errors import RefusedError

from .blur import Blur, blur
from .collimator import Collimator
from .gather import Rotation, rotation
from .orbit import Orbit


class Projector:
    """Parallel-hole projection by rotation: turn the slices, attenuate, blur plane by plane, add up the planes.

    shape : of the volume as (z, y, x); there are as many bins as columns, of the voxel's own size. voxel_mm : edge of
    the cubic voxel. mu_per_cm : attenuation coefficients (z, y, x) at the photon's energy, or none. collimator : its
    blur, or none.

    Each voxel is attenuated by all that lies between it and the detector and by one half of itself. What lies outside
    the circle inscribed in the slices is seen by some views only: keep the patient inside. Tables are made at first use
    and shared between projectors of the same geometry; attenuation factors (views x volume) are kept per projector.

    Tensors are float32. What comes back lies in memory with z innermost: results that are handed on to another call
    need no copying; use ``contiguous()`` before handing them to anything that reads memory.
    """

    def __init__(
        self,
        shape: tuple[int, int, int],
        voxel_mm: float,
        orbit: Orbit,
        mu_per_cm: torch.Tensor | None = None,
        collimator: Collimator | None = None,
    ) -> None:
        if len(shape) != 3 or min(shape) < 1:
            raise RefusedError("projector", rule="shape is (z, y, x)", came=shape, do="give three positive numbers")
        if not voxel_mm > 0:
            raise RefusedError("projector", rule="voxel_mm is positive", came=voxel_mm, do="give the voxel's edge in mm")
        if mu_per_cm is not None and tuple(mu_per_cm.shape) != tuple(shape):
            came = tuple(mu_per_cm.shape)
            raise RefusedError("projector", rule=f"mu_per_cm has the shape {shape}", came=came, do="use one grid")
        self.shape, self.voxel_mm, self.orbit, self.mu_per_cm = shape, voxel_mm, orbit, mu_per_cm
        self.collimator = collimator
        self._depths = max(shape[1:])

    @property
    def projection_shape(self) -> tuple[int, int, int]:
        """Views, z, bins."""
        return self.orbit.views, self.shape[0], self.shape[2]

    @torch.no_grad()
    def forward(self, volume: torch.Tensor, views: Sequence[int] | None = None) -> torch.Tensor:
        """Expected projections (..., view, z, bin) of activity (..., z, y, x), in the volume's unit per voxel.

        views : numbers of the views to make, in that order; all if none are named.
        """
        self._check("volume", volume, self.shape)
        rows = _rows(volume)
        seen = self._views(views)
        out = torch.empty((len(rows), len(seen), self.shape[2], self.shape[0]))
        for number, view in enumerate(seen):
            for slot, row in zip(out, rows, strict=True):
                slot[number] = self._project(row, view)
        return out.reshape(*volume.shape[:-3], *out.shape[1:]).transpose(-1, -2)

    @torch.no_grad()
    def back(self, projections: torch.Tensor, views: Sequence[int] | None = None) -> torch.Tensor:
        """The transpose of ``forward``: projections (..., view, z, bin) to a volume (..., z, y, x)."""
        seen = self._views(views)
        self._check("projections", projections, (len(seen), self.shape[0], self.shape[2]))
        planes = projections.transpose(-1, -2).reshape(-1, len(seen), self.shape[2], self.shape[0])
        slices, rows, columns = self.shape
        out = torch.zeros((len(planes), rows * columns, slices))
        for number, view in enumerate(seen):
            for slot, plane in zip(out, planes, strict=True):
                slot += self._smear(plane[number], view)
        return out.reshape(*projections.shape[:-3], rows, columns, slices).movedim(-1, -3)

    def _project(self, row: torch.Tensor, view: int) -> torch.Tensor:
        """Pixels (y x, z) to one projection (bin, z)."""
        turned = self._turn(view).forward(row)
        if self._left is not None:
            turned *= self._left[view]
        slices, _, columns = self.shape
        planes = turned.reshape(self._depths, columns * slices)
        if self._blur is None:
            return planes.sum(0).reshape(columns, slices)
        return self._blur.forward((self._blur.mix[view] @ planes).reshape(-1, columns, slices))

    def _smear(self, plane: torch.Tensor, view: int) -> torch.Tensor:
        """One projection (bin, z) back to pixels (y x, z)."""
        slices, _, columns = self.shape
        if self._blur is None:
            planes = plane.expand(self._depths, columns, slices).contiguous()
        else:
            mixed = self._blur.back(plane).reshape(-1, columns * slices)
            planes = self._blur.mix[view].T @ mixed
        turned = planes.reshape(self._depths * columns, slices)
        if self._left is not None:
            turned *= self._left[view]
        return self._turn(view).back(turned)

    def _turn(self, view: int) -> Rotation:
        return rotation(self.shape[1], self.shape[2], float(self.orbit.angles_deg[view]))

    @cached_property
    def _blur(self) -> Blur | None:
        return None if self.collimator is None else blur(self.collimator, self.orbit, self.shape, self.voxel_mm)

    @cached_property
    def _left(self) -> torch.Tensor | None:
        """Part of the photons of each cell that reach the detector: (view, depth bin, z)."""
        if self.mu_per_cm is None:
            return None
        slices, _, columns = self.shape
        row = _rows(self.mu_per_cm * (self.voxel_mm / 10.0))[0]
        left = torch.empty((self.orbit.views, self._depths * columns, slices))
        for view in range(self.orbit.views):
            turned = self._turn(view).forward(row).reshape(self._depths, columns, slices)
            path = torch.zeros((columns, slices))
            for plane in turned:
                plane *= 0.5
                path += plane
                half = plane.clone()
                plane.copy_(path)
                path += half
            torch.exp(turned.neg_(), out=left[view].view(turned.shape))
        return left

    def _views(self, views: Sequence[int] | None) -> Sequence[int]:
        seen = range(self.orbit.views) if views is None else views
        if any(not 0 <= view < self.orbit.views for view in seen):
            rule = f"views are numbered 0 to {self.orbit.views - 1}"
            raise RefusedError("projector", rule=rule, came=list(seen), do="name views of the orbit")
        return seen

    def _check(self, name: str, given: torch.Tensor, shape: tuple[int, ...]) -> None:
        if tuple(given.shape[-3:]) != tuple(shape) or given.dtype != torch.float32:
            came = f"{tuple(given.shape)} of {given.dtype}"
            raise RefusedError(name, rule=f"is float32 (..., {', '.join(map(str, shape))})", came=came, do="convert it")


def _rows(volume: torch.Tensor) -> torch.Tensor:
    """Volumes (..., z, y, x) as pixels: (volumes, y x, z), z innermost in memory."""
    slices, rows, columns = volume.shape[-3:]
    return volume.movedim(-3, -1).reshape(-1, rows * columns, slices)
