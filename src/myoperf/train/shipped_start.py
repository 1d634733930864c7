"""Which weights an encoder starts from: a user's file, ImageNet's, those that are shipped, or none."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from myoperf.core.errors import RefusedError
from myoperf.recipe import (
    EncoderUNet,
    MaskEnsemble,
    PictureEncoder,
    Recipe,
    ResNet18,
    ResNet152,
    SeparateNetworks,
    SharedEncoder,
    Torch,
)

from .pretrained import find_imagenet
from .shipped import shipped_encoder

Pictured = PictureEncoder | EncoderUNet
"""What weights can be given to."""


def first_weights(given: Path | str | None, recipes: Iterable[Recipe]) -> Path | None:
    """The file that the encoders of some recipes start from; None: from scratch.

    given : "virtual" (the shipped encoder, pre-trained on virtual patients), "imagenet" (a file in torch hub's cache
    folder), "none", or the path of a file. None: what the recipes ask for; where they ask for ImageNet and there is no
    file of it, the shipped encoder stands in, if it fits all of them.
    RefusedError where what was asked for is not there.
    """
    wanting = [one for recipe in recipes for one in encoders_of(recipe) if one.weights is not None]
    name = _published_name(wanting[0]) if wanting else "resnet18"
    match None if given is None else str(given):
        case None:
            return _usual(wanting, name)
        case "none":
            return None
        case "virtual":
            return _virtual(wanting)
        case "imagenet":
            found = find_imagenet(None, name)
            if found is None:
                rule, do = f"a file {name}-....pth in torch hub's cache folder", "give its path, or --weights virtual"
                raise RefusedError("weights", rule=rule, came="none", do=do)
            return found
        case path:
            return find_imagenet(path, name)


def is_shipped(file: Path | None) -> bool:
    """Whether weights are those of the shipped encoder."""
    return file is not None and file == shipped_encoder()


def _virtual(wanting: Sequence[Pictured]) -> Path:
    odd = [one.kind for one in wanting if not _fits(one)]
    if odd:
        rule = "the shipped encoder is a whole ResNet-18"
        raise RefusedError("weights", rule=rule, came=f"another {odd[0]}", do="use --weights imagenet or none")
    found = shipped_encoder()
    if found is None:
        do = "use --weights none, or make it with validation/make_weights.py"
        raise RefusedError("weights", rule="an encoder comes with this version", came="none", do=do)
    return found


def _usual(wanting: Sequence[Pictured], name: str) -> Path | None:
    if not wanting:
        return None
    if any(one.weights == "virtual" for one in wanting):
        return _virtual(wanting)
    return find_imagenet(None, name) or (shipped_encoder() if all(map(_fits, wanting)) else None)


def encoders_of(recipe: Recipe) -> tuple[Pictured, ...]:
    """Picture encoders of a recipe that weights can be given to."""
    network = recipe.system.network if isinstance(recipe.system, Torch) else None
    if isinstance(network, SharedEncoder | SeparateNetworks):
        return (network.encoder,) if isinstance(network.encoder, PictureEncoder) else ()
    members = network.members if isinstance(network, MaskEnsemble) else (network,)
    return tuple(member for member in members if isinstance(member, EncoderUNet))


def _fits(encoder: Pictured) -> bool:
    """Whether the shipped encoder has the shape of one."""
    if isinstance(encoder, EncoderUNet):
        return encoder.encoder == "resnet18"
    return isinstance(encoder, ResNet18) and encoder.width == 1.0


def _published_name(encoder: Pictured) -> str:
    """How the file of an encoder's ImageNet weights begins."""
    if isinstance(encoder, EncoderUNet):
        return encoder.encoder
    return "resnet152" if isinstance(encoder, ResNet152) else "resnet18"
