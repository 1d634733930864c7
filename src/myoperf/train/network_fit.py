"""Fit a network for one fold, and use it again."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save
from torch import Tensor

from myoperf.core.polar import RINGS
from myoperf.networks.threads import one_thread
from myoperf.recipe import Recipe, ResNet18, ResNet152, RoutedCrossEntropy, SeparateNetworks, SharedEncoder, Torch
from myoperf.views import Images, PolarDisc

from .build import RoutedNetwork, Sizes, ValuesEncoder, build_network
from .class_objective import ClassObjective, probabilities
from .inputs import Inputs
from .loop import Fit, Keeping, Shown, logits_of, run_loop
from .objective import Objective
from .processor import gains_from_bf16
from .routed_objective import RoutedObjective
from .task import Fitted, Floats, Rows, Task, first_seed, outputs_of

LEAST_BF16_PIXELS = 24
"""Smaller pictures shrink to one pixel before the last stride; there 16-bit gradients are not the same each time."""


def fit_network(task: Task) -> Fitted:
    """Train on one thread; the model and its probabilities for the rows that it was not told."""
    with one_thread():
        return _fit_network(task)


def _fit_network(task: Task) -> Fitted:
    system = _torch(task.recipe)
    shown = _shown(task.recipe, task.rows, exact=task.exact, features=task.features)
    torch.manual_seed(first_seed(task))
    network = _network(task.recipe, task.rows, encoded=_encoded(task), exact=task.exact)
    _start(network, task)
    fit = Fit(
        network=network,
        shown=shown,
        parts=task.parts,
        training=system.training,
        objective=_objective(task),
        seed=(task.seed, task.repeat, task.fold),
    )
    folder = task.result_file.parent
    keeping = Keeping(folder=folder, name=task.name, seconds=task.checkpoint_seconds, parent=task.parent)
    state = run_loop(fit, keeping)
    outputs = outputs_of(task.recipe)
    scores = np.full((len(task.rows), outputs[-1].stop), np.nan)
    judged = np.concatenate([task.parts.validation, task.parts.held_out])
    if len(judged):
        scores[judged] = probabilities(logits_of(network, shown, judged), outputs)
    story = {"best_epoch": state.best_epoch, "epochs": state.history, "notes": state.notes}
    return Fitted(model=save(_stored(network, half=shown.bf16)), scores=scores, story=story)


def _stored(network: RoutedNetwork, *, half: bool) -> dict[str, Tensor]:
    """Weights to be kept; convolutions that work in 16-bit floats are kept so, which changes no answer."""
    kept = {name: tensor.detach().contiguous() for name, tensor in network.state_dict().items()}
    return {name: tensor.bfloat16() if half and tensor.ndim == 4 else tensor for name, tensor in kept.items()}


def use_network(
    recipe: Recipe, tensors: Mapping[str, Tensor], rows: Rows, *, features: NDArray[np.float32] | None, exact: bool
) -> Floats:
    """Probabilities of a fitted network for other rows, (rows, outputs)."""
    encoded = 0 if features is None else int(features.shape[-1])
    network = _network(recipe, rows, encoded=encoded, exact=exact)
    network.load_state_dict(dict(tensors))
    shown = _shown(recipe, rows, exact=exact, features=features)
    with one_thread():
        return probabilities(logits_of(network, shown, np.arange(len(rows))), outputs_of(recipe))


def _torch(recipe: Recipe) -> Torch:
    if not isinstance(recipe.system, Torch):
        raise TypeError(f"not a network: {recipe.system.kind}")
    return recipe.system


def _described(system: Torch) -> SharedEncoder | SeparateNetworks:
    if not isinstance(system.network, SharedEncoder | SeparateNetworks):
        raise TypeError(f"not a network that is trained here: {system.network.kind}")
    return system.network


def _loss(system: Torch) -> RoutedCrossEntropy:
    if not isinstance(system.loss, RoutedCrossEntropy):
        raise TypeError(f"not a loss of this loop: {system.loss.kind}")
    return system.loss


def _objective(task: Task) -> Objective:
    """What the network is trained for: yes-or-no targets alone, or several classes too."""
    loss, truth, train = _loss(_torch(task.recipe)), task.rows.truth, task.parts.train
    if all(target.kind == "binary" for target in task.recipe.targets):
        return RoutedObjective(loss, truth, train)
    return ClassObjective(loss, truth, outputs_of(task.recipe), train)


def _shared_logits(recipe: Recipe) -> tuple[int, ...]:
    """Which logit of a head that all tracers share each output is: the first question of one tracer is answered as the
    first of another, if both have as many answers."""
    places: list[int] = []
    met: dict[tuple[int, int], int] = {}
    asked: list[tuple[str, int]] = []
    for target, where in zip(recipe.targets, outputs_of(recipe), strict=True):
        size = where.stop - where.start
        key = (asked.count((str(target.tracer), size)), size)
        asked.append((str(target.tracer), size))
        start = met.setdefault(key, max(places, default=-1) + 1)
        places += range(start, start + size)
    return tuple(places)


def _encoded(task: Task) -> int:
    return 0 if task.features is None else int(task.features.shape[-1])


def _pictured(recipe: Recipe) -> bool:
    return isinstance(_described(_torch(recipe)).encoder, ResNet18 | ResNet152)


def _shown(recipe: Recipe, rows: Rows, *, exact: bool, features: NDArray[np.float32] | None) -> Shown:
    training = _torch(recipe).training
    data = rows.shown if features is None else features
    inputs = Inputs(recipe.views[0], data, training.augmentation, encoded=features is not None)
    wanted = training.precision == "bf16" and not exact and features is None and _pictured(recipe)
    large = _pixels(recipe) >= LEAST_BF16_PIXELS
    return Shown(inputs=inputs, groups=rows.groups, bf16=wanted and large and gains_from_bf16())


def _pixels(recipe: Recipe) -> int:
    """Shorter side of the pictures that the encoder sees."""
    view = recipe.views[0]
    return view.size if isinstance(view, PolarDisc | Images) else RINGS


def _network(recipe: Recipe, rows: Rows, *, encoded: int, exact: bool) -> RoutedNetwork:
    pictured = _pictured(recipe)
    sizes = Sizes(
        inputs=rows.inputs.shape[1] if pictured else 1,
        groups=max(len({target.tracer for target in recipe.targets}), 1),
        outputs=tuple(where.stop - where.start for where in outputs_of(recipe)),
        shared=_shared_logits(recipe),
        values=0 if pictured else rows.inputs.shape[1],
        encoded=encoded,
    )
    network = build_network(_described(_torch(recipe)), sizes)
    if pictured and not exact:
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # stubs lack it
    return network


def _start(network: RoutedNetwork, task: Task) -> None:
    """First weights of the encoders: a user's file, or the scale of the training rows."""
    for part in network.modules():
        if isinstance(part, ValuesEncoder):
            part.learn_scale(torch.from_numpy(task.rows.inputs[task.parts.train])[:, None])
    encoder = _described(_torch(task.recipe)).encoder
    pictured = isinstance(encoder, ResNet18 | ResNet152) and encoder.weights
    if pictured and task.pretrained is not None and task.features is None:
        from .weights import load_encoders

        load_encoders(network, task.pretrained)
