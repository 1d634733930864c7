"""Pictures a second of each network for masks and each encoder, on one thread: single precision against bf16.

python bench/networks.py [--only unet resnet50] [--size 64] [--batch 8] [--repeats 3]

Sizes are those of the papers unless ``--size`` is given. Both precisions are measured in turns, so that a busy machine
slows both; the ratio is that of the fastest runs. bf16 works with channels last, as training does.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from myoperf.networks.losses import mask_loss
from myoperf.networks.resnet import ResNet18Encoder, ResNet50Encoder, ResNet152Encoder
from myoperf.recipe import EncoderUNet, MaskNetwork, UNet
from myoperf.train.build_masks import build_mask_network
from myoperf.train.processor import gains_from_bf16


@dataclass(frozen=True, kw_only=True)
class Case:
    """A network that gives logits (batch, classes, rows, columns), or features of an encoder, and its size."""

    make: Callable[[], nn.Module]
    size: int
    masks: bool = True


def masks(description: MaskNetwork, size: int) -> Case:
    return Case(make=lambda: build_mask_network(description, channels=3).network, size=size)


CASES = {
    "unet": masks(UNet(), 64),
    "unet attention": masks(UNet(attention=True), 64),
    "unet bilinear": masks(UNet(upsampling="bilinear"), 64),
    "mobilenet_v2 unet": masks(EncoderUNet(encoder="mobilenet_v2"), 64),
    "inception_v3 unet": masks(EncoderUNet(encoder="inception_v3"), 64),
    "resnet50 unet attention": masks(EncoderUNet(encoder="resnet50", attention=True), 64),
    "resnet18 unet": masks(EncoderUNet(encoder="resnet18"), 512),
    "resnet18": Case(make=ResNet18Encoder, size=224, masks=False),
    "resnet50": Case(make=ResNet50Encoder, size=224, masks=False),
    "resnet152": Case(make=ResNet152Encoder, size=224, masks=False),
}


@dataclass(frozen=True, kw_only=True)
class Work:
    """One network in one precision, with pictures and what is asked of them."""

    network: nn.Module
    pictures: Tensor
    truth: Tensor | None
    half: bool

    def train(self) -> None:
        self.network.train()
        with torch.autocast("cpu", torch.bfloat16, enabled=self.half):
            answer = self.network(self.pictures)
        if self.truth is None:
            loss = answer.square().mean()
        else:
            loss = mask_loss(answer, self.truth, cross_entropy=1.0, dice=1.0)
        for parameter in self.network.parameters():
            parameter.grad = None
        torch.autograd.backward(loss)

    def answer(self) -> None:
        self.network.eval()
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=self.half):
            self.network(self.pictures)


def work(case: Case, *, size: int, batch: int, half: bool) -> Work:
    torch.manual_seed(0)
    network, pictures = case.make(), torch.rand(batch, 3, size, size)
    truth = (pictures[:, 0] > 0.5).long() if case.masks else None
    if half:
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # stubs lack it
        pictures = pictures.to(memory_format=torch.channels_last)
    return Work(network=network, pictures=pictures, truth=truth, half=half)


def fastest(pair: tuple[Callable[[], None], Callable[[], None]], *, repeats: int) -> list[float]:
    """Least processor seconds of each of two runs, taken in turns after one to warm up."""
    for run in pair:
        run()
    told = []
    for _ in range(repeats):
        for run in pair:
            start = time.process_time()
            run()
            told.append(time.process_time() - start)
    return [min(told[0::2]), min(told[1::2])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=list(CASES), choices=list(CASES), metavar="NAME")
    parser.add_argument("--size", type=int, default=0)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, one thread, batch {given.batch}; the processor gains: {gains_from_bf16()}")
    print("pictures a second of processor time        training step            inference")
    print(f"{'network':<26}{'size':>6}  {'fp32':>8}{'bf16':>8}{'ratio':>7}  {'fp32':>8}{'bf16':>8}{'ratio':>7}")
    for name in given.only:
        size = given.size or CASES[name].size
        plain, half = (work(CASES[name], size=size, batch=given.batch, half=h) for h in (False, True))
        cells = ""
        for runs in ((plain.train, half.train), (plain.answer, half.answer)):
            slow, fast = fastest(runs, repeats=given.repeats)
            cells += f"  {given.batch / slow:>8.1f}{given.batch / fast:>8.1f}{slow / fast:>7.2f}"
        print(f"{name:<26}{size:>6}{cells}", flush=True)


if __name__ == "__main__":
    main()
