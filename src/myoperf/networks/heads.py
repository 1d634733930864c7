"""From features to answers: heads that treat groups of samples (tracers) alike or apart."""

from itertools import pairwise

import torch
from torch import Tensor, nn

Dropout = float | tuple[float, ...]
"""One number: before every layer. Several: behind each hidden layer, as many as there are."""


def layers(sizes: tuple[int, ...], *, dropout: Dropout = 0.0, activation: str = "relu") -> nn.Sequential:
    """Fully connected layers from ``sizes[0]`` to ``sizes[-1]`` numbers, with an activation after all but the last.

    ValueError where there are not as many dropouts as hidden layers.
    """
    behind = dropout if isinstance(dropout, tuple) else ()
    if behind and len(behind) != len(sizes) - 2:
        raise ValueError(f"one dropout a hidden layer: {len(behind)} for {len(sizes) - 2}")
    made: list[nn.Module] = []
    for k, (a, b) in enumerate(pairwise(sizes)):
        if not isinstance(dropout, tuple) and dropout:
            made.append(nn.Dropout(dropout))
        made.append(nn.Linear(a, b))
        if k < len(sizes) - 2:
            made.append(nn.Tanh() if activation == "tanh" else nn.ReLU())
            made += [nn.Dropout(behind[k])] if behind else []
    return nn.Sequential(*made)


class ManyHeads(nn.Module):
    """One head a target. Features (batch, n) and groups (batch,) to logits (batch, outputs).

    targets : how many give one logit each, or the logits of each: one of a yes-or-no question, K of K classes.
    """

    def __init__(
        self,
        features: int,
        *,
        targets: int | tuple[int, ...],
        hidden: tuple[int, ...] = (),
        dropout: Dropout = 0.0,
    ) -> None:
        super().__init__()
        sizes = (1,) * targets if isinstance(targets, int) else targets
        self.heads = nn.ModuleList(layers((features, *hidden, size), dropout=dropout) for size in sizes)

    def forward(self, features: Tensor, groups: Tensor) -> Tensor:
        """Every head answers for every sample; the caller takes the answer that is asked for."""
        return torch.cat([head(features) for head in self.heads], dim=1)


class OneHead(nn.Module):
    """One head for all groups, blind to them: questions that differ in the group alone have one answer.

    targets : how many outputs repeat the one logit, or which logit each output is: (0, 0) repeats one, (0, 1, 2) are
        three of their own.
    """

    def __init__(
        self,
        features: int,
        *,
        targets: int | tuple[int, ...],
        hidden: tuple[int, ...] = (),
        dropout: Dropout = 0.0,
    ) -> None:
        super().__init__()
        self.places = (0,) * targets if isinstance(targets, int) else targets
        self.head = layers((features, *hidden, max(self.places) + 1), dropout=dropout)

    def forward(self, features: Tensor, groups: Tensor) -> Tensor:
        """Logits of every output, (batch, outputs)."""
        answer: Tensor = self.head(features)
        return answer.expand(-1, len(self.places)) if max(self.places) == 0 else answer[:, list(self.places)]


class TokenHead(nn.Module):
    """One head that is told the group by a learnt vector, appended to the features."""

    def __init__(self, features: int, *, groups: int, size: int, head: OneHead) -> None:
        super().__init__()
        self.token = nn.Embedding(groups, size)
        self.head = head

    def forward(self, features: Tensor, groups: Tensor) -> Tensor:
        """Logits of every output, (batch, outputs)."""
        answer: Tensor = self.head(torch.cat([features, self.token(groups)], dim=1), groups)
        return answer


class ModulatedHead(nn.Module):
    """One head behind features that are scaled and shifted by learnt numbers of the group (Perez 2018)."""

    def __init__(self, features: int, *, groups: int, head: OneHead) -> None:
        super().__init__()
        self.scale = nn.Embedding(groups, features)
        self.shift = nn.Embedding(groups, features)
        nn.init.ones_(self.scale.weight)
        nn.init.zeros_(self.shift.weight)
        self.head = head

    def forward(self, features: Tensor, groups: Tensor) -> Tensor:
        """Logits of every output, (batch, outputs)."""
        answer: Tensor = self.head(features * self.scale(groups) + self.shift(groups), groups)
        return answer
