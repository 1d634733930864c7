"""What of a network learns in a stage of its training; the rest stays as it is, its normalisation layers too."""

from typing import Literal

from torch import nn

Learns = Literal["heads", "top", "all"]


def let_learn(network: nn.Module, learns: Learns) -> None:
    """Mark the weights that learn: "heads": all but the encoders'; "top": the encoders' last stage too; "all"."""
    network.requires_grad_(True)
    if learns == "all":
        return
    for encoder in encoders_of(network):
        encoder.requires_grad_(False)
        if learns == "top":
            top_of(encoder).requires_grad_(True)


def set_to_train(network: nn.Module, learns: Learns) -> None:
    """Put the layers that learn into their way of training; dropout and statistics of the others rest."""
    network.train()
    if learns == "all":
        return
    for encoder in encoders_of(network):
        encoder.eval()
        if learns == "top":
            top_of(encoder).train()


def encoders_of(network: nn.Module) -> list[nn.Module]:
    """Every part of a network that is called ``encoder``."""
    return [part for name, part in network.named_modules() if name.rpartition(".")[2] == "encoder"]


def top_of(encoder: nn.Module) -> nn.Module:
    """The last part of an encoder that has weights: of a residual network its last residual stage."""
    body = getattr(encoder, "body", encoder)
    last = getattr(body, "layer4", None)
    if isinstance(last, nn.Module):
        return last
    parts = [part for part in body.modules() if isinstance(part, nn.Linear | nn.Conv2d)]
    return parts[-1] if parts else encoder
