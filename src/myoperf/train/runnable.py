"""Which recipes this version can train; the others are refused with one line."""

from myoperf.core.errors import RefusedError
from myoperf.recipe import (
    MLP,
    Encoder,
    Recipe,
    ResNet18,
    ResNet152,
    RoutedCrossEntropy,
    Rule,
    SeparateNetworks,
    SharedEncoder,
    Sklearn,
    Torch,
)
from myoperf.views import Images, PolarDisc, PolarGrid, Regions

from .picture_runnable import require_pictures

_DO = "see 'myoperf recipes' for those that can be trained"


def require_runnable(recipe: Recipe) -> None:
    """RefusedError where no training is built for the recipe's targets, views or system."""
    if isinstance(recipe.views[0], Images):
        require_pictures(recipe)
        return
    learnt = {"binary", "classes"} if isinstance(recipe.system, Torch) else {"binary"}
    kinds = sorted({target.kind for target in recipe.targets} - learnt)
    if kinds:
        rule = "this version trains binary targets, and networks for several classes"
        raise _refused(recipe, rule, f"a target of kind {' and '.join(kinds)}")
    if len(recipe.views) != 1:
        raise _refused(recipe, "this version trains on one view", f"{len(recipe.views)} views")
    match recipe.system:
        case Torch(network=network, loss=loss):
            if not isinstance(network, SharedEncoder | SeparateNetworks):
                raise _refused(recipe, "this version trains encoders with heads", f"a {network.kind}")
            if not isinstance(loss, RoutedCrossEntropy):
                raise _refused(recipe, "this version trains with routed cross-entropy", loss.kind)
            _require_fit(recipe, network.encoder)
        case Sklearn() | Rule():
            if not isinstance(recipe.views[0], Regions):
                raise _refused(recipe, "rules and models of scikit-learn look at regions", recipe.views[0].kind)


def _require_fit(recipe: Recipe, encoder: Encoder) -> None:
    view = recipe.views[0]
    if isinstance(encoder, ResNet18 | ResNet152) and not isinstance(view, PolarDisc | PolarGrid):
        raise _refused(recipe, f"a {encoder.kind} looks at pictures", view.kind)
    if isinstance(encoder, MLP) and (not isinstance(view, Regions) or not encoder.hidden):
        raise _refused(recipe, "an MLP has a hidden layer and looks at regions", view.kind)


def _refused(recipe: Recipe, rule: str, came: str) -> RefusedError:
    return RefusedError(f"recipe {recipe.name}", rule=rule, came=came, do=_DO)
