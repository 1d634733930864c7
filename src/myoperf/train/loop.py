"""The training loop of networks: one loop for all of them, on one thread, the same numbers for the same seed."""

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import cos, pi
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.utils import clip_grad_norm_

from myoperf.recipe import Training

from .checkpoint import State, load_checkpoint, save_checkpoint
from .inputs import Inputs
from .objective import Objective
from .sampler import batches, steps_an_epoch
from .task import Floats, Parts


class AbandonedError(SystemExit):
    """The process that waits for this fit is gone; nobody would take the result."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a network is shown: its inputs, the tracer of every row, and whether it works in 16-bit floats."""

    inputs: Inputs
    groups: NDArray[np.intp]
    bf16: bool


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What the loop works on. ``seed`` : numbers that the random state of every epoch is drawn from."""

    network: nn.Module
    shown: Shown
    parts: Parts
    training: Training
    objective: Objective
    seed: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """Where checkpoints go, how often, and the process that waits for the fit (0: none)."""

    folder: Path
    name: str
    seconds: float
    parent: int = 0


def run_loop(fit: Fit, keeping: Keeping) -> State:
    """Train until the last epoch, or until the validation part has not improved for ``patience`` epochs.

    The weights kept in ``fit.network`` are those of the epoch with the best validation figure of the objective (of
    equal ones that with the lower loss); the last ones where there is no validation part. Continues from a checkpoint
    where there is one.
    """
    state = State(network=fit.network, optimiser=_optimiser(fit.network, fit.training))
    load_checkpoint(state, keeping.folder, keeping.name)
    saved = time.monotonic()
    while state.epoch < epochs_of(fit) and not _stalled(state, fit):
        if keeping.parent and os.getppid() != keeping.parent:
            raise AbandonedError
        story: dict[str, float | None] = {"epoch": state.epoch, "loss": _epoch(fit, state)}
        state.history.append(story | _judge(fit, state))
        state.epoch += 1
        if time.monotonic() - saved >= keeping.seconds:
            save_checkpoint(state, keeping.folder, keeping.name)
            saved = time.monotonic()
    fit.network.load_state_dict(state.best or state.average or fit.network.state_dict())
    if fit.training.settle and not fit.shown.inputs.encoded:
        settle(fit)
    return state


def settle(fit: Fit) -> None:
    """Take mean and variance of every normalisation layer anew from the training part, as it is shown when judged."""
    layers = [layer for layer in fit.network.modules() if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d)]
    usual = [layer.momentum for layer in layers]
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None
    fit.network.train()
    parts = -(-len(fit.parts.train) // fit.shown.inputs.at_once)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=fit.shown.bf16):
        for rows in np.array_split(fit.parts.train, parts):
            fit.network(fit.shown.inputs.take(rows), torch.from_numpy(fit.shown.groups[rows]))
    for layer, momentum in zip(layers, usual, strict=True):
        layer.momentum = momentum


def epochs_of(fit: Fit) -> int:
    """Epochs that are planned: as the recipe says, or as many as its least number of steps needs."""
    steps = steps_an_epoch(len(fit.parts.train), fit.training.batch)
    return max(fit.training.epochs, -(-fit.training.steps // steps))


def answers_of(
    network: nn.Module, shown: Shown, rows: NDArray[np.intp], weights: Mapping[str, Tensor] | None = None
) -> Iterator[tuple[NDArray[np.intp], Tensor]]:
    """Answers of the network (with other weights, if given), part by part: row numbers, and what it says of them."""
    network.eval()
    named = dict(weights or network.state_dict())
    size = shown.inputs.at_once
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        arguments = (shown.inputs.take(part), torch.from_numpy(shown.groups[part]))
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=shown.bf16):
            answer: Tensor = functional_call(network, named, arguments, {"encoded": shown.inputs.encoded})
        yield part, answer


def logits_of(
    network: nn.Module, shown: Shown, rows: NDArray[np.intp], weights: Mapping[str, Tensor] | None = None
) -> Floats:
    """Answers of the network (with other weights, if given) for at least one row, (rows, outputs)."""
    return np.concatenate([answer.double().numpy() for _, answer in answers_of(network, shown, rows, weights)])


def _optimiser(network: nn.Module, training: Training) -> torch.optim.AdamW:
    """AdamW; normalisation and offsets are not decayed, the encoder has its own rate."""
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        groups.setdefault((".encoder." in f".{name}", parameter.ndim > 1), []).append(parameter)
    described = [
        {
            "params": parameters,
            "factor": training.encoder_lr if encoder else 1.0,
            "weight_decay": training.weight_decay if decayed else 0.0,
        }
        for (encoder, decayed), parameters in sorted(groups.items(), key=lambda item: item[0])
    ]
    return torch.optim.AdamW(described, lr=training.lr, fused=True)


def _rate(training: Training, done: float) -> float:
    """Learning rate when a fraction ``done`` of all steps is done."""
    if done < training.warmup:
        return training.lr * done / training.warmup
    if training.schedule == "constant":
        return training.lr
    return training.lr * 0.5 * (1 + cos(pi * (done - training.warmup) / (1 - training.warmup)))


def _epoch(fit: Fit, state: State) -> float:
    """One pass; gives the mean loss. All that is random comes from the seed and the number of the epoch."""
    rng = np.random.default_rng([*fit.seed, state.epoch])
    torch.manual_seed(int(rng.integers(2**62)))
    order = batches(fit.parts.train, fit.shown.groups, size=fit.training.batch, balanced=fit.training.balanced, rng=rng)
    fit.network.train()
    epochs = epochs_of(fit)
    losses = []
    for step, rows in enumerate(order):
        rate = _rate(fit.training, (state.epoch + (step + 1) / len(order)) / epochs)
        for group in state.optimiser.param_groups:
            group["lr"] = rate * group["factor"]
        losses.append(_step(fit, state, rows, rng))
        if fit.training.averaging:
            _average(state, fit.training.averaging, state.epoch * len(order) + step)
    return float(np.mean(losses))


def _step(fit: Fit, state: State, rows: NDArray[np.intp], rng: np.random.Generator) -> float:
    inputs, groups = fit.shown.inputs.take(rows, rng), torch.from_numpy(fit.shown.groups[rows])
    with torch.autocast("cpu", torch.bfloat16, enabled=fit.shown.bf16):
        answers: Tensor = fit.network(inputs, groups, encoded=fit.shown.inputs.encoded)
    loss = fit.objective.loss(answers, rows)
    state.optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    clip_grad_norm_(fit.network.parameters(), fit.training.clip_norm)
    state.optimiser.step()
    return float(loss.detach())


def _average(state: State, decay: float, step: int) -> None:
    """Move the running mean of the weights towards the weights; faster in the first steps."""
    current = state.network.state_dict()
    if not state.average:
        state.average = {name: tensor.detach().clone() for name, tensor in current.items()}
        return
    share = 1 - min(decay, (1 + step) / (10 + step))
    for name, tensor in current.items():
        if tensor.is_floating_point():
            state.average[name].lerp_(tensor, share)
        else:
            state.average[name].copy_(tensor)


def _judge(fit: Fit, state: State) -> dict[str, float | None]:
    """Figures and loss of the validation part; keep the weights if they are the best so far."""
    rows, name = fit.parts.validation, fit.objective.figure
    if not len(rows):
        return {name: None, "validation_loss": None}
    used = state.average or {key: tensor.detach() for key, tensor in fit.network.state_dict().items()}
    judged = fit.objective.judge(answers_of(fit.network, fit.shown, rows, used))
    told = [(h[name] or 0.0, -(h["validation_loss"] or 0.0)) for h in state.history]
    if not told or (judged.figure or 0.0, -judged.loss) > max(told):
        state.best, state.best_epoch = {key: tensor.clone() for key, tensor in used.items()}, state.epoch
    return {name: judged.figure, "validation_loss": judged.loss, **judged.further}


def _stalled(state: State, fit: Fit) -> bool:
    watched = len(fit.parts.validation) > 0 and state.best_epoch >= 0
    return watched and state.epoch - 1 - state.best_epoch >= fit.training.patience
