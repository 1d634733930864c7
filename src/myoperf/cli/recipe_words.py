"""Parts of a recipe in plain words: what it looks at, the network, how it learns. Nothing here builds a network."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass

from myoperf.recipe import (
    MLP,
    Augmentation,
    Claim,
    DiceCrossEntropy,
    Encoder,
    EncoderUNet,
    Heads,
    LogisticRegression,
    Loss,
    MaskEnsemble,
    Network,
    PerTracer,
    PictureAugmentation,
    RandomForest,
    Recipe,
    ResNet18,
    ResNet152,
    RoutedCrossEntropy,
    Rule,
    SeparateNetworks,
    SharedEncoder,
    SingleHead,
    Stage,
    SurvivalNetwork,
    System,
    Target,
    Torch,
    TracerToken,
    Training,
    UNet,
    variant,
)
from myoperf.views import Images, PolarDisc, PolarGrid, Regions, View

_START = {
    None: "weights drawn at random",
    "imagenet": "starts from ImageNet",
    "virtual": "starts from virtual patients",
}
_LEARNS = {
    "heads": "the heads alone learn",
    "top": "heads and last stage of the encoder learn",
    "all": "everything learns",
}
_SCHEDULES = {"cosine": "falls along a cosine to 0", "constant": "stays"}


def target_words(target: Target) -> str:
    """What is told: of whom, as what, where the answers lie."""
    answers = {
        "binary": "yes or no" + (f" ({' / '.join(target.classes)})" if target.classes else ""),
        "classes": f"one of {', '.join(target.classes)}",
        "mask": "a mask" + (f" of {', '.join(target.classes)}" if target.classes else ""),
        "image": "a picture",
        "number": f"a number{f' in {target.unit}' if target.unit else ''}",
        "survival": f"time to {', '.join(target.causes)}",
        "per_vessel": "yes or no for each coronary artery",
        "per_segment": "yes or no for each segment",
    }[target.kind]
    of = f"{'each image' if target.each == 'image' else 'each study'} with {target.tracer or 'any tracer'}"
    meaning = f"; {target.meaning}" if target.meaning else ""
    return f"{target.name}: {answers}, of {of}{meaning}; answers in the column {target.column}"


def view_words(view: View) -> str:
    """What a system sees, with sizes."""
    match view:
        case PolarDisc(size=size, channels=channels):
            colour = f"in colour ({view.scale} scale)" if channels == 3 else "in grey"
            what = f"discs of {size} x {size} pixels {colour}, anterior up, septum left"
            return f"polar maps of {_states(view)}, {what}"
        case PolarGrid():
            return f"polar maps of {_states(view)} as they are: rings x sectors, percent of maximum"
        case Regions():
            more = ", and stress minus rest" if view.difference else ""
            return f"mean uptake of the 17 segments of {_states(view)}{more}, percent of maximum"
        case Images():
            fit = "cropped around the ventricle" if view.fit == "crop" else "resized"
            colour = "3 channels" if view.channels == 3 else "grey"
            only = ", only those with something marked" if view.marked_only else ""
            bright = {"drawn": "brightness as drawn", "study": "brightness by study", "image": "brightness by picture"}
            sizes = f"{fit} to {view.size} x {view.size} pixels, {colour}, {bright[view.window]}"
            return f"pictures in the column {view.column}, each by itself, {sizes}{only}"


def system_words(recipe: Recipe) -> list[tuple[str, str]]:
    """Name and words of every part of a system: network, loss, training, augmentation; or its rule or model."""
    system: System = recipe.system
    match system:
        case Torch():
            made = [("network", network_words(system.network, recipe)), ("loss", loss_words(system.loss))]
            made += [("training", training_words(system.training))]
            made += [("augmentation", augmentation_words(system.training.augmentation))]
            return [*made, ("afterwards", f"{system.post} is kept")] if system.post != "none" else made
        case Rule():
            score = f"more than {system.deviations:g} standard deviations below normal, by area, in percent"
            limits = "limits are those of the normal patients of the training part"
            return [("rule", f"total perfusion deficit: {score}; positive from {system.threshold:g} %; {limits}")]
        case _:
            estimator = system.estimator
            match estimator:
                case RandomForest():
                    what = f"random forest of {estimator.trees} trees, leaves of at least {estimator.smallest_leaf}"
                case LogisticRegression():
                    what = f"logistic regression, inverse penalty {estimator.strength:g}"
            return [("model", what + (", classes weighed alike" if system.balanced else ""))]


def network_words(network: Network, recipe: Recipe) -> str:
    """A network with its sizes."""
    match network:
        case SharedEncoder():
            joined = _joined(network.fusion, _inputs(recipe))
            return f"one {encoder_words(network.encoder)} for all{joined}; {heads_words(network.heads, recipe)}"
        case SeparateNetworks():
            joined = _joined(network.fusion, _inputs(recipe))
            return f"a network of its own for each tracer: {encoder_words(network.encoder)}{joined}, one head"
        case UNet():
            gates = ", attention gates" if network.attention else ""
            return (
                f"U-Net of {len(network.channels)} levels ({_listed(network.channels)} channels){gates}, {_up(network)}"
            )
        case EncoderUNet():
            gates = ", attention gates" if network.attention else ""
            way = f"way up of {_listed(network.decoder)} channels"
            return f"U-Net on {network.encoder} ({_START[network.weights]}), {way}{gates}, {network.classes} classes"
        case MaskEnsemble():
            each = "; ".join(network_words(member, recipe) for member in network.members)
            return f"mean of {len(network.members)} networks: {each}"
        case SurvivalNetwork():
            more = f" with {', '.join(network.scalars)}" if network.scalars else ""
            risk = f"risk of {network.causes} kinds of event in {network.intervals} intervals"
            return f"{encoder_words(network.encoder)}{more}; {risk}"


def encoder_words(encoder: Encoder) -> str:
    """An encoder with its number of features, and of parameters where they are easily counted."""
    if isinstance(encoder, MLP):
        return f"fully connected network ({_listed(encoder.hidden)} units, {encoder.activation})"
    features = int((512 if encoder.kind == "ResNet-18" else 2048) * encoder.width)
    size = f"{features} features"
    if encoder.kind == "ResNet-18":
        size += f", {resnet18_parameters(encoder.width) / 1e6:.1f} million parameters"
    frozen = ", kept as it is" if encoder.frozen else ""
    return f"{encoder.kind} ({size}, {_START[encoder.weights]}{frozen})"


def heads_words(heads: Heads, recipe: Recipe) -> str:
    """Who answers."""
    inside = f" with hidden layers of {_listed(heads.hidden)}" if heads.hidden else " (one linear layer)"
    chance = heads.dropout if isinstance(heads.dropout, tuple) else (heads.dropout,)
    drop = f", dropout {_listed(chance)}" if any(chance) else ""
    match heads:
        case PerTracer():
            return f"a head for each target{inside}{drop}"
        case SingleHead():
            several = len({target.tracer for target in recipe.targets}) > 1
            return f"one head{' for all tracers, not told which' if several else ''}{inside}{drop}"
        case _:
            told = (
                f"a learnt vector of {heads.size} numbers" if heads.form == "token" else "scaled and shifted features"
            )
            return f"one head that is told the tracer by {told}{inside}{drop}"


def loss_words(loss: Loss) -> str:
    """What is made small."""
    match loss:
        case RoutedCrossEntropy():
            weights = ", positives weighed by negatives / positives" if loss.class_weights == "per target" else ""
            return f"cross-entropy of each target over the studies that it asks{weights}"
        case DiceCrossEntropy():
            parts = {"cross-entropy of pixels": loss.cross_entropy, "(1 - Dice)": loss.dice}
            return " + ".join(
                f"{'' if weight == 1 else f'{weight:g} x '}{name}" for name, weight in parts.items() if weight
            )
        case _:
            return loss.kind


def training_words(training: Training) -> str:
    """How it learns: steps, rate, stopping."""
    if training.stages:
        passes = "; then ".join(_stage(stage) for stage in training.stages)
    else:
        least = f" (at least {training.steps} steps)" if training.steps else ""
        passes = f"at most {training.epochs} epochs{least}, rate {training.lr:g}"
        passes += f" (encoder x {training.encoder_lr:g})" if training.encoder_lr != 1 else ""
    stop = f"stops after {training.patience} epochs without gain in validation"
    rate = f"{_SCHEDULES[training.schedule]}" + (f" after a rise over {training.warmup:.0%}" if training.warmup else "")
    more = ["tracers drawn equally often"] if training.balanced else []
    more += [f"mean of the weights (decay {training.averaging:g} a step)"] if training.averaging else []
    end = "".join(f"; {one}" for one in more)
    decay = f"AdamW, weight decay {training.weight_decay:g}"
    return f"{passes}, batches of {training.batch}; the rate {rate}; {stop}; {decay}{end}"


def augmentation_words(augmentation: Augmentation | PictureAugmentation) -> str:
    """Random changes in training, with units."""
    told = [
        (augmentation.rotation_deg, f"turn up to {augmentation.rotation_deg:g} degrees"),
        (augmentation.scale, f"brightness up to ±{augmentation.scale:.0%}"),
        (augmentation.noise, f"noise of {augmentation.noise:.0%}"),
    ]
    if isinstance(augmentation, Augmentation):
        told.append((augmentation.tilt, f"ramp up to {augmentation.tilt:.0%} at the rim"))
        flip = (
            "half are mirrored (septum and lateral wall change places)" if augmentation.horizontal_flip else "no flip"
        )
    else:
        told.append((augmentation.shift, f"shift up to {augmentation.shift:.0%} of the side"))
        told.append((augmentation.blur_px, f"blur up to {augmentation.blur_px:g} pixels"))
        flip = "no flip"
    return ", ".join([*(text for value, text in told if value), flip])


def claim_words(claim: Claim) -> str:
    """What a paper concludes, and how it is tested."""
    margin = f" (margin {claim.margin:g})" if claim.margin is not None else " (no margin)"
    how = {
        "better": f"AUC of {claim.first} above that of {claim.second}",
        "no gain": f"AUC of {claim.first} not above that of {claim.second}{margin}",
        "alike": f"AUC of {claim.first} alike in all targets{margin}",
    }[claim.says]
    return f"{claim.text}: {how}"


def variant_words(recipe: Recipe, name: str) -> str:
    """What a variant changes: the input as a whole, other settings one by one."""
    changed = recipe.variants.get(name, {})
    views = [f"input: {view_words(view)}" for view in variant(recipe, name).views]
    shown = views if any(setting.startswith("views") for setting in changed) else []
    others = {setting: value for setting, value in changed.items() if not setting.startswith("views")}
    return "; ".join([*shown, *([changes_words(others, recipe)] if others else [])]) or "the recipe as it stands"


def changes_words(changed: Mapping[str, object], recipe: Recipe) -> str:
    """Changed settings: the last part of each name, and its value in words."""
    told = []
    for name, value in changed.items():
        if name.endswith("weights") and value is None:
            told.append(_START[None])
        else:
            described = is_dataclass(value)
            told.append(value_words(value, recipe) if described else f"{_short(name)} {value_words(value, recipe)}")
    return "; ".join(told)


def value_words(value: object, recipe: Recipe) -> str:
    """One setting's value in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value_words(item, recipe) for item in value) or "none"
    if is_dataclass(value) and not isinstance(value, type):
        return _part_words(value, recipe)
    return f"{value:g}" if isinstance(value, float) else "none" if value is None else str(value)


