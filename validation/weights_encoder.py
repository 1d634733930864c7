"""Pre-training of the encoder that is shipped: what is true of a virtual patient, told from one coloured disc.

One ResNet-18 sees single discs, stress or rest, in any colour scale and several sizes, turned by up to 10 degrees and
never mirrored. One linear layer answers for all questions at once: uptake, deficit and lost activity of the 17
segments and the whole perfusion deficit (squared error in units of their spread); disease, the three territories,
state, tracer and sex (cross-entropy). The running mean of the weights is what is kept.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from weights_discs import SEGMENTS, Discs

from myoperf.core.colour import SCALES
from myoperf.core.polar import disc_coordinates
from myoperf.core.progress import Progress, silent
from myoperf.core.segments import TERRITORIES
from myoperf.networks.resnet import ResNet18Encoder
from myoperf.recipe import Augmentation
from myoperf.train.augment import augmented
from myoperf.train.checkpoint import State, load_checkpoint, save_checkpoint
from myoperf.views import PolarDisc, polar_discs

SMALL, LARGE = {64: 0.6, 80: 0.4}, {96: 0.4, 112: 0.3, 128: 0.2, 160: 0.1}
"""Sides of a picture in pixels, and how often a batch has each: small ones first, as they cost least."""
SMALL_UNTIL = 0.7
"""Part of the training that sees small pictures."""
MARGINS = (0, 8)
LIGHT_GROUND = 0.15
"""Share of pictures whose ground is not black."""
MEASURED = 0.6
"""Share of discs that are shown as measured, where they could be."""
CHANGES = Augmentation(rotation_deg=10.0, scale=0.12, tilt=0.05, noise=0.02)
PIXEL_NOISE = 0.02
LOST = 0.02
"""Part of a region's activity that disease must take to be called disease."""
AMOUNTS = 3 * SEGMENTS + 2
YES_NO = ("disease", *(f"disease in {territory.value}" for territory in TERRITORIES), "stress", "Tc-99m", "man")


@dataclass(frozen=True, kw_only=True)
class Pretraining:
    """How the encoder learns. epochs : passes over every state of every patient. threads : of torch; another number
    rounds otherwise. averaging : decay a step of the running mean of the weights."""

    epochs: int = 24
    batch: int = 128
    lr: float = 2e-3
    weight_decay: float = 0.05
    warmup: float = 0.05
    averaging: float = 0.998
    clip_norm: float = 1.0
    width: float = 1.0
    threads: int = 1


class Asked(nn.Module):
    """The encoder with one linear layer for all questions."""

    def __init__(self, width: float) -> None:
        super().__init__()
        self.encoder = ResNet18Encoder(width=width)
        self.dropout = nn.Dropout(0.1)
        self.answers = nn.Linear(self.encoder.features, AMOUNTS + len(YES_NO))

    def forward(self, pictures: Tensor) -> Tensor:
        """Pictures (batch, 3, height, width) to answers (batch, questions)."""
        answers: Tensor = self.answers(self.dropout(self.encoder(pictures)).float())
        return answers


@dataclass(frozen=True, kw_only=True)
class Lessons:
    """Every state of every patient: maps (n, ways, rings, sectors) and answers, (n, questions)."""

    maps: NDArray[np.float32]
    amounts: NDArray[np.float32]
    yes_no: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.maps)


def lessons(discs: Discs) -> Lessons:
    """What is asked of every disc. Amounts in their own units; TPD as ln(1 + percent)."""
    n, states = discs.maps.shape[:2]
    loss = discs.loss.reshape(n * states, SEGMENTS)
    amounts = [
        discs.uptake.reshape(n * states, SEGMENTS),
        discs.deficit.reshape(n * states, SEGMENTS),
        loss,
        np.log1p(discs.tpd.reshape(n * states, 2)),
    ]
    regions = [loss[:, [number - 1 for number in numbers]].mean(axis=1) > LOST for numbers in TERRITORIES.values()]
    of_state = np.tile(np.arange(states) == 0, n)
    of_person = [np.repeat(discs.technetium, states), np.repeat(discs.male, states)]
    yes_no = [loss.mean(axis=1) > LOST, *regions, of_state, *of_person]
    return Lessons(
        maps=discs.maps.reshape(n * states, *discs.maps.shape[2:]).astype(np.float32),
        amounts=np.concatenate(amounts, axis=1).astype(np.float32),
        yes_no=np.stack(yes_no, axis=1).astype(np.float32),
    )


def shown(maps: NDArray[np.float32], rng: np.random.Generator, *, small: bool = False) -> Tensor:
    """Maps (n, ways, rings, sectors) as pictures (n, 3, side, side) in 0..1, all of one side, changed at random."""
    sides = SMALL if small else LARGE
    canvas = int(rng.choice(list(sides), p=list(sides.values())))
    inner = canvas - int(rng.choice(MARGINS))
    way = (rng.random(len(maps)) < MEASURED).astype(np.intp)
    way[np.isnan(maps[:, 1]).any(axis=(1, 2))] = 0
    chosen = np.take_along_axis(maps, way[:, None, None, None], axis=1)
    changed = augmented(chosen, rng, CHANGES)
    names = list(SCALES)
    colours = rng.integers(len(names), size=len(maps))
    drawn = np.zeros((len(maps), canvas, canvas, 3), np.float32)
    top, left = (int(part) for part in rng.integers(0, canvas - inner + 1, 2))
    outside = disc_coordinates(inner)[0] > 1.0
    ground = np.where(rng.random(len(maps)) < LIGHT_GROUND, rng.uniform(0.3, 1.0, len(maps)), 0.0)
    drawn += ground[:, None, None, None].astype(np.float32)
    for colour in np.unique(colours):
        mine = np.flatnonzero(colours == colour)
        discs = polar_discs(PolarDisc(size=inner, scale=names[colour]), changed[mine])[:, 0] / np.float32(255)
        discs[:, outside] = ground[mine, None, None]
        drawn[mine, top : top + inner, left : left + inner] = discs
    drawn += PIXEL_NOISE * rng.random() * rng.standard_normal(drawn.shape, dtype=np.float32)
    return torch.from_numpy(np.clip(drawn, 0, 1)).movedim(-1, 1)


