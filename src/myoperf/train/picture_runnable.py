"""Which recipes that look at pictures this version can train."""

from myoperf.core.errors import RefusedError
from myoperf.protocols import Nested
from myoperf.recipe import (
    DiceCrossEntropy,
    EncoderUNet,
    MaskEnsemble,
    PictureAugmentation,
    Recipe,
    ResNet18,
    ResNet152,
    RoutedCrossEntropy,
    SharedEncoder,
    Torch,
    UNet,
)


def require_pictures(recipe: Recipe) -> None:
    """RefusedError where no training is built for this recipe of pictures."""
    kinds = {(target.kind, target.each) for target in recipe.targets}
    masks = any(kind == "mask" for kind, _ in kinds)
    if masks and len(recipe.targets) != 1:
        raise _refused(recipe, "a system for masks has one target", f"{len(recipe.targets)} targets")
    if not masks and kinds != {("binary", "image")}:
        raise _refused(recipe, "of pictures each image is asked, yes or no or a mask", sorted(kinds))
    if len(recipe.views) != 1:
        raise _refused(recipe, "pictures are looked at by one view", f"{len(recipe.views)} views")
    system = recipe.system
    if not isinstance(system, Torch) or not isinstance(system.training.augmentation, PictureAugmentation):
        raise _refused(recipe, "networks look at pictures, changed by a PictureAugmentation", system.kind)
    if masks:
        if not isinstance(system.network, UNet | EncoderUNet | MaskEnsemble):
            raise _refused(recipe, "masks are marked by a U-Net", system.network.kind)
        if not isinstance(system.loss, DiceCrossEntropy):
            raise _refused(recipe, "masks are learnt by Dice and cross-entropy", system.loss.kind)
        if isinstance(recipe.protocol, Nested):
            raise _refused(recipe, "nested folds choose by an AUC, which masks have not", recipe.protocol.kind)
        return
    network = system.network
    if not isinstance(network, SharedEncoder) or not isinstance(network.encoder, ResNet18 | ResNet152):
        raise _refused(recipe, "pictures are answered by a shared encoder for pictures", system.network.kind)
    if not isinstance(system.loss, RoutedCrossEntropy):
        raise _refused(recipe, "yes or no is learnt by routed cross-entropy", system.loss.kind)


def _refused(recipe: Recipe, rule: str, came: object) -> RefusedError:
    do = "see 'myoperf recipes' for those that can be trained"
    return RefusedError(f"recipe {recipe.name}", rule=rule, came=came, do=do)
