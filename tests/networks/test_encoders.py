"""Encoders: names, shapes and features of published networks; wrong weights refused."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor

from myoperf.networks.encoder import PictureEncoder, load_published
from myoperf.networks.inception import InceptionV3Encoder
from myoperf.networks.mobilenet import MobileNetV2Encoder
from myoperf.networks.resnet import ResNet18Encoder, ResNet50Encoder, ResNet152Encoder

REFERENCE = Path(__file__).parents[1] / "reference" / "published_networks.py"
ENCODERS: dict[str, Callable[[], PictureEncoder]] = {
    "resnet18": ResNet18Encoder,
    "resnet50": ResNet50Encoder,
    "resnet152": ResNet152Encoder,
    "mobilenet_v2": MobileNetV2Encoder,
    "inception_v3": InceptionV3Encoder,
}
WITHOUT_CLASSIFIER = {
    "resnet18": 11_176_512,
    "resnet50": 23_508_032,
    "resnet152": 58_143_808,
    "mobilenet_v2": 2_223_872,
    "inception_v3": 21_785_568,
}
WITH_CLASSIFIER = {
    "resnet18": 11_689_512,
    "resnet50": 25_557_032,
    "resnet152": 60_192_808,
    "mobilenet_v2": 3_504_872,
    "inception_v3": 27_161_264,
}


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("published_networks", REFERENCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(REFERENCE.with_suffix(".json").read_text())
    return told


def empty(tensors: dict[str, str]) -> dict[str, Tensor]:
    return {name: torch.empty([int(side) for side in shape.split("x")]) for name, shape in tensors.items()}


@pytest.mark.parametrize("name", ENCODERS)
def test_names_shapes_and_counts_are_the_published_ones(name: str, published: dict[str, Any]) -> None:
    with torch.device("meta"):
        encoder = ENCODERS[name]()
    told = published[name]["tensors"]
    kept = {tensor: shape for tensor, shape in told.items() if not tensor.startswith(encoder.left_out)}
    ours = {n: "x".join(map(str, t.shape)) for n, t in encoder.body.state_dict().items() if t.ndim}
    assert ours == kept
    assert sum(p.numel() for p in encoder.parameters()) == WITHOUT_CLASSIFIER[name]
    assert published[name]["parameters"] == WITH_CLASSIFIER[name]


@pytest.mark.parametrize("name", ["resnet50", "mobilenet_v2", "inception_v3"])
def test_features_are_those_of_the_published_network(name: str, maker: ModuleType, published: dict[str, Any]) -> None:
    encoder = InceptionV3Encoder(padded=False) if name == "inception_v3" else ENCODERS[name]()
    load_published(encoder, maker.made_weights(empty(published[name]["tensors"])))
    with torch.inference_mode():
        features = encoder.eval()(maker.made_picture())[0].double()
    told = torch.tensor(published[name]["features"], dtype=torch.float64)
    scale = published[name]["sd"]
    torch.testing.assert_close(features[:: len(features) // 16] / scale, told / scale, atol=1e-4, rtol=0)
    assert float(features.std()) == pytest.approx(scale, rel=1e-5)


@pytest.mark.parametrize("encoder", [ResNet50Encoder(width=0.0625), MobileNetV2Encoder(width=0.25)])
def test_maps_halve_and_their_mean_is_what_a_picture_becomes(encoder: PictureEncoder) -> None:
    encoder.eval()
    grey = torch.rand(2, 1, 64, 96)
    with torch.inference_mode():
        maps, features = encoder.stages(grey), encoder(grey)
        torch.testing.assert_close(features, encoder(grey.repeat(1, 3, 1, 1)))
    shapes = [(2, channels, 64 >> k, 96 >> k) for k, channels in enumerate(encoder.stage_channels, start=1)]
    assert [tuple(found.shape) for found in maps] == shapes
    torch.testing.assert_close(maps[-1].mean(dim=(2, 3)), features)


def test_padded_inception_halves_exactly_and_takes_small_pictures() -> None:
    torch.manual_seed(0)
    encoder = InceptionV3Encoder().eval()
    with torch.inference_mode():
        maps = encoder.stages(torch.rand(1, 3, 64, 96))
        assert encoder(torch.rand(1, 1, 32, 32)).shape == (1, 2048)
    shapes = [(1, channels, 64 >> k, 96 >> k) for k, channels in enumerate((64, 192, 288, 768, 2048), start=1)]
    assert [tuple(found.shape) for found in maps] == shapes


def test_weights_that_do_not_fit_are_named_by_tensor() -> None:
    encoder = MobileNetV2Encoder(width=0.25)
    state = encoder.body.state_dict()
    first = "features.0.0.weight"
    with pytest.raises(ValueError, match=f"no tensor '{first}'"):
        load_published(encoder, {n: t for n, t in state.items() if n != first})
    with pytest.raises(ValueError, match=r"an unknown tensor 'fc\.bias'"):
        load_published(encoder, {**state, "fc.bias": torch.zeros(3)})
    with pytest.raises(ValueError, match=r"features\.0\.0\.weight has shape"):
        load_published(encoder, {**state, first: torch.zeros(8, 1, 3, 3)})
    load_published(encoder, {**state, "classifier.1.weight": torch.zeros(1000, 320)})


def test_the_same_seed_draws_the_same_encoder() -> None:
    made = []
    for _ in range(2):
        torch.manual_seed(4)
        made.append(ResNet50Encoder(width=0.0625).state_dict())
    assert all(torch.equal(tensor, made[1][name]) for name, tensor in made[0].items())
