"""Several networks for masks that answer together."""

from collections.abc import Sequence
from math import log

import torch
from torch import Tensor, nn


class Ensemble(nn.Module):
    """Networks that take the same pictures and give logits (batch, classes, rows, columns).

    While it learns, it gives the answers of each member, (batch, members, classes, rows, columns), for a loss of its
    own; no member sees the others' answers. While it answers, it gives the logarithm of the mean of the members'
    probabilities, (batch, classes, rows, columns): logits whose softmax is that mean. ValueError without a member.
    """

    def __init__(self, members: Sequence[nn.Module]) -> None:
        super().__init__()
        if not members:
            raise ValueError("at least one member")
        self.members = nn.ModuleList(members)

    def forward(self, pictures: Tensor) -> Tensor:
        """Every member's logits, or those of all together."""
        answers = torch.stack([member(pictures) for member in self.members], dim=1)
        if self.training:
            return answers
        return torch.log_softmax(answers.float(), dim=2).logsumexp(dim=1) - log(len(self.members))
