"""U-Net that marks the heart on gated projections, its variants, and the same for the wall in slices."""

from functools import partial

from myoperf.protocols import Holdout
from myoperf.recipe import (
    DiceCrossEntropy,
    EncoderUNet,
    MaskEnsemble,
    Paper,
    PictureAugmentation,
    Published,
    Recipe,
    Target,
    Torch,
    Training,
    UNet,
)
from myoperf.views import Images

HEART = "heart"
PLAIN = UNet(channels=(64, 128, 256), classes=2, attention=False)
GATED = UNet(channels=(64, 128, 256), classes=2, attention=True)
MOBILENET = EncoderUNet(encoder="mobilenet_v2", weights=None)
INCEPTION = EncoderUNet(encoder="inception_v3", weights=None)
RESNET = EncoderUNet(encoder="resnet50", weights=None, attention=True)
STRONG = PictureAugmentation(rotation_deg=15.0, shift=0.1, zoom=0.2, scale=0.2, gamma=0.5, blur_px=0.7, noise=0.02)
SLICES = {
    "views.0.column": "slices",
    "views.0.channels": 1,
    "views.0.window": "image",
    "targets.0.classes": ("background", "wall"),
    "targets.0.meaning": "the wall of the left ventricle, in every slice of it",
}
best = partial(Published, target=HEART, variant="cross_entropy", part="test")

RECIPE = Recipe(
    paper=Paper(
        cite="Alenezi et al.",
        title="Implementation of U-Net Deep Learning Model in SPECT Myocardial Perfusion Image Segmentation",
        year=2025,
        venue="abstract",
    ),
    targets=(
        Target(
            HEART,
            kind="mask",
            each="image",
            classes=("background", "heart"),
            meaning="the heart within its outer contour, drawn by hand on every frame",
        ),
    ),
    views=(Images(column="frames", size=64, fit="resize", channels=3, window="study"),),
    system=Torch(
        network=PLAIN,
        loss=DiceCrossEntropy(cross_entropy=1.0, dice=0.0),
        training=Training(
            epochs=150,
            patience=150,
            batch=32,
            lr=1e-3,
            weight_decay=1e-4,
            schedule="cosine",
            clip_norm=1.0,
            balanced=False,
            augmentation=PictureAugmentation(rotation_deg=10.0, shift=0.05, scale=0.1, blur_px=0.0, noise=0.0),
        ),
        post="largest component",
    ),
    protocol=Holdout(test_fraction=0.2, validation_fraction=0.15),
    main="cross_entropy",
    variants={
        "dice": {"system.loss.cross_entropy": 0.0, "system.loss.dice": 1.0},
        "attention": {"system.network": GATED},
        "mobilenet": {"system.network": MOBILENET},
        "inception": {"system.network": INCEPTION},
        "resnet": {"system.network": RESNET},
        "ensemble": {"system.network": MaskEnsemble(members=(PLAIN, GATED, MOBILENET, INCEPTION, RESNET))},
        "single_channel": {"views.0.channels": 1},
        "robust": {
            "views.0.channels": 1,
            "views.0.window": "image",
            "system.network": UNet(channels=(16, 32, 64, 128), classes=2),
            "system.loss.dice": 1.0,
            "system.training.augmentation": STRONG,
        },
        "wall": {**SLICES},
        "wall_dice": {**SLICES, "system.loss.cross_entropy": 0.0, "system.loss.dice": 1.0},
    },
    groups={
        "losses": ("cross_entropy", "dice"),
        "networks": ("cross_entropy", "attention", "mobilenet", "inception", "resnet", "ensemble"),
        "walls": ("wall", "wall_dice"),
    },
    usual=("cross_entropy", "dice"),
    quick={
        "views.0.size": 32,
        "system.training.epochs": 6,
        "system.training.patience": 6,
        "system.training.lr": 3e-3,
    },
    published=(
        best("pixel_accuracy", 0.989, where="abstract, results, hold-out with cross-entropy"),
        best(
            "iou_mean_with_background",
            0.895,
            where="abstract, results, hold-out with cross-entropy; taken for the mean of heart and background",
        ),
        best(
            "dice_mean_with_background",
            0.94,
            where="abstract, results, hold-out with cross-entropy; taken for the mean of heart and background",
        ),
    ),
    assumed={
        "targets.0.meaning": "what was marked is not stated; the public images of the line show filled outer contours",
        "views.0.size": "not stated; the public frames have 64 x 64 pixels",
        "views.0.channels": "not stated; the public code repeats grey three times",
        "views.0.window": "not stated; the public code scales a study from its smallest to its largest count",
        "views.0.fit": "not stated; frames of another size are resized",
        "views.0.marked_only": "not stated; every frame counts",
        "system.network.channels": "not stated; three levels of 64, 128, 256 in the public code",
        "system.network.upsampling": "not stated; transposed convolutions in the public code",
        "system.network.attention": "not stated; the public code has networks with and without",
        "system.loss": "both losses are named, not how; logits go into the cross-entropy, once",
        "system.post": "not stated; the public code keeps the largest component, figures stand with and without",
        "system.training.epochs": "not stated; 150 in the public log",
        "system.training.steps": "not stated; as many as the epochs give",
        "system.training.patience": "not stated; the best of all epochs on the validation part is kept",
        "system.training.batch": "not stated",
        "system.training.lr": "not stated",
        "system.training.encoder_lr": "not stated; the encoder learns as fast as the rest",
        "system.training.weight_decay": "not stated; AdamW's usual small value",
        "system.training.schedule": "not stated",
        "system.training.warmup": "not stated",
        "system.training.clip_norm": "not stated",
        "system.training.averaging": "not stated; none",
        "system.training.settle": "not stated; normalisation layers end with the statistics of the training part",
        "system.training.balanced": "not stated; every frame comes once an epoch",
        "system.training.precision": "not stated; 16-bit where the processor gains",
        "system.training.augmentation": "not stated; small turns, shifts and brightness, and no flip",
        "protocol": "'training set (n= 100 images) and validation subsets (n= 900 images)' fits neither the 4560 images"
        " nor the 1100 patients nor the 100 studies marked; here patients are dealt, 20 % of them tested",
        "protocol.test_fraction": "not stated",
        "protocol.validation_fraction": "not stated; the best epoch is chosen on patients that are not judged",
        "protocol.unit": "not stated whether frames of a patient stand on both sides; here they do not",
    },
)
