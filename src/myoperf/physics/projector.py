"""The camera as a linear map: a volume of activity to expected projections, and the exact transpose of that map."""

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

import torch

from myoperf.core.errors import RefusedError

from .blur import Blur, blur
from .collimator import Collimator
from .gather import Rotation, rotation
from .orbit import Orbit

_BLOCK = 1 << 18
"""Cells that are turned at a time."""


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
            raise RefusedError(
                "projector", rule="voxel_mm is positive", came=voxel_mm, do="give the voxel's edge in mm"
            )
        if mu_per_cm is not None:
            _check("mu_per_cm", mu_per_cm, shape, batch=False)
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
        _check("volume", volume, self.shape)
        rows = _rows(volume)
        seen = self._views(views)
        out = torch.empty((len(rows), len(seen), self.shape[2], self.shape[0]))
        for number, view in enumerate(seen):
            for slot, row in zip(out, rows, strict=True):
                slot[number] = self._project(row, view)
        if bool((volume >= 0).all()):
            out.clamp_(min=0)  # the mixed blurs miss by a millionth of the peak on either side of 0
        return out.reshape(*volume.shape[:-3], *out.shape[1:]).transpose(-1, -2)

    @torch.no_grad()
    def back(self, projections: torch.Tensor, views: Sequence[int] | None = None) -> torch.Tensor:
        """The transpose of ``forward``: projections (..., view, z, bin) to a volume (..., z, y, x)."""
        seen = self._views(views)
        _check("projections", projections, (len(seen), self.shape[0], self.shape[2]))
        planes = projections.transpose(-1, -2).reshape(-1, len(seen), self.shape[2], self.shape[0]).contiguous()
        slices, rows, columns = self.shape
        out = torch.zeros((len(planes), rows * columns, slices))
        scratch = torch.empty((self._depths, columns * slices))
        for number, view in enumerate(seen):
            for slot, projection in enumerate(planes):
                out[slot] += self._smear(projection[number], view, scratch)
        return out.reshape(*projections.shape[:-3], rows, columns, slices).movedim(-1, -3)

    def _project(self, row: torch.Tensor, view: int) -> torch.Tensor:
        """Pixels (y x, z) to one projection (bin, z); planes are taken in blocks that stay in the processor's cache."""
        slices, _, columns = self.shape
        mix = self._mix[view]
        mixed = torch.zeros((len(mix), columns * slices))
        step = max(1, _BLOCK // (columns * slices))
        for near in range(0, self._depths, step):
            far = min(near + step, self._depths)
            turned = self._turn(view).forward.part(near * columns, far * columns)(row)
            if self._left is not None:
                turned *= self._left[view, near * columns : far * columns]
            mixed.addmm_(mix[:, near:far], turned.view(far - near, columns * slices))
        mixed = mixed.view(-1, columns, slices)
        return mixed[0] if self._blur is None else self._blur.forward(mixed)

    def _smear(self, plane: torch.Tensor, view: int, planes: torch.Tensor) -> torch.Tensor:
        """One projection (bin, z) back to pixels (y x, z). ``planes`` is scratch space, (depth, bin z)."""
        slices, _, columns = self.shape
        mixed = plane[None] if self._blur is None else self._blur.back(plane)
        torch.mm(self._mix[view].T, mixed.reshape(-1, columns * slices), out=planes)
        turned = planes.view(self._depths * columns, slices)
        if self._left is not None:
            turned *= self._left[view]
        return self._turn(view).back(turned)

    def _turn(self, view: int) -> Rotation:
        return rotation(self.shape[1], self.shape[2], float(self.orbit.angles_deg[view]))

    @cached_property
    def _mix(self) -> torch.Tensor:
        """How much of each plane goes into each blurred image: (view, image, depth)."""
        return torch.ones((self.orbit.views, 1, self._depths)) if self._blur is None else self._blur.mix

    @cached_property
    def _blur(self) -> Blur | None:
        return None if self.collimator is None else blur(self.collimator, self.orbit, self.shape, self.voxel_mm)

    @cached_property
    def _left(self) -> torch.Tensor | None:
        """Part of the photons of each cell that reach the detector: (view, depth bin, z)."""
        if self.mu_per_cm is None:
            return None
        slices, _, columns = self.shape
        half = _rows(self.mu_per_cm * (-0.5 * self.voxel_mm / 10.0))[0]
        left = torch.empty((self.orbit.views, self._depths * columns, slices))
        for view in range(self.orbit.views):
            turned = self._turn(view).forward(half)
            nearest, others = turned[:columns], left[view, columns:]
            left[view, :columns] = nearest
            torch.add(turned[columns:], turned[:-columns], out=others)
            for nearer, plane in pairwise(left[view].view(self._depths, -1)):
                plane.add_(nearer)
            left[view].exp_()
        return left

    def _views(self, views: Sequence[int] | None) -> Sequence[int]:
        seen = range(self.orbit.views) if views is None else views
        if any(not 0 <= view < self.orbit.views for view in seen):
            rule = f"views are numbered 0 to {self.orbit.views - 1}"
            raise RefusedError("projector", rule=rule, came=list(seen), do="name views of the orbit")
        return seen


def _check(name: str, given: torch.Tensor, shape: tuple[int, ...], batch: bool = True) -> None:
    if tuple(given.shape[-3:] if batch else given.shape) != tuple(shape) or given.dtype != torch.float32:
        came = f"{tuple(given.shape)} of {given.dtype}"
        raise RefusedError(
            name,
            rule=f"is float32 of shape {('..., ' if batch else '') + ', '.join(map(str, shape))}",
            came=came,
            do="convert it",
        )


def _rows(volume: torch.Tensor) -> torch.Tensor:
    """Volumes (..., z, y, x) as pixels: (volumes, y x, z), z innermost in memory."""
    slices, rows, columns = volume.shape[-3:]
    return volume.movedim(-3, -1).reshape(-1, rows * columns, slices).contiguous()
