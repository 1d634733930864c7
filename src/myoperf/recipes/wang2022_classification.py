"""ResNet-18 tells slice pictures of the left ventricle with ischaemia from those without, image by image."""

from functools import partial
from statistics import mean, stdev

from myoperf.protocols import RandomSplits
from myoperf.recipe import (
    Paper,
    PictureAugmentation,
    Published,
    Recipe,
    ResNet18,
    RoutedCrossEntropy,
    SharedEncoder,
    SingleHead,
    Target,
    Torch,
    Training,
)
from myoperf.views import Images

ISCHAEMIA = "ischaemia"
TABLE_2 = ((354, 51, 35, 561), (385, 30, 41, 545), (385, 39, 41, 536), (367, 28, 41, 565), (388, 28, 63, 522))
"""Of each of the five runs: true and false positives, false and true negatives."""


def _indexes(tp: int, fp: int, fn: int, tn: int) -> dict[str, float]:
    """The nine indexes of one run."""
    total, positive, negative, called = tp + fp + fn + tn, tp + fn, fp + tn, tp + fp
    sensitivity, specificity, agreement = tp / positive, tn / negative, (tp + tn) / total
    chance = (positive * called + negative * (total - called)) / total**2
    return {
        "sensitivity": sensitivity,
        "specificity": specificity,
        "lr_positive": sensitivity / (1 - specificity),
        "lr_negative": (1 - sensitivity) / specificity,
        "ppv": tp / called,
        "npv": tn / (fn + tn),
        "youden": sensitivity + specificity - 1,
        "accuracy": agreement,
        "kappa": (agreement - chance) / (1 - chance),
    }


def _over_runs() -> dict[str, tuple[float, float]]:
    """Mean and standard deviation of every index over the runs, to four decimals."""
    runs = [_indexes(*cells) for cells in TABLE_2]
    columns = {name: [run[name] for run in runs] for name in runs[0]}
    return {name: (round(mean(values), 4), round(stdev(values), 4)) for name, values in columns.items()}


WHERE = "Table 3, mean of five runs split by image, 1001 pictures each, from the counts of Table 2"
printed = partial(Published, target=ISCHAEMIA, part="cross-validation")
"""Without n: a mean over runs is no figure of one table of 1001 pictures."""

RECIPE = Recipe(
    paper=Paper(
        cite="Wang et al.",
        title="Exploration of the Efficacy of Radiomics Applied to Left Ventricular Tomograms Obtained from D-SPECT MPI"
        " for the Auxiliary Diagnosis of Myocardial Ischemia in CAD",
        year=2022,
        doi="10.1007/s10554-021-02413-x",
        venue="Int J Cardiovasc Imaging 38:465-472",
    ),
    targets=(
        Target(
            ISCHAEMIA,
            kind="binary",
            each="image",
            classes=("no ischaemia", "ischaemia"),
            meaning="a reader sees ischaemia on this picture; every patient has ischaemia",
        ),
    ),
    views=(Images(column="slices", size=512, fit="crop", channels=3, window="drawn"),),
    system=Torch(
        network=SharedEncoder(encoder=ResNet18(weights="imagenet"), heads=SingleHead()),
        loss=RoutedCrossEntropy(class_weights="none"),
        training=Training(
            epochs=40,
            patience=15,
            batch=16,
            lr=1e-4,
            weight_decay=1e-4,
            schedule="cosine",
            warmup=0.05,
            clip_norm=1.0,
            balanced=False,
            augmentation=PictureAugmentation(rotation_deg=10.0, shift=0.03, scale=0.1, blur_px=1.0, noise=0.0),
        ),
    ),
    protocol=RandomSplits(repeats=5, test_fraction=0.2, validation_fraction=0.15, unit="patient"),
    scratch={
        "system.network.encoder.weights": None,
        "system.training.lr": 3e-4,
        "system.training.epochs": 60,
        "system.training.patience": 20,
    },
    quick={
        "views.0.size": 64,
        "views.0.fit": "resize",
        "system.network.encoder.weights": None,
        "system.network.encoder.width": 0.25,
        "system.training.batch": 32,
        "system.training.lr": 2e-3,
        "system.training.epochs": 12,
        "system.training.patience": 12,
        "system.training.augmentation.blur_px": 0.0,
    },
    published=(
        *(printed(name, value, sd=sd, where=WHERE) for name, (value, sd) in _over_runs().items()),
        printed("auc", 0.97, where="discussion: every run lies above this (the abstract says 0.95)"),
    ),
    assumed={
        "targets.0.meaning": "how much ischaemia a picture must show is not stated; what the reader outlined counts",
        "views.0.channels": "not stated; colours as the workstation drew them",
        "views.0.window": "not stated; pictures are taken as they were exported",
        "system.network.encoder.weights": "not stated; a usual start",
        "system.network.encoder.width": "all channels of the published network",
        "system.network.encoder.frozen": "not stated; the encoder learns",
        "system.network.heads": "not stated; one linear layer that answers by one probability",
        "system.loss.class_weights": "not stated; 42 % of the pictures show ischaemia, none weighs more",
        "system.training.lr": "not stated",
        "system.training.encoder_lr": "not stated; the encoder learns as fast as the head",
        "system.training.weight_decay": "not stated; AdamW's usual small value",
        "system.training.batch": "not stated",
        "system.training.epochs": "not stated",
        "system.training.steps": "not stated; as many as the epochs give",
        "system.training.patience": "not stated; stops on the validation AUC",
        "system.training.schedule": "not stated",
        "system.training.warmup": "not stated",
        "system.training.clip_norm": "not stated",
        "system.training.averaging": "not stated; none",
        "system.training.settle": "not stated; normalisation layers end with the statistics of the training part",
        "system.training.balanced": "there is one tracer; every picture comes once an epoch",
        "system.training.precision": "not stated; 16-bit where the processor gains",
        "system.training.augmentation": "not stated; small turns, shifts, brightness and blur, and no flip",
        "protocol.unit": "the paper dealt images, so that a patient stands on both sides; here patients are dealt, and"
        " '--protocol random5:0.2,unit=image' does as the paper did and says so",
        "protocol.validation_fraction": "not stated; stopping is chosen on pictures that are not judged",
    },
)
