"""ResNet-18 for pictures, laid out and named as the one that ImageNet weights are published for."""

from collections.abc import Mapping

import torch
from monai.networks.nets.resnet import ResNet
from torch import Tensor, nn

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_SD = (0.229, 0.224, 0.225)


class ResNet18Encoder(nn.Module):
    """Features of pictures by a residual network of 18 layers (He 2016), on MONAI's blocks.

    The first layer is 7 x 7 with stride 2, then a 3 x 3 pooling with stride 2; shortcuts that change shape are a
    1 x 1 convolution without bias and a normalisation. Parameters are named as torchvision names them.

    Takes pictures (batch, channels, height, width) with values in 0..1, one channel or three; gives
    (batch, 512 x width).
    """

    mean: Tensor
    sd: Tensor

    def __init__(self, *, width: float = 1.0) -> None:
        super().__init__()
        self.body = ResNet(
            "basic",
            [2, 2, 2, 2],
            [64, 128, 256, 512],
            spatial_dims=2,
            n_input_channels=3,
            conv1_t_size=7,
            conv1_t_stride=2,
            shortcut_type="B",
            widen_factor=width,
            feed_forward=False,
            bias_downsample=False,
        )
        self.features = int(512 * width)
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("sd", torch.tensor(IMAGENET_SD).view(1, 3, 1, 1), persistent=False)

    def forward(self, pictures: Tensor) -> Tensor:
        """Normalise by ImageNet's mean and standard deviation, then encode."""
        normal = (pictures.expand(-1, 3, -1, -1) - self.mean) / self.sd
        features: Tensor = self.body(normal)
        return features.float()


def load_resnet18(encoder: ResNet18Encoder, state: Mapping[str, Tensor]) -> None:
    """Put published weights (torchvision's names) into an encoder; the classification layer ``fc`` is left out.

    ValueError, naming the first that is wrong, where names or shapes do not fit.
    """
    given = {name: tensor for name, tensor in state.items() if not name.startswith("fc.")}
    wanted = encoder.body.state_dict()
    optional = {name for name in wanted if name.endswith("num_batches_tracked")}
    odd = sorted(set(given) ^ set(wanted) - (optional - set(given)))
    if odd:
        kind = "an unknown tensor" if odd[0] in given else "no tensor"
        raise ValueError(f"{kind} {odd[0]!r} (and {len(odd) - 1} more)" if len(odd) > 1 else f"{kind} {odd[0]!r}")
    for name, tensor in given.items():
        if tensor.shape != wanted[name].shape:
            raise ValueError(f"{name} has shape {tuple(tensor.shape)}, not {tuple(wanted[name].shape)}")
    encoder.body.load_state_dict(dict(given), strict=False)
