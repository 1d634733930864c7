"""Losses over targets that not every sample is asked."""

import torch
from torch import Tensor
from torch.nn import functional


def routed_cross_entropy(logits: Tensor, truth: Tensor, positive_weight: Tensor) -> Tensor:
    """Binary cross-entropy of each target over its samples, mean over the targets that occur.

    logits, truth : (batch, targets); truth 0 or 1, NaN where a target is not asked of a sample.
    positive_weight : (targets,), factor on the loss of positive samples.
    Gives 0 (with a gradient of 0) where no target occurs.
    """
    asked = torch.isfinite(truth)
    each = functional.binary_cross_entropy_with_logits(
        logits, torch.nan_to_num(truth), pos_weight=positive_weight, reduction="none"
    )
    counts = asked.sum(dim=0)
    sums = torch.where(asked, each, torch.zeros_like(each)).sum(dim=0)
    means = sums / counts.clamp(min=1)
    return means.sum() / (counts > 0).sum().clamp(min=1)