def _part_words(value: object, recipe: Recipe) -> str:
    """A described part; one without words of its own by its kind and what is not as usual."""
    match value:
        case PolarDisc() | PolarGrid() | Regions() | Images():
            words = view_words(value)
        case PerTracer() | SingleHead() | TracerToken():
            words = heads_words(value, recipe)
        case ResNet18() | ResNet152() | MLP():
            words = encoder_words(value)
        case SharedEncoder() | SeparateNetworks() | UNet() | EncoderUNet() | MaskEnsemble() | SurvivalNetwork():
            words = network_words(value, recipe)
        case RoutedCrossEntropy() | DiceCrossEntropy():
            words = loss_words(value)
        case Augmentation() | PictureAugmentation():
            words = augmentation_words(value)
        case Stage():
            words = _stage(value)
        case _:
            words = _unknown_words(value, recipe)
    return words


def _unknown_words(value: object, recipe: Recipe) -> str:
    if not is_dataclass(value) or isinstance(value, type):
        return str(value)
    odd = [f for f in fields(value) if f.name != "kind" and getattr(value, f.name) != f.default]
    told = ", ".join(f"{_short(f.name)} {value_words(getattr(value, f.name), recipe)}" for f in odd)
    kind = str(getattr(value, "kind", type(value).__name__))
    return f"{kind} ({told})" if told else kind


