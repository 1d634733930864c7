"""Random changes of slices and frames in training, of the masks alike. There is no flip: a heart has its sides."""

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from myoperf.recipe import PictureAugmentation

Pixels = NDArray[np.float32]
Classes = NDArray[np.uint8]
Floats = NDArray[np.float64]

_NO_BLUR = 0.05


@dataclass(frozen=True, kw_only=True)
class Turned:
    """Changed pictures, (pictures, channels, rows, columns), and their masks, (pictures, rows, columns)."""

    pictures: Pixels = field(repr=False)
    masks: Classes | None = field(repr=False, default=None)


def turned(pictures: Pixels, masks: Classes | None, rng: np.random.Generator, how: PictureAugmentation) -> Turned:
    """Changed copies of pictures in 0..1 and of their masks, all that is random drawn from ``rng``.

    The place is that of the patient: picture and mask are turned and moved alike, black and nothing marked beyond the
    edge. Brightness, blur and noise change the picture alone; the result stays in 0..1.
    """
    count = len(pictures)
    angle = np.radians(rng.uniform(-how.rotation_deg, how.rotation_deg, count))
    move = rng.uniform(-how.shift, how.shift, (count, 2))
    size = rng.uniform(1 - how.zoom, 1 + how.zoom, count)
    power = np.exp(rng.uniform(-how.gamma, how.gamma, (count, 1, 1, 1))).astype(np.float32)
    bright = rng.uniform(1 - how.scale, 1 + how.scale, (count, 1, 1, 1)).astype(np.float32)
    width = rng.uniform(0, how.blur_px, count)
    grain = rng.standard_normal((count, 1, *pictures.shape[2:]), dtype=np.float32)
    shown, marked = torch.from_numpy(pictures), None if masks is None else torch.from_numpy(masks)
    if how.rotation_deg or how.shift or how.zoom:
        shown, marked = _placed(shown, marked, _placing(angle, move, size, pictures.shape[-2] / pictures.shape[-1]))
    if how.blur_px:
        shown = _blurred(shown, torch.from_numpy(width.astype(np.float32)), how.blur_px)
    changed = np.clip(shown.numpy() ** power * bright + np.float32(how.noise) * grain, 0.0, 1.0).astype(np.float32)
    return Turned(pictures=changed, masks=None if marked is None else marked.numpy())


def _placing(angle: Floats, move: Floats, size: Floats, ratio: float) -> Floats:
    """Where each pixel of the changed pictures comes from, (pictures, 2, 3), as torch's ``affine_grid`` takes it."""
    cos, sin = np.cos(angle) / size, np.sin(angle) / size
    across = np.stack([cos, sin * ratio, 2 * move[:, 1]], axis=1)
    down = np.stack([-sin / ratio, cos, 2 * move[:, 0]], axis=1)
    return np.stack([across, down], axis=1)


def _placed(pictures: Tensor, masks: Tensor | None, placing: Floats) -> tuple[Tensor, Tensor | None]:
    """Turned, moved and sized about the middle; linear for pictures, nearest neighbour for masks."""
    rows, columns = pictures.shape[-2:]
    grid = functional.affine_grid(
        torch.from_numpy(placing.astype(np.float32)), [len(pictures), 1, rows, columns], align_corners=False
    )
    shown = functional.grid_sample(pictures, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    if masks is None:
        return shown, None
    kept = functional.grid_sample(
        masks[:, None].float(), grid, mode="nearest", padding_mode="zeros", align_corners=False
    )
    return shown, kept[:, 0].to(torch.uint8)


def _blurred(pictures: Tensor, sigma: Tensor, largest: float) -> Tensor:
    """Gaussian blur of each picture by its own standard deviation in pixels, edges repeated."""
    count, channels, rows, columns = pictures.shape
    reach = max(1, int(3 * largest + 0.5))
    at = torch.arange(-reach, reach + 1, dtype=torch.float32)
    weights = torch.exp(-0.5 * (at[None] / sigma.clamp(min=_NO_BLUR)[:, None]) ** 2)
    weights = (weights / weights.sum(dim=1, keepdim=True)).repeat_interleave(channels, dim=0)
    planes = functional.pad(pictures, (reach, reach, reach, reach), mode="replicate")
    planes = planes.reshape(1, count * channels, rows + 2 * reach, columns + 2 * reach)
    along = functional.conv2d(planes, weights[:, None, None, :], groups=count * channels)
    across = functional.conv2d(along, weights[:, None, :, None], groups=count * channels)
    return across.reshape(count, channels, rows, columns)
