"""Encoders for pictures that published weights exist for: what they have in common, and how weights get in."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_SD = (0.229, 0.224, 0.225)


class PictureEncoder(nn.Module, ABC):
    """Features of pictures, and maps of features on the way to them.

    Takes pictures (batch, channels, rows, columns) with values in 0..1, one channel or three, and brings them to the
    mean and spread that the published weights were trained with. ``body`` has the parameters, named as torchvision
    names them.

    features : how many numbers a picture becomes. stage_channels : channels of the maps at 1/2, 1/4, 1/8, 1/16 and
        1/32 of the size. left_out : beginnings of names in published files that are no part of the encoder.
    """

    left_out: ClassVar[tuple[str, ...]] = ("fc.",)
    features: int
    stage_channels: tuple[int, ...]
    mean: Tensor
    sd: Tensor

    def __init__(
        self, body: nn.Module, *, mean: tuple[float, ...] = IMAGENET_MEAN, sd: tuple[float, ...] = IMAGENET_SD
    ) -> None:
        super().__init__()
        self.body = body
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("sd", torch.tensor(sd).view(1, 3, 1, 1), persistent=False)

    def normal(self, pictures: Tensor) -> Tensor:
        """Three channels with the mean and spread of the published training."""
        return (pictures.expand(-1, 3, -1, -1) - self.mean) / self.sd

    @abstractmethod
    def stages(self, pictures: Tensor) -> list[Tensor]:
        """Maps of features at 1/2, 1/4, 1/8, 1/16 and 1/32 of the size, the finest first."""

    def forward(self, pictures: Tensor) -> Tensor:
        """Mean of the coarsest map, (batch, features)."""
        return self.stages(pictures)[-1].mean(dim=(2, 3)).float()


def load_published(encoder: PictureEncoder, state: Mapping[str, Tensor]) -> None:
    """Put published weights (torchvision's names) into an encoder; what only classifies is left out.

    ValueError, naming the first that is wrong, where names or shapes do not fit.
    """
    given = {name: tensor for name, tensor in state.items() if not name.startswith(encoder.left_out)}
    wanted = encoder.body.state_dict()
    optional = {name for name in wanted if name.endswith("num_batches_tracked")}
    odd = sorted(set(given) ^ set(wanted) - (optional - set(given)))
    if odd:
        kind = "an unknown tensor" if odd[0] in given else "no tensor"
        raise ValueError(f"{kind} {odd[0]!r} (and {len(odd) - 1} more)" if len(odd) > 1 else f"{kind} {odd[0]!r}")
    for name, tensor in given.items():
        if tensor.shape != wanted[name].shape:
            raise ValueError(f"{name} has shape {tuple(tensor.shape)}, not {tuple(wanted[name].shape)}")
    encoder.body.load_state_dict(dict(given), strict=False)


def start_weights(body: nn.Module) -> None:
    """New weights of convolutions for a network with ReLU (He 2015), drawn from torch's random state."""
    for part in body.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight, mode="fan_out", nonlinearity="relu")
