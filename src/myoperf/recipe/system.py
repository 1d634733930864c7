"""The three kinds of system that a recipe can hold, as plain values."""

from dataclasses import dataclass, field
from typing import Literal

from .network import Network


@dataclass(frozen=True, kw_only=True)
class RoutedCrossEntropy:
    """Cross-entropy of each target over the studies that it asks; mean over the targets in a batch.

    class_weights : "per target" weighs the positive class by negatives / positives of the training part; of several
    classes, each by N / (classes x its number).
    """

    kind: Literal["routed cross-entropy"] = "routed cross-entropy"
    class_weights: Literal["per target", "none"] = "per target"


@dataclass(frozen=True, kw_only=True)
class DiceCrossEntropy:
    """Weighted sum of cross-entropy over pixels and 1 - Dice."""

    kind: Literal["Dice and cross-entropy"] = "Dice and cross-entropy"
    cross_entropy: float = 1.0
    dice: float = 0.0


@dataclass(frozen=True, kw_only=True)
class LogisticHazard:
    """Negative log-likelihood of discrete-time hazards of competing causes."""

    kind: Literal["logistic hazard"] = "logistic hazard"


Loss = RoutedCrossEntropy | DiceCrossEntropy | LogisticHazard


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """Random changes of a polar map in training; 0 switches one off.

    rotation_deg : turn by up to so many degrees, either way.
    scale : factor on uptake, up to 1 +- this.
    tilt : ramp across the disc in a random direction, up to this fraction at the rim (as attenuation makes).
    noise : standard deviation of smooth noise, in fractions of the maximum.
    horizontal_flip : mirror half of the maps. Only where a paper did: it swaps septum and lateral wall, and every
        output says so.
    """

    kind: Literal["of polar maps"] = "of polar maps"
    rotation_deg: float = 10.0
    scale: float = 0.1
    tilt: float = 0.1
    noise: float = 0.02
    horizontal_flip: bool = False


@dataclass(frozen=True, kw_only=True)
class PictureAugmentation:
    """Random changes of slices and frames in training, of the mask alike; 0 switches one off. There is no flip.

    rotation_deg : turn about the middle, up to so many degrees either way. shift : move by up to this part of the side.
    zoom : factor on size, up to 1 +- this. scale : factor on brightness, up to 1 +- this. gamma : brightness to a power
    between exp(-this) and exp(this), as windows differ. blur_px : largest standard deviation of a blur, in pixels.
    noise : standard deviation of noise, in fractions of full brightness.
    """

    kind: Literal["of pictures"] = "of pictures"
    rotation_deg: float = 10.0
    shift: float = 0.03
    zoom: float = 0.0
    scale: float = 0.1
    gamma: float = 0.0
    blur_px: float = 0.0
    noise: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage of a training in several: what learns, for how long, how fast.

    learns : "heads": the encoder is frozen, its normalisation layers too; "top": its last residual stage learns with
        the heads; "all": everything learns.
    """

    epochs: int
    lr: float
    learns: Literal["heads", "top", "all"] = "all"


@dataclass(frozen=True, kw_only=True)
class Training:
    """How a network learns.

    epochs : at most so many passes; more where they make fewer than ``steps`` steps. patience : stop after so many
    epochs without a better validation AUC.
    batch : studies a step. lr : highest learning rate; encoder_lr : factor on it for the encoder.
    schedule : "cosine" falls to 0 at the last epoch. warmup : fraction of all steps in which the rate rises from 0.
    clip_norm : largest norm of the gradient. averaging : 0, or the decay (per step) of a running mean of the weights
    that is used instead of the last weights. settle : mean and variance of normalisation layers are taken anew from
    the training part at the end, as those of a short training lag behind. balanced : every batch draws all tracers
    equally often.
    precision : "bf16" where the processor gains from it, else single precision is used.
    stages : one after the other, each with its own epochs, rate and schedule, from the best weights of the one before;
    they stand in the place of ``epochs`` and ``lr``. None: one stage in which everything learns.
    """

    epochs: int = 40
    steps: int = 0
    patience: int = 15
    batch: int = 16
    lr: float = 1e-4
    encoder_lr: float = 1.0
    weight_decay: float = 1e-4
    schedule: Literal["cosine", "constant"] = "cosine"
    warmup: float = 0.05
    clip_norm: float = 1.0
    averaging: float = 0.0
    settle: bool = True
    balanced: bool = True
    precision: Literal["bf16", "fp32"] = "bf16"
    stages: tuple[Stage, ...] = ()
    augmentation: Augmentation | PictureAugmentation = Augmentation()


@dataclass(frozen=True, kw_only=True)
class Torch:
    """A network that learns by gradient descent.

    post : what is done with a mask at the end: "largest component" keeps the largest part that hangs together.
    """

    kind: Literal["torch"] = "torch"
    network: Network
    loss: Loss = field(default_factory=RoutedCrossEntropy)
    training: Training = field(default_factory=Training)
    post: Literal["none", "largest component"] = "none"


@dataclass(frozen=True, kw_only=True)
class RandomForest:
    """Decision trees on random parts of patients and variables (Breiman 2001)."""

    kind: Literal["random forest"] = "random forest"
    trees: int = 500
    depth: int | None = None
    smallest_leaf: int = 3


@dataclass(frozen=True, kw_only=True)
class LogisticRegression:
    """Logistic regression on standardised variables; ``strength`` is the inverse of the penalty."""

    kind: Literal["logistic regression"] = "logistic regression"
    strength: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Sklearn:
    """A model of scikit-learn on rows of values; one is fitted for each target."""

    kind: Literal["sklearn"] = "sklearn"
    estimator: RandomForest | LogisticRegression
    balanced: bool = True


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Deficit below normal limits against a threshold; nothing is learnt but the limits.

    The limits are mean and spread of the training patients without the finding, by tracer (and by sex where each has
    at least ``fewest``). A value below mean - ``deviations`` x spread scores 0..4, reaching 4 where ``absent`` x mean
    is left. The deficit is the area-weighted score in percent of the largest (as total perfusion deficit). At
    ``threshold`` (percent) and above the answer is positive.
    """

    kind: Literal["rule"] = "rule"
    deviations: float = 3.0
    absent: float = 0.3
    threshold: float = 5.0
    fewest: int = 10


System = Torch | Sklearn | Rule
