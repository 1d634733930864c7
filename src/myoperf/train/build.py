"""From a network's description to the network."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from myoperf.networks.heads import ManyHeads, ModulatedHead, OneHead, TokenHead, layers
from myoperf.networks.routed import SeparateNetwork, SharedNetwork
from myoperf.recipe import (
    MLP,
    Encoder,
    Heads,
    PerTracer,
    PictureEncoder,
    ResNet152,
    SeparateNetworks,
    SharedEncoder,
    SingleHead,
)

if TYPE_CHECKING:
    from myoperf.networks.resnet import ResNetEncoder

RoutedNetwork = SharedNetwork | SeparateNetwork


class ValuesEncoder(nn.Module):
    """Fully connected layers on standardised rows of values; missing values count as the mean."""

    mean: Tensor
    sd: Tensor

    def __init__(self, values: int, description: MLP) -> None:
        super().__init__()
        self.features = description.hidden[-1]
        self.register_buffer("mean", torch.zeros(values))
        self.register_buffer("sd", torch.ones(values))
        self.body = nn.Sequential(
            layers((values, *description.hidden), dropout=description.dropout, activation=description.activation),
            nn.Tanh() if description.activation == "tanh" else nn.ReLU(),
        )

    def learn_scale(self, rows: Tensor) -> None:
        """Take mean and spread of the training rows, (studies, 1, values)."""
        flat = rows.flatten(0, 1).double()
        known = torch.isfinite(flat)
        count = known.sum(dim=0).clamp(min=1)
        mean = torch.nan_to_num(flat).sum(dim=0) / count
        spread = (torch.nan_to_num(flat - mean) ** 2).sum(dim=0) / count
        self.mean.copy_(mean)
        self.sd.copy_(spread.sqrt().clamp(min=1e-6))

    def forward(self, rows: Tensor) -> Tensor:
        """Rows (batch, values) to features."""
        features: Tensor = self.body(torch.nan_to_num((rows - self.mean) / self.sd))
        return features


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What a network has to fit: inputs a study, tracers, outputs of each target, and which logit of a head that all
    tracers share each output is; values of a row (for an MLP); and the number of features, where an encoder that is
    kept apart has made them already (0: the network has its own encoder)."""

    inputs: int
    groups: int
    outputs: tuple[int, ...]
    shared: tuple[int, ...]
    values: int = 0
    encoded: int = 0


def build_network(description: SharedEncoder | SeparateNetworks, sizes: Sizes) -> RoutedNetwork:
    """A network with new weights, drawn from torch's random state."""
    if isinstance(description, SharedEncoder):
        return _shared(description, description.heads, sizes)
    networks = [_shared(description, description.head, sizes) for _ in range(sizes.groups)]
    return SeparateNetwork(networks, targets=sum(sizes.outputs))


def _shared(description: SharedEncoder | SeparateNetworks, heads: Heads, sizes: Sizes) -> SharedNetwork:
    encoder: nn.Module = nn.Identity()
    features = sizes.encoded
    if not sizes.encoded:
        built = build_encoder(description.encoder, values=sizes.values)
        encoder, features = built, built.features
    features *= sizes.inputs if description.fusion == "concatenate" else 1
    made = build_heads(heads, features, sizes)
    return SharedNetwork(encoder, made, fusion=description.fusion)


def build_encoder(description: Encoder, *, values: int = 0) -> "ResNetEncoder | ValuesEncoder":
    """An encoder with new weights."""
    return ValuesEncoder(values, description) if isinstance(description, MLP) else picture_encoder(description)


def picture_encoder(description: PictureEncoder) -> "ResNetEncoder":
    """An encoder of pictures with new weights."""
    from myoperf.networks.resnet import ResNet18Encoder, ResNet152Encoder

    made = ResNet152Encoder if isinstance(description, ResNet152) else ResNet18Encoder
    return made(width=description.width)


def build_heads(heads: Heads, features: int, sizes: Sizes) -> nn.Module:
    """Heads with new weights."""
    if isinstance(heads, PerTracer):
        return ManyHeads(features, targets=sizes.outputs, hidden=heads.hidden, dropout=heads.dropout)
    if isinstance(heads, SingleHead):
        return OneHead(features, targets=sizes.shared, hidden=heads.hidden, dropout=heads.dropout)
    size = heads.size if heads.form == "token" else 0
    one = OneHead(features + size, targets=sizes.shared, hidden=heads.hidden, dropout=heads.dropout)
    if heads.form == "token":
        return TokenHead(features, groups=sizes.groups, size=size, head=one)
    return ModulatedHead(features, groups=sizes.groups, head=one)
