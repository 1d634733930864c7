"""Fit networks that give every pixel a class, and use them again."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save
from torch import Tensor

from myoperf.networks.threads import one_thread
from myoperf.recipe import DiceCrossEntropy, EncoderUNet, MaskEnsemble, MaskNetwork, Recipe, Torch, UNet

from .build_masks import PictureMasks, build_mask_network
from .inputs import Inputs
from .kept_masks import class_of, post_processed, write_classes
from .loop import Fit, Keeping, Shown, answers_of, run_loop
from .mask_objective import MaskObjective, likely
from .picture_rows import view_of
from .processor import gains_from_bf16
from .task import Fitted, Rows, Task, first_seed

Numbers = NDArray[np.intp]


def fit_masks(task: Task) -> Fitted:
    """Train one network for masks on one thread; the model, and the areas that it marks, in pixels.

    The masks themselves, as they were before any last step, are kept beside the scores (``masks_file``).
    """
    with one_thread():
        return _fit_masks(task)


def masks_file(task: Task) -> Path:
    """Where the masks of a fit's validation and held-out part lie; written before its scores."""
    return task.result_file.with_suffix(".masks.npz")


def use_masks(
    recipe: Recipe, tensors: Mapping[str, Tensor], rows: Rows, *, exact: bool
) -> Iterator[tuple[Numbers, NDArray[np.float32]]]:
    """Probabilities of the classes above 0 of a fitted network for other rows, part by part: row numbers, and (rows,
    classes - 1, height, width)."""
    network = _network(recipe, exact=exact)
    network.load_state_dict(dict(tensors))
    with one_thread():
        for numbers, answer in answers_of(network, _shown(recipe, rows, exact=exact), np.arange(len(rows))):
            yield numbers, likely(answer)[:, 1:].numpy()


def _fit_masks(task: Task) -> Fitted:
    system = _torch(task.recipe)
    shown = _shown(task.recipe, task.rows, exact=task.exact)
    torch.manual_seed(first_seed(task))
    network = _network(task.recipe, exact=task.exact)
    _start(network, _described(system), task.pretrained)
    fit = Fit(
        network=network,
        shown=shown,
        parts=task.parts,
        training=system.training,
        objective=MaskObjective(_loss(system), shown.inputs),
        seed=(task.seed, task.repeat, task.fold),
    )
    folder = task.result_file.parent
    keeping = Keeping(folder=folder, name=task.name, seconds=task.checkpoint_seconds, parent=task.parent)
    state = run_loop(fit, keeping)
    scores = np.full((len(task.rows), 1), np.nan)
    judged = np.concatenate([task.parts.validation, task.parts.held_out])
    view = view_of(task.recipe)
    masks = np.zeros((len(judged), view.size, view.size), dtype=np.uint8)
    done = 0
    for _, answer in answers_of(network, shown, judged):
        part = class_of(likely(answer)[:, 1:].numpy())
        masks[done : done + len(part)] = part
        done += len(part)
    scores[judged, 0] = [float(np.count_nonzero(post_processed(mask, system.post))) for mask in masks]
    write_classes(masks_file(task), [task.rows.study_id[row] for row in judged], masks)
    story = {"best_epoch": state.best_epoch, "epochs": state.history, "notes": state.notes}
    return Fitted(model=save(_stored(network, half=shown.bf16)), scores=scores, story=story)


def _stored(network: PictureMasks, *, half: bool) -> dict[str, Tensor]:
    """Weights to be kept; convolutions that work in 16-bit floats are kept so, which changes no answer."""
    kept = {name: tensor.detach().contiguous() for name, tensor in network.state_dict().items()}
    whole = {name for name in kept if ".head." in name}
    return {
        name: tensor.bfloat16() if half and tensor.ndim == 4 and name not in whole else tensor
        for name, tensor in kept.items()
    }


def _torch(recipe: Recipe) -> Torch:
    if not isinstance(recipe.system, Torch):
        raise TypeError(f"not a network: {recipe.system.kind}")
    return recipe.system


def _described(system: Torch) -> MaskNetwork:
    if not isinstance(system.network, UNet | EncoderUNet | MaskEnsemble):
        raise TypeError(f"not a network for masks: {system.network.kind}")
    return system.network


def _loss(system: Torch) -> DiceCrossEntropy:
    if not isinstance(system.loss, DiceCrossEntropy):
        raise TypeError(f"not a loss for masks: {system.loss.kind}")
    return system.loss


def _shown(recipe: Recipe, rows: Rows, *, exact: bool) -> Shown:
    if rows.pictures is None:
        raise TypeError("masks are marked on pictures")
    training = _torch(recipe).training
    inputs = Inputs(recipe.views[0], rows.pictures, training.augmentation, masks=rows.masks)
    wanted = training.precision == "bf16" and not exact
    return Shown(inputs=inputs, groups=rows.groups, bf16=wanted and gains_from_bf16())


def _network(recipe: Recipe, *, exact: bool) -> PictureMasks:
    network = build_mask_network(_described(_torch(recipe)), channels=view_of(recipe).channels)
    if not exact:
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # stubs lack it
    return network


def _start(network: PictureMasks, description: MaskNetwork, pretrained: Path | None) -> None:
    """First weights of the encoders, where there is a file of them."""
    members = description.members if isinstance(description, MaskEnsemble) else (description,)
    if pretrained is not None and any(isinstance(one, EncoderUNet) and one.weights for one in members):
        from .weights import load_encoders

        load_encoders(network, pretrained)
