"""Networks that take several inputs of a sample and the group (tracer) it belongs to."""

from typing import Literal

import torch
from torch import Tensor, nn

Fusion = Literal["concatenate", "mean"]


class SharedNetwork(nn.Module):
    """One encoder for all inputs and groups, features joined, then heads.

    Takes inputs (batch, inputs, ...) and groups (batch,); gives logits (batch, targets). The heads work in single
    precision, whatever the encoder does.
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

    def forward(self, inputs: Tensor, groups: Tensor, *, encoded: bool = False) -> Tensor:
        """Encode, join, answer. encoded : ``inputs`` are features already, (batch, inputs, features)."""
        features = (inputs if encoded else self.encode(inputs)).float()
        joined = features.flatten(1) if self.fusion == "concatenate" else features.mean(dim=1)
        with torch.autocast(device_type=joined.device.type, enabled=False):
            logits: Tensor = self.heads(joined, groups)
        return logits


class SeparateNetwork(nn.Module):
    """A whole network for each group; a sample only meets the network of its own."""

    def __init__(self, networks: list[SharedNetwork], *, targets: int) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)
        self.targets = targets

    def forward(self, inputs: Tensor, groups: Tensor, *, encoded: bool = False) -> Tensor:
        """Every sample through its own network; a lone sample cannot be normalised and is left at 0 in training."""
        logits = torch.zeros(len(groups), self.targets, dtype=torch.float32, device=inputs.device)
        for group, network in enumerate(self.networks):
            mine = groups == group
            if mine.sum() >= (2 if self.training and not encoded else 1):
                logits[mine] = network(inputs[mine], groups[mine], encoded=encoded)
        return logits