def resnet18_parameters(width: float = 1.0) -> int:
    """Parameters of the encoder without its last layer, counted by hand: 11,176,512 of the published one."""
    channels = [int(count * width) for count in (64, 128, 256, 512)]
    total = 3 * 49 * channels[0] + 2 * channels[0]
    before = channels[0]
    for now in channels:
        total += 9 * before * now + 3 * 9 * now * now + 4 * 2 * now
        total += before * now + 2 * now if before != now else 0
        before = now
    return total


def _states(view: PolarDisc | PolarGrid | Regions) -> str:
    return " and ".join(str(state) for state in view.states)


def _inputs(recipe: Recipe) -> int:
    return len(getattr(recipe.views[0], "states", (0,)))


def _joined(fusion: str, inputs: int) -> str:
    how = "one after the other" if fusion == "concatenate" else "their mean"
    return f", features of {inputs} inputs {how}" if inputs > 1 else ""


def _listed(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _up(network: UNet) -> str:
    return f"{network.upsampling} on the way up, {network.classes} classes"


def _stage(stage: Stage) -> str:
    return f"{stage.epochs} epochs at rate {stage.lr:g}, {_LEARNS[stage.learns]}"


def _short(name: str) -> str:
    """The last part of a dotted name that is no number, as words."""
    parts = [part for part in name.split(".") if not part.isdigit()]
    return parts[-1].replace("_", " ") if parts else name
