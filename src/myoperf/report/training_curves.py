"""How a training went: accuracy and loss by epoch, in the training and the validation part."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .figures import ACCENT, FAINT, QUIET, calm, png
from .page import data_uri
from .scorecard_more import Picture
from .words import words

_OTHER = "#b3541e"


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """One epoch of one fit. accuracy : share of right answers, 0..1, in training as they were given while learning
    (dropout and random changes included). loss : mean over the steps. None: not there, as without validation part."""

    variant: str
    repeat: int
    fold: int
    epoch: int
    stage: int
    loss: float | None
    accuracy: float | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    validation_auc: float | None = None


def training_pictures(epochs: Sequence[Epoch]) -> tuple[Picture, ...]:
    """One picture a variant; none of a variant whose fits tell no loss."""
    variants = dict.fromkeys(one.variant for one in epochs if one.loss is not None)
    made = []
    for variant in variants:
        mine = [one for one in epochs if one.variant == variant]
        fits = len({(one.repeat, one.fold) for one in mine})
        which = (
            f"n {fits} fits, one thin line each, the mean of those that still learn thick" if fits > 1 else "n 1 fit"
        )
        caption = f"{which}; dotted: a fit begins a new stage"
        made.append(Picture(uri=data_uri(training_picture(mine)), alt=f"Training, {words(variant)}", caption=caption))
    return tuple(made)


def training_picture(epochs: Sequence[Epoch]) -> bytes:
    """Accuracy and loss of the fits of one variant by epoch, as PNG."""
    figure = Figure(figsize=(5.4, 2.5))
    told = any(one.accuracy is not None for one in epochs)
    if told:
        left = figure.add_axes((0.09, 0.17, 0.39, 0.78))
        _lines(left, epochs, ("accuracy", "validation_accuracy"))
        left.set(ylim=(-0.02, 1.02), yticks=(0, 0.25, 0.5, 0.75, 1))
        _labels(left, "accuracy")
    right = figure.add_axes((0.59 if told else 0.12, 0.17, 0.39, 0.78))
    _lines(right, epochs, ("loss", "validation_loss"))
    right.set_ylim(bottom=0)
    _labels(right, "loss")
    right.legend(loc="best", frameon=False, fontsize=6.5, labelcolor=QUIET, handlelength=1.3)
    return png(figure)


def _lines(axes: Axes, epochs: Sequence[Epoch], names: tuple[str, str]) -> None:
    for name, label, colour in zip(names, ("training", "validation"), (ACCENT, _OTHER), strict=True):
        fits = _fits(epochs, name)
        for line in fits if len(fits) > 1 else ():
            axes.plot(np.arange(1, len(line) + 1), line, color=colour, linewidth=0.4, alpha=0.35)
        if fits:
            mean = _mean(fits)
            axes.plot(np.arange(1, len(mean) + 1), mean, color=colour, linewidth=1.5, label=label)
    starts = {(one.repeat, one.fold, one.stage): one.epoch for one in reversed(epochs) if one.stage}
    for epoch in sorted(set(starts.values())):
        axes.axvline(epoch + 0.5, color=FAINT, linewidth=0.9, linestyle=(0, (2, 2)))


def _fits(epochs: Sequence[Epoch], name: str) -> list[list[float]]:
    """Values of each fit by epoch; a fit that tells none is left out."""
    found: dict[tuple[int, int], list[float]] = {}
    for one in epochs:
        value = getattr(one, name)
        if value is not None:
            found.setdefault((one.repeat, one.fold), []).append(float(value))
    return list(found.values())


def _mean(fits: Sequence[Sequence[float]]) -> list[float]:
    """Mean over the fits that reach each epoch."""
    longest = max(map(len, fits))
    return [float(np.mean([line[k] for line in fits if len(line) > k])) for k in range(longest)]


def _labels(axes: Axes, up: str) -> None:
    axes.set_xlabel("epoch", color=QUIET, fontsize=7.5, labelpad=2)
    axes.set_ylabel(up, color=QUIET, fontsize=7.5, labelpad=2)
    calm(axes)
