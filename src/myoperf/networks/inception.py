"""InceptionV3 for pictures, laid out and named as the one that ImageNet weights are published for."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from .encoder import PictureEncoder, start_weights


@dataclass(frozen=True, kw_only=True)
class _Step:
    """One convolution of a branch, rows x columns. ``fork`` : two beside each other, 1 x 3 ("a") and 3 x 1 ("b")."""

    name: str
    channels: int
    rows: int = 1
    columns: int = 1
    fork: bool = False


_Branch = tuple[_Step, ...]


def _square(name: str, channels: int, size: int) -> _Step:
    return _Step(name=name, channels=channels, rows=size, columns=size)


def _factored(name: str, inner: int, outer: int, *, long_first: tuple[bool, ...]) -> _Branch:
    """A 1 x 1 convolution, then 7 x 1 (``long_first``: along the rows) and 1 x 7 ones; the last has ``outer``."""
    made = [_Step(name=f"{name}_1", channels=inner)]
    for k, tall in enumerate(long_first, start=2):
        channels = outer if k == len(long_first) + 1 else inner
        rows, columns = (7, 1) if tall else (1, 7)
        made.append(_Step(name=f"{name}_{k}", channels=channels, rows=rows, columns=columns))
    return tuple(made)


def _fine(pooled: int) -> tuple[_Branch, ...]:
    return (
        (_square("branch1x1", 64, 1),),
        (_square("branch5x5_1", 48, 1), _square("branch5x5_2", 64, 5)),
        (_square("branch3x3dbl_1", 64, 1), _square("branch3x3dbl_2", 96, 3), _square("branch3x3dbl_3", 96, 3)),
        (_square("branch_pool", pooled, 1),),
    )


def _middle(inner: int) -> tuple[_Branch, ...]:
    return (
        (_square("branch1x1", 192, 1),),
        _factored("branch7x7", inner, 192, long_first=(False, True)),
        _factored("branch7x7dbl", inner, 192, long_first=(True, False, True, False)),
        (_square("branch_pool", 192, 1),),
    )


_COARSE: tuple[_Branch, ...] = (
    (_square("branch1x1", 320, 1),),
    (_square("branch3x3_1", 384, 1), _Step(name="branch3x3_2", channels=384, fork=True)),
    (
        _square("branch3x3dbl_1", 448, 1),
        _square("branch3x3dbl_2", 384, 3),
        _Step(name="branch3x3dbl_3", channels=384, fork=True),
    ),
    (_square("branch_pool", 192, 1),),
)
_HALVED_TO_16: tuple[_Branch, ...] = (
    (_square("branch3x3", 384, 3),),
    (_square("branch3x3dbl_1", 64, 1), _square("branch3x3dbl_2", 96, 3), _square("branch3x3dbl_3", 96, 3)),
)
_HALVED_TO_32: tuple[_Branch, ...] = (
    (_square("branch3x3_1", 192, 1), _square("branch3x3_2", 320, 3)),
    (
        *_factored("branch7x7x3", 192, 192, long_first=(False, True)),
        _square("branch7x7x3_4", 192, 3),
    ),
)


class _Convolution(nn.Module):
    """Convolution, normalisation, ReLU."""

    def __init__(self, inside: int, outside: int, size: tuple[int, int], *, stride: int = 1, keep: bool = True) -> None:
        super().__init__()
        padding = (size[0] // 2, size[1] // 2) if keep else (0, 0)
        self.conv = nn.Conv2d(inside, outside, size, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(outside, eps=1e-3)

    def forward(self, inputs: Tensor) -> Tensor:
        return functional.relu(self.bn(self.conv(inputs)), inplace=True)


class _Block(nn.Module):
    """Branches beside each other. halves : every branch ends with stride 2 and a maximum of 3 x 3 stands beside them;
    otherwise a branch called ``branch_pool`` sees means of 3 x 3."""

    def __init__(self, inside: int, branches: tuple[_Branch, ...], *, halves: bool = False, padded: bool) -> None:
        super().__init__()
        self.branches, self.halves, self.padding = branches, halves, int(padded)
        self.outside = inside if halves else 0
        for branch in branches:
            channels = inside
            for step in branch:
                last = step is branch[-1]
                keep = padded or not (last and halves)
                for name, size in _parts(step):
                    stride = 2 if last and halves else 1
                    self.add_module(name, _Convolution(channels, step.channels, size, stride=stride, keep=keep))
                channels = step.channels * len(_parts(step))
            self.outside += channels

    def forward(self, inputs: Tensor) -> Tensor:
        found = []
        for branch in self.branches:
            inner = inputs
            if branch[0].name == "branch_pool":
                inner = functional.avg_pool2d(inputs, 3, stride=1, padding=1)
            for step in branch:
                given = [self.get_submodule(name)(inner) for name, _ in _parts(step)]
                inner = torch.cat(given, dim=1) if len(given) > 1 else given[0]
            found.append(inner)
        if self.halves:
            found.append(functional.max_pool2d(inputs, 3, stride=2, padding=self.padding))
        return torch.cat(found, dim=1)


def _parts(step: _Step) -> tuple[tuple[str, tuple[int, int]], ...]:
    if step.fork:
        return (f"{step.name}a", (1, 3)), (f"{step.name}b", (3, 1))
    return ((step.name, (step.rows, step.columns)),)


_BLOCKS: tuple[tuple[str, tuple[_Branch, ...], bool], ...] = (
    ("Mixed_5b", _fine(32), False),
    ("Mixed_5c", _fine(64), False),
    ("Mixed_5d", _fine(64), False),
    ("Mixed_6a", _HALVED_TO_16, True),
    ("Mixed_6b", _middle(128), False),
    ("Mixed_6c", _middle(160), False),
    ("Mixed_6d", _middle(160), False),
    ("Mixed_6e", _middle(192), False),
    ("Mixed_7a", _HALVED_TO_32, True),
    ("Mixed_7b", _COARSE, False),
    ("Mixed_7c", _COARSE, False),
)


class _Body(nn.Module):
    """The network without its two classifiers."""

    def __init__(self, *, padded: bool) -> None:
        super().__init__()
        self.padding = int(padded)
        self.Conv2d_1a_3x3 = _Convolution(3, 32, (3, 3), stride=2, keep=padded)
        self.Conv2d_2a_3x3 = _Convolution(32, 32, (3, 3), keep=padded)
        self.Conv2d_2b_3x3 = _Convolution(32, 64, (3, 3))
        self.Conv2d_3b_1x1 = _Convolution(64, 80, (1, 1))
        self.Conv2d_4a_3x3 = _Convolution(80, 192, (3, 3), keep=padded)
        channels = 192
        for name, branches, halves in _BLOCKS:
            block = _Block(channels, branches, halves=halves, padded=padded)
            self.add_module(name, block)
            channels = block.outside

    def halved(self, inputs: Tensor) -> Tensor:
        """Maximum of 3 x 3 with stride 2."""
        return functional.max_pool2d(inputs, 3, stride=2, padding=self.padding)


class InceptionV3Encoder(PictureEncoder):
    """Features of pictures by InceptionV3 (Szegedy 2016): (batch, 2048).

    padded : the convolutions and poolings that lose a border (the first, second and fourth layer and those that halve)
        are filled up with zeros, so that each halving is exact and pictures from 32 x 32 on pass. The names are the
        same and published weights fit; near the border of a map features differ from the published network's, and
        grids of features lie half a step off. Without it the network is the published one, for pictures from 75 x 75.

    Takes pictures (batch, channels, rows, columns) with values in 0..1, one channel or three. The published weights
    were trained on pictures between -1 and 1, not on ImageNet's mean and standard deviation.
    """

    left_out: ClassVar[tuple[str, ...]] = ("fc.", "AuxLogits.")
    body: _Body

    def __init__(self, *, padded: bool = True) -> None:
        body = _Body(padded=padded)
        start_weights(body)
        super().__init__(body, mean=(0.5, 0.5, 0.5), sd=(0.5, 0.5, 0.5))
        self.stage_channels = (64, 192, 288, 768, 2048)
        self.features = self.stage_channels[-1]

    def stages(self, pictures: Tensor) -> list[Tensor]:
        """Maps of features at 1/2, 1/4, 1/8, 1/16 and 1/32 of the size, the finest first."""
        body = self.body
        first = body.Conv2d_2b_3x3(body.Conv2d_2a_3x3(body.Conv2d_1a_3x3(self.normal(pictures))))
        second = body.Conv2d_4a_3x3(body.Conv2d_3b_1x1(body.halved(first)))
        found, inner = [first, second], body.halved(second)
        for name, _, halves in _BLOCKS:
            if halves:
                found.append(inner)
            inner = body.get_submodule(name)(inner)
        return [*found, inner]
