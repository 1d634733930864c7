"""Networks that take several inputs of a sample and the group (tracer) it belongs to."""

from typing import Literal

import torch
from torch import Tensor, nn

Fusion = Literal["concatenate", "mean"]


class SharedNetwork(nn.Module):
    """One encoder for all inputs and groups, features joined, then heads.

    Takes inputs (batch, inputs, ...) and groups (batch,); gives logits (batch, targets).
    """

    def __init__(self, encoder: nn.Module, heads: nn.Module, *, fusion: Fusion = "concatenate") -> None:
        super().__init__()
        self.encoder = encoder
        self.heads = heads
        self.fusion = fusion

    def encode(self, inputs: Tensor) -> Tensor:
        """Features of every input, (batch, inputs, features)."""
        batch, count = inputs.shape[:2]
        features: Tensor = self.encoder(inputs.flatten(0, 1))
        return features.view(batch, count, -1)

    def answer(self, features: Tensor, groups: Tensor) -> Tensor:
        """Logits from the features of every input."""
        joined = features.flatten(1) if self.fusion == "concatenate" else features.mean(dim=1)
        logits: Tensor = self.heads(joined, groups)
        return logits

    def forward(self, inputs: Tensor, groups: Tensor) -> Tensor:
        """Encode, join, answer."""
        return self.answer(self.encode(inputs), groups)


class SeparateNetwork(nn.Module):
    """A whole network for each group; a sample only meets the network of its own."""

    def __init__(self, networks: list[SharedNetwork], *, targets: int) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)
        self.targets = targets

    def encode(self, inputs: Tensor) -> Tensor:
        """Features of every input by every network, (batch, inputs, networks x features)."""
        return torch.cat([network.encode(inputs) for network in self._each()], dim=2)

    def answer(self, features: Tensor, groups: Tensor) -> Tensor:
        """Logits, each from its own network's share of the features."""
        logits = features.new_zeros(len(groups), self.targets)
        shares = features.chunk(len(self.networks), dim=2)
        for group, (network, share) in enumerate(zip(self._each(), shares, strict=True)):
            mine = groups == group
            if mine.any():
                logits[mine] = network.answer(share[mine], groups[mine])
        return logits

    def forward(self, inputs: Tensor, groups: Tensor) -> Tensor:
        """Every sample through its own network; a lone sample cannot be normalised and is left at 0 in training."""
        logits = torch.zeros(len(groups), self.targets, dtype=torch.float32, device=inputs.device)
        for group, network in enumerate(self._each()):
            mine = groups == group
            if mine.sum() >= (2 if self.training else 1):
                logits[mine] = network(inputs[mine], groups[mine])
        return logits

    def _each(self) -> list[SharedNetwork]:
        return [network for network in self.networks if isinstance(network, SharedNetwork)]
