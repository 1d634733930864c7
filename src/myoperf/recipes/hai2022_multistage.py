"""Transfer learning in stages: the head of an ImageNet network first, then its top; normal or abnormal polar maps."""

from functools import partial

from myoperf.core.terms import State
from myoperf.protocols import RepeatedPatientCV
from myoperf.recipe import (
    Augmentation,
    Paper,
    Published,
    Recipe,
    ResNet18,
    ResNet152,
    RoutedCrossEntropy,
    SharedEncoder,
    SingleHead,
    Stage,
    Target,
    Torch,
    Training,
)
from myoperf.views import PolarDisc

ABNORMAL = "abnormal"
WARM_UP = Stage(epochs=30, lr=1e-3, learns="heads")
FINE_TUNING = Stage(epochs=20, lr=1e-5, learns="top")
printed = partial(Published, target=ABNORMAL, variant="multistage", part="test", where="abstract")

RECIPE = Recipe(
    paper=Paper(
        cite="Hai et al.",
        title="Transfer Learning for Disease Diagnosis from Myocardial Perfusion SPECT Imaging",
        year=2022,
        doi="10.32604/cmc.2022.031027",
        venue="Computers, Materials & Continua 73:5925",
    ),
    targets=(Target(ABNORMAL, kind="binary", classes=("normal", "abnormal"), meaning="perfusion is abnormal"),),
    views=(PolarDisc(states=(State.STRESS,), size=224, channels=3, scale="thermal"),),
    system=Torch(
        network=SharedEncoder(encoder=ResNet152(weights="imagenet"), heads=SingleHead(), fusion="concatenate"),
        loss=RoutedCrossEntropy(class_weights="per target"),
        training=Training(
            batch=32,
            patience=10,
            weight_decay=0.0,
            schedule="constant",
            warmup=0.0,
            balanced=False,
            stages=(WARM_UP, FINE_TUNING),
            augmentation=Augmentation(rotation_deg=10.0, scale=0.0, tilt=0.0, noise=0.0),
        ),
    ),
    protocol=RepeatedPatientCV(folds=5, repeats=2, test_fraction=0.15, validation_fraction=0.15),
    main="multistage",
    variants={
        "single_stage": {"system.training.stages": (WARM_UP,)},
        "resnet18": {"system.network.encoder": ResNet18(weights="imagenet")},
    },
    usual=("multistage", "single_stage"),
    scratch={"system.network.encoder.weights": None},
    quick={
        "views.0.size": 64,
        "system.network.encoder": ResNet18(weights=None, width=0.5),
        "system.training.encoder_lr": 100.0,
    },
    published=(
        printed("accuracy", 0.955),
        printed("auc", 0.932),
        printed("sensitivity", 0.944),
        printed("ppv", 0.964),
        printed("f1", 0.952),
    ),
    assumed={
        "targets.0": "two classes are inferred from the printed sensitivity and precision; the definition is not at "
        "hand, and normal against abnormal perfusion stands in its place",
        "views.0": "polar maps are stated; size and channels are those of the network, states and colours are not "
        "at hand: stress alone",
        "system.network.encoder": "the paper's is ResNet152V2, for which torchvision has no weights; ResNet-152, of "
        "the same depth, whose activations stand behind the sums and not before the layers",
        "system.network.encoder.frozen": "frozen in the first stage and in part in the second, as the stages say",
        "system.network.encoder.width": "all channels of the published network",
        "system.network.heads": "not at hand; one linear layer",
        "system.network.fusion": "there is one input",
        "system.loss.class_weights": "not at hand; positives weigh negatives / positives of the training part",
        "system.training.stages": "stated: the head first, then a few top layers at a lower rate; rates, epochs and "
        "the number of layers are not at hand: the last residual stage",
        "system.training.epochs": "the stages stand in its place",
        "system.training.lr": "the stages stand in its place",
        "system.training.steps": "as many as the epochs give",
        "system.training.batch": "not at hand",
        "system.training.patience": "not at hand; the AUC of the validation part stops each stage",
        "system.training.encoder_lr": "not at hand; what learns of the encoder learns as fast as the head",
        "system.training.weight_decay": "not at hand; none",
        "system.training.schedule": "not at hand; constant",
        "system.training.warmup": "not at hand; the rate does not rise first",
        "system.training.clip_norm": "not at hand",
        "system.training.averaging": "not at hand; none",
        "system.training.settle": "not at hand; the layers that learn end with the statistics of the training part",
        "system.training.balanced": "not at hand; patients as they come",
        "system.training.precision": "not at hand; 16-bit where the processor gains",
        "system.training.augmentation": "not at hand; turned by up to 10 degrees, not mirrored",
        "protocol": "not at hand; cross-validation by patient beside a test part",
    },
)
