"""ResNet-18 outlines the ischaemic part of the wall on slice pictures of the left ventricle that show ischaemia."""

from functools import partial
from statistics import mean, stdev

from myoperf.protocols import RandomSplits
from myoperf.recipe import (
    DiceCrossEntropy,
    EncoderUNet,
    Paper,
    PictureAugmentation,
    Published,
    Recipe,
    Target,
    Torch,
    Training,
)
from myoperf.views import Images

ISCHAEMIA = "ischaemia"
NUMBERS = ("min", "p25", "median", "p75", "max")
TABLE_4 = {
    "iou": (
        (0.00, 0.58, 0.69, 0.76, 0.90),
        (0.00, 0.56, 0.68, 0.75, 0.88),
        (0.00, 0.54, 0.66, 0.74, 0.88),
        (0.00, 0.58, 0.69, 0.76, 0.90),
        (0.00, 0.57, 0.68, 0.75, 0.89),
    ),
    "dice": (
        (0.00, 0.73, 0.82, 0.86, 0.95),
        (0.00, 0.72, 0.81, 0.86, 0.94),
        (0.00, 0.70, 0.80, 0.85, 0.94),
        (0.00, 0.73, 0.81, 0.87, 0.95),
        (0.00, 0.73, 0.81, 0.86, 0.94),
    ),
    "hausdorff": (
        (2.24, 5.00, 7.45, 12.65, 107.79),
        (2.00, 5.00, 7.21, 13.53, 89.69),
        (2.00, 5.39, 8.06, 18.14, 128.08),
        (1.41, 5.00, 7.28, 14.14, 90.45),
        (2.00, 5.10, 7.62, 14.32, 99.72),
    ),
}
"""Of each of the five runs: minimum, 25th percentile, median, 75th percentile, maximum over its images."""
WHERE = "Table 4, mean of five runs split by image"
printed = partial(Published, target=ISCHAEMIA, part="cross-validation", where=WHERE)


def _over_runs() -> tuple[Published, ...]:
    """Mean and standard deviation of every number over the runs; distances in pixels of the exported picture."""
    found = []
    for figure, runs in TABLE_4.items():
        for name, values in zip(NUMBERS, zip(*runs, strict=True), strict=True):
            found.append(printed(f"{figure}_{name}", round(mean(values), 4), sd=round(stdev(values), 4)))
    return tuple(found)


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
            kind="mask",
            each="image",
            classes=("background", "ischaemia"),
            meaning="the ischaemic part of the wall, outlined with polygons by one reader and checked by two",
        ),
    ),
    views=(Images(column="slices", size=512, fit="crop", channels=3, window="drawn", marked_only=True),),
    system=Torch(
        network=EncoderUNet(encoder="resnet18", weights="imagenet"),
        loss=DiceCrossEntropy(cross_entropy=1.0, dice=1.0),
        training=Training(
            epochs=40,
            patience=15,
            batch=8,
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
        "system.network.weights": None,
        "system.training.lr": 3e-4,
        "system.training.epochs": 60,
        "system.training.patience": 20,
    },
    quick={
        "views.0.size": 64,
        "views.0.fit": "resize",
        "system.network.weights": None,
        "system.network.decoder": (64, 32, 16, 16, 8),
        "system.training.batch": 16,
        "system.training.lr": 2e-3,
        "system.training.epochs": 6,
        "system.training.patience": 6,
        "system.training.augmentation.blur_px": 0.0,
    },
    published=_over_runs(),
    assumed={
        "views.0.channels": "not stated; colours as the workstation drew them",
        "views.0.window": "not stated; pictures are taken as they were exported",
        "system.network": "ResNet-18 is stated, not how it marks pixels; here it is the way down of a U-Net",
        "system.network.weights": "not stated; a usual start",
        "system.network.decoder": "not stated; half the channels at each level up",
        "system.network.attention": "not stated; none",
        "system.loss": "not stated; cross-entropy of two classes and Dice, equally",
        "system.post": "not stated; masks stay as they are",
        "system.training.lr": "not stated",
        "system.training.encoder_lr": "not stated; the encoder learns as fast as the rest",
        "system.training.weight_decay": "not stated; AdamW's usual small value",
        "system.training.batch": "not stated",
        "system.training.epochs": "not stated",
        "system.training.steps": "not stated; as many as the epochs give",
        "system.training.patience": "not stated; stops on the validation Dice",
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
