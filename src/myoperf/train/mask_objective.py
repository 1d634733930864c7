"""Masks: cross-entropy and Dice of the pixels, and the mean Dice of what is marked over the pictures."""

from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from myoperf.networks.losses import mask_loss
from myoperf.recipe import DiceCrossEntropy

from .inputs import Inputs
from .objective import Judged, Numbers

Classes = NDArray[np.uint8]


class MaskObjective:
    """inputs : hold the true masks of the rows, turned with the pictures where these were turned."""

    figure = "validation_dice"

    def __init__(self, loss: DiceCrossEntropy, inputs: Inputs) -> None:
        self.terms = loss
        self.inputs = inputs

    def loss(self, answers: Tensor, rows: Numbers) -> Tensor:
        """Loss of a batch of logits (batch, classes, height, width), or of the members of an ensemble."""
        return self._loss(answers, self.inputs.marked(rows, learning=True))

    def judge(self, answered: Iterable[tuple[Numbers, Tensor]]) -> Judged:
        """Mean over pictures (and classes above 0 that either holds) of Dice, and the loss."""
        dice: list[float] = []
        losses: list[float] = []
        count = 0
        for rows, answers in answered:
            truth = self.inputs.marked(rows, learning=False)
            losses.append(float(self._loss(answers, truth)) * len(rows))
            count += len(rows)
            called = likely(answers).argmax(dim=1).numpy().astype(np.uint8)
            dice += [one for one in map(picture_dice, truth, called) if np.isfinite(one)]
        return Judged(figure=float(np.mean(dice)) if dice else None, loss=sum(losses) / max(count, 1))

    def _loss(self, answers: Tensor, truth: Classes) -> Tensor:
        asked = torch.from_numpy(truth.astype(np.int64))
        return mask_loss(answers.float(), asked, cross_entropy=self.terms.cross_entropy, dice=self.terms.dice)


def likely(answers: Tensor) -> Tensor:
    """Probability of every class of every pixel, (batch, classes, height, width); of an ensemble the members' mean."""
    chances = answers.float().softmax(dim=-3)
    return chances.mean(dim=1) if chances.ndim == 5 else chances


def picture_dice(truth: Classes, called: Classes) -> float:
    """Mean Dice over the classes above 0 that either mask holds; NaN where neither holds one."""
    held = [number for number in np.union1d(truth, called) if number]
    found = [
        2
        * np.count_nonzero((truth == number) & (called == number))
        / (np.count_nonzero(truth == number) + np.count_nonzero(called == number))
        for number in held
    ]
    return float(np.mean(found)) if found else float("nan")
