"""Five systems that have little in common, each written as one value."""

from myoperf.core.terms import State, Tracer
from myoperf.protocols import Holdout, RepeatedPatientCV
from myoperf.recipe import (
    DiceCrossEntropy,
    LogisticHazard,
    Paper,
    RandomForest,
    Recipe,
    ResNet18,
    Rule,
    Sklearn,
    SurvivalNetwork,
    Target,
    Torch,
    UNet,
)
from myoperf.recipes import load_recipe
from myoperf.views import PolarDisc, PolarGrid, Regions

PAPER = Paper(cite="Nobody", title="A made-up system", year=2026)
BOTH = (State.STRESS, State.REST)

TPD_RULE = Recipe(
    paper=PAPER,
    targets=(Target("abnormal", kind="binary", tracer=Tracer.TC99M, classes=("normal", "abnormal")),),
    views=(Regions(states=(State.STRESS,)),),
    system=Rule(deviations=3.0, absent=0.3, threshold=5.0),
    protocol=RepeatedPatientCV(folds=3, repeats=1),
    assumed={"system.threshold": "commonly called abnormal from here"},
    name="tpd_rule",
)
FOREST = Recipe(
    paper=PAPER,
    targets=(
        Target("abnormal", kind="binary", tracer=Tracer.TC99M),
        Target("intermediate_or_high_risk", kind="binary", tracer=Tracer.TL201),
    ),
    views=(Regions(states=BOTH, difference=True),),
    system=Sklearn(estimator=RandomForest(trees=30)),
    protocol=RepeatedPatientCV(folds=3, repeats=1),
    variants={"stress": {"views.0": Regions(states=(State.STRESS,))}},
    name="forest",
)
DEFECT_MASK = Recipe(
    paper=PAPER,
    targets=(Target("defect", kind="mask", classes=("sound", "defect")),),
    views=(PolarGrid(states=(State.STRESS,)),),
    system=Torch(network=UNet(channels=(16, 32, 64)), loss=DiceCrossEntropy(dice=1.0)),
    protocol=Holdout(test_fraction=0.2),
    name="defect_mask",
)
TWO_EVENTS = Recipe(
    paper=PAPER,
    targets=(Target("event", kind="survival", causes=("death", "acute coronary syndrome")),),
    views=(PolarDisc(states=BOTH, size=64, channels=1),),
    system=Torch(
        network=SurvivalNetwork(encoder=ResNet18(weights=None), scalars=("age", "ef"), causes=2, intervals=8),
        loss=LogisticHazard(),
    ),
    protocol=RepeatedPatientCV(folds=10, repeats=1),
    name="two_events",
)
FIVE = (load_recipe("samaras2026_tracer_aware"), TPD_RULE, FOREST, DEFECT_MASK, TWO_EVENTS)
