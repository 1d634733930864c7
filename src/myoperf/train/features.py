"""Features of a frozen encoder: every picture is encoded once and kept by its content."""

import hashlib
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save

from myoperf.io.cache import Cache, cache_key
from myoperf.io.files import write_bytes
from myoperf.networks.encoder import load_published
from myoperf.networks.resnet import ResNetEncoder
from myoperf.networks.threads import one_thread
from myoperf.recipe import PictureEncoder
from myoperf.views import PolarDisc, PolarGrid, View

from .build import picture_encoder
from .inputs import pictures
from .weights import load_encoder, read_weights

_BATCH = 32
_VERSION = 1


def frozen_encoder(description: PictureEncoder, pretrained: Path | None, seed: int) -> ResNetEncoder:
    """The encoder that is kept as it is: a user's weights, else random ones of the seed."""
    torch.manual_seed(seed)
    encoder = picture_encoder(description)
    if pretrained is not None:
        load_encoder(encoder, pretrained)
    return encoder.eval()


def keep_encoder(encoder: ResNetEncoder, path: Path) -> Path:
    """Write a frozen encoder for the models that stand on it."""
    return write_bytes(path, save({name: tensor.contiguous() for name, tensor in encoder.body.state_dict().items()}))


def encode_by_file(
    description: PictureEncoder, path: Path, view: View, grids: NDArray[np.float32], cache: Cache | None
) -> NDArray[np.float32]:
    """Features of maps (studies, states, rings, sectors) by the encoder in a file; see ``encode``."""
    if not isinstance(view, PolarDisc | PolarGrid):
        raise TypeError(f"not a picture: {view.kind}")
    encoder = picture_encoder(description)
    load_published(encoder, read_weights(path))
    return encode(encoder.eval(), view, grids, cache)


def encode(
    encoder: ResNetEncoder, view: PolarDisc | PolarGrid, grids: NDArray[np.float32], cache: Cache | None
) -> NDArray[np.float32]:
    """Features of maps (studies, states, rings, sectors), shape (studies, states, features), in single precision.

    The maps of each state are looked up by their content, so that other inputs, folds and repeats find them again.
    """
    weights = hashlib.sha256(b"".join(tensor.numpy().tobytes() for tensor in encoder.body.state_dict().values()))
    drawn = (view.kind, *(getattr(view, name, None) for name in ("size", "channels", "scale")))
    made = []
    for maps in grids.swapaxes(0, 1):
        key = cache_key("features", _VERSION, weights.hexdigest(), drawn, maps)
        kept = None if cache is None else cache.get(key)
        features = _encoded(encoder, view, maps) if kept is None else kept["features"].astype(np.float32)
        if kept is None and cache is not None:
            cache.put(key, {"features": features})
        made.append(features)
    return np.stack(made, axis=1)


def _encoded(encoder: ResNetEncoder, view: PolarDisc | PolarGrid, maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Features of maps (studies, rings, sectors), in whole batches: another size of batch may round otherwise."""
    features = np.empty((len(maps), encoder.features), dtype=np.float32)
    with one_thread(), torch.inference_mode():
        for start in range(0, len(maps), _BATCH):
            part = maps[start : start + _BATCH]
            whole = part[np.arange(_BATCH) % len(part)]
            features[start : start + _BATCH] = encoder(pictures(view, whole[:, None])[:, 0]).numpy()[: len(part)]
    return features
