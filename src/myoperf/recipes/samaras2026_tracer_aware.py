"""One ResNet-18 for two tracers: polar maps of Tc-99m and Tl-201 studies, each answered by the head of its tracer."""

from functools import partial

from myoperf.core.terms import State, Tracer
from myoperf.protocols import RepeatedPatientCV
from myoperf.recipe import (
    Augmentation,
    Claim,
    Paper,
    PerTracer,
    Published,
    Recipe,
    ResNet18,
    RoutedCrossEntropy,
    SeparateNetworks,
    SharedEncoder,
    SingleHead,
    Target,
    Torch,
    TracerToken,
    Training,
)
from myoperf.views import PolarDisc

TC, TL = "abnormal", "intermediate_or_high_risk"
ENCODER = ResNet18(weights="imagenet")
crossed = partial(Published, part="cross-validation", where="abstract, results")
tested = partial(Published, part="test", where="abstract, results")

RECIPE = Recipe(
    paper=Paper(
        cite="Samaras et al.",
        title="Patient-Level SPECT Myocardial Perfusion Classification Using Tracer-Aware Deep Learning",
        year=2026,
        venue="abstract",
    ),
    targets=(
        Target(
            TC,
            kind="binary",
            tracer=Tracer.TC99M,
            classes=("normal", "abnormal"),
            meaning="perfusion is abnormal",
        ),
        Target(
            TL,
            kind="binary",
            tracer=Tracer.TL201,
            classes=("low risk", "intermediate or high risk"),
            meaning="risk is more than low",
        ),
    ),
    views=(PolarDisc(states=(State.STRESS,), size=224, channels=3, scale="thermal"),),
    system=Torch(
        network=SharedEncoder(encoder=ENCODER, heads=PerTracer(), fusion="concatenate"),
        loss=RoutedCrossEntropy(class_weights="per target"),
        training=Training(
            epochs=40,
            patience=15,
            batch=16,
            lr=1e-4,
            weight_decay=1e-4,
            schedule="cosine",
            warmup=0.05,
            clip_norm=1.0,
            balanced=True,
            augmentation=Augmentation(rotation_deg=10.0, scale=0.1, tilt=0.1, noise=0.02),
        ),
    ),
    protocol=RepeatedPatientCV(folds=5, repeats=2, test_fraction=0.15, validation_fraction=0.15),
    main="stress",
    variants={
        "rest": {"views.0.states": (State.REST,)},
        "dual": {"views.0.states": (State.STRESS, State.REST)},
        "scalar": {"views.0.channels": 1},
        "one_head": {"system.network.heads": SingleHead()},
        "tracer_token": {"system.network.heads": TracerToken(form="token", size=16)},
        "tracer_film": {"system.network.heads": TracerToken(form="film")},
        "separate_networks": {"system.network": SeparateNetworks(encoder=ENCODER)},
    },
    groups={
        "inputs": ("stress", "rest", "dual"),
        "tracers": ("stress", "one_head", "tracer_token", "tracer_film", "separate_networks"),
        "colours": ("stress", "scalar"),
    },
    usual=("stress", "rest", "dual"),
    scratch={
        "system.network.encoder.weights": None,
        "system.training.lr": 3e-4,
        "system.training.epochs": 60,
        "system.training.patience": 20,
        "system.training.averaging": 0.9,
    },
    quick={
        "views.0.size": 40,
        "system.network.encoder.weights": None,
        "system.network.encoder.width": 0.5,
        "system.training.batch": 32,
        "system.training.lr": 1e-3,
        "system.training.epochs": 5,
        "system.training.steps": 50,
        "system.training.averaging": 0.9,
    },
    published=(
        crossed("auc", 0.88, sd=0.067, target=TC, variant="stress"),
        tested("auc", 0.88, low=0.67, high=0.99, target=TC, variant="stress"),
        crossed("balanced_accuracy", 0.75, sd=0.061, target=TC, variant="stress"),
        tested("balanced_accuracy", 0.87, low=0.70, high=0.98, target=TC, variant="stress"),
        tested("auc", 0.91, low=0.79, high=0.99, target=TC, variant="dual"),
        crossed("auc", 0.88, sd=0.051, target=TL, variant="stress"),
        tested("auc", 0.80, low=0.71, high=0.89, target=TL, variant="stress"),
        crossed("balanced_accuracy", 0.78, sd=0.083, target=TL, variant="stress"),
        tested("balanced_accuracy", 0.80, low=0.68, high=0.89, target=TL, variant="stress"),
    ),
    claims=(
        Claim(text="stress carries most", says="better", first="stress", second="rest"),
        Claim(text="both together: no clear gain", says="no gain", first="dual", second="stress", margin=0.05),
        Claim(text="stable across tracers", says="alike", first="stress", margin=0.05),
    ),
    assumed={
        "claims.1.margin": "how much would be a gain is not stated; 0.05 of AUC",
        "claims.2.margin": "how far tracers may differ is not stated; 0.05 of AUC",
        "views.0.scale": "RGB is stated, the colour scale is not; a ramp over black, red and yellow",
        "system.network.fusion": "how stress and rest are joined is not stated; features of both, one after the other",
        "system.network.encoder.frozen": "whether the encoder learns is not stated; it does",
        "system.network.encoder.width": "all channels of the published network",
        "system.network.heads.hidden": "depth of the heads is not stated; one linear layer",
        "system.network.heads.dropout": "not stated; none",
        "system.loss.class_weights": "not stated; positives weigh negatives / positives of the training part",
        "system.training.lr": "not stated; usual for fine-tuning",
        "system.training.encoder_lr": "not stated; the encoder learns as fast as the heads",
        "system.training.weight_decay": "not stated; AdamW's usual small value",
        "system.training.batch": "not stated",
        "system.training.epochs": "not stated",
        "system.training.steps": "not stated; as many as the epochs give",
        "system.training.patience": "not stated; stops on the mean of the tracers' validation AUC",
        "system.training.schedule": "not stated",
        "system.training.warmup": "not stated",
        "system.training.clip_norm": "not stated",
        "system.training.averaging": "not stated; none when starting from ImageNet",
        "system.training.settle": "not stated; normalisation layers end with the statistics of the training part",
        "system.training.balanced": "not stated; both tracers equally often, though there are more Tl-201 studies",
        "system.training.precision": "not stated; 16-bit where the processor gains",
        "system.training.augmentation": "not stated; what a heart and a camera may do, and no flip",
        "protocol.folds": "repeated patient-stratified cross-validation is stated, the number of folds is not",
        "protocol.repeats": "not stated",
        "protocol.test_fraction": "not stated; the width of the Tc-99m interval fits 25 to 40 patients",
        "protocol.validation_fraction": "not stated; early stopping needs patients that the fold does not judge",
    },
)
