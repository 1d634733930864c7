"""A user's file of published encoder weights, read and put into an encoder."""

import pickle
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from myoperf.core.errors import RefusedError
from myoperf.networks.encoder import load_published
from myoperf.networks.resnet import ResNet18Encoder, ResNet152Encoder, ResNetEncoder

from .pretrained import check_weights_file

_NAMES: Mapping[type[ResNetEncoder], str] = MappingProxyType(
    {ResNet18Encoder: "ResNet-18", ResNet152Encoder: "ResNet-152"}
)


def read_weights(path: Path) -> dict[str, Tensor]:
    """Tensors by name from ``.safetensors``, or from ``.pth`` whose SHA-256 begins as its name says.

    A ``.pth`` file is only opened after that check, and only its tensors are read. RefusedError otherwise.
    """
    if path.suffix == ".safetensors":
        try:
            return dict(load_file(path))
        except (SafetensorError, OSError) as error:
            raise RefusedError(path, rule="a whole safetensors file", came=error, do="fetch it again") from None
    check_weights_file(path)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise RefusedError(path, rule="tensors and nothing else", came=error, do="save a state dict") from None
    if not isinstance(state, dict) or not all(isinstance(tensor, Tensor) for tensor in state.values()):
        raise RefusedError(path, rule="weights are tensors by name", came=type(state).__name__, do="save a state dict")
    return dict(state)


def load_encoders(network: nn.Module, path: Path) -> None:
    """Put a user's weights into every picture encoder of a network."""
    for part in network.modules():
        if isinstance(part, ResNetEncoder):
            load_encoder(part, path)


def load_encoder(encoder: ResNetEncoder, path: Path) -> None:
    """Put a user's weights into an encoder; RefusedError where they are not those of its network."""
    try:
        load_published(encoder, read_weights(path))
    except ValueError as error:
        raise RefusedError(
            path,
            rule=f"weights of {_NAMES.get(type(encoder), 'this encoder')}, named as torchvision names them",
            came=error,
            do="give those",
        ) from None