def plainly_shown(maps: NDArray[np.float32], size: int = 128) -> Tensor:
    """Measured maps as the recipes draw them, unchanged; sampled ones where the measuring refused."""
    refused: NDArray[np.bool_] = np.asarray(np.isnan(maps[:, 1]).any(axis=(1, 2)))
    chosen = np.where(refused[:, None, None], maps[:, 0], maps[:, 1])
    drawn = polar_discs(PolarDisc(size=size), chosen[:, None])[:, 0]
    return torch.from_numpy(drawn).movedim(-1, 1).float() / 255


def pretrain(
    learnt: Lessons, folder: Path, *, seed: int, how: Pretraining, progress: Progress = silent
) -> tuple[Asked, list[float]]:
    """Train on all lessons; returns the network with the running mean of its weights, and the loss of each epoch.

    A checkpoint is kept in ``folder`` after every epoch; with the same words it goes on there and ends the same.
    """
    torch.set_num_threads(how.threads)
    torch.manual_seed(seed)
    network = Asked(how.width).to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # stubs lack it
    optimiser = torch.optim.AdamW(network.parameters(), lr=how.lr, weight_decay=how.weight_decay)
    state = State(network=network, optimiser=optimiser)
    load_checkpoint(state, folder, "encoder")
    middle, spread = learnt.amounts.mean(axis=0), learnt.amounts.std(axis=0) + 1e-3
    wanted = torch.from_numpy((learnt.amounts - middle) / spread), torch.from_numpy(learnt.yes_no)
    while state.epoch < how.epochs:
        loss = _epoch(state, learnt.maps, wanted, how, seed)
        state.epoch += 1
        state.history.append({"loss": loss})
        save_checkpoint(state, folder, "encoder")
        progress(f"epochs of pre-training, loss {loss:.3f}", state.epoch, how.epochs)
    network.load_state_dict(state.average or network.state_dict())
    return network.eval(), [float(past["loss"] or 0.0) for past in state.history]


def _epoch(
    state: State, maps: NDArray[np.float32], wanted: tuple[Tensor, Tensor], how: Pretraining, seed: int
) -> float:
    """One pass in an order, and with changes, that follow from the seed and the number of the epoch."""
    rng = np.random.default_rng([seed, state.epoch])
    torch.manual_seed(int(rng.integers(2**62)))
    state.network.train()
    order = rng.permutation(len(maps))
    steps = max(len(order) // how.batch, 1)
    losses = []
    for step in range(steps):
        rows = order[step * how.batch : (step + 1) * how.batch]
        now = state.epoch * steps + step
        part = now / (how.epochs * steps)
        _set_rate(state.optimiser, how, part)
        pictures = shown(maps[rows], rng, small=part < SMALL_UNTIL)
        with torch.autocast("cpu", torch.bfloat16):
            answers = state.network(pictures.contiguous(memory_format=torch.channels_last))
        loss = _loss(answers, *(truth[rows] for truth in wanted))
        state.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(state.network.parameters(), how.clip_norm)
        state.optimiser.step()
        _average(state, min(how.averaging, (1 + now) / (10 + now)))
        losses.append(float(loss.detach()))
    return float(np.mean(losses))


def _loss(answers: Tensor, amounts: Tensor, yes_no: Tensor) -> Tensor:
    far = nn.functional.smooth_l1_loss(answers[:, :AMOUNTS], amounts)
    return far + 0.5 * nn.functional.binary_cross_entropy_with_logits(answers[:, AMOUNTS:], yes_no)


def _set_rate(optimiser: torch.optim.Optimizer, how: Pretraining, part: float) -> None:
    """Rise in the first steps, then half a cosine."""
    rise = min(part / how.warmup, 1.0) if how.warmup else 1.0
    for group in optimiser.param_groups:
        group["lr"] = how.lr * rise * 0.5 * (1 + np.cos(np.pi * part))


def _average(state: State, decay: float) -> None:
    current = state.network.state_dict()
    if not state.average:
        state.average = {name: tensor.detach().clone() for name, tensor in current.items()}
        return
    for name, tensor in current.items():
        if tensor.is_floating_point():
            state.average[name].lerp_(tensor, 1 - decay)
        else:
            state.average[name].copy_(tensor)


def answers_for(network: Asked, maps: NDArray[np.float32], batch: int = 64) -> NDArray[np.float32]:
    """Answers for maps as the recipes draw them, (n, questions); the amounts in units of their spread."""
    with torch.inference_mode():
        parts = [network(plainly_shown(maps[at : at + batch])) for at in range(0, len(maps), batch)]
    told: NDArray[np.float32] = torch.cat(parts).numpy()
    return told
