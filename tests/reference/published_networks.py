"""Makes ``published_networks.json`` with torchvision 0.28.0: ``python tests/reference/published_networks.py``.

For each network: names and shapes of its tensors, how many parameters it has, and features of one picture with weights
that are written down by a formula. The counters ``num_batches_tracked`` are left out.
"""

import importlib
import json
import zlib
from pathlib import Path

import torch
from torch import Tensor, nn

NETWORKS = ("resnet18", "resnet50", "resnet152", "mobilenet_v2", "inception_v3")
PICTURE = (1, 3, 96, 80)


def made_weights(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Waves whose phase comes from the name of a tensor, of a size that neither grows nor fades with depth."""
    made = {}
    for name, tensor in state.items():
        if name.endswith("num_batches_tracked"):
            continue
        place = torch.arange(tensor.numel(), dtype=torch.float64)
        wave = torch.sin(place * place * 0.61803398875 + zlib.crc32(name.encode()) % 1000)
        if tensor.ndim > 1:
            wave = wave * (4 / tensor[0].numel()) ** 0.5
        elif name.endswith(("bias", "running_mean")):
            wave = 0.1 * wave
        else:
            wave = (0.25 if "bn3" in name else 1) * (1 + 0.3 * wave)
        made[name] = wave.view(tensor.shape).to(tensor.dtype)
    return made


def made_picture() -> Tensor:
    """Values in 0..1."""
    place = torch.arange(PICTURE[1] * PICTURE[2] * PICTURE[3], dtype=torch.float64)
    return (0.5 + 0.5 * torch.sin(place * 0.013) * torch.cos(place * 0.37)).view(PICTURE).float()


def features_of(network: nn.Module, name: str) -> Tensor:
    """Features before the classifier, of a picture brought to what the published weights were trained with."""
    mean, sd = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    if name == "mobilenet_v2":
        network.classifier = nn.Identity()
    else:
        network.fc = nn.Identity()
    if name == "inception_v3":
        network.transform_input = True  # type: ignore[assignment]  # a plain flag of this network
    with torch.inference_mode():
        found: Tensor = network.eval()((made_picture() - mean.view(1, 3, 1, 1)) / sd.view(1, 3, 1, 1))
    return found[0].double()


def main() -> None:
    models = importlib.import_module("torchvision.models")
    found: dict[str, object] = {"made by": "torchvision 0.28.0"}
    for name in NETWORKS:
        further = {"init_weights": False} if name == "inception_v3" else {}
        network = getattr(models, name)(weights=None, **further)
        state = network.state_dict()
        tensors = {k: "x".join(map(str, v.shape)) for k, v in state.items() if not k.endswith("num_batches_tracked")}
        network.load_state_dict(made_weights(state), strict=False)
        count = sum(parameter.numel() for parameter in network.parameters())
        features = features_of(network, name)
        some = [round(float(value), 6) for value in features[:: len(features) // 16]]
        found[name] = {"parameters": count, "features": some, "sd": float(features.std()), "tensors": tensors}
        print(name, count, len(tensors), float(features.mean()), float(features.std()))
    Path(__file__).with_suffix(".json").write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
