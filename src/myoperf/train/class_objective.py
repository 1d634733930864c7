"""Targets of several classes, alone or beside yes-or-no ones: cross-entropy over the classes, and the macro AUC."""

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor

from myoperf.evaluate.discrimination import auc, rank
from myoperf.networks.losses import class_cross_entropy, routed_cross_entropy
from myoperf.recipe import RoutedCrossEntropy

from .objective import Judged, Numbers
from .routed_objective import positive_weights
from .task import Floats


class ClassObjective:
    """The mean over the targets of the loss of each, of the studies that it is asked of.

    truth : (rows, targets), the number of the class, NaN where a target is not asked. outputs : the logits of each
    target. train : rows that the weights of classes come from. A target with one logit is a yes-or-no one.
    """

    figure = "validation_auc"

    def __init__(self, loss: RoutedCrossEntropy, truth: Floats, outputs: Sequence[slice], train: Numbers) -> None:
        self.truth = truth
        self.outputs = tuple(outputs)
        self.weights = tuple(
            _weights(truth[train][:, place], where.stop - where.start, loss) for place, where in enumerate(self.outputs)
        )

    def loss(self, answers: Tensor, rows: Numbers) -> Tensor:
        """Loss of a batch of logits (batch, outputs)."""
        return self._loss(answers, torch.tensor(self.truth[rows], dtype=answers.dtype))

    def right(self, answers: Tensor, rows: Numbers) -> tuple[int, int]:
        """How many answers of a batch are right, and how many were asked for."""
        return right_of(answers.detach().double().numpy(), self.truth[rows], self.outputs)

    def judge(self, answered: Iterable[tuple[Numbers, Tensor]]) -> Judged:
        """Mean over the targets of the AUC, of several classes the macro AUC of each against the rest.

        A class that is missing in the validation part, or the only one there, has no AUC and is left out of the mean.
        Where no class has one, nothing is chosen by this part: its loss would favour the classes that are there.
        """
        parts = [(rows, answer.double()) for rows, answer in answered]
        logits, numbers = torch.cat([answer for _, answer in parts]), np.concatenate([rows for rows, _ in parts])
        truth = self.truth[numbers]
        loss = float(self._loss(logits, torch.tensor(truth)))
        found = [
            area
            for place, where in enumerate(self.outputs)
            if (area := macro_auc(logits[:, where].numpy(), truth[:, place])) is not None
        ]
        right, asked = right_of(logits.numpy(), truth, self.outputs)
        share = right / asked if asked else None
        figure = float(np.mean(found)) if found else None
        return Judged(figure=figure, loss=loss, further={"validation_accuracy": share}, chooses=figure is not None)

    def _loss(self, answers: Tensor, truth: Tensor) -> Tensor:
        each = [
            _target_loss(answers[:, where], truth[:, place], self.weights[place].to(answers.dtype))
            for place, where in enumerate(self.outputs)
            if bool(torch.isfinite(truth[:, place]).any())
        ]
        return torch.stack(each).mean() if each else answers.sum() * 0


def macro_auc(logits: Floats, truth: Floats) -> float | None:
    """Mean AUC of each class against the rest by its probability, (rows, classes); of one logit its AUC. Classes that
    are missing or the only one are left out; None where all are. Higher is better, 0..1."""
    known = np.isfinite(truth)
    told = truth[known]
    if logits.shape[1] == 1:
        of_class = [(logits[known, 0], told == 1)]
    else:
        chances = chances_of(logits[known])
        of_class = [(chances[:, place], told == place) for place in range(logits.shape[1])]
    areas = [
        float(auc(rank(score), positive, np.ones(len(positive))))
        for score, positive in of_class
        if positive.any() and not positive.all()
    ]
    return float(np.mean(areas)) if areas else None


def chances_of(logits: Floats) -> Floats:
    """Probabilities of logits (rows, outputs of one target): of one output the logistic function, of several softmax,
    which sums to 1 over a row."""
    if logits.shape[1] == 1:
        single: Floats = 1 / (1 + np.exp(-logits))
        return single
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    several: Floats = raised / raised.sum(axis=1, keepdims=True)
    return several


def probabilities(logits: Floats, outputs: Sequence[slice]) -> Floats:
    """Probabilities of the logits of all targets, (rows, outputs)."""
    return np.concatenate([chances_of(logits[:, where]) for where in outputs], axis=1)


def right_of(logits: Floats, truth: Floats, outputs: Sequence[slice]) -> tuple[int, int]:
    """How many answers are right (the class of the highest logit; yes from 0 on), and how many were asked for."""
    right = asked = 0
    for place, where in enumerate(outputs):
        known = np.isfinite(truth[:, place])
        mine = logits[known, where]
        called = mine[:, 0] >= 0 if mine.shape[1] == 1 else mine.argmax(axis=1)
        right += int((called == truth[known, place]).sum())
        asked += int(known.sum())
    return right, asked


def class_weights(truth: Floats, classes: int, loss: RoutedCrossEntropy) -> Tensor:
    """N / (K n) of each of K classes with n of the N studies of the training part; 1 of one that is not there, and of
    all where none are asked for."""
    counts = np.array([(truth == place).sum() for place in range(classes)])
    weighed = counts.sum() / (classes * np.maximum(counts, 1))
    asked = loss.class_weights == "per target"
    return torch.tensor(np.where((counts > 0) & asked, weighed, 1.0), dtype=torch.float32)


def _weights(truth: Floats, outputs: int, loss: RoutedCrossEntropy) -> Tensor:
    return positive_weights(truth[:, None], loss) if outputs == 1 else class_weights(truth, outputs, loss)


def _target_loss(logits: Tensor, truth: Tensor, weights: Tensor) -> Tensor:
    """Mean loss of one target over the studies that it is asked of."""
    if logits.shape[1] == 1:
        return routed_cross_entropy(logits, truth[:, None], weights)
    return class_cross_entropy(logits, truth, weights)
