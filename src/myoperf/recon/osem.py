"""Ordered-subset expectation maximisation with whatever the projector models."""

import torch

from myoperf.core.errors import RefusedError
from myoperf.physics.projector import Projector

_LEAST = 1e-11


@torch.no_grad()
def osem(
    projections: torch.Tensor,
    projector: Projector,
    iterations: int = 4,
    subsets: int = 8,
    additive: torch.Tensor | None = None,
) -> torch.Tensor:
    """Activity (..., z, y, x) from measured projections (..., view, z, bin), in the projector's unit per voxel.

    Subset k has the views k, k + subsets, ...; the subsets take turns in that order. The start is uniform. additive :
    expected scatter in the projections, added to each estimate and never subtracted. Voxels that no view sees are 0.
    Source: Hudson and Larkin 1994 (IEEE Trans Med Imaging 13:601).
    """
    _check(projections, projector, iterations, subsets, additive)
    turns = [list(range(k, projector.orbit.views, subsets)) for k in range(subsets)]
    measured = [_part(projections, views) for views in turns]
    scattered = [None if additive is None else _part(additive, views) for views in turns]
    ones = torch.ones(projector.projection_shape)
    seen = [projector.back(ones[views], views) for views in turns]
    weights = [torch.where(s > 0, 1 / s.clamp_min(_LEAST), 0.0) for s in seen]
    total = projections.sum(dim=(-3, -2, -1), keepdim=True) / sum(float(s.sum()) for s in seen)
    volume = total * (sum(seen) > 0)
    for _ in range(iterations):
        for views, counts, scatter, weight in zip(turns, measured, scattered, weights, strict=True):
            expected = projector.forward(volume, views)
            if scatter is not None:
                expected += scatter
            volume = volume * projector.back(counts / expected.clamp_min_(_LEAST), views).mul_(weight)
    return volume


def _part(projections: torch.Tensor, views: list[int]) -> torch.Tensor:
    """Some views, lying in memory as the projector's own do."""
    return projections[..., views, :, :].transpose(-1, -2).contiguous().transpose(-1, -2)


def _check(
    projections: torch.Tensor, projector: Projector, iterations: int, subsets: int, additive: torch.Tensor | None
) -> None:
    for name, given in (("projections", projections), ("additive", additive)):
        if given is not None and (
            tuple(given.shape[-3:]) != projector.projection_shape
            or given.dtype != torch.float32
            or bool((given < 0).any())
        ):
            rule = (
                f"osem takes float32 {name} of shape (..., {', '.join(map(str, projector.projection_shape))}), none < 0"
            )
            raise RefusedError(name, rule=rule, came=f"{tuple(given.shape)} of {given.dtype}", do="give counts")
    if iterations < 1 or not 1 <= subsets <= projector.orbit.views:
        rule = f"needs an iteration and 1 to {projector.orbit.views} subsets"
        raise RefusedError("osem", rule=rule, came=f"{iterations} x {subsets}", do="change them")
