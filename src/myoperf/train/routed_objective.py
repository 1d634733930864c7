"""Binary targets that not every study is asked: cross-entropy, and the mean AUC over the targets."""

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

from myoperf.evaluate.discrimination import auc, rank
from myoperf.networks.losses import routed_cross_entropy
from myoperf.recipe import RoutedCrossEntropy

from .objective import Judged, Numbers
from .task import Floats


class RoutedObjective:
    """truth : (rows, targets), NaN where a target is not asked. train : rows that the weights of classes come from."""

    figure = "validation_auc"

    def __init__(self, loss: RoutedCrossEntropy, truth: Floats, train: Numbers) -> None:
        self.truth = truth
        self.weights = positive_weights(truth[train], loss)

    def loss(self, answers: Tensor, rows: Numbers) -> Tensor:
        """Loss of a batch of logits (batch, targets)."""
        return routed_cross_entropy(answers, torch.tensor(self.truth[rows], dtype=torch.float32), self.weights)

    def right(self, answers: Tensor, rows: Numbers) -> tuple[int, int]:
        """How many answers of a batch are right at a probability of 0.5, and how many were asked for."""
        return right_at_half(answers.detach().double().numpy(), self.truth[rows])

    def judge(self, answered: Iterable[tuple[Numbers, Tensor]]) -> Judged:
        """Mean AUC over the targets that have both classes, and the loss."""
        parts = [(rows, answer.double().numpy()) for rows, answer in answered]
        logits, truth = np.concatenate([part for _, part in parts]), self.truth[np.concatenate([r for r, _ in parts])]
        loss = routed_cross_entropy(torch.tensor(logits), torch.tensor(truth), self.weights.double())
        right, asked = right_at_half(logits, truth)
        share = right / asked if asked else None
        return Judged(figure=mean_auc(logits, truth), loss=float(loss), further={"validation_accuracy": share})


def right_at_half(logits: Floats, truth: Floats) -> tuple[int, int]:
    """How many answers are right at a probability of 0.5, and how many were asked for."""
    asked = np.isfinite(truth)
    return int(((logits >= 0) == (truth == 1))[asked].sum()), int(asked.sum())


def positive_weights(truth: Floats, loss: RoutedCrossEntropy) -> Tensor:
    """Negatives / positives of every target in the training part; 1 where a class is missing."""
    positive, negative = np.nansum(truth == 1, axis=0), np.nansum(truth == 0, axis=0)
    known = (positive > 0) & (negative > 0) & (loss.class_weights == "per target")
    return torch.tensor(np.where(known, negative / np.maximum(positive, 1), 1.0), dtype=torch.float32)


def mean_auc(logits: Floats, truth: Floats) -> float | None:
    """Mean of the targets' AUC; None where no target has both classes."""
    found = []
    for answers, told in zip(logits.T, truth.T, strict=True):
        known = np.isfinite(told)
        if len(set(told[known])) == 2:
            found.append(float(auc(rank(answers[known]), told[known] == 1, np.ones(int(known.sum())))))
    return float(np.mean(found)) if found else None
