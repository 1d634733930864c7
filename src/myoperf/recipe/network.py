"""Networks described as plain values; ``train`` builds them. Nothing here imports torch."""

from dataclasses import dataclass
from typing import Literal

Weights = Literal["imagenet", "virtual"]
Dropout = float | tuple[float, ...]
"""One number: before every layer of a head. Several: behind each of its hidden layers."""


@dataclass(frozen=True, kw_only=True)
class ResNet18:
    """Residual network of 18 layers (He 2016): 512 features of a picture.

    weights : "imagenet" where the system starts from ImageNet, "virtual" where it starts from the encoder that is
        shipped (pre-trained on virtual patients), None where it starts from scratch.
    width : factor on the number of channels (1 = 64, 128, 256, 512).
    frozen : the encoder is kept as it is and only the heads learn; its features are then computed once, without
        augmentation.
    """

    kind: Literal["ResNet-18"] = "ResNet-18"
    weights: Weights | None = "imagenet"
    width: float = 1.0
    frozen: bool = False


@dataclass(frozen=True, kw_only=True)
class ResNet152:
    """Residual network of 152 layers in bottlenecks (He 2016): 2048 features of a picture. Settings as in ResNet18."""

    kind: Literal["ResNet-152"] = "ResNet-152"
    weights: Literal["imagenet"] | None = "imagenet"
    width: float = 1.0
    frozen: bool = False


@dataclass(frozen=True, kw_only=True)
class MLP:
    """Fully connected layers on a row of values, e.g. segment values."""

    kind: Literal["MLP"] = "MLP"
    hidden: tuple[int, ...] = (32,)
    activation: Literal["relu", "tanh"] = "relu"
    dropout: float = 0.0


@dataclass(frozen=True, kw_only=True)
class PerTracer:
    """One head for each target; a study is answered by the head of its tracer."""

    kind: Literal["one head a tracer"] = "one head a tracer"
    hidden: tuple[int, ...] = ()
    dropout: Dropout = 0.0


@dataclass(frozen=True, kw_only=True)
class SingleHead:
    """One head that answers for all tracers and is not told which it is."""

    kind: Literal["one head"] = "one head"
    hidden: tuple[int, ...] = ()
    dropout: Dropout = 0.0


@dataclass(frozen=True, kw_only=True)
class TracerToken:
    """One head that is told the tracer.

    form : "token" appends a learnt vector of ``size`` numbers to the features; "film" scales and shifts the features
        by learnt numbers (feature-wise linear modulation, Perez 2018).
    """

    kind: Literal["one head and a tracer token"] = "one head and a tracer token"
    form: Literal["film", "token"] = "token"
    size: int = 16
    hidden: tuple[int, ...] = ()
    dropout: Dropout = 0.0


PictureEncoder = ResNet18 | ResNet152
Encoder = ResNet18 | ResNet152 | MLP
Heads = PerTracer | SingleHead | TracerToken


@dataclass(frozen=True, kw_only=True)
class SharedEncoder:
    """One encoder for all tracers and all inputs; the features of several inputs are joined, then the heads answer."""

    kind: Literal["shared encoder"] = "shared encoder"
    encoder: Encoder
    heads: Heads = PerTracer()
    fusion: Literal["concatenate", "mean"] = "concatenate"


@dataclass(frozen=True, kw_only=True)
class SeparateNetworks:
    """A whole network of its own for each tracer: nothing is shared."""

    kind: Literal["separate networks"] = "separate networks"
    encoder: Encoder
    head: SingleHead = SingleHead()
    fusion: Literal["concatenate", "mean"] = "concatenate"


@dataclass(frozen=True, kw_only=True)
class UNet:
    """Encoder and decoder with skip connections (Ronneberger 2015): one class a pixel.

    channels : of each level, from the finest to the coarsest. attention : gates on the skip connections (Oktay 2018).
    """

    kind: Literal["U-Net"] = "U-Net"
    channels: tuple[int, ...] = (64, 128, 256)
    classes: int = 2
    upsampling: Literal["transposed convolution", "bilinear"] = "transposed convolution"
    attention: bool = False


@dataclass(frozen=True, kw_only=True)
class EncoderUNet:
    """A U-Net whose way down is an encoder for pictures that published weights exist for.

    decoder : channels of each level of the way up, from the coarsest to the finest; the last stands at the pictures'
        own size. weights : as of ResNet18; "virtual" is there for resnet18 only.
    """

    kind: Literal["U-Net on an encoder"] = "U-Net on an encoder"
    encoder: Literal["resnet18", "resnet50", "mobilenet_v2", "inception_v3"] = "resnet18"
    weights: Weights | None = "imagenet"
    decoder: tuple[int, ...] = (256, 128, 64, 32, 16)
    classes: int = 2
    attention: bool = False


@dataclass(frozen=True, kw_only=True)
class MaskEnsemble:
    """Several networks for masks, each trained by the loss of its own on the same pictures; the mean of their
    probabilities answers."""

    kind: Literal["ensemble for masks"] = "ensemble for masks"
    members: tuple[UNet | EncoderUNet, ...]
    classes: int = 2


@dataclass(frozen=True, kw_only=True)
class SurvivalNetwork:
    """Risk of each kind of event in each interval of time, from pictures and clinical values.

    scalars : clinical columns of the cohort that join the picture's features.
    intervals : number of intervals of follow-up, at quantiles of the event times.
    """

    kind: Literal["survival network"] = "survival network"
    encoder: Encoder
    scalars: tuple[str, ...] = ()
    hidden: tuple[int, ...] = (128,)
    causes: int = 1
    intervals: int = 16


MaskNetwork = UNet | EncoderUNet | MaskEnsemble
Network = SharedEncoder | SeparateNetworks | UNet | EncoderUNet | MaskEnsemble | SurvivalNetwork
