"""Whole-file checkpoints of a fit that is under way: tensors in safetensors, the rest as JSON in its header."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.optim import Optimizer

from myoperf.io.files import write_bytes

KEPT = 2


@dataclass(kw_only=True)
class State:
    """Where a fit stands at the end of an epoch. All that is random is drawn from (seed, repeat, fold, epoch), so no
    random state belongs to it.

    stage : number of the stage of the training, and ``began`` the epoch that it began with.
    average : running mean of the weights, empty without averaging. best : weights of the stage's best epoch so far.
    """

    network: nn.Module
    optimiser: Optimizer
    epoch: int = 0
    stage: int = 0
    began: int = 0
    average: dict[str, Tensor] = field(default_factory=dict)
    best: dict[str, Tensor] = field(default_factory=dict)
    best_epoch: int = -1
    history: list[dict[str, float | None]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def save_checkpoint(state: State, folder: Path, name: str) -> Path:
    """Write the state whole or not at all, then drop all but the newest two."""
    tensors = {f"network/{key}": tensor for key, tensor in state.network.state_dict().items()}
    tensors |= {f"average/{key}": tensor for key, tensor in state.average.items()}
    tensors |= {f"best/{key}": tensor for key, tensor in state.best.items()}
    for index, moments in state.optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser/{index}/{key}": torch.as_tensor(moment) for key, moment in moments.items()}
    places = {"epoch": state.epoch, "stage": state.stage, "began": state.began, "best_epoch": state.best_epoch}
    story = {**places, "history": state.history}
    whole = {key: tensor.detach().contiguous() for key, tensor in tensors.items()}
    path = folder / f"{name}.{state.epoch:05d}.checkpoint"
    write_bytes(path, save(whole, metadata={"story": json.dumps(story)}))
    for old in checkpoints(folder, name)[KEPT:]:
        old.unlink(missing_ok=True)
    return path


def checkpoints(folder: Path, name: str) -> list[Path]:
    """Checkpoints of a fit, the newest first."""
    return sorted(folder.glob(f"{name}.*.checkpoint"), reverse=True)


def load_checkpoint(state: State, folder: Path, name: str, optimiser: Callable[[int], Optimizer] | None = None) -> None:
    """Put the newest whole checkpoint into ``state``; its ``notes`` tell of those that had to be passed over.

    optimiser : makes the one of a stage, where the training has several.
    """
    for path in checkpoints(folder, name):
        try:
            tensors, story = _read(path)
        except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
            state.notes.append(f"checkpoint {path.name} cannot be read ({error}); an older one is used")
            continue
        state.stage, state.began = int(story["stage"]), int(story["began"])
        if optimiser is not None:
            state.optimiser = optimiser(state.stage)
        _restore(state, tensors)
        state.epoch, state.best_epoch, state.history = int(story["epoch"]), int(story["best_epoch"]), story["history"]
        break


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    with safe_open(path, framework="pt") as opened:
        story = json.loads(opened.metadata()["story"])
        return {key: opened.get_tensor(key) for key in opened.keys()}, story  # noqa: SIM118  # not a mapping


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): tensor for key, tensor in tensors.items() if key.startswith(prefix)}


def _restore(state: State, tensors: Mapping[str, Tensor]) -> None:
    """Copy everything into tensors laid out in memory as the network's are: another layout, other rounding."""
    like = state.network.state_dict()
    state.network.load_state_dict(_under(tensors, "network/"))
    state.average = {key: _laid_out(tensor, like[key]) for key, tensor in _under(tensors, "average/").items()}
    state.best = {key: _laid_out(tensor, like[key]) for key, tensor in _under(tensors, "best/").items()}
    parameters = [parameter for group in state.optimiser.param_groups for parameter in group["params"]]
    moments: dict[int, dict[str, Tensor]] = {}
    for key, tensor in _under(tensors, "optimiser/").items():
        index, _, name = key.partition("/")
        moments.setdefault(int(index), {})[name] = _laid_out(tensor, parameters[int(index)])
    whole = state.optimiser.state_dict()
    state.optimiser.load_state_dict({**whole, "state": moments})


def _laid_out(tensor: Tensor, like: Tensor) -> Tensor:
    if tensor.shape != like.shape:
        return tensor
    return torch.empty_like(like, dtype=tensor.dtype, memory_format=torch.preserve_format).copy_(tensor).detach()
