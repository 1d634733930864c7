"""Random changes of polar maps in training. A flip is there for papers that did so: septum and lateral wall are not
alike."""

from dataclasses import fields
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from myoperf.core.polar import ring_radii, sector_angles
from myoperf.recipe import Augmentation, PictureAugmentation

Grids = NDArray[np.float32]

_COARSE = (6, 9)


def augmented(grids: Grids, rng: np.random.Generator, how: Augmentation) -> Grids:
    """Changed copies of maps, shape (studies, states, rings, sectors), percent of maximum; NaN stays NaN.

    Rotation and tilt are those of the patient and the camera: equal for all states of a study. Scale and noise are of
    each acquisition.
    """
    studies, states, rings, sectors = grids.shape
    turn = rng.uniform(-how.rotation_deg, how.rotation_deg, (studies,))
    tilt = rng.uniform(0, how.tilt, (studies,))
    towards = rng.uniform(0, 360, (studies,))
    scale = rng.uniform(1 - how.scale, 1 + how.scale, (studies, states, 1, 1))
    noise = rng.standard_normal((studies, states, *_COARSE))
    changed = rotated(grids, turn)
    if how.horizontal_flip:
        changed = np.where(rng.random((studies, 1, 1, 1)) < 0.5, mirrored(changed), changed)
    ramp = np.cos(np.radians(sector_angles(sectors)[None, None, :] - towards[:, None, None]))
    ramp = 1 + tilt[:, None, None] * ramp * ring_radii(rings)[None, :, None]
    along, around = _smoothing(rings, sectors)
    smooth = 100 * how.noise * (along @ noise @ around.T)
    made: Grids = np.maximum(changed * scale * ramp[:, None] + smooth, 0).astype(np.float32)
    return made


def changes_nothing(how: Augmentation | PictureAugmentation) -> bool:
    """Whether every change is switched off."""
    return not any(getattr(how, one.name) for one in fields(how) if one.name != "kind")


def mirrored(grids: Grids) -> Grids:
    """Maps mirrored left to right: the sample at an angle comes from 180 degrees less it, so that septum and lateral
    wall change places. Anterior and inferior stay."""
    sectors = grids.shape[-1]
    from_sector = (sectors // 2 - np.arange(sectors)) % sectors
    changed: Grids = grids[..., from_sector]
    return changed


def rotated(grids: Grids, degrees: NDArray[np.float64]) -> Grids:
    """Turn each study's maps counter-clockwise by its own angle, linear between sectors."""
    sectors = grids.shape[-1]
    shift = degrees * sectors / 360
    place = (np.arange(sectors)[None, :] - shift[:, None]) % sectors
    low = np.floor(place).astype(np.intp) % sectors
    part = (place - np.floor(place)).astype(np.float32)[:, None, None, :]
    below = np.take_along_axis(grids, low[:, None, None, :], axis=-1)
    above = np.take_along_axis(grids, ((low + 1) % sectors)[:, None, None, :], axis=-1)
    turned: Grids = below * (1 - part) + above * part
    return turned


@lru_cache(maxsize=4)
def _smoothing(rings: int, sectors: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Linear interpolation from a coarse grid, cyclic around the disc; unit variance on the coarse points."""
    ring, sector = _COARSE
    at = np.linspace(0, ring - 1, rings)
    along = np.maximum(0, 1 - np.abs(at[:, None] - np.arange(ring)[None, :]))
    gap = np.abs(np.arange(sectors)[:, None] * sector / sectors - np.arange(sector)[None, :])
    around = np.maximum(0, 1 - np.minimum(gap, sector - gap))
    return along, around
