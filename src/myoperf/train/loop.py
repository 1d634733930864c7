"""The training loop of networks: one loop for all of them, on one thread, the same numbers for the same seed."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import cos, pi
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.utils import clip_grad_norm_

from myoperf.networks.routed import SharedNetwork
from myoperf.recipe import Stage, Training

from .augment import changes_nothing
from .checkpoint import State, load_checkpoint, save_checkpoint
from .inputs import Inputs
from .objective import Counting, Objective
from .sampler import batches, steps_an_epoch
from .stages import Learns, let_learn, set_to_train
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
    """Train stage after stage, each until its last epoch, or until the validation part has not improved for
    ``patience`` epochs.

    The weights kept in ``fit.network`` are those of the epoch of the last stage with the best validation figure of the
    objective (of equal ones that with the lower loss); the last ones where there is no validation part, or one that can
    tell nothing. A stage begins with the weights that the one before would keep. Continues from a checkpoint where
    there is one.
    """
    stages = stages_of(fit)
    state = State(network=fit.network, optimiser=_optimiser(fit, stages[0]))
    load_checkpoint(state, keeping.folder, keeping.name, lambda number: _optimiser(fit, stages[number]))
    now = _staged(fit, stages[state.stage])
    saved = time.monotonic()
    while _goes_on(state, now, stages[state.stage]) or state.stage + 1 < len(stages):
        if not _goes_on(state, now, stages[state.stage]):
            _turn(fit, state, stages)
            now = _staged(fit, stages[state.stage])
        if keeping.parent and os.getppid() != keeping.parent:
            raise AbandonedError
        story: dict[str, float | None] = {"epoch": state.epoch, "stage": state.stage}
        state.history.append(story | _epoch(now, state, stages[state.stage]) | _judge(now, state))
        state.epoch += 1
        if time.monotonic() - saved >= keeping.seconds:
            save_checkpoint(state, keeping.folder, keeping.name)
            saved = time.monotonic()
    _keep_best(fit, state)
    if fit.training.settle and not fit.shown.inputs.encoded:
        settle(fit, stages[-1].learns)
    return state


def stages_of(fit: Fit) -> tuple[Stage, ...]:
    """Stages of the training; one in which everything learns where the recipe names none."""
    return fit.training.stages or (Stage(epochs=epochs_of(fit), lr=fit.training.lr, learns="all"),)


def settle(fit: Fit, learns: Learns = "all") -> None:
    """Take mean and variance of every normalisation layer that learns anew from the training part, as it is shown when
    judged."""
    set_to_train(fit.network, learns)
    found = [layer for layer in fit.network.modules() if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d)]
    layers = [layer for layer in found if layer.training]
    if not layers:
        return
    usual = [layer.momentum for layer in layers]
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None
    parts = -(-len(fit.parts.train) // fit.shown.inputs.at_once)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=fit.shown.bf16):
        for rows in np.array_split(fit.parts.train, parts):
            fit.network(fit.shown.inputs.take(rows), torch.from_numpy(fit.shown.groups[rows]))
    for layer, momentum in zip(layers, usual, strict=True):
        layer.momentum = momentum


def epochs_of(fit: Fit) -> int:
    """Epochs that are planned without stages: as the recipe says, or as many as its least number of steps needs."""
    steps = steps_an_epoch(len(fit.parts.train), fit.training.batch)
    return max(fit.training.epochs, -(-fit.training.steps // steps))


def _goes_on(state: State, fit: Fit, stage: Stage) -> bool:
    """Whether the stage has epochs left and has not stalled."""
    if state.epoch - state.began >= stage.epochs:
        return False
    watched = len(fit.parts.validation) > 0 and state.best_epoch >= 0
    return not (watched and state.epoch - 1 - state.best_epoch >= fit.training.patience)


def _turn(fit: Fit, state: State, stages: Sequence[Stage]) -> None:
    """End a stage and begin the next, from the weights that this one keeps."""
    _keep_best(fit, state)
    state.stage, state.began = state.stage + 1, state.epoch
    state.average, state.best, state.best_epoch = {}, {}, -1
    state.optimiser = _optimiser(fit, stages[state.stage])


def _keep_best(fit: Fit, state: State) -> None:
    fit.network.load_state_dict(state.best or state.average or fit.network.state_dict())


def _staged(fit: Fit, stage: Stage) -> Fit:
    """The fit as a stage sees it: where the encoder rests and its pictures do not change, as features made once."""
    network, shown = fit.network, fit.shown
    still = changes_nothing(shown.inputs.augmentation) and not shown.inputs.encoded
    if stage.learns != "heads" or not isinstance(network, SharedNetwork) or not still:
        return fit
    network.eval()
    rows = np.concatenate([fit.parts.train, fit.parts.validation])
    made: list[Tensor] = []
    for start in range(0, len(rows), shown.inputs.at_once):
        part = rows[start : start + shown.inputs.at_once]
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=shown.bf16):
            made.append(network.encode(shown.inputs.take(part)).float())
    found = torch.cat(made).numpy()
    features = np.zeros((len(shown.groups), *found.shape[1:]), dtype=np.float32)
    features[rows] = found
    inputs = Inputs(shown.inputs.view, features, shown.inputs.augmentation, encoded=True)
    return replace(fit, shown=replace(shown, inputs=inputs))


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


def _optimiser(fit: Fit, stage: Stage) -> torch.optim.AdamW:
    """AdamW for what learns in a stage; normalisation and offsets are not decayed, the encoder has its own rate."""
    network, training = fit.network, fit.training
    let_learn(network, stage.learns)
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            groups.setdefault((".encoder." in f".{name}", parameter.ndim > 1), []).append(parameter)
    described = [
        {
            "params": parameters,
            "factor": training.encoder_lr if encoder else 1.0,
            "weight_decay": training.weight_decay if decayed else 0.0,
        }
        for (encoder, decayed), parameters in sorted(groups.items(), key=lambda item: item[0])
    ]
    return torch.optim.AdamW(described, lr=stage.lr, fused=True)


def _rate(training: Training, highest: float, done: float) -> float:
    """Learning rate when a fraction ``done`` of all steps of a stage is done."""
    if done < training.warmup:
        return highest * done / training.warmup
    if training.schedule == "constant":
        return highest
    return highest * 0.5 * (1 + cos(pi * (done - training.warmup) / (1 - training.warmup)))


def _epoch(fit: Fit, state: State, stage: Stage) -> dict[str, float | None]:
    """One pass; gives the mean loss, and the share of right answers at the time that they were given. All that is
    random comes from the seed and the number of the epoch."""
    rng = np.random.default_rng([*fit.seed, state.epoch])
    torch.manual_seed(int(rng.integers(2**62)))
    order = batches(fit.parts.train, fit.shown.groups, size=fit.training.batch, balanced=fit.training.balanced, rng=rng)
    set_to_train(fit.network, stage.learns)
    past, told = state.epoch - state.began, _Told(fit.objective)
    for step, rows in enumerate(order):
        rate = _rate(fit.training, stage.lr, (past + (step + 1) / len(order)) / stage.epochs)
        for group in state.optimiser.param_groups:
            group["lr"] = rate * group["factor"]
        _step(fit, state, rows, rng, told)
        if fit.training.averaging:
            _average(state, fit.training.averaging, past * len(order) + step)
    return told.story()


class _Told:
    """Losses of the steps of an epoch, and how many answers were right."""

    def __init__(self, objective: Objective) -> None:
        self.counting = objective if isinstance(objective, Counting) else None
        self.losses: list[float] = []
        self.right = self.asked = 0

    def add(self, loss: Tensor, answers: Tensor, rows: NDArray[np.intp]) -> None:
        """Note one step."""
        self.losses.append(float(loss.detach()))
        if self.counting is not None:
            right, asked = self.counting.right(answers, rows)
            self.right, self.asked = self.right + right, self.asked + asked

    def story(self) -> dict[str, float | None]:
        """For the history."""
        share = {"accuracy": self.right / self.asked} if self.asked else {}
        return {"loss": float(np.mean(self.losses)), **share}


def _step(fit: Fit, state: State, rows: NDArray[np.intp], rng: np.random.Generator, told: _Told) -> None:
    inputs, groups = fit.shown.inputs.take(rows, rng), torch.from_numpy(fit.shown.groups[rows])
    with torch.autocast("cpu", torch.bfloat16, enabled=fit.shown.bf16):
        answers: Tensor = fit.network(inputs, groups, encoded=fit.shown.inputs.encoded)
    loss = fit.objective.loss(answers, rows)
    state.optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    clip_grad_norm_(fit.network.parameters(), fit.training.clip_norm)
    state.optimiser.step()
    told.add(loss, answers, rows)


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
    """Figures and loss of the validation part; keep the weights if they are the stage's best so far."""
    rows, name = fit.parts.validation, fit.objective.figure
    if not len(rows):
        return {name: None, "validation_loss": None}
    used = state.average or {key: tensor.detach() for key, tensor in fit.network.state_dict().items()}
    judged = fit.objective.judge(answers_of(fit.network, fit.shown, rows, used))
    told = [(h[name] or 0.0, -(h["validation_loss"] or 0.0)) for h in state.history[state.began :]]
    if judged.chooses and (not told or (judged.figure or 0.0, -judged.loss) > max(told)):
        state.best, state.best_epoch = {key: tensor.clone() for key, tensor in used.items()}, state.epoch
    return {name: judged.figure, "validation_loss": judged.loss, **judged.further}
