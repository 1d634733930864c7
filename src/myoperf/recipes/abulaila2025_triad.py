"""Rest and stress polar maps through one frozen ResNet-18: infarction, ischaemia or normal; trained in two stages."""

from functools import partial

from myoperf.core.terms import State
from myoperf.protocols import RepeatedPatientCV
from myoperf.recipe import (
    Augmentation,
    Paper,
    Published,
    Recipe,
    ResNet18,
    RoutedCrossEntropy,
    SharedEncoder,
    SingleHead,
    Stage,
    Target,
    Torch,
    Training,
)
from myoperf.views import PolarDisc

TRIAD = "triad"
WARM_UP = Stage(epochs=30, lr=1e-5, learns="heads")
FINE_TUNING = Stage(epochs=20, lr=1e-5, learns="top")
USABLE = (Stage(epochs=30, lr=1e-3, learns="heads"), Stage(epochs=20, lr=1e-4, learns="top"))
"""Rates that a new head learns with in so few steps; nothing of the paper's."""
PLAIN = Augmentation(rotation_deg=10.0, scale=0.0, tilt=0.0, noise=0.0)
FLIPPED = Augmentation(rotation_deg=10.0, scale=0.0, tilt=0.0, noise=0.0, horizontal_flip=True)
printed = partial(Published, target=TRIAD, variant="dual", part="test", where="abstract, table 3", n=13)

RECIPE = Recipe(
    paper=Paper(
        cite="Abulaila et al.",
        title="Deep Learning-Based Dual-Input Framework for Triad Classification of Myocardial Perfusion Polar Maps",
        year=2025,
        venue="draft",
    ),
    targets=(
        Target(
            TRIAD,
            kind="classes",
            classes=("infarction", "ischaemia", "normal"),
            meaning="the one class of the patient; who has infarction and ischaemia is of none",
        ),
    ),
    views=(PolarDisc(states=(State.REST, State.STRESS), size=224, channels=3, scale="thermal"),),
    system=Torch(
        network=SharedEncoder(
            encoder=ResNet18(weights="imagenet"),
            heads=SingleHead(hidden=(512, 256), dropout=(0.5, 0.3)),
            fusion="concatenate",
        ),
        loss=RoutedCrossEntropy(class_weights="none"),
        training=Training(
            batch=32,
            patience=10,
            weight_decay=0.0,
            schedule="constant",
            warmup=0.0,
            balanced=False,
            stages=(WARM_UP, FINE_TUNING),
            augmentation=PLAIN,
        ),
    ),
    protocol=RepeatedPatientCV(folds=2, repeats=10, test_fraction=0.0, validation_fraction=0.0),
    main="dual",
    variants={
        "stress_only": {"views.0.states": (State.STRESS,)},
        "rest_only": {"views.0.states": (State.REST,)},
        "single_stage": {"system.training.stages": (WARM_UP,)},
        "published_augmentation": {"system.training.augmentation": FLIPPED},
        "usable_rate": {
            "system.training.stages": USABLE,
            "system.loss.class_weights": "per target",
        },
        "usable_rate_stress_only": {
            "views.0.states": (State.STRESS,),
            "system.training.stages": USABLE,
            "system.loss.class_weights": "per target",
        },
        "usable_rate_single_stage": {
            "system.training.stages": USABLE[:1],
            "system.loss.class_weights": "per target",
        },
        "grey": {"views.0.channels": 1},
    },
    groups={
        "inputs": ("dual", "stress_only", "rest_only"),
        "stages": ("dual", "single_stage"),
        "usable": ("usable_rate", "usable_rate_stress_only", "usable_rate_single_stage"),
    },
    usual=("dual", "stress_only", "rest_only", "single_stage"),
    scratch={"system.network.encoder.weights": None},
    quick={"views.0.size": 64, "system.network.encoder.weights": None, "system.network.encoder.width": 0.5},
    published=(
        printed("accuracy", 0.948),
        printed("sensitivity_weighted", 0.948),
        printed("f1_weighted", 0.949),
        printed("ppv_weighted", 0.95),
    ),
    assumed={
        "paper.year": "a draft with parts to be filled in; no year or place of publication is on it",
        "targets.0.classes": "three classes by one label; a patient with infarction and ischaemia is of none here",
        "views.0.scale": "colour pictures are stated, the colour scale is not; a ramp over black, red and yellow",
        "views.0.states": "which of the two comes first is not stated; rest, then stress, as in its table of files",
        "views.0.channels": "colour is inferred from ImageNet weights",
        "system.network.encoder.weights": "stated: ImageNet; the 11.7 M parameters of the text count the layer that is "
        "removed, the 11 M of table 2 do not",
        "system.network.encoder.frozen": "frozen in the first stage and in part in the second, as the stages say",
        "system.network.encoder.width": "all channels of the published network",
        "system.network.heads": "the stated 656K trainable parameters fit this head alone: 656,899",
        "system.loss.class_weights": "not stated; none, though 4 of 87 are infarctions",
        "system.training.augmentation": "rotation to 10 degrees is stated; the stated horizontal flip swaps septum and "
        "lateral wall and is kept to the variant published_augmentation",
        "system.training.stages": "the fine-tuning stage is named without a setting: the last residual stage with the "
        "heads, the same rate, 20 epochs; the text also says that the backbone stays frozen throughout",
        "system.training.epochs": "the stages stand in its place",
        "system.training.lr": "the stages stand in its place",
        "system.training.steps": "as many as the epochs give",
        "system.training.patience": "up to 30 epochs are stated, the rule to stop is not; the macro AUC of the "
        "validation part, where there is one that holds two classes",
        "system.training.encoder_lr": "not stated; what learns of the encoder learns as fast as the head",
        "system.training.weight_decay": "Adam is stated; without decay AdamW is Adam",
        "system.training.schedule": "not stated; constant",
        "system.training.warmup": "not stated; the rate does not rise first",
        "system.training.clip_norm": "not stated",
        "system.training.averaging": "not stated; none",
        "system.training.settle": "not stated; the layers that learn end with the statistics of the training part",
        "system.training.balanced": "not stated; patients as they come",
        "system.training.precision": "not stated; 16-bit where the processor gains",
        "protocol": "stated: one split 70/15/15, stratified (holdout:0.15,validation=0.176). With 4 infarctions it "
        "judges one of them at most; 2 folds, 10 times, hold two in every part, and the tables are pooled",
        "protocol.validation_fraction": "none: with two infarctions to learn from, none can be spared to choose epochs",
        "views.0": "scaling to [-1, 1] and normalising by ImageNet's statistics are both stated and exclude each other;"
        " ImageNet's, which the weights were trained with",
    },
)
